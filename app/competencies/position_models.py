"""Job positions, what they require, and who holds them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.competencies.models import Competency
from app.competencies.tables import within_version
from app.core.database.models import OwnedEntity


def stated(table: str) -> tuple[Any, ...]:
    """The references of a statement of a level, made in the words of a published version."""
    return (
        ForeignKeyConstraint(
            ["framework_id", "framework_version_id"],
            ["framework_versions.framework_id", "framework_versions.id"],
            name=f"{table}_framework_version_id_fkey",
        ),
        ForeignKeyConstraint(
            ["framework_id", "competency_identifier"],
            ["published_competencies.framework_id", "published_competencies.identifier"],
            name=f"{table}_published_fkey",
        ),
        within_version(
            f"{table}_competency_fkey",
            "competency_identifier scale_identifier",
            "competencies",
            "identifier scale_identifier",
        ),
    )


def of_level(name: str, column: str) -> Any:
    return within_version(
        name, f"scale_identifier {column}", "proficiency_levels", "scale_identifier level"
    )


class JobPosition(OwnedEntity):
    """A position of the national catalogue, the Academy's, or of an organisation's own."""

    __tablename__ = "job_positions"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="job_position_code_taken"),
        UniqueConstraint("organization_id", "id"),
    )

    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]
    ended_on: Mapped[date | None]


class JobPositionTitle(OwnedEntity):
    """Who has this title on a roster, in a unit or in any, is in this position."""

    __tablename__ = "job_position_titles"
    __table_args__ = (
        Index(
            "job_position_title_taken",
            "organization_id",
            text('lower(title collate "pg_c_utf8")'),
            "unit_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        ForeignKeyConstraint(
            ["organization_id", "unit_id"],
            ["units.organization_id", "units.id"],
            name="title_of_unknown_unit",
        ),
    )

    title: Mapped[str]
    unit_id: Mapped[UUID | None]
    job_position_id: Mapped[UUID] = mapped_column(
        ForeignKey("job_positions.id", name="title_of_unknown_position"), index=True
    )


class JobPositionAssignment(OwnedEntity):
    """Who is in another position than the title says, while they hold what began that day."""

    __tablename__ = "job_position_assignments"
    __table_args__ = (
        UniqueConstraint(
            "organization_id",
            "learner_id",
            "position_since",
            name="job_position_already_assigned",
        ),
    )

    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", ondelete="cascade"), index=True
    )
    position_since: Mapped[date]
    job_position_id: Mapped[UUID] = mapped_column(
        ForeignKey("job_positions.id", name="assigned_position_unknown"), index=True
    )


class JobPositionRequirement(OwnedEntity):
    """A competency that a position requires, at which level, and since when."""

    __tablename__ = "job_position_requirements"
    __table_args__ = (
        *stated("job_position_requirements"),
        ForeignKeyConstraint(
            ["organization_id", "job_position_id"],
            ["job_positions.organization_id", "job_positions.id"],
            name="job_position_requirements_job_position_id_fkey",
        ),
        of_level("required_level_unknown", "required_level"),
        of_level("desired_level_unknown", "desired_level"),
        CheckConstraint("desired_level >= required_level", name="desired_below_required"),
        CheckConstraint("weight between 1 and 100", name="weight_out_of_range"),
        CheckConstraint("until > since", name="requirement_ends_before_it_begins"),
        ExcludeConstraint(
            ("organization_id", "="),
            ("job_position_id", "="),
            ("framework_id", "="),
            ("competency_identifier", "="),
            (func.daterange(text("since"), text("until")), "&&"),
            name="requirements_overlap",
        ),
        Index(None, "job_position_id"),
    )

    job_position_id: Mapped[UUID]
    framework_id: Mapped[UUID]
    framework_version_id: Mapped[UUID]
    competency_identifier: Mapped[UUID]
    scale_identifier: Mapped[UUID]
    required_level: Mapped[int]
    desired_level: Mapped[int]
    weight: Mapped[int] = mapped_column(server_default=text("1"))
    since: Mapped[date]
    until: Mapped[date | None]


def _in_words(column: Any) -> Any:
    """Of the competency, as the version has it that the levels were given in."""
    return column_property(
        select(column)
        .where(
            Competency.framework_version_id == JobPositionRequirement.framework_version_id,
            Competency.identifier == JobPositionRequirement.competency_identifier,
        )
        .correlate_except(Competency)
        .scalar_subquery()
    )


JobPositionRequirement.name_vi = _in_words(Competency.name_vi)
JobPositionRequirement.name_en = _in_words(Competency.name_en)
JobPositionRequirement.domain = _in_words(Competency.domain)
