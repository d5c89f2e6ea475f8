"""The second proof: six digits of an authenticator, each taken once, or a recovery code."""

import asyncio
from time import time

import pytest
import time_machine
from jose import jwt
from sqlalchemy import func

from app.access.models import User
from tests.oauth.browser import Browser, Page
from tests.oauth.conftest import Opening
from tests.oauth.people import (
    PASSWORD,
    Authenticator,
    Person,
    change,
    execute,
    noted,
    person,
    prolong_delays,
)
from tests.oauth.programs import Portal, code_of
from tests.world import World

AUTHORIZE = "/oauth/authorize"


class Equipped:
    """Linh, with an authenticator and recovery codes; its first code is used."""

    def __init__(self, linh: Person, key: str, codes: list[str]) -> None:
        self.person, self.authenticator, self.codes = linh, Authenticator(key), codes


async def equips(browser: Browser, authenticator: Authenticator) -> Page:
    """With the code before the present one, which is still to be used; time must not go on."""
    with time_machine.travel(time(), tick=False):
        return await browser.sends("/oauth/authenticator", code=authenticator.shows(-1))


@pytest.fixture
async def equipped(browser: Browser, linh: Person) -> Equipped:
    await browser.opens("/oauth/account")
    await browser.signs_in(linh)
    page = await browser.sends("/oauth/account/authenticator")
    key = page.key
    page = await equips(browser, Authenticator(key))
    assert page.status == 200, page.said
    return Equipped(linh, key, page.recovery_codes)


async def to_the_code(browser: Browser, portal: Portal, person: Person) -> Page:
    await browser.opens(AUTHORIZE, portal.request())
    page = await browser.signs_in(person)
    assert "/oauth/code" in page.forms, page.said
    return page


async def test_whoever_has_an_authenticator_shows_its_code(
    world: World, browser: Browser, portal: Portal, equipped: Equipped
):
    await to_the_code(browser, portal, equipped.person)
    await browser.shows(equipped.authenticator.shows())
    issued = await portal.exchanges((await browser.allows())["code"])
    sid = jwt.get_unverified_claims(issued.json()["access_token"])["sid"]
    (row,) = await execute(world, "select method from sign_ins where id = :id", id=sid)
    assert row.method == "password_and_code"


async def test_the_password_alone_opens_nothing(
    browser: Browser, portal: Portal, equipped: Equipped
):
    page = await to_the_code(browser, portal, equipped.person)
    membership = str(equipped.person.memberships[0])
    for step in ("consent", "continue", "account/password", "account/authenticator"):
        sent = {"flow": page.flow, "membership": membership, "decision": "allow"}
        sent |= {"present": PASSWORD, "password": "x" * 20, "again": "x" * 20}
        answer = Page(await browser.client.post(f"/oauth/{step}", data=sent))
        assert (answer.status, "begin again" in answer.said) == (400, True)


async def test_the_password_alone_sets_up_no_other_authenticator(
    browser: Browser, portal: Portal, equipped: Equipped, world: World
):
    page = await to_the_code(browser, portal, equipped.person)
    sent = {"flow": page.flow, "code": equipped.authenticator.shows()}
    answer = Page(await browser.client.post("/oauth/authenticator", data=sent))
    assert "/oauth/code" in answer.forms


async def test_a_page_kept_from_before_opens_nothing_once_there_is_an_authenticator(
    world: World, browsers: Opening, portal: Portal, linh: Person
):
    """A thief of the password was there first, and waited."""
    thief, home = browsers(world), browsers(world, **{"Accept-Language": "en"})
    await thief.opens(AUTHORIZE, portal.request())
    kept = await thief.signs_in(linh)
    await home.opens("/oauth/account")
    await home.signs_in(linh)
    page = await home.sends("/oauth/account/authenticator")
    await home.sends("/oauth/authenticator", code=Authenticator(page.key).shows())
    sent = {"membership": str(linh.memberships[0]), "decision": "allow"}
    assert (await thief.sends("/oauth/consent", kept, **sent)).status == 400


class TestCode:
    async def test_is_taken_once(self, browser: Browser, portal: Portal, equipped: Equipped):
        code = equipped.authenticator.shows()
        await to_the_code(browser, portal, equipped.person)
        assert "/oauth/consent" in (await browser.shows(code)).forms
        await to_the_code(browser, portal, equipped.person)
        page = await browser.shows(code)
        assert (page.status, "was used before" in page.said) == (403, True)

    async def test_that_set_the_authenticator_up_is_used(
        self, browser: Browser, portal: Portal, linh: Person
    ):
        await browser.opens("/oauth/account")
        await browser.signs_in(linh)
        page = await browser.sends("/oauth/account/authenticator")
        code = Authenticator(page.key).shows()
        await browser.sends("/oauth/authenticator", code=code)
        await to_the_code(browser, portal, linh)
        assert (await browser.shows(code)).status == 403

    async def test_of_several_at_once_is_taken_by_one(
        self, world: World, browsers: Opening, portal: Portal, equipped: Equipped
    ):
        code, all = equipped.authenticator.shows(), [browsers(world) for _ in range(5)]
        for browser in all:
            await to_the_code(browser, portal, equipped.person)
        pages = await asyncio.gather(*(browser.shows(code) for browser in all))
        assert sorted(page.status for page in pages) == [200, 403, 403, 403, 403]

    async def test_of_before_a_later_one_is_not_taken_any_more(
        self, browser: Browser, portal: Portal, equipped: Equipped
    ):
        await to_the_code(browser, portal, equipped.person)
        await browser.shows(equipped.authenticator.shows(1))
        await to_the_code(browser, portal, equipped.person)
        assert (await browser.shows(equipped.authenticator.shows())).status == 403

    @pytest.mark.parametrize(("steps", "status"), [(-3, 403), (0, 200), (1, 200), (3, 403)])
    async def test_is_of_now_give_or_take_a_slow_clock(
        self, browser: Browser, portal: Portal, equipped: Equipped, steps: int, status: int
    ):
        await to_the_code(browser, portal, equipped.person)
        assert (await browser.shows(equipped.authenticator.shows(steps))).status == status

    async def test_may_be_typed_in_two_groups(self, browser, portal, equipped: Equipped):
        code = equipped.authenticator.shows()
        await to_the_code(browser, portal, equipped.person)
        assert (await browser.shows(f"{code[:3]} {code[3:]}")).status == 200

    @pytest.mark.parametrize("code", ["", " ", "x", "000000", "1" * 500, "-", "mã", "१२३४५६"])
    async def test_that_is_none_is_refused(
        self, world: World, browser: Browser, portal: Portal, equipped: Equipped, code: str
    ):
        await to_the_code(browser, portal, equipped.person)
        assert (await browser.shows(code)).status == 403
        assert await noted(world, equipped.person.id) == ["wrong code"]

    async def test_that_is_wrong_again_and_again_is_slowed(
        self, world: World, browsers: Opening, portal: Portal, equipped: Equipped
    ):
        """From wherever: who has the password may have many addresses."""
        for _ in range(6):
            browser = browsers(world, **{"Accept-Language": "en"})
            await to_the_code(browser, portal, equipped.person)
            assert (await browser.shows("000000")).status == 403
        await prolong_delays(world)
        page = await browser.shows(equipped.authenticator.shows())
        assert (page.status, "Too many attempts" in page.said) == (429, True)
        await execute(world, "update sign_in_delays set retry_at = now()")
        assert (await browser.shows(equipped.authenticator.shows())).status == 200


class TestRecoveryCodes:
    async def test_each_takes_the_place_of_a_code_once(
        self, browser: Browser, portal: Portal, equipped: Equipped
    ):
        assert len(set(equipped.codes)) == 10
        first, second, *_ = equipped.codes
        for code, status in ((first, 200), (first, 403), (second, 200)):
            await to_the_code(browser, portal, equipped.person)
            assert (await browser.shows(code)).status == status

    async def test_are_typed_as_one_likes(self, browser, portal, equipped: Equipped):
        code = equipped.codes[0].upper().replace("-", " ")
        await to_the_code(browser, portal, equipped.person)
        assert (await browser.shows(code)).status == 200

    async def test_of_somebody_else_are_refused(
        self, world: World, browsers: Opening, portal: Portal, equipped: Equipped
    ):
        minh = await person(world, ("viewer", await world.organization("hanoi")))
        browser = browsers(world, **{"Accept-Language": "en"})
        await browser.opens("/oauth/account")
        await browser.signs_in(minh)
        page = await browser.sends("/oauth/account/authenticator")
        await equips(browser, Authenticator(page.key))
        await to_the_code(browser, portal, minh)
        assert (await browser.shows(equipped.codes[0])).status == 403

    async def test_are_replaced_with_the_authenticator(
        self, browser: Browser, portal: Portal, equipped: Equipped
    ):
        await browser.opens("/oauth/account")
        await browser.signs_in(equipped.person)
        await browser.shows(equipped.codes[0])
        page = await browser.sends("/oauth/account/authenticator")
        fresh = Authenticator(page.key)
        page = await equips(browser, fresh)
        assert not set(page.recovery_codes) & set(equipped.codes)
        for code, status in ((equipped.codes[1], 403), (equipped.authenticator.shows(), 403)):
            await to_the_code(browser, portal, equipped.person)
            assert (await browser.shows(code)).status == status
        assert (await browser.shows(fresh.shows())).status == 200

    async def test_are_kept_as_hashes_and_the_key_is_sealed(self, world: World, equipped: Equipped):
        id = equipped.person.id
        rows = await execute(world, "select hash from recovery_codes where user_id = :i", i=id)
        assert {len(row.hash) for row in rows} == {32}
        (row,) = await execute(
            world, "select sealed_secret from second_factors where user_id = :i", i=id
        )
        assert equipped.authenticator.totp.secret.encode() not in bytes(row.sealed_secret)


class TestReset:
    async def test_of_a_lost_authenticator_lets_its_owner_in_and_set_up_another(
        self, world: World, browser: Browser, portal: Portal, equipped: Equipped
    ):
        linh = equipped.person
        await change(world, User, User.id == linh.id, second_factor_reset_at=func.now())
        code = await code_of(browser, portal, linh)
        assert (await portal.exchanges(code)).status_code == 200
        await browser.opens("/oauth/account")
        await browser.signs_in(linh)
        page = await browser.sends("/oauth/account/authenticator")
        fresh = Authenticator(page.key)
        await equips(browser, fresh)
        await to_the_code(browser, portal, linh)
        assert (await browser.shows(equipped.codes[0])).status == 403
        assert (await browser.shows(fresh.shows())).status == 200

    async def test_on_the_way_gives_the_former_code_no_worth(
        self, world: World, browser: Browser, portal: Portal, equipped: Equipped
    ):
        await to_the_code(browser, portal, equipped.person)
        mine = User.id == equipped.person.id
        await change(world, User, mine, second_factor_reset_at=func.now())
        page = await browser.shows(equipped.authenticator.shows())
        assert (page.status, "begin again" in page.said) == (400, True)


async def test_the_clock_of_a_code_is_the_services(
    browser: Browser, portal: Portal, equipped: Equipped
):
    """A code of an hour ago, as a thief may have seen it, is of no use now."""
    with time_machine.travel(time() - 3600, tick=True):
        seen = equipped.authenticator.shows()
    await to_the_code(browser, portal, equipped.person)
    assert (await browser.shows(seen)).status == 403
