"""Secret addresses of calendars, and what is read there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool

from app.access.caller import changing
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import held
from app.courses import calendars, ical
from app.courses import session_queries as queries
from app.courses.calendar_schemas import CalendarIn, CalendarMade, CalendarOut, CalendarQuery
from app.courses.permitted import Reading
from app.courses.session_models import Calendar

router = routing.router("courses")
feeds = APIRouter(include_in_schema=False)

Keeping = Annotated[AsyncSession, changing(Permission.COURSES_READ)]
"""Whoever may read what a calendar tells, may have it in their own."""
CalendarId = Annotated[UUID, Path(description="The calendar's id", examples=[examples.CALENDAR])]
UnwantedId = Annotated[
    UUID, Path(description="The calendar's id", examples=[examples.UNWANTED_CALENDAR])
]


@router.get("/calendars", **page_of(CalendarOut, CalendarQuery))
async def list_calendars(reader: Reading, request: Request) -> Response:
    """List secret addresses of calendars.

    Your own; the Academy sees all, and may withdraw them. The addresses themselves are shown to
    nobody again.
    """
    return await queries.calendars.page(reader, request, CalendarQuery.of(request))


@router.post(
    "/calendars",
    status_code=201,
    response_model=CalendarMade,
    openapi_extra=examples.body(course_id=str(examples.COURSE), language="vi"),
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def create_calendar(
    session: Keeping, request: Request, data: CalendarIn, response: Response
) -> dict[str, Any]:
    """Make a secret address of a calendar.

    Of a course, of a room of your organisation, or of yourself: what you teach, or where you have a
    place. Add `url` to any program that subscribes to calendars (iCalendar, RFC 5545): it shows
    what is moved and cancelled by itself. The address works for as long as you may sign in.
    """
    calendar, token = await calendars.make(session, data)
    return _made(request, tagged(response, calendar), token)


@router.get("/calendars/{calendar_id}", response_model=CalendarOut, responses=problems(NotFound))
async def get_calendar(reader: Reading, request: Request, calendar_id: CalendarId) -> Response:
    """Read of what a secret address is, and whose."""
    return await queries.calendars.row(reader, request, calendar_id)


@router.delete(
    "/calendars/{calendar_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_calendar(session: Keeping, calendar_id: UnwantedId, expected: IfMatch) -> None:
    """Withdraw a secret address of a calendar.

    It leads nowhere from now on.
    """
    calendar = await get_or_404(session, Calendar, calendar_id)
    expected.check(calendar)
    await calendars.remove(session, calendar)


@router.post(
    "/calendars/{calendar_id}/renew",
    response_model=CalendarMade,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def renew_calendar(
    session: Keeping, request: Request, calendar_id: CalendarId, response: Response
) -> dict[str, Any]:
    """Replace a secret address of a calendar by another one.

    When somebody else may know it: the one before leads nowhere from now on.
    """
    calendar = await get_or_404(session, Calendar, calendar_id)
    token = await calendars.renew(session, calendar)
    return _made(request, tagged(response, calendar), token)


@feeds.get("/calendars/{token}.ics")
async def read_calendar(request: Request, token: str) -> Response:
    """For calendar programs, which do not sign in: the address is the secret."""
    found = await calendars.content(request.app.state.database, token)
    if found is None:
        raise NotFound
    language, content, tag = found
    headers = {"ETag": f'"{ical.WRITER}-{tag}"', "Cache-Control": "private, no-cache"}
    if held(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    # Writing a few thousand sessions takes a second.
    body = await run_in_threadpool(ical.written, content, language)
    return Response(body, headers=headers, media_type="text/calendar; charset=utf-8")


def _made(request: Request, calendar: Calendar, token: str) -> dict[str, Any]:
    url = f"{request.app.state.settings.public_url}/calendars/{token}.ics"
    return CalendarOut.model_validate(calendar).model_dump() | {"url": url}
