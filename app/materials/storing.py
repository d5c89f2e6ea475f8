"""Where files are kept: a folder, or a bucket of any service that speaks S3.

An object is written before the row that names it is committed, under a name that no other has, and
never changes. So a row always has its object; what has no row is swept away (see keeping).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import time
from typing import IO
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store
from structlog import get_logger

from app.core.config import Settings
from app.core.problems import Unavailable

log = get_logger()

PART = 4 << 20
"""Bytes that are read at once."""
_AT_ONCE = 1000
_RETRIES = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}
_CONNECTION = {"connect_timeout": timedelta(seconds=5), "allow_http": True}
_STAGED = "#"
"""In the names of files that a folder's store has begun, and not finished."""


def location(settings: Settings) -> str:
    """A URL; of the data directory when nothing else is said."""
    folder = (settings.data_directory / "materials").resolve()
    return settings.materials_url or folder.as_uri()


class Store:
    """Raises Unavailable when it cannot be reached, or has lost what it was given."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._folder = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._store: LocalStore | S3Store | None = None
        self._url = url

    @property
    def _opened(self) -> LocalStore | S3Store:
        """Made when it is first needed: most processes never do."""
        if self._store is None:
            if self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._store = LocalStore(self._folder)
            else:
                self._store = S3Store.from_url(
                    self._url,
                    client_options=_CONNECTION,  # type: ignore[arg-type]
                    retry_config=_RETRIES,  # type: ignore[arg-type]
                )
        return self._store

    async def put(self, key: str, file: IO[bytes]) -> None:
        """Whole, or not at all."""
        file.seek(0)
        try:
            await obstore.put_async(
                self._opened, key, file, chunk_size=PART + (1 << 20), max_concurrency=2
            )
        except (BaseError, OSError) as error:
            raise _lost(error, key) from error

    async def parts(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end`, in parts, each asked for by itself: whoever takes
        them may be slow."""
        while start < end:
            until = min(start + PART, end)
            try:
                part = await obstore.get_range_async(self._opened, key, start=start, end=until)
            except (BaseError, OSError) as error:
                raise _lost(error, key) from error
            if len(part) < until - start:
                raise _lost(EOFError("cut off"), key)
            yield bytes(part)
            start = until

    async def older(self, than: datetime) -> AsyncIterator[Sequence[str]]:
        """The keys of what was written before then, many at a time."""
        try:
            async for found in obstore.list(self._opened, chunk_size=_AT_ONCE):
                yield [one["path"] for one in found if one["last_modified"] < than]
        except (BaseError, OSError) as error:
            raise _lost(error, "*") from error

    async def delete(self, keys: Sequence[str]) -> None:
        try:
            await obstore.delete_async(self._opened, keys)
        except (BaseError, OSError) as error:
            raise _lost(error, "*") from error

    async def sweep_unfinished(self, age: timedelta) -> None:
        """What processes had begun to write that were killed. A service that speaks S3 does so
        itself where its bucket has a rule for that."""
        if self._folder is not None:
            await asyncio.to_thread(_sweep, self._folder, time() - age.total_seconds())


def _sweep(folder: Path, before: float) -> None:
    for left in folder.rglob(f"*{_STAGED}*"):
        if left.is_file() and left.stat().st_mtime < before:
            left.unlink(missing_ok=True)


def _lost(error: Exception, key: str) -> Unavailable:
    log.error("material_store_failed", key=key, error=str(error)[:300])
    return Unavailable()
