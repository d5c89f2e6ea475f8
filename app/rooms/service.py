"""Rooms, and bookings of rooms and of instructors.

Packages above book for subjects of theirs with the same functions: `take_turns` first, then
`book_room` and `book_instructor`, later `release`. Bookings follow a subject that moves.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import replace
from app.core.problems import NotFound
from app.events.outbox import publish
from app.rooms.booking_schemas import BookingIn
from app.rooms.instructor_models import Instructor, InstructorBooking, InstructorUnavailability
from app.rooms.models import Room, RoomBooking
from app.rooms.problems import BookingOfSubject
from app.rooms.schemas import RoomCreate, RoomIn

B = TypeVar("B", RoomBooking, InstructorBooking)
T = TypeVar("T", RoomBooking, InstructorBooking, InstructorUnavailability)


class Subject(NamedTuple):
    """What a package above books for: a row of its own."""

    organization_id: UUID
    id: UUID


class Time(NamedTuple):
    """Half-open: another may begin when this one ends."""

    starts_at: datetime
    ends_at: datetime


async def create_room(session: AsyncSession, data: RoomCreate) -> Room:
    room = Room(**data.model_dump(exclude={"organization_id"}))
    if data.organization_id is not None:
        room.organization_id = data.organization_id
    session.add(room)
    await session.flush()
    publish(session, "room.created", room.id, room.organization_id, key=room.code)
    return room


async def replace_room(session: AsyncSession, room: Room, data: RoomIn) -> Room:
    former_key = room.code
    await replace(session, room, data)
    news = {"former_key": former_key} if former_key != room.code else {}
    publish(session, "room.changed", room.id, room.organization_id, key=room.code, **news)
    return room


async def take_turns(
    session: AsyncSession, rooms: Collection[UUID], instructors: Collection[UUID]
) -> None:
    """Waits until nobody else books any of these, and keeps others waiting until the end of the
    transaction. Whoever books more than one of them, or moves from one to another, asks for all
    of them at once before: always in the same order, nobody waits for who waits for them.

    Raises NotFound when one of them is not there.
    """
    for kind, ids in ((Room, rooms), (Instructor, instructors)):
        wanted = set(ids)
        if not wanted:
            continue
        locked = select(kind.id).where(kind.id.in_(wanted)).order_by(kind.id)
        found = await session.scalars(locked.with_for_update(key_share=True))
        if set(found) != wanted:
            raise NotFound


async def book_room(
    session: AsyncSession,
    room: Room,
    time: Time,
    subject: Subject | None = None,
    *,
    tentative: bool = False,
    reason: str | None = None,
) -> RoomBooking:
    """For a subject, or for a reason. A firm booking where there is one is refused
    (RoomDoubleBooked); what overlaps otherwise, its `warnings` tell."""
    booking = RoomBooking(organization_id=room.organization_id, room_id=room.id)
    return await _book(session, booking, time, subject, tentative=tentative, reason=reason)


async def book_instructor(
    session: AsyncSession,
    instructor: Instructor,
    time: Time,
    subject: Subject | None = None,
    *,
    tentative: bool = False,
    reason: str | None = None,
) -> InstructorBooking:
    """As a room is booked; nobody is booked firmly when they are unavailable."""
    booking = InstructorBooking(instructor_id=instructor.id)
    return await _book(session, booking, time, subject, tentative=tentative, reason=reason)


async def _book(
    session: AsyncSession,
    booking: B,
    time: Time,
    subject: Subject | None,
    *,
    tentative: bool,
    reason: str | None,
) -> B:
    booking.starts_at, booking.ends_at = time
    booking.tentative, booking.reason = tentative, reason
    if subject is not None:
        booking.subject_organization_id, booking.subject_id = subject
    session.add(booking)
    return await written(session, booking)


async def written(session: AsyncSession, row: T) -> T:
    """With the warnings that it has now."""
    await session.flush()
    await session.refresh(row)
    return row


async def replace_booking(session: AsyncSession, booking: B, data: BookingIn) -> B:
    _by_itself(booking)
    for field, value in data:
        setattr(booking, field, value)
    return await written(session, booking)


async def remove_booking(session: AsyncSession, booking: RoomBooking | InstructorBooking) -> None:
    _by_itself(booking)
    await session.delete(booking)
    await session.flush()


def _by_itself(booking: RoomBooking | InstructorBooking) -> None:
    """Raises BookingOfSubject for what goes along with its subject."""
    if booking.subject_id is not None:
        raise BookingOfSubject


async def release(
    session: AsyncSession,
    subject: Subject,
    rooms: Collection[UUID],
    instructors: Collection[UUID],
) -> None:
    """These are not booked for the subject any more."""
    if rooms:
        given_up = RoomBooking.room_id.in_(rooms)
        await session.execute(delete(RoomBooking).where(_of(RoomBooking, subject), given_up))
    if instructors:
        their = InstructorBooking.instructor_id.in_(instructors)
        await session.execute(
            delete(InstructorBooking).where(_of(InstructorBooking, subject), their)
        )


def _of(kind: type[RoomBooking | InstructorBooking], subject: Subject) -> ColumnElement[bool]:
    of_organization = kind.subject_organization_id == subject.organization_id
    return and_(of_organization, kind.subject_id == subject.id)
