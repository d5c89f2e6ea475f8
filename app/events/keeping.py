"""How long events are kept, and what becomes of them in another cluster."""

from datetime import timedelta

from app.core.database.sessions import Database

BATCH = 10_000
"""Events forgotten by one statement, which so stays short."""

# Those before the first that is young enough, so that what is kept is one piece, and what is
# forgotten is all before one place.
_FORGET = """
  with young as (
    select transaction, sequence from events where occurred_at >= now() - $1::interval
    order by transaction, sequence limit 1
  ), old as (
    select e.id from events e
    where e.transaction < pg_snapshot_xmin(pg_current_snapshot()) and not exists (
      select from young y where (e.transaction, e.sequence) >= (y.transaction, y.sequence))
    order by e.transaction, e.sequence limit $2
  ), gone as (
    delete from events e using old where e.id = old.id returning e.transaction, e.sequence
  ), last as (
    select transaction, sequence from gone order by transaction desc, sequence desc limit 1
  ), moved as (
    update change_horizons h set transaction = last.transaction, sequence = last.sequence from last
  )
  select count(*) from gone
"""
# What another cluster numbered may come before or after what this one does: it becomes this
# transaction's, and whoever follows begins again.
_RENUMBER = """
  with here as (
    update change_horizons h
    set cluster = c.system_identifier, lineage = default, transaction = '0', sequence = 0
    from pg_control_system() c where h.cluster <> c.system_identifier
    returning h.cluster
  )
  update events set transaction = pg_current_xact_id() where exists (select from here)
"""


async def forget(database: Database, kept: timedelta) -> None:
    """Events older than that; the horizon moves with them, in the same statement."""
    gone = BATCH
    while gone == BATCH:
        gone = (await database.unscoped(_FORGET, kept, BATCH))[0][0]


async def renumber(database: Database) -> None:
    """After a backup was restored into another cluster, whose transactions count from the start."""
    await database.unscoped(_RENUMBER)
