"""A plan into the roster, in one transaction: all of it as it was shown, or none.

Whoever has changed since the plan was made is left as they are; the next file says what is true.
"""

from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.failures import problem_of, unavailable
from app.core.problems import Problem
from app.learners import transfers
from app.rosters.rows import PERSON

_ALONE_WITH_THEM = """
with locked as (
  select l.id from learners l where l.id in (select learner_id from roster_changes
    where sync_id = $1 and outcome is null
      and kind in ('create', 'update', 'reactivate', 'rekey', 'missing'))
  order by l.id for no key update)
select count(*) from locked
"""
_CHANGED_SINCE = """
update roster_changes c set outcome = 'outdated'
where c.sync_id = $1 and c.outcome is null
  and c.kind in ('update', 'reactivate', 'rekey', 'missing')
  and not exists (select from learners l
    where l.id = c.learner_id and l.version = c.learner_version)
"""
_ADDED_SINCE = """
update roster_changes c set outcome = 'outdated'
where c.sync_id = $1 and c.outcome is null
  and c.kind in ('update', 'reactivate', 'rekey')
  and exists (select from learners l where l.organization_id = c.organization_id
    and l.{0} = c.{0} and l.id <> c.learner_id)
"""
_WITHOUT_REMOVALS = """
update roster_changes set outcome = 'left_out'
where sync_id = $1 and kind = 'missing' and outcome is null
"""
_REMEMBER = """
update roster_changes c set held = (select jsonb_agg(to_jsonb(f)) from positions_held f
  where f.learner_id = c.learner_id and f.organization_id = c.organization_id)
from learners l
where c.sync_id = $1 and c.outcome is null and c.kind in ('update', 'reactivate', 'rekey')
  and l.id = c.learner_id and (c.position_since, c.status, c.status_since)
    is distinct from (l.position_since, l.status, l.status_since)
"""
_CHANGE = f"""
update learners l
set ({", ".join(PERSON)}, external_id, data_set, missing_since)
  = ({", ".join(f"c.{column}" for column in PERSON)}, c.external_id, $2, null)
from roster_changes c
where c.sync_id = $1 and c.outcome is null and c.kind in ('update', 'reactivate', 'rekey')
  and l.id = c.learner_id
"""
_MARK_MISSING = """
update learners l set missing_since = now()
from roster_changes c
where c.sync_id = $1 and c.outcome is null and c.kind = 'missing' and l.id = c.learner_id
"""
_CREATE = f"""
insert into learners (id, organization_id, external_id, data_set, {", ".join(PERSON)})
select c.learner_id, c.organization_id, c.external_id, $2,
  {", ".join(f"c.{column}" for column in PERSON)}
from roster_changes c
where c.sync_id = $1 and c.outcome is null and c.kind = 'create' order by c.id
on conflict do nothing
"""
_ADDED_MEANWHILE = """
update roster_changes c set outcome = 'outdated'
where c.sync_id = $1 and c.outcome is null and c.kind = 'create'
  and not exists (select from learners l where l.id = c.learner_id)
"""
_TELL = """
insert into events (organization_id, name, subject_id, data)
select c.organization_id,
  case c.kind when 'create' then 'learner.created' when 'missing' then 'learner.missing'
    else 'learner.changed' end,
  c.learner_id,
  jsonb_strip_nulls(jsonb_build_object('key', c.external_id, 'former_key', c.former_external_id))
from roster_changes c
where c.sync_id = $1 and c.outcome is null
  and c.kind in ('create', 'update', 'reactivate', 'rekey', 'missing')
order by c.id
"""
_COMING = """
select * from roster_changes where sync_id = $1 and outcome is null and kind = 'claim'
"""
_SETTLE = """
update learners l
set full_name = coalesce(c.full_name, l.full_name), sort_key = coalesce(c.sort_key, l.sort_key),
  search_text = coalesce(c.search_text, l.search_text),
  birth_date = coalesce(c.birth_date, l.birth_date),
  email = coalesce(c.email, l.email), phone = coalesce(c.phone, l.phone),
  recruited_on = coalesce(c.recruited_on, l.recruited_on),
  fields = coalesce(nullif(c.fields, '{}'), l.fields),
  languages = coalesce(nullif(c.languages, '[]'), l.languages),
  attributes = coalesce(nullif(c.attributes, '{}'), l.attributes),
  status = c.status,
  status_since = case when c.status = l.status then l.status_since else c.status_since end,
  national_id_hash = coalesce(c.national_id_hash, l.national_id_hash),
  national_id_tail = coalesce(c.national_id_tail, l.national_id_tail), data_set = $2
from roster_changes c where c.sync_id = $1 and c.id = $3 and l.id = c.learner_id
"""
_LEAVE_OUT = "update roster_changes set outcome = 'left_out' where sync_id = $1 and id = $2"
_ASK_FOR = """
select id, external_id, full_name, learner_id, position_since from roster_changes
where sync_id = $1 and outcome is null and kind = 'transfer'
"""


async def alone_with_them(driver: asyncpg.Connection, sync: UUID) -> None:
    """Whom it changes nobody else changes, from here to the end of the transaction."""
    await driver.execute(_ALONE_WITH_THEM, sync)


async def apply(
    session: AsyncSession,
    driver: asyncpg.Connection,
    sync: UUID,
    data_set: str,
    organization: UUID,
    *,
    removals: bool,
) -> None:
    if not removals:
        await driver.execute(_WITHOUT_REMOVALS, sync)
    await alone_with_them(driver, sync)
    await driver.execute(_CHANGED_SINCE, sync)
    for key in ("external_id", "national_id_hash"):
        await driver.execute(_ADDED_SINCE.format(key), sync)
    for row in await driver.fetch(_COMING, sync):
        await _claim(session, driver, row, data_set, organization)
    await driver.execute(_REMEMBER, sync)
    await driver.execute(_CHANGE, sync, data_set)
    if removals:
        await driver.execute(_MARK_MISSING, sync)
    await driver.execute(_CREATE, sync, data_set)
    await driver.execute(_ADDED_MEANWHILE, sync)
    for row in await driver.fetch(_ASK_FOR, sync):
        await transfers.request(
            session, row["learner_id"], organization, row["full_name"], row["position_since"]
        )
    await driver.execute(_TELL, sync)


async def _claim(
    session: AsyncSession,
    driver: asyncpg.Connection,
    row: asyncpg.Record,
    data_set: str,
    organization: UUID,
) -> None:
    """Who was released by another organisation comes over, with their history."""
    position = transfers.Position(
        external_id=row["external_id"],
        unit_id=row["unit_id"],
        position_title=row["position_title"],
        rank=row["rank"],
        leadership_level=row["leadership_level"],
        category=row["category"],
        since=row["position_since"],
    )
    try:
        async with session.begin_nested():
            known = row["learner_id"], row["national_id_hash"]
            await transfers.take_over(session, *known, organization, position)
            await driver.execute(_SETTLE, row["sync_id"], data_set, row["id"])
    except (Problem, DBAPIError, asyncpg.PostgresError) as error:
        if unavailable(error) or problem_of(error) is None:
            raise
        await driver.execute(_LEAVE_OUT, row["sync_id"], row["id"])
