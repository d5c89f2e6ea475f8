"""A payload as numbered rows, which are read twice: their keys first, then those that are new.

Most rows of a nightly file are as they were last night. What they said then is known by a digest,
so they are recognised without being read.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import msgspec
from pydantic import TypeAdapter, ValidationError

from app.core.files.rows import RowError
from app.learners.schemas import ExternalId
from app.rosters import plain_rows
from app.rosters.files.reading import open_table
from app.rosters.problems import JsonUnreadable, TooManyRows

MOST_ROWS = 200_000
RULES = b"rosters 1"
"""Changes when the same row comes to mean something else: no row is then known by its digest."""


class Key(NamedTuple):
    """Which row it is, whom it is about (None: it does not say), and a digest of what it says."""

    row_number: int
    external_id: str | None
    digest: bytes


class Numbered(NamedTuple):
    """A row as it came; None, or a RowError, when it cannot be taken."""

    row_number: int
    digest: bytes
    values: Any


class Source(Protocol):
    """Raises a Problem when the file is not what it should be."""

    def keys(self) -> Iterator[Key]: ...

    def rows(self, wanted: frozenset[int]) -> Iterator[Numbered]: ...


class _Known(msgspec.Struct):
    external_id: Any = None


_EXTERNAL_ID = TypeAdapter(ExternalId).validator
_KNOWN = msgspec.json.Decoder(_Known)
_DIGEST = blake2b(digest_size=16, person=RULES)


def digest_of(row: bytes | bytearray | msgspec.Raw) -> bytes:
    digest = _DIGEST.copy()
    digest.update(row)
    return digest.digest()


def external_id_of(value: object) -> str | None:
    """As it will be kept; None when it is no external id, so that nobody can be meant by it."""
    try:
        return cast("str", _EXTERNAL_ID.validate_python(value))
    except ValidationError:
        return None


class Json:
    """An array of objects. Rows count from 1."""

    def __init__(self, content: bytearray) -> None:
        try:
            self._rows = msgspec.json.decode(content, type=list[msgspec.Raw])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise JsonUnreadable(error=str(error)) from None
        _check_count(len(self._rows))

    def keys(self) -> Iterator[Key]:
        for number, raw in enumerate(self._rows, 1):
            yield Key(number, _whom(raw), digest_of(raw))

    def rows(self, wanted: frozenset[int]) -> Iterator[Numbered]:
        for number in sorted(wanted):
            yield _decoded(number, self._rows[number - 1])


class Ndjson:
    """An object a line. Rows are the lines, blank ones included."""

    def __init__(self, content: bytearray) -> None:
        self._content = content
        _check_count(content.count(b"\n"))

    def _lines(self) -> Iterator[tuple[int, bytearray]]:
        start, number, content = 0, 0, self._content
        while start < len(content):
            end = content.find(b"\n", start)
            end = len(content) if end < 0 else end
            number += 1
            if line := content[start:end].strip():
                yield number, line
            start = end + 1

    def keys(self) -> Iterator[Key]:
        for number, line in self._lines():
            yield Key(number, _whom(line), digest_of(line))

    def rows(self, wanted: frozenset[int]) -> Iterator[Numbered]:
        for number, line in self._lines():
            if number in wanted:
                yield _decoded(number, line)


def _whom(raw: msgspec.Raw | bytearray) -> str | None:
    try:
        return external_id_of(_KNOWN.decode(raw).external_id)
    except (msgspec.ValidationError, RecursionError):
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonUnreadable(error=str(error)) from None


def _decoded(number: int, raw: msgspec.Raw | bytearray) -> Numbered:
    if (plain := plain_rows.decoded(raw)) is not None:
        return Numbered(number, digest_of(raw), plain)
    try:
        values = msgspec.json.decode(raw)
        return Numbered(number, digest_of(raw), {} if values is None else values)
    except (msgspec.ValidationError, RecursionError):  # well-formed, and beyond what can be held
        return Numbered(number, digest_of(raw), None)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JsonUnreadable(error=str(error)) from None


def _check_count(rows: int) -> None:
    if rows > MOST_ROWS:
        raise TooManyRows(limit=MOST_ROWS)


class Tabular:
    """A CSV file or a workbook. It is read twice, for it may not fit into memory."""

    def __init__(self, path: Path, headings: Mapping[str, str | None], encoding: Any) -> None:
        self._path, self._headings, self._encoding = path, headings, encoding

    def keys(self) -> Iterator[Key]:
        for row in self._read():
            values = row.values
            known = values.get("external_id") if isinstance(values, dict) else None
            yield Key(row.row_number, external_id_of(known), row.digest)

    def rows(self, wanted: frozenset[int]) -> Iterator[Numbered]:
        if not wanted:  # most nights nothing is new
            return iter(())
        return (row for row in self._read() if row.row_number in wanted)

    def _read(self) -> Iterator[Numbered]:
        asked = {"mapping": self._headings, "encoding": self._encoding}
        with open_table(self._path, **asked) as table:
            for row in table.rows:
                if isinstance(row, RowError):
                    yield Numbered(row.number, digest_of(b""), row)
                else:
                    digest = digest_of(msgspec.json.encode(row.values))
                    yield Numbered(row.number, digest, row.values)
