"""Rosters as files that spreadsheets open and `reading` reads back unchanged."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.rosters.files.cells import written
from app.rosters.files.words import ATTRIBUTE, DAYS

_TOGETHER = 500
"""Rows in a piece of a CSV file."""

_FIRST_DAY = date(1900, 3, 1)
"""Days before it are text: Excel counts from there as if 1900 had been a leap year."""

SAFELY = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Values = Mapping[str, Any]


def columns_for(attributes: Iterable[str], fields: Sequence[str]) -> list[str]:
    """Columns for these fields and for attributes with these codes."""
    return [*fields, *(ATTRIBUTE + code for code in attributes)]


def csv_of(rows: Iterable[Values], columns: Sequence[str]) -> Iterator[bytes]:
    """The pieces of a CSV file, of rows as JSON has them.

    UTF-8 with its mark, without which Excel takes it for the computer's old encoding; semicolons,
    which Excel expects where a comma is the decimal sign, as in Viet Nam. A line `sep=;` would suit
    every region, but makes Excel ignore the mark.
    """
    piece = StringIO()
    piece.write("\ufeff")
    writer = csv.writer(piece, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for count, row in enumerate(rows, 1):
        writer.writerow([_text(row, column) for column in columns])
        if count % _TOGETHER == 0:
            yield _taken(piece)
    yield _taken(piece)


def _taken(piece: StringIO) -> bytes:
    said = piece.getvalue().encode()
    piece.seek(0)
    piece.truncate()
    return said


def _text(row: Values, column: str) -> str:
    if not column.startswith(ATTRIBUTE):
        return written(column, row.get(column))
    attributes, code = row.get("attributes") or {}, column.removeprefix(ATTRIBUTE)
    return written(column, attributes[code]) if code in attributes else ""


def write_workbook(path: Path, rows: Iterable[Values], columns: Sequence[str]) -> None:
    """An .xlsx file of rows as JSON has them. Days are days; all else is text, ids and phones too.

    It is written row by row: memory does not grow with the rows.
    """
    with Workbook(str(path), SAFELY) as book:
        sheet = book.add_worksheet("roster")
        heading = book.add_format({"bold": True})
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        text = book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 20)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, column, heading)
        writers = [_cell_writer(column, day, text) for column in columns]
        for number, row in enumerate(rows, 1):
            for index, write in enumerate(writers):
                write(sheet, number, index, row)


def _cell_writer(
    column: str, day: Format, text: Format
) -> Callable[[Worksheet, int, int, Values], None]:
    def write(sheet: Worksheet, number: int, index: int, row: Values) -> None:
        said = _text(row, column)
        if column in DAYS and (moment := _excel_day(said)):
            sheet.write_datetime(number, index, moment, day)
        elif said:
            sheet.write_string(number, index, said, text)

    return write


def _excel_day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said)
    except ValueError:
        return None
    return found if found >= _FIRST_DAY else None
