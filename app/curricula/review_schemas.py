"""Review of curricula, as it goes over the wire."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Day, Email, EntityOut, Instant, Line, Paragraph, today
from app.curricula.vocabulary import CurriculumVersionState, ReviewDecisionKind, TrailKind
from app.opinions.schemas import InvitationIn, InvitedOut, SaidOut

_ABOUT = "The module that it is about; null for the version as a whole"
_ROUND = "Counts how often the version was submitted"
_ACTOR = "Role and id"
_QUORUM = "How many reviewers have to approve it, at least"
_DUE_ON = "Until when reviewers are asked to decide"
_SHA256 = "The SHA-256 of its file, in hexadecimal"
_PUBLISH_ON = "The day on which it is published by itself"


def _not_past(day: date) -> date:
    if day < today():
        raise PydanticCustomError("day_past", "This day is past. Choose today or a later one.")
    return day


def _not_ahead(day: date) -> date:
    if day > today():
        raise PydanticCustomError("day_ahead", "This day has not come. Choose today or an earlier.")
    return day


ComingDay = Annotated[Day, AfterValidator(_not_past)]
PastDay = Annotated[Day, AfterValidator(_not_ahead)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SubmissionIn(Body):
    quorum: Annotated[int, Field(ge=1, le=50, strict=True)] = Field(
        description=_QUORUM, examples=[1]
    )
    due_on: ComingDay | None = Field(None, description=_DUE_ON, examples=[None])
    note: Paragraph | None = Field(
        None, description="What reviewers should look at", examples=["Xin ý kiến về thời lượng."]
    )


class ReturnIn(Body):
    note: Paragraph = Field(description="Why", examples=["Bổ sung chuyên đề về tác phong."])


class ApprovalIn(Body):
    """The document by which the version is approved."""

    document_number: Line = Field(examples=["125/QĐ-HVNG"])
    issuing_body: Line = Field(description="Who issued it", examples=["Học viện Ngoại giao"])
    issued_on: PastDay = Field(examples=["2026-01-15"])
    document_sha256: Sha256 = Field(
        description=_SHA256,
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    document_material_version_id: UUID | None = Field(
        None, description="The same file, if it is among the materials", examples=[None]
    )


class PublicationIn(Body):
    on: ComingDay | None = Field(
        None, description="On which day; today when unsaid", examples=[None]
    )


class ReviewInvitationIn(InvitationIn):
    decides: bool = Field(
        default=False,
        strict=True,
        description="Whether they are a reviewer, who decides. Only users are, for somebody answers"
        " for each decision",
        examples=[False],
    )

    @field_validator("decides")
    @classmethod
    def _somebody(cls, decides: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 -- a validator
        if decides and info.data.get("invited_organization_id") is not None:
            raise PydanticCustomError(
                "organization_decides", "Name a user who decides, by `email`."
            )
        return decides


class ReviewInvitationOut(InvitedOut):
    curriculum_version_id: UUID
    decides: bool = Field(description="Whether they are a reviewer, who decides")


class ReviewInvitationQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ReviewInvitationOut

    curriculum_version: UUID | None = Field(None, description="To review this version")
    sort: str = sorting("-created_at", sortable)


class ReviewDelegationIn(Body):
    email: Email = Field(
        description="The address of the user who stands in, wherever they work",
        examples=["instructor@academy.example"],
    )
    since: Day = Field(description="From this day on", examples=["2026-07-01"])
    until: ComingDay = Field(description="To this day, and on it", examples=["2199-12-31"])

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date, info: ValidationInfo) -> date:
        if "since" in info.data and until < info.data["since"]:
            raise PydanticCustomError(
                "delegation_ends_before_it_begins", "`until` is not before `since`."
            )
        return until


class ReviewDelegationOut(EntityOut):
    organization_id: UUID = Field(description="Whose the curriculum is")
    curriculum_version_id: UUID
    invitation_id: UUID = Field(description="Of the reviewer, whose place they take")
    user_id: UUID = Field(description="Who stands in")
    email: str = Field(
        description="Under which the user was named", examples=["vien.phong@hoc.example"]
    )
    since: date = Field(description="From this day on")
    until: date = Field(description="To this day, and on it")
    ended_at: Instant | None


class ReviewDelegationQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ReviewDelegationOut

    curriculum_version: UUID | None = Field(None, description="To review this version")
    sort: str = sorting("-created_at", sortable)


class ReviewCommentIn(Body):
    module_id: UUID | None = Field(None, description=_ABOUT, examples=[None])
    text: Paragraph = Field(examples=["Nên tăng thời lượng thực hành lễ tân."])


class ReviewCommentOut(SaidOut):
    organization_id: UUID = Field(description="Whose the curriculum is")
    curriculum_version_id: UUID
    module_id: UUID | None = Field(description=_ABOUT)


class ReviewCommentQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ReviewCommentOut

    curriculum_version: UUID | None = Field(None, description="On this version")
    module: UUID | None = Field(None, description="On this module")
    thread: UUID | None = Field(None, description="Answers to this comment")
    unresolved: bool | None = Field(None, description="Whether nobody has resolved the thread")
    sort: str = sorting("created_at", sortable)


class ReviewDecisionIn(Body):
    decision: ReviewDecisionKind = Field(examples=["approve"])
    note: Paragraph | None = Field(
        None,
        description="What is to be changed, if anything",
        examples=["Nhất trí."],
        validate_default=True,
    )
    delegation_id: UUID | None = Field(
        None,
        description="By which you stand in for a reviewer; null where you decide for yourself",
        examples=[None],
    )

    @field_validator("note")
    @classmethod
    def _says_what(cls, note: str | None, info: ValidationInfo) -> str | None:
        if note is None and info.data.get("decision") == "request_changes":
            raise PydanticCustomError(
                "changes_requested_without_note", "Say what is to be changed."
            )
        return note


class ReviewDecisionOut(BaseModel):
    """What a reviewer decided. In each round the last decision of each reviewer counts."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Whose the curriculum is")
    curriculum_version_id: UUID
    round: int = Field(description=_ROUND, examples=[1])
    decision: ReviewDecisionKind
    note: str | None = Field(examples=["Nhất trí."])
    invitation_id: UUID = Field(description="Of the reviewer, whose decision it is")
    reviewer_name: str = Field(description="Whose decision it is", examples=["Lê Thị Mai"])
    delegation_id: UUID | None = Field(
        description="By which somebody decided on behalf of the reviewer; null where they did"
        " themselves"
    )
    decided_by: str = Field(description=_ACTOR, examples=["viewer:0198c0de"])
    decided_by_name: str = Field(description="Who decided", examples=["Lê Thị Mai"])


class ReviewDecisionQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ReviewDecisionOut

    curriculum_version: UUID | None = Field(None, description="On this version")
    round: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        None, description="Of this round", examples=[1]
    )
    sort: str = sorting("created_at", sortable)


class CurriculumStepOut(BaseModel):
    """A version's new state, and what belongs to it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    state: CurriculumVersionState
    round: int = Field(description=_ROUND, examples=[1])
    note: str | None = Field(
        description="Why, as far as somebody said so", examples=["Bổ sung chuyên đề về tác phong."]
    )
    quorum: int | None = Field(description=_QUORUM, examples=[1])
    review_due_on: date | None = Field(description=_DUE_ON)
    document_number: str | None = Field(
        description="Of the document by which it was approved", examples=["125/QĐ-HVNG"]
    )
    issuing_body: str | None = Field(
        description="Who issued that document", examples=["Học viện Ngoại giao"]
    )
    issued_on: date | None = Field(description="The day of that document")
    document_sha256: str | None = Field(description=_SHA256, examples=[None])
    publish_on: date | None = Field(description=_PUBLISH_ON)
    made_by: str = Field(description=_ACTOR, examples=["academy_staff:0198c0de"])
    made_by_name: str | None = Field(examples=["Trần Văn Bình"])


class TrailEntryOut(BaseModel):
    """One of `step`, `decision` and `comment`, as `kind` says; the others are null."""

    kind: TrailKind
    at: Instant
    step: CurriculumStepOut | None
    decision: ReviewDecisionOut | None
    comment: ReviewCommentOut | None


class CurriculumTrailOut(BaseModel):
    """How a version came about, as far as you may see it."""

    curriculum_version_id: UUID = Field(examples=[examples.CURRICULUM_VERSION])
    state: CurriculumVersionState
    round: int = Field(description=_ROUND, examples=[1])
    quorum: int | None = Field(description=_QUORUM, examples=[1])
    review_due_on: date | None = Field(description=_DUE_ON)
    approvals: int = Field(description="Reviewers who approve it, in this round", examples=[1])
    changes_requested: int = Field(
        description="Reviewers who request changes, in this round", examples=[0]
    )
    unresolved_threads: int = Field(description="Comments that wait for a resolution", examples=[0])
    entries: list[TrailEntryOut] = Field(description="In the order in which they came about")
