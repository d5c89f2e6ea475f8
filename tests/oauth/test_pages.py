"""The pages lead on only whoever came by them, in the same browser, having shown what is asked."""

from time import time
from uuid import uuid4

import pytest
import time_machine
from cryptography.fernet import Fernet

from app.access.models import Membership, User
from app.oauth.pages import flow as flows
from tests.oauth.browser import Browser, Page
from tests.oauth.conftest import Opening
from tests.oauth.people import PASSWORD, Person, execute, person
from tests.oauth.programs import Portal
from tests.world import World

AUTHORIZE = "/oauth/authorize"
STEPS = [
    *("sign-in", "code", "consent", "continue", "authenticator"),
    *("account/password", "account/authenticator"),
]


def is_lost(page: Page) -> bool:
    assert "location" not in page.response.headers
    return page.status == 400 and "Please begin again" in page.said


@pytest.fixture
async def other_browser(world: World, browsers: Opening) -> Browser:
    return browsers(world, **{"Accept-Language": "en"})


@pytest.fixture
async def at_consent(browser: Browser, portal: Portal, linh: Person) -> Page:
    await browser.opens(AUTHORIZE, portal.request())
    return await browser.signs_in(linh)


class TestForms:
    """Nobody can send another's form (cross-site request forgery)."""

    @pytest.mark.parametrize("step", STEPS)
    async def test_of_another_browser_are_not_taken(
        self, other_browser: Browser, portal: Portal, linh: Person, at_consent: Page, step: str
    ):
        """An attacker signs in as far as they can, and has a victim send the form."""
        await other_browser.opens(AUTHORIZE, portal.request())
        stolen = {"flow": at_consent.flow, "email": linh.email, "password": PASSWORD}
        stolen |= {"membership": str(linh.memberships[0]), "decision": "allow", "code": "000000"}
        answer = await other_browser.client.post(f"/oauth/{step}", data=stolen)
        assert is_lost(Page(answer))

    @pytest.mark.parametrize("step", STEPS)
    async def test_without_a_cookie_are_not_taken(
        self, browser: Browser, at_consent: Page, step: str
    ):
        browser.client.cookies.clear()
        answer = await browser.client.post(f"/oauth/{step}", data={"flow": at_consent.flow})
        assert is_lost(Page(answer))

    @pytest.mark.parametrize("value", ["", "é", "x" * 43, '"', "\x80"])
    async def test_with_a_strange_cookie_are_not_taken(
        self, world: World, browsers: Opening, at_consent: Page, value: str
    ):
        name = flows.cookie_name(world.app.state.settings)
        strange = browsers(world, **{"Accept-Language": "en"})
        headers = {"Cookie": f"{name}={value}".encode("latin-1")}
        data = {"flow": at_consent.flow}
        answer = await strange.client.post("/oauth/consent", data=data, headers=headers)
        assert is_lost(Page(answer))

    @pytest.mark.parametrize("step", STEPS)
    @pytest.mark.parametrize("how", ["none", "empty", "junk", "tampered", "another key", "é"])
    async def test_that_were_made_up_are_not_taken(
        self, browser: Browser, at_consent: Page, step: str, how: str
    ):
        forged: dict[str, dict[str, str]] = {
            "none": {},
            "empty": {"flow": ""},
            "junk": {"flow": "x" * 300},
            "tampered": {"flow": at_consent.flow[:-6] + "AAAAAA"},
            "another key": {"flow": Fernet(Fernet.generate_key()).encrypt(b"{}").decode()},
            "é": {"flow": "é"},
        }
        answer = await browser.client.post(f"/oauth/{step}", data=forged[how])
        assert is_lost(Page(answer))

    async def test_that_were_sealed_for_something_else_are_not_taken(
        self, world: World, browser: Browser, linh: Person, at_consent: Page
    ):
        """The cookie by which a device is known is sealed too."""
        jar = {cookie.name: str(cookie.value) for cookie in browser.client.cookies.jar}
        device = jar["banggiao-device"].strip('"')
        answer = await browser.client.post("/oauth/consent", data={"flow": device})
        assert is_lost(Page(answer))

    async def test_are_good_for_ten_minutes(self, browser: Browser, at_consent: Page):
        with time_machine.travel(time_after(601), tick=True):
            assert is_lost(await browser.sends("/oauth/consent", at_consent))
        with time_machine.travel(time_after(590), tick=True):
            page = await browser.sends("/oauth/consent", at_consent, decision="deny")
            assert page.status == 303

    async def test_are_not_good_for_ever_even_when_they_are_sent_again_and_again(
        self, browser: Browser, at_consent: Page
    ):
        """What was proven once is no sign-in that nobody sees and nobody can end."""
        flow = at_consent.flow
        for minutes in (9, 18, 27):
            with time_machine.travel(time_after(minutes * 60), tick=True):
                answer = Page(await browser.client.post("/oauth/continue", data={"flow": flow}))
                flow = answer.flow
        with time_machine.travel(time_after(36 * 60), tick=True):
            assert is_lost(Page(await browser.client.post("/oauth/continue", data={"flow": flow})))

    async def test_of_two_pages_in_one_browser_are_both_taken(
        self, browser: Browser, portal: Portal, other_portal: Portal, linh: Person
    ):
        first = await browser.opens(AUTHORIZE, portal.request())
        second = await browser.opens(AUTHORIZE, other_portal.request())
        form = {"email": linh.email, "password": PASSWORD}
        for page, program in ((first, portal), (second, other_portal)):
            await browser.sends("/oauth/sign-in", page, **form)
            assert "code" in await browser.allows()
            assert browser.sent_to.startswith(program.redirect_uri)


def time_after(seconds: float) -> float:
    return time() + seconds


class TestSteps:
    async def test_nobody_approves_before_the_password(
        self, browser: Browser, portal: Portal, linh: Person
    ):
        page = await browser.opens(AUTHORIZE, portal.request())
        chosen = {"membership": str(linh.memberships[0]), "decision": "allow"}
        for step in ("consent", "continue", "account/password", "account/authenticator"):
            sent = {"flow": page.flow} | chosen
            assert is_lost(Page(await browser.client.post(f"/oauth/{step}", data=sent)))

    async def test_nobody_approves_after_a_wrong_password(
        self, browser: Browser, portal: Portal, linh: Person
    ):
        await browser.opens(AUTHORIZE, portal.request())
        page = await browser.signs_in(linh, "wrong")
        assert page.status == 403
        sent = {"flow": page.flow, "membership": str(linh.memberships[0]), "decision": "allow"}
        assert is_lost(Page(await browser.client.post("/oauth/consent", data=sent)))

    async def test_the_membership_of_somebody_else_cannot_be_chosen(
        self, world: World, browser: Browser, linh: Person, at_consent: Page
    ):
        admin = await person(world, ("academy_admin", await world.academy()))
        for foreign in (admin.memberships[0], uuid4(), "", "nonsense"):
            sent = {"membership": str(foreign), "decision": "allow"}
            await browser.sends("/oauth/consent", at_consent, **sent)
            assert browser.answer["error"] == "access_denied"
            assert "code" not in browser.answer
        admins = admin.memberships[0]
        assert not await execute(
            world, "select from authorization_codes where membership_id = :id", id=admins
        )

    async def test_a_membership_that_ended_meanwhile_cannot_be_chosen(
        self, world: World, browser: Browser, linh: Person, at_consent: Page
    ):
        async with world.session() as session:
            held = await session.get_one(Membership, linh.memberships[0])
            held.ended_at = held.created_at
        sent = {"membership": str(linh.memberships[0]), "decision": "allow"}
        await browser.sends("/oauth/consent", at_consent, **sent)
        assert browser.answer["error"] == "access_denied"

    @pytest.mark.parametrize("decision", ["deny", "", "Allow", "yes"])
    async def test_whatever_is_not_allowed_is_told_to_the_program(
        self, browser: Browser, portal: Portal, linh: Person, at_consent: Page, decision: str
    ):
        sent = {"membership": str(linh.memberships[0]), "decision": decision}
        await browser.sends("/oauth/consent", at_consent, **sent)
        told = browser.answer
        assert browser.sent_to.startswith(f"{portal.redirect_uri}?")
        assert (told["error"], told["state"]) == ("access_denied", "back to page 7")
        assert told["iss"] == "http://127.0.0.1:8000"
        assert "code" not in told

    async def test_who_is_disabled_on_the_way_gets_no_further(
        self, world: World, browser: Browser, linh: Person, at_consent: Page
    ):
        async with world.session() as session:
            user = await session.get_one(User, linh.id)
            user.disabled_at = user.created_at
        assert is_lost(await browser.sends("/oauth/consent", at_consent, decision="allow"))

    async def test_whose_password_is_changed_on_the_way_gets_no_further(
        self, world: World, browser: Browser, linh: Person, at_consent: Page
    ):
        """A thief who had shown the former one, and kept the page."""
        changed = "update passwords set changed_at = now() where user_id = :id"
        await execute(world, changed, id=linh.id)
        assert is_lost(await browser.sends("/oauth/consent", at_consent, decision="allow"))
        sent = {"flow": at_consent.flow}
        assert is_lost(Page(await browser.client.post("/oauth/continue", data=sent)))

    async def test_who_has_no_role_yet_is_told_so(
        self, world: World, browser: Browser, portal: Portal
    ):
        nobody = await person(world)
        await browser.opens(AUTHORIZE, portal.request())
        page = await browser.signs_in(nobody)
        assert page.status == 403
        assert "nobody has given it a role" in page.said
        assert not page.forms

    async def test_who_comes_by_themselves_approves_nothing(self, browser: Browser, linh: Person):
        await browser.opens("/oauth/account")
        page = await browser.signs_in(linh)
        assert "Your account" in page.said
        sent = {"flow": page.flow, "membership": str(linh.memberships[0]), "decision": "allow"}
        assert is_lost(Page(await browser.client.post("/oauth/consent", data=sent)))
