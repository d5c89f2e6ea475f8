"""What a learner should be taught next: what is in force that closes what they lack to a position.

A level that is closed counts as much as the requirement weighs. Modules and curricula are ranked by
how much they close in an hour: of modules, those first for which the learner is ready; of
curricula, those first whose target group they are of. A curriculum of several years is recommended
in its newest, and none that they have completed. Modules alone are the Academy's or their own
organisation's, and so are the specific parts of curricula.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.competencies.attainment_queries import EFFECTIVE, TODAY, attained_today
from app.core.view_statements import Statement
from app.curricula import target_group_words
from app.curricula.target_group_queries import (
    AIMED,
    EMPLOYED,
    HOLDS,
    IS_ASKED,
    PARTS,
    RECORD,
)
from app.curricula.words import Words

MOST = 20
"""Modules, and as many curricula."""
_FAILING = "\n      union all ".join(
    f"select '{name}' where {IS_ASKED[name]} and not {HOLDS[name]}" for name in PARTS
)
_TITLED = "'code', {0}.code, 'title_vi', {0}.title_vi, 'title_en', {0}.title_en"

_COMPETENCY = """json_build_object('competency_id', c.competency_id, 'code', c.code,
  'name_vi', c.name_vi, 'name_en', c.name_en, 'attained_level', nullif(c.attained_level, 0),
  'reached_level', c.reached_level, 'required_level', c.required_level, 'weight', c.weight)"""

_SQL = f"""
with person as materialized (
  select l.*, coalesce($2::uuid, h.job_position_id) as job_position_id
  from learners l left join job_positions_held h on h.learner_id = l.id
  where l.id = $1::uuid
    and ($2::uuid is null or exists (select from job_positions p where p.id = $2::uuid))
), attained_now as materialized (
  select a.framework_id, a.competency_identifier, a.scale_identifier,
    {attained_today("level")} as level
  from attainments a join person on person.id = a.learner_id
  join published_competencies c on c.framework_id = a.framework_id
    and c.identifier = a.competency_identifier
), gap as materialized (
  select r.framework_id, r.competency_identifier, r.scale_identifier, r.required_level, r.weight,
    coalesce(a.level, 0) as attained_level, c.competency_id, c.code, c.name_vi, c.name_en
  from person join job_position_requirements r on r.job_position_id = person.job_position_id
  join published_competencies c on c.framework_id = r.framework_id
    and c.identifier = r.competency_identifier
  left join attained_now a on a.framework_id = r.framework_id
    and a.competency_identifier = r.competency_identifier
    and a.scale_identifier = r.scale_identifier
  where {EFFECTIVE} and coalesce(a.level, 0) < r.required_level
), closing as materialized (
  select s.module_version_id, g.*, least(s.level, g.required_level) as reached_level
  from gap g join module_competencies s using (framework_id, competency_identifier,
    scale_identifier)
  where s.level > g.attained_level
), completed as materialized (
  select t.curriculum_id, m.module_id
  from person join trainings t on t.learner_id = person.id
  join curriculum_versions v on v.curriculum_id = t.curriculum_id and v.published_on is not null
  join curriculum_modules m on m.curriculum_version_id in (v.id, v.extends_version_id)
), module as materialized (
  select v.id as module_version_id, v.module_id, m.code, m.organization_id, v.title_vi,
    v.title_en, v.domain, v.mode,
    v.theory_hours + v.practice_hours + v.self_study_hours + v.on_the_job_hours as hours, (
      select coalesce(json_agg(json_build_object('module_id', o.id, 'code', o.code,
        'title_vi', n.title_vi, 'title_en', n.title_en) order by o.code, o.id), '[]')
      from module_prerequisites p join modules o on o.id = p.required_module_id
      cross join lateral (
        select w.* from module_versions w where w.module_id = o.id
        order by w.state = 'published' desc, w.number desc limit 1) as n
      where p.module_version_id = v.id
        and o.id not in (select c.module_id from completed c)
        and (exists (select from module_competencies s where s.module_version_id = n.id
            and not exists (
              select from attained_now a where a.framework_id = s.framework_id
                and a.competency_identifier = s.competency_identifier
                and a.scale_identifier = s.scale_identifier and a.level >= s.level))
          or not exists (select from module_competencies s where s.module_version_id = n.id))
    ) as missing
  from person cross join module_versions v join modules m on m.id = v.module_id
  join organizations w on w.id = m.organization_id
  where (w.kind = 'academy' or w.id = person.organization_id) and v.state = 'published'
    and v.id in (select c.module_version_id from closing c)
    and v.module_id not in (select c.module_id from completed c)
), best_module as (
  select o.*, json_array_length(o.missing) = 0 as ready, x.score, x.competencies
  from module o cross join lateral (
    select round(sum(c.weight * (c.reached_level - c.attained_level)) / o.hours, 4) as score,
      json_agg({_COMPETENCY} order by c.weight * (c.reached_level - c.attained_level) desc,
        c.code, c.competency_id) as competencies
    from closing c where c.module_version_id = o.module_version_id
  ) as x
  order by ready desc, score desc, o.code, o.module_id limit {MOST}
), offered as materialized (
  select distinct on (c.organization_id, c.code) v.id as curriculum_version_id, v.curriculum_id,
    v.extends_version_id, c.organization_id, c.code, c.year, c.kind, v.title_vi, v.title_en,
    v.hours + coalesce(e.hours, 0) as hours, v.rule
  from person cross join {AIMED} as v join curricula c on c.id = v.curriculum_id
  left join curriculum_versions e on e.id = v.extends_version_id
  where v.state = 'published'
    and (c.extends_curriculum_id is null or c.organization_id = person.organization_id)
  order by c.organization_id, c.code, c.year desc
), best_curriculum as (
  select o.*, x.score, x.competencies, y.failing
  from offered o cross join lateral (
    select round(sum(c.weight * (c.reached_level - c.attained_level)) / o.hours, 4) as score,
      json_agg({_COMPETENCY} order by c.weight * (c.reached_level - c.attained_level) desc,
        c.code, c.competency_id) as competencies
    from (
      select distinct on (framework_id, competency_identifier) c.*
      from curriculum_modules m join closing c using (module_version_id)
      where m.curriculum_version_id in (o.curriculum_version_id, o.extends_version_id)
      order by framework_id, competency_identifier, reached_level desc
    ) as c
  ) as x
  cross join lateral (
    select coalesce(json_agg(f.part), '[]') as failing
    from person as learners, jsonb_to_record(o.rule) as r ({RECORD}),
    lateral (
      select 'employed' where not {EMPLOYED}
      union all {_FAILING}
    ) as f (part)
  ) as y
  where x.score > 0
    and o.curriculum_id not in (
      select t.curriculum_id from person join trainings t on t.learner_id = person.id
      where t.curriculum_id is not null)
  order by json_array_length(y.failing), score desc, o.code, o.curriculum_id limit {MOST}
)
select convert_to(json_build_object(
  'learner_id', person.id,
  'as_of', {TODAY},
  'job_position', (
    select json_build_object('id', p.id, 'organization_id', p.organization_id, 'code', p.code,
      'name_vi', p.name_vi, 'name_en', p.name_en,
      'held', coalesce(p.id = (select h.job_position_id from job_positions_held h
        where h.learner_id = person.id), false))
    from job_positions p where p.id = person.job_position_id),
  'gaps', (select count(*) from gap),
  'positions', (
    select coalesce(json_object_agg(p.id, json_build_array(p.name_vi, p.name_en)), '{{}}')
    from job_positions p where p.id in (
      select jsonb_array_elements_text(o.rule -> 'job_position_ids')::uuid
      from best_curriculum o)),
  'modules', (
    select coalesce(json_agg(json_build_object('module_id', o.module_id,
      'module_version_id', o.module_version_id, 'organization_id', o.organization_id,
      {_TITLED.format("o")}, 'domain', o.domain, 'mode', o.mode, 'hours', o.hours,
      'score', o.score, 'ready', o.ready, 'missing', o.missing, 'closes', o.competencies)
      order by o.ready desc, o.score desc, o.code, o.module_id), '[]') from best_module o),
  'curricula', (
    select coalesce(json_agg(json_build_object('curriculum_id', o.curriculum_id,
      'curriculum_version_id', o.curriculum_version_id, 'organization_id', o.organization_id,
      {_TITLED.format("o")}, 'year', o.year, 'kind', o.kind, 'hours', o.hours,
      'score', o.score, 'in_target_group', json_array_length(o.failing) = 0,
      'failing', o.failing, 'rule', o.rule, 'closes', o.competencies)
      order by json_array_length(o.failing), o.score desc, o.code, o.curriculum_id), '[]')
    from best_curriculum o)
)::text, 'UTF8'), null::text, null::text, array[person.id]::text
from person
"""
statement = Statement(_SQL, [("learner", None), ("job_position", None)])
"""Nothing where the reader does not see the learner, or the position."""

_RAISES = Words(
    "đưa “{name}” từ bậc {attained_level} lên bậc {reached_level} (yêu cầu bậc {required_level})",
    "takes “{name}” from level {attained_level} to {reached_level} (required: {required_level})",
)
_BEGINS = Words(
    "đưa “{name}”, nay chưa có minh chứng, lên bậc {reached_level} (yêu cầu bậc {required_level})",
    "takes “{name}”, of which there is no evidence yet, to level {reached_level}"
    " (required: {required_level})",
)
_IN_HOURS = Words("trong {hours} giờ", "in {hours} h")
_READY = Words("đủ điều kiện học ngay", "nothing has to come before")
_NOT_READY = Words("cần học trước: {0}", "to be taken before: {0}")
_IN_GROUP = Words("thuộc đối tượng của chương trình", "of its target group")
_NOT_IN_GROUP = Words(
    "chưa thuộc đối tượng, vì chương trình cần người: {0}",
    "not of its target group, which asks for: {0}",
)


def in_words(body: bytes) -> bytes:
    """What the database found, each with the reason in both languages."""
    found = json.loads(body)
    named = {UUID(id): tuple(names) for id, names in found.pop("positions").items()}
    for module in found["modules"]:
        missing = _named(module["missing"])
        _explain(module, _NOT_READY if module["missing"] else _READY, missing)
    for curriculum in found["curricula"]:
        failing, rule = curriculum.pop("failing"), curriculum.pop("rule")
        asked = _joined([_asked(part, rule, named) for part in failing])
        _explain(curriculum, _NOT_IN_GROUP if failing else _IN_GROUP, asked)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _asked(part: str, rule: Mapping[str, Any], named: target_group_words.Named) -> Words:
    if part == "employed":
        return target_group_words.EMPLOYED
    return target_group_words.of_part(part, rule, named) or target_group_words.EVERYBODY


def _explain(item: dict[str, Any], condition: Words, of: Words) -> None:
    """Puts into the item what it closes, in how many hours, and what stands before it."""
    for language, name in enumerate(("reason_vi", "reason_en")):
        hours = f"{item['hours']:g}"
        said = [
            "; ".join(_closes(each, language) for each in item["closes"]),
            _IN_HOURS[language].format(hours=hours if language else hours.replace(".", ",")),
            condition[language].format(of[language]),
        ]
        text = "; ".join(said)
        item[name] = f"{text[0].upper()}{text[1:]}."


def _closes(competency: Mapping[str, Any], language: int) -> str:
    template = _BEGINS if competency["attained_level"] is None else _RAISES
    named = {"name": competency[("name_vi", "name_en")[language]]}
    return template[language].format(**named, **competency)


def _named(modules: list[dict[str, Any]]) -> Words:
    return _joined([Words(*(f"“{each[t]}”" for t in ("title_vi", "title_en"))) for each in modules])


def _joined(words: list[Words]) -> Words:
    return Words(*("; ".join(each[language] for each in words) for language in (0, 1)))
