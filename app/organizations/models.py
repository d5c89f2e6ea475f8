"""Organisations in a tree with the Academy at its root, their units, and who succeeded whom."""

from datetime import date
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
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Mapped, column_property, mapped_column
from sqlalchemy.types import Uuid

from app.core.database.models import Base, Entity, OwnedEntity


class Succession(Entity):
    """One organisation taking the place of another, or of a part of it, from a day on."""

    __tablename__ = "successions"
    __table_args__ = (
        UniqueConstraint("organization_id", "successor_id", name="already_succeeded"),
        CheckConstraint("organization_id <> successor_id", name="succeeds_itself"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    successor_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id", name="successor_unknown"), index=True
    )
    effective_on: Mapped[date]
    document: Mapped[str]
    people_moved: Mapped[int]


class Organization(Entity):
    """A tenant. Closed ones stand below the successor that keeps their records."""

    __tablename__ = "organizations"
    __table_args__ = (
        UniqueConstraint("code", name="organization_code_taken"),
        CheckConstraint(
            "kind in ('academy', 'ministry', 'province')", name="organization_kind_unknown"
        ),
        CheckConstraint("closed_on > opened_on", name="organization_closes_before_opening"),
        Index("one_academy", text("(true)"), unique=True, postgresql_where="kind = 'academy'"),
    )

    code: Mapped[str]
    kind: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    short_name_vi: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", name="parent_organization_unknown"), index=True
    )
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


_successors = func.array_agg(aggregate_order_by(Succession.successor_id, Succession.id))
"""The one that keeps the records comes first."""

Organization.successor_ids = column_property(
    select(func.coalesce(_successors, text("'{}'")))
    .where(Succession.organization_id == Organization.id)
    .correlate_except(Succession)
    .scalar_subquery()
)


class OrganizationSubtree(Base):
    """An organisation and all below it; kept by a trigger, read when a scope is entered."""

    __tablename__ = "organization_subtrees"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    member_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))


class Unit(OwnedEntity):
    """A department, office or division within an organisation (vụ, sở, phòng)."""

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="unit_code_taken"),
        UniqueConstraint("organization_id", "id"),
        ForeignKeyConstraint(
            ["organization_id", "parent_id"],
            ["units.organization_id", "units.id"],
            name="parent_unit_unknown",
        ),
        Index(None, "organization_id", "parent_id"),
    )

    code: Mapped[str]
    name_vi: Mapped[str]
    name_en: Mapped[str]
    parent_id: Mapped[UUID | None]
