"""A file that is taken out: whole, or a range of it (RFC 9110, 14), and as nothing but a file."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from fastapi import Request, Response
from starlette.responses import StreamingResponse

from app.core.database.readers import Reader
from app.core.problems import NotFound
from app.core.text import unaccented
from app.materials import queries
from app.materials.problems import (
    FileInfected,
    FileNotScannedYet,
    MaterialIsALink,
    RangeNotSatisfiable,
)
from app.materials.storing import Store

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._ -]")
_ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whatever a browser takes it for, it can do nothing."""


async def file_of(reader: Reader, request: Request, version_id: UUID) -> Response:
    """Raises NotFound, and what else keeps a file from being given out."""
    sql = f"/* {reader.scope.caller} */ {queries.stored.sql}"
    found = await reader.row(sql, [str(version_id)], plan_anew=False)
    if found is None or found[0] is None:
        raise NotFound
    version: dict[str, Any] = msgspec.json.decode(found[0])
    if version["storage_key"] is None:
        raise MaterialIsALink
    if version["scan"] == "scanning":
        raise FileNotScannedYet
    if version["scan"] == "infected":
        raise FileInfected
    return await _given(request, version)


async def _given(request: Request, version: dict[str, Any]) -> Response:
    size, tag = version["bytes"], f'"{version["sha256"]}"'
    headers = {"ETag": tag, "Vary": "Authorization", "Accept-Ranges": "bytes"}
    if _holds(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    part = _part(request, tag, size)
    start, end = part or (0, size)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers |= {
        "Content-Length": str(end - start),
        "Content-Disposition": disposition(version["file_name"]),
        "Content-Security-Policy": _ALONE,
        "X-Content-Type-Options": "nosniff",
    }
    store: Store = request.app.state.materials
    parts = store.parts(version["storage_key"], start, end)
    first = await anext(parts)  # whether there is any, is known before the answer begins
    return StreamingResponse(
        _after(first, parts),
        status_code=200 if part is None else 206,
        headers=headers | {"Content-Type": _type(version["media_type"])},
    )


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def _type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _holds(given: str, tag: str) -> bool:
    tags = {one.strip().removeprefix("W/") for one in given.split(",")}
    return bool(tags & {tag, "*"})


def _part(request: Request, tag: str, size: int) -> tuple[int, int] | None:
    """From where up to where, or None for all: of another version than the client has, of several
    ranges at once, and of what is no range. Raises RangeNotSatisfiable."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or request.headers.get("if-range", tag) != tag:
        return None
    first, last = asked.groups()
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        refusal = RangeNotSatisfiable(size=size)
        refusal.headers = {"Content-Range": f"bytes */{size}"}
        raise refusal
    return start, end


def disposition(name: str) -> str:
    """The name twice: in letters that any program reads, and as it is (RFC 6266, RFC 8187)."""
    plain = _UNSAFE.sub("_", unaccented(name))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
