from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Form, Request, Response

from app.access.permissions import Permission
from app.access.tokens import ALGORITHM
from app.core import routing
from app.core.database.scopes import service
from app.core.http.rates import Policy, source
from app.core.problems import TooManyRequests, Unavailable, problems
from app.oauth import grants, issuing, revoking
from app.oauth.clients import KnownClient, Proof, proven_client
from app.oauth.errors import InvalidGrant, OAuthError
from app.oauth.grants import Refused, SignedIn
from app.oauth.schemas import (
    ClientProof,
    OAuthErrorOut,
    RevocationRequest,
    ServerMetadataOut,
    TokenOut,
    TokenRequest,
)

router = routing.router("access", prefix="")

REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthErrorOut, "description": "The request is not as OAuth has it"},
    401: {"model": OAuthErrorOut, "description": "The program did not prove itself"},
    **problems(TooManyRequests, Unavailable),
}


@router.post(
    "/oauth/token",
    response_model=TokenOut,
    response_model_exclude_none=True,
    responses=REFUSALS,
)
async def issue_token(request: Request, asked: Annotated[TokenRequest, Form()]) -> Any:
    """Get an access token.

    For itself, a program uses `client_credentials`; for a person, it exchanges the
    `authorization_code` that /oauth/authorize sent it, and later each `refresh_token` for the
    next. It proves itself with its secret (`Authorization: Basic`), or, better, with a signed
    assertion (`private_key_jwt`, RFC 7523); one without a secret or a key only names itself. The
    token lasts `expires_in` seconds.
    """
    state = request.app.state
    await state.rates.take(request, Policy.TOKEN, source(request))
    if asked.grant_type is None:
        raise OAuthError("invalid_request", f"Say which grant you use: {', '.join(GRANT_TYPES)}.")
    if asked.grant_type not in GRANT_TYPES:
        raise OAuthError("unsupported_grant_type", f"Use one of: {', '.join(GRANT_TYPES)}.")
    client = await _proven(request, asked)
    return await GRANT_TYPES[asked.grant_type](request, client, asked)


async def _for_itself(request: Request, client: KnownClient, asked: TokenRequest) -> Any:
    if not client.keys:  # it has only said its name
        raise OAuthError("unauthorized_client", "This program acts only for people.")
    state = request.app.state
    return issuing.client_token(state.settings, state.keyring, client, asked.scope)


async def _for_a_code(request: Request, client: KnownClient, asked: TokenRequest) -> Any:
    if not asked.code or not asked.code_verifier:
        raise OAuthError("invalid_request", "Send code, redirect_uri and code_verifier.")
    state = request.app.state
    async with _books(request, client) as session:
        outcome = await grants.exchange_code(
            session, state.settings, client, asked.code, asked.redirect_uri, asked.code_verifier
        )
    return _issued(request, client, outcome)


async def _for_a_refresh_token(request: Request, client: KnownClient, asked: TokenRequest) -> Any:
    if not asked.refresh_token:
        raise OAuthError("invalid_request", "Send the refresh_token.")
    state = request.app.state
    async with _books(request, client) as session:
        outcome = await grants.refresh(
            session, state.settings, state.pepper, client, asked.refresh_token
        )
    return _issued(request, client, outcome)


GRANT_TYPES: dict[str, Callable[[Request, KnownClient, TokenRequest], Awaitable[Any]]] = {
    "authorization_code": _for_a_code,
    "client_credentials": _for_itself,
    "refresh_token": _for_a_refresh_token,
}


def _issued(request: Request, client: KnownClient, outcome: SignedIn | Refused) -> dict[str, Any]:
    """What was refused is noted by now, so the refusal comes after the transaction."""
    if isinstance(outcome, Refused):
        raise InvalidGrant
    state = request.app.state
    token = issuing.person_token(
        state.settings, state.keyring, client, outcome.sign_in, outcome.member
    )
    return token | {"refresh_token": outcome.refresh_token}


@router.post("/oauth/revoke", response_class=Response, responses=REFUSALS)
async def revoke_token(request: Request, asked: Annotated[RevocationRequest, Form()]) -> Response:
    """Sign out.

    Ends the sign-in that a refresh token or a person's access token belongs to, with all of its
    tokens (RFC 7009). An unknown token is as good as revoked. A program's own access token cannot
    be revoked; it lasts for minutes.
    """
    state = request.app.state
    await state.rates.take(request, Policy.TOKEN, source(request))
    if not asked.token:
        raise OAuthError("invalid_request", "Send the token.")
    client = await _proven(request, asked)
    async with _books(request, client) as session:
        sign_in = await revoking.sign_in_of(session, state.keyring.verifier, asked.token)
        if sign_in is not None and sign_in.client == client.name:
            await grants.end(session, sign_in, "signed_out")
    return Response(status_code=200)


@router.get("/.well-known/oauth-authorization-server", response_model=ServerMetadataOut)
async def get_server_metadata(request: Request, response: Response) -> Any:
    """Read where and how to sign in.

    For programs that set themselves up from an issuer's address (RFC 8414).
    """
    response.headers["Cache-Control"] = "public, max-age=300"
    issuer = request.app.state.settings.public_url
    proofs = ["client_secret_basic", "private_key_jwt", "none"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": list(Permission),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "token_endpoint_auth_methods_supported": proofs,
        "token_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "revocation_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["vi", "en"],
        "service_documentation": f"{issuer}/docs",
    }


async def _proven(request: Request, asked: ClientProof) -> KnownClient:
    form, state = await request.form(), request.app.state
    if any(len(form.getlist(name)) > 1 for name in type(asked).model_fields):
        raise OAuthError("invalid_request", "Give each parameter once.")
    proof = Proof(
        request.headers.get("authorization", ""),
        asked.client_id,
        asked.client_assertion_type,
        asked.client_assertion,
    )
    return await proven_client(state.database, state.settings, proof)


def _books(request: Request, client: KnownClient) -> Any:
    """The service's own, in the name of the program."""
    scope = service(f"client:{client.id or client.name}", request.state.request_id)
    return request.app.state.database.session(scope)
