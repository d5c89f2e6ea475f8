"""Waiting for the end of a sync: `Prefer: wait=N` (RFC 7240, 4.3), where a client asks for it."""

import asyncio
import json
import re
from time import monotonic
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.core.database.readers import Reader
from app.core.problems import Problem
from app.rosters import queries
from app.rosters.vocabulary import UNDER_WAY

LONGEST = 60
"""Seconds; who wants to know later asks then."""
_PREFERENCE = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,6})(?:$|[,;\s])")


def seconds_to_wait(request: Request) -> int:
    found = _PREFERENCE.search(request.headers.get("prefer", ""))
    return min(int(found[1]), LONGEST) if found else 0


class Awaited(Response):
    """The answer to a POST, sent when the sync has come to an end or the time is over. It is asked
    for when the POST itself is done and committed."""

    def __init__(self, reader: Reader, request: Request, sync: UUID, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._reader, self._request, self._sync = reader, request, sync

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: Response = self
        if seconds := seconds_to_wait(self._request):
            response = await self._at_the_end(seconds) or self
            response.headers["Preference-Applied"] = f"wait={seconds}"
        await Response.__call__(response, scope, receive, send)

    async def _at_the_end(self, seconds: int) -> Response | None:
        """The sync as it is when it has ended; None when it has not, by then."""
        until, pause = monotonic() + seconds, 0.02
        while monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(pause * 1.3, 0.5)
            try:
                found = await queries.syncs.row(self._reader, self._request, self._sync)
            except Problem:
                return None  # what was asked for is done, whether or not its end can be seen
            if json.loads(bytes(found.body))["state"] not in UNDER_WAY:
                found.headers["Location"] = self.headers["Location"]
                return found
        return None
