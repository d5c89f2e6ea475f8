"""What every request and response body shares: how text, moments and ids are written."""

import re
from collections.abc import Collection, Hashable
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.core.text import nfc

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


_LONGEST = 4000
"""Characters; every text is bounded below that."""


def writable(value: object) -> object:
    """Normal form C, and nothing that PostgreSQL or a reader could not take."""
    if not isinstance(value, str):
        return value
    if len(value) > _LONGEST:  # is refused; to normalize it would take quadratic time
        return value
    if not value.isprintable() and _CONTROL.search(value):  # the first is fast, and too strict
        raise PydanticCustomError(
            "text_not_allowed", "The text holds characters that cannot be written."
        )
    return value.strip() if value.isascii() else nfc(value).strip()


Writable = BeforeValidator(writable)
"""Comes after the constraints of a text, which then judge what is written, and are documented."""

Text = Annotated[str, Writable]
"""Text as people write it: NFC, without control characters, trimmed."""

Line = Annotated[str, Field(min_length=1, max_length=200), Writable]
Paragraph = Annotated[str, Field(min_length=1, max_length=2000), Writable]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"), Writable]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"), Writable]


def _exactly(hours: float) -> float:
    """Pydantic takes what nearly is a multiple for one, and PostgreSQL would round it, to none."""
    if hours % 0.5:
        raise PydanticKnownError("multiple_of", {"multiple_of": 0.5})
    return hours


Exactly = AfterValidator(_exactly)
"""Of hours: in halves, which binary fractions hold."""


def each_once(named: Collection[Hashable]) -> None:
    """For validators of lists that name things. Raises PydanticCustomError where one is twice."""
    if len(set(named)) < len(named):
        raise PydanticCustomError("named_twice", "The same is named twice.")


def in_milliseconds(moment: datetime) -> str:
    """As all answers write moments."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_text(kind: str, pattern: str) -> BeforeValidator:
    """A number is no day and no moment: Pydantic would take it for the seconds of a clock."""
    written = re.compile(pattern)

    def checked(value: object) -> object:
        if isinstance(value, date) or (isinstance(value, str) and written.match(value)):
            return value
        raise PydanticKnownError(f"{kind}_type")  # type: ignore[arg-type]

    return BeforeValidator(checked)


_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Day = Annotated[
    date,
    Field(ge=_FIRST.date(), le=_LAST.date()),
    _as_text("date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"),
]
Moment = Annotated[
    AwareDatetime,
    Field(ge=_FIRST, le=_LAST),
    _as_text("datetime", r"[0-9]{4}-[0-9]{2}-"),
    AfterValidator(lambda moment: moment.astimezone(UTC)),  # PostgreSQL takes fewer offsets
]
"""As a request gives it, in UTC. Nothing that we record is outside of these years."""

Instant = Annotated[
    datetime,
    PlainSerializer(in_milliseconds, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment as every answer writes it: UTC, in milliseconds, as pages.py has PostgreSQL write it."""


def today() -> date:
    """The day it is in Viet Nam, which dates without a time are dates of."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


class Body(BaseModel):
    """A request body: unknown fields are a mistake, not noise."""

    model_config = ConfigDict(extra="forbid")


class EntityOut(BaseModel):
    """What every resource answers of itself."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int = Field(description="Counts changes; the ETag of the resource", examples=[1])
    created_at: Instant
    updated_at: Instant
