"""Secret addresses of calendars: made, renewed, and what is read there."""

import json
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.models import Entity
from app.core.database.sessions import Database
from app.core.problems import NotFound
from app.courses.calendar_schemas import CalendarIn
from app.courses.models import Course
from app.courses.session_models import Calendar
from app.learners.models import Learner
from app.rooms.instructor_models import Instructor
from app.rooms.models import Room

_READ = """
select c.language, calendar_content(c.course_id, c.room_id, c.instructor_id,
  c.learner_id, c.actor)::text as content
from calendars c
where c.token_hash = $1 and (
  exists (
    select from memberships m join users u on u.id = m.user_id
    where c.actor = m.role || ':' || m.user_id and m.organization_id = c.organization_id
      and m.ended_at is null and u.disabled_at is null
      and (m.role <> 'learner' or coalesce(c.learner_id, m.learner_id) = m.learner_id))
  or exists (
    select from clients p where c.actor = 'client:' || p.id and p.revoked_at is null))
"""
"""For as long as whoever made it may come in, for the organisation that they acted for, and is the
learner or instructor that they were."""
_KINDS: dict[str, type[Entity]] = {
    "course_id": Course,
    "room_id": Room,
    "instructor_id": Instructor,
    "learner_id": Learner,
}


async def make(session: AsyncSession, data: CalendarIn) -> tuple[Calendar, str]:
    """The calendar, and the token that is never shown again. Raises NotFound where it is of what
    its maker does not see."""
    for field, kind in _KINDS.items():
        id = getattr(data, field)
        if id is not None and await session.scalar(select(kind.id).where(kind.id == id)) is None:
            raise NotFound
    token, hash = _token()
    calendar = Calendar(**data.model_dump(), token_hash=hash)
    session.add(calendar)
    await session.flush()
    await session.refresh(calendar)
    return calendar, token


async def renew(session: AsyncSession, calendar: Calendar) -> str:
    """Another token; the one before leads nowhere from now on."""
    token, calendar.token_hash = _token()
    await session.flush()
    await session.refresh(calendar)
    return token


async def remove(session: AsyncSession, calendar: Calendar) -> None:
    await session.delete(calendar)
    await session.flush()


async def content(database: Database, token: str) -> tuple[str, dict[str, Any], str] | None:
    """The language, what the calendar tells, and a tag of it; None where the token is none."""
    rows = await database.unscoped(_READ, _hash(token))
    if not rows or rows[0]["content"] is None:
        return None
    language, told = rows[0]
    tag = sha256(f"{language} {told}".encode()).hexdigest()[:32]
    return language, json.loads(told), tag


def _token() -> tuple[str, bytes]:
    token = token_urlsafe(32)
    return token, _hash(token)


def _hash(token: str) -> bytes:
    """Tokens are 256 random bits, so nobody finds one by trying."""
    return sha256(token.encode()).digest()
