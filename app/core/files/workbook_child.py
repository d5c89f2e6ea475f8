"""Reads a workbook in a process of its own, which a hostile one may end.

Started by `workbooks`: the arguments are the path and the limits as JSON. It writes lines of JSON.
First `{"cells": ...}`, the first row of each visible sheet, until it reads "1" for one; then
`[number, cells]` for each row of that sheet that is not blank; then `{"end": true}`. Anything that
it must refuse is `{"refused": name, ...}`.
"""

import datetime as dt
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import msgspec

from app.core.files import archives
from app.core.files.archives import Refused, bound, examine

_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET = "xl/worksheets/"


class Limits(archives.Limits):
    columns: int
    last_row: int
    cell: int


def main(path: str, limited: str) -> None:
    limits = msgspec.json.decode(limited, type=Limits)
    bound(limits)
    try:
        _examine(path, limits)
        for said in _told(path, limits):
            sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    except Refused as refusal:
        _last(refusal.facts)
    except MemoryError:
        _last({"refused": "too_large"})
    except BaseException as error:  # noqa: BLE001  # a panic in calamine is no Exception
        locked = type(error).__name__ == "PasswordError"
        _last({"refused": "locked" if locked else "unreadable"})
    else:
        _last({"end": True})


def _last(said: dict[str, Any]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def _examine(path: str, limits: Limits) -> None:
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise Refused("kind", found=_kind(archive.namelist()))
        examine(archive, limits, _look_for_errors)


def _kind(names: list[str]) -> str:
    kinds = {"word/": "DOCX", "ppt/": "PPTX", "content.xml": "ODS", "xl/workbook.bin": "XLSB"}
    found = (kind for part, kind in kinds.items() if any(name.startswith(part) for name in names))
    return next(found, "ZIP")


def _look_for_errors(name: str, piece: bytes) -> None:
    if name.startswith(_SHEET) and b't="e"' in piece and (found := _ERROR_CELL.search(piece)):
        raise Refused("error_cell", cell=found[1].decode())


def _told(path: str, limits: Limits) -> Iterator[Any]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook  # noqa: PLC0415  # within the limits

    book = load_workbook(path)
    for sheet in book.sheets_metadata:
        if (
            sheet.visible is not SheetVisibleEnum.Visible
            or sheet.typ is not SheetTypeEnum.WorkSheet
        ):
            continue
        table = book.get_sheet_by_name(sheet.name)
        if table.start is None:
            continue
        if table.width > limits.columns or table.total_height > limits.last_row:
            raise Refused("table_too_large")
        rows = _rows(table, limits.cell)
        number, cells = next(rows, (1, []))
        yield {"cells": cells, "number": number}
        sys.stdout.buffer.flush()
        if sys.stdin.readline().strip() == "1":
            yield from rows
            return


def _rows(table: Any, longest: int) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in enumerate(table.iter_rows(), 1):
        if any(cell != "" for cell in cells):
            yield number, [_plain(cell, longest) for cell in cells]


def _plain(cell: object, longest: int) -> object:
    """Days as ISO has them; a moment at midnight is a day that Excel wrote as a moment."""
    if isinstance(cell, str) and len(cell) > longest:
        raise Refused("too_large")
    if isinstance(cell, dt.datetime):
        day = cell.time() == dt.time()
        return cell.date().isoformat() if day else cell.isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, dt.timedelta) else cell
