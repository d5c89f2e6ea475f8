"""Learners, the positions they held over time, and their transfers between organisations."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import OwnedEntity

SortKey = Text(collation="C")


def _known(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=f"{column}_unknown")


class Learner(OwnedEntity):
    """An officer on an organisation's roster, in the position they hold now.

    Triggers keep `positions_held` from these rows, whoever changes them.
    """

    __tablename__ = "learners"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id", name="external_id_taken"),
        UniqueConstraint("national_id_hash", "organization_id", name="national_id_taken"),
        ForeignKeyConstraint(
            ["organization_id", "unit_id"],
            ["units.organization_id", "units.id"],
            name="unit_unknown",
        ),
        _known("leadership_level", "none", "division", "department", "ministry_or_province"),
        _known("category", "official", "civil_servant", "public_employee"),
        _known("status", "active", "suspended", "left"),
        CheckConstraint("position_since >= recruited_on", name="position_before_recruitment"),
        Index(None, "organization_id", "sort_key", "id"),
        Index(None, "sort_key", "id"),
        Index(None, "organization_id", "unit_id", postgresql_where=text("unit_id is not null")),
        Index(
            None,
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index(None, "birth_date", "search_text"),
        Index(None, "updated_at", "id"),
        Index(None, "missing_since", postgresql_where=text("missing_since is not null")),
    )

    external_id: Mapped[str]
    full_name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SortKey)
    search_text: Mapped[str]
    birth_date: Mapped[date | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    unit_id: Mapped[UUID | None]
    position_title: Mapped[str]
    rank: Mapped[str | None]
    leadership_level: Mapped[str]
    category: Mapped[str]
    position_since: Mapped[date]
    fields: Mapped[list[str]]
    languages: Mapped[list[dict[str, Any]]]
    recruited_on: Mapped[date | None]
    status: Mapped[str]
    status_since: Mapped[date]
    attributes: Mapped[dict[str, Any]]
    national_id_hash: Mapped[bytes | None]
    """Keyed, so that whoever sees the table cannot try all numbers."""
    national_id_tail: Mapped[str | None]
    data_set: Mapped[str | None]
    """Whose files they are in; null for who was added by hand, or came from elsewhere."""
    missing_since: Mapped[datetime | None]
    """Since when the full files of their data set lack them."""
    protected_fields: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Set by hand, so that files do not change them."""
    row_digest: Mapped[bytes | None]
    """Of the row of a file that they are as; null once anything else has changed them."""


class PositionHeld(OwnedEntity):
    """A position for as long as it was held, and the person as they were known then.

    It belongs to the organisation where it was held, and stays there when the person moves on.
    """

    __tablename__ = "positions_held"
    __table_args__ = (
        ExcludeConstraint(("learner_id", "="), ("held", "&&"), name="positions_overlap"),
        CheckConstraint("not isempty(held)", name="position_ends_before_it_begins"),
        Index(None, "organization_id", "sort_key", "id"),
        Index(None, "sort_key", "id"),
    )

    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learners.id", ondelete="cascade"))
    held: Mapped[Range[date]] = mapped_column(DATERANGE)
    external_id: Mapped[str]
    full_name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SortKey)
    search_text: Mapped[str]
    unit_id: Mapped[UUID | None]
    position_title: Mapped[str]
    rank: Mapped[str | None]
    leadership_level: Mapped[str]
    category: Mapped[str]
    fields: Mapped[list[str]]

    held_from: Mapped[date] = column_property(func.lower(column("held"), type_=Date))
    held_until: Mapped[date | None] = column_property(func.upper(column("held"), type_=Date))


class Transfer(OwnedEntity):
    """A learner on the way from one organisation to another: released by the one, then claimed.

    The other may have asked for them before, as its roster already has them."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint(
            "state in ('requested', 'released', 'claimed', 'cancelled')",
            name="transfer_state_unknown",
        ),
        CheckConstraint("claimed_on >= released_on", name="claimed_before_release"),
        CheckConstraint(
            "state not in ('requested', 'claimed') or to_organization_id is not null",
            name="claimed_by_somebody",
        ),
        Index(
            "already_released",
            "learner_id",
            unique=True,
            postgresql_where=text("state = 'released'"),
        ),
        Index(
            "already_requested",
            "learner_id",
            "to_organization_id",
            unique=True,
            postgresql_where=text("state = 'requested'"),
        ),
        Index(None, "organization_id", "id"),
        Index(None, "to_organization_id", "id"),
    )

    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learners.id"), index=True)
    full_name: Mapped[str]
    """As it was at the release: afterwards the sending side sees the learner no more."""
    to_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    state: Mapped[str]
    released_on: Mapped[date]
    claimed_on: Mapped[date | None]
    reason: Mapped[str | None]
    claim_code_hash: Mapped[bytes] = mapped_column(index=True)
