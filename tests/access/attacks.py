"""A forger's workshop: tokens that are as wrong as can be, each with the rule that stops it.

Signatures are made with nothing but the curve, so that no JOSE library helps or hinders, and
are deterministic (RFC 6979), so that a failure comes back.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from random import Random
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.access.tokens import SigningKey

NOW = 1_800_000_000
ISSUER = "https://learning.example"
AUDIENCE = "https://learning.example/v1"

PRIVATE = ec.derive_private_key(0xBA6_61A0, ec.SECP256R1())
FOREIGN = ec.derive_private_key(0xBAD_C0DE, ec.SECP256R1())
KEY = SigningKey(PRIVATE)
FOREIGN_KEY = SigningKey(FOREIGN)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "at+jwt"}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "0197a000-0000-7000-8000-000000000001",
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 600,
    "jti": "N0nceN0nceN0nceN0nceN0",
    "role": "coordinator",
}


def encode(value) -> str:
    """base64url of bytes, of text, or of what JSON makes of anything else."""
    if not isinstance(value, str | bytes):
        value = json.dumps(value)
    raw = value.encode() if isinstance(value, str) else value
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "==")


def forge(header=HEADER, claims=CLAIMS, key=PRIVATE) -> str:
    """A token with a right signature over whatever it is asked to say."""
    signed = f"{encode(header)}.{encode(claims)}"
    der = key.sign(signed.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    r, s = utils.decode_dss_signature(der)
    return f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def with_mac(algorithm: str, secret: bytes) -> str:
    signed = f"{encode(HEADER | {'alg': algorithm})}.{encode(CLAIMS)}"
    digest = algorithm.replace("HS", "sha")
    return f"{signed}.{encode(hmac.digest(secret, signed.encode(), digest))}"


def with_signature(signature: bytes) -> str:
    return f"{SIGNED}.{encode(signature)}"


def without(name: str, members=CLAIMS) -> dict:
    return {key: value for key, value in members.items() if key != name}


def public_bytes(encoding: Encoding, form: PublicFormat) -> bytes:
    return PRIVATE.public_key().public_bytes(encoding, form)


def twin(token: str) -> str:
    """The other signature that ECDSA finds just as good, which anyone can compute."""
    signed, _, signature = token.rpartition(".")
    raw = decode(signature)
    s = ORDER - int.from_bytes(raw[32:], "big")
    return f"{signed}.{encode(raw[:32] + s.to_bytes(32, 'big'))}"


def respelled(token: str) -> str:
    """The same bytes in base64url, with an unused bit set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


GENUINE = forge()
SIGNED, _, _signature = GENUINE.rpartition(".")
SIGNATURE = decode(_signature)
R, S = SIGNATURE[:32], SIGNATURE[32:]
DER = utils.encode_dss_signature(int.from_bytes(R, "big"), int.from_bytes(S, "big"))
SPKI = PublicFormat.SubjectPublicKeyInfo


class Attack(NamedTuple):
    says: str
    token: str
    reason: str


ATTACKS = [
    Attack("it says alg none and has no signature", forge(HEADER | {"alg": "none"})[:-86], "shape"),
    Attack("it says alg NoNe", forge(HEADER | {"alg": "NoNe"}), "alg"),
    Attack("it says no alg", forge(without("alg", HEADER)), "alg"),
    Attack(
        "its secret is our public key as PEM",
        with_mac("HS256", public_bytes(Encoding.PEM, SPKI)),
        "shape",
    ),
    Attack(
        "its secret is our public key as DER",
        with_mac("HS512", public_bytes(Encoding.DER, SPKI)),
        "alg",
    ),
    Attack(
        "its secret is our public key as OpenSSH",
        with_mac("HS512", public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)),
        "alg",
    ),
    Attack("its secret is empty", with_mac("HS512", b""), "alg"),
    Attack("it says RS256", forge(HEADER | {"alg": "RS256"}), "alg"),
    Attack(
        "it brings its own key as jwk",
        forge(HEADER | {"jwk": FOREIGN_KEY.public_jwk()}, key=FOREIGN),
        "header says more than alg, typ, kid",
    ),
    Attack(
        "it brings its own key as jku",
        forge(HEADER | {"jku": "https://evil.example/jwks.json"}, key=FOREIGN),
        "header says more than alg, typ, kid",
    ),
    Attack(
        "it brings its own key as x5u",
        forge(HEADER | {"x5u": "https://evil.example/key.pem"}, key=FOREIGN),
        "header says more than alg, typ, kid",
    ),
    Attack(
        "it is critical in a way that we do not know",
        forge(HEADER | {"crit": ["exp"]}),
        "header says more than alg, typ, kid",
    ),
    Attack("its kid is a path", forge(HEADER | {"kid": "../../../dev/null"}), "unknown kid"),
    Attack("its kid is SQL", forge(HEADER | {"kid": "' union select 'k' --"}), "unknown kid"),
    Attack("its kid is unknown", forge(HEADER | {"kid": FOREIGN_KEY.kid}), "unknown kid"),
    Attack("its kid is missing", forge(without("kid", HEADER)), "unknown kid"),
    Attack("it is an ID token", forge(HEADER | {"typ": "JWT"}), "typ"),
    Attack("it does not say what kind it is", forge(without("typ", HEADER)), "typ"),
    Attack(
        "it never expires",
        forge(claims=without("exp")),
        'missing required key "exp" among claims',
    ),
    Attack("it expired", forge(claims=CLAIMS | {"exp": NOW - 31}), "Signature has expired."),
    Attack(
        "it writes exp as a string",
        forge(claims=CLAIMS | {"exp": str(NOW + 600)}),
        "exp is not a NumericDate",
    ),
    Attack(
        "it was issued in the future",
        forge(claims=CLAIMS | {"iat": NOW + 31}),
        "issued or valid only in the future",
    ),
    Attack(
        "it is not valid yet",
        forge(claims=CLAIMS | {"nbf": NOW + 31}),
        "The token is not yet valid (nbf)",
    ),
    Attack(
        "it is for nobody",
        forge(claims=without("aud")),
        'missing required key "aud" among claims',
    ),
    Attack(
        "it is for somebody else",
        forge(claims=CLAIMS | {"aud": "https://other.example"}),
        "Invalid audience",
    ),
    Attack(
        "it is for us and somebody else",
        forge(claims=CLAIMS | {"aud": [AUDIENCE, "https://other.example"]}),
        "aud names others too",
    ),
    Attack(
        "it is from somebody else",
        forge(claims=CLAIMS | {"iss": f"{ISSUER}/"}),
        "Invalid issuer",
    ),
    Attack(
        "it is about nobody",
        forge(claims=without("sub")),
        'missing required key "sub" among claims',
    ),
    Attack(
        "it has no jti",
        forge(claims=without("jti")),
        'missing required key "jti" among claims',
    ),
    Attack("it is padded", f"{GENUINE}==", "shape"),
    Attack("it ends in a line feed", f"{GENUINE}\n", "shape"),
    Attack("it has five segments, like a JWE", f"{GENUINE}.{encode(R)}.{encode(S)}", "shape"),
    Attack("its header is nested 50,000 deep", forge("[" * 50_000), "too long"),
    Attack("it is 5 MB long", forge(claims=CLAIMS | {"fill": "x" * 3_750_000}), "too long"),
    Attack(
        "its signature is all zeros", with_signature(bytes(64)), "Signature verification failed."
    ),
    Attack(
        "its signature is another key's",
        forge(key=FOREIGN),
        "Signature verification failed.",
    ),
    Attack("its signature is cut short", GENUINE[:-1], "shape"),
]
"""The 37 attacks that other uses of JOSE libraries have fallen to, or might have."""

FURTHER = [
    Attack("it says ES384", forge(HEADER | {"alg": "ES384"}), "alg"),
    Attack("it ends in a dot", f"{GENUINE}.", "shape"),
    Attack("it holds a NUL", f"{SIGNED}\0.{encode(SIGNATURE)}", "shape"),
    Attack("it is not ASCII", GENUINE.replace("e", "\uff45", 1), "shape"),
    Attack("it holds half a character", f"{GENUINE[:-1]}\ud800", "UnicodeEncodeError"),
    Attack("it is empty", "", "shape"),
    Attack(
        "its signature is another token's",
        f"{SIGNED}.{forge(claims=CLAIMS | {'role': 'academy_admin'}).rpartition('.')[2]}",
        "Signature verification failed.",
    ),
    Attack(
        "its signature is back to front",
        with_signature(S + R),
        "Signature verification failed.",
    ),
    Attack("its signature is DER", with_signature(DER), "shape"),
    Attack(
        "its last character is spelt another way", respelled(GENUINE), "base64url is not canonical"
    ),
    Attack(
        "its claims are not an object",
        forge(claims=[CLAIMS]),
        "Invalid payload string: must be a json object",
    ),
    Attack("its header is not an object", forge([HEADER]), "not a JSON object"),
    Attack(
        "its header says alg twice",
        forge('{"alg":"none",' + json.dumps(HEADER)[1:]),
        "a name occurs twice",
    ),
    Attack(
        "it names its subject twice",
        forge(claims='{"sub":"somebody else",' + json.dumps(CLAIMS)[1:]),
        "a name occurs twice",
    ),
    Attack(
        "a claim within a claim occurs twice",
        forge(claims='{"act":{"sub":"a","sub":"b"},' + json.dumps(CLAIMS)[1:]),
        "a name occurs twice",
    ),
    Attack("its header is too long", forge(HEADER | {"kid": "k" * 2_000}), "shape"),
    Attack("its kid is a list", forge(HEADER | {"kid": [KEY.kid]}), "TypeError"),
    Attack(
        "it is about an empty name", forge(claims=CLAIMS | {"sub": ""}), "a required claim is empty"
    ),
    Attack("its jti is empty", forge(claims=CLAIMS | {"jti": ""}), "a required claim is empty"),
    Attack(
        "it does not say when it was issued",
        forge(claims=without("iat")),
        'missing required key "iat" among claims',
    ),
    Attack(
        "it does not say from when it is valid",
        forge(claims=without("nbf")),
        'missing required key "nbf" among claims',
    ),
    Attack(
        "it does not say who issued it",
        forge(claims=without("iss")),
        'missing required key "iss" among claims',
    ),
    Attack(
        "it was issued at true", forge(claims=CLAIMS | {"iat": True}), "iat is not a NumericDate"
    ),
    Attack(
        "it expires at infinity",
        forge(claims=json.dumps(CLAIMS).replace(str(NOW + 600), "1e999")),
        "OverflowError",
    ),
    Attack(
        "it is not valid for half a second yet",
        forge(claims=CLAIMS | {"nbf": NOW + 30.5}),
        "issued or valid only in the future",
    ),
    Attack(
        "it expires this very second, leeway and all",
        forge(claims=CLAIMS | {"exp": NOW - 30}),
        "expired",
    ),
]
"""What else this service does not put up with."""

NASTY = [
    None, True, False, 0, -1, 1.5, NOW, NOW + 600.5, 2**63, 10**400, float("nan"), float("inf"), "",
    "1", str(NOW + 600), [], {}, [AUDIENCE], [ISSUER, AUDIENCE], {"": ""}, "\0", "\ud800",
    ISSUER.upper(), AUDIENCE + "/", "academy_admin", "none", "at+JWT", "ES256",
]  # fmt: skip


def _respell_json(rng: Random, members: dict) -> str | bytes:
    """JSON on which two parsers might not agree."""
    text = json.dumps(members)
    again = f'"{rng.choice(list(members))}":{json.dumps(rng.choice(NASTY))}'
    texts: list[str | bytes] = [
        text.replace("{", f"{{{again},"),
        text.replace("}", f",{again}}}"),
        text.replace("a", "\\u0061"),
        text.replace(":", " :\t"),
        f"\ufeff{text}",
        f"{text} ",
        f"{text},",
        f"{text}\0",
        f"[{text}]",
        json.dumps(text),
        text.replace('"', "'"),
        text[:-1],
        text.encode("utf-16"),
        text.encode("utf-16-le"),
        text.replace("r", "\u00e9").encode("latin-1"),
    ]
    return rng.choice(texts)


def mutated(rng: Random, token: str, other: str) -> str:
    """What becomes of a token in one of 25 ways; after ten of them it is signed by its key."""
    segments = token.split(".")
    header, claims = json.loads(decode(segments[0])), json.loads(decode(segments[1]))
    at = rng.randrange(len(token))
    part, which = rng.randrange(3), rng.choice(list(claims))
    shifted = NOW + rng.choice([-3600, -31, -30, -29, -1, 0, 1, 29, 30, 31, 3600])
    odd = chr(rng.choice([*range(128), 0xE9, 0x2028, 0xFF45, 0x1F512]))
    swapped = [*segments[:part], other.split(".")[part], *segments[part + 1 :]]
    changed = claims | {which: rng.choice(NASTY)}
    strange = rng.choice(["alg", "typ", "kid", "crit", "b64", "jwk", "jku", "zip", "cty"])
    raw = decode(segments[2])
    ways = [
        lambda: token,
        lambda: twin(token),
        lambda: respelled(token),
        lambda: token + rng.choice(["=", "==", "\n", " ", ".", "A", "\0"]),
        lambda: token[:at] + chr(ord(token[at]) ^ 1 << rng.randrange(7)) + token[at + 1 :],
        lambda: token[:at] + odd + token[at + 1 :],
        lambda: token[:at] + odd + token[at:],
        lambda: token[:at] + token[at + 1 :],
        lambda: token[:at],
        lambda: token[at:] + token[:at],
        lambda: ".".join(rng.sample(segments, 3)),
        lambda: ".".join(swapped),
        lambda: f"{segments[0]}.{segments[1]}.{encode(raw[32:] + raw[:32])}",
        lambda: f"{segments[0]}.{encode(changed)}.{segments[2]}",
        lambda: f"{encode(header | {strange: rng.choice(NASTY)})}.{segments[1]}.{segments[2]}",
        lambda: forge(header, claims, FOREIGN),
        lambda: forge(header, changed),
        lambda: forge(header, without(which, claims)),
        lambda: forge(header, claims | {rng.choice(["iat", "nbf", "exp"]): shifted}),
        lambda: forge(header, claims | {rng.choice(["iat", "nbf", "exp"]): shifted + 0.5}),
        lambda: forge(header, claims | {rng.choice(["iat", "nbf", "exp"]): rng.choice(NASTY)}),
        lambda: forge(header | {strange: rng.choice(NASTY)}, claims),
        lambda: forge(without(rng.choice(list(header)), header), claims),
        lambda: forge(_respell_json(rng, header), claims),
        lambda: forge(header, _respell_json(rng, claims)),
    ]
    return rng.choice(ways)()
