"""Files that people take out: rosters, plans, and what is wrong with rows.

A file is written whole before the first byte of it is sent, so that a slow line keeps nobody's
transaction open; and by way of the disk, so that memory does not grow with the rows.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from app.core import scratch
from app.core.database.readers import Reader
from app.core.database.sessions import driver_of
from app.core.http.rates import Policy
from app.rosters.files.templates import template
from app.rosters.files.words import FIELDS
from app.rosters.files.writing import columns_for, csv_of, write_workbook
from app.rosters.schemas import (
    RosterChangeQuery,
    RosterErrorQuery,
    RosterFileQuery,
    TemplateQuery,
)
from app.rosters.vocabulary import XLSX

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
AT_ONCE = 1000
"""Rows that are fetched, and noted as read, together."""

_NOT_WRITTEN = ("national_id", "former_external_id")
"""Of the one only a hash is kept, and the other is said once."""
_PERSON = tuple(field for field in FIELDS if field not in _NOT_WRITTEN)
_ROSTER = """
select l.id, row_to_json(p)::text from learners l left join units u on u.id = l.unit_id,
lateral (select l.external_id, l.full_name, l.birth_date, l.email, l.phone, u.code as unit,
  l.position_title, l.rank, l.leadership_level, l.category, l.position_since, l.fields, l.languages,
  l.recruited_on, l.status, l.status_since, l.attributes) as p
where l.organization_id = $1 and ($2::text is null or l.data_set = $2)
order by l.sort_key, l.id
"""
_CODES = """
select distinct code from learners l, jsonb_object_keys(l.attributes) as code
where l.organization_id = $1 and ($2::text is null or l.data_set = $2) order by code
"""
_CHANGES = """
select c.learner_id, row_to_json(p)::text from roster_changes c,
lateral json_to_recordset(case when c.kind = 'missing' then '[{}]'
  else roster_change_fields(c) end) as f (field text, before jsonb, after jsonb),
lateral (select c.row_number, c.external_id, c.full_name, c.kind, c.outcome, f.field,
  f.before #>> '{}' as before, f.after #>> '{}' as after) as p
where c.sync_id = $1 and ($2::text is null or c.kind = $2) order by c.id, f.field
"""
_ERRORS = """
select null::uuid, row_to_json(p)::text from roster_errors e,
lateral (select e.row_number, e.external_id, e.field, e.code, e.value, e.message_vi, e.message_en)
  as p
where e.sync_id = $1 and ($2::text is null or e.field = $2) and ($3::text is null or e.code = $3)
order by e.row_number, e.id
"""
_CHANGE = ("row_number", "external_id", "full_name", "kind", "outcome", "field", "before", "after")
_ERROR = ("row_number", "external_id", "field", "code", "value", "message_vi", "message_en")


class _File(NamedTuple):
    """What is written, and as what. The statement gives whose each row is, and the row as JSON."""

    name: str
    format: str
    sql: str
    values: tuple[object, ...]
    columns: Sequence[str]
    codes: str | None = None
    """The statement that gives the attributes, which are columns too."""


async def roster(
    reader: Reader, request: Request, query: RosterFileQuery, organization: UUID
) -> Response:
    """A roster as it can be sent again."""
    values = (organization, query.data_set)
    wanted = _File("roster", query.format, _ROSTER, values, _PERSON, _CODES)
    return await _file(reader, request, wanted)


async def changes(
    reader: Reader, request: Request, query: RosterChangeQuery, sync: UUID
) -> Response:
    wanted = _File("changes", query.format, _CHANGES, (sync, query.kind), _CHANGE)
    return await _file(reader, request, wanted)


async def errors(reader: Reader, request: Request, query: RosterErrorQuery, sync: UUID) -> Response:
    values = (sync, query.field, query.code)
    return await _file(reader, request, _File("errors", query.format, _ERRORS, values, _ERROR))


def empty(query: TemplateQuery) -> Response:
    headers = _attachment(f"roster-{query.lang}.xlsx")
    return Response(template(query.lang), media_type=XLSX, headers=headers)


async def _file(reader: Reader, request: Request, wanted: _File) -> Response:
    await request.app.state.rates.take(request, Policy.EXPORT, request.state.principal_id)
    folder = scratch.folder()
    try:
        rows = Path(folder.name) / "rows"
        columns = await _fetched(reader, request, wanted, rows)
        done = Path(folder.name) / wanted.name
        await run_in_threadpool(_write, rows, done, columns, wanted.format)
    except BaseException:
        folder.cleanup()
        raise
    name = f"{wanted.name}.{wanted.format}"
    sent, headers = BackgroundTask(folder.cleanup), _attachment(name)
    media_type = MEDIA_TYPES[wanted.format]
    return FileResponse(done, headers=headers, media_type=media_type, background=sent)


async def _fetched(reader: Reader, request: Request, wanted: _File, path: Path) -> Sequence[str]:
    """Leaves the rows in a file, a line each; gives the columns. Who is in it was read."""
    columns = wanted.columns
    async with request.app.state.database.session(reader.scope) as session:
        driver = await driver_of(session)
        if wanted.codes is not None:
            codes = [row["code"] for row in await driver.fetch(wanted.codes, *wanted.values)]
            columns = columns_for(codes, wanted.columns)
        cursor = await driver.cursor(wanted.sql, *wanted.values)
        with path.open("w", encoding="utf-8") as file:
            while found := await cursor.fetch(AT_ONCE):
                file.writelines(f"{line}\n" for _, line in found)
                whose = {str(id) for id, _ in found if id is not None}
                if whose:
                    request.app.state.read_log.note(request, f"{{{','.join(sorted(whose))}}}")
    return columns


def _write(rows: Path, done: Path, columns: Sequence[str], format: str) -> None:
    if format == "xlsx":
        write_workbook(done, _lines(rows), columns)
        return
    with done.open("wb") as file:
        file.writelines(csv_of(_lines(rows), columns))


def _lines(rows: Path) -> Iterator[dict[str, Any]]:
    with rows.open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line)


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
