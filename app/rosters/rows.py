"""One row of a roster: what a file may say of a person, and the columns that it becomes."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from pydantic import Field, TypeAdapter, ValidationError

from app.core.problems import in_words
from app.core.schemas import Body, Code, Day, Email, Line
from app.core.secrets import Pepper
from app.learners.names import computed
from app.learners.schemas import (
    Attributes,
    ExternalId,
    FieldsOfWork,
    Languages,
    NationalId,
    Phone,
)
from app.learners.vocabulary import Category, LeadershipLevel, Status
from app.rosters import faults
from app.rosters.faults import Mistake

PERSON = (
    *("full_name", "sort_key", "search_text", "birth_date", "email", "phone", "unit_id"),
    *("position_title", "rank", "leadership_level", "category", "position_since", "fields"),
    *("languages", "recruited_on", "status", "status_since", "attributes"),
    *("national_id_hash", "national_id_tail", "row_digest"),
)
"""The columns of a learner that a row may say."""
STAGED = ("row_number", "external_id", "former_external_id", "given", *PERSON)
"""What a row is staged as. `given` names the fields that it says something of."""
EMPTIED = frozenset({"birth_date", "email", "phone", "unit_id", "rank", "recruited_on"})
"""Of these an empty cell says that there is none; of others it says nothing."""
LISTS = {"fields": list, "languages": list, "attributes": dict}


class RosterRow(Body):
    """Somebody on a roster. What is left out stays as it is; of somebody new it is what it would be
    for a learner who is added by hand."""

    external_id: ExternalId = Field(
        description="As your HR system knows them", examples=["CB-000001"]
    )
    former_external_id: ExternalId | None = Field(
        None, description="How it knew them before, when that has changed", examples=[None]
    )
    full_name: Line | None = Field(None, examples=["Nguyễn Thị Minh Hoà"])
    birth_date: Day | None = Field(None, examples=["1988-04-12"])
    email: Email | None = Field(None, examples=["hoa.nguyen@songoaivu.example"])
    phone: Phone | None = Field(None, examples=["024 0000 0001"])
    unit: Code | None = Field(None, description="The code of a unit", examples=[None])
    unit_id: UUID | None = Field(
        None, description="The id of a unit, instead of its code", examples=[None]
    )
    position_title: Line | None = Field(None, examples=["Chuyên viên Lễ tân"])
    rank: Line | None = Field(None, examples=["Chuyên viên"])
    leadership_level: LeadershipLevel | None = Field(None, examples=["none"])
    category: Category | None = Field(None, examples=["civil_servant"])
    position_since: Day | None = Field(
        None,
        description="Where it is left out, another title, unit or level of leadership begins a"
        " new position on the day of the sync",
        examples=["2024-03-01"],
    )
    fields: FieldsOfWork | None = Field(None, examples=[["protocol_and_events"]])
    languages: Languages | None = Field(None, examples=[[{"language": "en", "level": 4}]])
    recruited_on: Day | None = Field(None, examples=["2012-09-01"])
    status: Status | None = Field(None, examples=["active"])
    status_since: Day | None = Field(None, examples=["2024-03-01"])
    attributes: Attributes | None = Field(None, examples=[{"file_number": "HS-1024"}])
    national_id: NationalId | None = Field(None, examples=[None])


_EXTERNAL_ID: TypeAdapter[str] = TypeAdapter(ExternalId)
_NATIONAL_ID: TypeAdapter[str] = TypeAdapter(NationalId)


def _valid(kind: TypeAdapter[str], value: object) -> str | None:
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


class UnitNotFound(ValueError):
    """The organisation has no unit with this code or id."""


class RowReader:
    """Reads rows into columns, for one organisation: its units are known to it."""

    def __init__(self, pepper: Pepper, units: Mapping[str, UUID]) -> None:
        self._pepper = pepper
        self._units = units
        self._ids = frozenset(units.values())

    def read(
        self, row_number: int, digest: bytes, values: object
    ) -> tuple[tuple[Any, ...] | None, list[Mistake]]:
        """The row as `STAGED`, or what is wrong with it."""
        try:
            row = RosterRow.model_validate(values)
        except ValidationError as error:
            return None, list(_mistakes(row_number, values, error))
        try:
            unit = self._unit(row)
        except UnitNotFound:
            said = row.unit or row.unit_id
            return None, [faults.UNIT_UNKNOWN.at(row_number, row.external_id, said)]
        return self._columns(row_number, digest, row, unit), []

    def whom(self, values: object) -> tuple[str | None, bytes | None]:
        """By which other ids a row with mistakes means somebody: the former one, the national."""
        said = values if isinstance(values, dict) else {}
        national_id = _valid(_NATIONAL_ID, said.get("national_id"))
        return (
            _valid(_EXTERNAL_ID, said.get("former_external_id")),
            None if national_id is None else self._pepper.hash(national_id),
        )

    def _unit(self, row: RosterRow) -> UUID | None:
        unit = row.unit_id
        if row.unit is not None:
            unit = self._units.get(row.unit)
            if unit is None or row.unit_id not in (None, unit):
                raise UnitNotFound
        if unit is not None and unit not in self._ids:
            raise UnitNotFound
        return unit

    def _columns(
        self, row_number: int, digest: bytes, row: RosterRow, unit: UUID | None
    ) -> tuple[Any, ...]:
        columns = dict(row.__dict__, unit_id=unit, row_digest=digest)
        given = [name for name in row.model_fields_set if _says_something(name, columns)]
        if "unit" in row.model_fields_set and "unit_id" not in given:
            given.append("unit_id")
        for name, empty in LISTS.items():
            columns[name] = columns[name] or empty()
        columns["languages"] = [skill.__dict__ for skill in columns["languages"]]
        if row.full_name is not None:
            columns |= computed(row.full_name)
        if row.national_id is not None:
            columns["national_id_hash"] = self._pepper.hash(row.national_id)
            columns["national_id_tail"] = row.national_id[-3:]
        for name in ("languages", "attributes"):
            columns[name] = msgspec.json.encode(columns[name]).decode()
        start = (row_number, row.external_id, row.former_external_id, given)
        return (*start, *map(columns.get, PERSON))


def _says_something(name: str, columns: Mapping[str, Any]) -> bool:
    if name in ("external_id", "former_external_id", "unit"):
        return False
    return columns[name] is not None or name in EMPTIED or name in LISTS


def _mistakes(row_number: int, values: object, error: ValidationError) -> Iterator[Mistake]:
    known = values.get("external_id") if isinstance(values, dict) else None
    external_id = faults.shown("external_id", known) if isinstance(known, str) else None
    for wrong in error.errors(include_url=False):
        field = ".".join(str(part) for part in wrong["loc"] if part != "[key]") or "row"
        said = None if wrong["type"] == "missing" else faults.shown(field, wrong["input"])
        words = in_words(wrong, "vi"), in_words(wrong, "en")
        at = faults.storable(field)
        yield Mistake(row_number, external_id, at, wrong["type"], said, *words)
