"""A database server of these tests' own, which they may break, and the service beside it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.serving import Urls, ensure_database, served_database
from app.main import create_app
from tests.conftest import SECRET
from tests.faults.load import Roster
from tests.service import Service
from tests.world import World, running


class Scratch:
    """The server: an embedded one, which comes up again by itself when it dies."""

    def __init__(self, urls: Urls, directory: Path) -> None:
        assert urls.owner is not None
        self.service_url, self.owner_url = urls.service, urls.owner
        self._pid_file = directory / "postgres" / "data" / "postmaster.pid"

    def postmaster(self) -> int:
        return int(self._pid_file.read_text().splitlines()[0])

    def strike(self, how: signal.Signals) -> None:
        """SIGINT is a fast shutdown, as of a restart; SIGKILL is a power cut."""
        os.kill(self.postmaster(), how)

    async def is_back(self) -> float:
        """When it took connections again, by the monotonic clock."""
        while True:
            with suppress(OSError, asyncpg.PostgresError):
                await (await asyncpg.connect(self.owner_url, timeout=1)).close()
                return time.monotonic()
            await asyncio.sleep(0.01)

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Looks behind the service, as the superuser."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    async def sessions(self, condition: str) -> int:
        """How many sessions of the service are so, by pg_stat_activity."""
        counted = "select count(*) from pg_stat_activity where application_name = 'banggiao' and "
        return int((await self.rows(counted + condition))[0]["count"])

    async def has(self, number: int, condition: str) -> bool:
        """Whether so many of them are so, before long."""
        for _ in range(100):
            if await self.sessions(condition) == number:
                return True
            await asyncio.sleep(0.05)
        return False

    @asynccontextmanager
    async def holding(self, statement: str) -> AsyncIterator[None]:
        """Others wait meanwhile for what the statement locks."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            async with connection.transaction():
                await connection.execute(statement)
                yield
        finally:
            await connection.close()


@pytest.fixture(scope="session")
async def scratch(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scratch]:
    directory = tmp_path_factory.mktemp("scratch")
    with served_database(Settings(data_directory=directory, secret_key=SECRET)) as urls:
        assert urls.owner is not None
        await ensure_database(urls.owner)
        await migrate(urls.owner, urls.service)
        yield Scratch(urls, directory)


@pytest.fixture(scope="session")
async def roster(scratch: Scratch) -> Roster:
    """A province whose coordinator may call whatever serves the scratch database."""
    settings = Settings(database_url=scratch.service_url, secret_key=SECRET, worker=False)
    app = create_app(settings)
    async with running(app), World(app) as world:
        coordinator = await world.somebody("coordinator", await world.organization("scratch"))
        token = coordinator.headers["Authorization"]
        return Roster(coordinator.organization, token)


Serving = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture(scope="session")
def serving(scratch: Scratch, tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """Starts the service on the scratch database, with settings."""

    def serve(**settings: str) -> Service:
        log = tmp_path_factory.mktemp("service") / "log"
        known = {"DATABASE_URL": scratch.service_url, "BANGGIAO_SECRET_KEY": SECRET}
        return Service(log, **known | settings)

    return serve


@pytest.fixture(scope="session")
async def service(serving: Serving) -> AsyncIterator[Service]:
    """One that lives through everything that happens to the database. Its worker would take the
    jobs of those that tests kill."""
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(serving(BANGGIAO_WORKER="false"))
