"""From a cell to a value and back. What is not understood is passed on: validation refuses it."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from app.core.files.cells import MARKED, PRECISE, TEXT, neutral, plain, text
from app.core.files.rows import Cell
from app.rosters.files import words

_YEAR_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_SEPARATORS = re.compile(r"[;,\n]")
_LANGUAGE = re.compile(
    r"(?P<language>[^:;]+):(?P<level>[^:;(]+)"
    r'(?:\((?P<evidence>"(?:[^"\\]|\\.)*"|[^;"][^;]*?)\)\s*)?(?:;|\Z)'
)
_LITERAL = re.compile(
    r"true|false|null|-?(?:0|[1-9][0-9]{0,16})(?:\.[0-9]{1,20})?(?:e[+-][0-9]{1,3})?", re.IGNORECASE
)
_LEVELS = ("1", "2", "3", "4", "5", "6")

Reader = Callable[[Cell], Any]


def day(cell: Cell) -> str | None:
    """ISO, from days as they are written in Viet Nam; what is no day stays as it is."""
    said = text(cell)
    if said is None or _YEAR_FIRST.fullmatch(said):
        return said
    if found := _DAY_FIRST.fullmatch(said):
        day_of_month, _, month, year = found.groups()
        try:
            return date(int(year), int(month), int(day_of_month)).isoformat()
        except ValueError:
            return said
    return said


def closed(of: words.ClosedList) -> Reader:
    def read(cell: Cell) -> str | None:
        said = text(cell)
        return said and (words.code(of, said) or said)

    return read


def fields_of_work(cell: Cell) -> list[str]:
    said = text(cell) or ""
    if whole := words.code("fields", said):  # some names have a comma
        return [whole]
    parts = filter(None, map(str.strip, _SEPARATORS.split(said)))
    return [words.code("fields", part) or part for part in parts]


def languages(cell: Cell) -> list[dict[str, Any]] | str:
    """`en: 4 (IELTS 6.5); Tiếng Pháp: B1`; the text itself when it is not of that form."""
    said = text(cell) or ""
    found: list[dict[str, Any]] = []
    position = 0
    while position < len(said):
        item = _LANGUAGE.match(said, position)
        if item is None:
            return said
        found.append(_skill(item))
        position = item.end()
    return found


def _skill(item: re.Match[str]) -> dict[str, Any]:
    said = item["level"].strip()
    level = words.code("language_levels", said) or said
    skill: dict[str, Any] = {
        "language": _language(item["language"].strip()),
        "level": int(level) if level in _LEVELS else level,
    }
    if evidence := item["evidence"]:
        skill["evidence"] = _unquoted(evidence)
    return skill


def _unquoted(said: str) -> str:
    """JSON quotes what holds a semicolon or quotation marks; what it cannot read is as it is."""
    if not said.startswith('"'):
        return said
    try:
        return str(json.loads(said))
    except ValueError:
        return said


def _language(said: str) -> str:
    """People leave out "tiếng" (language): Anh, Pháp."""
    return words.code("languages", said) or words.code("languages", f"Tiếng {said}") or said


def attribute(cell: Cell) -> str | int | float | bool | None:
    """A number, true, false or null when it is one and not text; "007" and "1e5" are text."""
    if isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) <= PRECISE else cell
    said = plain(cell)
    if said == TEXT or said.startswith(MARKED):
        return said[1:]
    if said.startswith(TEXT) and is_literal(said[1:]):
        return said[1:]
    return json.loads(said.lower()) if is_literal(said) else said


def is_literal(said: str) -> bool:
    """Whether JSON writes it so, but for Excel's capitals in TRUE. Integers beyond 2^53 are ids."""
    if not _LITERAL.fullmatch(said):
        return False
    value = json.loads(said.lower())
    if isinstance(value, bool) or value is None:
        return True
    exact = isinstance(value, float) or abs(value) <= PRECISE
    return exact and json.dumps(value) == said


def reader(field: str) -> Reader:
    """How the cells of a field's column are read."""
    if field in words.CLOSED:
        return closed(field)
    if field in words.DAYS:
        return day
    special: dict[str, Reader] = {"fields": fields_of_work, "languages": languages}
    return attribute if field.startswith(words.ATTRIBUTE) else special.get(field, text)


def written(field: str, value: Any) -> str:
    """The text of a cell from which reading gives the value again."""
    if field.startswith(words.ATTRIBUTE):
        return _written_attribute(value)
    if field == "languages":
        value = "; ".join(map(_written_skill, value or []))
    elif field == "fields":
        value = "; ".join(value or [])
    said = value.isoformat() if isinstance(value, date) else str(value or "")
    return neutral(said)


def _written_attribute(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    bare = value.removeprefix(TEXT)
    return TEXT + value if not bare or is_literal(bare) else neutral(value)


def _written_skill(skill: dict[str, Any]) -> str:
    evidence = skill.get("evidence")
    said = f"{skill['language']}: {skill['level']}"
    if not evidence:
        return said
    simple = not re.search(r'[;"]', evidence)
    return f"{said} ({evidence if simple else json.dumps(evidence, ensure_ascii=False)})"
