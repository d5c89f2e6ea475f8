"""Where somebody stands on the way through our pages: closed in a seal, in each page's form.

So the service remembers nothing of people who are not signed in yet. A cookie ties the form to the
browser that asked for it, so that no other site can send one (cross-site request forgery).
"""

from datetime import datetime
from hmac import compare_digest
from re import compile as pattern
from secrets import token_urlsafe
from time import time
from typing import Literal, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app.core.config import Settings
from app.core.languages import Language
from app.core.secrets import BrokenSeal, Seal
from app.oauth.authorizing import Asked

SECONDS = 600
"""From one page to the next."""
LONGEST = 1800
"""Seconds from the first page to the last."""
_NONCE = pattern(r"[A-Za-z0-9_-]{43}")
_YEAR = 365 * 24 * 3600


class Lost(Exception):
    """The form is too old, or not of this browser: begin again."""


class Flow(BaseModel):
    asked: Asked | None
    """None for whoever came by themselves, to see to their own account."""
    browser: str
    language: Language
    began: float = Field(default_factory=time)
    user_id: UUID | None = None
    """Who has shown their password."""
    password_set_at: datetime | None = None
    """Of the password that was shown: with another one, they begin again."""
    method: Literal["password", "password_and_code"] = "password"
    proven: bool = False
    """Whether nothing more is to be shown."""
    offered: str | None = None
    """A secret that is being put into an authenticator."""

    @classmethod
    def begun(cls, request: Request, asked: Asked | None, language: Language) -> Self:
        """The browser keeps its cookie if it has one: there may be another page open."""
        known = request.cookies.get(cookie_name(request.app.state.settings), "")
        browser = known if _NONCE.fullmatch(known) else token_urlsafe(32)
        return cls(asked=asked, browser=browser, language=language)

    @classmethod
    def opened(cls, request: Request, sealed: str) -> Self:
        """Raises Lost."""
        state = request.app.state
        seal: Seal = state.seals.flows
        try:
            flow = cls.model_validate_json(seal.open(sealed.encode(), SECONDS))
        except (BrokenSeal, ValueError) as error:
            raise Lost from error
        browser = request.cookies.get(cookie_name(state.settings), "")
        if not compare_digest(flow.browser.encode(), browser.encode()):
            raise Lost
        if time() > flow.began + LONGEST:
            raise Lost
        return flow

    def sealed(self, seal: Seal) -> str:
        return seal.close(self.model_dump_json().encode()).decode()

    def remember(self, response: Response, settings: Settings) -> None:
        _put(response, settings, cookie_name(settings), self.browser)


def cookie_name(settings: Settings) -> str:
    return _name(settings, "browser")


def is_known_device(request: Request, email: str) -> bool:
    """Whether somebody signed in to that account from this browser before."""
    state = request.app.state
    sealed = request.cookies.get(_name(state.settings, "device"), "")
    try:
        account: bytes = state.seals.devices.open(sealed.encode(), _YEAR)
    except BrokenSeal:
        return False
    return compare_digest(account, email.lower().encode())


def remember_device(response: Response, request: Request, email: str) -> None:
    state = request.app.state
    sealed = state.seals.devices.close(email.lower().encode()).decode()
    _put(response, state.settings, _name(state.settings, "device"), sealed, _YEAR)


def _name(settings: Settings, what: str) -> str:
    """With TLS, under a name that no other host can write (RFC 6265bis, 4.1.3)."""
    prefix = "__Host-" if _is_secure(settings) else ""
    return f"{prefix}banggiao-{what}"


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def _put(
    response: Response, settings: Settings, name: str, value: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )
