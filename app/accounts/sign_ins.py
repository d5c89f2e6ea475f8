"""Where users are signed in, and what ends it."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Invitation, Password, SignIn

_NOTE = text("select note_in_audit('update', 'passwords', :user_id, null)")


async def lock_password(session: AsyncSession, user_id: UUID) -> None:
    """Of several who change it, each sees what the one before did."""
    await session.get(Password, user_id, with_for_update=True)


async def set_password(session: AsyncSession, user_id: UUID, hash: str) -> None:
    """Whoever was signed in with the former one is so no more, and no link is good any longer."""
    put = insert(Password).values(user_id=user_id, hash=hash)
    fresh = {"hash": hash, "changed_at": func.now()}
    await session.execute(put.on_conflict_do_update(index_elements=["user_id"], set_=fresh))
    await session.execute(_NOTE, {"user_id": user_id})
    open = update(Invitation).where(Invitation.user_id == user_id, Invitation.used_at.is_(None))
    await session.execute(open.values(used_at=func.now()))
    await end_all(session, SignIn.user_id == user_id, "password_changed")


async def end_all(session: AsyncSession, of: ColumnElement[bool], because: str) -> None:
    """Those that last; `of` says whose, or where."""
    live = update(SignIn).where(of, SignIn.ended_at.is_(None))
    await session.execute(live.values(ended_at=func.now(), ended_because=because))
