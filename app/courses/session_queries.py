"""What filters of lists of sessions and calendars mean."""

from typing import Any

from sqlalchemy import JSON, Select, Text, cast, func, select, text, true

from app.core.views import View
from app.courses.calendar_schemas import CalendarOut, CalendarQuery
from app.courses.session_models import (
    INSTRUCTORS,
    ROOMS,
    WARNINGS,
    Calendar,
    CourseSession,
    SessionInstructor,
    SessionMeeting,
    SessionRoom,
)
from app.courses.session_schemas import SessionMeetingOut, SessionOut, SessionQuery
from app.rooms.queries import over

_told = (
    text(f"""
      select c.code as course_code, c.title_vi as course_title_vi, c.title_en as course_title_en,
        {ROOMS} as rooms, {INSTRUCTORS} as instructors, {WARNINGS} as warnings
      from courses c where c.id = course_sessions.course_id offset 0
    """)  # noqa: S608 -- our own words
    .columns(
        **dict.fromkeys(("course_code", "course_title_vi", "course_title_en"), Text),
        **dict.fromkeys(("rooms", "instructors", "warnings"), JSON),
    )
    .lateral("told")
)
"""What other rows tell of a session, once for its fields and for its tag."""


def sessions_matching(query: SessionQuery) -> Select[Any]:
    statement = select(CourseSession).join(_told, true()).where(*over(CourseSession, query))
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


sessions = View(
    CourseSession,
    SessionOut,
    sessions_matching,
    columns=dict(_told.c),
    stamp=func.concat(
        *(CourseSession.version, "."),
        func.md5(func.concat_ws("\n", *(cast(column, Text) for column in _told.c))),
    ),
)
meetings = View(SessionMeeting, SessionMeetingOut)
calendars = View(Calendar, CalendarOut, calendars_matching)
