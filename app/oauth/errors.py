"""Refusals in OAuth's own shape (RFC 6749, 5.2), which its clients expect."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse


class OAuthError(Exception):
    status = 400
    headers: Mapping[str, str] = {}

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


class InvalidClient(OAuthError):
    """The same for an unknown client, a revoked one and a wrong secret."""

    status = 401
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Basic realm="banggiao"'}

    def __init__(self) -> None:
        super().__init__("invalid_client", "The client is unknown, or did not prove itself.")


class InvalidGrant(OAuthError):
    """The same whatever is wrong with it; the audit knows more."""

    def __init__(self) -> None:
        super().__init__(
            "invalid_grant",
            "The code or refresh token is not good (any more), or is not for this program,"
            " redirect_uri or code_verifier. Sign in again.",
        )


async def refuse(_request: Request, error: Any) -> Response:
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, error.headers)
