"""Secrets and signatures of Standard Webhooks 1.0."""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hmac import digest
from secrets import token_bytes

PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + b64encode(token_bytes(32)).decode()


def headers(id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Signed with each secret, so that whoever knows one of them can verify it."""
    signed = f"{id}.{timestamp}.".encode() + body
    keys = (b64decode(secret.removeprefix(PREFIX)) for secret in secrets)
    signatures = (b64encode(digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
