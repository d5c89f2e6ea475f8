"""The token endpoint's rules (RFC 6749, 6750, 7523, 9068), apart from HTTP."""

import json
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus

from app.access.keyring import Keyring
from app.access.permissions import Role
from app.access.tokens import (
    InvalidToken,
    sign_access_token,
    unverified_subject,
    verify_client_assertion,
)
from app.core.config import Settings
from app.core.database.sessions import Database

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_CLIENT = """
  select c.id, c.name, c.organization_id, c.scopes, o.kind,
    array_remove(array_agg(k.secret_hash), null) as secrets,
    array_remove(array_agg(k.public_jwk::text), null) as public_keys
  from clients c join organizations o on o.id = c.organization_id
  left join client_keys k on k.client_id = c.id and k.revoked_at is null
  where c.name = $1 and c.revoked_at is null
  group by c.id, o.kind
"""
_MEMBERSHIPS = """
  select u.id, m.role, m.organization_id, o.kind
  from users u join memberships m on m.user_id = u.id
  join organizations o on o.id = m.organization_id
  where lower(u.email) = lower($1) and u.disabled_at is null and m.ended_at is null
  order by m.id
"""


class OAuthError(Exception):
    """A refusal in OAuth's own shape (RFC 6749, 5.2)."""

    status = 400
    headers: Mapping[str, str] = {}

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


class UnknownClient(OAuthError):
    """The same for an unknown client, a revoked one and a wrong secret."""

    status = 401
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Basic realm="banggiao"'}

    def __init__(self) -> None:
        super().__init__("invalid_client", "The client is unknown, or did not prove itself.")


async def client_by_secret(database: Database, basic: str) -> Any:
    """The client that an `Authorization: Basic` header names and proves (RFC 6749, 2.3.1)."""
    try:
        name, _, secret = b64decode(basic, validate=True).decode().partition(":")
    except ValueError as error:
        raise UnknownClient from error
    client = await client_named(database, unquote_plus(name))
    given = sha256(unquote_plus(secret).encode()).digest()
    # Every secret is compared, so that the time taken tells nothing.
    if not any([compare_digest(given, known) for known in client["secrets"]]):  # noqa: C419
        raise UnknownClient
    return client


async def client_by_assertion(
    database: Database, assertion: str, name: str | None, issuer: str
) -> Any:
    """The client that a signed assertion proves; each assertion is good once (RFC 7523, 3)."""
    try:
        name = name or unverified_subject(assertion)
        client = await client_named(database, name)
        keys = [json.loads(key) for key in client["public_keys"]]
        proof = verify_client_assertion(assertion, keys, client_id=name, issuer=issuer)
    except InvalidToken as error:
        raise UnknownClient from error
    first = await database.unscoped(
        "insert into used_assertions (client_id, jti, expires_at) values ($1, $2, $3)"
        " on conflict do nothing returning jti",
        client["id"],
        proof.jti,
        proof.expires_at,
    )
    if not first:
        raise UnknownClient
    return client


async def client_named(database: Database, name: str) -> Any:
    """The client of that name, unproven. Raises OAuthError when there is none."""
    storable = name.isprintable() and name.isascii()
    rows = await database.unscoped(_CLIENT, name) if storable else []
    if not rows:
        raise UnknownClient
    return rows[0]


def client_token(settings: Settings, keyring: Keyring, client: Any, wanted: str | None) -> Any:
    """A token for the scopes asked for, or for all that the client has (RFC 6749, 3.3)."""
    allowed = set(client["scopes"])
    scopes = set(wanted.split()) if wanted is not None else allowed
    if not scopes <= allowed:
        raise OAuthError("invalid_scope", f"Ask for some of: {' '.join(sorted(allowed))}.")
    claims = {
        "sub": str(client["id"]),
        "client_id": client["name"],
        "role": Role.CLIENT,
        "org": str(client["organization_id"]),
        "org_kind": client["kind"],
        "scope": " ".join(sorted(scopes)),
    }
    return _signed(settings, keyring, claims)


async def user_token(settings: Settings, database: Database, keyring: Keyring, email: str) -> Any:
    """A token for a person, in their first membership. Raises LookupError when there is none."""
    rows = await database.unscoped(_MEMBERSHIPS, email)
    if not rows:
        raise LookupError(email)
    claims = {
        "sub": str(rows[0]["id"]),
        "client_id": "banggiao",
        "role": rows[0]["role"],
        "org": str(rows[0]["organization_id"]),
        "org_kind": rows[0]["kind"],
    }
    return _signed(settings, keyring, claims)


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
