"""Who signs in: their account, their proofs, and where they are members."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.permissions import OF_THE_ACADEMY, Role
from app.core.config import Settings
from app.core.languages import Language

_ACCOUNT = """
  select u.id, u.email, u.name, p.hash, p.changed_at, f.user_id is not null, u.signed_out_at
  from users u
  left join passwords p on p.user_id = u.id
  left join second_factors f on f.user_id = u.id
    and f.added_at > coalesce(u.second_factor_reset_at, '-infinity')
  where u.disabled_at is null
"""
_BY_EMAIL = text(f"{_ACCOUNT} and lower(u.email) = lower(:email)")
_BY_ID = text(f"{_ACCOUNT} and u.id = :id")
_PLACES = text("""
  select m.id, m.role, o.name_vi, o.name_en
  from memberships m join organizations o on o.id = m.organization_id
  where m.user_id = :user_id and m.ended_at is null
    and (cast(:within as uuid) is null or m.organization_id = any (
      select unnest(member_ids) from organization_subtrees s where s.organization_id = :within))
  order by m.id
""")
_NOTE = text("select note_in_audit(:operation, :table, :user_id, :reason)")


class Account(NamedTuple):
    """Somebody who is not disabled."""

    id: UUID
    email: str
    name: str
    password_hash: str | None
    password_set_at: datetime | None
    has_second_factor: bool
    signed_out_at: datetime | None


class Place(NamedTuple):
    """A membership that somebody may sign in to."""

    id: UUID
    role: Role
    names: dict[Language, str]


async def by_email(session: AsyncSession, email: str) -> Account | None:
    row = (await session.execute(_BY_EMAIL, {"email": email.strip()})).first()
    return Account(*row) if row else None


async def by_id(session: AsyncSession, id: UUID) -> Account | None:
    row = (await session.execute(_BY_ID, {"id": id})).first()
    return Account(*row) if row else None


async def places_of(
    session: AsyncSession, user_id: UUID, within: UUID | None = None
) -> list[Place]:
    """All of them, or those in an organisation and below it."""
    rows = await session.execute(_PLACES, {"user_id": user_id, "within": within})
    return [Place(id, Role(role), {"vi": vi, "en": en}) for id, role, vi, en in rows]


def must_show_a_code(settings: Settings, roles: Iterable[str]) -> bool:
    """Whether a second factor is asked of whoever has these roles, set up or not."""
    return settings.second_factor_required and not OF_THE_ACADEMY.isdisjoint(roles)


async def note(
    session: AsyncSession,
    operation: str,
    table: str,
    user_id: UUID | None,
    reason: str | None = None,
) -> None:
    """For the audit: a proof was changed or refused."""
    facts = {"operation": operation, "table": table, "user_id": user_id, "reason": reason}
    await session.execute(_NOTE, facts)
