"""What people write in files for what the service calls by a code. The words are in words.toml."""

import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from app.core.text import fold

FIELDS = (
    *("external_id", "full_name", "birth_date", "email", "phone", "unit", "position_title", "rank"),
    *("leadership_level", "category", "position_since", "fields", "languages", "recruited_on"),
    *("status", "status_since", "national_id", "former_external_id"),
)
REQUIRED = ("external_id", "full_name")
DAYS = ("birth_date", "position_since", "recruited_on", "status_since")
ATTRIBUTE = "attributes."

ClosedList = Literal[
    "leadership_level", "category", "status", "fields", "languages", "language_levels"
]
LISTS: tuple[ClosedList, ...] = get_args(ClosedList)
CLOSED: tuple[ClosedList, ...] = ("leadership_level", "category", "status")
"""Fields that hold one of a few codes."""

_LONGEST = 100
"""Characters; no word is longer."""


@cache
def said() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def headings() -> dict[str, str]:
    """Fields by their headings, folded."""
    return {
        fold(heading): field
        for field, names in said()["headings"].items()
        for heading in (field, *names["vi"], *names["en"])
    }


@cache
def ignored_headings() -> frozenset[str]:
    return frozenset(map(fold, said()["ignored_headings"]))


@cache
def codes(of: ClosedList) -> dict[str, str]:
    """Codes by their words, folded."""
    return {fold(word): code for code, words in said()[of].items() for word in (code, *words)}


def code(of: ClosedList, text: str) -> str | None:
    """The code that the text says, or None."""
    return _code(of, text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=10_000)
def _code(of: ClosedList, text: str) -> str | None:
    """A file has the same few words in all of its rows."""
    return codes(of).get(fold(text))
