"""When something is held: columns, the half-open time between them, and what to know of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class Timed:
    """Half-open: what begins when it ends does not overlap it."""

    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Booked(Timed):
    """A booking: for a subject of a package above, or for a reason in words."""

    tentative: Mapped[bool] = mapped_column(server_default=text("false"))
    """Keeps nobody out, and is kept out by nobody."""
    reason: Mapped[str | None]
    subject_id: Mapped[UUID | None]

    @declared_attr
    @classmethod
    def subject_organization_id(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("organizations.id"))


def booking_rules(what: str, *keys: str) -> tuple[Any, ...]:
    """The rules of a table of bookings: of each `what`, known by `keys`, one at a time."""
    time = func.tstzrange(text("starts_at"), text("ends_at"))
    table = f"{what}_bookings"
    return (
        CheckConstraint("ends_at > starts_at", name=f"{what}_booking_ends_before_it_begins"),
        CheckConstraint(
            "subject_id is not null or reason is not null", name=f"{what}_booking_for_nothing"
        ),
        CheckConstraint(
            "(subject_id is null) = (subject_organization_id is null)",
            name=f"{what}_booking_subject_of_nobody",
        ),
        ExcludeConstraint(
            *((key, "=") for key in keys),
            (time, "&&"),
            name=f"{what}_double_booked",
            where=text("not tentative"),
        ),
        Index(f"{table}_during_idx", keys[-1], time, postgresql_using="gist"),
        Index(None, "starts_at", "id"),
        Index(f"{table}_subject_idx", "subject_organization_id", "subject_id"),
    )


def overlaps(row: Any, time: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the row is held at that time, or at a part of it; the indexes know."""
    held = func.tstzrange(row.starts_at, row.ends_at)
    return held.op("&&", is_comparison=True)(time)


def warnings(table: str, key: str, **of: str) -> ColumnElement[Any]:
    """What overlaps a row of `table` among the rows of others with the same key, as JSON in the
    order of time. `of` names these tables by the code of their warnings.
    """
    found = " union all ".join(
        f"select '{code}' as code, o.id, o.starts_at, o.ends_at from {other} o"  # noqa: S608
        f" where o.{key} = {table}.{key} and o.id <> {table}.id"
        " and tstzrange(o.starts_at, o.ends_at)"
        f" && tstzrange({table}.starts_at, {table}.ends_at)"
        for code, other in of.items()
    )
    told = (
        "json_build_object('code', w.code, 'id', w.id,"
        f" 'starts_at', {_WRITTEN.format('w.starts_at')},"
        f" 'ends_at', {_WRITTEN.format('w.ends_at')})"
    )
    return literal_column(
        f"(select coalesce(json_agg({told} order by w.starts_at, w.id), '[]')"  # noqa: S608
        f" from ({found}) as w)",
        JSON,
    )


_WRITTEN = """to_char({} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
"""As `schemas.Instant` writes moments."""
