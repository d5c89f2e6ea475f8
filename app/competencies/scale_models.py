"""Scales of proficiency: their levels, and what can be observed at each."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.competencies.tables import Content, OfVersion, json_rows, within_version
from app.core.database.models import OwnedEntity


class Level(OfVersion, Content):
    """A level of a scale, counted from the lowest."""

    __tablename__ = "proficiency_levels"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "framework_version_id",
                "scale_identifier",
                "level",
                name="proficiency_levels_level_key",
            ),
            within_version(
                "proficiency_levels_scale_identifier_fkey",
                "scale_identifier",
                "proficiency_scales",
                "identifier",
            ),
            CheckConstraint("level between 1 and 20", name="level_out_of_range"),
        )

    scale_identifier: Mapped[UUID]
    level: Mapped[int]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]


class Scale(OfVersion, OwnedEntity):
    """A scale of proficiency. Its identifier stays as long as its levels mean the same."""

    __tablename__ = "proficiency_scales"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("framework_version_id", "identifier", name="scale_identifier_taken"),
            within_version(
                "proficient_level_unknown",
                "identifier proficient_level",
                "proficiency_levels",
                "scale_identifier level",
                deferrable=True,
                initially="deferred",
                use_alter=True,
            ),
        )

    identifier: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid(), index=True)
    name_vi: Mapped[str]
    name_en: Mapped[str]
    proficient_level: Mapped[int]
    """From this level on somebody counts as proficient."""
    position: Mapped[int]
    exchanged: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


Scale.levels = column_property(
    json_rows(Level, ("level", "name_vi", "name_en", "description_vi", "description_en"))
    .where(
        Level.framework_version_id == Scale.framework_version_id,
        Level.scale_identifier == Scale.identifier,
    )
    .correlate_except(Level)
    .scalar_subquery()
)


class Descriptor(OfVersion, Content):
    """What can be observed of somebody who is at a level of a competency."""

    __tablename__ = "level_descriptors"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "framework_version_id",
                "competency_identifier",
                "level",
                name="level_descriptors_competency_identifier_level_key",
            ),
            within_version(
                "level_descriptors_competency_identifier_fkey",
                "competency_identifier scale_identifier",
                "competencies",
                "identifier scale_identifier",
            ),
            within_version(
                "descriptor_of_no_level",
                "scale_identifier level",
                "proficiency_levels",
                "scale_identifier level",
            ),
        )

    competency_identifier: Mapped[UUID]
    scale_identifier: Mapped[UUID]
    level: Mapped[int]
    text_vi: Mapped[str]
    text_en: Mapped[str]
