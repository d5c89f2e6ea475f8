"""An administrator's day in Swagger UI: signing in, and calling the API from the page."""

import json

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.oauth.people import PASSWORD, person
from tests.world import World, add_learner

SHORT_LIVED = "remember = ((first) => (token) => first({...token, expires_in: 1}))(remember)"
LEARNERS = "#operations-learners-list_learners"
"""In a section that is opened first: there are too many operations to be shown at once."""


@pytest.fixture
async def coordinator(world: World, hanoi, hue):
    """Of Hà Nội, where somebody works; others work in Huế."""
    for somebody in (hanoi, hue):
        await add_learner(somebody)
    return hanoi.organization, await person(world, ("coordinator", hanoi.organization))


async def opened(window: BrowserContext, language: str) -> Page:
    page = await window.new_page()
    await page.goto(f"/docs?lang={language}")
    await page.click("#operations-tag-learners")
    await expect(page.locator(LEARNERS)).to_be_visible()
    return page


async def signs_in(page: Page, email: str, allow: str) -> None:
    """By the first way that the page offers, in the window that opens."""
    await page.click("button.authorize")
    people = page.locator(".auth-container").first
    async with page.context.expect_page() as opening:
        await people.locator("button.authorize").click()
    popup = await opening.value
    await popup.fill("#email", email)
    await popup.fill("#password", PASSWORD)
    await popup.keyboard.press("Enter")
    async with popup.expect_event("close"):
        await popup.get_by_role("button", name=allow, exact=True).click()
    await page.click(".btn-done")


async def lists_learners(page: Page) -> list[dict[str, str]]:
    await page.click(f"{LEARNERS} .opblock-summary-control")
    async with page.expect_response(lambda response: "/v1/learners" in response.url) as answering:
        await page.click(f"{LEARNERS} button.execute")
    answer = await answering.value
    assert answer.status == 200, await answer.text()
    return list(json.loads(await answer.text())["items"])


@pytest.mark.parametrize(("language", "allow"), [("vi", "Cho phép"), ("en", "Allow")])
async def test_a_coordinator_signs_in_and_sees_only_their_own_roster(
    window: BrowserContext, coordinator, language: str, allow: str
):
    organization, somebody = coordinator
    page = await opened(window, language)
    await signs_in(page, somebody.email, allow)
    rows = await lists_learners(page)
    assert rows
    assert {row["organization_id"] for row in rows} == {str(organization)}


async def test_a_wrong_password_is_told_and_the_right_one_still_lets_in(
    window: BrowserContext, coordinator
):
    page = await window.new_page()
    await page.goto("/oauth/account?ui_locales=vi")
    await page.fill("#email", coordinator[1].email)
    await page.fill("#password", "không phải mật khẩu này")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Địa chỉ email hoặc mật khẩu không đúng.")
    assert await page.input_value("#email") == coordinator[1].email
    assert await page.evaluate("document.activeElement.id") == "password"
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Tài khoản của bạn")


async def test_the_page_goes_on_when_the_access_token_expires(window: BrowserContext, coordinator):
    """It exchanges the refresh token by itself, once for however many requests."""
    page = await opened(window, "vi")
    await page.evaluate(SHORT_LIVED)
    await signs_in(page, coordinator[1].email, "Cho phép")
    exchanged: list[str] = []
    page.on("request", lambda request: exchanged.append(request.url))
    assert await lists_learners(page)
    assert [url.endswith("/oauth/token") for url in exchanged] == [True, False]


@pytest.mark.parametrize("width", [360, 1200])
async def test_the_sign_in_page_fits_its_window(window: BrowserContext, width: int):
    page = await window.new_page()
    await page.set_viewport_size({"width": width, "height": 720})
    await page.goto("/oauth/account")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("email", "password"):
        box = await page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a thumb wide"


async def test_signing_in_works_without_scripts(chromium, service, coordinator):
    window = await chromium.new_context(base_url=service.url, java_script_enabled=False)
    page = await window.new_page()
    await page.goto("/oauth/account?ui_locales=en")
    await page.fill("#email", coordinator[1].email)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("h1")).to_have_text("Your account")
    await window.close()
