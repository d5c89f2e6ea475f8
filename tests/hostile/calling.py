"""Calls the application byte by byte, as no decent client would."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from fastapi import FastAPI

Header = tuple[bytes, bytes]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


async def call(
    app: FastAPI,
    method: str,
    target: bytes,
    headers: Sequence[Header] = (),
    chunks: Sequence[bytes] = (),
) -> Answer:
    """What comes back for these bytes; the chunks are the body's, in as many messages."""
    path, _, query = target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "state": {},
    }
    left = list(chunks) or [b""]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()  # the client stays, and says no more
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    given = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], given, b"".join(m.get("body", b"") for m in sent[1:]))
