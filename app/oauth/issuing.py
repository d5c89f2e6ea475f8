"""Access tokens: for programs that call by themselves, and for people who signed in."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.keyring import Keyring
from app.access.permissions import ALWAYS, Role
from app.access.tokens import sign_access_token
from app.accounts.models import COMMAND_LINE, SignIn
from app.core.config import Settings
from app.core.database.scopes import service
from app.core.database.sessions import Database
from app.oauth.clients import KnownClient
from app.oauth.errors import OAuthError

_HERE = timedelta(days=1)
"""How long somebody is signed in on the command line."""

_MEMBER = """
  select m.id, m.user_id, m.role, m.organization_id, o.kind
  from memberships m join users u on u.id = m.user_id
  join organizations o on o.id = m.organization_id
  where u.disabled_at is null and m.ended_at is null
"""
_MEMBER_BY_ID = text(f"{_MEMBER} and m.id = :id")
_FIRST_MEMBER = text(f"{_MEMBER} and lower(u.email) = lower(:email) order by m.id limit 1")


class Member(NamedTuple):
    """Somebody who may come in, in the role in which they do."""

    id: UUID
    user_id: UUID
    role: str
    organization_id: UUID
    org_kind: str

    @property
    def actor(self) -> str:
        return f"{self.role}:{self.user_id}"


async def member(session: AsyncSession, id: UUID) -> Member | None:
    """None for who is disabled, and where a membership has ended."""
    row = (await session.execute(_MEMBER_BY_ID, {"id": id})).first()
    return Member(*row) if row else None


def client_token(
    settings: Settings, keyring: Keyring, client: KnownClient, wanted: str | None
) -> dict[str, Any]:
    """A token for the scopes asked for, or for all that the client has (RFC 6749, 3.3)."""
    allowed = set(client.scopes)
    scopes = set(wanted.split()) if wanted is not None else allowed
    if not scopes <= allowed:
        raise OAuthError("invalid_scope", f"Ask for some of: {' '.join(sorted(allowed))}.")
    claims = {
        "sub": str(client.id),
        "client_id": client.name,
        "role": Role.CLIENT,
        "org": str(client.organization_id),
        "org_kind": client.org_kind,
        "scope": " ".join(sorted(scopes)),
    }
    return _signed(settings, keyring, claims)


def person_token(
    settings: Settings, keyring: Keyring, client: KnownClient, sign_in: SignIn, member: Member
) -> dict[str, Any]:
    """A token for somebody who is signed in, which goes as far as the program may today."""
    claims = {
        "sub": str(member.user_id),
        "client_id": sign_in.client,
        "role": member.role,
        "org": str(member.organization_id),
        "org_kind": member.org_kind,
        "sid": str(sign_in.id),
    }
    if scopes := _within(client, sign_in):
        claims["scope"] = scopes
    return _signed(settings, keyring, claims)


def _within(client: KnownClient, sign_in: SignIn) -> str:
    """Nothing for all that the member may. What is left of what was allowed is never nothing."""
    allowed = set(sign_in.scope.split())
    if client.scopes:
        allowed = (allowed or set(client.scopes)) & set(client.scopes) | ALWAYS
    return " ".join(sorted(allowed))


async def user_token(
    settings: Settings, database: Database, keyring: Keyring, email: str
) -> dict[str, Any]:
    """A token for a person, signed in in their first membership by whoever operates the service.

    Raises LookupError when there is none.
    """
    async with database.session(service("system", "")) as session:
        row = (await session.execute(_FIRST_MEMBER, {"email": email})).first()
        if row is None:
            raise LookupError(email)
        member = Member(*row)
        expires_at = await session.scalar(text("select now() + :how_long"), {"how_long": _HERE})
        sign_in = SignIn(
            user_id=member.user_id,
            membership_id=member.id,
            client=COMMAND_LINE,
            scope="",
            method="command_line",
            expires_at=expires_at,
        )
        session.add(sign_in)
        await session.flush()
    here = KnownClient(COMMAND_LINE, ())
    return person_token(settings, keyring, here, sign_in, member)


def _signed(settings: Settings, keyring: Keyring, claims: dict[str, Any]) -> dict[str, Any]:
    lifetime = settings.access_token_lifetime
    url = settings.public_url
    token = sign_access_token(keyring.active, claims, issuer=url, audience=url, lifetime=lifetime)
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": int(lifetime.total_seconds()),
        "scope": claims.get("scope"),
    }
