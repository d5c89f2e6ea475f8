"""Which column gives which field: by a saved mapping, the field's name, or what people call it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.core.files.limits import MOST_COLUMNS, MOST_ROWS
from app.core.files.problems import FileEmpty, TableTooLarge
from app.core.text import fold, nfc
from app.rosters.files import words
from app.rosters.files.cells import Reader, reader
from app.rosters.files.problems import HeadingsMissing, HeadingsUnknown, HeadingTwice

Mapping_ = Mapping[str, str | None]
"""Of a data set: fields by headings; None for a column that is not wanted."""

_LONGEST = 200
"""Characters of a heading."""

_NAMED = 20
"""Headings that a refusal names; a file without headings would have its first person named."""


@dataclass(frozen=True, slots=True)
class Column:
    index: int
    field: str
    read: Reader


class Columns(NamedTuple):
    headings: list[str]
    """As they stand in the file."""
    read: list[Column]
    ignored: frozenset[int]


def is_field(name: str) -> bool:
    """Whether a mapping may give a column this name."""
    attribute = name.startswith(words.ATTRIBUTE) and len(name) > len(words.ATTRIBUTE)
    return name in words.FIELDS or attribute


def columns(headings: Sequence[str], mapping: Mapping_) -> Columns:
    """Raises a Problem that names every heading that is not known, or known twice."""
    said = _tidied(headings)
    fields = _fields(said, mapping)
    if unknown := [name for name, field in zip(said, fields, strict=True) if field is _UNKNOWN]:
        raise HeadingsUnknown(
            unknown=", ".join(f"“{name}”" for name in unknown[:_NAMED]),
            headings=said,
            suggested_mapping=suggested_mapping(said, mapping),
        )
    wanted = [(index, field) for index, field in enumerate(fields) if isinstance(field, str)]
    _refuse_twice(said, wanted)
    given = {field for _, field in wanted}
    if missing := [field for field in words.REQUIRED if field not in given]:
        raise HeadingsMissing(missing=", ".join(f"`{field}`" for field in missing))
    return Columns(
        said,
        [Column(index, field, reader(field)) for index, field in wanted],
        frozenset(index for index, name in enumerate(said) if name and fields[index] is None),
    )


def recognised(headings: Sequence[str], mapping: Mapping_) -> int:
    """How many of these are known: what tells headings from other rows, and the delimiter."""
    fields = _fields([_line(heading) for heading in headings], mapping)
    return sum(isinstance(field, str) for field in fields)


def suggested_mapping(
    headings: Sequence[str], mapping: Mapping_ | None = None
) -> dict[str, str | None]:
    """A mapping to save once people have looked at it: what is not known is ignored."""
    fields = _fields(headings, mapping or {})
    return {
        name: field if isinstance(field, str) else None
        for name, field in zip(headings, fields, strict=True)
        if name
    }


class _Unknown:
    pass


_UNKNOWN = _Unknown()


def _fields(headings: Sequence[str], mapping: Mapping_) -> list[str | _Unknown | None]:
    mapped = {_key(heading): field for heading, field in mapping.items()}
    return [_field(heading, mapped) for heading in headings]


def _field(heading: str, mapped: Mapping_) -> str | _Unknown | None:
    key = _key(heading)
    if key in mapped:
        field = mapped[key]
        return field if field is None or is_field(field) else _UNKNOWN
    if not heading or key in words.ignored_headings():
        return None
    prefix, _, code = heading.partition(".")
    if code and f"{fold(prefix)}." == words.ATTRIBUTE:
        return words.ATTRIBUTE + code.strip()
    return words.headings().get(key, _UNKNOWN)


def _key(heading: str) -> str:
    """Attributes' codes may differ in case and signs only; other headings do not."""
    said = nfc(heading).strip()
    return said if said.startswith(words.ATTRIBUTE) else fold(said) or said


def _line(heading: str) -> str:
    return " ".join(nfc(heading[:_LONGEST]).split())


def _tidied(headings: Sequence[str]) -> list[str]:
    said = [_line(heading) for heading in headings]
    while said and not said[-1]:
        said.pop()
    if not said:
        raise FileEmpty
    if len(said) > MOST_COLUMNS:
        raise TableTooLarge(rows=MOST_ROWS, columns=MOST_COLUMNS)
    return said


def _refuse_twice(headings: Sequence[str], wanted: Sequence[tuple[int, str]]) -> None:
    by_field: dict[str, list[str]] = {}
    for index, field in wanted:
        by_field.setdefault(field, []).append(headings[index])
    for field, names in by_field.items():
        if len(names) > 1:
            twice = ", ".join(f"“{name}”" for name in names)
            raise HeadingTwice(field=field, twice=twice)
