from typing import Any

from fastapi import Request, Response

from app.access.schemas import JwksOut
from app.core import routing

router = routing.router("access", prefix="")


@router.get("/.well-known/jwks.json", response_model=JwksOut)
async def list_signing_keys(request: Request, response: Response) -> Any:
    """List the keys that verify access tokens.

    Public keys (RFC 7517), for services that check our tokens themselves. Read them again when a
    token names a `kid` that you do not know.
    """
    response.headers["Cache-Control"] = "public, max-age=300"
    return request.app.state.keyring.jwks()
