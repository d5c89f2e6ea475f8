"""A step that neither side of it may take alone, taken in the name of the Academy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.scopes import Reach


@asynccontextmanager
async def acting_for_the_academy(session: AsyncSession) -> AsyncIterator[None]:
    """Within, the transaction sees every row; the audit trail still names who called.

    A widening of scope: its callers are few, and a contract test lists them. Whoever uses it must
    leave nothing in the session that the caller may not see.
    """
    before = await session.scalar(text("select current_setting('role')"))
    await session.execute(_SWITCH, {"role": Reach.EVERYTHING})
    yield
    await session.execute(_SWITCH, {"role": before})


_SWITCH = text("select set_config('role', :role, true)")
