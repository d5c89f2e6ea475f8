"""Modules, their versions, and what these say."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.competencies.position_models import stated
from app.competencies.tables import within_version
from app.core.database.models import OwnedEntity
from app.curricula.module_sql import COMPETENCIES, MATERIALS, OUTCOMES, PREREQUISITES
from app.curricula.tables import Numbered, Part, in_hours


class Module(OwnedEntity):
    """What stays of a module while its versions come and go."""

    __tablename__ = "modules"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="module_code_taken"),
        UniqueConstraint("organization_id", "id"),
    )

    code: Mapped[str]
    kind: Mapped[str]


class ModuleVersion(Numbered):
    """A version of a module."""

    __tablename__ = "module_versions"
    __roots__, __of__, __open__ = "modules", "module", "state = 'draft'"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            CheckConstraint(
                "least(theory_hours, practice_hours, self_study_hours, on_the_job_hours) >= 0",
                name="module_hours_negative",
            ),
            CheckConstraint(
                "theory_hours + practice_hours + self_study_hours + on_the_job_hours > 0",
                name="module_without_hours",
            ),
        )

    module_id: Mapped[UUID]
    domain: Mapped[str]
    theory_hours: Mapped[float] = in_hours(5, server_default=text("0"))
    practice_hours: Mapped[float] = in_hours(5, server_default=text("0"))
    self_study_hours: Mapped[float] = in_hours(5, server_default=text("0"))
    on_the_job_hours: Mapped[float] = in_hours(5, server_default=text("0"))
    mode: Mapped[str]
    expertise: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """What who teaches it must be an expert in."""
    hours: ClassVar[Any]
    """All together."""


ModuleVersion.hours = column_property(
    ModuleVersion.theory_hours
    + ModuleVersion.practice_hours
    + ModuleVersion.self_study_hours
    + ModuleVersion.on_the_job_hours
)
for _name, _rows in {
    "outcomes": OUTCOMES,
    "competencies": COMPETENCIES,
    "prerequisites": PREREQUISITES,
    "materials": MATERIALS,
}.items():
    setattr(ModuleVersion, _name, column_property(literal_column(_rows, type_=JSON)))

NEWEST_FIRST = (ModuleVersion.state == "discarded", ModuleVersion.number.desc())
"""What was discarded counts only where there is nothing else."""


class OfModule(Part):
    __abstract__ = True
    __of__ = "module"

    module_version_id: Mapped[UUID]


class ModuleOutcome(OfModule):
    """What participants know, can do or show afterwards."""

    __tablename__ = "module_outcomes"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("module_version_id", "position", name="module_outcomes_position_key"),
        )

    position: Mapped[int]
    text_vi: Mapped[str]
    text_en: Mapped[str]


class ModuleCompetency(OfModule):
    """A competency that a module leads to, and to which level."""

    __tablename__ = "module_competencies"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            *stated("module_competencies"),
            within_version(
                "module_competencies_level_fkey",
                "scale_identifier level",
                "proficiency_levels",
                "scale_identifier level",
            ),
            UniqueConstraint(
                "module_version_id",
                "framework_id",
                "competency_identifier",
                name="module_competencies_competency_identifier_key",
            ),
            Index(None, "framework_id", "competency_identifier"),
        )

    framework_id: Mapped[UUID]
    framework_version_id: Mapped[UUID]
    competency_identifier: Mapped[UUID]
    scale_identifier: Mapped[UUID]
    level: Mapped[int]


class ModulePrerequisite(OfModule):
    """A module that comes before."""

    __tablename__ = "module_prerequisites"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "module_version_id",
                "required_module_id",
                name="module_prerequisites_required_module_id_key",
            ),
        )

    required_module_id: Mapped[UUID] = mapped_column(
        ForeignKey("modules.id", name="required_module_unknown"), index=True
    )


class ModuleMaterial(OfModule):
    """A material that a module is taught and studied with, in one of its versions."""

    __tablename__ = "module_materials"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("module_version_id", "position", name="module_materials_position_key"),
            UniqueConstraint(
                "module_version_id",
                "material_version_id",
                name="module_materials_material_version_id_key",
            ),
        )

    material_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("material_versions.id", name="module_material_unknown"), index=True
    )
    position: Mapped[int]


def newest(root: Any, version: Any, key: Any, column: Any, *of: Any) -> Any:
    """Of the newest version that its reader sees."""
    order = (version.state == "discarded", version.number.desc())
    return column_property(
        select(column)
        .where(key == root.id, *of)
        .order_by(*order)
        .limit(1)
        .correlate_except(version)
        .scalar_subquery()
    )


def _newest(column: Any, *of: Any) -> Any:
    return newest(Module, ModuleVersion, ModuleVersion.module_id, column, *of)


Module.title_vi = _newest(ModuleVersion.title_vi)
Module.title_en = _newest(ModuleVersion.title_en)
Module.in_force_version_id = _newest(ModuleVersion.id, ModuleVersion.state == "published")
Module.open_version_id = _newest(ModuleVersion.id, ModuleVersion.state == "draft")
