"""What a request may bring: an address and a body of bounded size, in text that everyone can store.

A body is read whole and judged once, before the application sees it, so no model has to fear a
character that PostgreSQL cannot hold, a number that JSON does not have, or a key given twice.
Uploads, which a route reads as they come, have a limit of size and of patience only.
"""

import asyncio
import json
from collections.abc import Mapping
from math import isfinite
from re import compile as pattern
from re import escape
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import ContentTooLarge, Problem, UnsupportedMediaType, answer, invalid

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BOXES = (dict, list)
MOST_BOXES = 20_000
FORMS_UNDER = "/oauth/"  # RFC 6749 demands them there

# A NUL or half of a surrogate pair, escaped. Few bodies hold a candidate, so that is asked first.
CANDIDATE = pattern(rb"\\u(?:0000|[dD][89a-fA-F])")
UNSTORABLE = pattern(
    r"\\u0000"
    r"|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]"
)


UNSTORABLE_CHARACTER = pattern("[\0\ud800-\udfff]")


class RequestTimeout(Problem):
    status, title = 408, "The rest did not come"
    detail = "No byte of the body came for {seconds} seconds. Send the request again."


class _ClientLeftError(Exception):
    """Nobody is there to be answered."""


class BodyLimits:
    """`uploads`: posted to which paths a body is read as it comes, and how large it may be. In a
    path `*` stands for what names a row."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int = 1024 * 1024,
        uploads: Mapping[str, int] | None = None,
        max_depth: int = 32,
        patience: float = 20,
    ) -> None:
        self.app = app
        self.limit = limit
        self.uploads = {
            pattern(escape(path).replace(r"\*", "[^/]+")): limit
            for path, limit in (uploads or {}).items()
        }
        self.max_depth = max_depth
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Of a header that is given twice the first counts, as it does for Starlette.
        headers = dict(reversed(list(scope["headers"])))
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        upload_limit = self._upload_limit(path) if scope["method"] == "POST" else None
        body = _Body(receive, upload_limit or self.limit, self.patience)
        try:
            _check_text(scope.get("raw_path") or b"", "path")
            _check_text(scope["query_string"], "query")
            if body.announced(headers) and upload_limit is None:
                content = await body.whole()
                self._check_content(content, _media_type(headers), path)
                receive = _replayed(content, receive)
        except Problem as refusal:
            await answer(refusal, scope)(scope, receive, send)
        except _ClientLeftError:
            return
        else:
            if upload_limit is None:
                await self.app(scope, receive, send)
            else:
                await self._streamed(scope, body, send)

    def _upload_limit(self, path: str) -> int | None:
        return next((most for way, most in self.uploads.items() if way.fullmatch(path)), None)

    def _check_content(self, content: bytes, media_type: str, path: str) -> None:
        if not content:
            return
        if media_type == JSON or media_type.endswith("+json"):
            check_json(content, self.max_depth)
        elif media_type == FORM and path.startswith(FORMS_UNDER):
            _check_text(content, "body")
        else:
            expected = FORM if path.startswith(FORMS_UNDER) else JSON
            raise UnsupportedMediaType(expected=expected)

    async def _streamed(self, scope: Scope, body: "_Body", send: Send) -> None:
        """A route may make its own answer of our refusal (FastAPI: 400); ours goes out instead."""
        started = False

        async def unless_refused(message: Message) -> None:
            nonlocal started
            if started or body.refusal is None:
                started = True
                await send(message)

        try:
            await self.app(scope, body.receive, unless_refused)
        except ClientDisconnect:
            return
        except Exception:
            if started or body.refusal is None:
                raise
        if body.refusal is not None and not started:
            await answer(body.refusal, scope)(scope, body.receive, send)


class _Body:
    """A body as it comes in, refused once it is too large or stays away for too long."""

    def __init__(self, receive: Receive, limit: int, patience: float) -> None:
        self.refusal: Problem | None = None
        self._receive = receive
        self._limit = limit
        self._patience = patience
        self._size = 0
        self._complete = False

    def announced(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether there is a body, by the headers; raises if they say enough to refuse it."""
        declared = headers.get(b"content-length", b"")
        # Only as many digits as a length can have: Python refuses to read thousands of them.
        length = int(declared.lstrip(b"0")[:19] or b"0") if declared.isdigit() else 0
        if length > self._limit:
            raise self._refused(ContentTooLarge(limit=self._limit))
        if length == 0 and b"transfer-encoding" not in headers:
            return False
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise self._refused(UnsupportedMediaType(expected=_media_type(headers) or JSON))
        return True

    async def receive(self) -> Message:
        if self._complete:  # what comes now is the client's leaving, which may take any time
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience):
                message = await self._receive()
        except TimeoutError:
            raise self._refused(RequestTimeout(seconds=self._patience)) from None
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise self._refused(ContentTooLarge(limit=self._limit))
        self._complete = not message.get("more_body", False)
        return message

    async def whole(self) -> bytes:
        parts = []
        while not self._complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise _ClientLeftError
            parts.append(message.get("body", b""))
        return b"".join(parts)

    def _refused(self, refusal: Problem) -> Problem:
        """A refusal before the body is read ends the connection: its rest may never end."""
        refusal.headers = {**refusal.headers, "Connection": "close"}
        self.refusal = refusal
        return refusal


def _media_type(headers: Mapping[bytes, bytes]) -> str:
    sent = headers.get(b"content-type", b"").decode("latin-1")
    return sent.partition(";")[0].strip().lower()


def _replayed(content: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": content, "more_body": False}

    return replay


def _check_text(escaped: bytes, source: str) -> None:
    """Percent-encoded text must be UTF-8, without NUL. In a query or a form, names are told."""
    if _storable(escaped):
        return
    for pair in escaped.split(b"&") if source != "path" else ():
        name, _, value = pair.partition(b"=")
        if _storable(name) and not _storable(value):
            raise _text_not_allowed(source, unquote_to_bytes(name).decode())
    raise _text_not_allowed(source)


def _storable(escaped: bytes) -> bool:
    text = unquote_to_bytes(escaped) if b"%" in escaped else escaped
    try:
        return b"\0" not in text and (text.isascii() or bool(text.decode()))
    except UnicodeDecodeError:
        return False


def check_json(content: bytes, max_depth: int) -> None:
    """JSON that means the same to every reader, and that PostgreSQL can hold."""
    if content.count(b"]") + content.count(b"}") > MOST_BOXES:  # which take long to read
        raise _json_invalid("it has too many lists and objects")
    read_json(content, max_depth)


def read_json(content: bytes, max_depth: int) -> Any:
    """The same of a file, which may take long: in a thread. Raises InvalidRequest."""
    try:
        text = content.decode()
        # Escaped backslashes make way first, so that every other backslash begins an escape.
        if CANDIDATE.search(content) and UNSTORABLE.search(text.replace(r"\\", "--")):
            raise _text_not_allowed("body", *(_unstorable_at(DECODER.decode(text)) or ()))
        value = DECODER.decode(text)
        deep = _deeper(value, max_depth)
    except RecursionError:
        value, deep = None, True
    except UnicodeDecodeError:
        raise _json_invalid("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _json_invalid(error.msg) from None
    except ValueError:  # an integer of thousands of digits, which Python does not read
        raise _json_invalid("a number is too long") from None
    if deep:
        message = f"Nested deeper than {max_depth} levels."
        raise invalid("json_too_deep", message, "body", limit=max_depth)
    return value


def _deeper(value: Any, levels: int) -> bool:
    boxes = [value] if isinstance(value, BOXES) else []
    for _ in range(levels):
        boxes = [
            inner
            for box in boxes
            for inner in (box.values() if isinstance(box, dict) else box)
            if isinstance(inner, BOXES)
        ]
    return bool(boxes)


def _unstorable_at(value: Any) -> list[str | int] | None:
    """The way to the first text that nobody can store; to its object if it is a key."""
    if isinstance(value, str):
        return [] if UNSTORABLE_CHARACTER.search(value) else None
    if not isinstance(value, BOXES):
        return None
    if isinstance(value, dict) and any(map(UNSTORABLE_CHARACTER.search, value)):
        return []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if (way := _unstorable_at(inner)) is not None:
            return [key, *way]
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise invalid("json_duplicate_key", "An object gives the same key twice.", "body")
    return found


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        raise _json_invalid("a number is too large")
    return value


def _no_constant(name: str) -> float:
    raise _json_invalid(f"{name} is not JSON")


def _json_invalid(error: str) -> Problem:
    return invalid("json_invalid", f"Invalid JSON: {error}.", "body", error=error)


def _text_not_allowed(source: str, *place: str | int) -> Problem:
    message = "Text must be UTF-8, without the character NUL and without half characters."
    return invalid("text_not_allowed", message, source, *place)


DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant
)
