"""Reads a workbook in a process of its own, which a hostile one may end.

Started by `workbooks`, as a script that knows nothing else of the service: its arguments are the
path and the limits as JSON. It writes lines of JSON. First `{"cells": ...}`, the first row of each
visible sheet, until it reads "1" for one; then `[number, cells]` for each row of that sheet that is
not blank; then `{"end": true}`. Anything that it must refuse is `{"refused": name, ...}`.
"""

import datetime as dt
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import msgspec

try:
    import resource
except ImportError:  # Windows bounds no process so; there what is asked of the archive must do
    resource = None  # type: ignore[assignment]

_PIECE = 1 << 18
_OVERLAP = 200
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"')
_SHEET = "xl/worksheets/"
_ENCRYPTED = 1


class Refused(Exception):
    def __init__(self, refused: str, **facts: str) -> None:
        super().__init__(refused)
        self.facts = {"refused": refused, **facts}


class Limits(msgspec.Struct):
    """Bytes, seconds of computing, and numbers."""

    memory: int
    seconds: int
    members: int
    unpacked: int
    ratio: int
    columns: int
    last_row: int
    cell: int


def main(path: str, limits: Limits) -> None:
    _bound(limits)
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


def _bound(limits: Limits) -> None:
    """Without core files, which would hold personal data."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


def _examine(path: str, limits: Limits) -> None:
    """Everything is unpacked once and counted: what an archive says of itself proves nothing."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise Refused("kind", found=_kind(archive.namelist()))
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise Refused("locked")
        if len(members) > limits.members:
            raise Refused("unsafe")
        allowed = limits.unpacked
        for member in members:
            allowed -= _unpacked(archive, member, allowed, limits.ratio)


def _kind(names: list[str]) -> str:
    kinds = {"word/": "DOCX", "ppt/": "PPTX", "content.xml": "ODS", "xl/workbook.bin": "XLSB"}
    found = (kind for part, kind in kinds.items() if any(name.startswith(part) for name in names))
    return next(found, "ZIP")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int, ratio: int) -> int:
    allowed = min(allowed, ratio * member.compress_size)
    size, before = 0, b""
    with archive.open(member) as part:
        while piece := part.read(_PIECE):
            if not size and piece.startswith(b"PK\x03\x04"):
                raise Refused("unsafe")
            size += len(piece)
            if size > allowed:
                raise Refused("too_large")
            _inspect(member.filename, before + piece)
            before = piece[-_OVERLAP:]
    return size


def _inspect(name: str, piece: bytes) -> None:
    if name.endswith((".xml", ".rels")) and _has_dtd(piece):
        raise Refused("unsafe")
    if name.startswith(_SHEET) and b't="e"' in piece and (found := _ERROR_CELL.search(piece)):
        raise Refused("error_cell", cell=found[1].decode())


def _has_dtd(piece: bytes) -> bool:
    """In UTF-16 too: the zeros between its letters are left out."""
    letters = piece.replace(b"\0", b"")
    return b"<!" in letters and _DTD.search(letters) is not None


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


if __name__ == "__main__":
    main(sys.argv[1], msgspec.json.decode(sys.argv[2], type=Limits))
