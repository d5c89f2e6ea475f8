"""Connections for what only reads: straight to asyncpg, in one round trip, maybe to a replica.

Of its own pool, because asyncpg's takes a connection in one task and gives it back in another, and
that costs a read as much as the statement.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import asyncpg

from app.core.database.scopes import Scope

STATEMENTS = 100
"""Kept prepared by a connection; each takes some 100 kB of the server's memory."""


class ReaderConnection(asyncpg.Connection):  # type: ignore[misc]
    """Knows by name what it has prepared."""

    __slots__ = ("_named",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A statement is closed when nobody holds it any more.
        self._named: OrderedDict[str, tuple[str, object]] = OrderedDict()

    async def name_of(self, sql: str) -> str:
        if sql in self._named:
            self._named.move_to_end(sql)
        else:
            statement = await self.prepare(sql)
            self._named[sql] = statement.get_name(), statement
            if len(self._named) > STATEMENTS:
                self._named.popitem(last=False)
        name, _ = self._named[sql]
        return name


class Readers:
    """At most `size` connections, made when they are first needed."""

    def __init__(
        self, connect: Callable[[], Coroutine[Any, Any, ReaderConnection]], size: int, wait: float
    ) -> None:
        self._connect, self._wait = connect, wait
        self._free = asyncio.Semaphore(size)
        self.idle: list[ReaderConnection] = []

    async def take(self) -> ReaderConnection:
        """Raises TimeoutError when none comes free in time."""
        if self._free.locked():
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            while self.idle:
                connection = self.idle.pop()
                if not connection.is_closed():
                    return connection
            return await self._connect()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, connection: ReaderConnection) -> None:
        if not connection.is_closed():
            self.idle.append(connection)
        self._free.release()

    async def close(self) -> None:
        while self.idle:
            await self.idle.pop().close()


class Reader:
    """Reads in one scope. Takes no connection before it is asked for something."""

    def __init__(self, readers: Readers, scope: Scope) -> None:
        self._readers, self.scope = readers, scope

    async def row(
        self, sql: str, values: Sequence[str | None], *, plan_anew: bool
    ) -> "asyncpg.Record":
        """The one row of `body`, `place`, `tag` and `whose` that the statement gives."""
        connection = await self._readers.take()
        try:
            name = await connection.name_of(sql)
            call, who = self.scope.call_and_read, self.scope.arguments
            return await connection.fetchrow(call, *who, name, values, plan_anew)
        except asyncpg.PostgresError:
            raise
        except BaseException:
            connection.terminate()  # nobody is there, or nobody waits for the answer any more
            raise
        finally:
            self._readers.give_back(connection)
