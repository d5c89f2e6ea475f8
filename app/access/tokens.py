"""A token is believed here or nowhere: signed JWTs, as RFC 8725 demands, ours in ES256 alone.

The only module that knows the JOSE library, so that replacing it touches nothing else. What an
outside issuer's tokens must be like besides, outside_tokens.py says.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import sha256
from math import ceil
from secrets import token_urlsafe
from time import time
from types import MappingProxyType
from typing import Any, NamedTuple, ParamSpec, Self, TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import JOSEError, jwk, jwt
from jose.utils import base64url_decode, base64url_encode

P = ParamSpec("P")
R = TypeVar("R")
_Object = dict[str, Any]

ALGORITHM = "ES256"
LEEWAY = 30  # seconds by which two honest clocks may differ
LONGEST_ASSERTION = 300  # seconds a client assertion may still have to live
LONGEST_TOKEN = 8192
_ACCESS_TOKEN = "at+jwt"  # noqa: S105, a media type (RFC 9068, 2.1)
_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,6000}\.[A-Za-z0-9_-]{86}")
_JTI = re.compile(r"[!-~]{1,255}")
_OURS = frozenset({"iss", "aud", "iat", "nbf", "exp", "jti"})
_MEMBERS = frozenset({"alg", "typ", "kid"})
_KINDS = {ALGORITHM: ("EC", "P-256"), "RS256": ("RSA", None)}
_SHORTEST_RSA = 2048  # bits (RFC 7518, 3.3)


@dataclass(frozen=True, eq=False, slots=True)
class PublicKey:
    """Parsed once and for all; parsing it for each token would cost half as much again.

    It verifies by its own algorithm, whatever a token says.
    """

    algorithm: str
    parsed: object


class InvalidToken(Exception):
    """Says the same to every caller; `reason` is for the log, and never quotes the token."""

    def __init__(self, reason: str) -> None:
        super().__init__("The token is not valid.")
        self.reason = reason


class Assertion(NamedTuple):
    """Good once: remember `jti` until `expires_at`, when even the leeway is over."""

    jti: str
    expires_at: datetime
    key: Mapping[str, Any]
    """The one that it was signed with."""


class UnknownKey(InvalidToken):
    """The token names a key that its issuer may have begun to use meanwhile."""


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Verified:
    """What a token that was believed says, read-only, and the key that signed it."""

    claims: Mapping[str, Any]
    kid: str
    key: PublicKey


class SigningKey:
    """A P-256 key, parsed once. Its `kid` is its thumbprint (RFC 7638): one name, one key."""

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        self._private_key = private_key
        self.signer = jwk.construct(private_key, ALGORITHM)
        public = self.signer.public_key()
        self.public_key = PublicKey(ALGORITHM, public)
        self._public_jwk = {name: public.to_dict()[name] for name in ("crv", "kty", "x", "y")}
        thumb = sha256(json.dumps(self._public_jwk, separators=(",", ":")).encode()).digest()
        self.kid: str = base64url_encode(thumb).decode()

    @classmethod
    def generate(cls) -> Self:
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: str | None = None) -> Self:
        secret = None if passphrase is None else passphrase.encode()
        key = serialization.load_pem_private_key(pem, secret)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("Only a P-256 key signs tokens here.")
        return cls(key)

    def to_pem(self, passphrase: str) -> bytes:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
        pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self._private_key.private_bytes(pem, pkcs8, encryption)

    def public_jwk(self) -> dict[str, str]:
        """What a JWKS publishes (RFC 7517)."""
        return self._public_jwk | {"alg": ALGORITHM, "use": "sig", "kid": self.kid}


def public_key(key: Mapping[str, Any], algorithm: str = ALGORITHM) -> PublicKey:
    """Build a JWK once. Anything but a public signing key of the algorithm is a ValueError."""
    kind = (key.get("kty"), key.get("crv"), key.get("alg", algorithm), key.get("use", "sig"))
    if kind != (*_KINDS[algorithm], algorithm, "sig") or "d" in key:
        name = "P-256" if algorithm == ALGORITHM else algorithm
        raise ValueError(f"Only a public {name} key verifies tokens here.")
    try:
        parsed = jwk.construct(dict(key), algorithm)
    except Exception as error:
        raise ValueError("The key's coordinates are not a point of P-256.") from error
    prepared = parsed.prepared_key
    if isinstance(prepared, rsa.RSAPublicKey) and prepared.key_size < _SHORTEST_RSA:
        raise ValueError("The key is too short.")
    return PublicKey(algorithm, parsed)


def sign_access_token(
    key: SigningKey, claims: Mapping[str, Any], *, issuer: str, audience: str, lifetime: timedelta
) -> str:
    """An access token (RFC 9068), and never one that the verifier would find too long."""
    if not claims.get("sub") or claims.keys() & _OURS:
        raise ValueError("Claims name their subject, and leave issuer, times and jti to us.")
    now = int(time())
    times = {"iat": now, "nbf": now, "exp": now + int(lifetime.total_seconds())}
    ours = {"iss": issuer, "aud": audience, "jti": token_urlsafe(16)}
    header = {"typ": _ACCESS_TOKEN, "kid": key.kid}
    token: str = jwt.encode({**claims, **ours, **times}, key.signer, ALGORITHM, header)
    if not _SHAPE.fullmatch(token):
        raise ValueError("These claims do not fit into a token.")
    return token


def any_failure_refuses(check: Callable[P, R]) -> Callable[P, R]:
    """Any failure is an InvalidToken without a cause: a UnicodeError's would log the token."""

    @wraps(check)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return check(*args, **kwargs)
        except InvalidToken:
            raise
        except Exception as error:  # noqa: BLE001, that is the promise
            named = str(error) if isinstance(error, JOSEError) else type(error).__name__
        raise InvalidToken(named)

    return checked


class TokenVerifier:
    """Believes access tokens of one issuer for one audience, and remembers whom it believed.

    It remembers by hash, so that memory holds no credential, and only while the token lasts and
    `keys` holds the very key object. Revoke by `jti` or session, never by a token's text: anyone
    can give an ES256 signature a second valid form.
    """

    def __init__(
        self, issuer: str, audience: str, keys: Mapping[str, PublicKey], bound: int = 10_000
    ) -> None:
        self.issuer, self.audience, self.keys, self._bound = issuer, audience, keys, bound
        self._known: OrderedDict[bytes, Verified] = OrderedDict()

    @any_failure_refuses
    def verify(self, token: str) -> Verified:
        """What a token says that is in every way ours and in force now."""
        if len(token) > LONGEST_TOKEN:  # before even hashing it
            raise InvalidToken("too long")
        digest = sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None or self.keys.get(known.kid) is not known.key:
            known = self._known[digest] = self._examine(token)
            if len(self._known) > self._bound:
                self._known.popitem(last=False)
        elif known.claims["exp"] <= time() - LEEWAY:
            self._known.pop(digest, None)
            raise InvalidToken("expired since it was remembered")
        return known

    def forget(self) -> None:
        self._known.clear()

    def _examine(self, token: str) -> Verified:
        header = header_of(token, (_ACCESS_TOKEN,))
        key = self.keys.get(header.get("kid", ""))
        if key is None:
            raise UnknownKey("unknown kid")
        claims = claims_of(token, key, _OURS | {"sub"}, audience=self.audience, issuer=self.issuer)
        if claims["aud"] != self.audience:
            raise InvalidToken("aud names others too")
        return Verified(MappingProxyType(claims), header["kid"], key)


@any_failure_refuses
def verify_client_assertion(
    token: str, keys: Sequence[Mapping[str, Any]], *, client_id: str, issuer: str
) -> Assertion:
    """A client's private_key_jwt (RFC 7523, 3; its successor makes the issuer the sole audience).

    Refusing a `jti` seen before is the caller's part. A client with several keys names the one
    it used: no signature is ever tried against a set of keys.
    """
    header = header_of(token, ("JWT", "client-authentication+jwt"))
    meant = [key for key in keys if "kid" not in header or key.get("kid") == header["kid"]]
    if len(meant) != 1:
        raise InvalidToken("no single key is meant")
    who = {"issuer": client_id, "subject": client_id, "audience": issuer}
    required = frozenset({"iss", "sub", "aud", "exp", "jti"})
    claims = claims_of(token, public_key(meant[0]), required, **who)
    if claims["aud"] not in (issuer, [issuer]):
        raise InvalidToken("aud names others too")
    if claims["exp"] > time() + LONGEST_ASSERTION:
        raise InvalidToken("exp is too far ahead")
    if not _JTI.fullmatch(claims["jti"]):
        raise InvalidToken("jti is not a short printable name")
    expires_at = datetime.fromtimestamp(ceil(claims["exp"]) + LEEWAY, UTC)
    return Assertion(claims["jti"], expires_at, meant[0])


@any_failure_refuses
def unverified_subject(token: str) -> str:
    """Which client an assertion claims to be of, to find the keys that may prove it."""
    header_of(token, ("JWT", "client-authentication+jwt"))
    return str(json_object(token, 1)["sub"])


def header_of(
    token: str,
    types: Collection[str],
    *,
    shape: re.Pattern[str] = _SHAPE,
    algorithms: Collection[str] = (ALGORITHM,),
    members: Collection[str] = _MEMBERS,
) -> _Object:
    """The header of a token that looks right; nothing in it is proven yet."""
    if not shape.fullmatch(token):  # which bounds the length before anything is parsed
        raise InvalidToken("shape")
    segments = token.encode().split(b".")
    if any(base64url_encode(base64url_decode(segment)) != segment for segment in segments):
        raise InvalidToken("base64url is not canonical")
    header = json_object(token, 0)
    if not header.keys() <= set(members):  # crit, jwk, jku, x5u ... (RFC 8725, 3.10)
        raise InvalidToken("header says more than alg, typ, kid")
    if header.get("alg") not in algorithms:
        raise InvalidToken("alg")
    if header.get("typ", "JWT") not in types:
        raise InvalidToken("typ")
    return header


def claims_of(token: str, key: PublicKey, required: frozenset[str], **expected: str) -> _Object:
    """The claims that this one key signed, after the checks which the library leaves out."""
    options = {f"require_{name}": True for name in required} | {"leeway": LEEWAY}
    jwt.decode(token, key.parsed, algorithms=[key.algorithm], options=options, **expected)
    claims, now = json_object(token, 1), int(time())
    if any(claims[name] == "" for name in required):
        raise InvalidToken("a required claim is empty")
    for name in claims.keys() & {"exp", "iat", "nbf"}:  # the library takes true and "99"
        if type(claims[name]) not in (int, float):
            raise InvalidToken(f"{name} is not a NumericDate")
    if claims["exp"] <= now - LEEWAY:
        raise InvalidToken("expired")
    if max(claims.get("iat", now), claims.get("nbf", now)) > now + LEEWAY:
        raise InvalidToken("issued or valid only in the future")
    return claims


def json_object(token: str, segment: int) -> _Object:
    text = base64url_decode(token.split(".")[segment].encode()).decode()
    value = json.loads(text, object_pairs_hook=_distinct)
    if not isinstance(value, dict):
        raise InvalidToken("not a JSON object")
    return value


def _distinct(members: list[tuple[str, Any]]) -> _Object:
    """Of two equal names, two parsers may each believe another one; so there are no two."""
    value = dict(members)
    if len(value) != len(members):
        raise InvalidToken("a name occurs twice")
    return value
