"""What is done for materials by the clock."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database, driver_of
from app.core.jobs import EXAMINE_MATERIAL, ask_for
from app.materials.storing import Store

ORPHANED_AFTER = timedelta(days=1)
"""Longer than between an object's being written and its row's being committed."""

_WAITED = timedelta(minutes=1)
_WAITING = text("""
  select id from material_versions
  where (scan = 'scanning' or extraction = 'waiting')
    and created_at <= now() - cast(:waited as interval)
  order by id limit 100
""")
_KNOWN = "select storage_key from material_versions where storage_key = any ($1::text[])"


async def resume(database: Database, waited: timedelta = _WAITED) -> None:
    """Asks again for what waits: the antivirus was away, or a worker was ended."""
    async with database.session(system(Reach.EVERYTHING, "system")) as session:
        for version in await session.scalars(_WAITING, {"waited": waited}):
            await ask_for(session, EXAMINE_MATERIAL, version)


async def sweep(database: Database, store: Store, age: timedelta = ORPHANED_AFTER) -> int:
    """Takes away objects that no row names, and tells how many."""
    swept = 0
    async for keys in store.older(datetime.now(UTC) - age):
        async with database.session(system(Reach.EVERYTHING, "system")) as session:
            rows = await (await driver_of(session)).fetch(_KNOWN, list(keys))
        orphans = sorted(set(keys) - {key for (key,) in rows})
        if orphans:
            await store.delete(orphans)
            swept += len(orphans)
    await store.sweep_unfinished(age)
    return swept
