"""Sessions of courses: when, where, by whom; and the addresses of calendars that tell of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, column_property, declared_attr, mapped_column

from app.core.database.models import Base, OwnedEntity
from app.rooms.instructor_models import InstructorBooking
from app.rooms.models import RoomBooking

_TIME = ("starts_at", "ends_at", "tentative")
DURING = func.tstzrange(text("starts_at"), text("ends_at"))


class CourseSession(OwnedEntity):
    """A time at which a course is taught. Half-open: another may begin when this one ends."""

    __tablename__ = "course_sessions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name="course_sessions_course_id_fkey",
        ),
        ForeignKeyConstraint(
            ["organization_id", "course_id", "module_id"],
            [
                "course_modules.organization_id",
                "course_modules.course_id",
                "course_modules.module_id",
            ],
            name="session_module_unknown",
        ),
        UniqueConstraint("organization_id", "course_id", "id"),
        UniqueConstraint(
            *("organization_id", "id", *_TIME),
            name="course_sessions_time_key",
        ),
        CheckConstraint("ends_at > starts_at", name="session_ends_before_it_begins"),
        Index(None, "starts_at", "id"),
        Index(None, "course_id", "starts_at", "id"),
        Index(None, "module_id"),
        Index("course_sessions_during_idx", DURING, postgresql_using="gist"),
    )

    course_id: Mapped[UUID]
    module_id: Mapped[UUID | None]
    title_vi: Mapped[str]
    title_en: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str]
    """By whose clock people come; its bookings go by the moments alone."""
    mode: Mapped[str]
    planned_minutes: Mapped[int]
    """What attendance is a share of: without breaks."""
    tentative: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether its rooms and instructors are booked tentatively."""
    state: Mapped[str] = mapped_column(server_default="planned")
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    """Grows with each change that a calendar shows (RFC 5545, 3.8.7.4)."""
    cancelled_because: Mapped[str | None]


for _kind in (RoomBooking, InstructorBooking):
    # What is booked for a session is booked for its time, and moves with it.
    _table: Any = _kind.__table__
    _table.append_constraint(
        ForeignKeyConstraint(
            ["subject_organization_id", "subject_id", *_TIME],
            [f"course_sessions.{each}" for each in ("organization_id", "id", *_TIME)],
            name=f"{_kind.__tablename__}_session_fkey",
            onupdate="CASCADE",
        )
    )


class OfSession(Base):
    """What a session has, and had: what is given up stays, for calendars."""

    __abstract__ = True
    __key__: str

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        table, key = cls.__tablename__, cls.__key__
        return (
            ForeignKeyConstraint(
                ["organization_id", "course_id", "session_id"],
                [f"course_sessions.{each}" for each in ("organization_id", "course_id", "id")],
                name=f"{table}_session_id_fkey",
            ),
            Index(
                f"{table.removesuffix('s')}_twice",
                *("organization_id", "session_id", key),
                unique=True,
                postgresql_where=text("released_at is null"),
            ),
            Index(None, "session_id"),
            *cls.rules(),
        )

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID]
    session_id: Mapped[UUID]
    released_at: Mapped[datetime | None]


class SessionRoom(OfSession):
    """A room in which a session is, of whichever organisation."""

    __tablename__ = "session_rooms"
    __key__ = "room_id"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            ForeignKeyConstraint(
                ["room_organization_id", "room_id"],
                ["rooms.organization_id", "rooms.id"],
                name="session_rooms_room_id_fkey",
            ),
            Index(None, "room_id"),
        )

    room_organization_id: Mapped[UUID]
    room_id: Mapped[UUID]


class SessionInstructor(OfSession):
    """Somebody who teaches a session."""

    __tablename__ = "session_instructors"
    __key__ = "instructor_id"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (Index(None, "instructor_id", "course_id"),)

    instructor_id: Mapped[UUID] = mapped_column(ForeignKey("instructors.id"))


class SessionMeeting(OwnedEntity):
    """How to join a session online. Apart, for whoever sees a session is not let in by that: its
    host and its instructors are told, and whoever has a seat in it."""

    __tablename__ = "session_meetings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id", "id"],
            [f"course_sessions.{each}" for each in ("organization_id", "course_id", "id")],
            name="session_meetings_id_fkey",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The session's."""
    course_id: Mapped[UUID]
    provider: Mapped[str | None]
    url: Mapped[str | None]
    meeting_number: Mapped[str | None]
    """By which its provider's logs know it."""
    dial_in: Mapped[str | None]


class Calendar(OwnedEntity):
    """A secret address at which a calendar of one course, room, instructor or learner is read, by
    whoever has it. It is its maker's, and works for as long as these may come in."""

    __tablename__ = "calendars"
    __table_args__ = (
        UniqueConstraint("token_hash", name="calendar_token_taken"),
        Index(None, "actor", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    actor: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    course_id: Mapped[UUID | None] = mapped_column(ForeignKey("courses.id"), index=True)
    room_id: Mapped[UUID | None] = mapped_column(ForeignKey("rooms.id"), index=True)
    instructor_id: Mapped[UUID | None] = mapped_column(ForeignKey("instructors.id"), index=True)
    learner_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("learners.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)


def _of_course(column: str) -> Any:
    words = f"(select c.{column} from courses c where c.id = course_sessions.course_id)"  # noqa: S608
    return column_property(literal_column(words, type_=Text))


ROOMS = """(
  select coalesce(json_agg(json_build_object('room_id', r.id, 'code', r.code,
    'name_vi', r.name_vi, 'name_en', r.name_en, 'address', r.address) order by r.code, r.id), '[]')
  from session_rooms p join rooms r on r.id = p.room_id
  where p.session_id = course_sessions.id and p.released_at is null)"""
INSTRUCTORS = """(
  select coalesce(json_agg(json_build_object('instructor_id', i.id, 'full_name', i.full_name,
    'affiliation', i.affiliation) order by i.sort_key, i.id), '[]')
  from session_instructors p join instructors i on i.id = p.instructor_id
  where p.session_id = course_sessions.id and p.released_at is null)"""
WARNINGS = """session_warnings(course_sessions.id, course_sessions.organization_id,
  course_sessions.state)"""
CourseSession.course_code = _of_course("code")
CourseSession.course_title_vi = _of_course("title_vi")
CourseSession.course_title_en = _of_course("title_en")
for _name, _rows in {
    "rooms": ROOMS,
    "instructors": INSTRUCTORS,
    "warnings": WARNINGS,
}.items():
    setattr(CourseSession, _name, column_property(literal_column(_rows, type_=JSON)))
