"""Passwords as NIST SP 800-63B-4 has them (3.1.1): long, unpredictable, and kept as argon2id.

Any characters, no rules of composition, no expiry. What is too easily guessed is refused when it
is chosen, and a wrong one costs as much time as an unknown account.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.problems import Unavailable
from app.core.text import fold, nfc

R = TypeVar("R")

LONGEST = 256
ALONE = 15
"""Characters at least, where the password is the only proof."""
WITH_A_CODE = 8
"""Characters at least, where a second factor is shown too."""
AT_ONCE = 2
"""Hashes under way; each takes 19 MiB and a core for about 50 ms."""
TOGETHER = 4
"""Who may be on their way in at a time, of whom each takes a connection to the database."""
MOST_WAITING = 256
_JUDGED = 72
"""Characters that are looked at for being guessable; the search takes long for more."""
_GUESSES = 10**10
"""Below which a password is found too soon, should its hash be stolen: zxcvbn's highest line."""
_CONTEXT = (
    *("Bang Giao", "Học viện Ngoại giao", "Bộ Ngoại giao", "Sở Ngoại vụ", "đối ngoại"),
    *("đào tạo", "bồi dưỡng", "cán bộ", "mật khẩu", "Việt Nam", "Hà Nội", "Sài Gòn"),
    *("Diplomatic Academy", "Ministry of Foreign Affairs", "MOFA"),
)
"""What everybody here thinks of first (3.1.1.2: "context-specific words")."""


class Passwords:
    """Makes and checks hashes beside the event loop, a few at a time, however many sign in."""

    def __init__(self) -> None:
        # OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._door = asyncio.Semaphore(TOGETHER)
        self._waiting = self._outside = 0
        self._nobodys = self._hasher.hash("")

    @asynccontextmanager
    async def door(self) -> AsyncIterator[None]:
        """Where many who sign in at once wait, and not for connections that others need too.

        Raises Unavailable when too many do.
        """
        if self._outside >= MOST_WAITING:
            raise Unavailable
        self._outside += 1
        try:
            async with self._door:
                yield
        finally:
            self._outside -= 1

    async def hash(self, password: str) -> str:
        return await self._in_turn(self._hasher.hash, _normal(password))

    async def matches(self, known: str | None, password: str) -> bool:
        """Whether it is the password; for nobody's, `None`, it takes as long and is not."""
        found = await self._in_turn(self._verified, known or self._nobodys, _normal(password))
        return found and known is not None

    def is_outdated(self, known: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(known)

    def _verified(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[..., R], *given: str) -> R:
        if self._waiting >= MOST_WAITING:
            raise Unavailable
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *given)
        finally:
            self._waiting -= 1


def wrong_with(password: str, shortest: int, about: Iterable[str]) -> str | None:
    """Why it may not be chosen: `too_short`, `too_long` or `too_easy`; None when it may.

    `about` is what others know of its owner: name and address. Takes up to 0.1 s.
    """
    password = _normal(password)
    if len(password) < shortest:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    from zxcvbn import zxcvbn  # noqa: PLC0415 -- its word lists take 10 MB, and are seldom needed

    known = sorted({word for text in (*_CONTEXT, *about) for word in _words(text)})
    judged = password[:_JUDGED]
    folded = "".join(fold(char) or char for char in judged if not char.isspace())
    guesses = min(zxcvbn(text, user_inputs=known)["guesses"] for text in (judged, folded or " "))
    return "too_easy" if guesses < _GUESSES else None


def _words(text: str) -> Iterable[str]:
    parts = "".join(c if c.isalnum() else " " for c in fold(text)).split()
    return [*parts, "".join(parts), text.lower()]


def _normal(password: str) -> str:
    """What is far too long stays as it is and is refused: to normalize it takes quadratic time."""
    return nfc(password) if len(password) <= 4 * LONGEST else password
