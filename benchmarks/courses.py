"""A month's calendar of the Academy: 400 sessions in rooms, with who teaches them."""

from datetime import date
from urllib.parse import urlencode

import asyncpg

COURSES, SESSIONS = 20, 20
"""A course has one session on each working day of the month."""
PAGE = 200
"""How many sessions one request gets at most; the month is so many pages."""
STATEMENTS = 3
"""That the whole month may take."""
BEGINS, ENDS = date(2027, 3, 1), date(2027, 4, 1)
_MONTH = {"from": f"{BEGINS}T00:00:00+07:00", "to": f"{ENDS}T00:00:00+07:00", "limit": PAGE}
PATH = f"/v1/course-sessions?{urlencode(_MONTH)}"

_ROOMS = """
insert into rooms (organization_id, code, name_vi, name_en, address, capacity, equipment, zone)
select o.id, 'BENCH-' || n, 'Phòng học ' || n, 'Classroom ' || n, '69 phố Chùa Láng, Hà Nội', 60,
  '{}', 'Asia/Ho_Chi_Minh'
from organizations o, generate_series(1, $1::integer) n where o.kind = 'academy'
"""
_INSTRUCTORS = """
insert into instructors (kind, full_name, sort_key, search_text, affiliation, expertise, languages)
select 'visiting', 'Nguyễn Văn ' || n, 'van nguyen ' || n, 'nguyen van ' || n,
  'Học viện Ngoại giao', '{negotiation}', '[]'
from generate_series(1, $1::integer) n
"""
_COURSES = """
insert into courses (organization_id, code, title_vi, title_en, year, curriculum_version_id,
  starts_on, ends_on, mode, max_places, completion_rule)
select v.organization_id, 'BENCH-' || n, 'Bồi dưỡng đối ngoại, khóa ' || n, 'Course no. ' || n,
  2027, v.id, $2, $3, 'hybrid', 40,
  '{"attendance_share": 80, "modalities": ["in_person", "online"], "participation": null}'
from curriculum_versions v, generate_series(1, $1::integer) n
where v.state = 'published' and v.extends_version_id is null
"""
_MODULES = """
insert into course_modules (organization_id, course_id, curriculum_version_id, module_id)
select c.organization_id, c.id, m.curriculum_version_id, m.module_id
from courses c join curriculum_modules m on m.curriculum_version_id = c.curriculum_version_id
"""
_SESSIONS = """
insert into course_sessions (organization_id, course_id, title_vi, title_en, starts_at, ends_at,
  zone, mode, planned_minutes)
select c.organization_id, c.id, 'Buổi học ' || n, 'Session ' || n,
  (c.starts_on + n + time '08:00') at time zone 'Asia/Ho_Chi_Minh',
  (c.starts_on + n + time '11:30') at time zone 'Asia/Ho_Chi_Minh', 'Asia/Ho_Chi_Minh',
  'in_person', 180
from courses c, generate_series(0, $1::integer - 1) n
"""
_NUMBERED = "(select *, row_number() over (order by code) as nth from {0})"
_IN_ROOMS = f"""
insert into session_rooms (organization_id, course_id, session_id, room_organization_id, room_id)
select s.organization_id, s.course_id, s.id, r.organization_id, r.id
from course_sessions s join {_NUMBERED.format("courses")} c on c.id = s.course_id
join {_NUMBERED.format("rooms")} r on r.nth = c.nth
"""
_TAUGHT = """
insert into session_instructors (organization_id, course_id, session_id, instructor_id)
select s.organization_id, s.course_id, s.id, i.id
from course_sessions s
join (select id, row_number() over (order by code) as nth from courses) c on c.id = s.course_id
join (select id, row_number() over (order by id) as nth from instructors) i on i.nth = c.nth
"""
_BOOKED = (
    """
    insert into room_bookings (organization_id, room_id, starts_at, ends_at, tentative,
      subject_organization_id, subject_id)
    select p.room_organization_id, p.room_id, s.starts_at, s.ends_at, false, s.organization_id, s.id
    from session_rooms p join course_sessions s on s.id = p.session_id
    """,
    """
    insert into instructor_bookings (instructor_id, starts_at, ends_at, tentative,
      subject_organization_id, subject_id)
    select p.instructor_id, s.starts_at, s.ends_at, false, s.organization_id, s.id
    from session_instructors p join course_sessions s on s.id = p.session_id
    """,
)
_OPEN = "update courses set state = 'open', opened_at = now()"


async def load(owner: asyncpg.Connection) -> None:
    """After the curriculum that curricula.py loads; as somebody whom no row policy binds."""
    await owner.execute("select set_config('app.actor', 'system:benchmark', false)")
    await owner.execute(_ROOMS, COURSES)
    await owner.execute(_INSTRUCTORS, COURSES)
    await owner.execute(_COURSES, COURSES, BEGINS, ENDS)
    await owner.execute(_MODULES)
    await owner.execute(_SESSIONS, SESSIONS)
    for statement in (_IN_ROOMS, _TAUGHT, *_BOOKED, _OPEN):
        await owner.execute(statement)
