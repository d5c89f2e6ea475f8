"""Rooms and their bookings, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import sorting
from app.core.schemas import Body, Code, Day, EntityOut, Line, Text, Writable
from app.rooms.booking_schemas import BookingOut, FreeQuery, TimeQuery
from app.rooms.vocabulary import EQUIPMENT, Equipment


def _known(zone: str) -> str:
    if zone in available_timezones():
        return zone
    raise PydanticCustomError("zone_unknown", "This is no time zone of the IANA.")


Zone = Annotated[
    str,
    Field(max_length=60, pattern=r"^(UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+)+)$"),
    Writable,
    AfterValidator(_known),
]
Capacity = Annotated[int, Field(ge=1, le=100_000)]


class RoomIn(Body):
    code: Code = Field(description="No other room of the organisation has it", examples=["A-301"])
    name_vi: Line = Field(examples=["Phòng học A-301"])
    name_en: Line = Field(examples=["Classroom A-301"])
    address: Line = Field(examples=["69 phố Chùa Láng, Hà Nội"])
    capacity: Capacity = Field(strict=True, description="How many people it holds", examples=[40])
    equipment: Annotated[list[Equipment], AfterValidator(lambda all_: sorted(set(all_)))] = Field(
        default_factory=list, max_length=20, examples=[["projector", "whiteboard"]]
    )
    zone: Zone = Field(
        "Asia/Ho_Chi_Minh",
        description="Time zone of the IANA, in which days of the room begin and end",
        examples=["Asia/Ho_Chi_Minh"],
    )
    closed_on: Day | None = Field(
        None, description="The first day on which it is no more", examples=[None]
    )


class RoomCreate(RoomIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class RoomOut(EntityOut):
    organization_id: UUID = Field(description="Whose room it is")
    code: str = Field(examples=["A-301"])
    name_vi: str = Field(examples=["Phòng học A-301"])
    name_en: str = Field(examples=["Classroom A-301"])
    address: str = Field(examples=["69 phố Chùa Láng, Hà Nội"])
    capacity: int = Field(description="How many people it holds", examples=[40])
    equipment: list[Equipment]
    zone: str = Field(
        description="Time zone of the IANA, in which days of the room begin and end",
        examples=["Asia/Ho_Chi_Minh"],
    )
    closed_on: date | None = Field(description="The first day on which it is no more")
    tentatively_booked: bool = Field(
        description="Whether there is a tentative booking between `free_from` and `free_to`; false"
        " where these are not asked for"
    )


class RoomQuery(FreeQuery):
    sortable: ClassVar = ("code", "name_vi", "capacity")
    shape: ClassVar = RoomOut

    organization: UUID | None = Field(None, description="Of this organisation")
    code: Text | None = Field(None, max_length=40, description="With this code")
    capacity: Capacity | None = Field(None, description="That hold as many people, or more")
    equipment: Text | None = Field(
        None,
        max_length=200,
        description="That have all of this, separated by commas",
        examples=["projector,microphones"],
    )
    sort: str = sorting("code", sortable)

    @field_validator("equipment")
    @classmethod
    def _listed(cls, equipment: str | None) -> str | None:
        if equipment is None or set(equipment.split(",")) <= set(EQUIPMENT):
            return equipment
        raise PydanticCustomError(
            "no_such_equipment", "Choose from {allowed}.", {"allowed": ", ".join(EQUIPMENT)}
        )


class RoomBookingOut(BookingOut):
    organization_id: UUID = Field(description="Whose room it is")
    room_id: UUID


class RoomBookingQuery(TimeQuery):
    sortable: ClassVar = ("starts_at", "created_at")
    shape: ClassVar = RoomBookingOut

    organization: UUID | None = Field(None, description="Of rooms of this organisation")
    room: UUID | None = Field(None, description="Of this room", examples=[examples.ROOM])
    tentative: bool | None = Field(None, description="Whether it is tentative")
    sort: str = sorting("starts_at", sortable)
