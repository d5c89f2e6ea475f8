"""What the tables hold, whatever row policies say, and whose each row is."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from app.core.database.scopes import OWNER
from tests.contracts.competencies import Frameworks
from tests.contracts.courses import Courses
from tests.contracts.curricula import Curricula
from tests.contracts.enrolment import Nominations
from tests.contracts.materials import public_materials, shown
from tests.contracts.reviews import Reviews
from tests.contracts.rights import Whose

HISTORY = {"learning_records", "positions_held", "evidence", "evidence_reviews", "trainings"}
"""What stays where it was, and follows a person who moves on."""
Place = tuple[int, int]
"""Where a row is stored (`ctid`)."""


class Row(NamedTuple):
    place: Place
    content: dict[str, Any]
    whose: Whose


class Truth:
    """Looks as the owner of all tables, whom row policies bind too: they are lifted meanwhile."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def as_owner(self, *, keep: bool = False) -> AsyncIterator[asyncpg.Connection]:
        """A transaction of the owner; what it changes is undone unless it is to be kept."""
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            await self._connection.execute(f"set local role {OWNER}")
            yield self._connection
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.commit() if keep else transaction.rollback())

    async def rows(self, table: str) -> list[Row]:
        async with self.as_owner() as owner:
            for each in {table, "learners"}:
                await owner.execute(f"alter table {each} no force row level security")
            employers = dict(await owner.fetch("select id, organization_id from learners"))
            frameworks = await Frameworks.of(owner)
            curricula = await Curricula.of(owner)
            reviews = await Reviews.of(owner)
            public = await public_materials(owner)
            courses = await Courses.of(owner)
            nominations = await Nominations.of(owner, courses)
            accounts = await _accounts_of_instructors(owner)
            found = await owner.fetch(f"select ctid, to_jsonb(t)::text from {table} t")

        def whose(row: dict[str, Any]) -> Whose:
            of = frameworks.shown(table, row, _whose(table, row, employers, accounts))
            of = courses.shown(table, row, curricula.shown(table, row, of))
            of = nominations.shown(table, row, reviews.shown(table, row, of))
            return shown(table, row, of, public)

        rows = [(place, json.loads(content)) for place, content in found]
        return [Row(place, row, whose(row)) for place, row in rows]

    @asynccontextmanager
    async def kept(self, table: str, id: UUID | None) -> AsyncIterator[None]:
        """Puts a row back where it was, if it is removed meanwhile."""
        present = await self._content(table, id)
        yield
        if present is None or await self._content(table, id) is not None:
            return
        async with self.as_owner(keep=True) as owner:
            await owner.execute("reset role")  # whom no policy binds
            await owner.execute("select set_config('app.actor', 'test', true)")
            await owner.execute(
                f"insert into {table} select * from jsonb_populate_record(null::{table}, $1)",
                present,
            )

    async def _content(self, table: str, id: UUID | None) -> str | None:
        async with self.as_owner() as owner:
            await owner.execute("reset role")
            found = f"select to_jsonb(t)::text from {table} t where id = $1"
            content: str | None = await owner.fetchval(found, id)
            return content

    async def whose(self, table: str) -> dict[UUID, Whose]:
        """Whose each row is, by its id."""
        return {UUID(row.content["id"]): row.whose for row in await self.rows(table)}


async def _accounts_of_instructors(owner: asyncpg.Connection) -> dict[UUID, UUID]:
    await owner.execute("alter table instructors no force row level security")
    return dict(await owner.fetch("select id, user_id from instructors"))


def _whose(
    table: str,
    row: dict[str, Any],
    employers: dict[UUID, UUID],
    accounts: dict[UUID, UUID],
) -> Whose:
    def id_in(*columns: str) -> UUID | None:
        return next((UUID(row[column]) for column in columns if row.get(column)), None)

    if table == "learning_records":  # whoever said it corrects it until it is decided on
        row = row | {"decided_by": row["recorded_by"] if row["state"] == "recorded" else None}
    learner = id_in("id") if table == "learners" else id_in("learner_id")
    account = id_in("id") if table in ("users", "clients") else None
    if table.startswith("instructor"):
        account = accounts.get(id_in("instructor_id", "id"))
    return Whose(
        organization=id_in("id") if table == "organizations" else id_in("organization_id"),
        shared=employers.get(learner)
        if table in HISTORY
        else id_in("to_organization_id", "host_id"),
        learner=learner,
        actor=row.get("actor") or row.get("author") or row.get("decided_by"),
        sync=id_in("sync_id"),
        account=account,
    )
