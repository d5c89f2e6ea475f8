"""Reports of meetings: read, looked at, decided on, and only then in the ledger."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool

from app.attendance import service
from app.attendance.log_schemas import LogDecisionsIn
from app.attendance.logs.people import Enrolled, Interval, Meeting, Person, minutes, understood
from app.attendance.logs.reading import Log, number
from app.attendance.models import AttendanceEntry, MeetingLog
from app.attendance.problems import (
    AttendanceOfStranger,
    MeetingLogEnded,
    MeetingLogOfAnotherMeeting,
    MeetingLogUndecided,
    ModalityNotOfSession,
)
from app.core.database.writes import get_or_404
from app.core.problems import NotFound
from app.core.schemas import in_milliseconds
from app.core.uploads import Upload
from app.courses.session_models import CourseSession, SessionMeeting

_ENROLLED = text("select learner_id, full_name, email from people_of_session(:id)")


async def receive(
    session: AsyncSession,
    session_id: UUID,
    upload: Upload,
    file_name: str | None,
    zone: str | None,
) -> MeetingLog:
    """Nothing of it is in the ledger yet.

    Raises MeetingLogUnreadable, MeetingLogWithoutTimes, MeetingLogOfAnotherMeeting, and
    ModalityNotOfSession where nobody is online.
    """
    sheet = await service.held_sheet(session, session_id)
    held = await session.get_one(CourseSession, sheet.id)
    if held.mode == "in_person":
        raise ModalityNotOfSession
    written_in = zone or held.zone
    meeting = Meeting(held.starts_at, held.ends_at, ZoneInfo(written_in))
    enrolled = [Enrolled(*row) for row in await session.execute(_ENROLLED, {"id": held.id})]
    content = b"".join(upload.parts(upload.size + 1))
    # Reading twenty thousand lines takes a second.
    log, found = await run_in_threadpool(understood, content, meeting, enrolled)
    await _refuse_another(session, held, log, found)
    received = MeetingLog(
        organization_id=held.organization_id,
        course_id=held.course_id,
        session_id=held.id,
        provider=log.provider,
        zone=written_in,
        file_name=upload.name[:200] if upload.name else file_name,
        digest=upload.digest,
        people=[_listed(row, person) for row, person in enumerate(found, 1)],
    )
    session.add(received)
    await session.flush()
    await session.refresh(received)
    return received


async def held_log(session: AsyncSession, id: UUID) -> tuple[MeetingLog, Any]:
    """With its sheet, which is held first, as whoever writes on it does. Raises MeetingLogEnded."""
    of = await session.scalar(select(MeetingLog.session_id).where(MeetingLog.id == id))
    if of is None:
        raise NotFound
    sheet = await service.held_sheet(session, of)
    log = await get_or_404(session, MeetingLog, id)
    if log.state != "planned":
        raise MeetingLogEnded
    return log, sheet


async def apply(session: AsyncSession, id: UUID, data: LogDecisionsIn) -> MeetingLog:
    """Everybody's minutes are in the ledger; at an online session, also that others were absent.

    Raises MeetingLogUndecided with the rows that nobody has decided on, AttendanceOfStranger, and
    MeetingLogOfAnotherMeeting where the session is at another time by now.
    """
    log, sheet = await held_log(session, id)
    held = await session.get_one(CourseSession, log.session_id)
    decided = {each.row: each.learner_id for each in data.decisions}
    if not any(_present(person, held) for person in log.people):  # it was moved
        raise MeetingLogOfAnotherMeeting
    undecided = [p["row"] for p in log.people if not p["learner_id"] and p["row"] not in decided]
    if undecided:
        raise MeetingLogUndecided(undecided=undecided)
    stays: dict[UUID, list[dict[str, Any]]] = {}
    for person in log.people:
        known = UUID(person["learner_id"]) if person["learner_id"] else None
        if learner := decided.get(person["row"], known):
            stays.setdefault(learner, []).append(person)
    rows = [_row(learner, rows, held, log.id) for learner, rows in stays.items()]
    rows += [{"learner_id": str(id), **_ABSENT} for id in await _absent(session, held, stays)]
    enrolled = {row[0] for row in await session.execute(_ENROLLED, {"id": held.id})}
    if strangers := stays.keys() - enrolled:
        raise AttendanceOfStranger(learner_ids=sorted(map(str, strangers)))
    await service.enter(session, sheet, rows, "meeting_log")
    return await _end(session, log, "applied")


async def discard(session: AsyncSession, id: UUID) -> MeetingLog:
    log, _ = await held_log(session, id)
    return await _end(session, log, "discarded")


_ABSENT = {"online_minutes": 0}


async def _end(session: AsyncSession, log: MeetingLog, state: str) -> MeetingLog:
    log.state, log.ended_at = state, func.now()
    await session.flush()
    await session.refresh(log)
    return log


async def _absent(session: AsyncSession, held: CourseSession, present: Any) -> list[UUID]:
    """Who is enrolled in an online session and of whom nothing else is known."""
    if held.mode != "online":
        return []
    known = select(AttendanceEntry.learner_id).where(
        AttendanceEntry.session_id == held.id, AttendanceEntry.aspect == "online"
    )
    spoken_of = {*present, *await session.scalars(known)}
    rows = await session.execute(_ENROLLED, {"id": held.id})
    return [learner for learner, *_ in rows if learner not in spoken_of]


async def _refuse_another(
    session: AsyncSession, held: CourseSession, log: Log, found: list[Person]
) -> None:
    """By the meeting's number where both say it; and by its time."""
    meeting = await session.get(SessionMeeting, held.id)
    expected = number(meeting.meeting_number or "") if meeting else ""
    if expected and log.meetings and expected not in log.meetings:
        raise MeetingLogOfAnotherMeeting
    if not any(person.present for person in found):
        raise MeetingLogOfAnotherMeeting


def _listed(row: int, person: Person) -> dict[str, Any]:
    said = asdict(person) | {"row": row}
    said["present"] = [[*map(in_milliseconds, pair)] for pair in person.present]
    said["learner_id"] = person.learner_id and str(person.learner_id)
    said["candidates"] = [str(each) for each in person.candidates]
    return said


def _present(row: dict[str, Any], held: CourseSession) -> list[Interval]:
    """Within the session as it is now."""
    said = [tuple(map(datetime.fromisoformat, stay)) for stay in row["present"]]
    within = [(max(begins, held.starts_at), min(ends, held.ends_at)) for begins, ends in said]
    return [(begins, ends) for begins, ends in within if begins < ends]


def _row(
    learner: UUID, rows: list[dict[str, Any]], held: CourseSession, log_id: UUID
) -> dict[str, Any]:
    """Somebody's minutes, however many devices and names they used at once."""
    present = [stay for row in rows for stay in _present(row, held)]
    told = min(minutes(present), sum(row["minutes"] for row in rows))
    late = None
    if present:
        first = min(begins for begins, _ in present)
        late = int((first - held.starts_at.astimezone(UTC)).total_seconds() // 60)
    of = {"learner_id": str(learner), "meeting_log_id": str(log_id)}
    return of | {"online_minutes": told, "late_minutes": late}
