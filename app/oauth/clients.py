"""The programs that OAuth knows, and how they prove themselves (RFC 6749, 2.3; RFC 7523)."""

import json
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote_plus, urlsplit
from uuid import UUID

from app.access.tokens import InvalidToken, unverified_subject, verify_client_assertion
from app.accounts.models import SWAGGER_UI
from app.core.config import Settings
from app.core.database.sessions import Database
from app.oauth.errors import InvalidClient, OAuthError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNED_IN_AT_SWAGGER_UI = "/docs/signed-in"

_CLIENT = """
  select c.id, c.name, c.organization_id, c.scopes, c.redirect_uris, o.kind,
    exists (select from client_keys k where k.client_id = c.id) as is_confidential,
    (select coalesce(json_agg(json_build_object(
        'id', k.id, 'secret_hash', encode(k.secret_hash, 'hex'), 'public_jwk', k.public_jwk)), '[]')
      from client_keys k where k.client_id = c.id and k.revoked_at is null)::text as keys
  from clients c join organizations o on o.id = c.organization_id
  where c.name = $1 and c.revoked_at is null
"""
_USED = """
  insert into last_uses (id, used_at) values ($1, now())
  on conflict (id) do update set used_at = now() where last_uses.used_at < now() - interval '1 s'
"""


@dataclass(frozen=True)
class KnownClient:
    """A program; one that never had a key keeps no secret, as one that runs in a browser."""

    name: str
    redirect_uris: tuple[str, ...]
    keys: tuple[dict[str, Any], ...] = ()
    is_confidential: bool = False
    id: UUID | None = None
    organization_id: UUID | None = None
    org_kind: str = ""
    scopes: tuple[str, ...] = ()
    """What it may do by itself, and at most for people; when empty, nothing and everything."""

    @property
    def within(self) -> UUID | None:
        """The organisation whose members it may act for; None for everybody's."""
        return None if self.org_kind == "academy" else self.organization_id


@dataclass(frozen=True)
class Proof:
    """What came with a request by which a client may prove itself."""

    authorization: str
    client_id: str | None
    assertion_type: str | None
    assertion: str | None


async def client_named(database: Database, settings: Settings, name: str) -> KnownClient:
    """The client of that name, unproven. Raises InvalidClient when there is none."""
    if name == SWAGGER_UI:
        return swagger_ui(settings)
    storable = name.isprintable() and name.isascii()
    rows = await database.unscoped(_CLIENT, name) if storable else []
    if not rows:
        raise InvalidClient
    row = rows[0]
    return KnownClient(
        name=row["name"],
        redirect_uris=tuple(row["redirect_uris"]),
        keys=tuple(json.loads(row["keys"])),
        is_confidential=row["is_confidential"],
        id=row["id"],
        organization_id=row["organization_id"],
        org_kind=row["kind"],
        scopes=tuple(row["scopes"]),
    )


def swagger_ui(settings: Settings) -> KnownClient:
    """Sent back to where the installation is known; to whatever port this process listens on when
    it is known on its own machine only."""
    origins = [settings.public_url]
    if urlsplit(settings.public_url).hostname in ("127.0.0.1", "localhost"):
        origins += [f"http://{name}:{settings.port}" for name in ("127.0.0.1", "localhost")]
    return KnownClient(
        SWAGGER_UI, tuple(f"{origin}{SIGNED_IN_AT_SWAGGER_UI}" for origin in origins)
    )


async def proven_client(database: Database, settings: Settings, proof: Proof) -> KnownClient:
    """The client that calls. One that has keys, or had, must prove itself in one of the two ways.

    Raises InvalidClient, and OAuthError when it tries both ways at once.
    """
    scheme, _, credentials = proof.authorization.partition(" ")
    if scheme.lower() == "basic" and proof.assertion is None:
        return await _by_secret(database, settings, credentials, proof.client_id)
    if proof.assertion_type == ASSERTION_TYPE and proof.assertion and not scheme:
        return await _by_assertion(database, settings, proof.assertion, proof.client_id)
    if scheme or proof.assertion:
        raise OAuthError("invalid_request", "Prove the client in one of the two ways.")
    client = await client_named(database, settings, proof.client_id or "")
    if client.is_confidential or not client.redirect_uris:
        raise InvalidClient
    return client


async def _by_secret(
    database: Database, settings: Settings, basic: str, named: str | None
) -> KnownClient:
    """The client that an `Authorization: Basic` header names and proves (RFC 6749, 2.3.1)."""
    try:
        name, _, secret = b64decode(basic, validate=True).decode().partition(":")
    except ValueError as error:
        raise InvalidClient from error
    client = await client_named(database, settings, unquote_plus(name))
    if named not in (None, client.name):
        raise InvalidClient
    given = sha256(unquote_plus(secret).encode()).hexdigest()
    # Every secret is compared, so that the time taken tells nothing.
    proven = [key for key in client.keys if compare_digest(given, key["secret_hash"] or "")]
    if not proven:
        raise InvalidClient
    await database.unscoped(_USED, UUID(proven[0]["id"]))
    return client


async def _by_assertion(
    database: Database, settings: Settings, assertion: str, named: str | None
) -> KnownClient:
    """The client that a signed assertion proves; each assertion is good once (RFC 7523, 3)."""
    try:
        client = await client_named(database, settings, named or unverified_subject(assertion))
        public = [key["public_jwk"] | {"id": key["id"]} for key in client.keys if key["public_jwk"]]
        proof = verify_client_assertion(
            assertion, public, client_id=client.name, issuer=settings.public_url
        )
    except InvalidToken as error:
        raise InvalidClient from error
    first = await database.unscoped(
        "insert into used_assertions (client_id, jti, expires_at) values ($1, $2, $3)"
        " on conflict do nothing returning jti",
        client.id,
        proof.jti,
        proof.expires_at,
    )
    if not first:
        raise InvalidClient
    await database.unscoped(_USED, UUID(proof.key["id"]))
    return client
