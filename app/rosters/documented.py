"""What FastAPI cannot read off a route that takes or gives files."""

from typing import Any

from fastapi import Response
from pydantic import BaseModel

from app.core.pages import PageQuery, Query, page_of, parameters_of
from app.core.problems import TooManyRequests, problems
from app.rosters.row_schema import RosterRow
from app.rosters.schemas import SyncQuery
from app.rosters.vocabulary import XLSX

_REFERENCE = "#/components/schemas/{model}"
_ROW = RosterRow.model_json_schema(ref_template=_REFERENCE)
_ROW.pop("$defs", None)
_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_PERSON = {
    "external_id": "CB-000001",
    "full_name": "Nguyễn Thị Minh Hoà",
    "birth_date": "1988-04-12",
    "position_title": "Chuyên viên Lễ tân",
}
_CSV = ",".join(_PERSON) + "\n" + ",".join(_PERSON.values()) + "\n"
_ROWS = {"type": "array", "items": {"$ref": _REFERENCE.format(model="RosterRow")}}

PAYLOAD: dict[str, Any] = parameters_of(SyncQuery) | {
    "x-schemas": {"RosterRow": _ROW},
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _ROWS, "example": [_PERSON]},
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}, "example": _CSV},
            XLSX: {"schema": _BINARY},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _BINARY},
                    "required": ["file"],
                }
            },
        },
    },
}


def as_file(shape: type[BaseModel], query: type[PageQuery]) -> dict[str, Any]:
    """`page_of` a list that can be had as a file too."""
    return page_of(shape, query) | {"responses": _answers()}


def file_of(query: type[Query]) -> dict[str, Any]:
    """What the route of a file is declared with."""
    extra = parameters_of(query)
    return {"responses": _answers(), "response_class": Response, "openapi_extra": extra}


def _answers() -> dict[int | str, dict[str, Any]]:
    files = {"text/csv": {"schema": {"type": "string"}}, XLSX: {"schema": _BINARY}}
    return {200: {"content": files}} | problems(TooManyRequests)
