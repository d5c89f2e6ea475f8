"""Sessions of courses, and how to join them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.courses import service, sessions
from app.courses import session_queries as queries
from app.courses.permitted import Changing, PlannedId, Reading
from app.courses.problems import (
    CourseEnded,
    SessionMinutesOutOfRange,
    SessionModuleUnknown,
    SessionNotBegun,
    SessionOutsideCourse,
    SessionOver,
    SessionStateOutOfOrder,
)
from app.courses.schemas import CancelIn
from app.courses.session_models import CourseSession, SessionMeeting
from app.courses.session_schemas import (
    SessionCreate,
    SessionIn,
    SessionMeetingIn,
    SessionMeetingOut,
    SessionMoveIn,
    SessionOut,
    SessionQuery,
)
from app.rooms.problems import (
    InstructorDoubleBooked,
    InstructorInactive,
    InstructorUnavailable,
    RoomClosed,
    RoomDoubleBooked,
)

router = routing.router("courses")

SessionId = Annotated[
    UUID, Path(description="The session's id", examples=[examples.COURSE_SESSION])
]
PlannedSessionId = Annotated[
    UUID, Path(description="The session's id", examples=[examples.PLANNED_SESSION])
]
EndedId = Annotated[UUID, Path(description="The session's id", examples=[examples.ENDED_SESSION])]
UnwantedId = Annotated[
    UUID, Path(description="The session's id", examples=[examples.UNWANTED_SESSION])
]
_BOOKED = (
    *(RoomDoubleBooked, RoomClosed),
    *(InstructorDoubleBooked, InstructorUnavailable, InstructorInactive),
)


@router.post(
    "/courses/{course_id}/sessions",
    status_code=201,
    response_model=SessionOut,
    openapi_extra=examples.body(
        title_vi="Thực hành lễ tân",
        title_en="Protocol in practice",
        module_id=str(examples.MODULE),
        starts_at="2027-03-09T08:00:00+07:00",
        ends_at="2027-03-09T11:30:00+07:00",
        mode="in_person",
        planned_minutes=180,
        rooms=[{"room_id": str(examples.ROOM)}],
        instructors=[{"instructor_id": str(examples.INSTRUCTOR)}],
    ),
    responses=problems(
        *(NotFound, CourseEnded, *_BOOKED, SessionModuleUnknown, SessionOutsideCourse),
        *(SessionMinutesOutOfRange, IdempotencyKeyReused),
    ),
)
async def create_course_session(
    session: Changing, course_id: PlannedId, data: SessionCreate, response: Response
) -> CourseSession:
    """Plan a session of a course.

    Its rooms and instructors are booked for it, all of them or none.
    """
    course = await service.held_course(session, course_id)
    return tagged(response, await sessions.create_session(session, course, data))


@router.get("/course-sessions", **page_of(SessionOut, SessionQuery))
async def list_course_sessions(reader: Reading, request: Request) -> Response:
    """List sessions of courses.

    With `from` and `to`, a week or a month of everything that is taught. Cancelled ones are among
    them, and tell so.
    """
    return await queries.sessions.page(reader, request, SessionQuery.of(request))


@router.get(
    "/course-sessions/{course_session_id}",
    response_model=SessionOut,
    responses=problems(NotFound),
)
async def get_course_session(
    reader: Reading, request: Request, course_session_id: SessionId
) -> Response:
    """Read a session of a course."""
    return await queries.sessions.row(reader, request, course_session_id)


@router.put(
    "/course-sessions/{course_session_id}",
    response_model=SessionOut,
    responses=problems(
        *(NotFound, SessionOver, CourseEnded, *_BOOKED, SessionModuleUnknown),
        *(SessionMinutesOutOfRange, Outdated, VersionRequired),
    ),
)
async def replace_course_session(
    session: Changing,
    course_session_id: PlannedSessionId,
    expected: IfMatch,
    data: SessionIn,
    response: Response,
) -> CourseSession:
    """Replace what a session is, where it is, and who teaches it.

    To change when it is, move it.
    """
    row = await sessions.held_session(session, course_session_id)
    expected.check(row)
    return tagged(response, await sessions.replace_session(session, row, data))


@router.post(
    "/course-sessions/{course_session_id}/move",
    response_model=SessionOut,
    openapi_extra=examples.body(
        starts_at="2027-03-10T08:00:00+07:00",
        ends_at="2027-03-10T11:30:00+07:00",
        reason="Giảng viên đi công tác",
    ),
    responses=problems(
        *(NotFound, SessionStateOutOfOrder, CourseEnded, *_BOOKED, SessionOutsideCourse),
        *(SessionMinutesOutOfRange, IdempotencyKeyReused),
    ),
)
async def move_course_session(
    session: Changing,
    course_session_id: UnwantedId,
    data: SessionMoveIn,
    response: Response,
) -> CourseSession:
    """Move a session to another time.

    Its rooms and instructors go along, if they are free then, or others take their place. Calendars
    and the feed of changes tell of it.
    """
    row = await sessions.held_session(session, course_session_id)
    return tagged(response, await sessions.move(session, row, data))


@router.post(
    "/course-sessions/{course_session_id}/cancel",
    response_model=SessionOut,
    responses=problems(NotFound, SessionStateOutOfOrder, CourseEnded, IdempotencyKeyReused),
)
async def cancel_course_session(
    session: Changing, course_session_id: UnwantedId, data: CancelIn, response: Response
) -> CourseSession:
    """Cancel a session.

    Its rooms and instructors are free again. It stays, and calendars tell that it was cancelled.
    """
    row = await sessions.held_session(session, course_session_id)
    return tagged(response, await sessions.cancel(session, row, data.reason))


@router.post(
    "/course-sessions/{course_session_id}/hold",
    response_model=SessionOut,
    responses=problems(
        *(NotFound, SessionStateOutOfOrder, SessionNotBegun, CourseEnded, IdempotencyKeyReused)
    ),
)
async def hold_course_session(
    session: Changing, course_session_id: EndedId, response: Response
) -> CourseSession:
    """Say that a session was held.

    When it has begun, or later. A course is completed when all that were not cancelled were held.
    """
    row = await sessions.held_session(session, course_session_id)
    return tagged(response, await sessions.hold(session, row))


@router.get(
    "/course-sessions/{course_session_id}/meeting",
    response_model=SessionMeetingOut,
    responses=problems(NotFound),
)
async def get_course_session_meeting(
    reader: Reading, request: Request, course_session_id: SessionId
) -> Response:
    """Read how to join a session online.

    The host of the course does, who teaches the session, and learners who have a seat in it.
    """
    return await queries.meetings.row(reader, request, course_session_id)


@router.put(
    "/course-sessions/{course_session_id}/meeting",
    response_model=SessionMeetingOut,
    responses=problems(NotFound, CourseEnded, SessionOver, Outdated, VersionRequired),
)
async def replace_course_session_meeting(
    session: Changing,
    course_session_id: PlannedSessionId,
    expected: IfMatch,
    data: SessionMeetingIn,
    response: Response,
) -> SessionMeeting:
    """Say how to join a session online.

    Calendars of those who teach it, or have a seat in it, tell it, too.
    """
    await sessions.held_session(session, course_session_id)
    meeting = await get_or_404(session, SessionMeeting, course_session_id)
    expected.check(meeting)
    return tagged(response, await sessions.replace_meeting(session, meeting, data))
