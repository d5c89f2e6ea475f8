"""What must always hold of courses: asked of the rows, not of what should have kept them so."""

from typing import get_args

from app.attendance.invariant_schemas import Invariant, InvariantsOut
from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database, driver_of
from app.core.view_statements import Statement

_LISTED = ", ".join(f"'{name}'" for name in get_args(get_args(Invariant)[0]))
_ALL = f"""
with broken as materialized (
  select * from broken_invariants()
), told as (
  select b.*, row_number() over (partition by b.invariant
    order by b.course_id, b.session_id, b.learner_id) as nth from broken b
)
select convert_to(json_build_object(
  'checked_at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'sound', not exists (select from broken),
  'invariants', (
    select json_agg(json_build_object('invariant', i.name,
      'broken', (select count(*) from broken b where b.invariant = i.name),
      'examples', (
        select coalesce(json_agg(json_build_object('organization_id', t.organization_id,
          'course_id', t.course_id, 'session_id', t.session_id, 'learner_id', t.learner_id,
          'detail', t.detail) order by t.nth), '[]')
        from told t where t.invariant = i.name and t.nth <= 20)) order by i.nth)
    from unnest(array[{_LISTED}]) with ordinality as i (name, nth))
)::text, 'UTF8'), null::text, null::text, null::text
"""  # noqa: S608 -- our own words
everything = Statement(_ALL, [])


async def checked(database: Database) -> InvariantsOut:
    """For the command line. It reads, and changes nothing."""
    async with database.session(system(Reach.EVERYTHING_TO_READ, "audit")) as session:
        body = await (await driver_of(session)).fetchval(everything.sql)
    return InvariantsOut.model_validate_json(body)
