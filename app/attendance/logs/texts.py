"""From the bytes of a report to its records."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator

from app.attendance.problems import MeetingLogUnreadable
from app.core.text import nfc

Record = tuple[int, list[str]]
"""The line on which it ends, and its cells."""

LONGEST = 2 * 1024 * 1024
"""Bytes: a report of a thousand people who join ten times has half of it."""
_MOST_LINES, _MOST_CELLS, _LONGEST_CELL = 40_000, 100, 1000
"""To normalize a long text may take quadratic time, and no report has such."""
_DELIMITERS = "\t,;"
_TELLING = 60
"""Lines that tell the delimiter."""


def text_of(content: bytes) -> str:
    """Teams writes UTF-16, Zoom UTF-8. Raises MeetingLogUnreadable."""
    if len(content) > LONGEST:
        raise MeetingLogUnreadable(line=1)
    try:
        text = content.decode(_encoding(content))
    except UnicodeError:
        raise MeetingLogUnreadable(line=1) from None
    if "\0" in text:
        raise MeetingLogUnreadable(line=text[: text.index("\0")].count("\n") + 1)
    return text


def _encoding(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(BOM_UTF8):
        return "utf-8-sig"
    start = content[:200]
    if start and start[1::2].count(0) * 2 > len(start[1::2]):  # some tools drop the mark
        return "utf-16-le"
    return "utf-8"


def records(text: str) -> Iterator[Record]:
    """Blank ones too: they part the sections of a report. Raises MeetingLogUnreadable."""
    lines = text.splitlines(keepends=True)
    if len(lines) > _MOST_LINES:
        raise MeetingLogUnreadable(line=_MOST_LINES)
    delimiter = max(_DELIMITERS, key=lambda char: sum(char in line for line in lines[:_TELLING]))
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if len(cells) > _MOST_CELLS or max(map(len, cells), default=0) > _LONGEST_CELL:
                raise MeetingLogUnreadable(line=reader.line_num)
            yield reader.line_num, [" ".join(nfc(cell).split()) for cell in cells]
    except csv.Error:
        raise MeetingLogUnreadable(line=reader.line_num) from None
