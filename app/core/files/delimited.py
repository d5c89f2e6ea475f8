"""Records of a CSV file, one at a time (RFC 4180, with the delimiters and line ends in use)."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from app.core.files.encodings import Encoding, lines
from app.core.files.problems import QuotesBroken

Record = tuple[int, list[str]]
"""The line on which it begins, and its cells."""
Recognised = Callable[[Sequence[str]], int]

_DELIMITERS = (";", ",", "\t", "|")
_SAID = "sep="
"""Excel's first line, which says the delimiter."""
_HEADING_LINES = 100
"""Headings may be broken into lines within quotation marks; not into more than these."""


def records(path: Path, encoding: Encoding, recognised: Recognised) -> Iterator[Record]:
    """The records that are not blank, the headings among them. Raises QuotesBroken on its way.
    `recognised` counts the cells that are known headings.

    The csv module refuses a cell of more than 131,072 characters, so a quotation mark that is not
    closed does not gather the rest of the file.
    """
    text = lines(path, encoding)
    first = list(islice(text, _HEADING_LINES))
    number = 0
    if (
        first
        and first[0].lower().startswith(_SAID)
        and len(first[0].strip("\r\n")) == len(_SAID) + 1
    ):
        delimiter, number = first[0][len(_SAID)], 1
    else:
        delimiter = _delimiter(first, recognised)
    yield from _parsed(chain(first[number:], text), delimiter, number)


def _parsed(text: Iterable[str], delimiter: str, number: int) -> Iterator[Record]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    skipped = number
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield number + 1, cells
            number = skipped + reader.line_num
    except csv.Error:
        raise QuotesBroken(line=number + 1) from None


def _delimiter(first: list[str], recognised: Recognised) -> str:
    """The one that finds the most known headings; then the one that finds the most cells."""

    def found(delimiter: str) -> tuple[int, int]:
        try:
            _, cells = next(_parsed(first, delimiter, 0), (0, []))
        except QuotesBroken:
            return -1, 0
        return recognised(cells), len(cells)

    return max(_DELIMITERS, key=found)
