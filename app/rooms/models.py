"""Rooms, and what they are booked for."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, column_property

from app.core.database.models import OwnedEntity
from app.rooms.times import Booked, booking_rules, warnings


class Room(OwnedEntity):
    """A place where people are taught, of the organisation that hosts them there."""

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="room_code_taken"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("capacity > 0", name="room_capacity_out_of_range"),
        CheckConstraint(
            "timezone(zone, timestamp '2000-01-01') is not null", name="room_zone_unknown"
        ),
        Index(None, "organization_id", "code", "id"),
    )

    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    address: Mapped[str]
    capacity: Mapped[int]
    equipment: Mapped[list[str]]
    zone: Mapped[str]
    closed_on: Mapped[date | None]
    """The first day there, in its zone, on which it is no more."""

    tentatively_booked = False
    """Lists tell it of the time that they are asked about."""


class RoomBooking(Booked, OwnedEntity):
    """What holds a room; it belongs to the organisation of the room, whatever it is for."""

    __tablename__ = "room_bookings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "room_id"],
            ["rooms.organization_id", "rooms.id"],
            name="room_bookings_room_id_fkey",
        ),
        *booking_rules("room", "organization_id", "room_id"),
    )

    room_id: Mapped[UUID]


RoomBooking.warnings = column_property(
    warnings("room_bookings", "room_id", overlaps="room_bookings")
)
