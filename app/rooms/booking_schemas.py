"""What times and bookings of rooms and of instructors have in common, as it goes over the wire."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.pages import PageQuery
from app.core.schemas import Body, EntityOut, Instant, Moment, Paragraph
from app.rooms.vocabulary import WarningCode

BEGINS, ENDS = "2027-03-01T08:00:00+07:00", "2027-03-01T11:30:00+07:00"


class TimeIn(Body):
    starts_at: Moment = Field(examples=[BEGINS])
    ends_at: Moment = Field(description="What begins then does not overlap it", examples=[ENDS])

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("lasts_no_time", "`ends_at` is after `starts_at`.")
        return self


class BookingIn(TimeIn):
    reason: Paragraph = Field(description="What for", examples=["Bảo trì hệ thống âm thanh"])
    tentative: bool = Field(
        default=False,
        strict=True,
        description="A tentative booking keeps nobody out: what overlaps it is told in `warnings`",
        examples=[False],
    )


class BookingWarning(BaseModel):
    """What is not refused, and to be known."""

    code: WarningCode
    id: UUID = Field(description="Of the other booking, or of the time of unavailability")
    starts_at: Instant
    ends_at: Instant


class TimeOut(EntityOut):
    starts_at: Instant
    ends_at: Instant = Field(description="What begins then does not overlap it")
    warnings: list[BookingWarning] = Field(description="For as long as it is so")


class BookingOut(TimeOut):
    tentative: bool
    reason: str | None = Field(examples=["Bảo trì hệ thống âm thanh"])
    subject_organization_id: UUID | None = Field(description="Whose `subject_id` is")
    subject_id: UUID | None = Field(
        description="What it is for, and moves with; null for what was booked by itself"
    )


def together(begins: datetime | None, ends: datetime | None) -> None:
    """Of a time that is asked about both ends are given, and it lasts."""
    if (begins is None) != (ends is None):
        raise PydanticCustomError("free_for_how_long", "`free_from` goes with `free_to`.")
    if begins is not None and ends is not None and ends <= begins:
        raise PydanticCustomError("free_to_before_free_from", "`free_to` is after `free_from`.")


class FreeQuery(PageQuery):
    """The filters of lists of what may be free."""

    free_from: Moment | None = Field(
        None, description="Free from then on, until `free_to`", examples=[BEGINS]
    )
    free_to: Moment | None = Field(None, description="Goes with `free_from`", examples=[ENDS])

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        together(self.free_from, self.free_to)
        return self


def _bound(alias: str, description: str) -> Any:
    return Field(None, alias=alias, description=description, examples=[BEGINS])


class TimeQuery(PageQuery):
    """The filters of lists of what lies in time."""

    begin: Moment | None = _bound("from", "That ends after then")
    end: Moment | None = _bound("to", "That begins before then")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begin is not None and self.end is not None and self.end <= self.begin:
            raise PydanticCustomError("to_before_from", "`to` is after `from`.")
        return self
