"""Load from a process of its own: few connections, kept alive, each asking as soon as answered."""

import asyncio
import re
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple
from uuid import uuid4

import uvloop

CONNECTIONS = 16
UNIQUE = b"0" * 32
"""In a request: stands for a name that was never used before."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class Request(NamedTuple):
    """What is asked for over and over, and the only status that is an answer."""

    port: int
    content: bytes
    status: int = 200


def request(
    port: int, path: str, token: str = "", *, body: str = "", tag: str = "", status: int = 0
) -> Request:
    lines = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: bench"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"If-None-Match: {tag}"] if tag else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
    status = status or (201 if body else 304 if tag else 200)
    return Request(port, "\r\n".join([*lines, "", body]).encode(), status)


def rate(request: Request, seconds: float) -> float:
    """Answers per second. Raises on any other answer than the expected one."""
    return uvloop.run(_rate(request, seconds))


def seconds(requests: Sequence[Request]) -> float:
    """Until each of them is answered. Raises on any other answer than the expected one."""
    return uvloop.run(_seconds(requests))


async def _rate(request: Request, seconds: float) -> float:
    began = perf_counter()

    def following() -> bytes | None:
        if perf_counter() >= began + seconds:
            return None
        return request.content.replace(UNIQUE, uuid4().hex.encode(), 1)

    return await _asked(request, following) / (perf_counter() - began)


async def _seconds(requests: Sequence[Request]) -> float:
    began, left = perf_counter(), iter(requests)

    def following() -> bytes | None:
        request = next(left, None)
        return request and request.content

    await _asked(requests[0], following)
    return perf_counter() - began


async def _asked(like: Request, following: Callable[[], bytes | None]) -> int:
    """How many answers there were, until nothing follows."""
    loop = asyncio.get_running_loop()
    asking = [_Asking(like.status, following) for _ in range(CONNECTIONS)]
    for one in asking:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", like.port)
    await asyncio.gather(*(one.done for one in asking))
    return sum(one.answers for one in asking)


class _Asking(asyncio.Protocol):
    def __init__(self, status: int, following: Callable[[], bytes | None]) -> None:
        self.answers = 0
        self.done = asyncio.get_running_loop().create_future()
        self._status, self._following = status, following
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("closed before its answer"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = _LENGTH.search(head)
        if length and len(body) < int(length[1]):
            return
        if int(head[9:12]) != self._status:
            self.done.set_exception(ValueError(self._received.decode()))
            self._transport.close()
            return
        self._received = b""
        self.answers += 1
        self._ask()

    def _ask(self) -> None:
        content = self._following()
        if content is not None:
            self._transport.write(content)
        else:
            self.done.set_result(None)
            self._transport.close()
