"""Pages speak the language that the program, or else the browser, asks for, and only that."""

import pyotp
import pytest

from app.access.permissions import IN_WORDS
from app.core.languages import vietnamese
from app.oauth.pages import account, routes
from tests.oauth.browser import Browser, Page
from tests.oauth.conftest import Opening
from tests.oauth.people import PASSWORD, Person, invitation, person, prolong_delays
from tests.oauth.programs import Portal
from tests.world import World

AUTHORIZE = "/oauth/authorize"


def language_of(page: Page) -> str:
    language = page.response.headers["content-language"]
    assert f'<html lang="{language}">' in page.html
    return str(language)


@pytest.mark.parametrize(
    ("ui_locales", "accepted", "language"),
    [
        (None, None, "vi"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr", "vi"),
        (None, "vi;q=0.1, en;q=0.9", "en"),
        ("vi", "en", "vi"),
        ("vi-VN en", "en", "vi"),
        ("fr en", "vi", "en"),
        ("fr", "en", "en"),
        ("", "en", "en"),
        ("x" * 500, "en", "en"),
    ],
)
async def test_the_program_decides_and_then_the_browser(
    world: World,
    browsers: Opening,
    portal: Portal,
    ui_locales: str | None,
    accepted: str | None,
    language: str,
):
    browser = browsers(world, **({"Accept-Language": accepted} if accepted else {}))
    page = await browser.opens(AUTHORIZE, portal.request(ui_locales=ui_locales))
    assert language_of(page) == language


async def test_the_way_goes_on_in_the_language_that_it_began_in(
    browser: Browser, portal: Portal, linh: Person
):
    await browser.opens(AUTHORIZE, portal.request(ui_locales="vi"))
    assert language_of(await browser.signs_in(linh, "wrong")) == "vi"
    page = await browser.signs_in(linh)
    assert language_of(page) == "vi"
    assert "Cán bộ đầu mối" in page.said


async def test_whoever_reads_the_other_language_follows_a_link(browser: Browser, portal: Portal):
    page = await browser.opens(AUTHORIZE, portal.request(scope="learners:read"))
    (address,) = [one for one in page.addresses if "ui_locales=vi" in one]
    other = await browser.opens(AUTHORIZE + address)
    assert language_of(other) == "vi"
    assert portal.name in other.said


async def test_no_page_leaves_a_text_in_english(world: World, browsers: Opening, portal: Portal):
    """Every text of a page is one of the catalogue's, or somebody's name."""
    hanoi = await world.organization("hanoi")
    somebody = await person(world, ("coordinator", hanoi))
    browser = browsers(world, **{"Accept-Language": "vi"})
    link = await invitation(world, somebody)
    every_scope = " ".join(IN_WORDS)
    pages = [
        await browser.opens(link),
        await browser.sends(link, password="short", again="short"),
        await browser.sends(link, password="x", again="y"),
        await browser.sends(
            link, password="Học viện Ngoại giao 2026", again="Học viện Ngoại giao 2026"
        ),
        await browser.sends(link, password="x" * 257, again="x" * 257),
        await browser.sends(link, password=PASSWORD, again=PASSWORD),
        await browser.opens(link),
        await browser.opens(AUTHORIZE),
        await browser.opens(AUTHORIZE, portal.request(scope=every_scope)),
        await browser.signs_in(somebody, "wrong"),
        await browser.signs_in(somebody),
        await browser.opens(AUTHORIZE, portal.request()),
        await browser.signs_in(somebody),
        await browser.opens("/oauth/account"),
        await browser.signs_in(somebody),
        await browser.sends("/oauth/account/password", present="x", password="y", again="y"),
        await browser.sends("/oauth/account/authenticator"),
        await browser.sends("/oauth/authenticator", code="000000"),
    ]
    code = pyotp.TOTP(browser.page.key).now()
    pages += [
        await browser.sends("/oauth/authenticator", code=code),
        await browser.sends("/oauth/continue"),
        Page(await browser.client.post("/oauth/consent")),
        await browser.opens(AUTHORIZE, portal.request()),
        await browser.signs_in(somebody),
        await browser.shows(code),
    ]
    await browser.opens(AUTHORIZE, portal.request())
    pages.append(await browser.signs_in(await person(world)))
    await browser.opens(AUTHORIZE, portal.request())
    pages += [await browser.sends("/oauth/sign-in", email="x@y", password="x") for _ in range(6)]
    await prolong_delays(world)
    pages.append(await browser.sends("/oauth/sign-in", email="x@y", password="x"))
    assert pages[-1].status == 429

    english = {*vietnamese()["pages"], *IN_WORDS.values()}
    left = [
        (text, page.html)
        for page in pages
        for text in page.texts
        if text in english or text == "Coordinator"
    ]
    assert left == []
    assert {language_of(page) for page in pages} == {"vi"}
    shown = {text for page in pages for text in page.texts}
    for constant in (routes.WRONG, routes.WRONG_CODE, account.WRONG_CODE, account.WRONG_PASSWORD):
        assert vietnamese()["pages"][constant] in shown
