"""What tables of versions have in common."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Select,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.database.models import Base

NOTHING: ColumnElement[Any] = literal_column("'[]'::json")


def json_rows(kind: Any, columns: tuple[str, ...]) -> Select[Any]:
    """Rows of a table with levels, as a JSON array in their order."""
    pairs: list[ColumnElement[Any]] = []
    for name in columns:
        pairs += [literal_column(f"'{name}'"), getattr(kind, name)]
    rows = func.json_agg(aggregate_order_by(func.json_build_object(*pairs), kind.level))
    return select(func.coalesce(rows, NOTHING, type_=JSON))


class OfVersion:
    """A row that belongs to a version, and so to whom the version belongs to."""

    framework_version_id: Mapped[UUID]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        version = ForeignKeyConstraint(
            ["organization_id", "framework_version_id"],
            ["framework_versions.organization_id", "framework_versions.id"],
            name=f"{cls.__tablename__}_framework_version_id_fkey",  # type: ignore[attr-defined]
        )
        return (version, *cls.rules())

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()


def within_version(name: str, columns: str, table: str, of: str, **more: Any) -> Any:
    """A reference to another row of the same version."""
    here = ["framework_version_id", *columns.split()]
    there = [f"{table}.{column}" for column in ("framework_version_id", *of.split())]
    return ForeignKeyConstraint(here, there, name=name, **more)


class Content(Base):
    """A part of what a version says: changed with its whole, so without a version of its own."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
