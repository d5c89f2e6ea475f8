"""Trainings that learners have completed, and what the Academy watches in curricula."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Entity, OwnedEntity


class Training(OwnedEntity):
    """What a learner has completed. It belongs to the organisation that recorded it, and stays
    there when the person moves on; whoever has them now reads it."""

    __tablename__ = "trainings"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "learner_id",
            "kind",
            "field",
            "title",
            "completed_on",
            name="training_already_recorded",
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "learner_id", "kind", "completed_on", "field"),
    )

    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", name="learner_has_trainings")
    )
    kind: Mapped[str]
    field: Mapped[str | None]
    title: Mapped[str]
    curriculum_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("curricula.id", name="training_of_unknown_curriculum"), index=True
    )
    completed_on: Mapped[date]
    document: Mapped[str | None]


class BalanceThreshold(Entity):
    """How many hours curricula should have in a domain, of all, and whether it must become more."""

    __tablename__ = "balance_thresholds"
    __table_args__ = (
        UniqueConstraint("domain", name="balance_threshold_taken"),
        CheckConstraint("minimum_percent between 1 and 100", name="minimum_percent_out_of_range"),
    )

    domain: Mapped[str]
    minimum_percent: Mapped[int | None]
    must_grow: Mapped[bool]
