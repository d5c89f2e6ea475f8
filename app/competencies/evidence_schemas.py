"""Evidence and what is said about it, as it goes over the wire."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.competencies.scale_schemas import SAME_IN_ALL, OneLevel
from app.competencies.schemas import NamedCompetency
from app.competencies.vocabulary import AttainmentRule, EvidenceType, ReviewDecision
from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Day, Instant, Line, Paragraph

DOCUMENTED = ("course_completion", "prior_learning")
"""What nobody needs to believe without a document."""


class _Found(Body):
    level: OneLevel = Field(description="A level of the competency's scale", examples=[3])
    achieved_on: Day = Field(description="From this day on it counts", examples=["2026-03-15"])
    valid_until: Day | None = Field(
        None,
        description="The first day on which it counts no more; null for ever",
        examples=["2029-03-15"],
    )
    issuer: Line | None = Field(None, examples=["Học viện Ngoại giao"])
    document: Line | None = Field(
        None,
        description="Where the proof is: a number, a file, an address",
        examples=["GCN-2026-0142"],
    )
    note: Paragraph | None = Field(None, examples=["Đạt loại giỏi."])

    @field_validator("valid_until")
    @classmethod
    def _after_achieved(cls, until: date | None, info: ValidationInfo) -> date | None:
        achieved = info.data.get("achieved_on")
        if until is not None and achieved is not None and until <= achieved:
            raise PydanticCustomError(
                "expires_before_it_counts", "`valid_until` is after `achieved_on`."
            )
        return until


class EvidenceIn(_Found):
    framework_id: UUID = Field(examples=[examples.FRAMEWORK])
    competency_identifier: UUID = Field(
        description="A competency with a scale, of a published version",
        examples=[examples.REQUIRED_IDENTIFIER],
    )
    type: EvidenceType = Field(examples=["prior_learning"])

    @field_validator("type")
    @classmethod
    def _documented(cls, type: str, info: ValidationInfo) -> str:
        if type in DOCUMENTED and info.data.get("document", "") is None:
            raise PydanticCustomError(
                "document_missing", "Evidence of this type needs a `document`."
            )
        return type


class CorrectionIn(_Found):
    """What is said in the place of it. Its type and its competency stay."""


class WithdrawalIn(Body):
    note: Paragraph | None = Field(None, description="Why", examples=["Ghi nhầm người."])


class EvidenceReviewIn(Body):
    decision: ReviewDecision = Field(examples=["confirmed"])
    note: Paragraph | None = Field(None, examples=["Đã xem bản gốc."])


class EvidenceOut(BaseModel):
    """A piece of evidence. Nothing of it changes."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Where it was recorded")
    learner_id: UUID
    framework_id: UUID
    framework_version_id: UUID = Field(description="In whose words the level was given")
    competency_identifier: UUID = Field(description=SAME_IN_ALL)
    scale_identifier: UUID
    type: EvidenceType
    level: int | None = Field(
        description="Null for what only takes back other evidence", examples=[3]
    )
    achieved_on: date = Field(description="From this day on it counts")
    valid_until: date | None = Field(description="The first day on which it counts no more")
    issuer: str | None = Field(examples=["Học viện Ngoại giao"])
    document: str | None = Field(examples=["GCN-2026-0142"])
    note: str | None = Field(examples=["Đạt loại giỏi."])
    recorded_by: str = Field(description="Role and id", examples=["coordinator:0198c0de"])
    supersedes_id: UUID | None = Field(description="The evidence whose place it takes")
    superseded_by_id: UUID | None = Field(description="The evidence that takes its place")
    decision: ReviewDecision | None = Field(description="Of the latest review")
    reviewed_by: str | None = Field(description="Role and id", examples=["coordinator:0198c0de"])
    reviewed_at: Instant | None


class EvidenceReviewOut(BaseModel):
    """A review of a piece of evidence. The latest counts."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Where it was reviewed")
    learner_id: UUID
    evidence_id: UUID
    decision: ReviewDecision
    note: str | None = Field(examples=["Đã xem bản gốc."])
    reviewed_by: str = Field(description="Role and id", examples=["coordinator:0198c0de"])


class EvidenceReviewQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = EvidenceReviewOut

    evidence: UUID | None = Field(None, description="Of this evidence")
    learner: UUID | None = Field(None, description="Of evidence of this learner")
    sort: str = sorting("-created_at", sortable)


class EvidenceQuery(PageQuery):
    sortable: ClassVar = ("created_at", "achieved_on")
    shape: ClassVar = EvidenceOut

    organization: UUID | None = Field(None, description="Recorded by this organisation")
    learner: UUID | None = Field(None, description="Of this learner")
    framework: UUID | None = Field(None, description="For competencies of this framework")
    competency: UUID | None = Field(None, description="For the competency with this identifier")
    type: EvidenceType | None = Field(None, description="Of this type")
    waiting: bool | None = Field(
        None, description="Whether it waits to be confirmed, so as to count"
    )
    sort: str = sorting("-created_at", sortable)


class ExpiringEvidenceOut(NamedCompetency):
    """What somebody attains a level by, and will not for long."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="Of the evidence")
    learner_id: UUID
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    organization_id: UUID = Field(description="Whose roster they are on")
    unit_id: UUID | None
    level: int = Field(description="That they attain by it", examples=[3])
    valid_until: date = Field(description="The first day on which it counts no more")


class ExpiringEvidenceQuery(PageQuery):
    sortable: ClassVar = ("valid_until", "full_name")
    shape: ClassVar = ExpiringEvidenceOut

    organization: UUID | None = Field(None, description="Of people of this organisation")
    unit: UUID | None = Field(None, description="Of people of this unit")
    learner: UUID | None = Field(None, description="Of this learner")
    competency: UUID | None = Field(None, description="For the competency with this identifier")
    within: int = Field(90, ge=1, le=3650, description="Within so many days from today")
    sort: str = sorting("valid_until", sortable)


class WeighedEvidenceOut(BaseModel):
    """A piece of evidence, and what became of it."""

    id: UUID
    type: EvidenceType
    level: int | None = Field(examples=[3])
    achieved_on: date
    valid_until: date | None
    issuer: str | None = Field(examples=["Học viện Ngoại giao"])
    document: str | None = Field(examples=["GCN-2026-0142"])
    used: bool = Field(description="Whether the attained level is this one's")
    reason: str = Field(
        description="Why it is used, or not: `counts`, `outranked`, `outranked_self`, `superseded`,"
        " `withdrawn`, `other_scale`, `refused`, `not_reviewed`, `not_yet` or `expired`",
        examples=["counts"],
    )
    reason_vi: str = Field(description="The same in words", examples=["Được dùng."])
    reason_en: str = Field(description="The same in words", examples=["It counts."])


class ExplanationOut(NamedCompetency):
    """What somebody attains of a competency, and why."""

    learner_id: UUID
    as_of: date
    rule: AttainmentRule
    level: int | None = Field(description="Null when nothing counts", examples=[3])
    proficient: bool = Field(description="Whether the level is at least the proficient one")
    changes_on: date | None = Field(
        description="The first day on which it may be another level without anything being done"
    )
    evidence: list[WeighedEvidenceOut] = Field(description="What is used first, then by rank")
