"""What is otherwise in one version of a framework than in another, found by PostgreSQL."""

from app.core.view_statements import Statement

# Each version is taken apart into facts: part, identifier, field and value. Facts that differ are
# changes; identifiers that only one has were added or removed. Somebody who stands below another
# than before has moved, and so has who comes elsewhere among the siblings that both versions have.
# Versions are joined in full, which PostgreSQL never does by loops, however few rows it expects.
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
), placed as (
  select *, part = 'competency' and not added and not removed and (
    parent_identifier is distinct from former_parent
    or row_number() over (siblings order by present_place)
      <> row_number() over (siblings order by former_place)) as moved
  from (
    select part, identifier, n.present is null as removed, o.present is null as added,
      coalesce(n.code, o.code) as code, coalesce(n.name_vi, o.name_vi) as name_vi,
      coalesce(n.name_en, o.name_en) as name_en, n.place as present_place, o.place as former_place,
      n.parent_identifier, o.parent_identifier as former_parent
    from (select * from items where not present) o
    full join (select * from items where present) n using (part, identifier)
  ) as paired
  window siblings as (partition by part, added, removed, parent_identifier, former_parent)
), replaced (former_identifier, identifier) as (
  select r.former_identifier, r.identifier
  from compared join framework_versions v on v.framework_id = compared.framework_id
    and v.number > former_number and v.number <= present_number
    and (v.state <> 'discarded' or v.id = present_id)
  join competency_replacements r on r.framework_version_id = v.id
), replacing (former_identifier, identifier) as (
  select former_identifier, identifier from replaced
  union
  select g.former_identifier, r.identifier
  from replacing g join replaced r on r.former_identifier = g.identifier
), differing as (
  select placed.*, coalesce(present_place, former_place) as place, c.fields
  from placed full join changed c using (part, identifier)
  where added or removed or moved or c.fields is not null
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
    '[]') from differing where present_id is distinct from former_id)
)::text, 'UTF8'), null::text, null::text, null::text
from compared
"""
between_versions = Statement(_SQL, [("id", None), ("since", None)])
"""What `id` says otherwise than `since`, or than what it was copied from. Nothing where the reader
does not see them, or they are of two frameworks."""
