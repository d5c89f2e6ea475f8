"""A published curriculum of 40 modules, whole: common part and own, competencies and materials.

Beside it stand as many modules of others as a country has in some years.
"""

import asyncpg

CODE, MODULES, COMMON, OTHERS = "BENCH-CT", 40, 30, 1_000
"""Of the extension that is read; how many modules it has, how many of them in the common part."""
STATEMENTS = 3
"""That one answer may take."""

_MATERIALS = """
with academy as (
  select id from organizations where kind = 'academy'
), made as (
  insert into materials (organization_id, title_vi, title_en, language, visibility, search_text)
  select id, 'Tài liệu ' || n, 'Material ' || n, 'vi', 'public', 'tai lieu ' || n
  from academy, generate_series(1, 20) n returning *
)
insert into material_versions (organization_id, material_id, number, kind, url)
select organization_id, id, 1, 'link', 'https://example.org/' || id from made
"""
_MODULES = """
with academy as (
  select id from organizations where kind = 'academy'
), module as (
  insert into modules (organization_id, code, kind)
  select id, 'BENCH-' || n, 'common' from academy, generate_series(1, $1::integer) n returning *
)
insert into module_versions (organization_id, module_id, number, title_vi, title_en,
  description_vi, description_en, domain, theory_hours, practice_hours, mode, expertise)
select organization_id, id, 1, 'Chuyên đề đối ngoại ' || code, 'Module of foreign affairs ' || code,
  repeat('Nội dung của chuyên đề. ', 8), repeat('What the module is about. ', 8), 'skill', 4, 6,
  'in_person', '{Lễ tân}'
from module
"""
_OUTCOMES = """
insert into module_outcomes (organization_id, module_version_id, position, text_vi, text_en)
select organization_id, id, n, 'Làm được việc thứ ' || n, 'Does thing ' || n
from module_versions, generate_series(1, 4) n
"""
_LEADS = """
insert into module_competencies (organization_id, module_version_id, framework_id,
  framework_version_id, competency_identifier, scale_identifier, level)
select m.organization_id, m.id, v.framework_id, v.id, c.identifier, c.scale_identifier, 3
from (select *, row_number() over (order by id) as nth from module_versions) as m
join framework_versions v on v.state = 'published'
join competencies c on c.framework_version_id = v.id
  and c.position % 13 = m.nth % 13 and c.scale_identifier is not null
"""
_USED = """
insert into module_materials (organization_id, module_version_id, material_version_id, position)
select m.organization_id, m.id, u.id, 1 + u.nth % 2
from (select *, row_number() over (order by id) as nth from module_versions) as m
join (select *, row_number() over (order by id) - 1 as nth from material_versions
  where kind = 'link') as u on u.nth / 2 = m.nth % 10
"""
_PUBLISH = "update module_versions set state = 'published', published_on = '2026-01-01'"
_CURRICULUM = """
with made as (
  insert into curricula (organization_id, code, year, kind, extends_curriculum_id)
  select o.id, $1, 2026, 'basic',
    (select id from curricula where code = $1 || '-COMMON' and o.kind <> 'academy')
  from organizations o where o.code = $2 returning *
)
insert into curriculum_versions (organization_id, curriculum_id, number, title_vi, title_en, hours,
  extension_hours_min, extension_hours_max, extends_curriculum_id, extends_version_id)
select organization_id, id, 1, 'Chương trình', 'Curriculum', 10 * $3::integer, 0, 1000,
  extends_curriculum_id,
  (select v.id from curriculum_versions v where v.curriculum_id = made.extends_curriculum_id)
from made returning id
"""
_HAS = """
insert into curriculum_modules (organization_id, curriculum_version_id, module_id,
  module_version_id, position, mandatory)
select c.organization_id, c.id, v.module_id, v.id, v.nth, true
from curriculum_versions c, (
  select *, row_number() over (order by id) as nth from module_versions
) as v
where c.id = $1 and v.nth > $2 and v.nth <= $2 + $3::integer
"""
_STEPS = (
    "state = 'in_review'",
    "state = 'approved', document_number = '1', issuing_body = 'x', issued_on = '2026-01-01'",
    "state = 'published', published_on = '2026-01-01'",
)


async def load(owner: asyncpg.Connection, place: str) -> None:
    """Of the organisation with this code; after the framework that competencies.py loads."""
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    await owner.execute(_MATERIALS)
    await owner.execute(_MODULES, OTHERS)
    for statement in (_OUTCOMES, _LEADS, _USED, _PUBLISH):
        await owner.execute(statement)
    await _publish(owner, f"{CODE}-COMMON", "DAV", 0, COMMON)
    await _publish(owner, CODE, place, COMMON, MODULES - COMMON)


async def _publish(
    owner: asyncpg.Connection, code: str, place: str, after: int, modules: int
) -> None:
    version = await owner.fetchval(_CURRICULUM, code, place, modules)
    await owner.execute(_HAS, version, after, modules)
    for step in _STEPS:
        await owner.execute(f"update curriculum_versions set {step} where id = $1", version)
