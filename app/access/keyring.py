"""The keys that sign our tokens: kept in the database, rotated through four states.

next (published, signs nothing yet), active (signs), retiring (verifies what it signed), retired.
Every process publishes and accepts a key before any process signs with it, so a rotation refuses
nobody. A retired key is refused at once: entering a scope looks its state up.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any

import asyncpg
from structlog import get_logger

from app.access.tokens import SigningKey, TokenVerifier
from app.core.config import Settings
from app.core.database.sessions import Database
from app.core.failures import unavailable
from app.core.problems import Unavailable

REFRESH_SECONDS = 3.0
"""How soon a process knows of a new key."""

log = get_logger()


class TooSoon(Exception):
    """The next key was made so recently that some process may not know it yet."""


class Keyring:
    """This process's view of the signing keys."""

    def __init__(self, settings: Settings, database: Database, secret: str) -> None:
        self._database, self._secret = database, secret
        self.verifier = TokenVerifier(settings.public_url, settings.public_url, {})
        self._known: dict[str, SigningKey] = {}
        self._active: SigningKey | None = None
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def active(self) -> SigningKey:
        if self._active is None:
            raise Unavailable
        return self._active

    @property
    def has_active(self) -> bool:
        return self._active is not None

    def jwks(self) -> dict[str, Any]:
        """RFC 7517, 5."""
        return {"keys": [self._known[kid].public_jwk() for kid in self.verifier.keys]}

    async def refresh(self) -> None:
        """Reads the keys' states again; parses only keys not seen before."""
        rows = await self._database.unscoped(
            "select kid, state, private_pem from signing_keys where state <> 'retired'"
        )
        for row in rows:
            if row["kid"] not in self._known:
                pem = row["private_pem"].encode()
                key = await asyncio.to_thread(SigningKey.from_pem, pem, self._secret)
                self._known[row["kid"]] = key
        self.verifier.keys = {row["kid"]: self._known[row["kid"]].public_key for row in rows}
        active = [row["kid"] for row in rows if row["state"] == "active"]
        self._active = self._known[active[0]] if active else None

    async def open(self) -> None:
        """Makes the first keys if there are none, and keeps up with changes from then on."""
        await self.refresh()
        if self._active is None:
            with suppress(TooSoon, asyncpg.UniqueViolationError):  # another process was first
                await rotate(self._database, self._secret)
            await self.refresh()
        self._refreshing = asyncio.create_task(self._keep_refreshing())

    async def close(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await self._refreshing

    async def _keep_refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except Exception as error:
                if not unavailable(error):
                    log.exception("keys_not_refreshed")


async def rotate(database: Database, secret: str) -> str:
    """Makes the next key active and a new one next; returns the active key's id.

    Raises TooSoon when a process could still be unaware of the next key.
    """
    rows = await database.unscoped(
        "select state, changed_at > now() - make_interval(secs => $1) as fresh"
        " from signing_keys where state in ('next', 'active')",
        3 * REFRESH_SECONDS,
    )
    states = {row["state"]: row["fresh"] for row in rows}
    if states.get("next"):
        raise TooSoon
    fresh = [_new(secret) for _ in range(1 if "next" in states else 2)]
    # One statement: there is never a moment without an active key, nor one with two.
    await database.unscoped("select rotate_signing_keys($1::jsonb)", json.dumps(fresh))
    rows = await database.unscoped("select kid from signing_keys where state = 'active'")
    return str(rows[0]["kid"])


def _new(secret: str) -> dict[str, Any]:
    key = SigningKey.generate()
    return {
        "kid": key.kid,
        "private_pem": key.to_pem(secret).decode(),
        "public_jwk": key.public_jwk(),
    }


async def retire_old(database: Database, after_seconds: float) -> None:
    """Retires keys whose last tokens have expired."""
    await database.unscoped(
        "update signing_keys set state = 'retired', changed_at = now()"
        " where state = 'retiring' and changed_at < now() - make_interval(secs => $1)",
        after_seconds,
    )
