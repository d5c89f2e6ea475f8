"""One row of a roster, and the columns that it becomes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from pydantic import TypeAdapter, ValidationError

from app.core.files.rows import RowError
from app.core.secrets import Pepper
from app.learners.names import computed
from app.learners.schemas import ExternalId, NationalId
from app.rosters import faults
from app.rosters.faults import Mistake
from app.rosters.plain_rows import Plain, converted
from app.rosters.row_schema import RosterRow
from app.rosters.sources import Numbered

PERSON = (
    *("full_name", "sort_key", "search_text", "birth_date", "email", "phone", "unit_id"),
    *("position_title", "rank", "leadership_level", "category", "position_since", "fields"),
    *("languages", "recruited_on", "status", "status_since", "attributes"),
    *("national_id_hash", "national_id_tail", "row_digest"),
)
"""The columns of a learner that a row may say."""
STAGED = ("row_number", "external_id", "former_external_id", "given", *PERSON)
"""What a row is staged as. `given` names the fields that it says something of."""
REJECTED = ("row_number", "external_id", "former_external_id", "national_id_hash")
EMPTIED = frozenset(
    {"birth_date", "email", "phone", "unit_id", "rank", "recruited_on"}
    | {"fields", "languages", "attributes"}
)
"""Of these an empty cell says that there is none; of others it says nothing."""


_EXTERNAL_ID: TypeAdapter[str] = TypeAdapter(ExternalId)
_NATIONAL_ID: TypeAdapter[str] = TypeAdapter(NationalId)


def _valid(kind: TypeAdapter[str], value: object) -> str | None:
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


class UnitNotFound(ValueError):
    """The organisation has no unit with this code or id."""


class Read(NamedTuple):
    """A row as `STAGED`; or what is wrong with it, and whom it is about, as `REJECTED`."""

    record: tuple[Any, ...] | None
    rejected: tuple[Any, ...] | None
    mistakes: list[Mistake]


class RowReader:
    """Reads rows into columns, for one organisation: its units are known to it."""

    def __init__(self, pepper: Pepper, units: Mapping[str, UUID]) -> None:
        self._pepper = pepper
        self._units = units
        self._ids = frozenset(units.values())

    def read(self, row: Numbered) -> Read:
        record, mistakes = self._record(row)
        if record is not None:
            return Read(record, None, mistakes)
        whom = row.row_number, mistakes[0].external_id, *self.whom(row.values)
        return Read(None, whom, mistakes)

    def _record(self, row: Numbered) -> tuple[tuple[Any, ...] | None, list[Mistake]]:
        number, digest, values = row
        if values is None:
            return None, [faults.ROW_NOT_READABLE.at(number, None)]
        if isinstance(values, RowError):
            return None, [faults.of_row(values)]
        given = values if isinstance(values, Plain) else converted(values)
        if given is None:
            try:
                given = _given(RosterRow.model_validate(values))
            except ValidationError as error:
                return None, list(_mistakes(number, values, error))
        try:
            unit = self._unit(given)
        except UnitNotFound:
            said = given.get("unit") or given.get("unit_id")
            return None, [faults.UNIT_UNKNOWN.at(number, given["external_id"], said)]
        return self._columns(number, digest, given, unit), []

    def whom(self, values: object) -> tuple[str | None, bytes | None]:
        """By which other ids a row with mistakes means somebody: the former one, the national."""
        said = values if isinstance(values, dict) else {}
        national_id = _valid(_NATIONAL_ID, said.get("national_id"))
        return (
            _valid(_EXTERNAL_ID, said.get("former_external_id")),
            None if national_id is None else self._pepper.hash(national_id),
        )

    def _unit(self, given: Mapping[str, Any]) -> UUID | None:
        unit: UUID | None = given.get("unit_id")
        if code := given.get("unit"):
            found = self._units.get(code)
            if found is None or unit not in (None, found):
                raise UnitNotFound
            unit = found
        if unit is not None and unit not in self._ids:
            raise UnitNotFound
        return unit

    def _columns(
        self, row_number: int, digest: bytes, given: dict[str, Any], unit: UUID | None
    ) -> tuple[Any, ...]:
        columns = {**given, "unit_id": unit, "row_digest": digest}
        said = [
            name
            for name, value in given.items()
            if name not in _NO_COLUMNS and (value is not None or name in EMPTIED)
        ]
        if "unit" in given and "unit_id" not in said:
            said.append("unit_id")
        columns["fields"] = columns.get("fields") or []
        for name, empty in _AS_JSON.items():
            value = columns.get(name)
            columns[name] = msgspec.json.encode(value).decode() if value else empty
        if full_name := columns.get("full_name"):
            columns |= computed(full_name)
        if national_id := columns.get("national_id"):
            columns["national_id_hash"] = self._pepper.hash(national_id)
            columns["national_id_tail"] = national_id[-3:]
        start = (row_number, given["external_id"], given.get("former_external_id"), said)
        return (*start, *map(columns.get, PERSON))


_AS_JSON = {"languages": "[]", "attributes": "{}"}
_NO_COLUMNS = frozenset({"external_id", "former_external_id", "unit"})


def _given(row: RosterRow) -> Plain:
    given = Plain((name, getattr(row, name)) for name in row.model_fields_set)
    if given.get("languages"):
        given["languages"] = [skill.__dict__ for skill in given["languages"]]
    return given


def _mistakes(row_number: int, values: object, error: ValidationError) -> Iterator[Mistake]:
    known = values.get("external_id") if isinstance(values, dict) else None
    external_id = faults.shown("external_id", known) if isinstance(known, str) else None
    for wrong in error.errors(include_url=False):
        field = ".".join(str(part) for part in wrong["loc"] if part != "[key]") or "row"
        said = None if wrong["type"] == "missing" else faults.shown(field, wrong["input"])
        at, words = faults.storable(field), faults.words_of(wrong, field)
        yield Mistake(row_number, external_id, at, wrong["type"], said, *words)
