"""The real service on a real PostgreSQL, migrated once.

Tests commit, as the service does, and stay apart by tenancy: each makes organisations of its own.
"""

import fcntl
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import URL, make_url

from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.serving import Urls, ensure_database, served_database
from app.main import create_app
from tests.world import Somebody, World, running

LONGEST = (
    "tests/test_cli.py",
    "tests/faults/",
    "tests/oauth/test_load.py",
    "tests/browser/",
    "tests/demo/",
    "tests/core/database/",
    "tests/hostile/",
    "tests/contracts/",
)
"""Where several processes run tests, these begin: nobody waits for one of them at the end."""

SECRET = "a secret for tests, and for nothing else"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
async def urls(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AsyncIterator[Urls]:
    """How to log in to the tests' database: one on TEST_DATABASE_URL's server, or one of our own.

    That URL names somebody who may create roles and databases; tests use the database it names,
    and of several processes that run tests each uses one beside it.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        owner = make_url(given)
        if worker_id != "master":
            owner = owner.set(database=f"{owner.database}_{worker_id}")
        urls = _logins(owner)
        with (tmp_path_factory.getbasetemp().parent / "roles").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # roles belong to the server, which makes them once
            await _migrated(urls)
        yield urls
        return
    folder = tmp_path_factory.mktemp("data")
    with served_database(Settings(data_directory=folder, secret_key=SECRET)) as urls:
        await _migrated(urls)
        await _careless(urls)
        yield urls


def _logins(owner: URL) -> Urls:
    service = owner.set(username="banggiao_login", password="for tests only")
    return Urls(*(url.render_as_string(hide_password=False) for url in (service, owner)))


async def _migrated(urls: Urls) -> None:
    assert urls.owner is not None
    await ensure_database(urls.owner)
    await migrate(urls.owner, urls.service)


async def _careless(urls: Urls) -> None:
    """A server that ends with the tests need not survive a power cut, and answers sooner."""
    owner = await asyncpg.connect(urls.owner)
    await owner.execute("alter system set fsync = off")
    await owner.execute("select pg_reload_conf()")
    await owner.close()


@pytest.fixture(scope="session")
def settings(urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    # Nobody is refused because the machine is busy, or many tests ask as the same person.
    patience = {"connection_wait": 20, "export_rate": "100000/minute"}
    given = {"secret_key": SECRET, "database_url": urls.service, "worker": False}
    files = tmp_path_factory.mktemp("materials").as_uri()
    return Settings(**given, **patience, materials_url=files)


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
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
