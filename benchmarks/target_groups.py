"""Who of 200,000 learners is of a target group, beside reading all of their rows once.

Most of them have completed two trainings. Rules are what schemes ask for: a few parts, all of them,
and a rule for everybody.
"""

import json
import time
from typing import Any, NamedTuple

import asyncpg
import httpx

CODE = "BENCH-TARGET"
ROUNDS = 5
GOAL = 3
"""Times as long as reading the rows."""
STATEMENTS = 2
"""Of one answer: one reads the rule, one finds who is of the group."""
RULES: dict[str, dict[str, Any]] = {
    "everybody": {},
    "new officers of provinces": {
        "organization_kinds": ["province"],
        "leadership_levels": ["none"],
        "max_years_in_service": 5,
        "not_trained": {"kinds": ["basic"]},
    },
    "officers of provinces to go on": {
        "organization_kinds": ["province"],
        "trained": {"kinds": ["basic"], "since": "2016-01-01"},
        "not_trained": {"kinds": ["advanced"]},
    },
    "speakers": {"languages": [{"language": "en", "min_level": 4}]},
    "holders of a job position": {"job_position_ids": ["{position}"]},
    "all parts": {
        "organization_kinds": ["ministry", "province"],
        "leadership_levels": ["none", "division"],
        "categories": ["civil_servant", "public_employee"],
        "fields": ["consular", "protocol_and_events"],
        "min_years_in_service": 2,
        "max_years_in_service": 25,
        "languages": [{"language": "en", "min_level": 3}, {"language": "zh", "min_level": 3}],
        "trained": {"kinds": ["basic"]},
        "not_trained": {"kinds": ["advanced"], "since": "2021-01-01"},
    },
}

_TRAININGS = """
insert into trainings (organization_id, learner_id, kind, field, title, completed_on)
select l.organization_id, l.id, k.kind, null, 'Bồi dưỡng', date '2015-01-01' + (h & 2047)
from learners l cross join lateral (select hashtext(l.id::text)) as r (h)
cross join lateral (values ('basic', h & 3 > 0), ('advanced', h & 7 > 4)) as k (kind, has)
where k.has
"""
_VERSIONS = """
with academy as (
  select id from organizations where kind = 'academy'
), curriculum as (
  insert into curricula (organization_id, code, year, kind)
  select academy.id, $1 || '-' || n, 2026, 'basic' from academy, generate_series(1, $2::integer) n
  returning id, organization_id, code
)
insert into curriculum_versions (organization_id, curriculum_id, number, title_vi, title_en, hours,
  target_group)
select c.organization_id, c.id, 1, r.name, r.name, 1,
  replace(r.rule::text, '{position}',
    (select id from job_positions where code = 'BENCH-0')::text)::jsonb
from curriculum c join (
  select ordinality as n, key as name, value as rule from jsonb_each($3) with ordinality
) as r on c.code = $1 || '-' || r.n
"""
_TITLES = """
insert into job_position_titles (organization_id, title, job_position_id)
select p.organization_id, t.position_title, p.id
from job_positions p, (
  select position_title from learners group by 1 order by count(*) desc limit 1
) as t
where p.code = 'BENCH-0'
on conflict do nothing
"""
_READ = "select count(*) from learners where status <> 'left'"
"""Each row, as far as its status, which is what every target group asks for."""
_AS_THEY_LIE = """
set max_parallel_workers_per_gather = 0;
set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off
"""
_STATEMENTS = """
select sum(calls)::integer from pg_stat_statements s join pg_roles r on r.oid = s.userid
where s.query like '%enter_scope_and_read%' and toplevel and not rolsuper
"""


async def load(owner: asyncpg.Connection) -> None:
    """As somebody whom no row policy binds, after competencies."""
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    await owner.execute(_TITLES)
    await owner.execute(_TRAININGS)
    await owner.execute(_VERSIONS, CODE, len(RULES), json.dumps(RULES))


class Pace(NamedTuple):
    """Seconds."""

    group: float
    read: float


class Finding(NamedTuple):
    paces: list[Pace]
    statements: int


async def findings(port: int, token: str, owner_url: str) -> dict[str, Finding]:
    """What each target group costs the Academy, who sees everybody."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute(_AS_THEY_LIE)
    versions = await owner.fetch(
        "select v.id, v.title_en from curriculum_versions v join curricula c"
        " on c.id = v.curriculum_id where c.code like $1 || '%'",
        CODE,
    )
    found = {}
    base_url, headers = f"http://127.0.0.1:{port}/v1", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60) as client:
        for id, name in versions:
            paces = []
            for _ in range(ROUNDS + 1):
                began = time.perf_counter()
                people = await owner.fetchval(_READ)
                between = time.perf_counter()
                await owner.execute("select pg_stat_statements_reset()")
                asked = time.perf_counter()
                answer = await client.get(f"/curriculum-versions/{id}/target-group")
                paces.append(Pace(time.perf_counter() - asked, between - began))
                assert answer.json()["people"] == people
            statements = await owner.fetchval(_STATEMENTS)
            found[name] = Finding(paces[1:], statements)  # the first time plans are made
    await owner.close()
    return found
