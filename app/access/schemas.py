from pydantic import BaseModel, Field


class JwksOut(BaseModel):
    """The public keys that our tokens are signed with (RFC 7517)."""

    keys: list[dict[str, str]] = Field(
        examples=[[{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "..."}]]
    )
