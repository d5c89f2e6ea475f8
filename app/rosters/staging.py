"""A file's rows into temporary tables, where SQL compares them with the roster all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import asyncpg

from app.core.files.rows import RowError
from app.rosters import faults
from app.rosters.faults import Mistake
from app.rosters.rows import PERSON, STAGED, RowReader
from app.rosters.sources import Key, Numbered, Source

AT_ONCE = 2000
"""Rows that are read in one go."""
MOST_MISTAKES = 100_000
"""That are kept. Whoever has made more begins with these."""

_TABLES = """
create temp table roster_keys (row_number integer, external_id text, digest bytea) on commit drop;
create temp table roster_rows on commit drop as
  select row_number, external_id, former_external_id, null::text[] as given, {person},
    learner_id, learner_version, kind, null::uuid as elsewhere
  from roster_changes with no data;
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
_NEW_KEYS = """
select k.row_number from roster_keys k
where not exists (
  select from learners l
  where l.organization_id = $1 and l.external_id = k.external_id and l.row_digest = k.digest
    and l.data_set = $2 and l.missing_since is null
)
"""
_REPEATED = """
select array_agg(row_number order by row_number) as rows, external_id,
  count(distinct digest) > 1 as differ
from roster_keys where external_id is not null group by external_id having count(*) > 1
"""

REJECTED = ("row_number", "external_id", "former_external_id", "national_id_hash")

T = TypeVar("T")

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many of how many rows have been read."""


class Staged(NamedTuple):
    """How many rows a file has, how many need no more looking at, how many are of nobody known."""

    rows: int
    as_before: int
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
    keys = source.keys()
    while some := await _some(keys):
        await driver.copy_records_to_table("roster_keys", records=some, columns=Key._fields)
    await driver.execute("analyze roster_keys")
    new = await driver.fetch(_NEW_KEYS, organization, data_set)
    wanted = {row["row_number"] for row in new}
    mistakes: list[Mistake] = []
    for repeated in await driver.fetch(_REPEATED):
        if repeated["differ"]:
            mistakes += _twice(repeated["external_id"], repeated["rows"])
            wanted.difference_update(repeated["rows"])
        else:
            wanted.difference_update(repeated["rows"][1:])
    twice = {wrong.row_number: wrong.external_id for wrong in mistakes}
    again = source.rows(frozenset(twice))
    while chunk := await _some(again):
        rejected = [(r.row_number, twice[r.row_number], *reader.whom(r.values)) for r in chunk]
        await _reject(driver, rejected)
    await _note(driver, mistakes[:MOST_MISTAKES])
    rows = source.rows(frozenset(wanted))
    await _read(driver, rows, reader, _counting(progress, len(wanted)), len(mistakes))
    await driver.execute("create index on roster_rows (external_id); analyze roster_rows")
    counted = "select count(*) as rows, count(*) - count(external_id) as lost from roster_keys"
    counts = await driver.fetchrow(counted)
    as_before = counts["rows"] - len(wanted) - len(twice)
    return Staged(counts["rows"], as_before, counts["lost"])


async def _some(rows: Iterator[T]) -> list[T]:
    """In a thread: a workbook is opened for seconds, and others are served meanwhile."""
    return await asyncio.to_thread(list, islice(rows, AT_ONCE))


async def _read(
    driver: asyncpg.Connection,
    rows: Iterator[Numbered],
    reader: RowReader,
    progress: Callable[[int], Awaitable[None]],
    noted: int,
) -> None:
    while chunk := await _some(rows):
        records: list[tuple[Any, ...]] = []
        mistakes: list[Mistake] = []
        rejected: list[tuple[Any, ...]] = []
        for row in chunk:
            record, wrong = _one(reader, row)
            if record is not None:
                records.append(record)
            else:
                rejected.append((row.row_number, wrong[0].external_id, *reader.whom(row.values)))
            mistakes += wrong
        await driver.copy_records_to_table("roster_rows", records=records, columns=STAGED)
        await _reject(driver, rejected)
        await _note(driver, mistakes[: max(0, MOST_MISTAKES - noted)])
        noted += len(mistakes)
        await progress(len(chunk))


def _one(reader: RowReader, row: Numbered) -> tuple[tuple[Any, ...] | None, list[Mistake]]:
    if row.values is None:
        return None, [faults.ROW_NOT_READABLE.at(row.row_number, None)]
    if isinstance(row.values, RowError):
        return None, [faults.of_row(row.values)]
    return reader.read(row.row_number, row.digest, row.values)


def _twice(external_id: str, rows: list[int]) -> Iterator[Mistake]:
    said = ", ".join(map(str, rows[:10]))
    for number in rows:
        yield faults.EXTERNAL_ID_TWICE.at(number, external_id, external_id, rows=said)


async def _reject(driver: asyncpg.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Remembers of whom these rows may be: they are no reason to miss anybody."""
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
