"""How often something may be asked: counted for each policy and caller, and told in each answer.

Counted by a sliding window: those of this minute, and of the minute before as many as its share in
the last sixty seconds. A fixed window would let twice the rate through around its edge, and then
refuse until it ends; a list of moments would be exact, but remembers every request. This takes two
numbers for each caller, and makes room for everybody evenly.

The headers are those of draft-ietf-httpapi-ratelimit-headers-11.
"""

import asyncio
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil, floor
from typing import Any

from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from structlog import get_logger

from app.core.config import Settings, revealed
from app.core.problems import TooManyRequests, Unavailable

PATIENCE = 0.5
"""Seconds that a request waits for the shared store at most, whatever is wrong with it."""
CONNECTIONS = 16

log = get_logger()


class Policy(StrEnum):
    """What is counted, as clients read it."""

    SIGN_IN = "sign-in"
    TOKEN = "token"  # noqa: S105 -- a name
    SEARCH = "search"
    EXPORT = "export"


class Rates:
    """Counts requests, alone or in a store that several processes share.

    A store that fails closes what guards secrets, which could be guessed meanwhile. Searches and
    exports, whose rates guard against nothing worse than load, stay open.
    """

    def __init__(self, settings: Settings) -> None:
        self._quotas = {
            Policy.SIGN_IN: parse(settings.sign_in_rate),
            Policy.TOKEN: parse(settings.token_rate),
            Policy.SEARCH: parse(settings.search_rate),
            Policy.EXPORT: parse(settings.export_rate),
        }
        url = revealed(settings.rate_limit_storage)
        self._connections: Any = None
        # TimeoutError is an OSError.
        self._errors: tuple[type[Exception], ...] = (OSError,)
        if url:
            self._connections, error = _connections(url)
            self._errors += (error,)
        self._storage = _storage(self._connections)
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._failing = False

    async def take(self, request: Request, policy: Policy, key: str) -> None:
        """Counts one request of `key`, which is an address's `source` or a principal's id.

        Raises TooManyRequests when it is one too many, and Unavailable when that cannot be known
        and must be.
        """
        quota = self._quotas[policy]
        try:
            async with asyncio.timeout(PATIENCE):
                granted = await self._limiter.hit(quota, policy, key)
                left, seconds = await self._standing(quota, quota.key_for(policy, key))
        except self._errors as error:
            self._note(error)
            if policy in (Policy.SEARCH, Policy.EXPORT):
                return
            raise Unavailable from error
        self._note(None)
        _tell(request, policy, quota, left, seconds)
        if not granted:
            refusal = TooManyRequests(seconds=seconds)
            refusal.headers = {"Retry-After": str(seconds)}
            raise refusal

    async def close(self) -> None:
        if self._connections is not None:
            await self._connections.disconnect()

    async def _standing(self, quota: RateLimitItem, key: str) -> tuple[int, int]:
        """How many requests are left, and in how many whole seconds there will be one more.

        The library tells the same, but nothing sensible of a window that has begun just now.
        """
        window = quota.get_expiry()
        standing = await self._storage.get_sliding_window(key, window)
        before, before_lasts, now, now_lasts = standing
        left = quota.amount - floor(before * before_lasts / window + now)
        frees_in = before_lasts % (window / before) if before else now_lasts - window
        return max(left, 0), max(ceil(frees_in), 1)

    def _note(self, error: Exception | None) -> None:
        """Said when it changes: not once more for each request meanwhile."""
        if error is not None and not self._failing:
            log.error("rates_unreachable", reason=type(error).__name__)
        if error is None and self._failing:
            log.info("rates_reachable")
        self._failing = error is not None


def source(request: Request) -> str:
    """The address that a request comes from, as far as one somebody holds: of IPv6, they hold a
    network of 64 bits and may call from any address of it."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((address.packed, 64), strict=False))


def _connections(url: str) -> tuple[Any, type[Exception]]:
    """Connections to the store, and the error of theirs. Takes 4 MB of memory, which few need."""
    from redis.asyncio import BlockingConnectionPool  # noqa: PLC0415
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415

    # Valkey speaks Redis' protocol, and `limits` would want another client for its name.
    connections = BlockingConnectionPool.from_url(
        url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
        max_connections=CONNECTIONS,
        retry=Retry(NoBackoff(), 1),  # a connection that died while idle is replaced at once
    )
    return connections, RedisError


def _storage(connections: Any) -> MemoryStorage | RedisStorage:
    if connections is None:
        return MemoryStorage()
    pool: dict[str, Any] = {"connection_pool": connections}
    return RedisStorage("redis://", implementation="redispy", key_prefix="banggiao", **pool)


def _tell(request: Request, policy: Policy, quota: RateLimitItem, left: int, seconds: int) -> None:
    """`Edge` sends them with whatever becomes of the request."""
    allowed = f'"{policy}";q={quota.amount};w={quota.get_expiry()}'
    available = f'"{policy}";r={left};t={seconds}'
    headers = request.scope["state"].setdefault("rate_limit_headers", [])
    headers.append((b"ratelimit-policy", allowed.encode()))
    headers.append((b"ratelimit", available.encode()))
