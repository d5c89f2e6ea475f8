"""Data sets, the files sent for them, what these would change, and who might be who."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base, OwnedEntity

SortKey = Text(collation="C")


def _of_sync(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "sync_id"],
        ["roster_syncs.organization_id", "roster_syncs.id"],
        name=f"{table}_sync_id_fkey",
    )


class DataSet(OwnedEntity):
    """A list that an organisation keeps and sends: who is in it, its files say."""

    __tablename__ = "roster_data_sets"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="data_set_code_taken"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint(
            "removal_threshold between 0 and 100", name="removal_threshold_is_no_share"
        ),
        CheckConstraint("suspend_after_days between 1 and 3650", name="suspended_after_no_days"),
    )

    code: Mapped[str]
    headings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    encoding: Mapped[str | None]
    removal_threshold: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    suspend_after_days: Mapped[int | None]


class RosterSync(OwnedEntity):
    """A file on its way into the roster: what it is, how far it came, and what came of it."""

    __tablename__ = "roster_syncs"
    __table_args__ = (
        CheckConstraint("mode in ('full', 'delta')", name="roster_sync_mode_unknown"),
        CheckConstraint(
            "format in ('json', 'ndjson', 'csv', 'xlsx')", name="roster_sync_format_unknown"
        ),
        CheckConstraint(
            "state in ('received', 'staged', 'planned', 'held', 'applying', 'applied', 'failed',"
            " 'cancelled', 'undone')",
            name="roster_sync_state_unknown",
        ),
        UniqueConstraint("organization_id", "id"),
        ForeignKeyConstraint(
            ["organization_id", "data_set_id"],
            ["roster_data_sets.organization_id", "roster_data_sets.id"],
            name="roster_syncs_data_set_id_fkey",
        ),
        Index(None, "data_set_id", "id"),
    )

    data_set_id: Mapped[UUID]
    data_set: Mapped[str]
    mode: Mapped[str]
    dry_run: Mapped[bool]
    state: Mapped[str] = mapped_column(server_default="received")
    format: Mapped[str]
    encoding: Mapped[str | None]
    file_name: Mapped[str | None]
    size: Mapped[int]
    asked_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    acts_as: Mapped[dict[str, Any]]
    """Who asked for what is done next: the work reaches as far as they do, and no further."""
    approved_by: Mapped[str | None]
    removals: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether who is absent is marked missing, once it is applied."""
    held_for: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    problem: Mapped[dict[str, Any] | None]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=FetchedValue())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """How often a worker has begun with it: one that is killed by it each time is let go."""
    rows_read: Mapped[int] = mapped_column(server_default=text("0"))
    rows_total: Mapped[int | None]
    staged_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Payload(Base):
    """What was sent, in parts, until it has been read."""

    __tablename__ = "roster_payloads"
    __table_args__ = (_of_sync("roster_payloads"),)

    sync_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    organization_id: Mapped[UUID]
    content: Mapped[bytes]


class RosterChange(Base):
    """What a sync would do to one person, or has done: the row as it is to be."""

    __tablename__ = "roster_changes"
    __table_args__ = (
        PrimaryKeyConstraint("sync_id", "id"),
        CheckConstraint(
            "kind in ('create', 'update', 'reactivate', 'rekey', 'missing', 'claim', 'transfer',"
            " 'match')",
            name="roster_change_kind_unknown",
        ),
        CheckConstraint(
            "outcome in ('left_out', 'outdated')", name="roster_change_outcome_unknown"
        ),
    )

    id: Mapped[UUID] = mapped_column(server_default=func.uuidv7())
    sync_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    kind: Mapped[str]
    outcome: Mapped[str | None]
    """Null when it went as planned."""
    row_number: Mapped[int | None]
    external_id: Mapped[str]
    learner_id: Mapped[UUID | None]
    learner_version: Mapped[int | None]
    """What the plan was made on; who has changed since is left alone."""
    former_external_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    """The columns that change, as they were."""
    held: Mapped[list[dict[str, Any]] | None]
    """The positions that were held, where the change is of these too: they are put back whole."""
    full_name: Mapped[str | None]
    sort_key: Mapped[str | None] = mapped_column(SortKey)
    search_text: Mapped[str | None]
    birth_date: Mapped[date | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    unit_id: Mapped[UUID | None]
    position_title: Mapped[str | None]
    rank: Mapped[str | None]
    leadership_level: Mapped[str | None]
    category: Mapped[str | None]
    position_since: Mapped[date | None]
    fields: Mapped[list[str] | None]
    languages: Mapped[list[dict[str, Any]] | None]
    recruited_on: Mapped[date | None]
    status: Mapped[str | None]
    status_since: Mapped[date | None]
    attributes: Mapped[dict[str, Any] | None]
    national_id_hash: Mapped[bytes | None]
    national_id_tail: Mapped[str | None]
    row_digest: Mapped[bytes | None]


class RosterError(Base):
    """What is wrong with one value of a row, for whoever corrects the file."""

    __tablename__ = "roster_errors"
    __table_args__ = (PrimaryKeyConstraint("sync_id", "id"), _of_sync("roster_errors"))

    id: Mapped[UUID] = mapped_column(server_default=func.uuidv7())
    sync_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    row_number: Mapped[int]
    external_id: Mapped[str | None]
    field: Mapped[str]
    code: Mapped[str]
    value: Mapped[str | None]
    message_vi: Mapped[str]
    message_en: Mapped[str]


class RosterMatch(OwnedEntity):
    """Somebody in a file who may be somebody known: only a person can tell."""

    __tablename__ = "roster_matches"
    __table_args__ = (
        UniqueConstraint("organization_id", "external_id", "learner_id"),
        _of_sync("roster_matches"),
        CheckConstraint("decision in ('same', 'different')", name="roster_match_decision_unknown"),
        CheckConstraint("score between 0 and 100", name="roster_match_score_is_no_share"),
    )

    sync_id: Mapped[UUID] = mapped_column(index=True)
    external_id: Mapped[str]
    full_name: Mapped[str]
    birth_date: Mapped[date | None]
    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", ondelete="cascade"), index=True
    )
    on_our_roster: Mapped[bool]
    score: Mapped[int]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
