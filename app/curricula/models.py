"""Curricula of a year, their versions, and the modules that these consist of."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import OwnedEntity
from app.curricula.module_models import newest
from app.curricula.tables import Numbered, Part, in_hours


class Curriculum(OwnedEntity):
    """What stays of a curriculum while its versions come and go.

    An extension is the specific part of an organisation that extends another one's common part.
    """

    __tablename__ = "curricula"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", "year", name="curriculum_code_taken"),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("id", "extends_curriculum_id"),
        UniqueConstraint(
            "organization_id", "extends_curriculum_id", name="curriculum_already_extended"
        ),
        ForeignKeyConstraint(
            ["organization_id", "cloned_from_id"],
            ["curricula.organization_id", "curricula.id"],
            name="curricula_cloned_from_id_fkey",
        ),
        CheckConstraint("year between 2000 and 2100", name="curriculum_year_out_of_range"),
    )

    code: Mapped[str]
    year: Mapped[int]
    kind: Mapped[str]
    field: Mapped[str | None]
    extends_curriculum_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("curricula.id", name="extended_curriculum_unknown"), index=True
    )
    cloned_from_id: Mapped[UUID | None]
    """The same of another year."""
    in_force_version_id: ClassVar[Any]
    open_version_id: ClassVar[Any]


class CurriculumVersion(Numbered):
    """A version of a curriculum: a draft, reviewed, approved, published, and then as it is."""

    __tablename__ = "curriculum_versions"
    __roots__, __of__ = "curricula", "curriculum"
    __open__ = "state in ('draft', 'in_review', 'approved') and not carried_over"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            ForeignKeyConstraint(
                ["curriculum_id", "extends_curriculum_id"],
                ["curricula.id", "curricula.extends_curriculum_id"],
                name="curriculum_versions_extends_curriculum_id_fkey",
            ),
            ForeignKeyConstraint(
                ["extends_curriculum_id", "extends_version_id"],
                ["curriculum_versions.curriculum_id", "curriculum_versions.id"],
                name="curriculum_versions_extends_version_id_fkey",
            ),
            CheckConstraint("hours > 0", name="curriculum_without_hours"),
            Index(None, "extends_version_id"),
        )

    curriculum_id: Mapped[UUID]
    extends_curriculum_id: Mapped[UUID | None]
    extends_version_id: Mapped[UUID | None]
    """The version of the common part that this one extends."""
    carried_over: Mapped[bool] = mapped_column(server_default=text("false"))
    """Published for a new version of the common part, with the approval of the one before."""
    hours: Mapped[float] = in_hours(6)
    """Of its own modules, as a participant takes them: all mandatory ones, and some others."""
    target_group: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    target_group_vi: Mapped[str | None]
    target_group_en: Mapped[str | None]
    extension_hours_min: Mapped[float | None] = in_hours(6)
    """What others may add; who has no bounds may not be extended."""
    extension_hours_max: Mapped[float | None] = in_hours(6)
    extension_domains: Mapped[list[str] | None]
    """Of which domains; null for all."""
    document_number: Mapped[str | None]
    issuing_body: Mapped[str | None]
    issued_on: Mapped[date | None]
    document_sha256: Mapped[str | None]
    document_material_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("material_versions.id", name="approval_document_unknown")
    )
    """The document itself, if it is among the materials."""
    publish_on: Mapped[date | None]
    round: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was submitted; a trigger counts."""
    quorum: Mapped[int | None]
    """How many reviewers have to approve it, as the last submission said."""
    review_due_on: Mapped[date | None]


class CurriculumModule(Part):
    """A module of a version, in which of its versions, and whether everybody takes it."""

    __tablename__ = "curriculum_modules"
    __of__ = "curriculum"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "curriculum_version_id", "position", name="curriculum_modules_position_key"
            ),
            UniqueConstraint(
                "curriculum_version_id", "module_id", name="curriculum_modules_module_id_key"
            ),
            ForeignKeyConstraint(
                ["module_id", "module_version_id"],
                ["module_versions.module_id", "module_versions.id"],
                name="module_version_unknown",
            ),
        )

    curriculum_version_id: Mapped[UUID]
    module_id: Mapped[UUID]
    module_version_id: Mapped[UUID] = mapped_column(index=True)
    position: Mapped[int]
    mandatory: Mapped[bool]


_MODULES = """(
  select coalesce(json_agg(json_build_object('module_id', m.module_id,
    'module_version_id', m.module_version_id, 'mandatory', m.mandatory) order by m.position), '[]')
  from curriculum_modules m where m.curriculum_version_id = curriculum_versions.id)"""
CurriculumVersion.modules = column_property(literal_column(_MODULES, type_=JSON))


def _newest(column: Any, *of: Any) -> Any:
    return newest(Curriculum, CurriculumVersion, CurriculumVersion.curriculum_id, column, *of)


Curriculum.title_vi = _newest(CurriculumVersion.title_vi)
Curriculum.title_en = _newest(CurriculumVersion.title_en)
Curriculum.in_force_version_id = _newest(
    CurriculumVersion.id, CurriculumVersion.state == "published"
)
Curriculum.open_version_id = _newest(
    CurriculumVersion.id,
    CurriculumVersion.published_on.is_(None),
    CurriculumVersion.state != "discarded",
)
