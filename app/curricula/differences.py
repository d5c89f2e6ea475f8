"""What is otherwise in one version of a curriculum than in another, found by PostgreSQL."""

import json

from app.core.view_statements import Statement
from app.curricula.words import of_difference

# Each version is taken apart into facts: the module that they are of (none for the version's own),
# field and value. Facts that differ are changes; modules that only one has were added or removed.
# A module has moved that comes elsewhere among those which both versions have.
_SQL = """
with compared as (
  select p.id as present_id, f.id as former_id
  from curriculum_versions p join curricula c on c.id = p.curriculum_id
  left join curriculum_versions f on f.id = coalesce($2::uuid, p.based_on_id, (
    select v.id from curriculum_versions v
    where v.curriculum_id = c.cloned_from_id and v.published_on is not null
    order by v.number desc limit 1))
  where p.id = $1::uuid and ($2::uuid is null or f.id is not null)
), versions as (
  select v.id = present_id as present, v.*
  from compared join curriculum_versions v on v.id in (present_id, former_id)
), modules_had as (
  select versions.present, m.module_id, m.module_version_id, m.position, m.mandatory, r.code,
    v.number as module_version, v.title_vi, v.title_en, v.theory_hours + v.practice_hours
      + v.self_study_hours + v.on_the_job_hours as hours, to_jsonb(v) as said
  from versions join curriculum_modules m on m.curriculum_version_id = versions.id
  join module_versions v on v.id = m.module_version_id
  join modules r on r.id = m.module_id
), facts (present, key, field, value) as (
  select present, '', f.key, f.value
  from versions cross join lateral jsonb_each(to_jsonb(versions)) as f
  where f.key in ('title_vi', 'title_en', 'description_vi', 'description_en', 'hours',
    'target_group', 'extension_hours_min', 'extension_hours_max', 'extension_domains')
  union all
  select present, '', 'year', to_jsonb(c.year)
  from versions join curricula c on c.id = versions.curriculum_id
  union all
  select present, '', 'extends_version', to_jsonb(v.number)
  from versions join curriculum_versions v on v.id = versions.extends_version_id
  union all
  select present, module_id::text, 'mandatory', to_jsonb(mandatory) from modules_had
  union all
  select present, module_id::text, 'module_version', to_jsonb(module_version) from modules_had
  union all
  select present, module_id::text, f.key, f.value
  from modules_had cross join lateral jsonb_each(said) as f
  where f.key in ('title_vi', 'title_en', 'description_vi', 'description_en', 'domain', 'mode',
    'expertise', 'theory_hours', 'practice_hours', 'self_study_hours', 'on_the_job_hours')
  union all
  select present, module_id::text, 'outcomes', (
    select jsonb_agg(jsonb_build_object('text_vi', o.text_vi, 'text_en', o.text_en)
      order by o.position)
    from module_outcomes o where o.module_version_id = modules_had.module_version_id)
  from modules_had
  union all
  select present, module_id::text, 'prerequisites', (
    select jsonb_agg(p.required_module_id order by p.required_module_id)
    from module_prerequisites p where p.module_version_id = modules_had.module_version_id)
  from modules_had
  union all
  select present, module_id::text, 'materials', (
    select jsonb_agg(u.material_version_id order by u.position)
    from module_materials u where u.module_version_id = modules_had.module_version_id)
  from modules_had
  union all
  select present, module_id::text, 'competencies/' || coalesce(c.code, c.identifier::text),
    to_jsonb(s.level)
  from modules_had join module_competencies s using (module_version_id)
  join competencies c on c.framework_version_id = s.framework_version_id
    and c.identifier = s.competency_identifier
), changed as (
  select key, json_agg(json_build_object('field', field,
    'before', coalesce(o.value, 'null'), 'after', coalesce(n.value, 'null')) order by field)
    as fields
  from (select * from facts where not present) o
  full join (select * from facts where present) n using (key, field)
  where coalesce(o.value, 'null') <> coalesce(n.value, 'null')
  group by key
), placed as (
  select *, not added and not removed and row_number() over (kept order by present_place)
    <> row_number() over (kept order by former_place) as moved
  from (
    select module_id, n.present is null as removed, o.present is null as added,
      coalesce(n.code, o.code) as code, coalesce(n.title_vi, o.title_vi) as title_vi,
      coalesce(n.title_en, o.title_en) as title_en, coalesce(n.hours, o.hours) as hours,
      n.position as present_place, o.position as former_place
    from (select * from modules_had where not present) o
    full join (select * from modules_had where present) n using (module_id)
  ) as paired
  window kept as (partition by added, removed)
), differing as (
  select 'version' as part, null::uuid as module_id, null as code, v.title_vi, v.title_en, v.hours,
    false as added, false as removed, false as moved, -1 as place, c.fields
  from changed c join versions v on v.present
  where c.key = ''
  union all
  select 'module', placed.module_id, code, title_vi, title_en, hours, added, removed, moved,
    coalesce(present_place, former_place), c.fields
  from placed left join changed c on c.key = placed.module_id::text
  where added or removed or moved or c.fields is not null
)
select convert_to(json_build_object(
  'curriculum_version_id', present_id,
  'since_version_id', former_id,
  'differences', (select coalesce(json_agg(json_build_object(
      'part', part,
      'module_id', module_id,
      'code', code,
      'title_vi', title_vi,
      'title_en', title_en,
      'hours', hours,
      'difference', case when added then 'added' when removed then 'removed'
        when moved then 'moved' else 'changed' end,
      'fields', case when added or removed or fields is null then '[]' else fields end)
    order by place, removed desc, module_id), '[]')
    from differing where present_id is distinct from former_id and (part = 'module'
      or former_id is not null))
)::text, 'UTF8'), null::text, null::text, null::text
from compared
"""
between_versions = Statement(_SQL, [("id", None), ("since", None)])
"""What `id` says otherwise than `since`, or than what it was copied from, also of another year.
Nothing where the reader does not see them."""


def in_words(body: bytes) -> bytes:
    """What the database compared, told in both languages."""
    found = json.loads(body)
    for difference in found["differences"]:
        words = of_difference(difference)
        del difference["hours"]
        difference |= {"message_vi": words.vi, "message_en": words.en}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
