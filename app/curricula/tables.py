"""What tables of modules and curricula have in common."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.database.models import Base, OwnedEntity


def stamp_of_versions(root: Any, version: Any, key: Any) -> Any:
    """Changes with the root and with each of its versions, as far as its reader sees them."""
    seen = (
        select(func.concat(func.count(), ".", func.sum(version.version)))
        .where(key == root.id)
        .correlate_except(version)
        .scalar_subquery()
    )
    return func.concat(root.version, ".", seen)


def in_hours(precision: int, **more: Any) -> Any:
    """Hours, to the tenth."""
    return mapped_column(Numeric(precision, 1, asdecimal=False), **more)


class Numbered(OwnedEntity):
    """A version of a module or of a curriculum: a draft, then published, and then as it is."""

    __abstract__ = True
    __roots__: ClassVar[str]
    """The table of what it is a version of."""
    __of__: ClassVar[str]
    __open__: ClassVar[str]
    """Which versions are worked on, as SQL has it."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        table, root = cls.__tablename__, f"{cls.__of__}_id"
        return (
            UniqueConstraint("organization_id", "id"),
            UniqueConstraint(root, "id", name=f"{table}_{root}_id_key"),
            UniqueConstraint("organization_id", root, "number"),
            ForeignKeyConstraint(
                ["organization_id", root],
                [f"{cls.__roots__}.organization_id", f"{cls.__roots__}.id"],
                name=f"{table}_{root}_fkey",
            ),
            ForeignKeyConstraint(
                [root, "based_on_id"],
                [f"{table}.{root}", f"{table}.id"],
                name=f"{table}_based_on_id_fkey",
            ),
            Index(
                f"{cls.__of__}_version_already_open",
                "organization_id",
                root,
                unique=True,
                postgresql_where=text(cls.__open__),
            ),
            Index(
                f"one_{cls.__of__}_version_in_force",
                "organization_id",
                root,
                unique=True,
                postgresql_where=text("state = 'published'"),
            ),
            *cls.rules(),
        )

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()

    number: Mapped[int]
    based_on_id: Mapped[UUID | None]
    """The version that it was copied from."""
    state: Mapped[str] = mapped_column(server_default="draft")
    title_vi: Mapped[str]
    title_en: Mapped[str]
    description_vi: Mapped[str | None]
    description_en: Mapped[str | None]
    published_on: Mapped[date | None]
    retired_on: Mapped[date | None]


class Part(Base):
    """A part of what a version says: changed with its whole, so without a version of its own."""

    __abstract__ = True
    __of__: ClassVar[str]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        version = ForeignKeyConstraint(
            ["organization_id", f"{cls.__of__}_version_id"],
            [f"{cls.__of__}_versions.organization_id", f"{cls.__of__}_versions.id"],
            name=f"{cls.__tablename__}_{cls.__of__}_version_id_fkey",
        )
        return (version, *cls.rules())

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
