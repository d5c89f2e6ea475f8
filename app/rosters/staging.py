"""A file's rows into temporary tables, where SQL compares them with the roster all at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg

from app.rosters import faults
from app.rosters.faults import Mistake
from app.rosters.rows import PERSON, REJECTED, STAGED, Read, RowReader
from app.rosters.sources import Key, Source

AT_ONCE, KEYS_AT_ONCE = 1000, 20_000
"""Rows, and keys of rows, that are read in one go."""
MOST_MISTAKES = 100_000
"""That are kept. Whoever has made more begins with these."""

_TABLES = """
set local work_mem = '64MB';  -- or PostgreSQL would compare two rosters on the disk
create temp table roster_keys (row_number integer, external_id text, digest bytea) on commit drop;
create temp table roster_rows on commit drop as
  select row_number, external_id, former_external_id, null::text[] as given, {person},
    learner_id, learner_version, kind, null::uuid as elsewhere
  from roster_changes with no data;
alter table roster_rows alter kind set default 'create';  -- unless somebody is found
create temp table roster_mistakes on commit drop as
  select row_number, external_id, field, code, value, message_vi, message_en
  from roster_errors with no data;
create temp table roster_rejected on commit drop as
  select row_number, external_id, former_external_id, national_id_hash, learner_id
  from roster_changes with no data;
create temp table roster_alike on commit drop as
  select row_number, external_id, full_name, birth_date, learner_id, true as on_our_roster,
    0 as score
  from roster_changes with no data;
grant all on roster_keys, roster_rows, roster_mistakes, roster_rejected, roster_alike
  to banggiao_academy;
"""
# Rows that nobody is known by, and people who are not known by their rows, looked through once.
_NOT_RECOGNISED = """
select k.row_number, k.external_id is null as unidentified
from roster_keys k full join (
  select external_id, row_digest from learners
  where organization_id = $1 and data_set = $2 and missing_since is null
) as l on l.external_id = k.external_id and l.row_digest = k.digest
where k.row_number is null or l.external_id is null
"""
_REPEATED = """
select array_agg(row_number order by row_number) as rows, external_id,
  count(distinct digest) > 1 as differ
from roster_keys where external_id is not null group by external_id having count(*) > 1
"""
# What is asked of rows before they are told apart. To look at all columns takes as long as a COPY.
_TO_BE_COMPARED = """
create index on roster_rows (external_id);
analyze roster_rows (row_number, external_id, former_external_id, national_id_hash, search_text,
  birth_date, learner_id, elsewhere, kind)
"""

T = TypeVar("T")

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many of how many rows have been read."""


class Staged(NamedTuple):
    """How many rows a file has, of how many people of its data set it does not say what it said
    before, and how many rows do not say whose they are."""

    rows: int
    others: int
    unidentified: int


async def stage(
    driver: asyncpg.Connection,
    organization: UUID,
    data_set: str,
    source: Source,
    reader: RowReader,
    progress: Progress,
) -> Staged:
    """Leaves `roster_keys`, `roster_rows` (those to look at) and `roster_mistakes`."""
    await driver.execute(_TABLES.format(person=", ".join(PERSON)))
    rows, people = await _keys(driver, source)
    found = await driver.fetch(_NOT_RECOGNISED, organization, data_set)
    new = [row for row in found if row["row_number"] is not None]
    wanted = {row["row_number"] for row in new}
    mistakes: list[Mistake] = []
    for repeated in await driver.fetch(_REPEATED) if len(people) < rows else ():
        if repeated["differ"]:
            mistakes += _twice(repeated["external_id"], repeated["rows"])
            wanted.difference_update(repeated["rows"])
        else:
            wanted.difference_update(repeated["rows"][1:])
    twice = {wrong.row_number: wrong.external_id for wrong in mistakes}
    async with ahead(source.rows(frozenset(twice)), AT_ONCE) as chunks:
        async for chunk in chunks:
            whom = [(r.row_number, twice[r.row_number], *reader.whom(r.values)) for r in chunk]
            await _reject(driver, whom)
    await _note(driver, mistakes[:MOST_MISTAKES])
    new_rows = (reader.read(row) for row in source.rows(frozenset(wanted)))
    await _keep(driver, new_rows, _counting(progress, len(wanted)), len(mistakes))
    await driver.execute(_TO_BE_COMPARED)
    return Staged(rows, len(found) - len(new), sum(row["unidentified"] for row in new))


async def _keys(driver: asyncpg.Connection, source: Source) -> tuple[int, set[str | None]]:
    """Of how many rows, and the different external ids in them."""
    rows, people = 0, set[str | None]()
    async with ahead(source.keys(), KEYS_AT_ONCE) as chunks:
        async for keys in chunks:
            await driver.copy_records_to_table("roster_keys", records=keys, columns=Key._fields)
            rows += len(keys)
            people.update(key.external_id for key in keys)
    await driver.execute("analyze roster_keys")
    return rows, people


@asynccontextmanager
async def ahead(rows: Iterator[T], size: int) -> AsyncIterator[AsyncIterator[list[T]]]:
    """Chunks of them; while one is dealt with the next is read, in a thread."""

    def read() -> asyncio.Task[list[T]]:
        return asyncio.create_task(asyncio.to_thread(list, islice(rows, size)))

    following = read()

    async def chunks() -> AsyncIterator[list[T]]:
        nonlocal following
        while chunk := await following:
            following = read()
            yield chunk

    try:
        yield chunks()
    finally:
        await asyncio.wait({following})  # or the file would be closed below it


async def _keep(
    driver: asyncpg.Connection,
    rows: Iterator[Read],
    progress: Callable[[int], Awaitable[None]],
    noted: int,
) -> None:
    async with ahead(rows, AT_ONCE) as chunks:
        async for chunk in chunks:
            records = [row.record for row in chunk if row.record is not None]
            await driver.copy_records_to_table("roster_rows", records=records, columns=STAGED)
            await _reject(driver, [row.rejected for row in chunk if row.rejected is not None])
            mistakes = [wrong for row in chunk for wrong in row.mistakes]
            await _note(driver, mistakes[: max(0, MOST_MISTAKES - noted)])
            noted += len(mistakes)
            await progress(len(chunk))


def _twice(external_id: str, rows: list[int]) -> Iterator[Mistake]:
    said = ", ".join(map(str, rows[:10]))
    for number in rows:
        yield faults.EXTERNAL_ID_TWICE.at(number, external_id, external_id, rows=said)


async def _reject(driver: asyncpg.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Remembers of whom these rows may be: they are no reason to miss anybody."""
    if rows:
        await driver.copy_records_to_table("roster_rejected", records=rows, columns=REJECTED)


async def _note(driver: asyncpg.Connection, mistakes: list[Mistake]) -> None:
    if mistakes:
        await driver.copy_records_to_table(
            "roster_mistakes", records=mistakes, columns=Mistake._fields
        )


def _counting(progress: Progress, total: int) -> Callable[[int], Awaitable[None]]:
    done = 0

    async def more(rows: int) -> None:
        nonlocal done
        done += rows
        await progress(done, total)

    return more
