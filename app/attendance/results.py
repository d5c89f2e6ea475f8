"""What became of those who were enrolled: decided by the rule of the course, for all at once."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.attendance.problems import ResultsNotReady
from app.attendance.schemas import ResultsOut
from app.courses.models import Course
from app.enrolment.service import Outcome, finish

_HOLD = text("""
  select h.id, h.taken, s.state, s.ends_at <= now() as over
  from attendance_sheets h join course_sessions s on s.id = h.id
  where h.course_id = :course_id order by h.id for update of h
""")
_EARNED = text("""
  select id, result from standings
  where course_id = :course_id and state = 'enrolled' and result is not null
""")
_COUNT = text("""
  select n.state, count(*) from nominations n
  where n.course_id = :course_id and n.state in ('completed', 'failed', 'no_show')
  group by n.state
""")


async def decide(session: AsyncSession, course: Course) -> ResultsOut:
    """Of everybody who has no result yet. What follows - evidence, news to who nominated them -
    triggers see to.

    Raises ResultsNotReady with the sessions that are not over, or of which nobody's attendance is
    known.
    """
    of: dict[str, Any] = {"course_id": course.id}
    sheets = list(await session.execute(_HOLD, of))
    waiting = [found for row in sheets if (found := _waiting(*row))]
    if waiting or all(state == "cancelled" for _, _, state, _ in sheets):
        raise ResultsNotReady(findings=waiting)
    earned = [Outcome(*row) for row in await session.execute(_EARNED, of)]
    await finish(session, course.id, earned)
    counted = {state: count for state, count in await session.execute(_COUNT, of)}  # noqa: C416
    none = dict.fromkeys(("completed", "failed", "no_show"), 0)
    return ResultsOut(course_id=course.id, **none | counted)


def _waiting(id: UUID, taken: bool, state: str, over: bool) -> dict[str, str] | None:  # noqa: FBT001 -- a row
    """Why a session stands against results; None for one that does not."""
    over = over or state == "held"
    if state == "cancelled" or (taken and over):
        return None
    return {"rule": "attendance_not_taken" if over else "session_not_over", "session_id": str(id)}
