"""What pages may do in a browser, and what they make of names that are no names."""

from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.access.models import Client
from app.core.config import Settings
from app.main import create_app
from tests.oauth.browser import Browser, Page
from tests.oauth.conftest import Opening
from tests.oauth.people import Person, change, person
from tests.oauth.programs import Portal
from tests.world import World, running

AUTHORIZE = "/oauth/authorize"


@pytest.fixture
async def at_consent(browser: Browser, portal: Portal, linh: Person) -> Page:
    await browser.opens(AUTHORIZE, portal.request())
    return await browser.signs_in(linh)


class TestSafety:
    async def every_page(
        self, world: World, browser: Browser, portal: Portal, somebody: Person
    ) -> list[Page]:
        """As far as they can be seen without an authenticator."""
        pages = [
            await browser.opens(AUTHORIZE, portal.request(scope="learners:read")),
            await browser.signs_in(somebody, "wrong"),
            await browser.signs_in(somebody),
            await browser.opens(AUTHORIZE),
            await browser.opens("/oauth/invitations/unknown"),
            await browser.opens("/oauth/account"),
            await browser.signs_in(somebody),
            await browser.sends("/oauth/account/authenticator"),
            await browser.sends("/oauth/authenticator", code="000000"),
        ]
        nobody = await person(world)
        await browser.opens(AUTHORIZE, portal.request())
        return [*pages, await browser.signs_in(nobody)]

    async def test_pages_run_nothing_and_load_nothing_from_elsewhere(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        for page in await self.every_page(world, browser, portal, linh):
            policy = dict(
                part.split(maxsplit=1)
                for part in page.response.headers["content-security-policy"].split("; ")
            )
            assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
            assert policy["base-uri"] == "'none'"
            assert "unsafe" not in str(policy)
            assert "script-src" not in policy
            assert not page.tags & {"script", "iframe", "object", "style", "base"}
            assert (
                " on" not in page.html.replace(" on ", "").replace(" on your", "").split("<body")[0]
            )
            assert " style=" not in page.html
            assert all(is_ours(address) for address in page.addresses), page.addresses
            headers = page.response.headers
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-frame-options"] == "DENY"
            assert set(headers["vary"].split(", ")) >= {"Accept-Language", "Cookie"}

    async def test_only_the_page_that_leads_back_names_the_program_and_it_alone(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        origin = portal.redirect_uri.removesuffix("/signed-in")
        for page in await self.every_page(world, browser, portal, linh):
            policy = page.response.headers["content-security-policy"]
            (targets,) = [p for p in policy.split("; ") if p.startswith("form-action")]
            leads_back = "/oauth/consent" in page.forms
            assert targets == f"form-action 'self'{f' {origin}' if leads_back else ''}"

    async def test_a_program_on_a_telephone_is_led_back_to_by_its_scheme(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        own = "vn.example.app:/signed-in"
        await change(world, Client, Client.id == portal.id, redirect_uris=[own])
        await browser.opens(AUTHORIZE, portal.request(redirect_uri=own))
        page = await browser.signs_in(linh)
        policy = page.response.headers["content-security-policy"]
        assert "form-action 'self' vn.example.app:;" in policy
        await browser.allows()
        assert browser.sent_to.startswith(f"{own}?code=")

    async def test_names_are_texts_and_never_markup(self, world: World, browser: Browser):
        evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}{0.__class__}"
        organization = await world.organization(f"{evil}")
        portal = await Portal(world, name=f"{evil}{uuid4().hex}").opened()
        email = f'"<script>{uuid4().hex}</script>{{x}}"@test.example'
        eve = await person(world, ("coordinator", organization), name=evil, email=email)
        pages = await self.every_page(world, browser, portal, eve)
        for page in pages:
            assert "script" not in page.tags
            assert page.html.count("<script") == 0
            assert "onerror=alert(1)>" not in page.html.replace("onerror=alert(1)&gt;", "")
        assert evil in pages[0].said
        assert evil in pages[2].said
        assert email in pages[2].said

    async def test_what_is_typed_is_shown_as_it_was_typed(
        self, browser: Browser, portal: Portal, linh: Person
    ):
        await browser.opens(AUTHORIZE, portal.request())
        typed = '"><script>alert(1)</script>'
        page = await browser.sends("/oauth/sign-in", email=typed, password="x")
        assert page.forms["/oauth/sign-in"].fields["email"] == typed
        assert "script" not in page.tags

    async def test_cookies_are_for_our_pages_alone(self, browser: Browser, at_consent: Page):
        page = await browser.opens("/oauth/account")
        cookies = at_consent.response.headers.get_list("set-cookie")
        cookies += page.response.headers.get_list("set-cookie")
        assert len(cookies) == 2
        for cookie in cookies:
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert "Path=/" in cookie
            assert "Domain" not in cookie

    async def test_over_tls_no_other_host_can_write_the_cookies(
        self, settings: Settings, app: FastAPI, browsers: Opening
    ):
        over_tls = {"public_url": "https://banggiao.example"}
        secure = create_app(settings.model_copy(update=over_tls))
        async with running(secure), World(secure) as world:
            page = await browsers(world).opens("/oauth/account")
        (cookie,) = page.response.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-banggiao-browser=")
        assert "Secure" in cookie

    async def test_styles_are_kept_by_browsers_until_they_change(self, browser: Browser):
        page = await browser.opens("/oauth/account")
        (address,) = [one for one in page.addresses if one.startswith("/oauth/pages.css")]
        styles = await browser.client.get(address)
        assert styles.headers["content-type"].startswith("text/css")
        assert "immutable" in styles.headers["cache-control"]


def is_ours(address: str) -> bool:
    """Or opens an authenticator on the telephone itself."""
    return address.startswith(("/oauth/", "?", "data:", "otpauth:"))
