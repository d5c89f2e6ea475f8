"""What must always hold, as it goes over the wire."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.schemas import Instant

Invariant = Annotated[
    Literal[
        "overbooked",
        "quota_overspent",
        "seat_without_nomination",
        "clash",
        "attendance_of_stranger",
        "completion_against_rule",
    ],
    Field(
        description="`overbooked`: more people than a course has places; `quota_overspent`: more"
        " than a quota; `seat_without_nomination`: seats that nobody has, or bookings for who has"
        " none; `clash`: somebody, a room or an instructor at two sessions at once;"
        " `attendance_of_stranger`: of somebody who is not enrolled; `completion_against_rule`: a"
        " result that the rule of the course does not make of their attendance"
    ),
]


class BrokenInvariantOut(BaseModel):
    """Where something does not hold."""

    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    session_id: UUID | None
    learner_id: UUID | None
    detail: str = Field(description="What is wrong", examples=["31 of 30 places"])


class InvariantOut(BaseModel):
    """Something that must always hold."""

    invariant: Invariant
    broken: int = Field(description="In how many places it does not hold", examples=[0])
    examples: list[BrokenInvariantOut] = Field(description="Twenty of these at most")


class InvariantsOut(BaseModel):
    """Everything that must always hold of courses."""

    checked_at: Instant
    sound: bool = Field(description="Whether all of it holds", examples=[True])
    invariants: list[InvariantOut]
