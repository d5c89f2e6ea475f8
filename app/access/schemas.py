from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TokenRequest(BaseModel):
    """What a program asks for. Fields that are not known are ignored (RFC 6749, 3.2)."""

    model_config = ConfigDict(extra="ignore")

    # Those that are missing are refused in OAuth's own way, so none is required here.
    grant_type: str | None = Field(
        None, description="Always `client_credentials`", examples=["client_credentials"]
    )
    scope: str | None = Field(
        None,
        description="Permissions, separated by spaces; all that the program has when unsaid",
        examples=["learners:read"],
    )
    client_id: str | None = Field(None, description="May go with `client_assertion`")
    client_assertion_type: str | None = Field(
        None, description="`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`"
    )
    client_assertion: str | None = Field(
        None, description="A JWT that the program has signed; good once"
    )


class TokenOut(BaseModel):
    access_token: str = Field(
        description="Send it as `Authorization: Bearer ...`", examples=["eyJhbGciOiJFUzI1NiJ9..."]
    )
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds", examples=[600])
    scope: str | None = Field(
        None,
        description="The permissions that the token carries",
        examples=["learners:read learners:write"],
    )


class OAuthErrorOut(BaseModel):
    """A refusal in OAuth's own shape (RFC 6749, 5.2)."""

    error: str = Field(description="Stable name of the refusal", examples=["invalid_client"])
    error_description: str = Field(
        description="What to do", examples=["The client is unknown, or did not prove itself."]
    )


class JwksOut(BaseModel):
    """The public keys that our tokens are signed with (RFC 7517)."""

    keys: list[dict[str, str]] = Field(
        examples=[[{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "..."}]]
    )
