"""Courses: planned, opened, closed, started, completed, cancelled; and their quotas."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.sessions import driver_of
from app.core.database.writes import get_or_404
from app.core.problems import InvalidRequest, not_to_be_named
from app.courses.models import Course, CourseModule
from app.courses.problems import (
    CourseCurriculumNotInForce,
    CourseEnded,
    CourseNotReady,
    CourseStateOutOfOrder,
)
from app.courses.queries import NEXT, quotas
from app.courses.schemas import CourseCreate, CourseIn, QuotasIn, QuotasOut
from app.curricula.models import CurriculumModule
from app.events.outbox import publish

_FINDINGS = text("""
  select coalesce(json_agg(f), '[]') from course_findings(:id, :next) f
""")
# One statement, for quotas that trade places would exceed them in between.
_QUOTAS = text("""
  merge into course_quotas q
  using (
    select cast(:organization_id as uuid) as organization_id, cast(:course_id as uuid) as course_id,
      g.code, g.places
    from jsonb_to_recordset(cast(:quotas as jsonb)) as g (code text, places integer)
  ) as g on q.course_id = g.course_id and q.code = g.code
  when matched and q.places <> g.places then update set places = g.places
  when not matched then insert (organization_id, course_id, code, places)
    values (g.organization_id, g.course_id, g.code, g.places)
""")
_WITHOUT_MEMBERS = text("""
  delete from course_quota_members m using course_quotas q
  where q.id = m.quota_id and m.course_id = :course_id and not exists (
    select from jsonb_to_recordset(cast(:quotas as jsonb)) as g (code text, organization_ids uuid[])
    where g.code = q.code and m.member_id = any (g.organization_ids))
""")
_WITHOUT_QUOTAS = text("""
  delete from course_quotas q where q.course_id = :course_id and q.code not in (
    select g.code from jsonb_to_recordset(cast(:quotas as jsonb)) as g (code text))
""")
_MEMBERS = text("""
  insert into course_quota_members (organization_id, course_id, quota_id, member_id)
  select q.organization_id, q.course_id, q.id, u.member_id
  from jsonb_to_recordset(cast(:quotas as jsonb)) as g (code text, organization_ids uuid[])
  join course_quotas q on q.course_id = :course_id and q.code = g.code
  cross join unnest(g.organization_ids) as u (member_id)
  where not exists (
    select from course_quota_members m where m.quota_id = q.id and m.member_id = u.member_id)
""")
_KNOWN = text("select id from organizations where id = any (cast(:ids as uuid[]))")


async def create_course(session: AsyncSession, data: CourseCreate) -> Course:
    course = Course(**_said(data))
    if data.organization_id is not None:
        course.organization_id = data.organization_id
    session.add(course)
    await session.flush()
    await _choose_modules(session, course, data)
    await session.refresh(course)
    tell(session, course, "created")
    return course


async def replace_course(session: AsyncSession, course: Course, data: CourseIn) -> Course:
    """All of it. What is fixed at the opening must be said as it is."""
    for field, value in _said(data).items():
        if getattr(course, field) != value:
            setattr(course, field, value)
    await session.flush()
    if await _choose_modules(session, course, data):
        course.updated_at = func.now()
    await session.flush()
    await session.refresh(course)
    tell(session, course, "changed")
    return course


async def advance(session: AsyncSession, course: Course, to: str) -> Course:
    """To the next state: `open`, `closed`, `running` or `completed`.

    Raises CourseStateOutOfOrder, and CourseNotReady with everything that stands against it.
    """
    if NEXT.get(course.state) != to:
        raise CourseStateOutOfOrder
    if found := await session.scalar(_FINDINGS, {"id": course.id, "next": to}):
        raise CourseNotReady(findings=found)
    course.state = to
    if to == "open":
        course.opened_at = func.now()
    return await _moved(session, course, {"open": "opened", "running": "started"}.get(to, to))


async def cancelled(session: AsyncSession, course: Course, reason: str) -> Course:
    """The course alone: its sessions are cancelled before (`sessions.cancel_all`)."""
    if course.state not in NEXT:
        raise CourseStateOutOfOrder
    course.state, course.cancelled_because = "cancelled", reason
    return await _moved(session, course, "cancelled")


async def replace_quotas(session: AsyncSession, course: Course, data: QuotasIn) -> Course:
    """All quotas. What has a code that is there already stays the same quota.

    Raises CourseEnded, and InvalidRequest for every organisation that is unknown.
    """
    if course.state not in NEXT:
        raise CourseEnded
    await _refuse_unknown(session, data)
    given = json.dumps([quota.model_dump(mode="json") for quota in data.quotas])
    values = {"course_id": course.id, "quotas": given}
    await session.execute(_WITHOUT_MEMBERS, values)
    await session.execute(_WITHOUT_QUOTAS, values)
    await session.execute(_QUOTAS, values | {"organization_id": course.organization_id})
    await session.execute(_MEMBERS, values)
    course.updated_at = func.now()
    await session.flush()
    await session.refresh(course)
    tell(session, course, "changed")
    return course


async def quotas_of(session: AsyncSession, course: Course) -> QuotasOut:
    """As whoever changed them reads them."""
    told = await (await driver_of(session)).fetchval(quotas.sql, course.id)
    return QuotasOut.model_validate_json(told)


async def _refuse_unknown(session: AsyncSession, data: QuotasIn) -> None:
    named = [id for quota in data.quotas for id in quota.organization_ids]
    known = set(await session.scalars(_KNOWN, {"ids": named}))
    errors = [
        not_to_be_named("quotas", place, "organization_ids")
        for place, quota in enumerate(data.quotas)
        if not known.issuperset(quota.organization_ids)
    ]
    if errors:
        raise InvalidRequest(errors=errors)


def tell(session: AsyncSession, course: Course, what: str) -> None:
    """What became of a course."""
    publish(session, f"course.{what}", course.id, course.organization_id, key=course.code)


async def held_course(session: AsyncSession, id: UUID) -> Course:
    """The one door to a course that changes. Whoever changes a session shares it before: course,
    session, rooms, instructors, in this order, so that nobody waits in a circle."""
    return await get_or_404(session, Course, id)


async def _moved(session: AsyncSession, course: Course, what: str) -> Course:
    await session.flush()
    await session.refresh(course)
    tell(session, course, what)
    return course


def _said(data: CourseIn) -> dict[str, Any]:
    return data.model_dump(exclude={"organization_id", "modules"}, mode="python")


async def _choose_modules(session: AsyncSession, course: Course, data: CourseIn) -> bool:
    """Every mandatory module and those named; whether any came or went."""
    wanted = await _wanted_modules(session, course, data)
    of_course = CourseModule.course_id == course.id
    present = await session.scalars(select(CourseModule).where(of_course))
    had = {(row.curriculum_version_id, row.module_id): row.id for row in present}
    gone = [id for key, id in had.items() if key not in wanted]
    if gone:
        await session.execute(delete(CourseModule).where(CourseModule.id.in_(gone)))
    of = {"organization_id": course.organization_id, "course_id": course.id}
    for version, module in sorted(wanted - had.keys()):
        key = {"curriculum_version_id": version, "module_id": module}
        session.add(CourseModule(**of, **key))
    await session.flush()
    return wanted != had.keys()


async def _wanted_modules(
    session: AsyncSession, course: Course, data: CourseIn
) -> set[tuple[UUID, UUID]]:
    """Each with the version of the curriculum that it is of.

    Raises InvalidRequest for every module that is named and not of the curriculum, and
    CourseCurriculumNotInForce where there is no curriculum to choose from.
    """
    versions = (course.curriculum_version_id, course.extension_version_id)
    rows = await session.scalars(
        select(CurriculumModule).where(CurriculumModule.curriculum_version_id.in_(versions))
    )
    offered = {row.module_id: row for row in rows}
    if not offered:
        raise CourseCurriculumNotInForce
    named = [each.module_id for each in data.modules]
    errors = [
        not_to_be_named("modules", place, "module_id")
        for place, id in enumerate(named)
        if id not in offered
    ]
    if errors:
        raise InvalidRequest(errors=errors)
    return {
        (row.curriculum_version_id, row.module_id)
        for row in offered.values()
        if row.mandatory or row.module_id in named
    }
