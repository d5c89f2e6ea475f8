"""Nominations, decisions on them and what stands against them, as they go over the wire."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Day, EntityOut, Instant, Line, Paragraph, each_once
from app.enrolment.vocabulary import Decision, FindingRule, FixedBy, NominationState

MOST = 500
"""People of one request."""
_HASH = "SHA-256 of the letter's file, in hexadecimal digits"
_DRY = "Only tell what would become of it"
_OVERLAP = "Accept that sessions overlap others that they have a seat in"
_DOCUMENT = "Number of the document that it rests on"
LetterHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LetterIn(Body):
    """The official letter (công văn) that names them."""

    number: Line = Field(examples=["123/SNgV-VP"])
    date: Day = Field(examples=["2026-11-16"])
    hash: LetterHash | None = Field(None, description=_HASH, examples=["0a" * 32])


class NomineeIn(Body):
    """Somebody of the roster."""

    learner_id: UUID = Field(examples=[examples.LEARNER])


class _Nominees(Body):
    learners: list[NomineeIn] = Field(
        min_length=1,
        max_length=MOST,
        description="In the order in which they should get seats, after those that were nominated"
        " before; each is nominated by the organisation on whose roster they are",
    )
    dry_run: bool = Field(default=False, strict=True, description=_DRY, examples=[False])

    @model_validator(mode="after")
    def _once(self) -> Self:
        each_once([each.learner_id for each in self.learners])
        return self


class NominationsIn(_Nominees):
    letter: LetterIn


class EnrolmentsIn(_Nominees):
    document: Line | None = Field(None, description=_DOCUMENT, examples=["45/QĐ-HVNG"])
    reason: Paragraph | None = Field(
        None, description="Why they are enrolled by hand", examples=["Bổ sung theo yêu cầu của Bộ"]
    )
    may_overlap: bool = Field(default=False, strict=True, description=_OVERLAP, examples=[False])


class NominationDecisionIn(Body):
    """What is decided on one of them."""

    nomination_id: UUID = Field(examples=[examples.NOMINATION])
    decision: Decision = Field(examples=["check"])
    reason: Paragraph | None = Field(
        None, description="Told to who nominated; needed to decline", examples=[None]
    )
    document: Line | None = Field(None, description=_DOCUMENT, examples=[None])
    may_overlap: bool = Field(default=False, strict=True, description=_OVERLAP, examples=[False])

    @model_validator(mode="after")
    def _told_why(self) -> Self:
        if self.decision == "decline" and self.reason is None:
            raise PydanticCustomError("declined_without_reason", "Say why it is declined.")
        return self


class NominationDecisionsIn(Body):
    decisions: list[NominationDecisionIn] = Field(min_length=1, max_length=MOST)
    dry_run: bool = Field(default=False, strict=True, description=_DRY, examples=[False])

    @model_validator(mode="after")
    def _once(self) -> Self:
        each_once([each.nomination_id for each in self.decisions])
        return self


class WithdrawIn(Body):
    reason: Paragraph = Field(examples=["Đi công tác nước ngoài"])
    document: Line | None = Field(None, description=_DOCUMENT, examples=[None])


class SubstituteIn(Body):
    learner_id: UUID = Field(
        description="Of the same organisation; takes over rank, state and seat",
        examples=[examples.SUBSTITUTE],
    )
    reason: Paragraph = Field(examples=["Người được cử ốm"])
    letter: LetterIn | None = Field(None, description="The official letter that names them")


class PromoteIn(Body):
    dry_run: bool = Field(default=False, strict=True, description=_DRY, examples=[True])


class NominationOut(EntityOut):
    organization_id: UUID = Field(description="Who nominated")
    host_id: UUID = Field(description="Whose course it is, who decides")
    course_id: UUID
    learner_id: UUID
    full_name: str = Field(description="As it was then", examples=["Nguyễn Thị Hòa"])
    position_title: str = Field(description="As it was then", examples=["Chuyên viên"])
    state: NominationState
    rank: int = Field(
        description="Among those of the same organisation; of equals, who was nominated first",
        examples=[1],
    )
    letter_number: str | None = Field(examples=["123/SNgV-VP"])
    letter_date: date | None
    letter_hash: str | None = Field(description=_HASH, examples=["0a" * 32])
    reason: str | None = Field(description="Of the latest step", examples=[None])
    document: str | None = Field(description="Of the latest step", examples=[None])
    may_overlap: bool = Field(
        description="Whether the host accepts that sessions overlap others that they have"
    )
    substitutes_id: UUID | None = Field(description="The nomination in whose place it is")
    pool_id: UUID | None = Field(description="Where the seat is counted; null without one")


class NominationQuery(PageQuery):
    sortable: ClassVar = ("created_at", "rank", "sort_key")
    shape: ClassVar = NominationOut

    course: UUID | None = Field(None, description="For this course")
    organization: UUID | None = Field(None, description="That this organisation nominated")
    learner: UUID | None = Field(None, description="Of this learner")
    state: NominationState | None = Field(None, description="In this state")
    letter: Line | None = Field(None, description="Named by the letter with this number")
    sort: str = sorting("-created_at", sortable)


class NominationStepOut(BaseModel):
    """What happened to a nomination."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Who nominated")
    host_id: UUID = Field(description="Whose course it is")
    course_id: UUID
    nomination_id: UUID
    actor: str = Field(description="Who did it: a role and an id", examples=["academy_staff:…"])
    from_state: NominationState | None = Field(description="null at the beginning")
    to_state: NominationState
    reason: str | None = Field(examples=[None])
    document: str | None = Field(description=_DOCUMENT, examples=["123/SNgV-VP"])


class NominationStepQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = NominationStepOut

    nomination: UUID | None = Field(None, description="Of this nomination")
    course: UUID | None = Field(None, description="Of nominations for this course")
    sort: str = sorting("created_at", sortable)


class NominationFindingOut(BaseModel):
    """Something that stands against the next step."""

    rule: FindingRule
    data: dict[str, Any] = Field(
        description="What was looked at",
        examples=[{"quota_id": str(examples.ORGANIZATION), "places": 2, "taken": 2}],
    )
    fixed_by: FixedBy
    fixed_by_id: UUID | None = Field(description="Which organisation that is")


class NomineeFoundOut(BaseModel):
    """One of the people, and what stands against them."""

    learner_id: UUID
    nomination_id: UUID | None
    organization_id: UUID = Field(description="Who nominates")
    state: NominationState | None = Field(
        description="Now, or once it is done; null of nobody's nomination"
    )
    rank: int | None = Field(examples=[1])
    findings: list[NominationFindingOut]
    warnings: list[NominationFindingOut] = Field(
        description="What would stand against it, were it not accepted"
    )


class NominationsOut(BaseModel):
    """What became of it."""

    course_id: UUID
    applied: bool = Field(description="Whether anything was changed")
    people: list[NomineeFoundOut]


class EnrolmentExplanationOut(BaseModel):
    """Why somebody does not get on to the next step, or that they do."""

    course_id: UUID
    learner_id: UUID
    nomination_id: UUID | None
    state: NominationState | None
    step: Literal["nominate", "check", "confirm", "enrol"] | None = Field(
        description="The next step; null when there is none"
    )
    findings: list[NominationFindingOut] = Field(
        description="All of them; none when nothing is in the way"
    )
