from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import Row, text

from app.core.config import Settings
from app.core.database.scopes import Reach, system
from app.core.database.serving import Urls
from app.demo import loading
from tests.conftest import SECRET
from tests.world import app_of_its_own


@asynccontextmanager
async def demonstration(settings: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """The service on a database of its own, with the demonstration."""
    async with app_of_its_own(settings, urls) as app:
        loaded: list[int] = []
        await loading.load(app.state.database, app.state.materials, SECRET, loaded.append)
        assert sum(loaded) == loading.OFFICERS
        yield app


@pytest.fixture(scope="session")
async def demo(settings: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """Which tests only read."""
    async with demonstration(settings, urls) as app:
        yield app


@pytest.fixture
async def rows(demo: FastAPI) -> Callable[[str], Awaitable[list[Row]]]:
    async def fetched(sql: str) -> list[Row]:
        async with demo.state.database.session(system(Reach.EVERYTHING, "test")) as session:
            return list((await session.execute(text(sql))).all())

    return fetched
