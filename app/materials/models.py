"""Materials, their versions, and the text that is searched in them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import Base, OwnedEntity


def _of_material(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "material_id"],
        ["materials.organization_id", "materials.id"],
        name=f"{table}_material_id_fkey",
    )


class MaterialVersion(OwnedEntity):
    """A file or a link, as it was added. Only what a worker finds out of it is added later."""

    __tablename__ = "material_versions"
    __table_args__ = (
        _of_material("material_versions"),
        UniqueConstraint("organization_id", "material_id", "id"),
        UniqueConstraint("organization_id", "material_id", "number"),
        Index(None, "material_id", "number"),
        Index(
            "material_versions_to_be_examined",
            "id",
            postgresql_where=text("scan = 'scanning' or extraction = 'waiting'"),
        ),
        CheckConstraint(
            "case kind when 'file' then url is null"
            " and num_nulls(file_name, media_type, bytes, sha256, storage_key) = 0"
            " else url is not null"
            " and num_nonnulls(file_name, media_type, bytes, sha256, storage_key) = 0 end",
            name="material_version_of_its_kind",
        ),
    )

    material_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    url: Mapped[str | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]
    """What the content is, whatever its sender called it."""
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    """In hexadecimal digits."""
    storage_key: Mapped[str | None] = mapped_column(index=True)
    """Where the store has the object."""
    scan: Mapped[str] = mapped_column(server_default="not_scanned")
    scanned_at: Mapped[datetime | None]
    found: Mapped[str | None]
    """What the antivirus calls it."""
    extraction: Mapped[str] = mapped_column(server_default="none")
    pages: Mapped[int | None]
    characters: Mapped[int | None]


class Material(OwnedEntity):
    """What stays of a material while its versions come."""

    __tablename__ = "materials"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        Index(None, "created_at", "id"),
    )

    title_vi: Mapped[str]
    title_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]
    language: Mapped[str]
    licence: Mapped[str | None]
    visibility: Mapped[str]
    search_text: Mapped[str]
    """Titles and descriptions, as they are searched."""
    current_version_id: ClassVar[Any]
    """The newest version that is given out."""
    snippet: ClassVar[None] = None
    """Only a search has one."""


Material.current_version_id = column_property(
    select(MaterialVersion.id)
    .where(
        MaterialVersion.material_id == Material.id,
        or_(MaterialVersion.scan == "not_scanned", MaterialVersion.scan == "clean"),
    )
    .order_by(MaterialVersion.number.desc())
    .limit(1)
    .correlate_except(MaterialVersion)
    .scalar_subquery()
)


class MaterialText(Base):
    """What a version says, and the same as it is searched, a character for each."""

    __tablename__ = "material_texts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "material_id", "material_version_id"],
            [
                "material_versions.organization_id",
                "material_versions.material_id",
                "material_versions.id",
            ],
            name="material_texts_material_version_id_fkey",
        ),
    )

    material_version_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
    material_id: Mapped[UUID]
    text: Mapped[str]
    folded: Mapped[str]


class MaterialSearch(Base):
    """All that is searched in a material; triggers keep it, and `search_materials` reads it."""

    __tablename__ = "material_searches"
    __table_args__ = (
        _of_material("material_searches"),
        Index(None, "search", postgresql_using="gin"),
    )

    material_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
    search: Mapped[Any] = mapped_column(TSVECTOR, server_default="")
