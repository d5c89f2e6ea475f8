"""Whoever fails to sign in waits, longer each time; nobody is locked out for good.

Attempts are counted before they are judged, so that many at once do not pass together, and
forgotten when one succeeds. After NIST SP 800-63B-4, 3.2.2.
"""

from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_COUNT = text("""
  insert into sign_in_delays as d (key, retry_at) values (:key, '-infinity')
  on conflict (key) do update set
    failures = case when d.failed_at < now() - interval '1 day' then 1 else d.failures + 1 end,
    failed_at = now(),
    retry_at = case when d.failed_at < now() - interval '1 day' or d.failures < :free
      then '-infinity'
      else now() + make_interval(secs => least(2 ^ least(d.failures - :free, 20), :longest)) end
  where d.retry_at <= now()
  returning failures
""")
_LEFT = text("""
  select ceil(extract(epoch from retry_at - now()))::integer from sign_in_delays where key = :key
""")
_FORGET = text("delete from sign_in_delays where key = any (:keys)")


class Counter(NamedTuple):
    """What attempts are counted by, and from when on they are slowed."""

    key: bytes
    free: int
    """Failures without a delay; the next one waits a second, then two, four, and so on."""
    longest: int
    """Seconds."""


def of_account(email: str, source: str, *, known_device: bool) -> list[Counter]:
    """By account and source; and by account alone, for guesses from many places at once.

    Guesses from elsewhere do not slow down a device that somebody has signed in from before.
    """
    account = email.lower()
    if known_device:
        return [Counter(_key("account and device", account), free=5, longest=900)]
    return [
        Counter(_key("account and source", account, source), free=5, longest=900),
        Counter(_key("account", account), free=100, longest=60),
    ]


def of_codes(user_id: object) -> list[Counter]:
    """Codes of an authenticator can be guessed by whoever has the password."""
    return [Counter(_key("code", str(user_id)), free=5, longest=900)]


async def count(session: AsyncSession, counters: list[Counter]) -> int:
    """Counts one more attempt. Returns the seconds to wait when it comes too soon, else 0.

    What comes too soon is not judged, so no counter counts it.
    """
    attempt = await session.begin_nested()
    for counter in counters:
        taken = await session.execute(_COUNT, counter._asdict())
        if taken.first() is None:
            left = await session.scalar(_LEFT, {"key": counter.key})
            await attempt.rollback()
            return max(1, left or 1)
    await attempt.commit()
    return 0


async def forget(session: AsyncSession, counters: list[Counter]) -> None:
    await session.execute(_FORGET, {"keys": [counter.key for counter in counters]})


def _key(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode()).digest()
