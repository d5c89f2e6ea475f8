"""Work that a request leaves to a worker: asked for in the transaction that gives reason to it.

Jobs are pgqueuer's, in tables of its own. A job says where to look and no more: what is to be done
is in the rows that the transaction leaves, so that doing it twice is doing it once.
"""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.sessions import driver_of

ADVANCE_ROSTER = "advance_roster"
"""Go on with the syncs of a data set."""
EXAMINE_MATERIAL = "examine_material"
"""Scan a version of a material, and read what it says."""

_SWITCH = text("select set_config('role', :role, true)")


async def ask_for(session: AsyncSession, job: str, about: UUID) -> None:
    """A worker hears of it once the transaction is committed."""
    # Few requests ask, and the library takes memory.
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver  # noqa: PLC0415
    from pgqueuer.adapters.persistence.qb import DBSettings, QueryQueueBuilder  # noqa: PLC0415
    from pgqueuer.queries import Queries  # noqa: PLC0415

    before = await session.scalar(text("select current_setting('role')"))
    driver = AsyncpgDriver(await driver_of(session))
    queries = Queries(driver, qbq=QueryQueueBuilder(DBSettings(db_schema="jobs")))
    await session.execute(_SWITCH, {"role": "none"})  # jobs are the service's own
    await queries.enqueue(job, about.bytes)
    await session.execute(_SWITCH, {"role": before})
