"""Gaps of many: counted by domain, competency, unit or organisation, or told of each person, as
their reader may see.

What is required is counted from positions, and what is attained is taken off: so nothing is looked
for that nobody has recorded.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    Text,
    Uuid,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy import text as sql

from app.competencies.attainment_queries import DOMAINS, EFFECTIVE, NAMED, TODAY, attained_today
from app.competencies.gap_schemas import LearnerGapOut, LearnerGapQuery
from app.core.view_statements import Statement
from app.core.views import View
from app.learners.models import Learner

# With `offset 0` it is done in this order: the other way round, each person's requirements would be
# looked for among what everybody attains.
_PEOPLE = f"""
with required as materialized (
  select r.job_position_id, r.framework_id, r.competency_identifier, r.scale_identifier,
    r.required_level, r.desired_level, r.weight, p.attainment_rule, p.domain
  from job_position_requirements r
  join published_competencies p on p.framework_id = r.framework_id
    and p.identifier = r.competency_identifier
  where {EFFECTIVE} and ({{job_position}} is null or r.job_position_id = {{job_position}})
    and {{of}}
), person as materialized (
  select h.learner_id, h.organization_id, h.unit_id,
    coalesce({{job_position}}, h.job_position_id) as job_position_id
  from job_positions_held h
  where ({{organization}} is null or h.organization_id = {{organization}})
    and ({{unit}} is null or h.unit_id = {{unit}})
), attained_by as (
  select a.learner_id, c.framework_id, c.competency_identifier, c.domain, c.required_level,
    c.desired_level, c.weight, {attained_today("level")} as level
  from (
    select person.job_position_id, a.* from attainments a join person using (learner_id) offset 0
  ) as a join required c using (job_position_id, framework_id, competency_identifier,
    scale_identifier)
  offset 0
)"""
_FOUND = """
    count(*) filter (where level >= required_level) as met,
    count(*) filter (where level >= desired_level) as desired, count(level) as known,
    sum(weight * least(coalesce(level, 0), required_level)) as credit"""
_SUMMED = """
    sum(requirements)::bigint as requirements, coalesce(sum(met), 0)::bigint as met,
    coalesce(sum(desired), 0)::bigint as desired,
    (sum(requirements) - coalesce(sum(known), 0))::bigint as unknown,
    round((sum(needed) - coalesce(sum(credit), 0)) / sum(weights), 2)::float as mean_gap"""
_BY_DOMAIN = f"""
, needed_in as (
  select job_position_id, domain, count(*) as requirements, sum(weight) as weights,
    sum(weight * required_level) as needed
  from required group by job_position_id, domain
), found as (
  select learner_id, domain, {_FOUND} from attained_by group by learner_id, domain
), cell as (
  select {{group}}domain, count(*) as people,
    count(*) filter (where coalesce(met, 0) < requirements) as people_below, {_SUMMED}
  from person join needed_in using (job_position_id) left join found using (learner_id, domain)
  group by {{group}}domain
)"""
_BY_COMPETENCY = f"""
, needed_in as (
  select framework_id, competency_identifier, domain, sum(people) as requirements,
    sum(people * weight) as weights, sum(people * weight * required_level) as needed
  from required join (
    select job_position_id, count(*) as people from person group by job_position_id
  ) as held using (job_position_id)
  group by framework_id, competency_identifier, domain
), found as (
  select framework_id, competency_identifier, {_FOUND} from attained_by
  group by framework_id, competency_identifier
), cell as (
  select framework_id, competency_identifier, domain, sum(requirements)::bigint as people,
    (sum(requirements) - coalesce(sum(met), 0))::bigint as people_below, {_SUMMED}
  from needed_in left join found using (framework_id, competency_identifier)
  group by framework_id, competency_identifier, domain
)"""
_BY_PERSON = f"""
, needed_in as (
  select job_position_id, count(*) as requirements, sum(weight) as weights,
    sum(weight * required_level) as needed
  from required group by job_position_id
), found as (
  select learner_id, {_FOUND} from attained_by group by learner_id
)
select learner_id, job_position_id, requirements, requirements - coalesce(met, 0) as below,
  requirements - coalesce(known, 0) as unknown,
  round((needed - coalesce(credit, 0))::numeric / weights, 2)::float as mean_gap
from person join needed_in using (job_position_id) left join found using (learner_id)
where coalesce(met, 0) < requirements
"""
_DOCUMENT = f"""
select convert_to(json_build_object(
  'as_of', {TODAY},
  'people', (select count(*) from person),
  'people_without_position', (select count(*) from person where job_position_id is null),
  'cells', (select coalesce(json_agg(json_build_object({{shown}}, 'people', people,
      'people_below', people_below, 'requirements', requirements, 'met', met,
      'below', requirements - met, 'desired', desired, 'unknown', unknown, 'mean_gap', mean_gap)
      order by {{order}}
    ), '[]') from cell {{joined}})
)::text, 'UTF8'), null::text, null::text, null::text
where $3::uuid is null or exists (select from job_positions p where p.id = $3::uuid)
"""
_DOMAIN_ORDER = f"array_position({DOMAINS}, cell.domain)"
_COMPETENCY = """
  join published_competencies c on c.framework_id = cell.framework_id
    and c.identifier = cell.competency_identifier
"""
_NO_COMPETENCY = """'competency_id', null, 'framework_id', null, 'competency_identifier', null,
  'code', null, 'name_vi', null, 'name_en', null, 'domain', cell.domain"""


def _cells(counted: str, shown: str, order: str, joined: str = "") -> Statement:
    values = [("organization", None), ("unit", None), ("job_position", None)]
    given = {name: f"${n}::uuid" for n, (name, _) in enumerate(values, 1)}
    document = _DOCUMENT.format(shown=shown, order=order, joined=joined)
    return Statement(_PEOPLE.format(**given, of="true") + counted + document, values)


def _by_domain(*group: str) -> Statement:
    places = (
        f"'{name}', {f'cell.{name}' if name in group else 'null'}"
        for name in ("organization_id", "unit_id")
    )
    return _cells(
        _BY_DOMAIN.format(group="".join(f"{name}, " for name in group)),
        ", ".join((*places, _NO_COMPETENCY)),
        ", ".join((*(f"cell.{name}" for name in group), _DOMAIN_ORDER)),
    )


cells = {
    "domain": _by_domain(),
    "unit": _by_domain("organization_id", "unit_id"),
    "organization": _by_domain("organization_id"),
    "competency": _cells(
        _BY_COMPETENCY,
        f"'organization_id', null, 'unit_id', null, {NAMED}",
        f"{_DOMAIN_ORDER}, c.code, c.competency_id",
        _COMPETENCY,
    ),
}
"""By what they are counted. A competency that is required on two scales is counted as one."""

_NATIONAL = f"""
with cell as materialized (
  select g.*, c.domain from gaps_elsewhere() as g
  join published_competencies c on c.framework_id = g.framework_id
    and c.identifier = g.competency_identifier
)
select convert_to(json_build_object(
  'as_of', (select min(counted_on) from cell),
  'domains', (
    select coalesce(json_agg(cell order by {_DOMAIN_ORDER}), '[]') from (
      select domain, sum(people)::bigint as requirements, sum(below)::bigint as below
      from cell group by domain) as cell),
  'competencies', (
    select coalesce(json_agg(json_build_object({NAMED}, 'people', people, 'below', below)
      order by {_DOMAIN_ORDER}, c.code, c.competency_id), '[]') from cell {_COMPETENCY})
)::text, 'UTF8'), null::text, null::text, null::text
"""
national = Statement(_NATIONAL, [])
"""Of organisations that the reader does not see, together: `gaps_elsewhere` hides small cells."""


def learners_lacking(query: LearnerGapQuery) -> Select[Any]:
    """Those who are below a level that is required of them, among what is asked about."""
    given = {
        name: "null::uuid" if getattr(query, name) is None else f"cast(:{name} as uuid)"
        for name in ("organization", "unit", "job_position")
    }
    asked = ["true"]
    if query.domain is not None:
        asked.append("p.domain = cast(:domain as text)")
    if query.competency is not None:
        asked.append("p.identifier = cast(:competency as uuid)")
    found = sql(_PEOPLE.format(**given, of=" and ".join(asked)) + _BY_PERSON)
    lacking = found.columns(column("learner_id", Uuid)).subquery("lacking")
    return select(Learner).join(lacking, lacking.c.learner_id == Learner.id)


_TOLD: dict[str, ColumnElement[Any]] = {
    "job_position_id": literal_column("lacking.job_position_id", Uuid),
    "requirements": literal_column("lacking.requirements", BigInteger),
    "below": literal_column("lacking.below", BigInteger),
    "unknown": literal_column("lacking.unknown", BigInteger),
    "mean_gap": literal_column("lacking.mean_gap", Float),
}
learner_gaps = View(
    Learner,
    LearnerGapOut,
    learners_lacking,
    columns=_TOLD,
    stamp=func.concat_ws(".", Learner.version, *_TOLD.values(), type_=Text),
    subjects="id",
)
