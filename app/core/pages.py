"""What a list takes and gives: its query string, its cursor, its page.

Pages are keyset pages: a page is read from the place where the one before ended, so page 1,000
costs what page 1 costs, and rows that come and go meanwhile are neither skipped nor doubled.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar
from urllib.parse import urlencode

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from app.core.problems import InvalidRequest, invalid
from app.core.schemas import Text

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some rows of a list, and where to read on."""

    items: list[T]
    next: str | None = Field(
        description="Pass it as `after` to read on; null on the last page", examples=[None]
    )


def sorting(default: str, names: tuple[str, ...]) -> Any:
    """The `sort` of a list that can be sorted by these."""
    listed = ", ".join(f"`{name}`" for name in names)
    return Field(
        default,
        max_length=100,
        description=f"Any of {listed}; separate several by commas, and put a minus before a name to"
        " reverse its order",
    )


class Query(BaseModel):
    """A query string; parameters that it does not know are refused."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, request: Request) -> Self:
        """The query string of a request. Raises RequestValidationError.

        FastAPI would do the same for a parameter with `Query()`, but it looks at every field's
        annotation anew for each request, and that takes as long as all the rest.
        """
        try:
            return cls.model_validate(dict(request.query_params))
        except ValidationError as error:
            wrong = [{**each, "loc": ("query", *each["loc"])} for each in error.errors()]
            raise RequestValidationError(wrong) from None


class PageQuery(Query):
    """The query string of every list. A list subclasses it with its filters and its order."""

    sortable: ClassVar[tuple[str, ...]]
    shape: ClassVar[type[BaseModel]]

    limit: int = Field(50, ge=1, le=200, description="Rows of a page, at most")
    after: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="`next` of the page before"
    )
    fields: Text | None = Field(
        None, description="Only these fields of each row, separated by commas"
    )
    sort: str

    @field_validator("sort")
    @classmethod
    def _sortable(cls, sort: str) -> str:
        names = [key.removeprefix("-") for key in sort.split(",")]
        if len(set(names)) == len(names) and set(names) <= set(cls.sortable):
            return sort
        raise PydanticCustomError(
            "not_sortable",
            "Sort by one or more of {allowed}; a minus before a name reverses it.",
            {"allowed": ", ".join(cls.sortable)},
        )

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: str | None) -> str | None:
        chosen = {} if fields is None else dict.fromkeys(fields.split(","))
        if chosen.keys() <= cls.shape.model_fields.keys():
            return ",".join(chosen) or None
        raise PydanticCustomError(
            "no_such_field",
            "Choose from {allowed}.",
            {"allowed": ", ".join(cls.shape.model_fields)},
        )


def page_of(shape: type[BaseModel], query: type[PageQuery]) -> dict[str, Any]:
    """What the route of a list is declared with: `@router.get("/units", **page_of(...))`."""
    return {"response_model": Page[shape], "openapi_extra": parameters_of(query)}  # type: ignore[valid-type]


def parameters_of(query: type[Query]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads its query string itself."""
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        | ({"description": schema["description"]} if "description" in schema else {})
        for name, schema in query.model_json_schema()["properties"].items()
    ]
    return {"parameters": parameters}


def fingerprint(*parts: object) -> str:
    """Ties a cursor to the list and order that gave it."""
    return blake2s(repr(parts).encode(), digest_size=6).hexdigest()


def write_cursor(mark: str, place: str) -> str:
    """`place` is the JSON array that PostgreSQL wrote of the last row's place and id."""
    return urlsafe_b64encode(f'["{mark}",{place}]'.encode()).decode().rstrip("=")


def read_cursor(cursor: str, mark: str, place: TypeAdapter[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The place a cursor names. Raises InvalidRequest for a cursor that this list did not give."""
    try:
        given, values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        written = json.dumps(values)
        if given == mark and r"\u0000" not in written:  # which no text here holds
            found = place.validate_json(written)
            return tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in found)
    except (ValueError, TypeError, ValidationError, RecursionError, OverflowError):
        pass
    raise not_a_cursor()


def link_to_next(request: Request, parameter: str, cursor: str) -> str:
    """The header that names the next page (RFC 8288)."""
    given = request.query_params.multi_items()
    asked = [(name, value) for name, value in given if name != parameter]
    return f'<{request.scope["path"]}?{urlencode([*asked, (parameter, cursor)])}>; rel="next"'


def not_a_cursor() -> InvalidRequest:
    return invalid(
        "not_a_cursor",
        "This is no cursor of this list in this order. Start again without `after`.",
        "query",
        "after",
    )
