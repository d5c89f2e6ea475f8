"""Two ways to the database: `Reader` for what only reads, sessions for what changes.

Both begin by entering a scope. Changes go through SQLAlchemy's unit of work.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
from sqlalchemy import Connection, ExceptionContext, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, SessionTransaction

from app.core.config import Settings
from app.core.database.readers import Reader, ReaderConnection, Readers
from app.core.database.scopes import Scope

Sessions = async_sessionmaker[AsyncSession]


class _ScopedSession(Session):
    """A session that cannot begin a transaction without a scope."""


@event.listens_for(_ScopedSession, "after_begin")
def _enter(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return  # a savepoint is within a scope already
    scope: Scope = session.info["scope"]
    connection.exec_driver_sql(scope.call, scope.arguments)


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
        self._settings = settings
        # Both ways read the URL as libpq does, so that `sslmode` and its like mean the same.
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=partial(self._connected, url),
            pool_size=settings.connections,
            max_overflow=0,
            pool_timeout=settings.connection_wait,
        )
        event.listen(self.engine.sync_engine, "checkout", _discard_dead)
        event.listen(self.engine.sync_engine, "handle_error", _discard_silent)
        self.sessions: Sessions = async_sessionmaker(
            self.engine, sync_session_class=_ScopedSession, expire_on_commit=False
        )
        of_readers = (settings.connections, settings.connection_wait)
        self.readers = Readers(partial(self._reading, replica_url or url), *of_readers)
        self.primary_readers = None
        """For what a replica does not know yet."""
        if replica_url is not None:
            self.primary_readers = Readers(partial(self._reading, url), *of_readers)

    async def _connected(
        self,
        url: str,
        kind: type[asyncpg.Connection] = asyncpg.Connection,
        **server_settings: str,
    ) -> Any:
        milliseconds = str(int(self._settings.statement_timeout * 1000))
        return await asyncpg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False),
            connection_class=kind,
            timeout=self._settings.connection_wait,
            command_timeout=self._settings.statement_timeout + 1,
            server_settings={
                "application_name": "banggiao",
                "statement_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
                "jit": "off",
                **server_settings,
            },
        )

    async def _reading(self, url: str) -> ReaderConnection:
        read_only = {"default_transaction_read_only": "on"}
        connection: ReaderConnection = await self._connected(url, ReaderConnection, **read_only)
        return connection

    async def close(self) -> None:
        await self.engine.dispose()
        self.readers.close()
        if self.primary_readers is not None:
            self.primary_readers.close()

    def reader(self, scope: Scope) -> Reader:
        return Reader(self.readers, scope, self.primary_readers)

    @asynccontextmanager
    async def session(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back by an exception."""
        async with self.sessions(info={"scope": scope}) as session, session.begin():
            async with asyncio.timeout(self._settings.connection_wait):
                await session.connection()  # a line that went dead shows here, not by and by
            yield session

    async def unscoped(self, sql: str, *values: Any) -> list[asyncpg.Record]:
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


async def driver_of(session: AsyncSession) -> Any:
    """asyncpg's own connection, in the session's transaction: for COPY, and for statements over
    many rows."""
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
