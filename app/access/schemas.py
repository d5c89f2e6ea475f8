from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TokenRequest(BaseModel):
    """OAuth tolerates fields that it does not know (RFC 6749, 3.2), and answers in its own way for
    those that are missing."""

    model_config = ConfigDict(extra="ignore")

    grant_type: str | None = Field(None, examples=["client_credentials"])
    scope: str | None = Field(None, examples=["learners:read"])
    client_id: str | None = Field(None, description="For private_key_jwt; optional there too")
    client_assertion_type: str | None = None
    client_assertion: str | None = None


class TokenOut(BaseModel):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds", examples=[600])
    scope: str | None = Field(None, examples=["learners:read learners:write"])


class OAuthErrorOut(BaseModel):
    """A refusal in OAuth's own shape (RFC 6749, 5.2)."""

    error: str = Field(examples=["invalid_client"])
    error_description: str


class JwksOut(BaseModel):
    """The public keys that our tokens are signed with (RFC 7517)."""

    keys: list[dict[str, str]]
