"""Nominations and confirmations, and a hundred callers at once for a few seats.

One nomination and one confirmation, each a request with all checks, beside the same insert with a
check of the capacity behind raw ASGI: from a few connections, for a few courses.
"""

import asyncio
import json
import time
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx

from benchmarks import load

CODE = "SEATS"
SESSIONS = 4
"""Of the course, each of which is booked for whoever is confirmed."""
PEOPLE, COURSES, ROUNDS = 320, 16, 5
"""How many are nominated and confirmed in a round, for how many courses."""
GOAL = 0.40
CALLERS, SEATS, RACES = 100, 30, 100

_LEARNERS = """
  insert into learners (organization_id, external_id, full_name, sort_key, search_text,
    position_title, leadership_level, category, position_since, fields, languages, status,
    status_since, attributes)
  select o.id, $1 || n || gen_random_uuid(), 'Nguyễn Văn ' || n, 'van nguyen', 'nguyen van',
    'Chuyên viên', 'none', 'civil_servant', '2024-01-01', '{}', '[]', 'active', '2024-01-01', '{}'
  from organizations o, generate_series(1, $2::integer) n where o.code = 'VN-04' returning id
"""
_COURSE = """
  insert into courses (organization_id, code, title_vi, title_en, year, curriculum_version_id,
    starts_on, ends_on, mode, max_places, completion_rule, state, opened_at)
  select v.organization_id, $1 || gen_random_uuid(), 'Đo', 'Benchmark', 2028, v.id, '2028-03-01',
    '2028-03-31', 'hybrid', $2, '{"attendance_share": 80, "modalities": ["in_person"],
    "participation": null}', 'open', now()
  from curriculum_versions v where v.state = 'published' and v.extends_version_id is null
  limit 1 returning id
"""
_SESSIONS = """
  insert into course_sessions (organization_id, course_id, title_vi, title_en, starts_at, ends_at,
    zone, mode, planned_minutes)
  select c.organization_id, c.id, 'Buổi ' || n, 'Session ' || n,
    (c.starts_on + n + time '08:00') at time zone 'Asia/Ho_Chi_Minh',
    (c.starts_on + n + time '11:30') at time zone 'Asia/Ho_Chi_Minh', 'Asia/Ho_Chi_Minh',
    'in_person', 180
  from courses c, generate_series(1, $2::integer) n where c.id = $1
"""
_PLAIN = (
    "create table if not exists bench_courses (id uuid primary key, taken integer, places integer)",
    """
    create table if not exists bench_nominations (id uuid primary key default uuidv7(),
      course_id uuid references bench_courses, learner_id uuid references learners,
      organization_id uuid, state text, created_at timestamptz default now(),
      unique (course_id, learner_id))
    """,
    "truncate bench_courses, bench_nominations",
)


class Pace(NamedTuple):
    """Seconds for all of a round."""

    limit: float
    nominated: float
    confirmed: float


class Findings(NamedTuple):
    paces: list[Pace]
    races: int
    """In which every seat was taken, once, and nothing but 409 was answered besides."""
    seconds: float
    """For one race, at the median."""


class Asking(NamedTuple):
    """For one nomination or confirmation in each request, of who or which it is."""

    service: int
    limit: int
    token: str

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.service}/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
            limits=httpx.Limits(max_connections=CALLERS),
        )

    async def seconds(self, what: str, of: list[tuple[UUID, UUID]]) -> float:
        requests = [self._request(what, *each) for each in of]
        return await asyncio.to_thread(load.seconds, requests)

    def _request(self, what: str, course: UUID, id: UUID) -> load.Request:
        if what == "seat":
            body = json.dumps({"learner_id": str(id)})
            return load.request(self.limit, f"/seat/{course}", body=body)
        said = _nominating([id]) if what == "nominations" else _deciding([id], "confirm")
        path = f"/v1/courses/{course}/{what}"
        return load.request(self.service, path, self.token, body=json.dumps(said), status=200)


async def findings(port: int, limit: int, academy: str, database: str) -> Findings:
    owner = await asyncpg.connect(database)
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    for statement in _PLAIN:
        await owner.execute(statement)
    asking = Asking(port, limit, academy)
    paces = [await _pace(owner, asking) for _ in range(ROUNDS + 1)][1:]
    races = [await _race(owner, asking) for _ in range(RACES)]
    await owner.close()
    won = [seconds for seconds in races if seconds is not None]
    return Findings(paces, len(won), sorted(won)[len(won) // 2] if won else 0.0)


async def _pace(owner: asyncpg.Connection, asking: Asking) -> Pace:
    known = [await _course(owner, PEOPLE // COURSES, None) for _ in range(COURSES)]
    for course, _ in known:
        await owner.execute("insert into bench_courses values ($1, 0, $2)", course, PEOPLE)
    seats = [(course, ids[n]) for n in range(PEOPLE // COURSES) for course, ids in known]
    limit = await asking.seconds("seat", seats)
    nominated = await asking.seconds("nominations", seats)
    rows = await owner.fetch(
        "select id, course_id from nominations where course_id = any ($1) order by rank, course_id",
        [course for course, _ in known],
    )
    async with asking.client() as client:
        for course, _ in known:
            ids = [row["id"] for row in rows if row["course_id"] == course]
            assert (await _decided(client, course, ids, "check")).status_code == 200
    confirmed = await asking.seconds("decisions", [(row["course_id"], row["id"]) for row in rows])
    return Pace(limit, nominated, confirmed)


async def _race(owner: asyncpg.Connection, asking: Asking) -> float | None:
    """How long it took; None when it went wrong."""
    course, learners = await _course(owner, CALLERS, SEATS)
    async with asking.client() as client:
        ids = await _nominated(client, course, learners)
        await _decided(client, course, ids, "check")
        began = time.perf_counter()
        answers = await asyncio.gather(*(_decided(client, course, [id], "confirm") for id in ids))
        seconds = time.perf_counter() - began
    said = sorted(answer.status_code for answer in answers)
    taken = await owner.fetchval("select sum(taken) from seat_pools where course_id = $1", course)
    right = said == [200] * SEATS + [409] * (CALLERS - SEATS) and taken == SEATS
    return seconds if right else None


async def _course(
    owner: asyncpg.Connection, people: int, places: int | None
) -> tuple[UUID, list[UUID]]:
    course = await owner.fetchval(_COURSE, CODE, places)
    await owner.execute(_SESSIONS, course, SESSIONS)
    rows = await owner.fetch(_LEARNERS, f"{CODE}-", people)
    return course, [row["id"] for row in rows]


def _nominating(learners: list[Any]) -> dict[str, Any]:
    letter = {"number": "1/K", "date": "2026-11-16"}
    return {"letter": letter, "learners": [{"learner_id": str(id)} for id in learners]}


def _deciding(ids: list[Any], decision: str) -> dict[str, Any]:
    return {"decisions": [{"nomination_id": str(id), "decision": decision} for id in ids]}


async def _nominated(client: httpx.AsyncClient, course: UUID, learners: list[UUID]) -> list[str]:
    answer = await client.post(f"/courses/{course}/nominations", json=_nominating(learners))
    assert answer.status_code == 200, answer.text
    return [each["nomination_id"] for each in answer.json()["people"]]


async def _decided(
    client: httpx.AsyncClient, course: UUID, ids: list[Any], decision: str
) -> httpx.Response:
    return await client.post(f"/courses/{course}/decisions", json=_deciding(ids, decision))
