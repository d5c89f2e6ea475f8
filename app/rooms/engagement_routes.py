"""When instructors are unavailable, and what they are booked for."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.rooms import instructor_queries as queries
from app.rooms import instructors, service
from app.rooms.booking_schemas import BookingIn
from app.rooms.instructor_models import (
    Instructor,
    InstructorBooking,
    InstructorUnavailability,
)
from app.rooms.instructor_schemas import (
    InstructorBookingOut,
    InstructorBookingQuery,
    InstructorUnavailabilityIn,
    InstructorUnavailabilityOut,
    InstructorUnavailabilityQuery,
)
from app.rooms.problems import (
    BookingOfSubject,
    InstructorDoubleBooked,
    InstructorInactive,
    InstructorUnavailable,
)

router = routing.router("rooms")

Reading = Annotated[Reader, reading(Permission.INSTRUCTORS_READ)]
Correcting = Annotated[AsyncSession, changing(Permission.INSTRUCTORS_CORRECT)]
Changing = Annotated[AsyncSession, changing(Permission.INSTRUCTORS_WRITE)]

InstructorId = Annotated[
    UUID, Path(description="The instructor's id", examples=[examples.INSTRUCTOR])
]
UnavailabilityId = Annotated[
    UUID,
    Path(
        description="The id of the time of unavailability",
        examples=[examples.INSTRUCTOR_UNAVAILABILITY],
    ),
]
EndedId = Annotated[
    UUID,
    Path(
        description="The id of the time of unavailability",
        examples=[examples.ENDED_UNAVAILABILITY],
    ),
]
BookingId = Annotated[
    UUID, Path(description="The booking's id", examples=[examples.INSTRUCTOR_BOOKING])
]
UnwantedId = Annotated[
    UUID, Path(description="The booking's id", examples=[examples.UNWANTED_INSTRUCTOR_BOOKING])
]

_BOOKED = (InstructorDoubleBooked, InstructorUnavailable, InstructorInactive)


@router.get(
    "/instructor-unavailability",
    **page_of(InstructorUnavailabilityOut, InstructorUnavailabilityQuery),
)
async def list_instructor_unavailability(reader: Reading, request: Request) -> Response:
    """List when instructors are unavailable.

    `warnings` tell what they are booked for then all the same.
    """
    query = InstructorUnavailabilityQuery.of(request)
    return await queries.unavailability.page(reader, request, query)


@router.post(
    "/instructors/{instructor_id}/unavailability",
    status_code=201,
    response_model=InstructorUnavailabilityOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def create_instructor_unavailability(
    session: Correcting,
    instructor_id: InstructorId,
    data: InstructorUnavailabilityIn,
    response: Response,
) -> InstructorUnavailability:
    """Say when an instructor is unavailable.

    They are booked for nothing more then. What they are booked for already stands, and `warnings`
    tell of it, for somebody to take it over.
    """
    instructor = await get_or_404(session, Instructor, instructor_id)
    return tagged(response, await instructors.add_unavailability(session, instructor, data))


@router.get(
    "/instructor-unavailability/{instructor_unavailability_id}",
    response_model=InstructorUnavailabilityOut,
    responses=problems(NotFound),
)
async def get_instructor_unavailability(
    reader: Reading, request: Request, instructor_unavailability_id: UnavailabilityId
) -> Response:
    """Read a time at which an instructor is unavailable."""
    return await queries.unavailability.row(reader, request, instructor_unavailability_id)


@router.put(
    "/instructor-unavailability/{instructor_unavailability_id}",
    response_model=InstructorUnavailabilityOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_instructor_unavailability(
    session: Correcting,
    instructor_unavailability_id: UnavailabilityId,
    expected: IfMatch,
    data: InstructorUnavailabilityIn,
    response: Response,
) -> InstructorUnavailability:
    """Replace a time at which an instructor is unavailable.

    What they are booked for already stands, and `warnings` tell of it.
    """
    row = await get_or_404(session, InstructorUnavailability, instructor_unavailability_id)
    expected.check(row)
    return tagged(response, await instructors.replace_unavailability(session, row, data))


@router.delete(
    "/instructor-unavailability/{instructor_unavailability_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_instructor_unavailability(
    session: Correcting, instructor_unavailability_id: EndedId, expected: IfMatch
) -> None:
    """Say that an instructor is available after all."""
    row = await get_or_404(session, InstructorUnavailability, instructor_unavailability_id)
    expected.check(row)
    await session.delete(row)
    await session.flush()


@router.post(
    "/instructors/{instructor_id}/bookings",
    status_code=201,
    response_model=InstructorBookingOut,
    openapi_extra=examples.body(
        starts_at="2027-03-02T08:00:00+07:00",
        ends_at="2027-03-02T11:30:00+07:00",
        reason="Chấm bài kiểm tra",
        tentative=False,
    ),
    responses=problems(NotFound, *_BOOKED, IdempotencyKeyReused),
)
async def create_instructor_booking(
    session: Changing, instructor_id: InstructorId, data: BookingIn, response: Response
) -> InstructorBooking:
    """Book an instructor for something that is no session.

    For marking, a board, a review. They are firmly booked for one thing at a time; bookings that
    are tentative overlap, and `warnings` tell what.
    """
    instructor = await get_or_404(session, Instructor, instructor_id)
    time = service.Time(data.starts_at, data.ends_at)
    booking = await service.book_instructor(
        session, instructor, time, tentative=data.tentative, reason=data.reason
    )
    return tagged(response, booking)


@router.get("/instructor-bookings", **page_of(InstructorBookingOut, InstructorBookingQuery))
async def list_instructor_bookings(reader: Reading, request: Request) -> Response:
    """List what instructors are booked for.

    With `from` and `to`, what lies between, or begins before or ends after. Instructors find what
    they are booked for themselves.
    """
    query = InstructorBookingQuery.of(request)
    return await queries.instructor_bookings.page(reader, request, query)


@router.get(
    "/instructor-bookings/{instructor_booking_id}",
    response_model=InstructorBookingOut,
    responses=problems(NotFound),
)
async def get_instructor_booking(
    reader: Reading, request: Request, instructor_booking_id: BookingId
) -> Response:
    """Read a booking of an instructor."""
    return await queries.instructor_bookings.row(reader, request, instructor_booking_id)


@router.put(
    "/instructor-bookings/{instructor_booking_id}",
    response_model=InstructorBookingOut,
    openapi_extra=examples.body(
        starts_at="2027-03-03T08:00:00+07:00",
        ends_at="2027-03-03T11:30:00+07:00",
        reason="Chấm bài kiểm tra",
        tentative=False,
    ),
    responses=problems(NotFound, *_BOOKED, BookingOfSubject, Outdated, VersionRequired),
)
async def replace_instructor_booking(
    session: Changing,
    instructor_booking_id: BookingId,
    expected: IfMatch,
    data: BookingIn,
    response: Response,
) -> InstructorBooking:
    """Replace a booking of an instructor.

    To move it, or to make a tentative one firm. What is booked for a session moves with that.
    """
    booking = await get_or_404(session, InstructorBooking, instructor_booking_id)
    expected.check(booking)
    return tagged(response, await service.replace_booking(session, booking, data))


@router.delete(
    "/instructor-bookings/{instructor_booking_id}",
    status_code=204,
    responses=problems(NotFound, BookingOfSubject, Outdated, VersionRequired),
)
async def remove_instructor_booking(
    session: Changing, instructor_booking_id: UnwantedId, expected: IfMatch
) -> None:
    """Remove a booking of an instructor.

    What is booked for a session goes with that.
    """
    booking = await get_or_404(session, InstructorBooking, instructor_booking_id)
    expected.check(booking)
    await service.remove_booking(session, booking)
