"""What curricula in force leave out: competencies, and requirements of job positions."""

from app.competencies.attainment_queries import EFFECTIVE, TODAY
from app.core.view_statements import Statement

_SQL = f"""
with taught as materialized (
  select s.framework_id, s.competency_identifier, s.scale_identifier, max(s.level) as level
  from curriculum_versions v join curricula c on c.id = v.curriculum_id
  join curriculum_modules m on m.curriculum_version_id = v.id
  join module_competencies s on s.module_version_id = m.module_version_id
  where v.state = 'published' and ($1::integer is null or c.year = $1::integer)
  group by 1, 2, 3
), required as materialized (
  select r.* from job_position_requirements r join job_positions p on p.id = r.job_position_id
  where {EFFECTIVE} and (p.ended_on is null or p.ended_on > {TODAY})
), competency as materialized (
  select c.competency_id, c.framework_id, c.identifier as competency_identifier, c.code, c.name_vi,
    c.name_en, c.domain, c.scale_identifier, (
      select count(*) from required r where r.framework_id = c.framework_id
        and r.competency_identifier = c.identifier) as required_by
  from published_competencies c join framework_versions v on v.id = c.framework_version_id
  where v.state = 'published' and c.scale_identifier is not null
)
select convert_to(json_build_object('as_of', {TODAY},
  'competencies', (
    select coalesce(json_agg(json_build_object('competency_id', c.competency_id,
      'framework_id', c.framework_id, 'competency_identifier', c.competency_identifier,
      'code', c.code, 'name_vi', c.name_vi, 'name_en', c.name_en, 'domain', c.domain,
      'required_by', c.required_by) order by c.required_by desc, c.code, c.competency_id), '[]')
    from competency c where not exists (
      select from taught t where t.framework_id = c.framework_id
        and t.competency_identifier = c.competency_identifier)),
  'requirements', (
    select coalesce(json_agg(json_build_object('competency_id', c.competency_id,
      'framework_id', c.framework_id, 'competency_identifier', c.competency_identifier,
      'code', c.code, 'name_vi', c.name_vi, 'name_en', c.name_en, 'domain', c.domain,
      'required_by', c.required_by, 'job_position_id', p.id, 'job_position_code', p.code,
      'job_position_vi', p.name_vi, 'job_position_en', p.name_en,
      'required_level', r.required_level, 'best_level', t.level)
      order by p.code, p.id, c.code, c.competency_id), '[]')
    from required r join job_positions p on p.id = r.job_position_id
    join competency c using (framework_id, competency_identifier, scale_identifier)
    left join taught t using (framework_id, competency_identifier, scale_identifier)
    where coalesce(t.level < r.required_level, true))
)::text, 'UTF8'), null::text, null::text, null::text
"""
statement = Statement(_SQL, [("year", None)])
