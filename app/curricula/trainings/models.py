"""Trainings that learners have completed."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import OwnedEntity


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
