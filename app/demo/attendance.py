"""Who attended the courses of the demonstration that are over or under way: as their results say.

Chance is a digest of who they are, so it is the same in every installation.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.attendance.models import LearningRecord, MeetingLog
from app.core import examples
from app.core.schemas import in_milliseconds
from app.courses.session_models import CourseSession
from app.learners.models import Learner

# All places are taken: somebody of the same quota makes room.
_MADE_ROOM = text("""
  update nominations set state = 'withdrawn', reason = 'Đi công tác đột xuất'
  where id = (
    select n.id from nominations n join learners l on l.id = :learner
    where n.course_id = :course and n.state = 'enrolled'
      and n.pool_id = seat_pool_of(n.course_id, l.organization_id)
    order by n.rank desc, n.id limit 1)
""")
_ENROLLED = text("""
  insert into nominations (id, organization_id, host_id, course_id, learner_id, rank, state,
    document)
  select :id, l.organization_id, c.organization_id, c.id, l.id, 1, 'enrolled', '45/QĐ-HVNG'
  from learners l, courses c where l.id = :learner and c.id = :course
""")
_BEGUN = text("""
  select id from courses
  where organization_id = :academy and state in ('running', 'completed') order by starts_on, id
""")
# One in seven comes late once in a while. Who failed left at half-time; who never came was absent.
_ATTENDED = text("""
  with attended as materialized (
    select s.organization_id, s.course_id, s.id as session_id, n.id as nomination_id, n.learner_id,
      n.state, s.mode, s.planned_minutes, c.senior,
      abs(hashtextextended(n.learner_id::text || s.starts_at::text, 29)) as draw,
      row_number() over (partition by n.id order by s.starts_at) as place
    from nominations n join courses c on c.id = n.course_id
    join course_sessions s on s.course_id = c.id and s.state = 'held'
    where c.id = :course and n.state in ('enrolled', 'completed', 'failed', 'no_show')
  ), told as (
    select a.*, case when a.state = 'no_show' then 0 when a.state = 'failed'
        then a.planned_minutes / 2 when a.draw % 7 = 0 then a.planned_minutes - 15
        else a.planned_minutes end as minutes,
      case when a.mode <> 'hybrid' then a.mode when a.draw % 3 = 0 then 'online'
        else 'in_person' end as aspect
    from attended a
  )
  insert into attendance_entries (organization_id, course_id, session_id, nomination_id, learner_id,
    aspect, minutes, late_minutes, participation, source)
  select t.organization_id, t.course_id, t.session_id, t.nomination_id, t.learner_id, e.aspect,
    e.minutes, e.late_minutes, e.participation, 'sheet'
  from told t cross join lateral (values
    (t.aspect, t.minutes, case when t.state not in ('failed', 'no_show')
      and t.minutes < t.planned_minutes then 15 end, null),
    ('participation', null, null, case when t.place = 1 and t.senior and t.state <> 'no_show'
      then case when t.draw % 2 = 0 then 'active' else 'contributed' end end)
  ) as e (aspect, minutes, late_minutes, participation)
  where num_nonnulls(e.minutes, e.participation) > 0
  order by t.session_id, t.nomination_id
""")
_AS_SEEN = text("update attendance_sheets set changes = 1 where id = :session")
_LEARNT = (
    (examples.LEARNING_RECORD, "on_the_job", "Phục vụ đoàn vào: chuẩn bị lễ đón", 16.0),
    (examples.OPEN_LEARNING_RECORD, "self_study", "Tự học tiếng Khmer giao tiếp", 24.0),
    (examples.DOUBTFUL_LEARNING_RECORD, "self_study", "Đọc tài liệu về luật biển", 40.0),
)


async def add(session: AsyncSession, academy: UUID) -> None:
    """After nominations."""
    known = {"learner": examples.LEARNER, "course": examples.RUNNING_COURSE}
    await session.execute(_MADE_ROOM, known)
    await session.execute(_ENROLLED, known | {"id": examples.PARTICIPATION})
    # Course by course: the plan for all at once knows nothing yet of how many rows there are.
    for course in list(await session.scalars(_BEGUN, {"academy": academy})):
        await session.execute(_ATTENDED, {"course": course})
    # As the example of `If-Match` has seen it.
    await session.execute(_AS_SEEN, {"session": examples.ATTENDED_SESSION})
    shown = await session.get_one(Learner, examples.LEARNER)
    held = await session.get_one(CourseSession, examples.ONLINE_SESSION)
    for id in (examples.MEETING_LOG, examples.UNWANTED_MEETING_LOG):
        session.add(_report(id, held, shown))
    of = {"organization_id": shown.organization_id, "learner_id": shown.id}
    during = {"began_on": date(2026, 9, 1), "ended_on": date(2026, 10, 15)}
    for id, kind, title, hours in _LEARNT:
        session.add(LearningRecord(id=id, kind=kind, title=title, hours=hours, **during, **of))
    await session.flush()


def _report(id: UUID, held: CourseSession, shown: Learner) -> MeetingLog:
    """Of a meeting in which one is known and another one is not."""
    lasted = [[in_milliseconds(held.starts_at), in_milliseconds(held.ends_at)]]
    minutes = int((held.ends_at - held.starts_at).total_seconds() // 60)
    person = {"email": None, "present": lasted, "minutes": minutes, "candidates": []}
    one = {"row": 1, "name": shown.full_name, "learner_id": str(shown.id), "matched_by": "name"}
    other = {"row": 2, "name": "Phòng họp tầng 3", "learner_id": None, "matched_by": None}
    return MeetingLog(
        id=id,
        organization_id=held.organization_id,
        course_id=held.course_id,
        session_id=held.id,
        provider="zoom",
        zone=held.zone,
        file_name="participants.csv",
        digest=bytes(32),
        people=[person | one, person | other],
    )
