"""Rows of an .xlsx workbook, read by a child process under limits.

Only the child opens the archive and the XML in it. Whatever they do to it, here it is a refusal:
memory, computing time and silence are bounded, and rows come through a pipe as they are asked for.

Of formulas the values are read that the workbook holds, as Excel showed them when it was saved;
none is computed. A cell that showed an error refuses the workbook: it would read as an empty one.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.core.files.children import ENDED_BY_LIMITS, read, started
from app.core.files.limits import LAST_ROW, LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from app.core.files.problems import (
    CellInError,
    FileEmpty,
    FileKindUnsupported,
    FileLocked,
    FileUnreadable,
    TableTooLarge,
    WorkbookTooLarge,
    WorkbookUnsafe,
)
from app.core.files.rows import Cell
from app.core.files.workbook_child import Limits
from app.core.problems import Problem

LIMITS = Limits(
    memory=1 << 30,
    seconds=60,
    members=200,
    unpacked=256 << 20,
    ratio=200,
    nested=False,
    columns=MOST_COLUMNS,
    last_row=LAST_ROW,
    cell=LONGEST_CELL,
)
"""100,000 rows of 20 columns unpack to about 150 MiB, and take calamine as much again twice."""

_CHILD = "app.core.files.workbook_child"

Record = tuple[int, list[Cell]]


def records(path: Path, is_wanted: Callable[[list[Cell]], bool]) -> Iterator[Record]:
    """The rows that are not blank, of the first visible sheet whose first row is wanted.

    When none is, the first row of the first sheet is all there is, for somebody to say what is
    wrong with it. Raises a Problem, at the beginning or on its way. Closing the iterator ends the
    child, which is given nothing of the service's environment.
    """
    limits = msgspec.json.encode(LIMITS).decode()
    child = started(_CHILD, str(path), limits, stdin=subprocess.PIPE)
    try:
        yield from _told(child, is_wanted)
    finally:
        child.kill()
        child.communicate()


def _told(
    child: subprocess.Popen[bytes], is_wanted: Callable[[list[Cell]], bool]
) -> Iterator[Record]:
    first, found = None, False
    for said in _messages(child):
        match said:
            case [number, cells]:
                yield number, cells
            case {"cells": cells, "number": number}:
                wanted = is_wanted(cells)
                _answer(child, "1" if wanted else "0")
                if wanted:
                    yield number, cells
                first = first or (number, cells)
                found = wanted
            case {"end": True}:
                break
            case _:
                raise _refusal(said)
    else:
        raise _ending(child)
    if first is None:
        raise FileEmpty
    if not found:
        yield first


def _messages(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    buffer = b""
    while piece := read(child):
        *lines, buffer = (buffer + piece).split(b"\n")
        yield from map(msgspec.json.decode, lines)


def _answer(child: subprocess.Popen[bytes], said: str) -> None:
    try:
        child.stdin.write(f"{said}\n".encode())  # type: ignore[union-attr]
        child.stdin.flush()  # type: ignore[union-attr]
    except BrokenPipeError:
        raise _ending(child) from None


def _refusal(said: dict[str, str]) -> Problem:
    kinds: dict[str, Callable[[], Problem]] = {
        "kind": lambda: FileKindUnsupported(found=said["found"]),
        "error_cell": lambda: CellInError(cell=said["cell"]),
        "table_too_large": lambda: TableTooLarge(rows=MOST_ROWS, columns=MOST_COLUMNS),
        "locked": FileLocked,
        "unsafe": WorkbookUnsafe,
        "too_large": WorkbookTooLarge,
    }
    return kinds.get(said["refused"], FileUnreadable)()


def _ending(child: subprocess.Popen[bytes]) -> Exception:
    """Of a child that ended without a last word. That it could not begin is our mistake."""
    code = child.wait()
    if code > 0:
        return RuntimeError(f"Reading a workbook ended with {code}")
    return WorkbookTooLarge() if code in ENDED_BY_LIMITS else FileUnreadable()
