"""The limit: what Python and PostgreSQL can do when nothing else is asked of them.

Raw ASGI on an asyncpg pool, JSON made by PostgreSQL, no tokens, no tenancy, no log, no validation.
"""

import json
import os
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from app.competencies import attainment_queries
from app.curricula import queries as curricula
from benchmarks import courses

POOL_SIZE = 8
_WRITTEN = """to_char({0} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
_MOMENT = f"{_WRITTEN} as {{0}}"
LEARNER = f"""
  id, version, {_MOMENT.format("created_at")}, {_MOMENT.format("updated_at")}, organization_id,
  external_id, full_name, birth_date, email, phone, unit_id, position_title, rank,
  leadership_level, category, position_since, fields, languages, recruited_on, status,
  status_since, attributes, national_id_tail, data_set, missing_since, protected_fields
"""
_PAGE = """
  select coalesce(json_agg(learner), '[]')::text from (
    select {columns} from learners {where} order by sort_key, id limit 50
  ) as learner
"""
PAGE = _PAGE.format(columns=LEARNER, where="where organization_id = $1")
EVERYBODY = _PAGE.format(columns=LEARNER, where="")
ONE = f"select row_to_json(l)::text from (select {LEARNER} from learners where id = $1) as l"
PROFILE = attainment_queries.profile.sql
"""The same statement, without row policies."""
CURRICULUM = curricula.whole_version
_OF_SESSION = f"{_WRITTEN.format('s.{0}')} as {{0}}"
SESSIONS = f"""
  select coalesce(json_agg(session), '[]')::text from (
    select s.id, s.version, {_OF_SESSION.format("created_at")},
      {_OF_SESSION.format("updated_at")}, s.organization_id, s.course_id,
      c.code as course_code, c.title_vi as course_title_vi, c.title_en as course_title_en,
      s.module_id, s.title_vi, s.title_en, {_OF_SESSION.format("starts_at")},
      {_OF_SESSION.format("ends_at")}, s.zone, s.mode, s.planned_minutes,
      s.tentative, s.state, s.sequence, s.cancelled_because, (
        select coalesce(json_agg(json_build_object('room_id', r.id, 'code', r.code,
          'name_vi', r.name_vi, 'name_en', r.name_en, 'address', r.address) order by r.code), '[]')
        from session_rooms p join rooms r on r.id = p.room_id
        where p.session_id = s.id and p.released_at is null) as rooms, (
        select coalesce(json_agg(json_build_object('instructor_id', i.id, 'full_name', i.full_name,
          'affiliation', i.affiliation) order by i.sort_key, i.id), '[]')
        from session_instructors p join instructors i on i.id = p.instructor_id
        where p.session_id = s.id and p.released_at is null) as instructors, '[]'::json as warnings
    from course_sessions s join courses c on c.id = s.course_id
    where tstzrange(s.starts_at, s.ends_at) && tstzrange(
      $1::date::timestamp at time zone 'Asia/Ho_Chi_Minh',
      $2::date::timestamp at time zone 'Asia/Ho_Chi_Minh')
    order by s.starts_at, s.id limit $3
  ) as session
"""
ADD = f"""
  with learners as (
    insert into learners (organization_id, external_id, full_name, sort_key, search_text,
      position_title, leadership_level, category, position_since, fields, languages, status,
      status_since, attributes)
    values ($1, $2, $3, $3, $3, $4, 'none', 'civil_servant', current_date, '{{}}', '[]', 'active',
      current_date, '{{}}')
    returning *
  ) select row_to_json(l)::text from (select {LEARNER} from learners) as l
"""
SEAT = """
  with s as (
    update bench_courses set taken = taken + 1 where id = $1 and taken < places and exists (
      select from learners where id = $2) returning id
  ), n as (
    insert into bench_nominations (course_id, learner_id, organization_id, state)
    select s.id, l.id, l.organization_id, 'confirmed' from s, learners l where l.id = $2
    returning *
  ) select row_to_json(n)::text from n
"""
"""The same insert with a check of the places, in the form that leaks no seat: one that is refused
is not counted."""

pool: asyncpg.Pool


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    _, action, *rest = scope["path"].split("/")
    status, body = 200, b""
    if action == "page":
        body = b'{"items":%s,"next":null}' % (await pool.fetchval(PAGE, UUID(rest[0]))).encode()
    elif action == "everybody":
        body = b'{"items":%s,"next":null}' % (await pool.fetchval(EVERYBODY)).encode()
    elif action == "one":
        body = (await pool.fetchval(ONE, UUID(rest[0]))).encode()
    elif action == "profile":
        body = (await pool.fetchrow(PROFILE, UUID(rest[0]), None))[0]
    elif action == "curriculum":
        values = (UUID(rest[0]) if name == "id" else value for name, value in CURRICULUM.values)
        body = (await pool.fetchrow(CURRICULUM.sql, *values))[0]
    elif action == "month":
        days = map(date.fromisoformat, rest)
        body = b'{"items":%s}' % (await pool.fetchval(SESSIONS, *days, courses.PAGE)).encode()
    elif action == "add":
        given = json.loads((await receive())["body"])
        values = given["external_id"], given["full_name"], given["position_title"]
        status, body = 201, (await pool.fetchval(ADD, UUID(rest[0]), *values)).encode()
    elif action == "seat":
        learner = UUID(json.loads((await receive())["body"])["learner_id"])
        status, body = 201, (await pool.fetchval(SEAT, UUID(rest[0]), learner)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Any, send: Any) -> None:
    global pool  # noqa: PLW0603 -- the shortest way to keep one pool
    await receive()
    pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE, reset=_leave_as_is
    )
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def _leave_as_is(_: object) -> None:
    """No round trip to clean a connection on which nothing was left."""
