"""What a staged file would change: worked out by statements over all of its rows at once.

Rows that contradict the roster or each other are taken out with what is wrong with them; the rest
is one person each, to be added, changed or asked about. Whoever a full file does not have is
missing.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.rosters import faults, matching
from app.rosters.matching import Elsewhere
from app.rosters.refusing import refuse
from app.rosters.rows import PERSON

FIELD_OF = {
    "sort_key": "full_name",
    "search_text": "full_name",
    "national_id_hash": "national_id",
    "national_id_tail": "national_id",
}
"""The field that says a column, where its name is another."""


def _said(column: str) -> str:
    """What the row says of a column, unless it says nothing, or somebody said it by hand."""
    field = FIELD_OF.get(column, column)
    return (
        f"case when '{field}' = any (r.given) and not '{field}' = any (l.protected_fields)"
        f" then r.{column} else l.{column} end"
    )


def _of(row: str, *columns: str) -> str:
    return ", ".join(f"{row}.{column}" for column in columns)


_DATED = ("status", "status_since", "position_since", "row_digest")
_PLAIN = tuple(column for column in PERSON if column not in _DATED)
_COMPARED = tuple(column for column in PERSON if column != "row_digest")
_SHOWN = ("external_id", *_COMPARED)

# Which position and which status follow from what is plain, and from when on, from the two.
_EFFECTIVE = f"""
create temp table roster_people on commit drop as
select d.*,
  case when d.position_said then d.position_given
    when (d.position_title, d.unit_id, d.leadership_level) is distinct from
      (d.l_position_title, d.l_unit_id, d.l_leadership_level)
    then greatest($1::date, d.l_position_since) else d.l_position_since end as position_since,
  case when d.status_said then d.status_given
    when d.status <> d.l_status then $1::date else d.l_status_since end as status_since
from (
  select r.row_number, r.external_id, r.kind, l.id as learner_id, l.version as learner_version,
    r.row_digest, {", ".join(f"{_said(column)} as {column}" for column in _PLAIN)},
    case when 'status' = any (r.given) and not 'status' = any (l.protected_fields) then r.status
      when l.missing_since is not null and l.status = 'suspended'
        and not 'status' = any (l.protected_fields) then 'active'
      else l.status end as status,
    'position_since' = any (r.given) and not 'position_since' = any (l.protected_fields)
      as position_said,
    r.position_since as position_given,
    'status_since' = any (r.given) and not 'status_since' = any (l.protected_fields)
      as status_said,
    r.status_since as status_given,
    l.missing_since, l.position_title as l_position_title, l.unit_id as l_unit_id,
    l.leadership_level as l_leadership_level, l.position_since as l_position_since,
    l.status as l_status, l.status_since as l_status_since
  from roster_rows r join learners l on l.id = r.learner_id
) as d
"""
# In the order of their names, as lists of them are read; so the index of names grows at few places.
_NEWCOMERS = f"""
insert into roster_changes (sync_id, organization_id, kind, row_number, external_id, learner_id,
  {", ".join(PERSON)})
select $1, $2, r.kind, r.row_number, r.external_id, coalesce(r.elsewhere, uuidv7()),
  {_of("r", *_PLAIN[: _PLAIN.index("leadership_level")])},
  coalesce(r.leadership_level, 'none'), coalesce(r.category, 'civil_servant'),
  coalesce(r.position_since, $3), r.fields, r.languages, r.recruited_on,
  coalesce(r.status, 'active'), coalesce(r.status_since, $3), r.attributes,
  r.national_id_hash, r.national_id_tail, r.row_digest
from roster_rows r where r.kind in ('create', 'claim', 'transfer', 'match')
order by r.sort_key, r.external_id
"""
_CHANGED = f"""
insert into roster_changes (sync_id, organization_id, kind, row_number, external_id, learner_id,
  learner_version, former_external_id, before, {", ".join(PERSON)})
select $1, $2,
  case when p.external_id <> l.external_id then 'rekey'
    when l.missing_since is not null then 'reactivate' else 'update' end,
  p.row_number, p.external_id, l.id, p.learner_version,
  case when p.external_id <> l.external_id then l.external_id end,
  (select jsonb_object_agg(d.name, d.was) from (values
      {", ".join(f"('{c}', to_jsonb(l.{c}), l.{c} is distinct from p.{c})" for c in _SHOWN)},
      ('data_set', to_jsonb(l.data_set), l.data_set is distinct from $3::text),
      ('missing_since', to_jsonb(l.missing_since), l.missing_since is not null)
    ) as d (name, was, differs) where d.differs),
  {_of("p", *PERSON)}
from roster_people p join learners l on l.id = p.learner_id
where ({_of("p", "external_id", *_COMPARED)}, null::timestamptz, $3::text) is distinct from
  ({_of("l", "external_id", *_COMPARED)}, l.missing_since, l.data_set)
"""
_RECOGNIZED = f"""
update learners l set row_digest = p.row_digest
from roster_people p
where l.id = p.learner_id and l.row_digest is distinct from p.row_digest
  and ({_of("p", "external_id", *_COMPARED)}, null::timestamptz, $1::text) is not distinct from
    ({_of("l", "external_id", *_COMPARED)}, l.missing_since, l.data_set)
"""
_MISSING = """
insert into roster_changes (sync_id, organization_id, kind, external_id, learner_id,
  learner_version, before, full_name)
select $1, $2, 'missing', l.external_id, l.id, l.version,
  jsonb_build_object('missing_since', null), l.full_name
from learners l
where l.organization_id = $2 and l.data_set = $3 and l.missing_since is null and l.status <> 'left'
  and not exists (select from roster_keys k where k.external_id = l.external_id)
  and not exists (select from roster_rows r where r.learner_id = l.id)
  and not exists (select from roster_alike a join roster_rows r using (row_number)
    where a.learner_id = l.id and r.kind = 'match')
  and not exists (select from roster_rejected w where w.learner_id = l.id)
  and not exists (select from roster_rejected w where w.former_external_id = l.external_id)
  and not exists (select from roster_rejected w where w.national_id_hash = l.national_id_hash)
  and not exists (select from roster_rejected w join roster_matches m
    on m.organization_id = $2 and m.external_id = w.external_id
    where m.learner_id = l.id and m.decision is distinct from 'different')
"""
_ERRORS = """
insert into roster_errors (sync_id, organization_id, row_number, external_id, field, code, value,
  message_vi, message_en)
select $1, $2, row_number, external_id, field, code, value, message_vi, message_en
from roster_mistakes order by row_number
"""
_COUNTS = """
select
  (select coalesce(json_object_agg(kind, number), '{}') from (
    select kind, count(*) as number from roster_changes where sync_id = $1 group by kind) as k
  )::text as kinds,
  (select count(distinct row_number) from roster_rejected) as rejected
"""
_PRESENT = """
select count(*) from learners
where organization_id = $1 and data_set = $2 and status <> 'left' and missing_since is null
"""

_TOO_EARLY = """
using roster_people p join (
    select learner_id, max(lower(held)) as since from positions_held
    where learner_id in (select learner_id from roster_people) group by learner_id) as last
  on last.learner_id = p.learner_id
where r.row_number = p.row_number and p.position_since < p.l_position_since
  and not (p.l_status = 'left' and p.status <> 'left'
    and greatest(p.position_since, p.status_since) > p.l_status_since)
  and exists (select from positions_held f where f.learner_id = p.learner_id
    and lower(f.held) < last.since and upper(f.held) > p.position_since
    and (lower(f.held), upper(f.held), f.organization_id) is distinct from (p.position_since,
      case when p.status = 'left' then p.status_since else last.since end, $1))
"""
_NEVER_HELD = """
using roster_people p
where r.row_number = p.row_number and p.status = 'left'
  and (p.status_since <= p.position_since
    or p.position_since >= p.l_position_since and exists (select from positions_held f
      where f.learner_id = p.learner_id and lower(f.held) >= p.status_since))
"""
_NOT_RECRUITED = """
using roster_people p where r.row_number = p.row_number and p.position_since < p.recruited_on
"""
_NEWCOMER_NOT_RECRUITED = """
where r.kind in ('create', 'claim') and coalesce(r.position_since, $1) < r.recruited_on
"""
_NEWCOMER_LEFT = """
where r.kind in ('create', 'claim') and r.status = 'left'
  and coalesce(r.status_since, $1) <= coalesce(r.position_since, $1)
"""
_WITHOUT = "where r.kind in ('create', 'claim') and r.{} is null"


class Planned(NamedTuple):
    """How many of each kind, how many rows are rejected; and how many people were present before,
    which is counted where one of them may be missing."""

    kinds: str
    rejected: int
    present: int


class Plan(NamedTuple):
    """Whose plan is made, and of what."""

    sync: UUID
    organization: UUID
    data_set: str
    full: bool
    dry_run: bool
    today: date


async def make(
    driver: asyncpg.Connection, plan: Plan, others: int, elsewhere: Elsewhere
) -> Planned:
    """Leaves the changes in `roster_changes`, and the mistakes in `roster_errors`.

    Of so many people of its data set the file does not say what it said before. Most nights there
    are few, and only among them somebody may be missing.
    """
    who = plan.sync, plan.organization
    await matching.match(driver, plan.organization, plan.data_set, plan.sync, elsewhere)
    await _refuse_newcomers(driver, plan.today)
    await driver.execute(_EFFECTIVE, plan.today)
    await driver.execute("analyze roster_people (row_number, learner_id)")
    await _refuse_impossible(driver, plan.organization)
    await driver.execute(_NEWCOMERS, *who, plan.today)
    await driver.execute(_CHANGED, *who, plan.data_set)
    if not plan.dry_run:
        await driver.execute(_RECOGNIZED, plan.data_set)
    if plan.full and others:
        # Each comparison leaves far more people than PostgreSQL thinks: a loop would never end.
        await driver.execute("set local enable_nestloop = off")
        await driver.execute(_MISSING, *who, plan.data_set)
        await driver.execute("set local enable_nestloop = on")
    await driver.execute(_ERRORS, *who)
    counted = await driver.fetchrow(_COUNTS, plan.sync)
    present = await driver.fetchval(_PRESENT, plan.organization, plan.data_set) if others else 0
    return Planned(counted["kinds"], counted["rejected"], present)


async def _refuse_newcomers(driver: asyncpg.Connection, today: date) -> None:
    await refuse(driver, faults.NAME_MISSING, _WITHOUT.format("full_name"))
    await refuse(driver, faults.POSITION_MISSING, _WITHOUT.format("position_title"))
    await refuse(driver, faults.BEFORE_RECRUITMENT, _NEWCOMER_NOT_RECRUITED, today)
    await refuse(driver, faults.LEFT_BEFORE_POSITION, _NEWCOMER_LEFT, today)


async def _refuse_impossible(driver: asyncpg.Connection, organization: UUID) -> None:
    """What the rules of the roster would refuse, so that the rest of the file goes through."""
    await refuse(driver, faults.BEFORE_RECRUITMENT, _NOT_RECRUITED)
    await refuse(driver, faults.LEFT_BEFORE_POSITION, _NEVER_HELD)
    await refuse(driver, faults.POSITION_BEFORE_ANOTHER, _TOO_EARLY, organization)
    await driver.execute(
        "delete from roster_people p"
        " where not exists (select from roster_rows r where r.row_number = p.row_number)"
    )
