"""Files of rosters: from a file on disk to rows as JSON would say them, in bounded memory."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from app.core.files import delimited, kinds, legacy, workbooks
from app.core.files.cells import plain
from app.core.files.encodings import Encoding, encoding_of, refuse_old_font
from app.core.files.limits import LAST_ROW, MOST_COLUMNS, MOST_ROWS
from app.core.files.problems import FileEmpty, TableTooLarge
from app.core.files.rows import Cell, Row, RowError, cell_without_heading, letters_lost
from app.rosters.files.headings import Columns, Mapping_, columns, recognised
from app.rosters.files.words import ATTRIBUTE

_KNOWN_HEADINGS = 2
"""That make a row of a sheet the row of headings."""

_PEEKED = 200
"""Rows in which names written in the letters of an old font show."""

Record = tuple[int, list[Any]]


class Table(NamedTuple):
    headings: list[str]
    """As they stand in the file."""
    fields: dict[str, str | None]
    """What each column gives; None when it is ignored. With it as mapping the file reads alike."""
    encoding: Encoding | None
    """Of a CSV file; a workbook has none."""
    rows: Iterator[Row | RowError]
    """May raise a Problem on its way, so keep nothing of a file before its end."""


@contextmanager
def open_table(
    path: Path, *, mapping: Mapping_ | None = None, encoding: Encoding | None = None
) -> Iterator[Table]:
    """The table in a CSV or .xlsx file, whatever its name. Raises one of `problems`.

    `mapping` gives fields (None: ignore) by headings, and wins over what is known of headings.
    `encoding` is what people chose when asked; unsaid, it is found out, or EncodingUnsure raised.

    It blocks: call it from a thread. The rows last as long as the context.
    """
    mapping = mapping or {}
    kind = kinds.kind_of(path)
    if kind == "xlsx":
        records: Iterator[Record] = workbooks.records(path, lambda row: _is_headings(row, mapping))
    else:
        encoding = encoding or encoding_of(path)
        records = delimited.records(path, encoding, lambda row: recognised(row, mapping))
    try:
        yield _table(records, mapping, encoding, is_workbook=kind == "xlsx")
    finally:
        records.close()  # type: ignore[attr-defined]


def _is_headings(cells: list[Cell], mapping: Mapping_) -> bool:
    return recognised([plain(cell) for cell in cells], mapping) >= _KNOWN_HEADINGS


def _table(
    records: Iterator[Record], mapping: Mapping_, encoding: Encoding | None, *, is_workbook: bool
) -> Table:
    _, headings = next(records, (0, None))
    if headings is None:
        raise FileEmpty
    found = columns([plain(cell) for cell in headings], mapping)
    first = list(islice(records, _PEEKED))
    if encoding not in legacy.ENCODINGS:
        refuse_old_font(_names(first, found))
    make = _Rows(found, has_lost_capitals=encoding == "tcvn3")
    fields: dict[str, str | None] = {name: None for name in found.headings if name}
    fields |= {found.headings[column.index]: column.field for column in found.read}
    return Table(
        found.headings, fields, None if is_workbook else encoding, make.rows(chain(first, records))
    )


def _names(records: Iterable[Record], found: Columns) -> Iterator[str]:
    index = next(column.index for column in found.read if column.field == "full_name")
    return (plain(cells[index]) for _, cells in records if len(cells) > index)


class _Rows:
    """Makes rows of records, under these headings."""

    def __init__(self, found: Columns, *, has_lost_capitals: bool) -> None:
        self.columns = found
        self.has_lost_capitals = has_lost_capitals
        self.allowed = found.ignored | {column.index for column in found.read}
        self.attributes = [
            (column.index, column.field.removeprefix(ATTRIBUTE), column.read)
            for column in found.read
            if column.field.startswith(ATTRIBUTE)
        ]
        self.fields = [column for column in found.read if not column.field.startswith(ATTRIBUTE)]
        self.width = len(found.headings)

    def rows(self, records: Iterable[Record]) -> Iterator[Row | RowError]:
        for count, (number, cells) in enumerate(records, 1):
            if count > MOST_ROWS or number > LAST_ROW:
                raise TableTooLarge(rows=MOST_ROWS, columns=MOST_COLUMNS)
            yield self._row(number, cells)

    def _row(self, number: int, cells: list[Any]) -> Row | RowError:
        if error := self._error(number, cells):
            return error
        cells.extend([None] * (self.width - len(cells)))
        if self.has_lost_capitals:
            cells = [legacy.with_capitals(cell) for cell in map(plain, cells)]
        values = {column.field: column.read(cells[column.index]) for column in self.fields}
        if self.has_lost_capitals and values["full_name"]:
            values["full_name"] = legacy.name_with_capitals(values["full_name"])
        if self.attributes:
            values["attributes"] = {
                code: read(cells[index])
                for index, code, read in self.attributes
                if plain(cells[index])
            }
        return Row(number, values)

    def _error(self, number: int, cells: list[Any]) -> RowError | None:
        for index, cell in enumerate(cells):
            if index not in self.allowed and (said := plain(cell)):
                return RowError(number, None, said, cell_without_heading())
        for column in self.columns.read:
            if column.index < len(cells) and legacy.LOST in (said := plain(cells[column.index])):
                return RowError(number, column.field, said, letters_lost())
        return None
