"""Connections for what only reads: straight to asyncpg, in one round trip, maybe to a replica.

Of its own pool, because asyncpg's takes a connection in one task and gives it back in another, and
that costs a read as much as the statement.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Any

import asyncpg

from app.core.database.scopes import Scope

BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidSQLStatementNameError,
)
"""Refusals after which a connection is of no more use."""
RESTED = 5.0
"""Seconds after which a connection is asked whether it is still one."""
STATEMENTS = 100
"""Kept prepared by a connection; each takes some 100 kB of the server's memory."""


class ReaderConnection(asyncpg.Connection):  # type: ignore[misc]
    """Knows by name what it has prepared."""

    __slots__ = ("_named", "last_used")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last_used = monotonic()
        # What nobody holds any more is closed when the next one is prepared.
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
                if await self._is_sound(connection):
                    return connection
            return await self._connect()
        except BaseException:
            self._free.release()
            raise

    async def _is_sound(self, connection: ReaderConnection) -> bool:
        """A line may have gone dead while nobody used it, and a statement would wait for long."""
        if connection.is_closed() or connection.last_used > monotonic() - RESTED:
            return not connection.is_closed()
        try:
            await connection.execute("select", timeout=self._wait)
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
            return False
        return True

    def give_back(self, connection: ReaderConnection) -> None:
        if not connection.is_closed():
            connection.last_used = monotonic()
            self.idle.append(connection)
        self._free.release()

    def close(self) -> None:
        """Without farewells: a line that is dead would be waited for."""
        while self.idle:
            self.idle.pop().terminate()


class Reader:
    """Reads in one scope. Takes no connection before it is asked for something."""

    def __init__(self, readers: Readers, scope: Scope, primary: Readers | None = None) -> None:
        self._readers, self.scope, self._primary = readers, scope, primary

    async def row(
        self, sql: str, values: Sequence[str | None], *, plan_anew: bool
    ) -> asyncpg.Record:
        """The one row of `body`, `place`, `tag` and `whose` that the statement gives.

        Who signed in a moment ago is a stranger to a replica, so the primary is asked too before
        anybody is refused.
        """
        try:
            return await self._row(self._readers, sql, values, plan_anew=plan_anew)
        except asyncpg.InvalidAuthorizationSpecificationError:
            if self._primary is None:
                raise
            return await self._row(self._primary, sql, values, plan_anew=plan_anew)

    async def enter(self) -> None:
        """Reads nothing, and is refused as `row` is: for what is answered without being read."""
        nothing = "select null::text body, null::text place, null::text tag, null::text whose"
        await self.row(nothing, [], plan_anew=False)

    async def _row(
        self, readers: Readers, sql: str, values: Sequence[str | None], *, plan_anew: bool
    ) -> asyncpg.Record:
        connection = await readers.take()
        try:
            name = await connection.name_of(sql)
            call, who = self.scope.call_and_read, self.scope.arguments
            return await connection.fetchrow(call, *who, name, values, plan_anew)
        except BaseException as error:
            # Nobody is there, nobody waits for the answer any more, or the statement is not known.
            if not isinstance(error, asyncpg.PostgresError) or isinstance(error, BROKEN):
                connection.terminate()
            raise
        finally:
            readers.give_back(connection)
