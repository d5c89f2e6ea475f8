"""What is done for rosters by the clock."""

from datetime import timedelta

from sqlalchemy import text

from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database, driver_of
from app.core.jobs import ADVANCE_ROSTER, ask_for

_FORGOTTEN = ("roster_changes", "roster_errors")
_AT_ONCE = 20_000

_STANDING_STILL = text("""
  select distinct data_set_id from roster_syncs
  where state in ('received', 'staged', 'applying') and updated_at < now() - interval '1 minute'
""")
_SUSPEND = """
with suspended as (
  update learners l
  set status = 'suspended', status_since = (now() at time zone 'Asia/Ho_Chi_Minh')::date
  from roster_data_sets d
  where d.organization_id = l.organization_id and d.code = l.data_set
    and l.missing_since < now() - make_interval(days => d.suspend_after_days)
    and l.status = 'active' and not 'status' = any (l.protected_fields)
  returning l.id, l.organization_id, l.external_id
)
insert into events (organization_id, name, subject_id, data)
select organization_id, 'learner.changed', id, jsonb_build_object('key', external_id)
from suspended
"""
# Nobody can approve any more what is about to be forgotten.
_CANCEL = """
with cancelled as (
  update roster_syncs set state = 'cancelled', ended_at = clock_timestamp()
  where state in ('planned', 'held') and created_at < now() - $1::interval
  returning id, organization_id
)
insert into events (organization_id, name, subject_id, data)
select organization_id, 'roster_sync.cancelled', id, '{}' from cancelled
"""
_FORGET = """
delete from {table} where ctid in (
  select c.ctid from {table} c join roster_syncs s on s.id = c.sync_id
  where s.created_at < now() - $1::interval and s.ended_at is not null limit $2)
"""


async def resume(database: Database) -> None:
    """Asks for the work on syncs that nobody seems to work on."""
    async with database.session(system(Reach.EVERYTHING, "system")) as session:
        for data_set in await session.scalars(_STANDING_STILL):
            await ask_for(session, ADVANCE_ROSTER, data_set)


async def suspend_missing(database: Database) -> None:
    """Who has been missing for as long as their data set says, and not said otherwise by hand."""
    async with database.session(system(Reach.EVERYTHING, "system")) as session:
        await (await driver_of(session)).execute(_SUSPEND)


async def forget(database: Database, kept: timedelta) -> None:
    """What files said of each person, after so long; that they were sent is kept."""
    async with database.session(system(Reach.EVERYTHING, "system")) as session:
        await (await driver_of(session)).execute(_CANCEL, kept)
    for table in _FORGOTTEN:
        gone = _AT_ONCE
        while gone == _AT_ONCE:
            async with database.session(system(Reach.EVERYTHING, "system")) as session:
                driver = await driver_of(session)
                done = await driver.execute(_FORGET.format(table=table), kept, _AT_ONCE)
                gone = int(done.rpartition(" ")[2])
