"""Where seats are counted, what is booked for those who have one, and which days are worked."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base, Entity

_DURING = func.tstzrange(text("starts_at"), text("ends_at"))


class SeatPool(Base):
    """Places that are taken from together: a quota, or what the quotas of a course leave over.

    Triggers count. One row is locked by whoever takes a seat, and none is taken beyond its places.
    """

    __tablename__ = "seat_pools"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name="seat_pools_course_id_fkey",
        ),
        ForeignKeyConstraint(
            ["organization_id", "course_id", "quota_id"],
            ["course_quotas.organization_id", "course_quotas.course_id", "course_quotas.id"],
            name="seat_pools_quota_id_fkey",
            ondelete="cascade",
        ),
        UniqueConstraint("organization_id", "course_id", "id"),
        UniqueConstraint("course_id", "quota_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("taken >= 0 and taken <= places + moved", name="seats_exceed_places"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The host."""
    course_id: Mapped[UUID]
    quota_id: Mapped[UUID | None] = mapped_column(index=True)
    places: Mapped[int | None]
    """As the quota says, or the course; None for as many as come."""
    moved: Mapped[int] = mapped_column(server_default=text("0"))
    """What other pools gave to it, less what it gave to them; over a course they come to 0."""
    taken: Mapped[int] = mapped_column(server_default=text("0"))


class PlaceMove(Base):
    """Places that one pool gave to another. Nobody changes them."""

    __tablename__ = "place_moves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name="place_moves_course_id_fkey",
        ),
        ForeignKeyConstraint(
            ["organization_id", "course_id", "from_pool_id"],
            ["seat_pools.organization_id", "seat_pools.course_id", "seat_pools.id"],
            name="places_of_quota_were_given",
        ),
        ForeignKeyConstraint(
            ["organization_id", "course_id", "to_pool_id"],
            ["seat_pools.organization_id", "seat_pools.course_id", "seat_pools.id"],
            name="places_were_given_to_quota",
        ),
        CheckConstraint("places > 0 and from_pool_id <> to_pool_id", name="no_places_moved"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID] = mapped_column(index=True)
    from_pool_id: Mapped[UUID] = mapped_column(index=True)
    to_pool_id: Mapped[UUID] = mapped_column(index=True)
    places: Mapped[int]
    actor: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))


class LearnerBooking(Base):
    """A session to come of somebody who has a seat. Triggers keep them; they move with it."""

    __tablename__ = "learner_bookings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id", "nomination_id"],
            ["nominations.host_id", "nominations.course_id", "nominations.id"],
            name="learner_bookings_nomination_id_fkey",
        ),
        ForeignKeyConstraint(
            ["organization_id", "session_id", "starts_at", "ends_at", "tentative"],
            [
                "course_sessions.organization_id",
                "course_sessions.id",
                "course_sessions.starts_at",
                "course_sessions.ends_at",
                "course_sessions.tentative",
            ],
            name="learner_bookings_session_id_fkey",
            onupdate="cascade",
        ),
        UniqueConstraint("session_id", "nomination_id", name="learner_booked_twice"),
        ExcludeConstraint(
            ("learner_id", "="),
            (_DURING, "&&"),
            name="learner_double_booked",
            where=text("not tentative and not may_overlap"),
        ),
        Index(
            "learner_bookings_during_idx",
            "learner_id",
            _DURING,
            postgresql_using="gist",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The host."""
    course_id: Mapped[UUID]
    nomination_id: Mapped[UUID] = mapped_column(index=True)
    learner_id: Mapped[UUID] = mapped_column(ForeignKey("learners.id"))
    session_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tentative: Mapped[bool]
    """As the session is."""
    may_overlap: Mapped[bool]
    """As the nomination is."""


class WorkingDayException(Entity):
    """A day that is not what its day of the week is: a holiday, or a Saturday that is worked."""

    __tablename__ = "working_day_exceptions"
    __table_args__ = (UniqueConstraint("day", name="working_day_exception_taken"),)

    day: Mapped[date]
    working: Mapped[bool]
    name_vi: Mapped[str]
    name_en: Mapped[str]
