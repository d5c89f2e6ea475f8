"""Nominations, from the letter that names somebody to what became of them, and each step."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, func, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base, OwnedEntity
from app.enrolment.vocabulary import GONE, SEATED


def _listed(states: frozenset[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


class Nomination(OwnedEntity):
    """A learner and a course, until they have completed it or do not come.

    It belongs to the organisation that nominates, which has the learner on its roster then.
    Triggers give the seat, write each step and the news of it, and book the sessions.
    """

    __tablename__ = "nominations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["host_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name="nominations_course_id_fkey",
        ),
        ForeignKeyConstraint(
            ["host_id", "course_id", "substitutes_id"],
            ["nominations.host_id", "nominations.course_id", "nominations.id"],
            name="nominations_substitutes_id_fkey",
        ),
        ForeignKeyConstraint(
            ["host_id", "course_id", "pool_id"],
            ["seat_pools.organization_id", "seat_pools.course_id", "seat_pools.id"],
            name="quota_has_seats",
        ),
        Unique("host_id", "course_id", "id", name="nominations_host_id_course_id_id_key"),
        CheckConstraint(
            f"(state in ({_listed(SEATED)})) = (pool_id is not null)",
            name="nomination_seat_out_of_order",
        ),
        CheckConstraint(
            "state <> 'declined' or reason is not null", name="nomination_declined_without_reason"
        ),
        Index(
            "nomination_twice",
            "course_id",
            "learner_id",
            unique=True,
            postgresql_where=text(f"state not in ({_listed(GONE)})"),
        ),
        Index(None, "course_id", "organization_id", "rank", "id"),
        Index(None, "organization_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    host_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """Whose course it is, who decides."""
    course_id: Mapped[UUID]
    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", name="learner_has_nominations"), index=True
    )
    full_name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(Text(collation="C"))
    position_title: Mapped[str]
    """As they were when they were nominated: the host sees no rosters of others."""
    state: Mapped[str] = mapped_column(server_default="nominated")
    rank: Mapped[int]
    """Among those of the same organisation, from 1; of equals, who was nominated first."""
    letter_number: Mapped[str | None]
    letter_date: Mapped[date | None]
    letter_hash: Mapped[str | None]
    """Of the official letter: SHA-256 of its file, in hexadecimal digits."""
    reason: Mapped[str | None]
    document: Mapped[str | None]
    """Of the latest step."""
    may_overlap: Mapped[bool] = mapped_column(server_default=text("false"))
    """The host accepts that sessions overlap others that the learner has."""
    substitutes_id: Mapped[UUID | None] = mapped_column(index=True)
    """In whose place they come."""
    pool_id: Mapped[UUID | None] = mapped_column(index=True)
    """Where their seat is counted, while they have one."""


class NominationStep(Base):
    """What happened to a nomination. Triggers add; nobody changes."""

    __tablename__ = "nomination_steps"
    __table_args__ = (
        ForeignKeyConstraint(
            ["host_id", "course_id", "nomination_id"],
            ["nominations.host_id", "nominations.course_id", "nominations.id"],
            name="nomination_steps_nomination_id_fkey",
        ),
        Index(None, "nomination_id", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    host_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID]
    nomination_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str | None]
    document: Mapped[str | None]
