"""Which documents a list shows: CASE's limit, offset, sort, orderBy, filter and fields."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from app.competencies.exchange.case_refusals import CaseSelectionInvalid
from app.competencies.exchange.case_schemas import CaseDocument

Said = dict[str, Any]
FIELDS = (*CaseDocument.model_fields, "CFPackageURI")
_DEFAULT, _MOST = 100, 1000
_LONGEST = 1000
_DIGITS = 9
_TERM = re.compile(r"\s*([A-Za-z]+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
_JOINT = re.compile(r"(AND|OR)(?=\s)")
_COMPARES: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda has, said: has == said,
    "!=": lambda has, said: has != said,
    ">": lambda has, said: has > said,
    "<": lambda has, said: has < said,
    ">=": lambda has, said: has >= said,
    "<=": lambda has, said: has <= said,
    "~": lambda has, said: said.casefold() in has.casefold(),
}


class Selection:
    """Raises CaseSelectionInvalid for what is not understood. An unknown `sort` sorts nothing.

    Fields come with commas, as the REST binding has them, or one by one, as its OpenAPI has them.
    """

    def __init__(self, query: QueryParams) -> None:
        self.limit = _number(query, "limit", _DEFAULT, least=1)
        self.limit = min(self.limit, _MOST)
        self.offset = _number(query, "offset", 0, least=0)
        self.down = query.get("orderBy") == "desc"
        if query.get("orderBy", "asc") not in ("asc", "desc"):
            raise CaseSelectionInvalid
        self.sort = query.get("sort") if query.get("sort") in FIELDS else "title"
        self.fields = None
        if "fields" in query:
            said = ",".join(query.getlist("fields"))
            self.fields = [name.strip() for name in said.split(",")]
            if not set(self.fields) <= set(FIELDS):
                raise CaseSelectionInvalid
        self.matches = _filter(query["filter"]) if "filter" in query else None

    def of(self, documents: list[Said]) -> tuple[int, list[Said]]:
        """How many match, and those that are shown."""
        found = [one for one in documents if self.matches is None or self.matches(one)]
        found.sort(key=lambda one: one["identifier"])
        found.sort(key=lambda one: str(one.get(self.sort or "", "")), reverse=self.down)
        shown = found[self.offset : self.offset + self.limit]
        if self.fields is not None:
            shown = [{k: v for k, v in one.items() if k in self.fields} for one in shown]
        return len(found), shown


def _number(query: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    said = query.get(name, str(default))
    if not (said.isascii() and said.isdigit() and len(said) <= _DIGITS) or int(said) < least:
        raise CaseSelectionInvalid
    return int(said)


def _filter(said: str) -> Callable[[Said], bool]:
    """`field<op>'value'`, joined by AND or OR, from left to right."""
    terms: list[tuple[str, str, str, str]] = []
    place, joint = 0, "AND"
    while len(said) <= _LONGEST and (found := _TERM.match(said, place)):
        field, compare, value = found.groups()
        if field not in FIELDS:
            break
        terms.append((joint, field, compare, value))
        place = found.end()
        if place == len(said):
            return lambda one: _judge(terms, one)
        following = _JOINT.match(said, place)
        if following is None:
            break
        joint, place = following[1], following.end()
    raise CaseSelectionInvalid


def _judge(terms: list[tuple[str, str, str, str]], one: Said) -> bool:
    fits = True
    for joint, field, compare, value in terms:
        has = one.get(field)
        values = has if isinstance(has, list) else [] if has is None else [has]
        this = any(_COMPARES[compare](str(each), value) for each in values)
        fits = (fits and this) if joint == "AND" else (fits or this)
    return fits
