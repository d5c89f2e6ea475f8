"""What filters of lists of rooms and their bookings mean."""

from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from app.core.views import View
from app.rooms.models import Room, RoomBooking
from app.rooms.schemas import RoomBookingOut, RoomBookingQuery, RoomOut, RoomQuery
from app.rooms.times import overlaps

_MOMENT = TIMESTAMP(timezone=True)


def span(begins: Any, ends: Any) -> ColumnElement[Any]:
    """From then to then; without a beginning or an end where one is not given."""
    given = [cast(each, _MOMENT) if each is not None else None for each in (begins, ends)]
    return func.tstzrange(*given)


def tentatively_booked(kind: Any, key: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a tentative booking of `kind` lies in the time that a list is asked about."""
    begins, ends = (bindparam(name, type_=_MOMENT) for name in ("free_from", "free_to"))
    asked = cast(begins, _MOMENT).is_not(None)
    held = overlaps(kind, func.tstzrange(cast(begins, _MOMENT), cast(ends, _MOMENT)))
    return and_(asked, select(kind.id).where(key, kind.tentative, held).exists())


def over(row: Any, query: Any) -> list[ColumnElement[bool]]:
    """The filters `from` and `to` of what lies in time."""
    if query.begin is None and query.end is None:
        return []
    return [overlaps(row, span(query.begin, query.end))]


def warned(row: Any) -> ColumnElement[str]:
    """A stamp of rows whose warnings come and go with other rows."""
    return func.concat(row.version, ".", func.md5(cast(row.warnings, Text)))


_OF_ROOM = RoomBooking.room_id == Room.id


def rooms_matching(query: RoomQuery) -> Select[Any]:
    statement = select(Room)
    if query.organization is not None:
        statement = statement.where(Room.organization_id == query.organization)
    if query.code is not None:
        statement = statement.where(Room.code == query.code)
    if query.capacity is not None:
        statement = statement.where(Room.capacity >= cast(query.capacity, Integer))
    if query.equipment is not None:
        wanted = func.string_to_array(query.equipment, literal_column("','"))
        statement = statement.where(Room.equipment.op("@>", is_comparison=True)(wanted))
    if query.free_from is not None:
        time = span(query.free_from, query.free_to)
        booked = select(RoomBooking.id).where(_OF_ROOM, ~RoomBooking.tentative)
        closes = func.timezone(Room.zone, cast(Room.closed_on, TIMESTAMP()))
        is_open = or_(closes.is_(None), closes >= cast(query.free_to, _MOMENT))
        statement = statement.where(~booked.where(overlaps(RoomBooking, time)).exists(), is_open)
    return statement


def room_bookings_matching(query: RoomBookingQuery) -> Select[Any]:
    statement = select(RoomBooking).where(*over(RoomBooking, query))
    if query.organization is not None:
        statement = statement.where(RoomBooking.organization_id == query.organization)
    if query.room is not None:
        statement = statement.where(RoomBooking.room_id == query.room)
    if query.tentative is not None:
        statement = statement.where(RoomBooking.tentative == cast(query.tentative, Boolean))
    return statement


_TENTATIVELY = tentatively_booked(RoomBooking, _OF_ROOM)

rooms = View(
    Room,
    RoomOut,
    rooms_matching,
    columns={"tentatively_booked": _TENTATIVELY},
    stamp=func.concat(Room.version, ".", _TENTATIVELY),
)
room_bookings = View(RoomBooking, RoomBookingOut, room_bookings_matching, stamp=warned(RoomBooking))
