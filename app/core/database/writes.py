"""The two ways a row changes: from an id to the row that will change, and from a body onto it."""

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.models import Entity
from app.core.problems import NotFound

E = TypeVar("E", bound=Entity)


async def get_or_404(session: AsyncSession, kind: type[E], id: UUID) -> E:
    """The one door from an id to a row that will change: what the scope hides does not exist.

    The row is locked as for an update, so what the scope may read but not change is hidden too;
    its key is not, so that rows which only refer to it need not wait.
    """
    if entity := await session.get(kind, id, with_for_update={"key_share": True}):
        return entity
    raise NotFound


async def replace(session: AsyncSession, entity: E, data: BaseModel) -> E:
    """The whole of a row's description, as the body says it."""
    for field, value in data:
        setattr(entity, field, value)
    await session.flush()
    return entity
