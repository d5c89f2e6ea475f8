"""A service that hands its mail to a server of the test's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from app.core.config import Settings
from app.main import create_app
from tests.access.conftest import codes, serving
from tests.accounts.post_office import HERE, PostOffice, open_for_mail
from tests.world import World, running

__all__ = ["codes", "serving"]  # fixtures that are needed here too

Mailing = Callable[[str], AbstractAsyncContextManager[World]]


@pytest.fixture
def mailing(settings: Settings, app: FastAPI) -> Mailing:
    """The service as it runs with this mail server configured."""

    @asynccontextmanager
    async def mailing(url: str) -> AsyncIterator[World]:
        given = {"smtp_url": SecretStr(url), "mail_from": "Bang Giao <banggiao@academy.example>"}
        other = create_app(settings.model_copy(update=given))
        async with running(other), World(other) as world:
            yield world

    return mailing


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
async def mailed(office: PostOffice, mailing: Mailing) -> AsyncIterator[World]:
    async with open_for_mail(office) as port, mailing(f"smtp://{HERE}:{port}") as world:
        yield world
