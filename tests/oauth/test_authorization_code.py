"""Somebody signs in on our pages, and the program that sent them may act for them from then on."""

from datetime import timedelta

import pytest
from jose import jwt

from app.access.models import Client, Membership, User
from tests.oauth.browser import Browser
from tests.oauth.people import Person, change, execute, person
from tests.oauth.programs import Portal, code_of, refused, signed_in
from tests.world import World, add_learner, problem

ISSUER = "http://127.0.0.1:8000"


@pytest.mark.parametrize("proof", ["none", "secret", "key"])
async def test_whoever_signs_in_lets_the_program_act_for_them(
    world: World, browser: Browser, linh: Person, proof: str
):
    portal = await Portal(world, proof).opened()
    page = await browser.opens("/oauth/authorize", portal.request())
    assert portal.name in page.said
    page = await browser.signs_in(linh)
    assert "Coordinator" in page.said
    told = await browser.allows()
    assert browser.sent_to.startswith(f"{portal.redirect_uri}?")
    assert (told["state"], told["iss"]) == ("back to page 7", ISSUER)
    assert set(told) == {"code", "state", "iss"}

    answer = await portal.exchanges(told["code"])
    issued = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(issued) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (issued["token_type"], issued["expires_in"]) == ("Bearer", 600)
    claims = jwt.get_unverified_claims(issued["access_token"])
    (sign_in,) = await execute(
        world, "select id, client, method from sign_ins where user_id = :id", id=linh.id
    )
    assert claims["sid"] == str(sign_in.id)
    assert (claims["sub"], claims["client_id"]) == (str(linh.id), portal.name)
    assert (sign_in.client, sign_in.method) == (portal.name, "password")

    added = await add_learner(await world.holding(issued["access_token"]))
    assert added["organization_id"] == str(await world.organization("hanoi"))


async def test_without_a_state_none_is_sent_back(browser: Browser, portal: Portal, linh: Person):
    await browser.opens("/oauth/authorize", portal.request(state=None))
    await browser.signs_in(linh)
    assert set(await browser.allows()) == {"code", "iss"}


async def test_who_has_two_roles_chooses_one(world: World, browser: Browser, portal: Portal):
    hanoi, hue = await world.organization("hanoi"), await world.organization("hue")
    both = await person(world, ("coordinator", hanoi), ("viewer", hue))
    await browser.opens("/oauth/authorize", portal.request())
    page = await browser.signs_in(both)
    assert page.forms["/oauth/consent"].choices == [str(id) for id in both.memberships]
    told = await browser.allows(both.memberships[1])
    claims = jwt.get_unverified_claims(
        (await portal.exchanges(told["code"])).json()["access_token"]
    )
    assert (claims["role"], claims["org"]) == ("viewer", str(hue))


async def test_a_provinces_program_acts_only_for_members_of_that_province(
    world: World, browser: Browser
):
    hanoi, hue = await world.organization("hanoi"), await world.organization("hue")
    both = await person(world, ("coordinator", hanoi), ("viewer", hue))
    theirs = await Portal(world).opened(hue)
    await browser.opens("/oauth/authorize", theirs.request())
    page = await browser.signs_in(both)
    assert page.forms["/oauth/consent"].choices == [str(both.memberships[1])]
    refusal = await browser.allows(both.memberships[0])
    assert refusal["error"] == "access_denied"

    stranger = await person(world, ("coordinator", hanoi))
    await browser.opens("/oauth/authorize", theirs.request())
    page = await browser.signs_in(stranger)
    assert page.status == 403
    assert "This program is not for you" in page.said


class TestScopes:
    async def test_narrow_what_the_program_may_do(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        linhs = await signed_in(browser, portal, linh, scope="learners:read me:read")
        assert linhs.tokens["scope"] == "learners:read me:read"
        calling = await world.holding(linhs.access)
        assert (await calling.get("/learners")).status_code == 200
        assert problem(await calling.post("/learners", json={})) == (403, "forbidden")
        assert problem(await calling.get("/organizations")) == (403, "forbidden")

    async def test_are_told_to_whoever_approves(self, browser: Browser, portal: Portal, linh):
        await browser.opens("/oauth/authorize", portal.request(scope="units:write"))
        assert "Add and change units" in (await browser.signs_in(linh)).said

    async def test_never_widen_a_role(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        everything = "learners:read organizations:write users:write audit:read"
        linhs = await signed_in(browser, portal, linh, scope=everything)
        assert linhs.tokens["scope"] == "audit:read learners:read"
        calling = await world.holding(linhs.access)
        assert problem(await calling.post("/organizations", json={})) == (403, "forbidden")

    async def test_of_which_the_role_has_none_are_no_approval_of_everything(
        self, browser: Browser, portal: Portal, linh: Person
    ):
        wanted = portal.request(scope="organizations:write users:write")
        await browser.opens("/oauth/authorize", wanted)
        await browser.signs_in(linh)
        told = await browser.allows()
        assert told["error"] == "access_denied"
        assert "code" not in told

    async def test_of_nothing_are_as_none(self, browser: Browser, portal: Portal, linh: Person):
        """RFC 6749, 3.1: a parameter without a value is as if it were left out."""
        linhs = await signed_in(browser, portal, linh, scope="")
        assert await linhs.calls("/organizations") == 200

    async def test_bind_the_tokens_that_follow_too(self, world: World, browser, portal, linh):
        linhs = await signed_in(browser, portal, linh, scope="learners:read")
        later = (await portal.refreshes(linhs.refresh, scope="learners:write")).json()
        assert later["scope"] == "learners:read"
        calling = await world.holding(later["access_token"])
        assert problem(await calling.post("/learners", json={})) == (403, "forbidden")


class TestWhatHappensBeforeTheExchange:
    """A minute lies between the approval and the exchange."""

    async def test_who_is_disabled_is_not_signed_in(self, world, browser, portal, linh):
        code = await code_of(browser, portal, linh)
        async with world.session() as session:
            user = await session.get_one(User, linh.id)
            user.disabled_at = user.created_at
        assert refused(await portal.exchanges(code)) == (400, "invalid_grant")

    async def test_whose_membership_ended_is_not_signed_in(self, world, browser, portal, linh):
        code = await code_of(browser, portal, linh)
        async with world.session() as session:
            held = await session.get_one(Membership, linh.memberships[0])
            held.ended_at = held.created_at
        assert refused(await portal.exchanges(code)) == (400, "invalid_grant")

    async def test_who_got_another_role_comes_in_with_that_one(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        code = await code_of(browser, portal, linh, scope="learners:read learners:write")
        mine = Membership.id == linh.memberships[0]
        await change(world, Membership, mine, role="viewer")
        issued = (await portal.exchanges(code)).json()
        calling = await world.holding(issued["access_token"])
        assert (await calling.get("/learners")).status_code == 200
        assert problem(await calling.post("/learners", json={})) == (403, "forbidden")

    async def test_whose_password_was_changed_is_not_signed_in(self, world, browser, portal, linh):
        """Whoever holds a code that a thief of the password got holds nothing."""
        code = await code_of(browser, portal, linh)
        await execute(
            world, "update passwords set changed_at = now() where user_id = :id", id=linh.id
        )
        assert refused(await portal.exchanges(code)) == (400, "invalid_grant")


async def test_a_sign_in_lasts_as_long_as_the_installation_says(
    world: World, browser: Browser, portal: Portal, linh: Person
):
    await signed_in(browser, portal, linh)
    (row,) = await execute(
        world, "select expires_at - created_at from sign_ins where user_id = :id", id=linh.id
    )
    assert abs(row[0] - timedelta(days=30)) < timedelta(minutes=1)


async def test_a_program_with_scopes_goes_no_further_for_people_either(
    world: World, browser: Browser, linh: Person
):
    """Nor after it was narrowed: the next token goes as far as it may then."""
    portal = await Portal(world).opened()
    await _gets(world, portal, "learners:read", "units:write")
    told = await browser.opens("/oauth/authorize", portal.request(scope="audit:read"))
    assert told.status == 303
    assert browser.answer["error"] == "invalid_scope"

    issued = (await signed_in(browser, portal, linh)).refresh
    await _gets(world, portal, "learners:read")
    narrowed = (await portal.refreshes(issued)).json()
    assert narrowed["scope"] == "learners:read me:read"
    holder = await world.holding(narrowed["access_token"])
    assert (await holder.get("/learners")).status_code == 200
    assert problem(await holder.post("/learners", json={})) == (403, "forbidden")


async def _gets(world: World, portal: Portal, *scopes: str) -> None:
    async with world.session() as session:
        (await session.get_one(Client, portal.id)).scopes = list(scopes)
