from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_ASSERTION_TYPE = "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`"


class ClientProof(BaseModel):
    """How a program says who it is, beside `Authorization: Basic`. Unknown fields are ignored
    (RFC 6749, 3.2)."""

    model_config = ConfigDict(extra="ignore")

    # Those that are missing are refused in OAuth's own way, so none is required here.
    client_id: str | None = Field(
        None, description="The program's name; needed when it has neither secret nor key"
    )
    client_assertion_type: str | None = Field(None, description=_ASSERTION_TYPE)
    client_assertion: str | None = Field(
        None, description="A JWT that the program has signed; good once"
    )


class TokenRequest(ClientProof):
    """What a program asks for. Fields that are not known are ignored (RFC 6749, 3.2)."""

    grant_type: str | None = Field(
        None,
        description="`client_credentials`, `authorization_code` or `refresh_token`",
        examples=["client_credentials"],
    )
    scope: str | None = Field(
        None,
        description="With `client_credentials`: permissions, separated by spaces; all that the"
        " program has when unsaid",
        examples=["learners:read"],
    )
    code: str | None = Field(None, description="With `authorization_code`: the code; good once")
    redirect_uri: str | None = Field(
        None, description="With `authorization_code`: the one that the code was sent to"
    )
    code_verifier: str | None = Field(
        None, description="With `authorization_code`: what `code_challenge` is the hash of"
    )
    refresh_token: str | None = Field(
        None, description="With `refresh_token`: the last one received; good once"
    )


class TokenOut(BaseModel):
    access_token: str = Field(
        description="Send it as `Authorization: Bearer ...`", examples=["eyJhbGciOiJFUzI1NiJ9..."]
    )
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds", examples=[600])
    refresh_token: str | None = Field(
        None,
        description="For the next access token of a person who signed in; good once",
        examples=["k3Jx8Qw2vN5yT7bR1mZ4cL6pD9sF0gHaUeIoWqYtRs8"],
    )
    scope: str | None = Field(
        None,
        description="The permissions that the token carries; all of the person's role when unsaid",
        examples=["learners:read learners:write"],
    )


class RevocationRequest(ClientProof):
    """What is good no more. Fields that are not known are ignored (RFC 6749, 3.2)."""

    token: str | None = Field(
        None,
        description="A refresh token, or a person's access token",
        examples=["k3Jx8Qw2vN5yT7bR1mZ4cL6pD9sF0gHaUeIoWqYtRs8"],
    )
    token_type_hint: str | None = Field(
        None, description="`refresh_token` or `access_token`; not needed"
    )


class OAuthErrorOut(BaseModel):
    """A refusal in OAuth's own shape (RFC 6749, 5.2)."""

    error: str = Field(description="Stable name of the refusal", examples=["invalid_client"])
    error_description: str = Field(
        description="What to do", examples=["The client is unknown, or did not prove itself."]
    )


_ISSUER = "https://banggiao.example"


def _example(value: object) -> Any:
    return Field(examples=[value])


class ServerMetadataOut(BaseModel):
    """Where and how to sign in, for programs that find out by themselves (RFC 8414)."""

    issuer: str = _example(_ISSUER)
    authorization_endpoint: str = _example(f"{_ISSUER}/oauth/authorize")
    token_endpoint: str = _example(f"{_ISSUER}/oauth/token")
    revocation_endpoint: str = _example(f"{_ISSUER}/oauth/revoke")
    jwks_uri: str = _example(f"{_ISSUER}/.well-known/jwks.json")
    scopes_supported: list[str] = _example(["learners:read", "learners:write"])
    response_types_supported: list[str] = _example(["code"])
    response_modes_supported: list[str] = _example(["query"])
    grant_types_supported: list[str] = _example(["authorization_code", "client_credentials"])
    token_endpoint_auth_methods_supported: list[str] = _example(["private_key_jwt", "none"])
    token_endpoint_auth_signing_alg_values_supported: list[str] = _example(["ES256"])
    revocation_endpoint_auth_methods_supported: list[str] = _example(["private_key_jwt", "none"])
    revocation_endpoint_auth_signing_alg_values_supported: list[str] = _example(["ES256"])
    code_challenge_methods_supported: list[str] = _example(["S256"])
    authorization_response_iss_parameter_supported: bool = _example(value=True)
    ui_locales_supported: list[str] = _example(["vi", "en"])
    service_documentation: str = _example(f"{_ISSUER}/docs")
