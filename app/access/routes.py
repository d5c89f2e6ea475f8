from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import JSONResponse

from app.access import oauth
from app.access.oauth import ASSERTION_TYPE, OAuthError, UnknownClient
from app.access.schemas import JwksOut, OAuthErrorOut, TokenOut, TokenRequest
from app.core import routing

router = routing.router("access", prefix="")


@router.post(
    "/oauth/token",
    response_model=TokenOut,
    response_model_exclude_none=True,
    responses={
        400: {"model": OAuthErrorOut, "description": "The request is not as OAuth has it"},
        401: {"model": OAuthErrorOut, "description": "The program did not prove itself"},
    },
)
async def issue_token(request: Request, asked: Annotated[TokenRequest, Form()]) -> Any:
    """Get an access token for a program.

    The program proves itself with its secret (`Authorization: Basic`), or, better, with a signed
    assertion (`private_key_jwt`, RFC 7523). The token lasts `expires_in` seconds; ask for a new
    one then.
    """
    state = request.app.state
    if asked.grant_type is None:
        raise OAuthError("invalid_request", "Say which grant you use: client_credentials.")
    if asked.grant_type != "client_credentials":
        raise OAuthError("unsupported_grant_type", "Use the grant client_credentials.")
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic" and asked.client_assertion is None:
        client = await oauth.client_by_secret(state.database, credentials)
    elif asked.client_assertion_type == ASSERTION_TYPE and asked.client_assertion and not scheme:
        client = await oauth.client_by_assertion(
            state.database, asked.client_assertion, asked.client_id, state.settings.public_url
        )
    elif scheme or asked.client_assertion:
        raise OAuthError("invalid_request", "Prove the client in one of the two ways.")
    else:
        raise UnknownClient
    return oauth.client_token(state.settings, state.keyring, client, asked.scope)


@router.get("/.well-known/jwks.json", response_model=JwksOut)
async def list_signing_keys(request: Request, response: Response) -> Any:
    """List the keys that verify access tokens.

    Public keys (RFC 7517), for services that check our tokens themselves. Read them again when a
    token names a `kid` that you do not know.
    """
    response.headers["Cache-Control"] = "public, max-age=300"
    return request.app.state.keyring.jwks()


async def refuse(_request: Request, error: Any) -> Response:
    """OAuth's own shape of a refusal, which its clients expect."""
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, error.headers)
