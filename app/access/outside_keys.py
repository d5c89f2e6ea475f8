"""The keys that an outside issuer publishes (RFC 7517), read now and then, and kept meanwhile."""

import asyncio
import json
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any

from structlog import get_logger

from app.access.outside_tokens import OutsideVerifier, published_keys
from app.access.tokens import PublicKey, UnknownKey, Verified
from app.core.issuers import IssuerSettings, secure_url
from app.core.problems import Unavailable

if TYPE_CHECKING:
    import httpx

REFRESH_SECONDS = 300.0
SOONEST_SECONDS = 10.0
"""Between two readings, however many unknown keys tokens name."""
_LONGEST_SECONDS = 5.0
_LARGEST = 512 * 1024  # bytes
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}

log = get_logger()


class Unreadable(Exception):
    """What an issuer publishes is not what it should be; says which, and quotes nothing of it."""


async def read_keys(http: "httpx.AsyncClient", issuer: IssuerSettings) -> dict[str, PublicKey]:
    """Raises Unreadable, whatever stood in the way."""
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            uri = issuer.jwks_uri or await _discovered(http, issuer.issuer)
            return published_keys(await _read(http, uri), issuer.algorithms)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


async def _discovered(http: "httpx.AsyncClient", issuer: str) -> str:
    """OpenID Connect Discovery, 4. Whoever says to be another issuer is not believed."""
    document = await _read(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if document["issuer"] != issuer:
        raise Unreadable("its discovery document is of another issuer")
    return secure_url(document["jwks_uri"])


async def _read(http: "httpx.AsyncClient", url: str) -> Any:
    async with http.stream("GET", url, headers=_HEADERS) as response:
        if response.status_code != HTTPStatus.OK:
            raise Unreadable(f"status {response.status_code}")
        body = b""
        async for chunk in response.aiter_raw():  # not inflated: what is small stays so
            body += chunk
            if len(body) > _LARGEST:
                raise Unreadable("too large")
    return json.loads(body)


class Issuer:
    """One outside issuer: its tokens are verified with the keys that it published last."""

    def __init__(self, settings: IssuerSettings) -> None:
        self.settings = settings
        self._verifier = OutsideVerifier(settings)
        self._one_at_a_time = asyncio.Lock()
        self._read_once = False
        self._tried_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None

    def open(self, http: "httpx.AsyncClient") -> None:
        self._http = http
        self._refreshing = asyncio.create_task(self._keep_refreshing())

    async def close(self) -> None:
        if self._refreshing:
            self._refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await self._refreshing

    async def verify(self, token: str) -> Verified:
        """Raises InvalidToken; or Unavailable, when the issuer's keys could never be read."""
        try:
            return self._verifier.verify(token)
        except UnknownKey:
            await self._refresh_if_due()
        if not self._read_once:
            raise Unavailable
        return self._verifier.verify(token)

    async def _keep_refreshing(self) -> None:
        while True:
            await self._refresh_if_due()
            await asyncio.sleep(REFRESH_SECONDS if self._read_once else SOONEST_SECONDS)

    async def _refresh_if_due(self) -> None:
        """Reads the keys anew; where that fails, the former ones stay."""
        async with self._one_at_a_time:
            if monotonic() < self._tried_at + SOONEST_SECONDS:
                return
            self._tried_at = monotonic()
            try:
                self._verifier.keys = await read_keys(self._http, self.settings)
                self._read_once = True
            except Unreadable as error:
                log.warning("issuer_keys_not_read", issuer=self.settings.issuer, reason=str(error))
