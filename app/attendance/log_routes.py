"""Reports of online meetings, from Zoom and Microsoft Teams."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from app.attendance import meeting_logs, queries
from app.attendance.log_schemas import LogDecisionsIn, LogQuery, MeetingLogOut, MeetingLogQuery
from app.attendance.models import MeetingLog
from app.attendance.permitted import Changing, OnlineId, Reading, Sending
from app.attendance.problems import (
    AttendanceOfStranger,
    AttendanceOutOfTime,
    AttendanceSettled,
    MeetingLogEnded,
    MeetingLogOfAnotherMeeting,
    MeetingLogUndecided,
    MeetingLogUnreadable,
    MeetingLogWithoutTimes,
    ModalityNotOfSession,
    SessionCancelled,
)
from app.attendance.vocabulary import MEDIA_TYPES
from app.core import examples, routing
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, problems

router = routing.router("attendance")

LogId = Annotated[UUID, Path(description="The report's id", examples=[examples.MEETING_LOG])]
UnwantedId = Annotated[
    UUID, Path(description="The report's id", examples=[examples.UNWANTED_MEETING_LOG])
]
_EXAMPLE = """Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Nguyễn Thị Minh Hoà,hoa@so.example,11/09/2026 01:32:11 PM,11/09/2026 04:30:40 PM,178,No
"""
_FILE: dict[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
    "required": ["file"],
}
_SENT = parameters_of(LogQuery) | {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string"}, "example": _EXAMPLE} for kind in MEDIA_TYPES},
            "multipart/form-data": {"schema": _FILE},
        },
    }
}


@router.post(
    "/course-sessions/{course_session_id}/meeting-logs",
    status_code=201,
    response_model=MeetingLogOut,
    openapi_extra=_SENT,
    responses=problems(
        *(NotFound, MeetingLogUnreadable, MeetingLogWithoutTimes, MeetingLogOfAnotherMeeting),
        *(ModalityNotOfSession, IdempotencyKeyReused),
    ),
)
async def send_meeting_log(
    session: Sending, request: Request, course_session_id: OnlineId, response: Response
) -> MeetingLog:
    """Send the report of an online meeting.

    Of Zoom or Microsoft Teams, as it is taken out there (CSV; Teams writes UTF-16). Nothing counts
    yet: the answer shows for how long everybody was there within the session, who they are by their
    address or name, and of whom somebody has to say it. Apply it then.
    """
    query = LogQuery.of(request)
    sent = (request.state.upload, query.file_name, query.zone)
    received = await meeting_logs.receive(session, course_session_id, *sent)
    return tagged(response, received)


@router.get("/meeting-logs", **page_of(MeetingLogOut, MeetingLogQuery))
async def list_meeting_logs(reader: Reading, request: Request) -> Response:
    """List reports of online meetings.

    The newest first. The host of a course sees them, and who teaches the session.
    """
    return await queries.logs.page(reader, request, MeetingLogQuery.of(request))


@router.get(
    "/meeting-logs/{meeting_log_id}", response_model=MeetingLogOut, responses=problems(NotFound)
)
async def get_meeting_log(reader: Reading, request: Request, meeting_log_id: LogId) -> Response:
    """Read the report of an online meeting."""
    return await queries.logs.row(reader, request, meeting_log_id)


@router.post(
    "/meeting-logs/{meeting_log_id}/apply",
    response_model=MeetingLogOut,
    openapi_extra=examples.body(decisions=[{"row": 2, "learner_id": str(examples.LEARNER)}]),
    responses=problems(
        *(NotFound, MeetingLogEnded, MeetingLogUndecided, AttendanceOfStranger),
        *(AttendanceSettled, AttendanceOutOfTime, SessionCancelled, MeetingLogOfAnotherMeeting),
        IdempotencyKeyReused,
    ),
)
async def apply_meeting_log(
    session: Changing, meeting_log_id: LogId, data: LogDecisionsIn, response: Response
) -> MeetingLog:
    """Apply the report of an online meeting.

    Say in `decisions` who those are who were not found. Then everybody's minutes are in the ledger;
    of an online session, also that those were absent of whom nothing is known.
    """
    return tagged(response, await meeting_logs.apply(session, meeting_log_id, data))


@router.post(
    "/meeting-logs/{meeting_log_id}/discard",
    response_model=MeetingLogOut,
    responses=problems(NotFound, MeetingLogEnded, IdempotencyKeyReused),
)
async def discard_meeting_log(
    session: Changing, meeting_log_id: UnwantedId, response: Response
) -> MeetingLog:
    """Discard the report of an online meeting."""
    return tagged(response, await meeting_logs.discard(session, meeting_log_id))
