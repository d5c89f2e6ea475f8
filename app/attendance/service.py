"""What is entered in the ledger: by who teaches, at the door, and with the code shown in class."""

import json
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.attendance.codes import Codes
from app.attendance.models import AttendanceEntry, AttendanceSheet
from app.attendance.problems import AlreadyCheckedIn, AttendanceOfStranger, NotCheckedIn
from app.attendance.queries import sheet as _sheet
from app.attendance.schemas import CodeIn, PresenceIn, SheetIn
from app.core.database.sessions import driver_of
from app.core.problems import NotFound
from app.courses.session_models import CourseSession

# One statement for the whole roll: what is said of each, as far as it is not what was said last.
# Where one is not enrolled, nothing is added.
_ROLL = text("""
  with given as (
    select * from jsonb_to_recordset(cast(:learners as jsonb)) as g (learner_id uuid,
      in_person_minutes integer, online_minutes integer, late_minutes integer, excused boolean,
      document text, participation text, note text, meeting_log_id uuid)
  ), enrolled as (
    select n.id, n.learner_id from nominations n
    where n.course_id = :course_id and n.state in ('enrolled', 'completed', 'failed', 'no_show')
  ), stranger as (
    select g.learner_id from given g
    where not exists (select from enrolled e where e.learner_id = g.learner_id)
  ), said as (
    select e.id as nomination_id, e.learner_id, a.*, g.note,
      case when a.minutes is not null then g.meeting_log_id end as meeting_log_id
    from given g join enrolled e using (learner_id)
    cross join lateral (values
      ('in_person', g.in_person_minutes, g.late_minutes, null::boolean, null, null),
      ('online', g.online_minutes, g.late_minutes, null, null, null),
      ('excused', null, null, g.excused, g.document, null),
      ('participation', null, null, null, null, g.participation)
    ) as a (aspect, minutes, late_minutes, excused, document, participation)
    where num_nonnulls(a.minutes, a.excused, a.participation) > 0
  ), added as (
    insert into attendance_entries (organization_id, course_id, session_id, nomination_id,
      learner_id, aspect, minutes, late_minutes, excused, document, participation, note, source,
      meeting_log_id)
    select :organization_id, :course_id, :session_id, s.nomination_id, s.learner_id, s.aspect,
      case when s.aspect in ('in_person', 'online') then s.minutes end,
      case when s.minutes > 0 then s.late_minutes end, s.excused, s.document, s.participation,
      s.note, :source, s.meeting_log_id
    from said s
    left join (
      select distinct on (e.nomination_id, e.aspect) e.* from attendance_entries e
      where e.session_id = :session_id order by e.nomination_id, e.aspect, e.id desc
    ) as l on l.nomination_id = s.nomination_id and l.aspect = s.aspect
    where not exists (select from stranger) and (l.id is null or l.present_from is not null
      or (s.minutes, case when s.minutes > 0 then s.late_minutes end, s.excused, s.document,
        s.participation) is distinct from
        (l.minutes, l.late_minutes, l.excused, l.document, l.participation))
    returning 1
  )
  select (select count(*) from added), (select json_agg(learner_id) from stranger)
""")
_MYSELF = text("select cast(nullif(current_setting('app.learner', true), '') as uuid)")
_TAKE_SHEET = text("select take_sheet(:id)")
_ENROLLED = text("""
  select n.id from nominations n
  where n.course_id = :course_id and n.learner_id = :learner_id
    and n.state in ('enrolled', 'completed', 'failed', 'no_show')
""")


async def held_sheet(session: AsyncSession, session_id: UUID) -> AttendanceSheet:
    """The one door to a sheet that is written on: by who hosts the course or teaches the session.
    Raises NotFound."""
    one = select(AttendanceSheet).where(AttendanceSheet.id == session_id)
    found = await session.scalar(one.with_for_update(key_share=True))
    if found is None:
        raise NotFound
    return found


async def take_roll(session: AsyncSession, of: AttendanceSheet, data: SheetIn) -> None:
    """Raises AttendanceOfStranger with all who are not enrolled."""
    rows = [row.model_dump(mode="json") for row in data.learners]
    await enter(session, of, rows, "sheet")


async def enter(
    session: AsyncSession, of: AttendanceSheet, rows: list[dict[str, Any]], source: str
) -> int:
    """How many entries were added: none for what is known already."""
    whose = {"organization_id": of.organization_id, "course_id": of.course_id}
    values = {**whose, "session_id": of.id, "source": source, "learners": json.dumps(rows)}
    added, strangers = (await session.execute(_ROLL, values)).one()
    if strangers:
        raise AttendanceOfStranger(learner_ids=strangers)
    return int(added)


async def as_read(session: AsyncSession, session_id: UUID) -> tuple[bytes, str]:
    """The sheet as whoever entered something reads it, and its ETag."""
    body, _, tag, _ = await (await driver_of(session)).fetchrow(_sheet.sql, session_id)
    return body, tag


async def check_in(session: AsyncSession, of: AttendanceSheet, data: PresenceIn) -> AttendanceEntry:
    """There from now on: to the end, unless they check out."""
    held = await session.get_one(CourseSession, of.id)
    before = await _last(session, of.id, data.learner_id, data.modality)
    if before is not None and before.present_from is not None:
        raise AlreadyCheckedIn
    await _elsewhere(session, of.id, data)
    now = datetime.now(UTC)
    earlier = before.minutes or 0 if before is not None else 0
    stays = _minutes(max(now, held.starts_at), held.ends_at)
    late = before.late_minutes if earlier and before else _late(held, now)
    return await _add(
        session,
        held,
        data,
        minutes=min(earlier + stays, _lasts(held)),
        late_minutes=late,
        source="check_in",
        present_from=now,
    )


async def check_out(
    session: AsyncSession, of: AttendanceSheet, data: PresenceIn
) -> AttendanceEntry:
    """Whoever checked in, or entered the code, was counted to the end: from now on they are not.
    Raises NotCheckedIn."""
    held = await session.get_one(CourseSession, of.id)
    last = await _last(session, of.id, data.learner_id, data.modality)
    if last is None or last.present_from is None:
        raise NotCheckedIn
    missed = _minutes(max(datetime.now(UTC), held.starts_at), held.ends_at)
    return await _add(
        session,
        held,
        data,
        minutes=max((last.minutes or 0) - missed, 0),
        late_minutes=last.late_minutes,
        source="check_in",
    )


async def enter_code(
    session: AsyncSession, codes: Codes, session_id: UUID, data: CodeIn
) -> AttendanceEntry:
    """Of the learner who is calling: there from now to the end, unless they are checked out. What
    somebody said already that they attended, a code does not lessen, nor add to, here or in the
    other way: it may include this. Only who was checked out is back, and both times count.

    Raises NotFound for who is no learner, AttendanceCodeWrong, AttendanceCodeExpired,
    AlreadyCheckedIn for who is there in the other way and, by a rule of the database,
    AttendanceCodeReplayed.
    """
    learner_id = await session.scalar(_MYSELF)
    held = await session.get(CourseSession, session_id)
    if held is None or learner_id is None:
        raise NotFound
    now = datetime.now(UTC)
    step = codes.step_of(session_id, data.code, now)
    await session.execute(_TAKE_SHEET, {"id": session_id})
    usual = "online" if held.mode == "online" else "in_person"
    there = PresenceIn(learner_id=learner_id, modality=data.modality or usual)
    before = await _last(session, session_id, learner_id, there.modality)
    elsewhere = await _elsewhere(session, session_id, there)
    minutes, late, since = _minutes(max(now, held.starts_at), held.ends_at), _late(held, now), now
    if elsewhere is not None and elsewhere.minutes:
        late = elsewhere.late_minutes or 0
        minutes = min(minutes, max(0, _lasts(held) - late - elsewhere.minutes))
    if before is not None and before.minutes:
        back = before.source == "check_in" and before.present_from is None
        minutes = before.minutes + minutes if back else max(before.minutes, minutes)
        late, since = before.late_minutes or 0, before.present_from or now
    return await _add(
        session,
        held,
        there,
        minutes=min(minutes, _lasts(held)),
        late_minutes=late,
        source="code",
        present_from=since,
        code_step=step,
    )


async def _add(
    session: AsyncSession, of: CourseSession, who: PresenceIn, **said: Any
) -> AttendanceEntry:
    values = {"course_id": of.course_id, "learner_id": who.learner_id}
    nomination = await session.scalar(_ENROLLED, values)
    if nomination is None:
        raise AttendanceOfStranger(learner_ids=[str(who.learner_id)])
    entry = AttendanceEntry(
        organization_id=of.organization_id,
        session_id=of.id,
        nomination_id=nomination,
        aspect=who.modality,
        **values,
        **said,
    )
    session.add(entry)
    await session.flush()
    await session.refresh(entry)
    return entry


async def _elsewhere(
    session: AsyncSession, session_id: UUID, who: PresenceIn
) -> AttendanceEntry | None:
    """What was said last of how long they attended in the other way. Raises AlreadyCheckedIn: who
    is there in that way still, has to check out."""
    other = "online" if who.modality == "in_person" else "in_person"
    known = await _last(session, session_id, who.learner_id, other)
    if known is not None and known.present_from is not None:
        raise AlreadyCheckedIn
    return known


async def _last(
    session: AsyncSession, session_id: UUID, learner_id: UUID, modality: str
) -> AttendanceEntry | None:
    """What was said last of how long somebody attended in this way."""
    rows = select(AttendanceEntry).where(
        AttendanceEntry.session_id == session_id,
        AttendanceEntry.learner_id == learner_id,
        AttendanceEntry.aspect == modality,
    )
    found: AttendanceEntry | None
    found = await session.scalar(rows.order_by(AttendanceEntry.id.desc()).limit(1))
    return found


def _minutes(begins: datetime, ends: datetime) -> int:
    return max(0, round((ends - begins) / timedelta(minutes=1)))


def _lasts(of: CourseSession) -> int:
    return ceil((of.ends_at - of.starts_at) / timedelta(minutes=1))


def _late(of: CourseSession, now: datetime) -> int:
    return _minutes(of.starts_at, min(now, of.ends_at))
