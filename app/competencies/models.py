"""Competency frameworks: their versions, and the competencies of each."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.competencies.scale_models import Descriptor
from app.competencies.tables import NOTHING, Content, OfVersion, json_rows, within_version
from app.core.database.models import Base, OwnedEntity

SortKey = Text(collation="C")


class FrameworkVersion(OwnedEntity):
    """A version: worked on, then published, and from then on as it is."""

    __tablename__ = "framework_versions"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("framework_id", "id"),
        UniqueConstraint("id", "based_on_id"),
        UniqueConstraint("organization_id", "framework_id", "number"),
        ForeignKeyConstraint(
            ["organization_id", "framework_id"],
            ["competency_frameworks.organization_id", "competency_frameworks.id"],
            name="framework_versions_framework_id_fkey",
        ),
        ForeignKeyConstraint(
            ["framework_id", "based_on_id"],
            ["framework_versions.framework_id", "framework_versions.id"],
            name="framework_versions_based_on_id_fkey",
        ),
        Index(
            "framework_version_already_open",
            "organization_id",
            "framework_id",
            unique=True,
            postgresql_where=text("state in ('draft', 'consultation')"),
        ),
        Index(
            "one_framework_version_in_force",
            "organization_id",
            "framework_id",
            unique=True,
            postgresql_where=text("state = 'published'"),
        ),
    )

    framework_id: Mapped[UUID]
    number: Mapped[int]
    based_on_id: Mapped[UUID | None]
    """The version that it was copied from, whose items it may replace."""
    identifier: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    state: Mapped[str] = mapped_column(server_default="draft")
    title_vi: Mapped[str]
    title_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]
    consultation_ends_on: Mapped[date | None]
    published_on: Mapped[date | None]
    retired_on: Mapped[date | None]
    exchanged: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """What an imported file says that we have no field for; exported as it came."""


class Framework(OwnedEntity):
    """What stays of a framework while its versions come and go."""

    __tablename__ = "competency_frameworks"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="framework_code_taken"),
        UniqueConstraint("organization_id", "id"),
    )

    code: Mapped[str]


NEWEST_FIRST = (FrameworkVersion.state == "discarded", FrameworkVersion.number.desc())
"""What was discarded counts only where there is nothing else."""


def _newest(column: Any, *of: ColumnElement[bool]) -> Any:
    """Of the newest version of a framework that its reader sees."""
    return column_property(
        select(column)
        .where(FrameworkVersion.framework_id == Framework.id, *of)
        .order_by(*NEWEST_FIRST)
        .limit(1)
        .correlate_except(FrameworkVersion)
        .scalar_subquery()
    )


Framework.title_vi = _newest(FrameworkVersion.title_vi)
Framework.title_en = _newest(FrameworkVersion.title_en)
Framework.in_force_version_id = _newest(FrameworkVersion.id, FrameworkVersion.state == "published")
Framework.open_version_id = _newest(
    FrameworkVersion.id,
    FrameworkVersion.published_on.is_(None),
    FrameworkVersion.state != "discarded",
)


class Replacement(OfVersion, Content):
    """A competency takes the place of one that the version before had."""

    __tablename__ = "competency_replacements"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "framework_version_id",
                "identifier",
                "former_identifier",
                name="competency_replacements_identifier_former_identifier_key",
            ),
            within_version(
                "competency_replacements_identifier_fkey",
                "identifier",
                "competencies",
                "identifier",
            ),
            ForeignKeyConstraint(
                ["framework_version_id", "former_version_id"],
                ["framework_versions.id", "framework_versions.based_on_id"],
                name="competency_replacements_former_version_id_fkey",
            ),
            ForeignKeyConstraint(
                ["former_version_id", "former_identifier"],
                ["competencies.framework_version_id", "competencies.identifier"],
                name="replaced_competency_unknown",
            ),
        )

    identifier: Mapped[UUID]
    former_version_id: Mapped[UUID]
    former_identifier: Mapped[UUID]


class Competency(OfVersion, OwnedEntity):
    """A competency as a version describes it, an area of some, or an indicator of one.

    Its identifier is the same in all versions of the framework.
    """

    __tablename__ = "competencies"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "framework_version_id", "identifier", name="competency_identifier_taken"
            ),
            UniqueConstraint("framework_version_id", "code", name="competency_code_taken"),
            UniqueConstraint(
                "framework_version_id",
                "identifier",
                "scale_identifier",
                name="competencies_scale_identifier_key",
            ),
            within_version(
                "parent_competency_unknown", "parent_identifier", "competencies", "identifier"
            ),
            within_version("scale_unknown", "scale_identifier", "proficiency_scales", "identifier"),
            CheckConstraint(
                "kind = 'area' or domain is not null", name="competency_without_domain"
            ),
            CheckConstraint(
                "kind = 'competency' or scale_identifier is null", name="scale_of_no_competency"
            ),
            Index(None, "framework_version_id", "sort_key", "id"),
            Index(None, "framework_version_id", "parent_identifier"),
        )

    identifier: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    parent_identifier: Mapped[UUID | None]
    position: Mapped[int]
    """Among what has the same parent."""
    sort_key: Mapped[str] = mapped_column(SortKey, server_default="")
    """The place in the whole tree; a trigger keeps it."""
    kind: Mapped[str]
    domain: Mapped[str | None]
    code: Mapped[str | None]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]
    scale_identifier: Mapped[UUID | None]
    attainment_rule: Mapped[str] = mapped_column(server_default="latest")
    exchanged: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


Competency.descriptors = column_property(
    json_rows(Descriptor, ("level", "text_vi", "text_en"))
    .where(
        Descriptor.framework_version_id == Competency.framework_version_id,
        Descriptor.competency_identifier == Competency.identifier,
    )
    .correlate_except(Descriptor)
    .scalar_subquery()
)
_replaced = func.json_agg(
    aggregate_order_by(Replacement.former_identifier, Replacement.former_identifier)
)
Competency.replaces = column_property(
    select(func.coalesce(_replaced, NOTHING, type_=JSON))
    .where(
        Replacement.framework_version_id == Competency.framework_version_id,
        Replacement.identifier == Competency.identifier,
    )
    .correlate_except(Replacement)
    .scalar_subquery()
)


class PublishedCompetency(Base):
    """A competency that was ever published, and the newest published version that has it.

    What is said of people and positions refers to these; a trigger keeps them, with what that
    version says of it: it never changes, and so many people are read beside it.
    """

    __tablename__ = "published_competencies"
    __table_args__ = (
        within_version(
            "published_competencies_framework_version_id_fkey",
            "identifier",
            "competencies",
            "identifier",
        ),
    )

    framework_id: Mapped[UUID] = mapped_column(
        ForeignKey("competency_frameworks.id"), primary_key=True
    )
    identifier: Mapped[UUID] = mapped_column(primary_key=True)
    framework_version_id: Mapped[UUID]
    competency_id: Mapped[UUID] = mapped_column(ForeignKey("competencies.id"))
    domain: Mapped[str | None]
    code: Mapped[str | None]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    scale_identifier: Mapped[UUID | None]
    attainment_rule: Mapped[str]
