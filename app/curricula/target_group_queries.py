"""Who is of a target group: one condition of SQL over `learners`, part by part.

A learner is of the group if they are employed and each part that the rule has holds. What is not
known does not hold.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import create_model
from sqlalchemy import Select, select, text

from app.competencies.attainment_queries import TODAY
from app.core.view_statements import Statement
from app.core.views import View
from app.curricula.target_group_schemas import TargetGroupLearnerOut, TargetGroupQuery
from app.learners.models import Learner

TYPES = {
    "organization_kinds": "text[]",
    "leadership_levels": "text[]",
    "categories": "text[]",
    "fields": "text[]",
    "job_position_ids": "uuid[]",
    "min_years_in_service": "integer",
    "max_years_in_service": "integer",
    "languages": "jsonb",
    "trained": "jsonb",
    "not_trained": "jsonb",
}
"""What a rule may ask, and as what PostgreSQL takes it."""
_TRAINING = {"kinds": "text[]", "fields": "text[]", "since": "date"}
_OF_TRAINING = {
    f"{part}_{name}": (part, name, kind)
    for part in ("trained", "not_trained")
    for name, kind in _TRAINING.items()
}
"""And what it may ask of a training."""
GIVEN = TYPES | {name: kind for name, (_, _, kind) in _OF_TRAINING.items()}
EMPLOYED = "learners.status <> 'left'"


class Part(NamedTuple):
    asked: tuple[str, ...]
    """What of a rule the part is; it is not there where the rule has none of this."""
    holds: str
    """Whether it holds of a row of `learners`."""
    found: str
    """What of the learner was looked at, as JSON."""


def _trained(part: str) -> str:
    kinds, fields, since = (f"{{{part}_{of}}}" for of in ("kinds", "fields", "since"))
    return f"""exists (select from trainings t where t.learner_id = learners.id
      and ({kinds} is null or t.kind = any ({kinds}::text[]))
      and ({fields} is null or t.field = any ({fields}::text[]))
      and ({since} is null or t.completed_on >= {since}))"""


_TRAININGS = """json_build_object('trainings', (
  select coalesce(json_agg(json_build_object('id', t.id, 'organization_id', t.organization_id,
    'kind', t.kind, 'field', t.field, 'title', t.title, 'completed_on', t.completed_on)
    order by t.completed_on desc, t.id), '[]')
  from trainings t where t.learner_id = learners.id))"""
# Who holds a position has its title or is assigned to it: so few are left to be looked at closely.
_IN_POSITION = """(lower(learners.position_title collate "pg_c_utf8") in (
    select lower(t.title collate "pg_c_utf8") from job_position_titles t
    where t.job_position_id = any ({job_position_ids}))
  or learners.id in (select a.learner_id from job_position_assignments a
    where a.job_position_id = any ({job_position_ids})))
  and (select h.job_position_id from job_positions_held h where h.learner_id = learners.id)
    = any ({job_position_ids})"""
_SPEAKS = """learners.languages @? (
  select ('$[*] ? (' || string_agg(format('@.language == %s && @.level >= %s',
    a -> 'language', a -> 'min_level'), ' || ') || ')')::jsonpath
  from jsonb_array_elements({languages}) as a)"""
_SERVED = f"""(learners.recruited_on
    <= ({TODAY} - make_interval(years => coalesce({{min_years_in_service}}, -1000)))::date
  and learners.recruited_on
    > ({TODAY} - make_interval(years => coalesce({{max_years_in_service}}, 1000) + 1))::date)"""

PARTS = {
    "leadership_levels": Part(
        ("leadership_levels",),
        "learners.leadership_level = any ({leadership_levels})",
        "json_build_object('leadership_level', learners.leadership_level)",
    ),
    "categories": Part(
        ("categories",),
        "learners.category = any ({categories})",
        "json_build_object('category', learners.category)",
    ),
    "years_in_service": Part(
        ("min_years_in_service", "max_years_in_service"),
        _SERVED,
        "json_build_object('recruited_on', learners.recruited_on)",
    ),
    "fields": Part(
        ("fields",), "learners.fields && {fields}", "json_build_object('fields', learners.fields)"
    ),
    "organization_kinds": Part(
        ("organization_kinds",),
        "learners.organization_id in (select o.id from organizations o"
        " where o.kind = any ({organization_kinds}))",
        "json_build_object('organization_kind', (select o.kind from organizations o"
        " where o.id = learners.organization_id))",
    ),
    "languages": Part(
        ("languages",), _SPEAKS, "json_build_object('languages', learners.languages)"
    ),
    "job_position_ids": Part(
        ("job_position_ids",),
        _IN_POSITION,
        "json_build_object('job_position', (select json_build_object('id', p.id,"
        " 'name_vi', p.name_vi, 'name_en', p.name_en) from job_positions_held h"
        " join job_positions p on p.id = h.job_position_id where h.learner_id = learners.id))",
    ),
    "trained": Part(("trained",), _trained("trained"), _TRAININGS),
    "not_trained": Part(("not_trained",), f"not {_trained('not_trained')}", _TRAININGS),
}
"""The cheapest first."""


def condition(asked: Mapping[str, str]) -> str:
    """Whether a row of `learners` is of the group of one rule; `asked` has the SQL of what the
    rule asks, and nothing of what it does not."""
    values = {name: f"null::{kind}" for name, kind in GIVEN.items()} | dict(asked)
    holding = (
        f"({part.holds.format_map(values)})"
        for part in PARTS.values()
        if not asked.keys().isdisjoint(part.asked)
    )
    return " and ".join((EMPLOYED, *holding))


RECORD = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
"""The columns of a rule, of `jsonb_to_record(rule) as r (...)`."""
_OF_RECORD = {name: f"r.{name}" for name in TYPES} | {
    name: f"(r.{part} ->> '{of}')::date"
    if kind == "date"
    else f"(select array_agg(v) from jsonb_array_elements_text(r.{part} -> '{of}') as v)"
    for name, (part, of, kind) in _OF_TRAINING.items()
}
IS_ASKED = {
    name: f"coalesce({', '.join(f'r.{each}::text' for each in part.asked)}) is not null"
    for name, part in PARTS.items()
}
HOLDS = {
    name: f"coalesce({part.holds.format_map(_OF_RECORD)}, false)" for name, part in PARTS.items()
}
"""Of a row of `learners` beside a rule `r`, for some learners and several rules."""
FITS = " and ".join((EMPLOYED, *(f"(not {IS_ASKED[name]} or {HOLDS[name]})" for name in PARTS)))
"""The same as `condition`."""

AIMED = """(
  select v.*, g.target_group as rule, g.target_group_vi as rule_vi, g.target_group_en as rule_en
  from curriculum_versions v
  left join curriculum_versions e on e.id = v.extends_version_id and v.target_group = '{}'
  join curriculum_versions g on g.id = coalesce(e.id, v.id)
)"""
"""Versions with whom they are for. An extension that does not say it is for whom the common part
is for."""
_RULE = f"""
select convert_to(json_build_object('curriculum_version_id', v.id, 'rule', v.rule,
    'rule_vi', v.rule_vi, 'rule_en', v.rule_en)::text, 'UTF8'),
  null::text, null::text, null::text
from {AIMED} as v where v.id = $1::uuid
"""
rule_of_version = Statement(_RULE, [("id", None)])


def literals(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule asks, as PostgreSQL reads it. Of codes and ids, which need no quotes."""
    asked = dict(rule)
    for part in {"trained", "not_trained"} & rule.keys():
        asked |= {f"{part}_{name}": value for name, value in rule[part].items()}
    return {name: _literal(GIVEN[name], value) for name, value in asked.items()}


def _literal(kind: str, value: Any) -> Any:
    if kind.endswith("[]"):
        return f"{{{','.join(value)}}}"
    return json.dumps(value) if kind == "jsonb" else value


@lru_cache(maxsize=256)
def counted(asked: frozenset[str]) -> Statement:
    """How many are of a group by a rule that asks this, in each organisation, of how many."""
    names = sorted(asked - {"trained", "not_trained"})  # that they are asked is enough
    given = {name: f"${n}::{GIVEN[name]}" for n, name in enumerate(names, start=1)}
    given |= dict.fromkeys(asked & {"trained", "not_trained"}, "")
    sql = f"""
    with found as (
      select organization_id, count(*) as people,
        count(*) filter (where {condition(given)}) as fitting
      from learners where {EMPLOYED} group by organization_id
    )
    select convert_to(json_build_object('as_of', {TODAY},
      'people', (select coalesce(sum(people), 0)::bigint from found),
      'fitting', (select coalesce(sum(fitting), 0)::bigint from found),
      'organizations', (select coalesce(json_agg(f order by fitting desc, organization_id), '[]')
        from found f))::text, 'UTF8'), null::text, null::text, null::text
    """
    return Statement(sql, [(name, None) for name in names], plan_anew=True)


_FIELDS: dict[str, Any] = {f"asked_{name}": (str | int | None, None) for name in GIVEN}
_Members = create_model("_Members", __base__=TargetGroupQuery, **_FIELDS)


def members(query: TargetGroupQuery, rule: Mapping[str, Any]) -> TargetGroupQuery:
    """The query of a page of those who are of the rule's group."""
    asked = {f"asked_{name}": value for name, value in literals(rule).items()}
    return _Members(**query.model_dump(), **asked)


def group(query: Any) -> Select[Any]:
    asked = {
        name: f"cast(:asked_{name} as {kind})"
        for name, kind in GIVEN.items()
        if getattr(query, f"asked_{name}") is not None
    }
    statement = select(Learner).where(text(condition(asked)))
    if query.organization is not None:
        statement = statement.where(Learner.organization_id == query.organization)
    if query.unit is not None:
        statement = statement.where(Learner.unit_id == query.unit)
    return statement


learners = View(
    Learner,
    TargetGroupLearnerOut,
    group,
    places={"full_name": Learner.sort_key},
    stamp=Learner.version,
    subjects="id",
)
"""Those of the group, by a query of `members`."""
