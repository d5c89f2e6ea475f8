"""The log of reads: who saw whose personal data.

A read must not wait for a write, so entries are gathered and written together a moment later. A
process that is killed loses that moment (`DELAY`) from the table; the access log on standard
output has its requests all the same.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from structlog import get_logger

from app.access.caller import Principal
from app.core.database.sessions import Database
from app.core.problems import Unavailable

DELAY = 0.25
"""Seconds."""
MANY = 100
"""Entries that are written without waiting any longer, so that they take little memory."""
MOST_WAITING = 100_000
"""Entries kept while the database cannot be written."""

_INSERT = """
  insert into personal_data_reads
    (occurred_at, organization_id, actor, request_id, operation, learner_ids)
  select occurred_at, organization_id, actor, request_id, operation, learner_ids::uuid[]
  from unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
    as entry (occurred_at, organization_id, actor, request_id, operation, learner_ids)
"""

log = get_logger()


class ReadLog:
    """Gathers what the requests of this process read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Any, ...]] = []
        self._many = asyncio.Event()
        self._stopping = False
        self._writing: asyncio.Task[None] | None = None

    def note(self, request: Request, learner_ids: str) -> None:
        """`learner_ids` is a PostgreSQL array of uuids, as text. Raises Unavailable when so much
        waits to be written that no more can be remembered: what cannot be noted is not shown."""
        if len(self._waiting) >= MOST_WAITING:
            raise Unavailable
        who: Principal = request.state.principal
        operation = request.scope["route"].name
        entry = (datetime.now(UTC), who.organization, who.actor)
        self._waiting.append((*entry, request.state.request_id, operation, learner_ids))
        if len(self._waiting) == MANY:
            self._many.set()

    def open(self) -> None:
        self._writing = asyncio.create_task(self._keep_writing())

    async def close(self) -> None:
        """Writes what is left. A write under way is waited for: cut off, it would be lost."""
        self._stopping = True
        self._many.set()
        if self._writing:
            await self._writing
        await self.write()

    async def write(self) -> None:
        """Writes what was gathered; keeps it for the next time when that fails."""
        entries, self._waiting = self._waiting, []
        if not entries:
            return
        try:
            columns = [list(column) for column in zip(*entries, strict=True)]
            await self._database.unscoped(_INSERT, *columns)
        except Exception:
            self._waiting = entries + self._waiting
            log.exception("reads_not_written", waiting=len(self._waiting))

    async def _keep_writing(self) -> None:
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(DELAY):
                    await self._many.wait()
            self._many.clear()
            await self.write()
