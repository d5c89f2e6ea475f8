"""What filters of lists of courses mean; their quotas, and what stands against them."""

from typing import Any

from sqlalchemy import Boolean, Date, Select, cast, select

from app.core.view_statements import Statement
from app.core.views import View
from app.courses.models import Course
from app.courses.schemas import CourseOut, CourseQuery
from app.courses.session_models import SessionInstructor
from app.curricula.models import CurriculumVersion

NEXT = {"planned": "open", "open": "closed", "closed": "running", "running": "completed"}
"""What follows a state when all goes well."""


def courses_matching(query: CourseQuery) -> Select[Any]:
    statement = select(Course)
    for name in ("code", "year", "state", "mode"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(Course, name) == value)
    for name in ("senior", "foreign_experts"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(Course, name) == cast(value, Boolean))
    if query.organization is not None:
        statement = statement.where(Course.organization_id == query.organization)
    if query.curriculum is not None:
        versions = select(CurriculumVersion.id)
        versions = versions.where(CurriculumVersion.curriculum_id == query.curriculum)
        statement = statement.where(Course.curriculum_version_id.in_(versions))
    if query.instructor is not None:
        taught = select(SessionInstructor.course_id)
        taught = taught.where(SessionInstructor.instructor_id == query.instructor)
        taught = taught.where(SessionInstructor.released_at.is_(None))
        statement = statement.where(Course.id.in_(taught))
    if query.starts_from is not None:
        statement = statement.where(Course.starts_on >= cast(query.starts_from, Date))
    if query.starts_to is not None:
        statement = statement.where(Course.starts_on <= cast(query.starts_to, Date))
    return statement


courses = View(Course, CourseOut, courses_matching)

_QUOTAS = """
select convert_to(json_build_object('id', c.id, 'version', c.version, 'max_places', c.max_places,
  'quotas', (
    select coalesce(json_agg(json_build_object('id', q.id, 'code', q.code, 'organization_ids', (
        select coalesce(json_agg(m.member_id order by m.member_id), '[]')
        from course_quota_members m where m.quota_id = q.id),
      'places', q.places) order by q.code), '[]')
    from course_quotas q where q.course_id = c.id))::text, 'UTF8'),
  null::text, c.version::text, null::text
from courses c where c.id = $1::uuid
"""
quotas = Statement(_QUOTAS, [("id", None)])
_NEXT = " ".join(f"when '{state}' then '{following}'" for state, following in NEXT.items())
_FINDINGS = f"""
select convert_to(json_build_object('course_id', c.id, 'state', c.state,
  'next_state', case c.state {_NEXT} end, 'findings', (
    select coalesce(json_agg(f), '[]')
    from course_findings(c.id, case c.state {_NEXT} end) f))::text, 'UTF8'),
  null::text, null::text, null::text
from courses c where c.id = $1::uuid
"""  # noqa: S608 -- our own words
findings = Statement(_FINDINGS, [("id", None)])
