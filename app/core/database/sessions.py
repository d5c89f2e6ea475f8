"""Two ways to the database: `Reader` for what only reads, sessions for what changes.

Both begin by entering a scope. Reads go straight to asyncpg, in the three round trips that a
scoped transaction needs, and may go to a replica; changes go through SQLAlchemy's unit of work.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, ExceptionContext, event, make_url, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction

from app.core.config import Settings
from app.core.database.scopes import Scope

Sessions = async_sessionmaker[AsyncSession]


class Reader:
    """Reads in one scope. Opens no connection before it is asked for something."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", scope: Scope, wait: float) -> None:
        self._pool, self.scope, self._wait = pool, scope, wait

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["asyncpg.pool.PoolConnectionProxy[Any]"]:
        async with self._pool.acquire(timeout=self._wait) as connection:
            try:
                enter = f"begin read only; {self.scope.literal}"
                await connection.execute(enter, timeout=self._wait)
                yield connection
            except TimeoutError:
                connection.terminate()  # nobody is there; a rollback would wait for them too
                raise
            except BaseException:
                if connection.is_in_transaction():
                    await connection.execute("rollback")
                raise
            await connection.execute("commit")

    async def row(self, sql: str, *values: Any) -> "asyncpg.Record | None":
        async with self.transaction() as connection:
            return await connection.fetchrow(sql, *values)


class _ScopedSession(Session):
    """A session that cannot begin a transaction without a scope."""


@event.listens_for(_ScopedSession, "after_begin")
def _enter(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return  # a savepoint is within a scope already
    scope: Scope = session.info["scope"]
    values = {f"a{n}": value for n, value in enumerate(scope.arguments)}
    connection.execute(text(scope.call), values)


async def _leave_as_is(_: object) -> None:
    """Instead of asyncpg's reset after each use: nothing of ours outlives its transaction."""


def _discard_dead(adapted: Any, _record: object, _proxy: object) -> None:
    """What the driver knows to be closed is not handed out; nor what is as old, after a restart."""
    if adapted.driver_connection.is_closed():
        raise InvalidatePoolError


def _discard_silent(context: ExceptionContext) -> None:
    """A connection that did not answer in time is closed; a rollback would wait for it too."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


class Database:
    """What a process keeps open: connections to read and to write."""

    def __init__(self, settings: Settings, url: str, replica_url: str | None = None) -> None:
        self._settings, self._read_url = settings, replica_url or url
        self.engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=settings.connections,
            max_overflow=0,
            pool_timeout=settings.connection_wait,
            connect_args=self._connect_arguments(),
        )
        event.listen(self.engine.sync_engine, "checkout", _discard_dead)
        event.listen(self.engine.sync_engine, "handle_error", _discard_silent)
        self.sessions: Sessions = async_sessionmaker(
            self.engine, sync_session_class=_ScopedSession, expire_on_commit=False
        )
        self.readers: asyncpg.Pool[asyncpg.Record]

    def _connect_arguments(self) -> dict[str, Any]:
        milliseconds = str(int(self._settings.statement_timeout * 1000))
        return {
            "timeout": self._settings.connection_wait,
            "command_timeout": self._settings.statement_timeout + 1,
            "server_settings": {
                "application_name": "banggiao",
                "statement_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
                "jit": "off",
            },
        }

    async def open(self) -> None:
        self.readers = await asyncpg.create_pool(
            make_url(self._read_url)
            .set(drivername="postgresql")
            .render_as_string(hide_password=False),
            min_size=0,
            max_size=self._settings.connections,
            reset=_leave_as_is,
            **self._connect_arguments(),
        )

    async def close(self) -> None:
        await self.engine.dispose()
        await self.readers.close()

    def reader(self, scope: Scope) -> Reader:
        return Reader(self.readers, scope, self._settings.connection_wait)

    @asynccontextmanager
    async def session(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by an exception."""
        async with self.sessions(info={"scope": scope}) as session, session.begin():
            async with asyncio.timeout(self._settings.connection_wait):
                await session.connection()  # a line that went dead shows here, not by and by
            yield session

    async def unscoped(self, sql: str, *values: Any) -> list["asyncpg.Record"]:
        """A statement of the login role itself: who is calling, and the service's own books."""
        async with self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            try:
                await driver.execute("select", timeout=self._settings.connection_wait)
                rows: list[asyncpg.Record] = await driver.fetch(sql, *values)
            except TimeoutError:
                await connection.invalidate()
                raise
            return rows
