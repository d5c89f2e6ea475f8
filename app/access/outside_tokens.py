"""An outside issuer's access tokens: verified as strictly as ours, by keys that it publishes."""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.access.tokens import (
    LONGEST_TOKEN,
    InvalidToken,
    PublicKey,
    TokenVerifier,
    UnknownKey,
    Verified,
    any_failure_refuses,
    claims_of,
    header_of,
    json_object,
    public_key,
)
from app.core.issuers import IssuerSettings

_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{86,1024}")
_TYPES = frozenset({"JWT", "at+jwt", "application/at+jwt"})
_MEMBERS = frozenset({"alg", "typ", "kid", "x5t", "x5t#S256"})
"""A certificate's thumbprint only names a key, so it may stand there; nobody reads it."""
_REQUIRED = frozenset({"iss", "aud", "sub", "exp", "iat"})
_SUBJECT = re.compile(r"[ -~]{1,255}")
"""OpenID Connect Core, 2."""
_NO_ACCESS = frozenset({"at_hash", "c_hash", "s_hash", "events", "cnf"})
"""Claims of ID tokens and of messages about a session, and of tokens that are good only with a
proof that their bearer holds a key, which nobody asks for here."""
_FAMILIES = {"RSA": "RS256", "EC": "ES256"}


class OutsideVerifier(TokenVerifier):
    """Believes access tokens of one outside issuer. Its `keys` are those published last."""

    def __init__(self, settings: IssuerSettings) -> None:
        super().__init__(settings.issuer, settings.audience, {})
        self._algorithms = settings.algorithms

    def _examine(self, token: str) -> Verified:
        header = header_of(
            token, _TYPES, shape=_SHAPE, algorithms=self._algorithms, members=_MEMBERS
        )
        kid = header.get("kid", "")
        if "kid" not in header and len(self.keys) == 1:
            (kid,) = self.keys
        key = self.keys.get(kid)
        if key is None:
            raise UnknownKey("unknown kid")
        claims = claims_of(token, key, _REQUIRED, audience=self.audience, issuer=self.issuer)
        _look_through(claims)
        return Verified(MappingProxyType(claims), kid, key)


def _look_through(claims: Mapping[str, Any]) -> None:
    """What makes a well-signed token of this issuer none that gives a person access."""
    if claims.keys() & _NO_ACCESS:
        raise InvalidToken("no bearer's access token")
    if claims.get("typ", "Bearer") != "Bearer":  # Keycloak's ID, refresh and logout tokens
        raise InvalidToken("typ among claims")
    if not _SUBJECT.fullmatch(claims["sub"]):
        raise InvalidToken("sub is not a short ASCII name")
    if claims["sub"] == claims.get("client_id"):  # RFC 9068, 2.2: of a program, for itself
        raise InvalidToken("about a program")


@any_failure_refuses
def unverified_issuer(token: str) -> str:
    """Who a token claims to be from, to find the keys that may prove it."""
    if len(token) > LONGEST_TOKEN or not _SHAPE.fullmatch(token):
        raise InvalidToken("shape")
    return str(json_object(token, 1)["iss"])


def published_keys(document: Any, algorithms: Collection[str]) -> dict[str, PublicKey]:
    """The keys of a JWKS (RFC 7517, 5) that may sign tokens, by their `kid`; "" where a sole one
    has none. Which of two keys with one `kid` is meant, nobody can say, so neither is.
    """
    published = document["keys"]
    if not isinstance(published, list):
        raise TypeError("keys is not a list")
    candidates = [key for key in published if _may_verify(key, algorithms)]
    parsed = [(key.get("kid", ""), _parsed(json.dumps(key, sort_keys=True))) for key in candidates]
    times = Counter(kid for kid, key in parsed if key is not None)
    keys = {kid: key for kid, key in parsed if key is not None and times[kid] == 1}
    if len(keys) > 1:
        keys.pop("", None)
    return keys


def _may_verify(key: Any, algorithms: Collection[str]) -> bool:
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid", ""), str)
        and _FAMILIES.get(str(key.get("kty"))) in algorithms
        and "verify" in key.get("key_ops", ["verify"])
    )


@lru_cache(maxsize=256)
def _parsed(text: str) -> PublicKey | None:
    """The same object for the same key, for what it verified is remembered with it.

    None for what is not ours to use: another curve, too short, or even private.
    """
    key = json.loads(text)
    try:
        return public_key(key, _FAMILIES[key["kty"]])
    except ValueError:
        return None
