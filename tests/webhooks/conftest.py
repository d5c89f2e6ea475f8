"""A service that may send to this very machine, and what waits there."""

from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from sqlalchemy import text

from app.core.secrets import Seals
from app.webhooks.delivering import AT_ONCE, Courier
from app.webhooks.sending import Sender
from tests.conftest import SECRET
from tests.webhooks.receiver import Receiver
from tests.world import World, app_of_its_own

HERE = (ip_network("127.0.0.1/32"),)


@pytest.fixture(scope="session")
async def webhook_app(settings, urls):
    own = settings.model_copy(update={"webhook_networks": HERE})
    async with app_of_its_own(own, urls) as app:
        yield app


@pytest.fixture
async def world(webhook_app):
    async with World(webhook_app) as world:
        yield world
        async with world.session() as session:  # so that the next test is not told of its own
            await session.execute(
                text("update webhook_endpoints set enabled = false, ended_at = now()")
            )


@pytest.fixture
async def receiver():
    async with Receiver() as receiver:
        yield receiver


@asynccontextmanager
async def courier_of(world):
    settings = world.app.state.settings
    async with (
        Sender(settings.webhook_networks, AT_ONCE) as sender,
        Courier(world.database, settings, Seals(SECRET), sender) as courier,
    ):
        yield courier


@pytest.fixture
async def courier(world):
    async with courier_of(world) as courier:
        yield courier
