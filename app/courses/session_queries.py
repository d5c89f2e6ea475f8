"""What filters of lists of sessions and calendars mean."""

from typing import Any

from sqlalchemy import Select, Text, cast, func, select

from app.core.views import View
from app.courses.calendar_schemas import CalendarOut, CalendarQuery
from app.courses.session_models import (
    Calendar,
    CourseSession,
    SessionInstructor,
    SessionMeeting,
    SessionRoom,
)
from app.courses.session_schemas import SessionMeetingOut, SessionOut, SessionQuery
from app.rooms.queries import over


def sessions_matching(query: SessionQuery) -> Select[Any]:
    statement = select(CourseSession).where(*over(CourseSession, query))
    for name in ("mode", "state"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(CourseSession, name) == value)
    for name in ("organization", "course", "module"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(CourseSession, f"{name}_id") == value)
    if query.room is not None:
        there = SessionRoom.room_id == query.room
        statement = statement.where(CourseSession.id.in_(_of_session(SessionRoom, there)))
    if query.instructor is not None:
        they = SessionInstructor.instructor_id == query.instructor
        statement = statement.where(CourseSession.id.in_(_of_session(SessionInstructor, they)))
    return statement


def _of_session(kind: Any, condition: Any) -> Select[Any]:
    return select(kind.session_id).where(condition, kind.released_at.is_(None))


def calendars_matching(query: CalendarQuery) -> Select[Any]:
    statement = select(Calendar)
    for name in ("course", "room", "instructor", "learner"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(Calendar, f"{name}_id") == value)
    return statement


_TOLD = ("course_code", "course_title_vi", "course_title_en", "rooms", "instructors", "warnings")
_TELLING = (cast(getattr(CourseSession, name), Text) for name in _TOLD)
sessions = View(
    CourseSession,
    SessionOut,
    sessions_matching,
    # Most of it is told by other rows.
    stamp=func.concat(CourseSession.version, ".", func.md5(func.concat_ws("\n", *_TELLING))),
)
meetings = View(SessionMeeting, SessionMeetingOut)
calendars = View(Calendar, CalendarOut, calendars_matching)
