"""The outermost layer: whatever happens inside, a client gets one well-formed answer, told once.

Add it last, so that it wraps everything else: `app.add_middleware(Edge, ...)`. It is plain ASGI
because Starlette's `BaseHTTPMiddleware` costs more than all the rest of a request.
"""

from collections.abc import Callable, Iterator
from os import urandom
from re import compile as pattern
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog import get_logger
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.http.traffic import Traffic
from app.core.problems import (
    HeadersTooLarge,
    InternalError,
    Problem,
    Unavailable,
    UriTooLong,
    answer,
)

UNUSED = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen"),
    *("gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer"),
    *("microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get"),
    *("screen-wake-lock", "serial", "sync-xhr", "usb", "xr-spatial-tracking"),
)
"""What browsers can do and no page of ours asks for."""
ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", ", ".join(f"{name}=()" for name in UNUSED).encode()),
    (b"x-permitted-cross-domain-policies", b"none"),
    (b"cache-control", b"no-store"),
    (b"x-api-version", b"1"),
)
OVER_TLS = (b"strict-transport-security", b"max-age=31536000")
REQUEST_ID = pattern(rb"[A-Za-z0-9._-]{1,64}")

log = get_logger()


class Edge:
    """Names the request, refuses oversized ones, answers for what fails inside, tells of it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        traffic: Traffic,
        unavailable: Callable[[BaseException], bool],
        max_headers: int = 16 * 1024,
        max_target: int = 8 * 1024,
    ) -> None:
        self.app = app
        self.traffic = traffic
        self.unavailable = unavailable
        self.max_headers = max_headers
        self.max_target = max_target

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        request_id, header_bytes = _opened(scope)
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        # A pipelined request inherits the context of the one before it.
        clear_contextvars()
        bind_contextvars(request_id=request_id.decode())
        outgoing = _Outgoing(scope, send, request_id)
        self.traffic.began()
        try:
            if refusal := self._refusal(scope, header_bytes):
                await answer(refusal, scope)(scope, receive, outgoing.send)
            else:
                await self.app(scope, receive, outgoing.send)
        except Exception as error:
            if outgoing.status:
                # Too late for another answer. The server logs it, and cuts the connection, so
                # that the client does not take the half for the whole.
                raise
            await answer(self._problem(error), scope)(scope, receive, outgoing.send)
        finally:
            self.traffic.ended(scope, outgoing.status, perf_counter() - began)

    def _refusal(self, scope: Scope, header_bytes: int) -> Problem | None:
        if header_bytes > self.max_headers:
            return HeadersTooLarge(limit=self.max_headers)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > self.max_target:
            return UriTooLong(limit=self.max_target)
        return None

    def _problem(self, error: Exception) -> Problem:
        lost = any(self.unavailable(related) for related in _related(error))
        problem = Unavailable() if lost else InternalError()
        log.error("request_failed", problem=problem.slug, exc_info=error)
        return problem


class _Outgoing:
    """One answer on its way out: completes its headers and remembers its status."""

    __slots__ = ("_ours", "_send", "_state", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes) -> None:
        tls = (OVER_TLS,) if scope.get("scheme") == "https" else ()
        self._ours = (*ALWAYS, *tls, (b"x-request-id", request_id))
        self._send = send
        self._state = scope["state"]
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            theirs = list(message.get("headers", ()))
            named = {name for name, _ in theirs}
            # A new message: a response's own list of headers may be sent again.
            missing = [pair for pair in self._ours if pair[0] not in named]
            counted = self._state.get("rate_limit_headers", ())
            message = {**message, "headers": [*theirs, *missing, *counted]}
        await self._send(message)


def _opened(scope: Scope) -> tuple[bytes, int]:
    """The id by which this request is spoken of, and the size of its headers."""
    given, size = b"", 0
    for name, value in scope["headers"]:
        size += len(name) + len(value) + 4  # ": " and the end of the line
        if name == b"x-request-id":
            given = value
    return given if REQUEST_ID.fullmatch(given) else urandom(16).hex().encode(), size


def _related(error: BaseException) -> Iterator[BaseException]:
    """The error, what led to it, and what it bundles."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__]
        if isinstance(found, BaseExceptionGroup):
            waiting += found.exceptions
