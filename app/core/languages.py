"""The two languages of every text a person reads: English in the code, Vietnamese in catalogues.

Each package keeps its Vietnamese texts in one `vi.toml` beside its code:

    [problems.SLUG]            title, detail
    [validation]               code = message
    [operations.OPERATION_ID]  summary, description
    [parameters], [responses]  name or status = description, for every operation that has it
    [fields]                   name = description, for every schema that has it
    [schemas], [tags], [scopes], [headers], [document]  name = text
    [pages]                    the English text = text, of the pages that people see
    [letters.NAME]             subject, letter, of mail

What means something else in one operation or schema has a text of its own, in
`[parameters.OPERATION_ID]`, `[responses.OPERATION_ID]` or `[fields.SCHEMA]`. Contract tests fail
when a text is missing, is for nothing, stands twice, or names other facts than the English.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

Language = Literal["vi", "en"]
Catalogue = dict[str, dict[str, Any]]

DEFAULT: Language = "vi"
SECTIONS = (
    *("problems", "validation"),
    *("document", "tags", "scopes", "operations", "parameters", "responses", "headers"),
    *("schemas", "fields", "pages", "letters"),
)
CATALOGUES = tuple(sorted(Path(__file__).parents[1].glob("**/vi.toml")))


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
def vietnamese() -> Catalogue:
    """Every package's catalogue, as one."""
    return merged(CATALOGUES)


def merged(files: Iterable[Path]) -> Catalogue:
    """The catalogues as one. Raises ValueError for a text that stands in two of them."""
    catalogue: Catalogue = {section: {} for section in SECTIONS}
    for file in files:
        for section, texts in tomllib.loads(file.read_text("utf-8")).items():
            if repeated := catalogue[section].keys() & texts.keys():
                message = f"{file}: [{section}] {sorted(repeated)} stands in another catalogue too"
                raise ValueError(message)
            catalogue[section] |= texts
    return catalogue
