"""What the machines around the service ask it: does it live, may it be sent requests, how is it.

`app.state.readiness()` says what each thing it depends on lacks (None: nothing), and
`app.state.traffic` is what its `Edge` keeps.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from app.core.http import metrics
from app.core.http.traffic import Traffic

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
async def live() -> Response:
    """Touches nothing: a database that is away is no reason to restart the service."""
    return JSONResponse({"status": "live"})


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    if request.app.state.traffic.draining:
        reasons = {"server": "stopping"}
    else:
        checks: dict[str, str | None] = await request.app.state.readiness()
        reasons = {name: reason for name, reason in checks.items() if reason is not None}
    status = "not ready" if reasons else "ready"
    return JSONResponse({"status": status, "reasons": reasons}, 503 if reasons else 200)


@router.get("/metrics")
async def measured(request: Request) -> Response:
    request.app.state.traffic.tell()
    # Reading the workers' files takes a while.
    text, media_type = await run_in_threadpool(metrics.render)
    return Response(text, headers={"Content-Type": media_type})


@contextmanager
def announced_stop(traffic: Traffic, seconds: float) -> Iterator[None]:
    """While it holds, SIGTERM makes readiness fail first and reaches the server `seconds` later.

    A server that is told to stop closes its sockets at once, so without this nobody could read
    that it is not ready, and a load balancer would go on sending it requests. For the lifespan of
    an application: the server's own handler is in place by then.
    """
    stop = signal.getsignal(signal.SIGTERM)
    if not callable(stop) or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()

    def announce(number: int, frame: FrameType | None) -> None:
        if traffic.draining:  # asked twice: somebody is in a hurry
            stop(number, frame)
            return
        traffic.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, stop, number, None)

    signal.signal(signal.SIGTERM, announce)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, stop)
