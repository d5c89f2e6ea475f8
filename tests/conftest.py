"""The real service on a real PostgreSQL, migrated once.

Tests commit, as the service does, and stay apart by tenancy: each makes organisations of its own.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import make_url

from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.serving import Urls, ensure_database, served_database
from app.main import create_app
from tests.world import Somebody, World, running

SECRET = "a secret for tests, and for nothing else"


@pytest.fixture(scope="session")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    """How to log in to the tests' server: TEST_DATABASE_URL's, or one of our own.

    The URL names somebody who may create roles and databases; tests use the database it names.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        service = make_url(url).set(username="banggiao_login", password="for tests only")
        yield Urls(service.render_as_string(hide_password=False), url)
        return
    folder = Path(tmp_path_factory.mktemp("data"))
    with served_database(Settings(data_directory=folder, secret_key=SECRET)) as urls:
        yield urls


@pytest.fixture(scope="session")
def settings(urls: Urls) -> Settings:
    return Settings(database_url=urls.service, secret_key=SECRET, worker=False)


@pytest.fixture(scope="session")
async def app(settings: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    assert urls.owner is not None
    await ensure_database(urls.owner)
    await migrate(urls.owner, urls.service)
    app = create_app(settings)
    async with running(app):
        yield app


@pytest.fixture
async def world(app: FastAPI) -> AsyncIterator[World]:
    """Makes organisations and people of this test's own, and clients that call as them."""
    async with World(app) as world:
        yield world


@pytest.fixture
async def academy(world: World) -> Somebody:
    """An administrator of the Academy."""
    return await world.somebody("academy_admin")


@pytest.fixture
async def hanoi(world: World) -> Somebody:
    """The coordinator of a province."""
    return await world.somebody("coordinator", await world.organization("hanoi"))


@pytest.fixture
async def hue(world: World) -> Somebody:
    """The coordinator of another province."""
    return await world.somebody("coordinator", await world.organization("hue"))


@pytest.fixture
async def anonymous(world: World) -> AsyncClient:
    return world.anonymous
