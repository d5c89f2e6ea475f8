"""The pool of instructors: who they are, when they are unavailable, what they are booked for."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    cast,
    extract,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import Entity
from app.learners.models import SortKey
from app.rooms.times import Booked, Timed, booking_rules, warnings

ZONE: ColumnElement[str] = literal_column("'Asia/Ho_Chi_Minh'")


class Instructor(Entity):
    """Somebody who teaches for the Academy. The pool is the Academy's, so it names no owner."""

    __tablename__ = "instructors"
    __table_args__ = (
        UniqueConstraint("user_id", name="instructor_account_taken"),
        UniqueConstraint("learner_id", name="instructor_learner_taken"),
        CheckConstraint(
            "kind in ('ministry_official', 'visiting', 'foreign_expert', 'language_expert')",
            name="instructor_kind_unknown",
        ),
        Index(None, "sort_key", "id"),
    )

    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", name="instructor_account_unknown")
    )
    """By which row policies know whose entry it is."""
    learner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("learners.id", name="instructor_learner_unknown", ondelete="set null")
    )
    """The same person on a roster."""
    kind: Mapped[str]
    full_name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SortKey)
    search_text: Mapped[str]
    affiliation: Mapped[str]
    expertise: Mapped[list[str]]
    languages: Mapped[list[dict[str, Any]]]
    biography_vi: Mapped[str | None]
    biography_en: Mapped[str | None]
    active_until: Mapped[date | None]
    """The first day in Viet Nam on which they teach no more."""

    tentatively_booked = False
    """Lists tell it of the time that they are asked about."""


class InstructorContact(Entity):
    """How to reach an instructor. Apart, for whoever sees an instructor need not see this."""

    __tablename__ = "instructor_contacts"

    id: Mapped[UUID] = mapped_column(ForeignKey("instructors.id"), primary_key=True)
    email: Mapped[str | None]
    phone: Mapped[str | None]


class InstructorUnavailability(Timed, Entity):
    """A time at which an instructor teaches nothing."""

    __tablename__ = "instructor_unavailability"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="unavailability_ends_before_it_begins"),
        Index(
            "instructor_unavailability_during_idx",
            "instructor_id",
            func.tstzrange(text("starts_at"), text("ends_at")),
            postgresql_using="gist",
        ),
    )

    instructor_id: Mapped[UUID] = mapped_column(ForeignKey("instructors.id"))
    reason: Mapped[str | None]


class InstructorBooking(Booked, Entity):
    """What holds an instructor."""

    __tablename__ = "instructor_bookings"
    __table_args__ = booking_rules("instructor", "instructor_id")

    instructor_id: Mapped[UUID] = mapped_column(ForeignKey("instructors.id"))


InstructorUnavailability.warnings = column_property(
    warnings("instructor_unavailability", "instructor_id", booked="instructor_bookings")
)
InstructorBooking.warnings = column_property(
    warnings(
        "instructor_bookings",
        "instructor_id",
        overlaps="instructor_bookings",
        unavailable="instructor_unavailability",
    )
)


def minutes(year: ColumnElement[Any], *narrowed: ColumnElement[bool]) -> ColumnElement[int]:
    """What an instructor is to teach in a year of Viet Nam: firm bookings for a subject."""
    kind = InstructorBooking
    seconds = func.sum(extract("epoch", kind.ends_at - kind.starts_at))
    begins = extract("year", func.timezone(ZONE, kind.starts_at))
    return (
        select(cast(func.coalesce(seconds / 60, 0), Integer))
        .where(kind.instructor_id == Instructor.id, ~kind.tentative, kind.subject_id.is_not(None))
        .where(begins == year, *narrowed)
        .correlate(Instructor)
        .scalar_subquery()
    )


THIS_YEAR = extract("year", func.timezone(ZONE, func.now()))
TAUGHT: ColumnElement[bool] = InstructorBooking.ends_at <= func.now()

Instructor.booked_minutes = column_property(minutes(THIS_YEAR))
Instructor.taught_minutes = column_property(minutes(THIS_YEAR, TAUGHT))
