"""What is otherwise in one version of a framework than in another, found by PostgreSQL."""

from app.core.view_statements import Statement

# Each version is taken apart into facts: part, identifier, field and value. Facts that differ are
# changes; identifiers that only one has were added or removed. Somebody who stands below another
# than before has moved, and so has who comes elsewhere among the siblings that both versions have.
_SQL = """
with recursive compared as (
  select p.id as present_id, f.id as former_id, p.framework_id,
    p.number as present_number, coalesce(f.number, 0) as former_number
  from framework_versions p
  left join framework_versions f on f.framework_id = p.framework_id
    and f.id = coalesce($2::uuid, p.based_on_id)
  where p.id = $1::uuid and ($2::uuid is null or f.id is not null)
), items as (
  select v.id = compared.present_id as present, 'version' as part, v.framework_id as identifier,
    null as code, v.title_vi as name_vi, v.title_en as name_en, '' as place,
    null::uuid as parent_identifier, to_jsonb(v) as said
  from compared join framework_versions v on v.id in (present_id, former_id)
  union all
  select s.framework_version_id = present_id, 'scale', s.identifier, null, s.name_vi, s.name_en,
    to_char(s.position, 'FM000000'), null, to_jsonb(s)
  from compared join proficiency_scales s on s.framework_version_id in (present_id, former_id)
  union all
  select c.framework_version_id = present_id, 'competency', c.identifier, c.code, c.name_vi,
    c.name_en, c.sort_key, c.parent_identifier, to_jsonb(c)
  from compared join competencies c on c.framework_version_id in (present_id, former_id)
), facts as (
  select i.present, i.part, i.identifier, f.key as field, f.value
  from items i cross join lateral jsonb_each(i.said) as f where f.key in ('title_vi', 'title_en',
    'description_vi', 'description_en', 'name_vi', 'name_en', 'proficient_level', 'kind', 'domain',
    'code', 'scale_identifier', 'attainment_rule')
  union all
  select l.framework_version_id = present_id, 'scale', l.scale_identifier,
    'levels/' || l.level || '/' || f.key, f.value
  from compared join proficiency_levels l on l.framework_version_id in (present_id, former_id)
  cross join lateral jsonb_each(to_jsonb(l)) as f where f.key in (
    'name_vi', 'name_en', 'description_vi', 'description_en')
  union all
  select d.framework_version_id = present_id, 'competency', d.competency_identifier,
    'descriptors/' || d.level || '/' || f.key, f.value
  from compared join level_descriptors d on d.framework_version_id in (present_id, former_id)
  cross join lateral jsonb_each(to_jsonb(d)) as f where f.key in ('text_vi', 'text_en')
), changed as (
  select part, identifier, json_agg(json_build_object('field', field,
    'before', coalesce(o.value, 'null'), 'after', coalesce(n.value, 'null')) order by field)
    as fields
  from (select * from facts where not present) o
  full join (select * from facts where present) n using (part, identifier, field)
  where coalesce(o.value, 'null') <> coalesce(n.value, 'null')
  group by part, identifier
), stayed as (
  select n.identifier, n.parent_identifier is distinct from o.parent_identifier as elsewhere,
    row_number() over (partition by n.parent_identifier, o.parent_identifier order by n.place)
      <> row_number() over (partition by n.parent_identifier, o.parent_identifier order by o.place)
      as reordered
  from items n join items o using (part, identifier)
  where part = 'competency' and n.present and not o.present
), replaced (former_identifier, identifier) as (
  select r.former_identifier, r.identifier
  from compared join framework_versions v on v.framework_id = compared.framework_id
    and v.number > former_number and v.number <= present_number
  join competency_replacements r on r.framework_version_id = v.id
), replacing (former_identifier, identifier) as (
  select former_identifier, identifier from replaced
  union
  select g.former_identifier, r.identifier
  from replacing g join replaced r on r.former_identifier = g.identifier
), differing as (
  select part, identifier, n.present is null as removed, o.present is null as added,
    coalesce(n.code, o.code) as code, coalesce(n.name_vi, o.name_vi) as name_vi,
    coalesce(n.name_en, o.name_en) as name_en, coalesce(n.place, o.place) as place,
    c.fields, coalesce(s.elsewhere or s.reordered, false) as moved
  from (select * from items where not present) o
  full join (select * from items where present) n using (part, identifier)
  left join changed c using (part, identifier)
  left join stayed s using (identifier)
  where n.present is null or o.present is null or c.fields is not null
    or s.elsewhere or s.reordered
)
select convert_to(json_build_object(
  'framework_version_id', present_id,
  'since_version_id', former_id,
  'differences', (select coalesce(json_agg(json_build_object(
      'part', part,
      'identifier', identifier,
      'code', code,
      'name_vi', name_vi,
      'name_en', name_en,
      'difference', case when added then 'added' when removed then 'removed'
        when moved then 'moved' else 'changed' end,
      'replaced_by', case when removed then (
        select coalesce(json_agg(g.identifier order by g.identifier), '[]') from replacing g
        where g.former_identifier = differing.identifier and exists (select from items i
          where i.present and i.part = 'competency' and i.identifier = g.identifier))
        else '[]' end,
      'fields', case when added or removed or fields is null then '[]' else fields end)
    order by array_position(array['version', 'scale', 'competency'], part), place,
      removed desc, identifier),
    '[]') from differing)
)::text, 'UTF8'), null::text, null::text, null::text
from compared
"""
between_versions = Statement(_SQL, [("id", None), ("since", None)])
"""What `id` says otherwise than `since`, or than what it was copied from. Nothing where the reader
does not see them, or they are of two frameworks."""
