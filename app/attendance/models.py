"""The ledger of attendance and its sheets, reports of meetings, and where each learner stands."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import Base, OwnedEntity
from app.curricula.tables import in_hours
from app.enrolment.models import Nomination


def _of_session(table: str, column: str = "session_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "course_id", column],
        [f"course_sessions.{each}" for each in ("organization_id", "course_id", "id")],
        name=f"{table}_{column}_fkey",
    )


class AttendanceSheet(Base):
    """What the entries of a session are written on: counts them, and is locked by who writes."""

    __tablename__ = "attendance_sheets"
    __table_args__ = (_of_session("attendance_sheets", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The session's."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID]
    version: Mapped[int] = mapped_column("changes", server_default=text("1"))
    taken: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it is known of anybody if they were there."""


class AttendanceEntry(Base):
    """One thing that was said of somebody's attendance of a session. Nothing of it changes: what
    is said later of the same counts, and this stays."""

    __tablename__ = "attendance_entries"
    __table_args__ = (
        _of_session("attendance_entries"),
        ForeignKeyConstraint(
            ["organization_id", "course_id", "nomination_id"],
            [f"{Nomination.__tablename__}.{each}" for each in ("host_id", "course_id", "id")],
            name="attendance_entries_nomination_id_fkey",
        ),
        ForeignKeyConstraint(
            ["organization_id", "meeting_log_id"],
            ["meeting_logs.organization_id", "meeting_logs.id"],
            name="attendance_entries_meeting_log_id_fkey",
        ),
        UniqueConstraint(
            *("organization_id", "session_id", "learner_id", "code_step"),
            name="attendance_code_replayed",
        ),
        Index(
            "attendance_entries_nomination_id_session_id_aspect_id_idx",
            *("nomination_id", "session_id", "aspect", text("id desc")),
        ),
        Index(None, "session_id", "id"),
        Index(None, "learner_id", "id"),
        Index(None, "meeting_log_id", postgresql_where=text("meeting_log_id is not null")),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    """The host of the course."""
    course_id: Mapped[UUID]
    session_id: Mapped[UUID]
    nomination_id: Mapped[UUID]
    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", name="learner_has_attendance")
    )
    aspect: Mapped[str]
    minutes: Mapped[int | None]
    late_minutes: Mapped[int | None]
    participation: Mapped[str | None]
    excused: Mapped[bool | None]
    document: Mapped[str | None]
    """What somebody was excused by."""
    note: Mapped[str | None]
    source: Mapped[str]
    present_from: Mapped[datetime | None]
    """Since when somebody is checked in, of whom it is not known yet that they left."""
    code_step: Mapped[int | None] = mapped_column(BigInteger)
    """When the code was shown that was entered; each once."""
    meeting_log_id: Mapped[UUID | None]
    recorded_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))


class MeetingLog(OwnedEntity):
    """A report of who was in an online meeting, as it was read; it counts once it is applied."""

    __tablename__ = "meeting_logs"
    __table_args__ = (
        _of_session("meeting_logs"),
        UniqueConstraint("organization_id", "id"),
        Index(None, "session_id", "id"),
        Index(None, "created_at", "id"),
    )

    course_id: Mapped[UUID]
    session_id: Mapped[UUID]
    provider: Mapped[str]
    zone: Mapped[str]
    """In which its times were written."""
    file_name: Mapped[str | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    people: Mapped[list[dict[str, Any]]]
    """As `LoggedPerson` has them."""
    state: Mapped[str] = mapped_column(server_default="planned")
    ended_at: Mapped[datetime | None]


class LearningRecord(OwnedEntity):
    """What somebody learnt alone or at work. It belongs to the organisation where it was recorded,
    and goes with the person."""

    __tablename__ = "learning_records"
    __table_args__ = (
        CheckConstraint("hours > 0 and hours <= 2000", name="learning_hours_out_of_range"),
        CheckConstraint("ended_on >= began_on", name="learning_ends_before_it_begins"),
        CheckConstraint(
            "state <> 'confirmed' or split_part(decided_by, ':', 2) <>"
            " split_part(recorded_by, ':', 2) and decided_by not like 'learner:%'",
            name="learning_confirmed_by_oneself",
        ),
        Index(None, "organization_id", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index(None, "learner_id", "id"),
    )

    learner_id: Mapped[UUID] = mapped_column(
        ForeignKey("learners.id", name="learner_has_learning_records")
    )
    kind: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    hours: Mapped[float] = in_hours(5)
    began_on: Mapped[date]
    ended_on: Mapped[date]
    evidence: Mapped[str | None]
    mentor: Mapped[str | None]
    recorded_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    state: Mapped[str] = mapped_column(server_default="recorded")
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]


class Standing(Base):
    """How a learner stands in a course: a view of the database, so nothing to migrate."""

    __table__ = Table(
        "standings",
        MetaData(),
        Column("id", Uuid, primary_key=True),
        *(Column(name, Uuid) for name in ("organization_id", "host_id", "course_id", "learner_id")),
        Column("created_at", TIMESTAMP(timezone=True)),
        *(Column(name, Text) for name in ("course_code", "course_title_vi", "course_title_en")),
        *(Column(name, Date) for name in ("starts_on", "ends_on")),
        *(Column(name, Text) for name in ("full_name", "position_title", "state")),
        Column("sort_key", Text(collation="C")),
        *(
            Column(f"{name}_minutes", Integer)
            for name in ("planned", "past", "attended", "in_person", "online", "excused")
        ),
        *(Column(name, Integer) for name in ("required_share", "minutes_to_come", "late_sessions")),
        Column("share", Float),
        *(Column(name, Text) for name in ("required_participation", "participation")),
        *(Column(name, Text) for name in ("standing", "result")),
    )


_UNMATCHED = """(
  select count(*)::integer from jsonb_array_elements(meeting_logs.people) p
  where p ->> 'learner_id' is null)"""
MeetingLog.unmatched = column_property(literal_column(_UNMATCHED, type_=Integer))
MeetingLog.matched = column_property(
    literal_column(f"jsonb_array_length(meeting_logs.people) - {_UNMATCHED}", type_=Integer)
)
