"""No token but ours is believed, and ours no longer than it says."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import jose.backends
import jose.jwk
import jose.jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose.backends.cryptography_backend import CryptographyECKey
from joserfc import jwt as oracle
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jwt import JWTClaimsRegistry

from app.access.tokens import (
    InvalidToken,
    SigningKey,
    TokenVerifier,
    public_key,
    sign_access_token,
    verify_client_assertion,
)
from tests.access.attacks import (
    ATTACKS,
    AUDIENCE,
    CLAIMS,
    FOREIGN,
    FOREIGN_KEY,
    FURTHER,
    GENUINE,
    HEADER,
    ISSUER,
    KEY,
    NOW,
    PRIVATE,
    decode,
    encode,
    forge,
    mutated,
    respelled,
    twin,
    without,
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, {KEY.kid: KEY.public_key})


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The signatures that were verified, in order: what is remembered adds none."""
    verified = []
    verify = CryptographyECKey.verify

    def noting(self, message, signature):
        verified.append(signature)
        return verify(self, message, signature)

    monkeypatch.setattr(CryptographyECKey, "verify", noting)
    return verified


def issue(**claims) -> str:
    return sign_access_token(
        KEY,
        {"sub": CLAIMS["sub"], **claims},
        issuer=ISSUER,
        audience=AUDIENCE,
        lifetime=timedelta(minutes=10),
    )


def refusal(check: Callable[[], object]) -> str:
    with pytest.raises(InvalidToken) as caught:
        check()
    assert str(caught.value) == "The token is not valid."
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.reason


# What we sign


def test_an_access_token_says_what_it_is_whose_it_is_and_how_long_it_lasts():
    header, claims, _ = issue(role="learner").split(".")
    assert json.loads(decode(header)) == {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}
    said = json.loads(decode(claims))
    assert len(said.pop("jti")) >= 22
    assert said == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": CLAIMS["sub"],
        "role": "learner",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 600,
    }


def test_what_we_sign_we_believe(verifier: TokenVerifier):
    assert verifier.verify(issue(role="learner")).claims["role"] == "learner"


def test_another_library_believes_what_we_sign():
    assert oracle_believes(issue())


def test_no_two_access_tokens_share_their_jti(verifier: TokenVerifier):
    assert verifier.verify(issue()).claims["jti"] != verifier.verify(issue()).claims["jti"]


@pytest.mark.parametrize("name", ["iss", "aud", "iat", "nbf", "exp", "jti"])
def test_nobody_hands_us_the_claims_that_are_ours_to_make(name: str):
    with pytest.raises(ValueError, match="to us"):
        issue(**{name: "theirs"})


@pytest.mark.parametrize("claims", [{}, {"sub": ""}])
def test_an_access_token_is_somebodys(claims: dict):
    with pytest.raises(ValueError, match="name their subject"):
        sign_access_token(KEY, claims, issuer="", audience="", lifetime=timedelta(1))


def test_a_token_that_would_be_refused_for_its_length_is_not_issued(verifier: TokenVerifier):
    assert verifier.verify(issue(fill="x" * 4_000))
    with pytest.raises(ValueError, match="do not fit"):
        issue(fill="x" * 4_500)


def test_no_key_is_parsed_again_to_sign_or_to_verify(
    monkeypatch: pytest.MonkeyPatch, verifier: TokenVerifier
):
    monkeypatch.delattr(jose.jwk, "construct")
    assert verifier.verify(issue())


# Keys


def test_a_key_survives_its_encrypted_pem():
    pem = KEY.to_pem("xin chào")
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert SigningKey.from_pem(pem, "xin chào").public_jwk() == KEY.public_jwk()


def test_a_key_that_an_operator_keeps_unencrypted_is_read():
    pem = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert SigningKey.from_pem(pem).kid == KEY.kid


def test_a_pem_opens_with_its_own_passphrase_only():
    with pytest.raises(ValueError, match="password"):
        SigningKey.from_pem(KEY.to_pem("right"), "wrong")


def test_a_key_is_not_written_without_a_passphrase():
    with pytest.raises(ValueError, match=r"[Pp]assword"):
        KEY.to_pem("")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ec.generate_private_key(ec.SECP384R1()), id="P-384"),
        pytest.param(ec.generate_private_key(ec.SECP256K1()), id="secp256k1"),
        pytest.param(rsa.generate_private_key(65537, 2048), id="RSA"),
    ],
)
def test_only_a_p256_key_signs(other: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="P-256"):
        SigningKey.from_pem(pem)


def test_every_generated_key_is_new():
    assert SigningKey.generate().kid != SigningKey.generate().kid


def test_a_public_key_is_published_as_a_jwk_named_by_its_thumbprint():
    published = KEY.public_jwk()
    numbers = PRIVATE.public_key().public_numbers()
    assert int.from_bytes(decode(published.pop("x")), "big") == numbers.x
    assert int.from_bytes(decode(published.pop("y")), "big") == numbers.y
    kid = as_theirs(KEY).thumbprint()
    assert published == {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid}


def test_a_published_key_verifies_what_its_private_half_signed(verifier: TokenVerifier):
    verifier.keys = {KEY.kid: public_key(KEY.public_jwk())}
    assert verifier.verify(GENUINE).claims == CLAIMS


def test_what_a_key_publishes_is_a_copy():
    KEY.public_jwk()["kid"] = "mine"
    assert KEY.public_jwk()["kid"] == KEY.kid


NOT_KEYS = {
    "private": ({"d": encode(PRIVATE.private_numbers().private_value.to_bytes(32, "big"))}, "Only"),
    "for encryption": ({"use": "enc"}, "Only"),
    "for another algorithm": ({"alg": "ES384"}, "Only"),
    "on another curve": ({"crv": "P-384"}, "Only"),
    "of another kind": ({"kty": "RSA"}, "Only"),
    "off the curve": ({"y": KEY.public_jwk()["x"]}, "not a point"),
    "not even base64": ({"x": "?"}, "not a point"),
    "not even text": ({"x": 1}, "not a point"),
}


@pytest.mark.parametrize(("change", "reason"), NOT_KEYS.values(), ids=NOT_KEYS)
def test_no_public_key_is_made_of_one_that_is(change: dict, reason: str):
    with pytest.raises(ValueError, match=reason):
        public_key(KEY.public_jwk() | change)


def test_signatures_are_openssls_and_never_pure_pythons(verifier: TokenVerifier):
    verifier.verify(issue())
    assert jose.backends.ECKey is CryptographyECKey
    assert "ecdsa" not in sys.modules


# What we refuse


def test_there_are_37_attacks():
    assert len({attack.token for attack in ATTACKS}) == 37


@pytest.mark.parametrize(
    ("token", "reason"),
    [pytest.param(a.token, a.reason, id=a.says) for a in ATTACKS + FURTHER],
)
def test_a_token_is_refused_when(token: str, reason: str, verifier: TokenVerifier):
    assert refusal(lambda: verifier.verify(token)) == reason


def test_a_token_is_refused_when_another_of_our_keys_signed_it_than_it_names(
    verifier: TokenVerifier,
):
    verifier.keys = {KEY.kid: KEY.public_key, FOREIGN_KEY.kid: FOREIGN_KEY.public_key}
    assert verifier.verify(forge(HEADER | {"kid": FOREIGN_KEY.kid}, key=FOREIGN))
    assert refusal(lambda: verifier.verify(forge(key=FOREIGN)))


def test_the_library_too_is_told_that_there_is_one_algorithm(
    monkeypatch: pytest.MonkeyPatch, verifier: TokenVerifier
):
    told = []
    library = jose.jwt.decode

    def noting(*args, **options):
        told.append(options)
        return library(*args, **options)

    monkeypatch.setattr(jose.jwt, "decode", noting)
    verifier.verify(GENUINE)
    assert [options["algorithms"] for options in told] == [["ES256"]]


def test_however_deep_a_header_is_nested_it_is_only_refused(verifier: TokenVerifier):
    assert refusal(lambda: verifier.verify(forge("[" * 1_500)))


def test_what_is_not_even_text_is_refused(verifier: TokenVerifier):
    nothing: Any = None
    assert refusal(lambda: verifier.verify(nothing)) == "TypeError"


def test_the_refused_tokens_differ_from_one_that_is_believed(verifier: TokenVerifier):
    assert verifier.verify(GENUINE).claims == CLAIMS


OTHER = SigningKey(ec.derive_private_key(0x07E5, ec.SECP256R1()))


def as_theirs(key: SigningKey) -> ECKey:
    published: Any = key.public_jwk()
    return ECKey.import_key(published)


def oracle_believes(token: str) -> bool:
    """Whether joserfc, told the same rules, would take the token; `typ` it leaves to us."""
    keys = KeySet([as_theirs(KEY), as_theirs(OTHER)])
    essential: dict[str, Any] = {
        name: {"essential": True} for name in ("iss", "aud", "sub", "iat", "nbf", "exp", "jti")
    }
    essential["iss"]["value"] = ISSUER
    essential["aud"]["value"] = AUDIENCE
    try:
        believed = oracle.decode(token, keys, algorithms=["ES256"])
        JWTClaimsRegistry(leeway=30, **essential).validate(believed.claims)
    except (JoseError, ValueError, TypeError):
        return False
    return bool(believed.header.get("typ") == "at+jwt")


def test_of_10_000_mutated_tokens_none_is_believed_that_another_library_refuses():
    verifier = TokenVerifier(
        ISSUER, AUDIENCE, {KEY.kid: KEY.public_key, OTHER.kid: OTHER.public_key}
    )
    rng = Random(8725)
    genuine = [forge(claims=CLAIMS | {"sub": f"{n}", "jti": f"{n}"}) for n in range(20)]
    wrongly, rightly, refused = [], 0, 0
    for _ in range(10_000):
        token = mutated(rng, *rng.sample(genuine, 2))
        theirs = oracle_believes(token)
        try:
            ours = bool(verifier.verify(token))
        except InvalidToken:
            ours = False
        if ours and not theirs:
            wrongly.append(token)
        rightly += ours and theirs
        refused += not theirs
    assert wrongly == []
    assert rightly > 1_000
    assert refused > 5_000


def test_a_token_spelt_another_way_is_refused_even_while_the_first_is_remembered(
    verifier: TokenVerifier,
):
    verifier.verify(GENUINE)
    assert refusal(lambda: verifier.verify(respelled(GENUINE)))


def test_the_twin_that_anyone_can_make_of_a_signature_has_the_same_jti(verifier: TokenVerifier):
    assert twin(GENUINE) != GENUINE
    assert verifier.verify(twin(GENUINE)).claims["jti"] == verifier.verify(GENUINE).claims["jti"]


# Clocks that differ


@pytest.mark.parametrize(("claim", "direction"), [("exp", -1), ("iat", 1), ("nbf", 1)])
def test_a_clock_may_be_29_seconds_wrong_but_not_31(
    claim: str, direction: int, verifier: TokenVerifier
):
    assert verifier.verify(forge(claims=CLAIMS | {claim: NOW + 29 * direction}))
    assert refusal(
        lambda: verifier.verify(forge(claims=CLAIMS | {claim: NOW + 31 * direction})),
    )


@pytest.mark.parametrize("seconds", [-29, 629])
def test_a_host_whose_clock_is_29_seconds_off_still_believes_us(
    seconds: int, verifier: TokenVerifier, clock: time_machine.Traveller
):
    token = issue()
    clock.move_to(NOW + seconds)
    assert verifier.verify(token)


@pytest.mark.parametrize("seconds", [-31, 631])
def test_a_host_whose_clock_is_31_seconds_off_does_not(
    seconds: int, verifier: TokenVerifier, clock: time_machine.Traveller
):
    token = issue()
    clock.move_to(NOW + seconds)
    assert refusal(lambda: verifier.verify(token))


# What is remembered


def test_a_remembered_token_is_not_verified_again(verifier: TokenVerifier, signatures: list[bytes]):
    assert verifier.verify(GENUINE) is verifier.verify(GENUINE)
    assert len(signatures) == 1


def test_a_remembered_token_expires_all_the_same(
    verifier: TokenVerifier, clock: time_machine.Traveller
):
    verifier.verify(GENUINE)
    clock.move_to(CLAIMS["exp"] + 29)
    assert verifier.verify(GENUINE)
    clock.move_to(CLAIMS["exp"] + 30)
    assert refusal(lambda: verifier.verify(GENUINE)) == "expired since it was remembered"
    assert refusal(lambda: verifier.verify(GENUINE)) == "expired"


def test_a_remembered_token_is_refused_once_its_key_is_withdrawn(verifier: TokenVerifier):
    verifier.verify(GENUINE)
    verifier.keys = {FOREIGN_KEY.kid: FOREIGN_KEY.public_key}
    assert refusal(lambda: verifier.verify(GENUINE)) == "unknown kid"


def test_a_remembered_token_is_refused_once_its_kid_means_another_key(verifier: TokenVerifier):
    verifier.verify(GENUINE)
    verifier.keys = {KEY.kid: FOREIGN_KEY.public_key}
    assert refusal(lambda: verifier.verify(GENUINE)) == "Signature verification failed."


def test_a_token_stays_remembered_while_keys_come_and_go_beside_its_own(
    verifier: TokenVerifier, signatures: list[bytes]
):
    verifier.verify(GENUINE)
    verifier.keys = {KEY.kid: KEY.public_key, FOREIGN_KEY.kid: FOREIGN_KEY.public_key}
    assert verifier.verify(GENUINE)
    assert len(signatures) == 1


def test_beyond_the_bound_the_oldest_token_is_forgotten(
    verifier: TokenVerifier, signatures: list[bytes]
):
    verifier = TokenVerifier(ISSUER, AUDIENCE, verifier.keys, bound=2)
    first, second, third = issue(), issue(), issue()
    for token in (first, second, third, third, second):
        verifier.verify(token)
    assert len(signatures) == 3
    verifier.verify(first)
    assert len(signatures) == 4


def test_a_refused_token_is_not_remembered_and_displaces_none(
    verifier: TokenVerifier, signatures: list[bytes]
):
    verifier = TokenVerifier(ISSUER, AUDIENCE, verifier.keys, bound=1)
    forged = forge(key=FOREIGN)
    verifier.verify(GENUINE)
    refusal(lambda: verifier.verify(forged))
    refusal(lambda: verifier.verify(forged))
    verifier.verify(GENUINE)
    assert len(signatures) == 3


def test_memory_holds_no_token(verifier: TokenVerifier):
    verifier.verify(GENUINE)
    remembered = repr(vars(verifier))
    assert CLAIMS["jti"] in remembered
    assert not [part for part in GENUINE.split(".") if part in remembered]


def test_two_tokens_with_one_jti_are_not_confused(verifier: TokenVerifier):
    tokens = {role: forge(claims=CLAIMS | {"role": role}) for role in ("viewer", "learner")}
    for _ in range(2):
        for role, token in tokens.items():
            assert verifier.verify(token).claims["role"] == role


def test_what_is_forgotten_is_verified_again(verifier: TokenVerifier, signatures: list[bytes]):
    verifier.verify(GENUINE)
    verifier.forget()
    verifier.verify(GENUINE)
    assert len(signatures) == 2


def test_nobody_can_change_what_is_remembered(verifier: TokenVerifier):
    claims: Any = verifier.verify(GENUINE)
    with pytest.raises(TypeError):
        claims["role"] = "academy_admin"


# Clients that prove themselves by a signature (RFC 7523)

CLIENT = "hanoi-hr"
PROOF_HEADER = {"alg": "ES256"}
PROOF: dict[str, Any] = {
    "iss": CLIENT,
    "sub": CLIENT,
    "aud": ISSUER,
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "5f0c6b1e-6f0a-4f5e-8f63-3d0b5c2c4f11",
}
JWKS = [KEY.public_jwk()]


def prove(header=PROOF_HEADER, claims=PROOF, key=PRIVATE, keys=JWKS):
    token = forge(header, claims, key)
    return verify_client_assertion(token, keys, client_id=CLIENT, issuer=ISSUER)


GOOD_PROOFS: dict[str, dict] = {
    "nothing but alg in its header": {},
    "typ JWT": {"header": PROOF_HEADER | {"typ": "JWT"}},
    "a typ of its own": {"header": PROOF_HEADER | {"typ": "client-authentication+jwt"}},
    "its key named": {"header": PROOF_HEADER | {"kid": KEY.kid}},
    "its key named among several": {
        "header": PROOF_HEADER | {"kid": KEY.kid},
        "keys": [FOREIGN_KEY.public_jwk(), *JWKS],
    },
    "us in a list": {"claims": PROOF | {"aud": [ISSUER]}},
    "no iat": {"claims": without("iat", PROOF)},
    "nbf": {"claims": PROOF | {"nbf": NOW}},
    "five minutes to live": {"claims": PROOF | {"exp": NOW + 300}},
    "a clock that is 29 seconds fast": {"claims": PROOF | {"iat": NOW + 29}},
    "a clock that is 29 seconds slow": {"claims": PROOF | {"exp": NOW - 29}},
    "fractions of seconds": {"claims": PROOF | {"iat": NOW - 0.25, "exp": NOW + 59.75}},
    "a jti of 255 characters": {"claims": PROOF | {"jti": "x" * 255}},
}


@pytest.mark.parametrize("proof", GOOD_PROOFS.values(), ids=GOOD_PROOFS)
def test_a_client_is_believed_with(proof: dict):
    assert prove(**proof).jti == proof.get("claims", PROOF)["jti"]


@pytest.mark.parametrize("exp", [NOW + 60, NOW + 60.25])
def test_an_assertion_is_refused_from_the_moment_that_its_jti_may_be_forgotten(
    exp: float, clock: time_machine.Traveller
):
    claims = PROOF | {"exp": exp}
    until = prove(claims=claims).expires_at
    clock.move_to(until - timedelta(seconds=1))
    assert prove(claims=claims)
    clock.move_to(until)
    assert refusal(lambda: prove(claims=claims))


def test_an_assertion_says_when_its_jti_may_be_forgotten():
    assert prove().expires_at == datetime.fromtimestamp(NOW + 60 + 30, UTC)


def missing(name: str) -> tuple[dict, str]:
    return {"claims": without(name, PROOF)}, f'missing required key "{name}" among claims'


BAD_PROOFS = {
    "it says alg none": ({"header": {"alg": "none"}}, "alg"),
    "it says HS256": ({"header": {"alg": "HS256"}}, "alg"),
    "it is an access token": ({"header": PROOF_HEADER | {"typ": "at+jwt"}}, "typ"),
    "its typ is a list": ({"header": PROOF_HEADER | {"typ": ["JWT"]}}, "typ"),
    "it brings its own key": (
        {"header": PROOF_HEADER | {"jwk": FOREIGN_KEY.public_jwk()}, "key": FOREIGN},
        "header says more than alg, typ, kid",
    ),
    "its critical extension is unknown": (
        {"header": PROOF_HEADER | {"crit": ["b64"], "b64": False}},
        "header says more than alg, typ, kid",
    ),
    "another key signed it": ({"key": FOREIGN}, "Signature verification failed."),
    "it names another key of the client": (
        {
            "header": PROOF_HEADER | {"kid": FOREIGN_KEY.kid},
            "keys": [*JWKS, FOREIGN_KEY.public_jwk()],
        },
        "Signature verification failed.",
    ),
    "it names none of several keys": (
        {"keys": [*JWKS, FOREIGN_KEY.public_jwk()]},
        "no single key is meant",
    ),
    "it names a key that the client does not have": (
        {"header": PROOF_HEADER | {"kid": "../key"}},
        "no single key is meant",
    ),
    "it names a key null": (
        {"header": PROOF_HEADER | {"kid": None}},
        "no single key is meant",
    ),
    "two keys bear the name": (
        {"header": PROOF_HEADER | {"kid": KEY.kid}, "keys": JWKS * 2},
        "no single key is meant",
    ),
    "the client has no key": ({"keys": []}, "no single key is meant"),
    "the client's key is RSA": ({"keys": [{"kty": "RSA", "n": "AQ", "e": "AQAB"}]}, "ValueError"),
    "it does not say who it is from": missing("iss"),
    "it does not say who it is about": missing("sub"),
    "it does not say whom it is for": missing("aud"),
    "it never expires": missing("exp"),
    "it has no jti": missing("jti"),
    "another client issued it": ({"claims": PROOF | {"iss": "hue-hr"}}, "Invalid issuer"),
    "it is about another client": ({"claims": PROOF | {"sub": "hue-hr"}}, "Invalid subject"),
    "it is for our token endpoint": (
        {"claims": PROOF | {"aud": f"{ISSUER}/oauth/token"}},
        "Invalid audience",
    ),
    "it is for our issuer with a slash": (
        {"claims": PROOF | {"aud": f"{ISSUER}/"}},
        "Invalid audience",
    ),
    "it is for us and somebody else": (
        {"claims": PROOF | {"aud": [ISSUER, "https://other.example"]}},
        "aud names others too",
    ),
    "it is for us twice": (
        {"claims": PROOF | {"aud": [ISSUER, ISSUER]}},
        "aud names others too",
    ),
    "it expired": ({"claims": PROOF | {"exp": NOW - 31}}, "Signature has expired."),
    "it lives a second longer than five minutes": (
        {"claims": PROOF | {"exp": NOW + 301}},
        "exp is too far ahead",
    ),
    "it writes exp as a string": (
        {"claims": PROOF | {"exp": str(NOW + 60)}},
        "exp is not a NumericDate",
    ),
    "it was issued in the future": (
        {"claims": PROOF | {"iat": NOW + 31}},
        "issued or valid only in the future",
    ),
    "it is not valid yet": (
        {"claims": PROOF | {"nbf": NOW + 31}},
        "The token is not yet valid (nbf)",
    ),
    "its jti is a number": ({"claims": PROOF | {"jti": 1}}, "JWT ID must be a string."),
    "its jti is empty": (
        {"claims": PROOF | {"jti": ""}},
        "a required claim is empty",
    ),
    "its jti holds a line feed": (
        {"claims": PROOF | {"jti": "a\nb"}},
        "jti is not a short printable name",
    ),
    "its jti is too long to keep": (
        {"claims": PROOF | {"jti": "x" * 256}},
        "jti is not a short printable name",
    ),
    "its jti holds a NUL, which no database keeps": (
        {"claims": PROOF | {"jti": "a\0b"}},
        "jti is not a short printable name",
    ),
    "it names its jti twice": (
        {"claims": '{"jti":"fresh",' + json.dumps(PROOF)[1:]},
        "a name occurs twice",
    ),
    "it is too long": ({"claims": PROOF | {"fill": "x" * 9_000}}, "shape"),
}


@pytest.mark.parametrize(("proof", "reason"), BAD_PROOFS.values(), ids=BAD_PROOFS)
def test_a_client_is_refused_when(proof: dict, reason: str):
    assert refusal(lambda: prove(**proof)) == reason


def test_a_client_assertion_spelt_another_way_is_refused():
    token = respelled(forge(PROOF_HEADER, PROOF))
    reason = refusal(lambda: verify_client_assertion(token, JWKS, client_id=CLIENT, issuer=ISSUER))
    assert reason == "base64url is not canonical"


def test_an_access_token_proves_no_client():
    token = forge(HEADER, PROOF)
    assert refusal(
        lambda: verify_client_assertion(token, JWKS, client_id=CLIENT, issuer=ISSUER)
    ) == ("typ")


def test_a_client_assertion_is_no_access_token(verifier: TokenVerifier):
    token = forge(HEADER | {"typ": "client-authentication+jwt"}, CLAIMS)
    assert refusal(lambda: verifier.verify(token)) == "typ"
