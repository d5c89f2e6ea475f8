"""Attendance as it goes over the wire."""

from datetime import date
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.attendance.vocabulary import Aspect, ParticipantState, Result, Source, Standing
from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Instant, Line, Paragraph, Writable, each_once
from app.courses.vocabulary import Modality, Participation

Attended = Annotated[int, Field(ge=0, le=10_000, strict=True)]
_IN_PERSON = "Minutes in the room"
_ONLINE = "Minutes online"
_LATE = "How many minutes after the beginning they came"
_EXCUSED = "Whether they were excused for what they did not attend; it counts as not attended"
_DOCUMENT = "By which they were excused: a letter, its number and date"
_TOOK_PART = "How far they took part"


def _said(data: dict[str, Any]) -> set[str]:
    return {name for name, value in data.items() if value is not None}


class SheetRowIn(Body):
    """A learner on the sheet. What is not said of them stays as it is."""

    learner_id: UUID = Field(examples=[examples.LEARNER])
    in_person_minutes: Attended | None = Field(
        None, description=f"{_IN_PERSON}; 0 for who was absent", examples=[150]
    )
    online_minutes: Attended | None = Field(None, description=_ONLINE, examples=[None])
    late_minutes: Attended | None = Field(
        None, description=f"{_LATE}; said with the minutes that they attended", examples=[15]
    )
    excused: bool | None = Field(None, strict=True, description=_EXCUSED, examples=[None])
    document: Line | None = Field(
        None, validate_default=True, description=_DOCUMENT, examples=[None]
    )
    participation: Participation | None = Field(
        None, description=_TOOK_PART, examples=["contributed"]
    )
    note: Paragraph | None = Field(
        None, description="Why it is said, for instance in a correction", examples=[None]
    )

    @field_validator("late_minutes")
    @classmethod
    def _attended(cls, late: int | None, info: ValidationInfo) -> int | None:
        if late is not None and not {"in_person_minutes", "online_minutes"} & _said(info.data):
            raise PydanticCustomError("late_without_minutes", "Say for how long they attended.")
        return late

    @field_validator("document")
    @classmethod
    def _excuses(cls, document: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("excused") and document is None:
            raise PydanticCustomError("excused_without_document", "Say by which document.")
        if document is not None and not info.data.get("excused"):
            raise PydanticCustomError("document_of_nothing", "A document excuses somebody.")
        return document


class SheetIn(Body):
    learners: list[SheetRowIn] = Field(
        min_length=1, max_length=500, description="Who is not named stays as they are"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        each_once([row.learner_id for row in self.learners])
        return self


class SheetRowOut(BaseModel):
    """A learner on the sheet, as far as it is known whether they were there."""

    learner_id: UUID
    nomination_id: UUID
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    position_title: str = Field(examples=["Chuyên viên"])
    organization_id: UUID = Field(description="Who nominated them")
    state: ParticipantState
    in_person_minutes: int | None = Field(description=_IN_PERSON, examples=[150])
    online_minutes: int | None = Field(description=_ONLINE, examples=[None])
    late_minutes: int | None = Field(description=_LATE, examples=[15])
    checked_in: bool = Field(
        description="Whether they checked in, or entered the code, and have not checked out yet"
    )
    excused: bool = Field(description=_EXCUSED)
    document: str | None = Field(description=_DOCUMENT, examples=[None])
    participation: Participation | None = Field(description=_TOOK_PART)
    sources: list[Source] = Field(description="What it is known from")
    recorded_at: Instant | None = Field(description="When the last of it was said")


class SheetOut(BaseModel):
    """The attendance sheet of a session (điểm danh)."""

    id: UUID = Field(description="The session's")
    version: int = Field(description="Counts what was entered; its ETag", examples=[3])
    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    taken: bool = Field(description="Whether it is known of anybody if they were there")
    planned_minutes: int = Field(
        description="More than these do not count, however long somebody stayed", examples=[180]
    )
    learners: list[SheetRowOut] = Field(
        description="In the order of their names; those that you may see"
    )


class PresenceIn(Body):
    """Somebody at the door, or online."""

    learner_id: UUID = Field(examples=[examples.LEARNER])
    modality: Modality = Field("in_person", description="How they attend", examples=["in_person"])


class CodeIn(Body):
    """What a learner reads in class."""

    code: Annotated[str, Field(min_length=1, max_length=40), Writable] = Field(
        description="As it is shown now; small letters and a missing dash do no harm",
        examples=["K7QX-29FD"],
    )
    modality: Modality | None = Field(
        None,
        description="How they attend; in person when unsaid, and online where all are",
        examples=[None],
    )


class CodeOut(BaseModel):
    """The code to be shown in class now (mã điểm danh)."""

    session_id: UUID
    code: str = Field(description="The code word", examples=["K7QX-29FD"])
    address: str = Field(
        description="What the picture says: the session and the code, for a program that reads it",
        examples=["https://banggiao.example/attendance/0198c0de#K7QX-29FD"],
    )
    picture: str = Field(
        description="The same as a QR code: an SVG element to show in a page",
        examples=["<svg xmlns='http://www.w3.org/2000/svg'/>"],
    )
    shown_until: Instant = Field(description="When to ask for the next one")
    valid_until: Instant = Field(description="Until when it is taken")


class EntryOut(BaseModel):
    """One thing that was said of somebody's attendance. It stays, whatever is said later."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    session_id: UUID
    nomination_id: UUID
    learner_id: UUID
    aspect: Aspect
    minutes: int | None = Field(
        description="For how long they attended, of what is `in_person` or `online`", examples=[150]
    )
    late_minutes: int | None = Field(description=_LATE, examples=[15])
    participation: Participation | None = Field(description=_TOOK_PART)
    excused: bool | None = Field(description=_EXCUSED)
    document: str | None = Field(description=_DOCUMENT, examples=[None])
    note: str | None = Field(description="Why it was said", examples=[None])
    source: Source
    present_from: Instant | None = Field(
        description="Since when they are there, of whom it is not known yet that they left"
    )
    meeting_log_id: UUID | None = Field(description="The report of a meeting that says so")
    recorded_by: str = Field(description="Who said it", examples=["instructor:0198c0de"])


class EntryQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = EntryOut

    course: UUID | None = Field(None, description="Of this course")
    course_session: UUID | None = Field(None, description="Of this session")
    learner: UUID | None = Field(None, description="Of this learner")
    aspect: Aspect | None = Field(None, description="About this")
    source: Source | None = Field(None, description="Known from this")
    sort: str = sorting("-created_at", sortable)


class StandingOut(BaseModel):
    """How a learner stands in a course, over all its planned sessions."""

    id: UUID = Field(description="The nomination's")
    created_at: Instant = Field(description="When they were nominated")
    organization_id: UUID = Field(description="Who nominated them")
    host_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    course_code: str = Field(examples=["1275-CB-2026-01"])
    course_title_vi: str = Field(examples=["Bồi dưỡng cơ bản về đối ngoại, khóa 1"])
    course_title_en: str = Field(examples=["Basic course in foreign affairs, no. 1"])
    starts_on: date
    ends_on: date
    learner_id: UUID
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    position_title: str = Field(examples=["Chuyên viên"])
    state: ParticipantState
    required_share: int = Field(
        description="How much of the planned minutes the course asks for, in percent", examples=[80]
    )
    required_participation: Participation | None = Field(
        description="How far the course asks to take part"
    )
    planned_minutes: int = Field(
        description="Of all sessions that were not cancelled", examples=[1800]
    )
    past_minutes: int = Field(
        description="Of those that are over, and of which attendance was taken", examples=[900]
    )
    attended_minutes: int = Field(
        description="What they attended of these, as far as it counts", examples=[720]
    )
    in_person_minutes: int = Field(description=_IN_PERSON, examples=[540])
    online_minutes: int = Field(description=_ONLINE, examples=[180])
    excused_minutes: int = Field(
        description="Planned minutes of sessions that they were excused from", examples=[0]
    )
    late_sessions: int = Field(description="To how many sessions they came late", examples=[1])
    minutes_to_come: int = Field(description="That they can still attend", examples=[900])
    share: float | None = Field(
        description="`attended_minutes` of `planned_minutes`, in percent", examples=[40.0]
    )
    participation: Participation | None = Field(description="The most that they took part")
    standing: Standing
    result: Result | None = Field(
        description="What they have earned; null while sessions are to come"
    )


class StandingQuery(PageQuery):
    sortable: ClassVar = ("created_at", "full_name", "starts_on")
    shape: ClassVar = StandingOut

    organization: UUID | None = Field(None, description="Whom this organisation nominated")
    host: UUID | None = Field(None, description="In courses that this organisation hosts")
    course: UUID | None = Field(None, description="In this course")
    learner: UUID | None = Field(None, description="Of this learner")
    state: ParticipantState | None = Field(None, description="With this result, or without one")
    standing: Standing | None = Field(None, description="Who stand so")
    sort: str = sorting("-created_at", sortable)


class ResultsOut(BaseModel):
    """What became of those who were enrolled in a course."""

    course_id: UUID
    completed: int = Field(examples=[27])
    failed: int = Field(examples=[2])
    no_show: int = Field(examples=[1])
