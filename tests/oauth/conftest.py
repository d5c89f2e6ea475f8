"""A province, people in it, and programs that they use."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from tests.oauth.browser import Browser
from tests.oauth.people import Person, invitation, person
from tests.oauth.programs import Portal, SignedIn, signed_in
from tests.world import World

Opening = Callable[..., Browser]


@pytest.fixture
async def browsers() -> AsyncIterator[Opening]:
    """Opens browsers, each at an address of its own unless one is given."""
    async with AsyncExitStack() as stack:

        def open(world: World, address: str | None = None, **headers: str) -> Browser:
            browser = Browser.somewhere(world.app, address, **headers)
            stack.push_async_callback(browser.client.aclose)
            return browser

        yield open


@pytest.fixture
def browser(world: World, browsers: Opening) -> Browser:
    return browsers(world, **{"Accept-Language": "en"})


@pytest.fixture
async def linh(world: World) -> Person:
    """The coordinator of a province."""
    return await person(world, ("coordinator", await world.organization("hanoi")))


@pytest.fixture
async def portal(world: World) -> Portal:
    """A program that keeps no secret."""
    return await Portal(world).opened()


@pytest.fixture
async def other_portal(world: World) -> Portal:
    return await Portal(world).opened()


@pytest.fixture
async def linh_signed_in(browser: Browser, portal: Portal, linh: Person) -> SignedIn:
    return await signed_in(browser, portal, linh)


@pytest.fixture
async def link(world: World, linh: Person) -> str:
    """With which she sets another password."""
    return await invitation(world, linh)
