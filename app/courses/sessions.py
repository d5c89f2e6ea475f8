"""Sessions: planned, changed, moved, held, cancelled, with the rooms and people they take."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import get_or_404, replace
from app.core.problems import InvalidRequest, NotFound, not_to_be_named
from app.courses.models import Course
from app.courses.problems import SessionMinutesOutOfRange, SessionOver, SessionStateOutOfOrder
from app.courses.session_models import (
    CourseSession,
    SessionInstructor,
    SessionMeeting,
    SessionRoom,
)
from app.courses.session_schemas import (
    SessionCreate,
    SessionIn,
    SessionMeetingIn,
    SessionMoveIn,
)
from app.events.outbox import publish
from app.rooms import service as bookings
from app.rooms.instructor_models import Instructor
from app.rooms.models import Room
from app.rooms.service import Subject, Time

TO_COME = ("planned", "moved")
"""The states in which a session may still change."""
LONGEST = 10_000
"""Minutes of a session: almost a week."""
Ids = list[UUID]


async def create_session(
    session: AsyncSession, course: Course, data: SessionCreate
) -> CourseSession:
    """With its rooms and instructors booked, all of them or none."""
    said = data.model_dump(exclude={"rooms", "instructors"})
    said["planned_minutes"] = _minutes(data.planned_minutes, data.starts_at, data.ends_at)
    row = CourseSession(organization_id=course.organization_id, course_id=course.id, **said)
    rooms, instructors = _named(data)
    await _refuse_unknown(session, rooms, instructors, ([], []))
    await bookings.take_turns(session, rooms, instructors)
    session.add(row)
    await session.flush()
    of = {"organization_id": course.organization_id, "course_id": course.id}
    session.add(SessionMeeting(id=row.id, **of))
    await _take(session, row, rooms, instructors)
    return await _told(session, row, "created")


async def held_session(session: AsyncSession, id: UUID) -> CourseSession:
    """The one door to a session that changes: its course is held before, against its end."""
    of = select(CourseSession.course_id).where(CourseSession.id == id)
    of_course = select(Course.id).where(Course.id == of.scalar_subquery())
    if await session.scalar(of_course.with_for_update(read=True)) is None:
        raise NotFound
    return await get_or_404(session, CourseSession, id)


async def replace_session(
    session: AsyncSession, row: CourseSession, data: SessionIn
) -> CourseSession:
    """All but its time, which `move` changes."""
    if row.state not in TO_COME:
        raise SessionOver
    said = data.model_dump(exclude={"rooms", "instructors"})
    said["planned_minutes"] = _minutes(data.planned_minutes, row.starts_at, row.ends_at)
    await _rearrange(session, row, said, *_named(data))
    return await _told(session, row, "changed")


async def move(session: AsyncSession, row: CourseSession, data: SessionMoveIn) -> CourseSession:
    """To another time, with its rooms and instructors, or with others."""
    if row.state not in TO_COME:
        raise SessionStateOutOfOrder
    course = await session.get_one(Course, row.course_id)
    before = _time(row)
    lasts = _minutes(None, data.starts_at, data.ends_at)
    said: dict[str, Any] = {
        "starts_at": data.starts_at,
        "ends_at": data.ends_at,
        "zone": data.zone or row.zone,
        "planned_minutes": data.planned_minutes or min(row.planned_minutes, lasts),
    }
    if course.opened_at is not None:
        said["state"] = "moved"
    _check(said["planned_minutes"], lasts)
    rooms, instructors = await _present(session, row)
    if data.rooms is not None:
        rooms = [each.room_id for each in data.rooms]
    if data.instructors is not None:
        instructors = [each.instructor_id for each in data.instructors]
    await _rearrange(session, row, said, rooms, instructors)
    return await _told(session, row, "moved", old=before, new=_time(row), reason=data.reason)


async def cancel(session: AsyncSession, row: CourseSession, reason: str) -> CourseSession:
    """Its rooms and instructors are free again; calendars go on to tell that it was."""
    if row.state not in TO_COME:
        raise SessionStateOutOfOrder
    present = await _present(session, row)
    await bookings.take_turns(session, *present)
    row.state, row.cancelled_because = "cancelled", reason
    await session.flush()
    await bookings.release(session, Subject(row.organization_id, row.id), *present)
    return await _told(session, row, "cancelled", old=_time(row), reason=reason)


async def cancel_all(session: AsyncSession, course: Course, reason: str) -> None:
    """Whatever of the course is still to come."""
    of_course = (CourseSession.course_id == course.id, CourseSession.state.in_(TO_COME))
    ordered = select(CourseSession).where(*of_course).order_by(CourseSession.id)
    rows = list(await session.scalars(ordered.with_for_update(key_share=True)))
    rooms: set[UUID] = set()
    instructors: set[UUID] = set()
    for row in rows:
        of_row = await _present(session, row)
        rooms |= set(of_row[0])
        instructors |= set(of_row[1])
    await bookings.take_turns(session, rooms, instructors)
    for row in rows:
        await cancel(session, row, reason)


async def hold(session: AsyncSession, row: CourseSession) -> CourseSession:
    """It took place. Raises, by a rule of the database, SessionNotBegun."""
    if row.state not in TO_COME:
        raise SessionStateOutOfOrder
    row.state = "held"
    await session.flush()
    return await _told(session, row, "held")


async def replace_meeting(
    session: AsyncSession, meeting: SessionMeeting, data: SessionMeetingIn
) -> SessionMeeting:
    """How to join, which calendars of those who teach, or have a seat, tell."""
    row = await session.get_one(CourseSession, meeting.id)
    await replace(session, meeting, data)
    await session.refresh(meeting)
    row.sequence += 1
    await _told(session, row, "changed")
    return meeting


async def _rearrange(
    session: AsyncSession,
    row: CourseSession,
    said: dict[str, Any],
    rooms: Ids,
    instructors: Ids,
) -> None:
    """What is given up is free before the session moves, and what is taken is taken after."""
    had_rooms, had_instructors = await _present(session, row)
    await _refuse_unknown(session, rooms, instructors, (had_rooms, had_instructors))
    await bookings.take_turns(session, {*rooms, *had_rooms}, {*instructors, *had_instructors})
    given_up = [
        await _give_up(session, row, SessionRoom, _without(had_rooms, rooms)),
        await _give_up(session, row, SessionInstructor, _without(had_instructors, instructors)),
    ]
    for field, value in said.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
    await session.flush()
    added = _without(rooms, had_rooms), _without(instructors, had_instructors)
    await _take(session, row, *added)
    if any(given_up) or any(added):
        row.sequence = CourseSession.sequence + 1
        await session.flush()


async def _take(
    session: AsyncSession,
    row: CourseSession,
    rooms: Collection[UUID],
    instructors: Collection[UUID],
) -> None:
    time, subject = Time(row.starts_at, row.ends_at), Subject(row.organization_id, row.id)
    of = {
        "organization_id": row.organization_id,
        "course_id": row.course_id,
        "session_id": row.id,
    }
    for id in rooms:
        room = await session.get_one(Room, id)
        key = {"room_organization_id": room.organization_id, "room_id": room.id}
        session.add(SessionRoom(**of, **key))
        await bookings.book_room(session, room, time, subject, tentative=row.tentative)
    for id in instructors:
        instructor = await session.get_one(Instructor, id)
        session.add(SessionInstructor(**of, instructor_id=instructor.id))
        await bookings.book_instructor(session, instructor, time, subject, tentative=row.tentative)
    await session.flush()


async def _give_up(
    session: AsyncSession,
    row: CourseSession,
    kind: type[SessionRoom | SessionInstructor],
    ids: Ids,
) -> bool:
    """Whether there was anything."""
    if not ids:
        return False
    key = getattr(kind, kind.__key__)
    of_session = (kind.session_id == row.id, kind.released_at.is_(None), key.in_(ids))
    for each in await session.scalars(select(kind).where(*of_session)):
        each.released_at = func.now()
    await session.flush()
    subject = Subject(row.organization_id, row.id)
    rooms, instructors = (ids, []) if kind is SessionRoom else ([], ids)
    await bookings.release(session, subject, rooms, instructors)
    return True


async def _present(session: AsyncSession, row: CourseSession) -> tuple[Ids, Ids]:
    """The rooms that it is in, and who teaches it."""
    found: list[Ids] = []
    for kind in (SessionRoom, SessionInstructor):
        key = getattr(kind, kind.__key__)
        rows = select(key).where(kind.session_id == row.id, kind.released_at.is_(None))
        found.append(list(await session.scalars(rows.order_by(kind.id))))
    rooms, instructors = found
    return rooms, instructors


async def _refuse_unknown(
    session: AsyncSession, rooms: Ids, instructors: Ids, had: tuple[Ids, Ids]
) -> None:
    """Raises InvalidRequest for every room and instructor that is named, new and unknown."""
    errors: list[dict[str, Any]] = []
    named: tuple[tuple[type[Room | Instructor], Ids], ...]
    named = ((Room, rooms), (Instructor, instructors))
    for (kind, ids), present in zip(named, had, strict=True):
        if not ids:
            continue
        known = set(await session.scalars(select(kind.id).where(kind.id.in_(ids)))) | set(present)
        field = kind.__tablename__
        errors += [
            not_to_be_named(field, place, f"{field.removesuffix('s')}_id")
            for place, id in enumerate(ids)
            if id not in known
        ]
    if errors:
        raise InvalidRequest(errors=errors)


async def _told(session: AsyncSession, row: CourseSession, what: str, **news: Any) -> CourseSession:
    await session.flush()
    await session.refresh(row)
    about = {"course_id": str(row.course_id), "sequence": row.sequence, **news}
    publish(session, f"course_session.{what}", row.id, row.organization_id, **about)
    return row


def _time(row: CourseSession) -> dict[str, str]:
    moments = {"starts_at": row.starts_at, "ends_at": row.ends_at}
    return {name: moment.isoformat() for name, moment in moments.items()} | {"zone": row.zone}


def _named(data: SessionIn) -> tuple[Ids, Ids]:
    return (
        [each.room_id for each in data.rooms],
        [each.instructor_id for each in data.instructors],
    )


def _without(ids: Ids, others: Iterable[UUID]) -> Ids:
    taken = set(others)
    return [id for id in ids if id not in taken]


def _minutes(given: int | None, begins: datetime, ends: datetime) -> int:
    """As planned, or as long as it lasts. Raises SessionMinutesOutOfRange."""
    lasts = int((ends - begins).total_seconds() // 60)
    _check(given or lasts, lasts)
    return given or lasts


def _check(planned: int, lasts: int) -> None:
    if not 0 < planned <= lasts <= LONGEST:
        raise SessionMinutesOutOfRange
