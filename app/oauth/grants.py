"""What is exchanged for an access token of a person: authorization codes and refresh tokens.

A code is good once and for a minute; a refresh token once, or again for some seconds when its
answer was lost on the way. What is shown a second time was stolen: then the sign-in ends.
RFC 6749, RFC 7636 and RFC 9700, 2.1.1 and 4.14.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from re import compile as pattern
from secrets import token_urlsafe
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.accounts.models import Password, SignIn
from app.core.config import Settings
from app.core.secrets import Pepper
from app.oauth import people
from app.oauth.clients import KnownClient
from app.oauth.issuing import Member, member
from app.oauth.models import AuthorizationCode, RefreshToken

CODE_LIFETIME = timedelta(seconds=60)
GRACE = timedelta(seconds=10)
"""In which the token just replaced gets its successor once more: the answer may have been lost."""

CHALLENGE = pattern(r"[A-Za-z0-9_-]{43}")
VERIFIER = pattern(r"[A-Za-z0-9._~-]{43,128}")

_NOTE = text("select note_in_audit('refuse', :table, :row, :reason)")
_ENTER = text("select enter_service(:actor, current_setting('app.request'))")
_USED = text("""
  insert into last_uses (id, used_at) values (:id, now())
  on conflict (id) do update set used_at = now()
""")


class Refused(NamedTuple):
    """Why, for the audit; the program is told nothing of it. What was noted is to be committed."""

    reason: str


class SignedIn(NamedTuple):
    sign_in: SignIn
    member: Member
    refresh_token: str


def hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def new_code(session: AsyncSession, **facts: Any) -> str:
    """A code for a membership; `facts` are the other columns of AuthorizationCode."""
    code, now = token_urlsafe(32), await _clock(session)
    times = {"approved_at": now, "expires_at": now + CODE_LIFETIME}
    session.add(AuthorizationCode(hash=hashed(code), **times, **facts))
    await session.flush()
    return code


async def exchange_code(
    session: AsyncSession,
    settings: Settings,
    client: KnownClient,
    code: str,
    redirect_uri: str | None,
    verifier: str,
) -> SignedIn | Refused:
    """Signs in whoever approved. The second use ends the sign-in that the first one began."""
    issued = await session.get(AuthorizationCode, hashed(code), with_for_update=True)
    if issued is None:
        return Refused("unknown")
    somebody = await member(session, issued.membership_id)
    reason = None
    if issued.client != client.name:
        reason = "another client's"
    elif issued.sign_in_id is not None:
        await end(session, await _locked(session, issued.sign_in_id), "code_reused")
        reason = "used before"
    elif issued.expires_at <= await _clock(session):
        reason = "expired"
    elif issued.redirect_uri != redirect_uri:
        reason = "another redirect_uri"
    elif not _proves(verifier, issued.challenge):
        reason = "wrong code_verifier"
    else:
        reason = await _changed(session, settings, issued, somebody)
    if reason or somebody is None:
        return await _refused(session, "authorization_codes", issued.membership_id, str(reason))
    await session.execute(_ENTER, {"actor": somebody.actor})
    sign_in = SignIn(
        user_id=somebody.user_id,
        membership_id=issued.membership_id,
        client=issued.client,
        scope=issued.scope,
        method=issued.method,
        source=issued.source,
        user_agent=issued.user_agent,
        expires_at=await _clock(session) + settings.sign_in_lifetime,
    )
    session.add(sign_in)
    await session.flush()
    issued.sign_in_id = sign_in.id
    token = token_urlsafe(32)
    await _keep(session, settings, sign_in, token)
    return SignedIn(sign_in, somebody, token)


async def refresh(
    session: AsyncSession, settings: Settings, pepper: Pepper, client: KnownClient, presented: str
) -> SignedIn | Refused:
    """The next of the family. The sign-in's row is locked, so that a family grows one by one."""
    token = await session.get(RefreshToken, hashed(presented))
    if token is None:
        return Refused("unknown")
    sign_in = await _locked(session, token.sign_in_id)
    await session.refresh(token)
    somebody = await member(session, sign_in.membership_id)
    now = await _clock(session)
    reason = None
    if sign_in.client != client.name:
        reason = "another client's"
    elif sign_in.ended_at is not None or sign_in.expires_at <= now:
        reason = "the sign-in has ended"
    elif somebody is None:
        reason = "access was withdrawn"
    elif _lacks_a_code(settings, somebody, sign_in.method):
        reason = "no second factor"
    elif token.successor_hash is None and token.expires_at <= now:
        reason = "expired"
    elif token.successor_hash is not None and not await _in_grace(session, token, now):
        await end(session, sign_in, "refresh_token_reused")
        reason = "used before"
    if reason or somebody is None:
        return await _refused(session, "refresh_tokens", sign_in.id, str(reason))
    await session.execute(_ENTER, {"actor": somebody.actor})
    successor = _successor(pepper, presented)
    if token.successor_hash is None:
        token.successor_hash, token.replaced_at = hashed(successor), now
        await _keep(session, settings, sign_in, successor)
    return SignedIn(sign_in, somebody, successor)


async def end(session: AsyncSession, sign_in: SignIn, because: str) -> None:
    """No token of the sign-in is good from the commit on. What has ended stays as it is."""
    if sign_in.ended_at is None:
        sign_in.ended_at, sign_in.ended_because = await _clock(session), because
        await session.flush()


def _successor(pepper: Pepper, presented: str) -> str:
    """Always the same for the same token, and known to nobody without the installation's secret:
    so the grace answers it again, and no token is ever stored."""
    return urlsafe_b64encode(pepper.hash(f"refresh token after {presented}")).decode().rstrip("=")


async def _in_grace(session: AsyncSession, token: RefreshToken, now: datetime) -> bool:
    """Only for the token before the last: its successor has not been used."""
    assert token.replaced_at is not None  # noqa: S101 -- it has a successor
    if now >= token.replaced_at + GRACE:
        return False
    unused = select(RefreshToken.hash).where(
        RefreshToken.hash == token.successor_hash, RefreshToken.successor_hash.is_(None)
    )
    return await session.scalar(unused) is not None


async def _changed(
    session: AsyncSession, settings: Settings, issued: AuthorizationCode, somebody: Member | None
) -> str | None:
    """What, since they approved; None when nothing did. Their password stays as it is until the
    commit: whoever changes it sees the sign-in then, and ends it."""
    if somebody is None:
        return "access was withdrawn"
    set_at = select(Password.changed_at).where(Password.user_id == somebody.user_id)
    if await session.scalar(set_at.with_for_update(read=True)) != issued.password_set_at:
        return "the password was changed"
    user = await session.get_one(User, somebody.user_id)
    if user.signed_out_at is not None and user.signed_out_at > issued.approved_at:
        return "signed out meanwhile"
    return "no second factor" if _lacks_a_code(settings, somebody, issued.method) else None


def _lacks_a_code(settings: Settings, member: Member, method: str) -> bool:
    """The role, or the setting, may be another one than when they signed in."""
    return method == "password" and people.must_show_a_code(settings, [member.role])


async def _keep(session: AsyncSession, settings: Settings, sign_in: SignIn, token: str) -> None:
    idle = await _clock(session) + settings.sign_in_idle
    expires_at = min(sign_in.expires_at, idle)
    kept = RefreshToken(hash=hashed(token), sign_in_id=sign_in.id, expires_at=expires_at)
    session.add(kept)
    await session.execute(_USED, {"id": sign_in.id})
    await session.flush()


async def _locked(session: AsyncSession, id: Any) -> SignIn:
    return await session.get_one(SignIn, id, with_for_update=True, populate_existing=True)


async def _refused(session: AsyncSession, table: str, row: Any, reason: str) -> Refused:
    await session.execute(_NOTE, {"table": table, "row": row, "reason": reason})
    return Refused(reason)


async def _clock(session: AsyncSession) -> datetime:
    """The time it is, not that at which a transaction began, which may have waited."""
    now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return now


def _proves(verifier: str, challenge: str) -> bool:
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return compare_digest(digest, challenge)
