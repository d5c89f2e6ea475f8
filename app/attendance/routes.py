"""Attendance: sheets, check-ins, codes, the ledger, standings, and results."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.attendance import codes, queries, results, service
from app.attendance.models import AttendanceEntry
from app.attendance.permitted import AttendedId, Changing, Entering, Reading
from app.attendance.problems import (
    AlreadyCheckedIn,
    AttendanceCodeExpired,
    AttendanceCodeReplayed,
    AttendanceCodeWrong,
    AttendanceOfStranger,
    AttendanceOutOfTime,
    AttendanceSettled,
    AttendanceTooLong,
    ModalityNotOfSession,
    NotCheckedIn,
    ResultsNotReady,
    SessionCancelled,
)
from app.attendance.schemas import (
    CodeIn,
    CodeOut,
    EntryOut,
    EntryQuery,
    PresenceIn,
    ResultsOut,
    SheetIn,
    SheetOut,
    StandingOut,
    StandingQuery,
)
from app.core import examples, routing
from app.core.etags import IfMatch
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.courses import permitted as of_courses
from app.courses.service import held_course

router = routing.router("attendance")

StandingId = Annotated[
    UUID, Path(description="The nomination's id", examples=[examples.PARTICIPATION])
]
RunId = Annotated[UUID, Path(description="The course's id", examples=[examples.RUNNING_COURSE])]
_LEDGER = (
    *(NotFound, AttendanceOfStranger, AttendanceSettled, AttendanceOutOfTime),
    *(ModalityNotOfSession, AttendanceTooLong, SessionCancelled),
)


@router.get(
    "/course-sessions/{course_session_id}/attendance",
    response_model=SheetOut,
    responses=problems(NotFound),
)
async def get_attendance_sheet(
    reader: Reading, request: Request, course_session_id: AttendedId
) -> Response:
    """Read the attendance sheet of a session.

    Everybody who is enrolled, and what counts of what was said of them. The host of the course and
    its instructors see all; organisations see those whom they nominated, learners themselves.
    """
    return await whole(reader, request, queries.sheet, {"id": course_session_id})


@router.put(
    "/course-sessions/{course_session_id}/attendance",
    response_model=SheetOut,
    openapi_extra=examples.body(
        learners=[{"learner_id": str(examples.LEARNER), "in_person_minutes": 150}]
    ),
    responses=problems(*_LEDGER, Outdated, VersionRequired),
)
async def replace_attendance_sheet(
    session: Changing, course_session_id: AttendedId, expected: IfMatch, data: SheetIn
) -> Response:
    """Take the roll of a session.

    Of up to 500 learners at once. What is not said of somebody stays as it is, and who is not named
    too; what is said otherwise than before is a correction, and the ledger keeps both. Whoever is
    at the door enters, and so do codes: so say which version of the sheet you have seen.
    """
    sheet = await service.held_sheet(session, course_session_id)
    expected.check(sheet)  # type: ignore[arg-type]
    await service.take_roll(session, sheet, data)
    body, tag = await service.as_read(session, sheet.id)
    return Response(body, headers={"ETag": f'"{tag}"'}, media_type="application/json")


@router.post(
    "/course-sessions/{course_session_id}/check-in",
    status_code=201,
    response_model=EntryOut,
    responses=problems(*_LEDGER, AlreadyCheckedIn, IdempotencyKeyReused),
)
async def check_in(
    session: Changing, course_session_id: AttendedId, data: PresenceIn
) -> AttendanceEntry:
    """Check somebody in.

    They are there from now on: to the end of the session, unless they check out.
    """
    sheet = await service.held_sheet(session, course_session_id)
    return await service.check_in(session, sheet, data)


@router.post(
    "/course-sessions/{course_session_id}/check-out",
    status_code=201,
    response_model=EntryOut,
    responses=problems(*_LEDGER, NotCheckedIn, IdempotencyKeyReused),
)
async def check_out(
    session: Changing, course_session_id: AttendedId, data: PresenceIn
) -> AttendanceEntry:
    """Check somebody out.

    Who checked in, or entered the code. They may come in again; the minutes add up.
    """
    sheet = await service.held_sheet(session, course_session_id)
    return await service.check_out(session, sheet, data)


@router.post(
    "/course-sessions/{course_session_id}/attendance-code",
    response_model=CodeOut,
    responses=problems(NotFound),
)
async def show_attendance_code(
    session: Changing, request: Request, course_session_id: AttendedId
) -> CodeOut:
    """Show the attendance code of a session.

    A code word, and the same as a picture: for a screen in class, not to be sent. There is another
    one every 20 seconds, so ask again when `shown_until` is over.
    """
    sheet = await service.held_sheet(session, course_session_id)
    code = request.app.state.codes.now(sheet.id, datetime.now(UTC))
    address = f"{request.app.state.settings.public_url}/attendance/{sheet.id}#{code.text}"
    return CodeOut(
        session_id=sheet.id,
        code=code.text,
        address=address,
        picture=codes.picture(address),
        shown_until=code.shown_until,
        valid_until=code.valid_until,
    )


@router.post(
    "/course-sessions/{course_session_id}/present",
    status_code=201,
    response_model=EntryOut,
    responses=problems(
        *(*_LEDGER, AttendanceCodeWrong, AttendanceCodeExpired, AttendanceCodeReplayed),
        *(AlreadyCheckedIn, IdempotencyKeyReused),
    ),
)
async def enter_attendance_code(
    session: Entering, request: Request, course_session_id: AttendedId, data: CodeIn
) -> AttendanceEntry:
    """Enter the code that is shown in class.

    Learners do, each for themselves: they are there from now on, unless they are checked out. Each
    code counts once.
    """
    return await service.enter_code(session, request.app.state.codes, course_session_id, data)


@router.get("/attendance-entries", **page_of(EntryOut, EntryQuery))
async def list_attendance_entries(reader: Reading, request: Request) -> Response:
    """List all that was ever said of attendance.

    The ledger: corrections and what they corrected, and who said so. Of each learner, session and
    aspect, the newest counts.
    """
    return await queries.entries.page(reader, request, EntryQuery.of(request))


@router.get("/standings", **page_of(StandingOut, StandingQuery))
async def list_standings(reader: Reading, request: Request) -> Response:
    """List how learners stand in their courses.

    Against the rule that is stamped on each course, and over all its planned sessions: who attended
    the first of ten has attended a tenth. With `state`, the results. The host of a course sees all
    in it, and so do its instructors; organisations see those whom they nominated, learners
    themselves.
    """
    return await queries.standings.page(reader, request, StandingQuery.of(request))


@router.get("/standings/{nomination_id}", response_model=StandingOut, responses=problems(NotFound))
async def get_standing(reader: Reading, request: Request, nomination_id: StandingId) -> Response:
    """Read how a learner stands in a course."""
    return await queries.standings.row(reader, request, nomination_id)


@router.post(
    "/courses/{course_id}/results",
    response_model=ResultsOut,
    responses=problems(NotFound, ResultsNotReady, IdempotencyKeyReused),
)
async def decide_results(session: of_courses.Changing, course_id: RunId) -> ResultsOut:
    """Decide who has completed a course.

    All who have no result yet, by the rule that is stamped on the course, when its sessions are
    over and attendance was taken. Who completed it has evidence of the competencies that its
    modules lead to; who nominated them is told by the feed of changes, and lists the results under
    `standings`. Attendance that would make another result is not taken any more.
    """
    return await results.decide(session, await held_course(session, course_id))
