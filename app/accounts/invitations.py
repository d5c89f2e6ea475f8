"""Links with which people set a password: their first one, or a new one for one forgotten."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.access.models import User
from app.accounts.models import Invitation
from app.core.config import Settings

LIFETIME = timedelta(days=3)
PATH = "/oauth/invitations"


async def invite(session: AsyncSession, settings: Settings, user: User) -> str:
    """A link that is good once, for three days, and until the next one for the same user."""
    token = token_urlsafe(32)
    expires_at = func.now() + LIFETIME
    row = {"token_hash": _hashed(token), "user_id": user.id, "expires_at": expires_at}
    # Without RETURNING: who invites may not read what was handed out.
    await session.execute(insert(Invitation).values(row).inline())
    return f"{settings.public_url}{PATH}/{token}"


async def withdraw(session: AsyncSession, user: User) -> None:
    """The links that a user was sent are good no more: the last one is nobody's, for as long."""
    row = {"token_hash": token_bytes(32), "user_id": user.id, "used_at": func.now()}
    row["expires_at"] = func.now() + LIFETIME
    await session.execute(insert(Invitation).values(row).inline())


async def invited(session: AsyncSession, token: str) -> UUID | None:
    """Whom the link is for; None when it is not, or no longer, good."""
    found: UUID | None = await session.scalar(_good(token))
    return found


async def use(session: AsyncSession, token: str) -> bool:
    """Whether it was good; it is no more. Of several at once, one gets it."""
    if await session.scalar(_good(token).with_for_update()) is None:
        return False
    used = update(Invitation).where(Invitation.token_hash == _hashed(token))
    await session.execute(used.values(used_at=func.now()))
    return True


def _good(token: str) -> Select[UUID]:
    later = aliased(Invitation)
    is_last = (
        ~select(later.id)
        .where(later.user_id == Invitation.user_id, later.id > Invitation.id)
        .exists()
    )
    return select(Invitation.user_id).where(
        Invitation.token_hash == _hashed(token),
        Invitation.used_at.is_(None),
        Invitation.expires_at > func.now(),
        is_last,
    )


def _hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()
