"""What this process is doing: which requests it answers, and what is told of each.

A request is one line of the log and one measurement, but told a moment later and together with its
neighbours: one by one, that would be a tenth of what a read costs. A process that is killed loses
that moment; one that stops tells all.
"""

import asyncio
from datetime import UTC, datetime
from time import time
from typing import NamedTuple

from starlette.types import Scope
from structlog import get_logger

from app.core.http import logs, metrics

DELAY = 0.1
"""Seconds."""

log = get_logger()


class Answered(NamedTuple):
    """A request that has ended. Status 0: before it had an answer."""

    at: float
    request_id: str
    method: str
    route: str
    status: int
    seconds: float
    principal_id: str | None


class Traffic:
    """`in_flight` requests are being answered; `draining`: the process is to stop soon."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.draining = False
        self._untold: list[Answered] = []
        self._due: asyncio.TimerHandle | None = None

    def began(self) -> None:
        self.in_flight += 1
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(DELAY, self.tell)

    def ended(self, scope: Scope, status: int, seconds: float) -> None:
        self.in_flight -= 1
        state = scope["state"]
        method, route = metrics.method_label(scope), metrics.route_template(scope)
        facts = (state["request_id"], method, route, status, seconds, state.get("principal_id"))
        self._untold.append(Answered(time(), *facts))

    def tell(self) -> None:
        """Of all that ended since the last time."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self.in_flight:
            self._due = asyncio.get_running_loop().call_later(DELAY, self.tell)
        untold, self._untold = self._untold, []
        metrics.IN_FLIGHT.set(self.in_flight)
        for answered in untold:
            metrics.record(answered.method, answered.route, answered.status, answered.seconds)
        logs.plainly(log, map(_line, untold))


def _line(answered: Answered) -> dict[str, object]:
    line = {
        "event": "request",
        "timestamp": datetime.fromtimestamp(answered.at, UTC).isoformat(),
        "request_id": answered.request_id,
        "method": answered.method,
        "route": answered.route,
        "status": answered.status,
        "duration_ms": round(answered.seconds * 1000, 2),
    }
    return line if answered.principal_id is None else line | {"principal_id": answered.principal_id}
