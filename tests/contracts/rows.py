"""What each reach can do to each row of a table, asked of PostgreSQL itself."""

import json
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager

import asyncpg

from app.core.database.scopes import LOGIN, OWNER, Reach
from tests.contracts.callers import PEOPLE, PROGRAMS, Caller
from tests.contracts.rights import NO_RIGHTS, Seat, Sight, everything, nothing
from tests.contracts.rules import TABLES
from tests.contracts.truth import Place, Row, Truth

PRIVILEGES = {"reads": "select", "adds": "insert", "changes": "update", "deletes": "delete"}
READ = "select ctid from {table}"
THIS = "where ctid = $1::tid and $2::jsonb is not null"
"""Each statement takes the row's place and its content."""
DONE_TO = {
    "adds": "insert into {table} overriding system value"
    " select * from jsonb_populate_record(null::{table}, $2::jsonb) where $1::tid is not null",
    "changes": "update {table} set {first} = {first} " + THIS,
    "deletes": "delete from {table} " + THIS,
}
LOCK = "select from {table} " + THIS + " for share"
OWNERS = {"organization_id": "uuid", "actor": "text"}
"""The columns that say whose a row is, and their types."""
GIVE_AWAY = "update {table} set {column} = gen_random_uuid()::{type} " + THIS


class Rows:
    """Compares what rules.py says with what happens. Whatever happens is undone."""

    def __init__(self, truth: Truth, login: asyncpg.Connection, callers: list[Caller]) -> None:
        self._truth, self._login = truth, login
        looking = {name for name, *_ in (*PEOPLE, *PROGRAMS)}
        self._callers = [caller for caller in callers if caller.name in looking]

    async def differences(
        self, table: str, roles: Collection[str] | None = None
    ) -> AsyncIterator[str]:
        """Every right that somebody (in one of these roles) has and should not have, or should
        have and does not."""
        rows = await self._truth.rows(table)
        assert rows, f"{table} has no rows, so nothing can be told of it"
        for caller, seat in self._seats():
            if roles and seat.role not in roles:
                continue
            whose = f"{table}, {seat.role}, {caller.name if caller else 'without a scope'}"
            try:
                async with self._seated(caller, seat) as connection:
                    check = _Check(connection, table, seat, rows)
                    async for difference in check.differences():
                        yield f"{whose}: {difference}"
            except asyncpg.PostgresError as error:
                yield f"{whose}: {error}"

    def _seats(self) -> Iterator[tuple[Caller | None, Seat]]:
        """Everybody from where they sit; each role with nothing said of whom; and the login."""
        for caller in self._callers:
            assert caller.seat is not None
            yield caller, caller.seat
        for role in (*Reach, LOGIN, OWNER):
            yield None, Seat(role)

    @asynccontextmanager
    async def _seated(self, caller: Caller | None, seat: Seat) -> AsyncIterator[asyncpg.Connection]:
        if seat.role == OWNER:
            async with self._truth.as_owner() as owner:
                yield owner
            return
        transaction = self._login.transaction()
        await transaction.start()
        try:
            if caller and caller.principal:
                scope = caller.principal.scope("contract")
                await self._login.execute(scope.call, *scope.arguments)
            elif seat.role != LOGIN:
                await self._login.execute(f"set local role {seat.role}")
            yield self._login
        finally:
            await transaction.rollback()


class _Check:
    """One table, seen from one seat."""

    def __init__(
        self, connection: asyncpg.Connection, table: str, seat: Seat, rows: list[Row]
    ) -> None:
        self._connection, self._table, self._seat, self._rows = connection, table, seat, rows
        self._rights = TABLES[table].get(seat.role, NO_RIGHTS)
        self._columns = list(rows[0].content)
        self._one_of_each = list({row.whose: row for row in rows}.values())

    async def differences(self) -> AsyncIterator[str]:
        for verb, privilege in PRIVILEGES.items():
            sight: Sight = getattr(self._rights, verb)
            granted = await self._granted(privilege)
            if self._seat.role != OWNER and granted != (sight is not nothing):
                yield f"{'has' if granted else 'lacks'} the privilege to {privilege}"
            if granted:
                rows = self._rows if verb == "reads" else self._one_of_each
                done = await self._read() if verb == "reads" else await self._done(DONE_TO[verb])
                for row in rows:
                    if (row.place in done) != sight(self._seat, row.whose):
                        yield f"{'' if row.place in done else 'never '}{verb} {row.whose}"
        async for difference in self._held():
            yield difference

    async def _held(self) -> AsyncIterator[str]:
        """What they can keep others from changing, and what they cannot make somebody else's."""
        if not await self._granted("update"):
            return
        locks, changes = self._rights.locks or self._rights.changes, self._rights.changes
        locked = await self._done(LOCK)
        for row in self._one_of_each:
            if (row.place in locked) != locks(self._seat, row.whose):
                yield f"{'' if row.place in locked else 'never '}locks {row.whose}"
        if changes is not everything:
            for place in await self._given_away():
                yield f"gives away the row at {place}"

    async def _granted(self, privilege: str) -> bool:
        """For the table, or for any column of it."""
        kind = "table" if privilege == "delete" else "any_column"
        check = f"select has_{kind}_privilege($1, $2)"
        return bool(await self._connection.fetchval(check, self._table, privilege))

    async def _changeable(self) -> str:
        """A column that they may change where they may not change all; any, where they may not."""
        may = "select has_column_privilege($1, $2, 'update')"
        for column in self._columns:
            if await self._connection.fetchval(may, self._table, column):
                return column
        return self._columns[0]

    async def _read(self) -> set[Place]:
        rows = await self._connection.fetch(READ.format(table=self._table))
        return {place for (place,) in rows}

    async def _done(self, statement: str) -> set[Place]:
        """To which rows policies let it be done. Whatever else refuses comes after them."""
        statement = statement.format(table=self._table, first=await self._changeable())
        return {row.place for row in self._one_of_each if await self._happens(statement, row)}

    async def _given_away(self) -> set[Place]:
        """Which of their rows they can make somebody else's."""
        owner = next((column for column in OWNERS if column in self._columns), None)
        if owner is None:
            return set()
        statement = GIVE_AWAY.format(table=self._table, column=owner, type=OWNERS[owner])
        theirs = [row for row in self._one_of_each if self._rights.changes(self._seat, row.whose)]
        return {row.place for row in theirs if await self._happens(statement, row)}

    async def _happens(self, statement: str, row: Row) -> bool:
        savepoint = self._connection.transaction()
        await savepoint.start()
        try:
            status = await self._connection.execute(statement, row.place, json.dumps(row.content))
        except asyncpg.InsufficientPrivilegeError:
            return False
        except asyncpg.IntegrityConstraintViolationError:
            return True
        else:
            return not status.endswith(" 0")
        finally:
            await savepoint.rollback()
