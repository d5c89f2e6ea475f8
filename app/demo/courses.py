"""Courses of the Academy, as `courses.toml` plans them: as many in two years as the report on the
scheme counts, with their sessions and quotas.

Each is in the state that its days say when the demonstration is loaded. Those of 2025 taught what
came into force as a version in 2026.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples
from app.demo.rooms import ZONE

SATURDAY = 6
STATES = ("planned", "open", "closed", "running", "completed")
_FILE = Path(__file__).with_name("courses.toml")
_NOMINATED_BEFORE = timedelta(days=10)
_KNOWN_SESSIONS = {
    ("1275-CB-2026-05", 0): examples.ATTENDED_SESSION,
    ("1275-CB-2026-05", 1): examples.ONLINE_SESSION,
    ("1275-CB-2026-06", 0): examples.COURSE_SESSION,
    ("1275-CB-2027-01", 0): examples.PLANNED_SESSION,
    ("1275-CB-2027-01", 1): examples.UNWANTED_SESSION,
    ("1275-NN-2026-03", 9): examples.ENDED_SESSION,
}

_PLAN = """
  jsonb_to_recordset(cast(:plan as jsonb)) as g (id uuid, code text, curriculum text,
    number integer, of integer, year integer, starts_on date, ends_on date, mode text, room text,
    places integer, senior boolean, foreign_experts boolean, nominations_until date,
    track integer, state text)
"""
_HOLIDAYS = text("select day from working_day_exceptions where not working")
_COURSES = text(f"""
  insert into courses (id, organization_id, code, title_vi, title_en, year, curriculum_version_id,
    starts_on, ends_on, mode, senior, foreign_experts, min_places, max_places, nominations_until,
    release_days, completion_rule)
  select coalesce(g.id, uuidv7()), c.organization_id, g.code, v.title_vi || ', khóa ' || g.number,
    v.title_en || ', no. ' || g.number, g.year, v.id, g.starts_on, g.ends_on, g.mode, g.senior,
    g.foreign_experts, g.places / 4, g.places, g.nominations_until, 5,
    jsonb_build_object('attendance_share', 80, 'modalities', array['in_person', 'online'],
      'participation', case when g.senior then 'active' end)
  from {_PLAN}
  join curricula c on c.organization_id = :academy and c.code = g.curriculum and c.year = g.of
  join curriculum_versions v on v.curriculum_id = c.id and v.state = 'published'
""")  # noqa: S608 -- our own words
# All that everybody takes, and the first of the others.
_MODULES = text("""
  insert into course_modules (organization_id, course_id, curriculum_version_id, module_id)
  select c.organization_id, c.id, m.curriculum_version_id, m.module_id
  from courses c join curriculum_modules m on m.curriculum_version_id = c.curriculum_version_id
  where m.mandatory or m.position = (
    select min(o.position) from curriculum_modules o
    where o.curriculum_version_id = m.curriculum_version_id and not o.mandatory)
""")
# Provinces have the courses of one scheme, ministries and agencies those of the other: as many
# places each as there are, two at least, and some are left for everybody.
_MEMBERS = """
  with members as (
    select c.organization_id, c.id as course_id, o.id as member_id, c.max_places * 9 / 10 as given,
      greatest(2, c.max_places * 9 / 10 / count(*) over courses) as places,
      coalesce(g.code, o.code) as code,
      row_number() over (partition by c.id order by g.code, hashtextextended(c.code || o.code, 3))
        as place
    from courses c join (
      select id, code, kind, row_number() over (partition by kind order by code) as place
      from organizations where closed_on is null
    ) as o on case when c.code like '1275-%' then o.kind = 'province'
      else o.kind = 'ministry' and o.place <= 28 end
    left join jsonb_to_recordset(cast(:groups as jsonb))
      as g (curriculum text, code text, organizations text[])
      on c.code like g.curriculum || '-%' and o.code = any (g.organizations)
    window courses as (partition by c.id)
  )
"""
_QUOTAS = text(f"""
  {_MEMBERS} insert into course_quotas (organization_id, course_id, code, places)
  select organization_id, course_id, code, sum(places) from members where place * places <= given
  group by organization_id, course_id, code
""")  # noqa: S608 -- our own words
_QUOTA_MEMBERS = text(f"""
  {_MEMBERS} insert into course_quota_members (organization_id, course_id, quota_id, member_id)
  select m.organization_id, m.course_id, q.id, m.member_id
  from members m join course_quotas q on q.course_id = m.course_id and q.code = m.code
  where m.place * m.places <= m.given
""")  # noqa: S608 -- our own words
# Two a day, a module after the other. What is still planned has its first two.
_SESSIONS = text(f"""
  with slots as (
    select c.id as course_id, c.organization_id, c.code, c.mode, d.day + h.begins as begins,
      row_number() over courses - 1 as place, count(*) over (partition by c.id) as slots
    from courses c cross join lateral generate_series(
      c.starts_on::timestamp, c.ends_on::timestamp, interval '1 day') as d (day)
    cross join (values (time '08:00'), (time '13:30')) as h (begins)
    where extract(isodow from d.day) < 6
      and d.day::date not in (select day from working_day_exceptions where not working)
    window courses as (partition by c.id order by d.day, h.begins)
  ), taught as (
    select c.course_id, c.module_id, v.title_vi, v.title_en, v.mode,
      row_number() over (partition by c.course_id order by m.position) - 1 as place,
      count(*) over (partition by c.course_id) as modules
    from course_modules c join curriculum_modules m
      on m.curriculum_version_id = c.curriculum_version_id and m.module_id = c.module_id
    join module_versions v on v.id = m.module_version_id
  )
  insert into course_sessions (id, organization_id, course_id, module_id, title_vi, title_en,
    starts_at, ends_at, zone, mode, planned_minutes)
  select coalesce(k.id, uuidv7()), s.organization_id, s.course_id, t.module_id,
    t.title_vi || case when count(*) over modules > 1 then ', buổi ' || row_number() over parts
      else '' end,
    t.title_en || case when count(*) over modules > 1 then ', part ' || row_number() over parts
      else '' end,
    s.begins at time zone '{ZONE}', (s.begins + interval '3.5 hours') at time zone '{ZONE}',
    '{ZONE}', case when s.mode <> 'hybrid' then s.mode when t.mode = 'either' then 'hybrid'
      else t.mode end, 180
  from slots s join {_PLAN} on g.code = s.code
  join taught t on t.course_id = s.course_id and t.place = s.place * t.modules / s.slots
  left join jsonb_to_recordset(cast(:known as jsonb)) as k (id uuid, course text, place integer)
    on k.course = s.code and k.place = s.place
  where g.state <> 'planned' or s.place < 2
  window modules as (partition by s.course_id, t.module_id),
    parts as (partition by s.course_id, t.module_id order by s.place)
  order by s.begins, s.code
""")  # noqa: S608 -- our own words
_CHANGED = text("""
  with counted as (
    select s.id, c.code, row_number() over (partition by c.id order by s.starts_at) - 1 as place
    from course_sessions s join courses c on c.id = s.course_id
  )
  update course_sessions s set cancelled_because = g.cancelled,
    state = case when g.cancelled is null then 'moved' else 'cancelled' end,
    starts_at = s.starts_at + coalesce(g.days, 0) * interval '1 day',
    ends_at = s.ends_at + coalesce(g.days, 0) * interval '1 day'
  from counted n join jsonb_to_recordset(cast(:changed as jsonb))
    as g (course text, session integer, cancelled text, days integer)
    on g.course = n.code and g.session = n.place
  where s.id = n.id
""")
_ROOMS = text(f"""
  insert into session_rooms (organization_id, course_id, session_id, room_organization_id, room_id)
  select s.organization_id, s.course_id, s.id, r.organization_id, r.id
  from {_PLAN} join courses c on c.organization_id = :academy and c.code = g.code
  join course_sessions s on s.course_id = c.id
  join rooms r on r.organization_id = :academy and r.code = g.room
  where s.mode <> 'online' and s.state <> 'cancelled'
""")  # noqa: S608 -- our own words
# Nobody is in two places: of courses that overlap, each has a third of every kind of instructors
# for itself. Foreign experts teach every other day where there are some.
_INSTRUCTORS = text(f"""
  with pool as (
    select id, kind, row_number() over (partition by kind order by sort_key, id) - 1 as place,
      count(*) over (partition by kind) / 3 as size
    from (
      select id, sort_key, case when kind in ('foreign_expert', 'language_expert') then kind
        else 'subject' end as kind
      from instructors
    ) as i
  ), taught as (
    select s.organization_id, s.course_id, s.id, s.state, g.track, g.number, g.curriculum,
      g.foreign_experts, (row_number() over (partition by c.id order by s.starts_at) - 1) / 2 as day
    from {_PLAN} join courses c on c.organization_id = :academy and c.code = g.code
    join course_sessions s on s.course_id = c.id
  )
  insert into session_instructors (organization_id, course_id, session_id, instructor_id)
  select t.organization_id, t.course_id, t.id, p.id
  from taught t join pool p on p.place = t.track + 3 * ((t.day + t.number) % p.size)
    and p.kind = case when t.foreign_experts and t.day % 2 = 1 then 'foreign_expert'
      when t.curriculum in ('1275-NN', '1275-PD') then 'language_expert' else 'subject' end
  where t.state <> 'cancelled'
""")  # noqa: S608 -- our own words
_ROOM_BOOKINGS = text("""
  insert into room_bookings (organization_id, room_id, starts_at, ends_at, tentative,
    subject_organization_id, subject_id)
  select p.room_organization_id, p.room_id, s.starts_at, s.ends_at, s.tentative, s.organization_id,
    s.id
  from session_rooms p join course_sessions s on s.id = p.session_id
""")
_INSTRUCTOR_BOOKINGS = text("""
  insert into instructor_bookings (instructor_id, starts_at, ends_at, tentative,
    subject_organization_id, subject_id)
  select p.instructor_id, s.starts_at, s.ends_at, s.tentative, s.organization_id, s.id
  from session_instructors p join course_sessions s on s.id = p.session_id
""")
_MEETINGS = text("""
  insert into session_meetings (id, organization_id, course_id, provider, url, meeting_number)
  select s.id, s.organization_id, s.course_id, o.provider, o.url || n.number,
    case when o.provider is not null then n.number::text end
  from course_sessions s cross join lateral (select 90000000000
    + hashtextextended(s.course_id::text, 5) % 10000000000 as number) as n
  left join (values ('Zoom', 'https://meet.example/j/')) as o (provider, url)
    on s.mode <> 'in_person'
""")
_STEP = text(f"""
  update courses c set state = :state, opened_at = coalesce(c.opened_at,
    least(now(), c.nominations_until::timestamp at time zone '{ZONE}' - interval '30 days'))
  from {_PLAN}
  where c.organization_id = :academy and c.code = g.code and g.state = any (:reached)
""")  # noqa: S608 -- our own words
_HELD = text("""
  update course_sessions s set state = 'held'
  from courses c where c.id = s.course_id and c.state = 'running' and s.ends_at <= now()
    and s.state in ('planned', 'moved') and s.id <> :ended
""")
_CALENDARS = text("""
  insert into calendars (id, organization_id, actor, course_id, language, token_hash)
  select g.id, m.organization_id, m.role || ':' || m.user_id, :course, 'vi', g.nobodys
  from memberships m join users u on u.id = m.user_id and u.email = 'admin@academy.example'
  cross join (values (cast(:one as uuid), cast(:a as bytea)), (:two, :b)) as g (id, nobodys)
""")


async def add(session: AsyncSession, academy: UUID) -> None:
    """With their rooms and instructors booked; nobody was nominated for them yet."""
    said = tomllib.loads(_FILE.read_text("utf-8"))
    today = datetime.now(ZoneInfo(ZONE)).date()
    plan = list(_planned(said["plan"]["courses"], set(await session.scalars(_HOLIDAYS)), today))
    known = [{"id": id, "course": of, "place": n} for (of, n), id in _KNOWN_SESSIONS.items()]
    groups = [
        {"curriculum": of, "code": code, "organizations": organizations}
        for of, (code, *organizations) in said["groups"].items()
    ]
    values = {
        "academy": academy,
        "plan": json.dumps(plan, default=str),
        "known": json.dumps(known, default=str),
        "groups": json.dumps(groups),
        "changed": json.dumps(said["changed"]),
    }
    for statement in (
        *(_COURSES, _MODULES, _QUOTAS, _QUOTA_MEMBERS, _SESSIONS, _CHANGED),
        *(_ROOMS, _INSTRUCTORS, _ROOM_BOOKINGS, _INSTRUCTOR_BOOKINGS, _MEETINGS),
    ):
        await session.execute(statement, values)
    for state in STATES[1:]:
        if state == "completed":
            await session.execute(_HELD, {"ended": examples.ENDED_SESSION})
        reached = STATES[STATES.index(state) :]
        step = {"academy": academy, "plan": values["plan"], "state": state, "reached": [*reached]}
        await session.execute(_STEP, step)
    await session.execute(
        _CALENDARS,
        {
            "course": examples.COURSE,
            "one": examples.CALENDAR,
            "a": token_bytes(32),
            "two": examples.UNWANTED_CALENDAR,
            "b": token_bytes(32),
        },
    )


def _planned(
    courses: list[list[Any]], holidays: set[date], today: date
) -> Iterator[dict[str, Any]]:
    for place, (curriculum, number, starts, days, mode, room, places, flags, *more) in enumerate(
        courses
    ):
        of = more[0] if more else {}
        ends = _last_day(starts, days, holidays)
        until = starts - _NOMINATED_BEFORE
        yield {
            "id": getattr(examples, of["example"]) if "example" in of else None,
            "code": f"{curriculum}-{starts.year}-{number:02}",
            "curriculum": curriculum,
            "number": number,
            "of": of.get("of", max(starts.year, 2026)),
            "year": starts.year,
            "starts_on": starts,
            "ends_on": ends,
            "mode": mode,
            "room": room,
            "places": places,
            "senior": "senior" in flags,
            "foreign_experts": "foreign" in flags,
            "nominations_until": until,
            "track": place % 3,
            "state": of.get("state") or _state(starts, ends, until, today),
        }


def _last_day(starts: date, days: int, holidays: set[date]) -> date:
    """After so many days on which people work."""
    day = starts
    while True:
        days -= day.isoweekday() < SATURDAY and day not in holidays
        if days == 0:
            return day
        day += timedelta(days=1)


def _state(starts: date, ends: date, until: date, today: date) -> str:
    """Next month's courses are open."""
    if ends < today:
        return "completed"
    if starts <= today:
        return "running"
    if until < today:
        return "closed"
    months_ahead = (starts.year - today.year) * 12 + starts.month - today.month
    return "open" if months_ahead <= 1 else "planned"
