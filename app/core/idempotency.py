"""A POST that is sent again answers what it answered, when both carry the same Idempotency-Key.

The key is written first, in the transaction of the work itself: a repetition that arrives
meanwhile waits for it, and a POST that fails leaves no key behind. Follows
draft-ietf-httpapi-idempotency-key-header-07. Keys are kept for a day.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from hashlib import sha256
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import Index, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base
from app.core.problems import Problem, invalid
from app.core.secrets import Seal
from app.core.uploads import Upload

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT_HEADERS = ("etag", "location", "content-type")


class IdempotencyKey(Base):
    """A key that a POST came with, and what it was answered."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    actor: Mapped[str] = mapped_column(
        primary_key=True, server_default=text("current_setting('app.actor')")
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]


_OWN = IdempotencyKey.actor == func.current_setting("app.actor")


class IdempotencyKeyReused(Problem):
    status, title = 422, "Idempotency key used before"
    detail = "This Idempotency-Key came with another request before. Use a new one."


class Replay(Exception):
    """The answer that this request got before."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def take_key(session: AsyncSession, request: Request, organization: str) -> None:
    """Writes the request's key, if it has one, before anything else is done for it.

    The same request for another organization is another request: whoever has moved between two
    sees nothing of the first any more. Raises Replay when the same request was answered before,
    IdempotencyKeyReused when another was.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise invalid("idempotency_key", "Use 1 to 255 printable characters.", "header", HEADER)
    fingerprint = await _fingerprint(request, organization)
    taken = await session.execute(
        insert(IdempotencyKey)
        .values(key=key, fingerprint=fingerprint)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if taken.first() is None:
        raise await _answered(session, request.app.state.seals.answers, key, fingerprint)
    request.state.idempotent_session = session


async def _fingerprint(request: Request, organization: str) -> bytes:
    url = request.url
    asked = f"{organization} {url.path}?{url.query}\n".encode()
    upload: Upload | None = getattr(request.state, "upload", None)
    return sha256(asked + (upload.digest if upload else await request.body())).digest()


async def _answered(session: AsyncSession, seal: Seal, key: str, fingerprint: bytes) -> Exception:
    found = await session.scalars(select(IdempotencyKey).where(IdempotencyKey.key == key, _OWN))
    before = found.one()
    if before.fingerprint != fingerprint:
        return IdempotencyKeyReused()
    body = seal.open(before.body or b"")  # kept by whoever took the key
    response = Response(body, before.status or 200, before.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return Replay(response)


class PostOnce(APIRoute):
    """A route whose answer is kept with the request's key, in the transaction of its work."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.methods != {"POST"}:
            return handle

        async def once(request: Request) -> Response:
            try:
                response = await handle(request)
            except Replay as replay:
                return replay.response
            if session := getattr(request.state, "idempotent_session", None):
                await _keep(
                    session, request.app.state.seals.answers, request.headers[HEADER], response
                )
            return response

        return once


async def _keep(session: AsyncSession, seal: Seal, key: str, response: Response) -> None:
    """Sealed, for an answer may tell a secret that is kept nowhere else."""
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = seal.close(bytes(response.body))
    kept = {"status": response.status_code, "headers": headers, "body": body}
    await session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == key, _OWN).values(kept)
    )
