"""The keys of an outside issuer: read when needed, kept while they cannot be, gone when gone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx import Response
from structlog.testing import capture_logs

from app.access import outside_keys as jwks
from tests.access.elsewhere import LOOK, Elsewhere, Serving, assert_refused
from tests.access.outside_issuer import EC, FOREIGN, RSA, OutsideIssuer, ec_key, rsa_key
from tests.world import problem


async def eventually(so: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1_000):
        if await so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("never")


async def answered(status: int, asked: Callable[[], Awaitable[Response]]) -> None:
    """Sooner or later it is."""

    async def so() -> bool:
        return (await asked()).status_code == status

    await eventually(so)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "REFRESH_SECONDS", 0.05)
    monkeypatch.setattr(jwks, "SOONEST_SECONDS", 0.0)


async def test_a_new_key_is_looked_for_as_soon_as_a_token_names_it(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
):
    async with OutsideIssuer(RSA) as issuer, serving(issuer) as world:
        place = Elsewhere(issuer, world)
        assert (await place.get(issuer.token())).status_code == 200
        new = rsa_key("new")
        issuer.publishes([key.as_dict(private=False) for key in (RSA, new)])
        monkeypatch.setattr(jwks, "SOONEST_SECONDS", 0.0)
        assert (await place.get(issuer.token(new))).status_code == 200


async def test_however_many_unknown_keys_are_named_the_issuer_is_asked_once(elsewhere: Elsewhere):
    await elsewhere.get(elsewhere.issuer.token())
    asked = elsewhere.issuer.asked["/keys"]
    strange = [elsewhere.issuer.token(FOREIGN, header={"kid": f"k{n}"}) for n in range(30)]
    for answer in await asyncio.gather(*map(elsewhere.get, strange)):
        assert_refused(answer)
    assert elsewhere.issuer.asked["/keys"] == asked == 1


async def test_a_key_that_is_published_no_more_verifies_no_more(serving: Serving, impatient: None):
    async with OutsideIssuer() as issuer, serving(issuer) as world:
        place, token, other = Elsewhere(issuer, world), issuer.token(), issuer.token(EC)
        assert (await place.get(token)).status_code == 200
        issuer.publishes([EC.as_dict(private=False)])
        await answered(401, lambda: place.get(token))
        assert (await place.get(other)).status_code == 200


async def test_while_an_issuer_cannot_be_read_its_last_keys_hold(serving: Serving, impatient: None):
    async with OutsideIssuer() as issuer, serving(issuer) as world:
        place = Elsewhere(issuer, world)
        assert (await place.get(issuer.token())).status_code == 200
        for status, document in (
            (500, {}),
            (200, {"keys": {}}),
            (200, {"keys": [], "fill": "x" * 600_000}),
            (302, {}),
        ):
            issuer.status, issuer.document = status, document
            with capture_logs() as lines:

                async def told_twice(lines: list[Any] = lines) -> bool:
                    return [line["event"] for line in lines].count("issuer_keys_not_read") > 1

                await eventually(told_twice)
            assert {line["issuer"] for line in lines if "issuer" in line} == {issuer.url}
            assert (await place.get(issuer.token())).status_code == 200


async def test_an_issuer_that_was_never_read_is_not_there_yet(serving: Serving):
    async with OutsideIssuer() as issuer:
        issuer.status = 503
        async with serving(issuer) as world:
            place = Elsewhere(issuer, world)
            for _ in range(3):
                assert problem(await place.get(issuer.token())) == (503, "unavailable")
            assert issuer.asked.total() == 1
            ours = await world.somebody("viewer", await world.organization("hanoi"))
            assert (await ours.get(LOOK)).status_code == 200
            issuer.status = 200


async def test_an_issuer_is_found_again_by_itself(serving: Serving, impatient: None):
    async with OutsideIssuer() as issuer:
        issuer.says_it_is = "https://another.example"
        async with serving(issuer) as world:
            place = Elsewhere(issuer, world)
            assert problem(await place.get(issuer.token())) == (503, "unavailable")
            assert issuer.asked["/keys"] == 0, "it says that it is another"
            issuer.says_it_is = ""
            await answered(200, lambda: place.get(issuer.token()))


async def test_where_keys_are_may_be_said_instead_of_discovered(serving: Serving):
    async with OutsideIssuer() as issuer, serving(issuer, jwks_uri=f"{issuer.url}/keys") as world:
        assert (await Elsewhere(issuer, world).get(issuer.token())).status_code == 200
        assert set(issuer.asked) == {"/keys"}


ENCRYPTS = rsa_key("enc", use="enc")
SHORT = rsa_key("short", bits=1024)
NAMELESS = {name: value for name, value in RSA.as_dict(private=False).items() if name != "kid"}
JWKS: dict[str, tuple[list[Any], str | None, int]] = {
    "a sole key needs no name": ([RSA.as_dict(private=False)], None, 200),
    "nor has it one": ([NAMELESS], None, 200),
    "a key without a name is not the one that is named": ([NAMELESS], "rsa", 401),
    "nor is it among others": ([NAMELESS, EC.as_dict(private=False)], None, 401),
    "a key to encrypt does not count": (
        [RSA.as_dict(private=False), ENCRYPTS.as_dict(private=False)],
        None,
        200,
    ),
    "two keys of one name are none": (
        [rsa_key("rsa").as_dict(private=False), RSA.as_dict(private=False)],
        "rsa",
        401,
    ),
    "but one to encrypt with may share it": (
        [RSA.as_dict(private=False), ENCRYPTS.as_dict(private=False) | {"kid": "rsa"}],
        "rsa",
        200,
    ),
    "what is no key does not count": (["x", None, {}, RSA.as_dict(private=False)], "rsa", 200),
    "a key that everybody can sign with is none": ([RSA.as_dict(private=True)], "rsa", 401),
    "a key for another algorithm is none": (
        [RSA.as_dict(private=False) | {"alg": "RS512"}],
        "rsa",
        401,
    ),
    "a key that may only sign is none": (
        [RSA.as_dict(private=False) | {"key_ops": ["sign"]}],
        "rsa",
        401,
    ),
    "where there is no key, nobody comes in": ([], "rsa", 401),
}


@pytest.mark.parametrize(("published", "kid", "status"), JWKS.values(), ids=JWKS)
async def test_of_published_keys(
    serving: Serving, published: list[Any], kid: str | None, status: int
):
    async with OutsideIssuer() as issuer:
        issuer.publishes(published)
        async with serving(issuer) as world:
            response = await Elsewhere(issuer, world).get(issuer.token(header={"kid": kid}))
            assert response.status_code == status, response.text


@pytest.mark.parametrize("key", [SHORT, ec_key("big", "P-384")], ids=["1024 bits", "P-384"])
async def test_a_key_that_is_not_as_strong_as_it_should_be_or_another_curves_is_none(
    serving: Serving, key: Any
):
    async with OutsideIssuer(key) as issuer, serving(issuer) as world:
        assert_refused(await Elsewhere(issuer, world).get(issuer.token(key)))


async def test_an_algorithm_that_the_operator_does_not_allow_is_refused(serving: Serving):
    async with OutsideIssuer() as issuer, serving(issuer, algorithms=["ES256"]) as world:
        assert_refused(await Elsewhere(issuer, world).get(issuer.token(RSA)))
        assert (await Elsewhere(issuer, world).get(issuer.token(EC))).status_code == 200
