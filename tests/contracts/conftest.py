"""One database for the contracts, which mutations may break for a moment."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import make_url

from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.serving import Urls, ensure_database
from app.main import create_app
from tests.contracts.callers import Caller, everybody
from tests.contracts.matrix import Matrix
from tests.contracts.population import Population, populate
from tests.contracts.rows import Rows
from tests.contracts.truth import Truth
from tests.world import World, running


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(scope="session")
async def contract_urls(urls: Urls) -> Urls:
    assert urls.owner is not None
    name = f"{make_url(urls.owner).database}_contracts"
    own = [make_url(url).set(database=name) for url in urls if url]
    service, owner = (url.render_as_string(hide_password=False) for url in own)
    server = await asyncpg.connect(_plain(urls.owner), database="postgres")
    await server.execute(f"drop database if exists {name} with (force)")
    await server.close()
    await ensure_database(owner)
    await migrate(owner, service)
    return Urls(service, owner)


@pytest.fixture(scope="session")
async def contract_app(settings: Settings, contract_urls: Urls) -> AsyncIterator[FastAPI]:
    url = SecretStr(contract_urls.service)
    app = create_app(settings.model_copy(update={"database_url": url}))
    async with running(app):
        yield app


@pytest.fixture(scope="session")
async def truth(contract_urls: Urls) -> AsyncIterator[Truth]:
    assert contract_urls.owner is not None
    connection = await asyncpg.connect(_plain(contract_urls.owner))
    yield Truth(connection)
    await connection.close()


@pytest.fixture(scope="session")
async def login(contract_urls: Urls) -> AsyncIterator[asyncpg.Connection]:
    """The service's own login, before it has entered any scope."""
    connection = await asyncpg.connect(_plain(contract_urls.service))
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def contract_world(contract_app: FastAPI) -> AsyncIterator[World]:
    async with World(contract_app) as world:
        yield world


@pytest.fixture(scope="session")
async def population(contract_world: World, truth: Truth) -> Population:
    return await populate(contract_world, truth)


@pytest.fixture(scope="session")
async def callers(contract_world: World, population: Population) -> list[Caller]:
    return await everybody(contract_world, population)


@pytest.fixture(scope="session")
async def matrix(contract_app: FastAPI, population: Population, callers: list[Caller]) -> Matrix:
    return Matrix(contract_app.openapi(), population, callers)


@pytest.fixture(scope="session")
async def rows(truth: Truth, login: asyncpg.Connection, callers: list[Caller]) -> Rows:
    return Rows(truth, login, callers)
