"""No token of an outside issuer is believed that is not in every way as it should be."""

import json
from collections.abc import Callable
from hmac import digest
from time import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select

from app.access.models import Identity
from tests.access.attacks import encode
from tests.access.elsewhere import Elsewhere, assert_refused
from tests.access.outside_issuer import AUDIENCE, EC, FOREIGN, RSA, OutsideIssuer, sealed


def with_mac(issuer: OutsideIssuer, algorithm: str, encoding: Encoding, form: PublicFormat) -> str:
    secret = RSA.public_key.public_bytes(encoding, form)
    signed = f"{encode(issuer.header(alg=algorithm))}.{encode(issuer.claims())}"
    return f"{signed}.{encode(digest(secret, signed.encode(), algorithm.replace('HS', 'sha')))}"


SPKI = PublicFormat.SubjectPublicKeyInfo
OTHERS_JWK = FOREIGN.as_dict(private=False)
ATTACKS: dict[str, Callable[[OutsideIssuer], str]] = {
    "its secret is the public key as PEM": lambda i: with_mac(i, "HS256", Encoding.PEM, SPKI),
    "its secret is the public key as DER": lambda i: with_mac(i, "HS512", Encoding.DER, SPKI),
    "it says alg none": lambda i: i.token(header={"alg": "none"}),
    "it has no signature": lambda i: i.token(header={"alg": "none"}).rpartition(".")[0] + ".",
    "it says ES256 of an RSA key": lambda i: i.token(header={"alg": "ES256"}),
    "it says RS256 of a P-256 key": lambda i: i.token(EC, header={"alg": "RS256"}),
    "it says PS256": lambda i: i.token(header={"alg": "PS256"}),
    "another key signed it": lambda i: i.token(FOREIGN, header={"kid": "rsa"}),
    "its kid is unknown": lambda i: i.token(FOREIGN),
    "its kid is missing": lambda i: i.token(header={"kid": None}),
    "its kid is empty": lambda i: i.token(header={"kid": ""}),
    "its kid is a list": lambda i: i.token(header={"kid": ["rsa"]}),
    "it brings its own key": lambda i: i.token(FOREIGN, header={"jwk": OTHERS_JWK}),
    "it says where its key is": lambda i: i.token(FOREIGN, header={"jku": f"{i.url}/keys"}),
    "it brings a certificate": lambda i: i.token(header={"x5c": ["MII"]}),
    "it is critical": lambda i: i.token(header={"crit": ["exp"]}),
    "it is of another kind": lambda i: i.token(header={"typ": "logout+jwt"}),
    "it is for nobody": lambda i: i.token(aud=None),
    "it is for somebody else": lambda i: i.token(aud="account"),
    "it is for others only": lambda i: i.token(aud=["account", f"{AUDIENCE}2"]),
    "it is an ID token": lambda i: i.token(aud="portal", azp="portal", typ="ID", nonce="n"),
    "it is an ID token for us": lambda i: i.token(aud=AUDIENCE, typ=None, at_hash="x" * 22),
    "it is a refresh token": lambda i: i.token(typ="Refresh"),
    "it is good with a proof only": lambda i: i.token(cnf={"jkt": "x"}),
    "it is a program's": lambda i: i.token(sub="portal", client_id="portal"),
    "its issuer has a slash more": lambda i: i.token(iss=f"{i.url}/"),
    "it has no issuer": lambda i: i.token(iss=None),
    "it has a list of issuers": lambda i: i.token(iss=[i.url]),
    "it is about nobody": lambda i: i.token(sub=None),
    "its subject is empty": lambda i: i.token(sub=""),
    "its subject is a number": lambda i: i.token(sub=1),
    "its subject holds a NUL": lambda i: i.token(sub="a\0"),
    "its subject is too long": lambda i: i.token(sub="s" * 256),
    "it never expires": lambda i: i.token(exp=None),
    "it expired": lambda i: i.token(exp=int(time()) - 31),
    "it expires at a text": lambda i: i.token(exp="9999999999"),
    "it does not say when it was issued": lambda i: i.token(iat=None),
    "it was issued in the future": lambda i: i.token(iat=int(time()) + 90),
    "it was issued before time began": lambda i: i.token(iat=-(10**18)),
    "it is not valid yet": lambda i: i.token(nbf=int(time()) + 90),
    "its claims name a role twice": lambda i: sealed(
        RSA, i.header(), '{"organization":"hue",' + json.dumps(i.claims())[1:]
    ),
    "its claims are no object": lambda i: sealed(RSA, i.header(), [i.claims()]),
    "its claims are nested too deep": lambda i: sealed(RSA, i.header(), "[" * 5_000),
    "it is too long": lambda i: i.token(fill="x" * 7_000),
    "it is padded": lambda i: f"{i.token()}==",
    "its role is not mapped": lambda i: i.token(realm_access={"roles": ["admin"]}),
    "its role is not mapped though it is one of ours": lambda i: i.token(
        realm_access={"roles": ["academy_admin"]}
    ),
    "it has no roles": lambda i: i.token(realm_access=None),
    "its roles are no list": lambda i: i.token(realm_access={"roles": {"bg-viewer": True}}),
    "its roles are deeper than thought": lambda i: i.token(realm_access={"roles": [["bg-viewer"]]}),
    "two of its roles are mapped": lambda i: i.token(
        realm_access={"roles": ["bg-coordinator", "bg-viewer"]}
    ),
    "its role is the Academy's, and its organisation is not": lambda i: i.token(
        realm_access={"roles": ["bg-all"]}
    ),
    "it has no organisation": lambda i: i.token(organization=None),
    "its organisation is not mapped": lambda i: i.token(organization="T-1"),
    "two of its organisations are mapped": lambda i: i.token(organization=["ha-noi", "hue"]),
    "its organisation is closed": lambda i: i.token(organization="former"),
    "its organisation does not exist": lambda i: i.token(organization="nowhere"),
}


async def test_a_token_is_refused_when(elsewhere: Elsewhere, subtests: pytest.Subtests):
    for says, forge in ATTACKS.items():
        with subtests.test(says):
            assert_refused(await elsewhere.get(forge(elsewhere.issuer)))
    assert (await elsewhere.get(elsewhere.issuer.token())).status_code == 200
    async with elsewhere.world.session() as session:
        came = select(func.count()).where(Identity.issuer == elsewhere.issuer.url)
        assert await session.scalar(came) == 1, "nobody came in but the last"


async def test_a_token_that_was_believed_expires_all_the_same(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
):
    token = elsewhere.issuer.token()
    assert (await elsewhere.get(token)).status_code == 200
    monkeypatch.setattr("app.access.tokens.time", lambda: time() + 331)
    assert_refused(await elsewhere.get(token))


async def test_nothing_of_a_refused_token_leads_anywhere(elsewhere: Elsewhere):
    async with OutsideIssuer() as stranger:
        for iss in (stranger.url, "https://login.example", "", 5):
            assert_refused(await elsewhere.get(stranger.token(iss=iss)))
        assert stranger.asked.total() == 0
