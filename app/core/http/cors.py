"""Pages of other origins that may call the API from a browser.

They send their token themselves: no cookie is taken, so none of these pages can act as somebody
who signed in elsewhere.
"""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

METHODS = ("GET", "POST", "PUT")
SENT = (
    *("Authorization", "Content-Type", "Accept-Language", "X-Request-ID"),
    *("If-Match", "If-None-Match", "Idempotency-Key"),
)
READ = (
    *("ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy"),
    *("X-Request-ID", "Idempotency-Replayed", "WWW-Authenticate"),
)


def open_to(app: FastAPI, origins: Sequence[str]) -> None:
    """To be called before `Edge` is added, so that this stands inside it."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
        )
