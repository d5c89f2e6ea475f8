"""Evidence of what people know and can do, and what they attain by it."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column

from app.competencies.position_models import of_level, stated
from app.competencies.tables import Content
from app.core.database.models import Base

OF_LEARNER = ("learner_id", "framework_id", "competency_identifier", "scale_identifier")


def _of_evidence(name: str, column: str) -> Any:
    """A reference to evidence of the same person for the same competency."""
    there = [f"evidence.{column}" for column in (*OF_LEARNER, "id")]
    return ForeignKeyConstraint([*OF_LEARNER, column], there, name=name)


class Evidence(Content):
    """A piece of evidence. Nothing of it changes: a correction supersedes it.

    It belongs to the organisation where it was recorded, and stays there when the person moves.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        *stated("evidence"),
        UniqueConstraint(*OF_LEARNER, "id", name="evidence_of_learner_key"),
        _of_evidence("superseded_evidence_unknown", "supersedes_id"),
        UniqueConstraint("supersedes_id", name="already_superseded"),
        of_level("evidence_level_unknown", "level"),
        CheckConstraint(
            "level is not null or supersedes_id is not null", name="evidence_without_level"
        ),
        CheckConstraint(
            "document is not null or type not in ('course_completion', 'prior_learning')",
            name="evidence_without_document",
        ),
        CheckConstraint("valid_until > achieved_on", name="evidence_expires_before_it_counts"),
        Index(None, "organization_id", "id"),
        Index(None, "learner_id", "id"),
    )

    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learners.id", name="learner_has_evidence"))
    framework_id: Mapped[UUID]
    framework_version_id: Mapped[UUID]
    """In whose words the level was given."""
    competency_identifier: Mapped[UUID]
    scale_identifier: Mapped[UUID]
    type: Mapped[str]
    level: Mapped[int | None]
    """Null for what only takes back the evidence that it supersedes."""
    achieved_on: Mapped[date]
    valid_until: Mapped[date | None]
    """The first day on which it counts no more."""
    issuer: Mapped[str | None]
    document: Mapped[str | None]
    note: Mapped[str | None]
    recorded_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    supersedes_id: Mapped[UUID | None]
    superseded_by_id: ClassVar[Any]
    decision: ClassVar[Any]
    """Of the latest review, which counts."""
    reviewed_by: ClassVar[Any]
    reviewed_at: ClassVar[Any]


class EvidenceReview(Content):
    """Somebody looked at a piece of evidence, and confirmed or refused it; the latest counts."""

    __tablename__ = "evidence_reviews"
    __table_args__ = (
        _of_evidence("evidence_reviews_evidence_id_fkey", "evidence_id"),
        Index(None, "evidence_id", "id"),
    )

    learner_id: Mapped[UUID]
    framework_id: Mapped[UUID]
    competency_identifier: Mapped[UUID]
    scale_identifier: Mapped[UUID]
    evidence_id: Mapped[UUID]
    decision: Mapped[str]
    note: Mapped[str | None]
    reviewed_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))


def _latest(column: Any) -> Any:
    return column_property(
        select(column)
        .where(EvidenceReview.evidence_id == Evidence.id)
        .order_by(EvidenceReview.id.desc())
        .limit(1)
        .correlate_except(EvidenceReview)
        .scalar_subquery()
    )


_later = aliased(Evidence)
Evidence.superseded_by_id = column_property(
    select(_later.id)
    .where(_later.supersedes_id == Evidence.id)
    .correlate_except(_later)
    .scalar_subquery()
)
Evidence.decision = _latest(EvidenceReview.decision)
Evidence.reviewed_by = _latest(EvidenceReview.reviewed_by)
Evidence.reviewed_at = _latest(EvidenceReview.created_at)


class Attainment(Base):
    """What somebody attains, kept by triggers from the evidence.

    True while `rule` is still the rule of the competency and today is before `changes_on`;
    otherwise it is reckoned anew by the function `attained`.
    """

    __tablename__ = "attainments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["framework_id", "competency_identifier"],
            ["published_competencies.framework_id", "published_competencies.identifier"],
            name="attainments_framework_id_fkey",
        ),
    )

    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", ondelete="cascade"), primary_key=True
    )
    framework_id: Mapped[UUID] = mapped_column(primary_key=True)
    competency_identifier: Mapped[UUID] = mapped_column(primary_key=True)
    scale_identifier: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    """On whose roster they are now."""
    rule: Mapped[str]
    level: Mapped[int | None]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"))
    reckoned_on: Mapped[date | None]
    changes_on: Mapped[date | None]
    """The first day on which another level may be attained; null if none is known."""


class GapFigure(Base):
    """How many people an organisation had of whom a competency was required, and how many were
    below, on the day of the month when that was counted. Nobody reads it but `gaps_elsewhere`."""

    __tablename__ = "gap_figures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["framework_id", "competency_identifier"],
            ["published_competencies.framework_id", "published_competencies.identifier"],
            name="gap_figures_framework_id_fkey",
        ),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    framework_id: Mapped[UUID] = mapped_column(primary_key=True)
    competency_identifier: Mapped[UUID] = mapped_column(primary_key=True)
    people: Mapped[int] = mapped_column(BigInteger)
    below: Mapped[int] = mapped_column(BigInteger)
    counted_on: Mapped[date]
