"""Undoing a sync: everybody as they were before it, or nobody.

Only while nothing else stands on it. Whoever changed since is named, for the file's doing and
theirs cannot be told apart any more.
"""

from datetime import UTC, datetime
from functools import partial

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.sessions import driver_of
from app.events.outbox import publish
from app.learners import transfers
from app.rosters.applying import alone_with_them
from app.rosters.models import RosterSync
from app.rosters.problems import LaterChanges, NotApplied, RosterForgotten
from app.rosters.rows import PERSON

PATIENCE = 300
"""Seconds for one statement: a large roster takes longer than other requests may."""
SHOWN = 20
"""How many of those who stand in the way are named."""

_CHANGED_SINCE = """
select c.external_id
from roster_changes c left join learners l on l.id = c.learner_id
where c.sync_id = $1 and c.outcome is null and (
  c.kind = 'claim'
  or c.kind in ('create', 'update', 'reactivate', 'rekey', 'missing')
    and l.version is distinct from coalesce(c.learner_version, 0) + 1
  or c.kind = 'create' and exists (select from transfers t where t.learner_id = c.learner_id)
)
order by c.id
"""
_COLUMNS = ("external_id", "data_set", "missing_since", *PERSON)
_RESTORE = f"""
update learners l
set ({", ".join(_COLUMNS)}) = (
  select {", ".join(f"b.{column}" for column in _COLUMNS)}
  from jsonb_populate_record(l, c.before || '{{"row_digest": null}}') as b)
from roster_changes c
where c.sync_id = $1 and c.outcome is null
  and c.kind in ('update', 'reactivate', 'rekey', 'missing') and l.id = c.learner_id
  and (c.held is not null) = $2
"""
_UNDOING = "select set_config('app.undoing', $1, true)"
_TELL = """
insert into events (organization_id, name, subject_id, data)
select organization_id, case kind when 'create' then 'learner.removed' else 'learner.changed' end,
  learner_id, jsonb_strip_nulls(jsonb_build_object(
    'key', coalesce(former_external_id, external_id),
    'former_key', case when former_external_id is not null then external_id end))
from roster_changes
where sync_id = $1 and outcome is null
  and kind in ('create', 'update', 'reactivate', 'rekey', 'missing')
order by id
"""
_STANDS_AGAIN = """
update roster_changes a set learner_version = l.version - 1
from roster_changes c join learners l on l.id = c.learner_id
where c.sync_id = $1 and c.outcome is null
  and c.kind in ('update', 'reactivate', 'rekey', 'missing')
  and a.sync_id in (select id from roster_syncs where organization_id = $2 and state = 'applied')
  and a.sync_id <> $1 and a.learner_id = c.learner_id and a.outcome is null
  and coalesce(a.learner_version, 0) + 1 = c.learner_version
"""
"""What an earlier sync did to somebody who is as it left them again: it can be undone next."""
_REMOVE = """
delete from learners l using roster_changes c
where c.sync_id = $1 and c.outcome is null and c.kind = 'create' and l.id = c.learner_id
"""
_ASKED_FOR = """
select learner_id from roster_changes where sync_id = $1 and kind = 'transfer' and outcome is null
"""


async def undo(session: AsyncSession, sync: RosterSync, kept_days: int) -> RosterSync:
    """Raises LaterChanges with whom they concern, and then nothing is undone."""
    if sync.state != "applied":
        raise NotApplied(state=sync.state)
    driver = await driver_of(session)
    execute = partial(driver.execute, timeout=PATIENCE)
    await execute(f"set local statement_timeout = '{PATIENCE}s'")
    done = "select exists (select from roster_changes where sync_id = $1)"
    if _changed(sync) and not await driver.fetchval(done, sync.id):
        raise RosterForgotten(days=kept_days)
    await alone_with_them(driver, sync.id)
    since = [
        row["external_id"] for row in await driver.fetch(_CHANGED_SINCE, sync.id, timeout=PATIENCE)
    ]
    if since:
        named = ", ".join(since[:SHOWN]) + (", ..." if len(since) > SHOWN else "")
        raise LaterChanges(count=len(since), people=named)
    # Where positions were noted, they are put back as they were, and not kept from the learners.
    for noted, undoing in ((False, ""), (True, "on")):
        await execute(_UNDOING, undoing)
        await execute(_RESTORE, sync.id, noted)
    await execute(_UNDOING, "")
    # PostgreSQL does not know how many changes a sync has, and would look at all for each.
    await execute("set local enable_nestloop = off")
    await execute(_STANDS_AGAIN, sync.id, sync.organization_id)
    await execute("set local enable_nestloop = on")
    await execute(_TELL, sync.id)
    try:
        await execute(_REMOVE, sync.id)
    except asyncpg.ForeignKeyViolationError as error:
        raise LaterChanges(count=1, people=error.table_name) from error
    asked_for = [row["learner_id"] for row in await driver.fetch(_ASKED_FOR, sync.id)]
    if asked_for:
        await transfers.withdraw(session, asked_for, sync.organization_id, sync.planned_at)
    sync.state, sync.ended_at = "undone", datetime.now(UTC)
    await session.flush()
    publish(session, "roster_sync.undone", sync.id, sync.organization_id)
    return sync


def _changed(sync: RosterSync) -> bool:
    kinds = ("created", "updated", "reactivated", "rekeyed", "missing", "claimed", "in_transfer")
    return any(sync.counts.get(kind, 0) for kind in kinds)
