"""Rooms, which are free, and what they are booked for."""

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
from app.rooms import queries, service
from app.rooms.booking_schemas import BookingIn
from app.rooms.models import Room, RoomBooking
from app.rooms.problems import (
    BookingOfSubject,
    RoomBookedAfterClosing,
    RoomClosed,
    RoomCodeTaken,
    RoomDoubleBooked,
)
from app.rooms.schemas import (
    RoomBookingOut,
    RoomBookingQuery,
    RoomCreate,
    RoomIn,
    RoomOut,
    RoomQuery,
)

router = routing.router("rooms")

Reading = Annotated[Reader, reading(Permission.ROOMS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.ROOMS_WRITE)]

RoomId = Annotated[UUID, Path(description="The room's id", examples=[examples.ROOM])]
BookingId = Annotated[UUID, Path(description="The booking's id", examples=[examples.ROOM_BOOKING])]
UnwantedId = Annotated[
    UUID, Path(description="The booking's id", examples=[examples.UNWANTED_ROOM_BOOKING])
]

_BOOKED = (RoomDoubleBooked, RoomClosed)


@router.get("/rooms", **page_of(RoomOut, RoomQuery))
async def list_rooms(reader: Reading, request: Request) -> Response:
    """List rooms.

    With `free_from` and `free_to`, those that are free from then to then: nothing is firmly booked
    in them, and they are not closed. Add `capacity` and `equipment` to find one that fits.
    """
    return await queries.rooms.page(reader, request, RoomQuery.of(request))


@router.post(
    "/rooms",
    status_code=201,
    response_model=RoomOut,
    openapi_extra=examples.body(
        code="D-110",
        name_vi="Phòng họp D-110",
        name_en="Meeting room D-110",
        address="69 phố Chùa Láng, Hà Nội",
        capacity=24,
        equipment=["projector", "video_conference"],
    ),
    responses=problems(NotFound, RoomCodeTaken, IdempotencyKeyReused),
)
async def create_room(session: Changing, data: RoomCreate, response: Response) -> Room:
    """Add a room.

    One where your organisation hosts people who are taught.
    """
    return tagged(response, await service.create_room(session, data))


@router.get("/rooms/{room_id}", response_model=RoomOut, responses=problems(NotFound))
async def get_room(reader: Reading, request: Request, room_id: RoomId) -> Response:
    """Read a room."""
    return await queries.rooms.row(reader, request, room_id)


@router.put(
    "/rooms/{room_id}",
    response_model=RoomOut,
    responses=problems(NotFound, RoomCodeTaken, RoomBookedAfterClosing, Outdated, VersionRequired),
)
async def replace_room(
    session: Changing, room_id: RoomId, expected: IfMatch, data: RoomIn, response: Response
) -> Room:
    """Replace a room's description.

    From `closed_on` on nothing is booked in it; what is booked then already has to be moved first.
    """
    room = await get_or_404(session, Room, room_id)
    expected.check(room)
    return tagged(response, await service.replace_room(session, room, data))


@router.post(
    "/rooms/{room_id}/bookings",
    status_code=201,
    response_model=RoomBookingOut,
    openapi_extra=examples.body(
        starts_at="2027-03-02T08:00:00+07:00",
        ends_at="2027-03-02T11:30:00+07:00",
        reason="Bảo trì hệ thống âm thanh",
        tentative=False,
    ),
    responses=problems(NotFound, *_BOOKED, IdempotencyKeyReused),
)
async def create_room_booking(
    session: Changing, room_id: RoomId, data: BookingIn, response: Response
) -> RoomBooking:
    """Book a room for something that is no session.

    For maintenance, a visit, an exam. A room is firmly booked for one thing at a time; bookings
    that are tentative overlap, and `warnings` tell what.
    """
    room = await get_or_404(session, Room, room_id)
    time = service.Time(data.starts_at, data.ends_at)
    booking = await service.book_room(
        session, room, time, tentative=data.tentative, reason=data.reason
    )
    return tagged(response, booking)


@router.get("/room-bookings", **page_of(RoomBookingOut, RoomBookingQuery))
async def list_room_bookings(reader: Reading, request: Request) -> Response:
    """List what rooms are booked for.

    With `from` and `to`, what lies between, or begins before or ends after.
    """
    query = RoomBookingQuery.of(request)
    return await queries.room_bookings.page(reader, request, query)


@router.get(
    "/room-bookings/{room_booking_id}",
    response_model=RoomBookingOut,
    responses=problems(NotFound),
)
async def get_room_booking(
    reader: Reading, request: Request, room_booking_id: BookingId
) -> Response:
    """Read a booking of a room."""
    return await queries.room_bookings.row(reader, request, room_booking_id)


@router.put(
    "/room-bookings/{room_booking_id}",
    response_model=RoomBookingOut,
    responses=problems(NotFound, *_BOOKED, BookingOfSubject, Outdated, VersionRequired),
)
async def replace_room_booking(
    session: Changing,
    room_booking_id: BookingId,
    expected: IfMatch,
    data: BookingIn,
    response: Response,
) -> RoomBooking:
    """Replace a booking of a room.

    To move it, or to make a tentative one firm. What is booked for a session moves with that.
    """
    booking = await get_or_404(session, RoomBooking, room_booking_id)
    expected.check(booking)
    return tagged(response, await service.replace_booking(session, booking, data))


@router.delete(
    "/room-bookings/{room_booking_id}",
    status_code=204,
    responses=problems(NotFound, BookingOfSubject, Outdated, VersionRequired),
)
async def remove_room_booking(
    session: Changing, room_booking_id: UnwantedId, expected: IfMatch
) -> None:
    """Remove a booking of a room.

    What is booked for a session goes with that.
    """
    booking = await get_or_404(session, RoomBooking, room_booking_id)
    expected.check(booking)
    await service.remove_booking(session, booking)
