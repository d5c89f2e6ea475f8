"""Gaps of an organisation of 2,000 people, and one learner's profile.

Each of them has a job position that requires 40 competencies, and ten pieces of evidence for each.
Gaps are compared with counting these pieces, right before, by somebody whom no row policy binds.
"""

import time
from typing import NamedTuple

import asyncpg
import httpx

PEOPLE, COMPETENCIES, PIECES, POSITIONS = 2_000, 40, 10, 8
CODE = "BENCH"
"""Of the organisation, and of what is the Academy's."""
ACCOUNT = "gaps"
"""Of its coordinator."""
ROUNDS = 5
GOAL = 5
"""Times as long as counting the evidence."""
WAYS = ("domain", "competency", "unit")
"""By which gaps are counted."""
AT_ONCE = 200
"""People whose evidence is recorded in one statement."""

_ORGANIZATION = """
with academy as (
  select id from organizations where kind = 'academy'
), made as (
  insert into organizations (code, kind, name_vi, name_en, short_name_vi, parent_id, opened_on)
  select $1, 'province', 'Đo hiệu năng', 'Benchmark', $1, id, '2008-08-01' from academy
  returning id
), unit as (
  insert into units (organization_id, code, name_vi, name_en)
  select made.id, 'P' || n, 'Phòng ' || n, 'Division ' || n from made, generate_series(1, 10) n
  returning id, organization_id, code
)
insert into learners (organization_id, external_id, full_name, sort_key, search_text, unit_id,
  position_title, leadership_level, category, position_since, fields, languages, status,
  status_since, attributes)
select u.organization_id, 'G-' || n, 'Nguyễn Văn ' || n, 'van nguyen ' || n, 'nguyen van ' || n,
  u.id, 'Vị trí ' || n % $3, 'none', 'civil_servant', '2024-01-01', '{}', '[]', 'active',
  '2024-01-01', '{}'
from generate_series(1, $2::integer) n join unit u on u.code = 'P' || (n % 10 + 1)
"""
_ACCOUNT = """
with made as (
  insert into users (email, name) values ($2 || '@bench.example', $2) returning id
)
insert into memberships (user_id, organization_id, role)
select made.id, o.id, 'coordinator' from made, organizations o where o.code = $1
"""
_FRAMEWORK = """
with academy as (
  select id from organizations where kind = 'academy'
), framework as (
  insert into competency_frameworks (organization_id, code) select id, $1 from academy
  returning id, organization_id
), version as (
  insert into framework_versions (organization_id, framework_id, number, title_vi, title_en)
  select organization_id, id, 1, 'Đo', 'Benchmark' from framework returning id, organization_id
), scale as (
  insert into proficiency_scales (organization_id, framework_version_id, name_vi, name_en,
    proficient_level, position)
  select organization_id, id, 'Năm bậc', 'Five levels', 3, 1 from version
  returning organization_id, framework_version_id, identifier
), levels as (
  insert into proficiency_levels (organization_id, framework_version_id, scale_identifier, level,
    name_vi, name_en)
  select organization_id, framework_version_id, identifier, n, 'Bậc ' || n, 'Level ' || n
  from scale, generate_series(1, 5) n
)
insert into competencies (organization_id, framework_version_id, position, kind, domain, code,
  name_vi, name_en, scale_identifier, attainment_rule)
select organization_id, framework_version_id, n, 'competency',
  (array['knowledge', 'skill', 'conduct'])[n % 3 + 1], 'C.' || n,
  'Năng lực đối ngoại số ' || n, 'Competency of foreign affairs ' || n, identifier,
  (array['best', 'latest', 'source_priority'])[n % 3 + 1]
from scale, generate_series(1, $2::integer) n
"""
_PUBLISH = """
update framework_versions set state = 'published', published_on = '2026-01-01'
where framework_id = (select id from competency_frameworks where code = $1)
"""
_POSITIONS = """
with academy as (
  select id from organizations where kind = 'academy'
), made as (
  insert into job_positions (organization_id, code, name_vi, name_en)
  select id, $1 || '-' || n, 'Vị trí ' || n, 'Position ' || n
  from academy, generate_series(0, $2 - 1) n
  returning id, organization_id, name_vi
), title as (
  insert into job_position_titles (organization_id, title, job_position_id)
  select organization_id, name_vi, id from made
)
insert into job_position_requirements (organization_id, job_position_id, framework_id,
  framework_version_id, competency_identifier, scale_identifier, required_level, desired_level,
  weight, since)
select m.organization_id, m.id, v.framework_id, v.id, c.identifier, c.scale_identifier,
  2 + c.position % 3, 3 + c.position % 3, 1 + c.position % 4, '2026-01-01'
from made m, competency_frameworks f join framework_versions v on v.framework_id = f.id
join competencies c on c.framework_version_id = v.id
where f.code = $1
"""
_EVIDENCE = """
insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
  competency_identifier, scale_identifier, type, level, achieved_on, valid_until, recorded_by)
select l.organization_id, l.id, v.framework_id, v.id, c.identifier, c.scale_identifier,
  (array['assessment', 'supervisor_rating', 'self_declared', 'mentored_work'])[n % 4 + 1],
  1 + abs(hashint8(hashtext(l.id::text)::bigint * 1000 + c.position * 10 + n)) % 5,
  date '2025-01-01' + n * 30, case when n % 5 = 0 then date '2029-01-01' end, 'benchmark'
from (
  select l.* from learners l join organizations o on o.id = l.organization_id
  where o.code = $1 order by l.id limit $2 offset $3
) l, competency_frameworks f join framework_versions v on v.framework_id = f.id
join competencies c on c.framework_version_id = v.id, generate_series(1, $4::integer) n
where f.code = $1
"""


async def load(owner: asyncpg.Connection) -> None:
    """As somebody whom no row policy binds."""
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    await owner.execute(_ORGANIZATION, CODE, PEOPLE, POSITIONS)
    await owner.execute(_ACCOUNT, CODE, ACCOUNT)
    await owner.execute(_FRAMEWORK, CODE, COMPETENCIES)
    await owner.execute(_PUBLISH, CODE)
    await owner.execute(_POSITIONS, CODE, POSITIONS)
    for done in range(0, PEOPLE, AT_ONCE):
        await owner.execute(_EVIDENCE, CODE, AT_ONCE, done, PIECES)


class Pace(NamedTuple):
    """Seconds."""

    gaps: float
    count: float


async def findings(port: int, token: str, owner_url: str) -> dict[str, list[Pace]]:
    """What the gaps of the whole organisation cost, as its coordinator gets them."""
    owner = await asyncpg.connect(owner_url)
    found: dict[str, list[Pace]] = {by: [] for by in WAYS}
    base_url, headers = f"http://127.0.0.1:{port}/v1", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60) as client:
        for _ in range(ROUNDS + 1):
            for by, paces in found.items():
                began = time.perf_counter()
                counted = await owner.fetchval("select count(*) from evidence")
                between = time.perf_counter()
                answer = await client.get("/gaps", params={"by": by})
                paces.append(Pace(time.perf_counter() - between, between - began))
                assert counted == PEOPLE * COMPETENCIES * PIECES
                assert sum(cell["requirements"] for cell in answer.json()["cells"]) == (
                    PEOPLE * COMPETENCIES
                )
    await owner.close()
    return {by: paces[1:] for by, paces in found.items()}  # the first time plans are made
