"""The two languages of every text a person reads: English in the code, Vietnamese in catalogues.

Each package keeps its Vietnamese texts in one `vi.toml` beside its code: `[problems]` by problem
type, `[operations]` by operationId, `[fields]` by schema and field, `[validation]` by error code.
A contract test fails when a text is missing, stale, or names other placeholders than the English.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["vi", "en"]

DEFAULT: Language = "vi"


def preferred(accept_language: str | None) -> Language:
    """The language a client ranks higher (RFC 9110, 12.5.4); Vietnamese when it does not say."""
    best: tuple[float, Language] = (0.0, DEFAULT)
    for choice in (accept_language or "").split(","):
        tag, _, parameters = choice.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        if primary in ("vi", "en") and weight > best[0]:
            best = (weight, "vi" if primary == "vi" else "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@cache
def vietnamese() -> dict[str, dict[str, Any]]:
    """Every package's catalogue, as one; a text that stands in two of them is a mistake."""
    merged: dict[str, dict[str, Any]] = {
        "problems": {},
        "operations": {},
        "parameters": {},
        "fields": {},
        "tags": {},
        "validation": {},
    }
    for file in sorted(Path(__file__).parents[1].glob("**/vi.toml")):
        for section, texts in tomllib.loads(file.read_text("utf-8")).items():
            if repeated := merged[section].keys() & texts.keys():
                message = f"{file}: [{section}] {sorted(repeated)} stands in another catalogue too"
                raise ValueError(message)
            merged[section] |= texts
    return merged
