"""Free places are filled by a worker, and unused quotas are released when it is time."""

from uuid import UUID

from structlog import get_logger

from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database, driver_of
from app.enrolment import promoting

log = get_logger()

_WAITING = """
  select c.id, exists (select from course_quotas q where q.course_id = c.id)
    and working_days_before(coalesce(c.nominations_until, c.starts_on), c.release_days)
      <= (now() at time zone 'Asia/Ho_Chi_Minh')::date as released
  from courses c
  where c.state in ('open', 'closed')
    and exists (select from nominations n where n.course_id = c.id and n.state = 'wait_listed')
    and exists (select from seat_pools p where p.course_id = c.id
      and coalesce(p.taken < p.places + p.moved, true))
  order by c.id
"""


async def fill(database: Database) -> None:
    """Of each course by itself: what is wrong with one keeps no other waiting."""
    scope = system(Reach.EVERYTHING, "enrolment")
    async with database.session(scope) as session:
        waiting: list[tuple[UUID, bool]] = await (await driver_of(session)).fetch(_WAITING)
    for course_id, released in waiting:
        done = promoting.release if released else promoting.promote
        try:
            async with database.session(scope) as session:
                await done(session, course_id)
        except Exception:
            log.exception("seats_not_filled", course=str(course_id), released=released)
        else:
            log.info("seats_filled", course=str(course_id), released=released)
