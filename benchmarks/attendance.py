"""The roll of 200 learners, taken in one request, beside 200 rows that go into PostgreSQL as fast
as they can.

The limit is one statement over arrays into a table with the same columns and indexes, without
policies and triggers. Each request corrects everybody, so that each adds 200 rows to the ledger.
"""

import time
from typing import NamedTuple
from uuid import UUID

import asyncpg
import httpx

LEARNERS, ROUNDS, TIMES = 200, 5, 10
GOAL = 0.05
CODE = "BENCH-ROLL"

_COURSE = """
insert into courses (organization_id, code, title_vi, title_en, year, curriculum_version_id,
  starts_on, ends_on, mode, completion_rule, state, opened_at)
select v.organization_id, $1, 'Khóa', 'Course', 2026, v.id, '2026-01-05', '2026-01-09',
  'in_person', '{"attendance_share": 80, "modalities": ["in_person"], "participation": null}',
  'running', now()
from curriculum_versions v where v.state = 'published' and v.extends_version_id is null limit 1
returning id
"""
_SESSION = """
insert into course_sessions (organization_id, course_id, title_vi, title_en, starts_at, ends_at,
  zone, mode, planned_minutes)
select organization_id, id, 'Buổi học', 'Session', '2026-01-05T01:00:00Z', '2026-01-05T04:00:00Z',
  'Asia/Ho_Chi_Minh', 'in_person', 180
from courses where id = $1 returning id
"""
_ENROL = """
insert into nominations (organization_id, host_id, course_id, learner_id, rank, state)
select l.organization_id, c.organization_id, c.id, l.id, row_number() over (), 'enrolled'
from courses c cross join lateral (select * from learners limit $2::integer) as l
where c.id = $1 returning learner_id
"""
_BARE = "create table if not exists bench_entries (like attendance_entries including all)"
_LIMIT = """
insert into bench_entries (organization_id, course_id, session_id, nomination_id, learner_id,
  aspect, minutes, source, recorded_by)
select $1, $2, $3, n, l, 'in_person', $6, 'sheet', 'bench'
from unnest($4::uuid[], $5::uuid[]) as t (n, l)
"""


class Pace(NamedTuple):
    """Rows a second, of the service and of the limit."""

    roll: float
    limit: float


async def findings(port: int, token: str, owner_url: str) -> list[Pace]:
    owner = await asyncpg.connect(owner_url)
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    course, session, learners = await _prepared(owner)
    host = await owner.fetchval("select organization_id from courses where id = $1", course)
    found = await owner.fetch("select id, learner_id from nominations where course_id = $1", course)
    ids = [[row["id"] for row in found], [row["learner_id"] for row in found]]
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*"}
    path = f"http://127.0.0.1:{port}/v1/course-sessions/{session}/attendance"
    paces, minutes = [], 0
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            for _ in range(TIMES):
                minutes = minutes % 170 + 1
                rows = [{"learner_id": str(id), "in_person_minutes": minutes} for id in learners]
                (await client.put(path, json={"learners": rows})).raise_for_status()
            taken = time.perf_counter()
            for _ in range(TIMES):
                await owner.execute(_LIMIT, host, course, session, *ids, minutes)
            ended = time.perf_counter()
            rows_added = TIMES * len(learners)
            paces.append(Pace(rows_added / (taken - began), rows_added / (ended - taken)))
    await owner.execute("drop table bench_entries")
    await owner.close()
    return paces[1:]  # plans are made, caches filled


async def _prepared(owner: asyncpg.Connection) -> tuple[UUID, UUID, list[UUID]]:
    await owner.execute(_BARE)
    course = await owner.fetchval("select id from courses where code = $1", CODE)
    if course is None:
        course = await owner.fetchval(_COURSE, CODE)
        await owner.fetchval(_SESSION, course)
        await owner.fetch(_ENROL, course, LEARNERS)
    session = await owner.fetchval("select id from course_sessions where course_id = $1", course)
    found = await owner.fetch("select learner_id from nominations where course_id = $1", course)
    return course, session, [row["learner_id"] for row in found]
