"""A real browser, before the service in a process of its own, as on a closed intranet."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from app.core.config import Settings
from tests.service import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
"""It asks for nothing by itself, so that whatever is asked for, a page has asked for."""

COMPLAINTS = """
  window.complaints = [];
  document.addEventListener("securitypolicyviolation", (violation) =>
    window.complaints.push(`${violation.violatedDirective} ${violation.blockedURI}`));
"""


@pytest.fixture(scope="module")
async def service(
    app, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """On the same database as the tests' own application."""
    assert settings.database_url is not None
    assert settings.secret_key is not None
    known = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "BANGGIAO_WORKER": "0",
        "BANGGIAO_SECRET_KEY": settings.secret_key.get_secret_value(),
    }
    async with Service(tmp_path_factory.mktemp("browser") / "log", **known) as service:
        yield service


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs a browser: install Debian's package chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        await browser.close()


@pytest.fixture
async def window(chromium: Browser, service: Service) -> AsyncIterator[BrowserContext]:
    """A browser that has been nowhere yet; afterwards, it has been nowhere else than here."""
    size = {"width": 1200, "height": 900}
    window = await chromium.new_context(base_url=service.url, viewport=size)
    await window.add_init_script(COMPLAINTS)
    asked: list[str] = []
    told: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    window.on("console", lambda message: told.append(message.text))
    yield window
    complaints = [await page.evaluate("window.complaints") for page in window.pages]
    await window.close()
    assert [url for url in asked if not url.startswith((service.url, "data:"))] == []
    assert not any(complaints), complaints
    assert [line for line in told if "Content Security Policy" in line] == []
