"""An authorization code is good once, for a minute, for the program that asked, and no other."""

import asyncio
from collections import Counter
from secrets import token_urlsafe

import pytest

from tests.oauth.browser import Browser
from tests.oauth.people import Person, ends, execute, noted
from tests.oauth.programs import Portal, SignedIn, code_of, refused
from tests.world import World, everything

NOT_GOOD = (400, "invalid_grant")


@pytest.fixture
async def code(browser: Browser, portal: Portal, linh: Person) -> str:
    return await code_of(browser, portal, linh)


async def test_a_code_shown_twice_was_stolen_so_the_sign_in_ends(
    world: World, portal: Portal, linh: Person, code: str, academy
):
    first = SignedIn((await portal.exchanges(code)).json(), portal, world)
    assert await first.calls() == 200
    assert refused(await portal.exchanges(code)) == NOT_GOOD

    assert await first.calls() == 401, "whoever was first may have been the thief"
    assert refused(await portal.refreshes(first.refresh)) == NOT_GOOD
    assert await ends(world, linh) == ["code_reused"]
    assert await noted(world, linh.memberships[0]) == ["used before"]
    (sign_in,) = await execute(world, "select id from sign_ins where user_id = :i", i=linh.id)
    entries = await everything(academy, "/audit-entries", row=str(sign_in.id))
    told = {(one["operation"], one["changes"].get("ended_because", [None])[-1]) for one in entries}
    assert ("update", "code_reused") in told
    assert "insert" in {operation for operation, _ in told}


async def test_a_code_is_good_for_a_minute(world: World, portal: Portal, linh, code):
    later = "update authorization_codes set expires_at = expires_at - interval '61 s'"
    await execute(world, f"{later} where membership_id = :id", id=linh.memberships[0])
    assert refused(await portal.exchanges(code)) == NOT_GOOD
    assert await ends(world, linh) == []
    assert await noted(world, linh.memberships[0]) == ["expired"]


async def test_a_code_that_another_program_got_hold_of_is_worth_nothing_to_it(
    world: World, portal: Portal, other_portal: Portal, linh: Person, code: str
):
    stolen = {"redirect_uri": portal.redirect_uri, "code_verifier": portal.verifier}
    assert refused(await other_portal.exchanges(code, **stolen)) == NOT_GOOD
    assert await noted(world, linh.memberships[0]) == ["another client's"]
    assert (await portal.exchanges(code)).status_code == 200, "it was not used up"


async def test_a_thief_cannot_end_a_sign_in_with_the_code_of_another_program(
    world: World, portal: Portal, other_portal: Portal, linh: Person, code: str
):
    await portal.exchanges(code)
    assert refused(await other_portal.exchanges(code)) == NOT_GOOD
    assert await ends(world, linh) == [None]


@pytest.mark.parametrize("proof", ["secret", "key"])
async def test_a_code_is_worth_nothing_without_the_programs_proof(
    world: World, browser: Browser, linh: Person, proof: str
):
    portal = await Portal(world, proof).opened()
    code = await code_of(browser, portal, linh)
    portal.proof = "none"
    assert refused(await portal.exchanges(code)) == (401, "invalid_client")


@pytest.mark.parametrize("uri", [None, "https://evil.example/", "{}/too", "{}/", "{}?x"])
async def test_a_code_is_exchanged_with_the_address_that_it_was_sent_to(
    portal: Portal, code: str, uri: str | None
):
    other = uri and uri.format(portal.redirect_uri)
    assert refused(await portal.exchanges(code, redirect_uri=other)) == NOT_GOOD


@pytest.mark.parametrize(
    "verifier",
    [
        token_urlsafe(32),
        "x",
        "x" * 42,
        "x" * 129,
        "tiếng Việt".ljust(43, "x"),
        "the challenge",
    ],
    ids=["another", "short", "nearly long enough", "too long", "unusual", "the challenge itself"],
)
async def test_a_code_is_exchanged_with_the_verifier_of_its_challenge(
    world: World, portal: Portal, linh: Person, code: str, verifier: str
):
    if verifier == "the challenge":
        verifier = portal.request()["code_challenge"]
    assert refused(await portal.exchanges(code, code_verifier=verifier)) == NOT_GOOD
    assert await noted(world, linh.memberships[0]) == ["wrong code_verifier"]


async def test_a_short_verifier_is_refused_even_with_its_own_challenge(
    browser: Browser, portal: Portal, linh: Person
):
    portal.verifier = "short"
    code = await code_of(browser, portal, linh)
    assert refused(await portal.exchanges(code)) == NOT_GOOD


async def test_without_a_verifier_or_a_code_nothing_is_exchanged(portal: Portal, code: str):
    for missing in ({"code_verifier": None}, {"code_verifier": ""}, {"code": None}):
        answer = await portal.exchanges(**({"code": code} | missing))
        assert refused(answer) == (400, "invalid_request")
    assert (await portal.exchanges(code)).status_code == 200


@pytest.mark.parametrize("code", ["", "x", "x" * 5000, "mã"])
async def test_what_is_no_code_is_refused_like_one_that_is_not_good(portal: Portal, code: str):
    status, error = refused(await portal.exchanges(code))
    assert (status, error) in (NOT_GOOD, (400, "invalid_request"))


async def test_of_many_exchanges_at_once_one_at_most_succeeds(
    world: World, portal: Portal, linh: Person, code: str
):
    answers = await asyncio.gather(*(portal.exchanges(code) for _ in range(20)))
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {200: 1, 400: 19}
    assert await ends(world, linh) == ["code_reused"]


async def test_only_hashes_of_codes_and_tokens_are_kept(
    world: World, linh: Person, linh_signed_in: SignedIn
):
    rows = await execute(world, "select * from refresh_tokens")
    rows += await execute(world, "select * from authorization_codes")
    kept = [bytes(value) for row in rows for value in row if isinstance(value, (bytes, memoryview))]
    assert kept
    assert linh_signed_in.refresh.encode() not in kept
    assert {len(one) for one in kept} == {32}
