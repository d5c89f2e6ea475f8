"""An identity provider of a test's own: it publishes keys, and signs whatever it is told to."""

import asyncio
import json
import warnings
from collections import Counter
from contextlib import closing, suppress
from time import time
from typing import Any, Self
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, RSAKey

from tests.access.attacks import encode

Key = RSAKey | ECKey

AUDIENCE = "banggiao"


def rsa_key(kid: str = "rsa", bits: int = 2048, **members: str) -> Key:
    """With what other providers say of their keys, unless it is to say something else."""
    with warnings.catch_warnings(action="ignore"):  # that a key is too short is the point of it
        return RSAKey.generate_key(bits, {"kid": kid, "use": "sig", **members}, auto_kid=False)


def ec_key(kid: str = "ec", curve: Any = "P-256", **members: str) -> Key:
    return ECKey.generate_key(curve, {"kid": kid, "use": "sig", **members}, auto_kid=False)


RSA, EC, FOREIGN = rsa_key(), ec_key(), rsa_key("foreign")


class OutsideIssuer:
    """Its address is its name. `asked` counts what was read of it."""

    def __init__(self, *keys: Key) -> None:
        self.publishes([key.as_dict(private=False) for key in keys or (RSA, EC)])
        self.status, self.says_it_is, self.asked = 200, "", Counter[str]()

    def publishes(self, keys: Any) -> None:
        self.document: Any = {"keys": keys}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            self.asked[path] += 1
            writer.write(self._response(path))
            await writer.drain()

    def _response(self, path: str) -> bytes:
        discovery = {"issuer": self.says_it_is or self.url, "jwks_uri": f"{self.url}/keys"}
        body = json.dumps(self.document if path == "/keys" else discovery).encode()
        head = f"HTTP/1.1 {self.status} As told\r\nContent-Length: {len(body)}\r\n"
        head += f"Location: {self.url}/keys\r\nConnection: close\r\n\r\n"
        return head.encode() + body

    def settings(self, **others: Any) -> dict[str, Any]:
        """As an operator would describe it."""
        return {
            "issuer": self.url,
            "audience": AUDIENCE,
            "role_claim": "realm_access.roles",
            "organization_claim": "organization",
            "roles": {"bg-coordinator": "coordinator", "bg-viewer": "viewer", "bg-all": "auditor"},
            **others,
        }

    def claims(self, **others: Any) -> dict[str, Any]:
        """Of somebody new, unless their `sub` is said; a claim that is None is left out."""
        now = int(time())
        claims = {
            "iss": self.url,
            "aud": [AUDIENCE, "account"],
            "sub": uuid4().hex,
            "iat": now,
            "exp": now + 300,
            "typ": "Bearer",
            "name": "Trần Thị Bình",
            "realm_access": {"roles": ["offline_access", "bg-coordinator"]},
            "organization": "ha-noi",
        }
        return {name: value for name, value in (claims | others).items() if value is not None}

    def token(self, key: Key = RSA, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A header's member that is None is left out, too."""
        return sealed(key, self.header(key, **header or {}), self.claims(**claims))

    @staticmethod
    def header(key: Key = RSA, **others: Any) -> dict[str, Any]:
        usual = {"alg": "RS256" if isinstance(key, RSAKey) else "ES256", "kid": key.kid}
        header = {"typ": "JWT", **usual, **others}
        return {name: value for name, value in header.items() if value is not None}


def sealed(key: Key, header: Any, claims: Any) -> str:
    """Signed without a library's opinion of what is signed."""
    signed = f"{encode(header)}.{encode(claims)}"
    if isinstance(key, RSAKey):
        padding, digest = PKCS1v15(), SHA256()
        return f"{signed}.{encode(key.private_key.sign(signed.encode(), padding, digest))}"
    size = (key.private_key.key_size + 7) // 8
    r, s = decode_dss_signature(key.private_key.sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{encode(r.to_bytes(size, 'big') + s.to_bytes(size, 'big'))}"
