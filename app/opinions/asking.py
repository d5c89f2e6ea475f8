"""What is done alike wherever others are asked: inviting, commenting, answering, resolving.

Who may, row policies decide; and when, triggers.
"""

from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.core.database.models import OwnedEntity
from app.core.problems import NotFound, Problem
from app.opinions.models import Invited, Said
from app.opinions.problems import AnswerResolved
from app.opinions.vocabulary import Resolution

I = TypeVar("I", bound=Invited)  # noqa: E741 -- the usual letter
S = TypeVar("S", bound=Said)


class Ending(Protocol):
    ended_at: Any


E = TypeVar("E", bound=Ending)


async def invite(session: AsyncSession, kind: type[I], version: OwnedEntity, data: BaseModel) -> I:
    invitation: I = kind.of(version, **data.model_dump())
    session.add(invitation)
    await session.flush()
    await session.refresh(invitation)  # whose address it is
    return invitation


async def end_invitation(session: AsyncSession, invitation: E) -> E:
    """Whatever somebody was asked until now. What they said stays."""
    if invitation.ended_at is None:
        invitation.ended_at = func.now()
        await session.flush()
        await session.refresh(invitation)
    return invitation


async def comment(
    session: AsyncSession, kind: type[S], version: OwnedEntity | None, author: UUID, **said: object
) -> S:
    """By whoever sees the version; a rule of the database refuses it once nobody is asked."""
    if version is None:
        raise NotFound
    name = await session.scalar(select(User.name).where(User.id == author))
    added: S = kind.of(version, author_name=name, **said)
    session.add(added)
    await session.flush()
    return added


async def answer(
    session: AsyncSession,
    answered: S,
    version: OwnedEntity | None,
    author: UUID,
    *,
    closed: type[Problem],
    **said: object,
) -> S:
    """Within the thread that the comment belongs to. Raises `closed` when its version is not shown
    any more: who was invited sees what was said, and the version no longer."""
    if version is None:
        raise closed
    thread = answered.thread_id or answered.id
    return await comment(session, type(answered), version, author, thread_id=thread, **said)


async def resolve(session: AsyncSession, thread: S, resolution: Resolution, actor: str) -> S:
    """May be resolved otherwise later, as long as the version is open."""
    if thread.thread_id is not None:
        raise AnswerResolved
    thread.resolution, thread.resolved_by, thread.resolved_at = resolution, actor, func.now()
    await session.flush()
    await session.refresh(thread)
    return thread
