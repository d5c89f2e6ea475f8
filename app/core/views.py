"""Answers written by the database: PostgreSQL returns the finished JSON of a page or a row.

A view is a kind of row in the shape of a schema. Its statements are built once for each
combination of filters, order and fields; a request only fills in values. No row passes through
Python. The schema documents the answer, and a contract test holds that what PostgreSQL writes is
what Pydantic would have written.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select

from app.core.database.models import Base
from app.core.database.sessions import Reader
from app.core.pages import PageQuery, fingerprint, read_cursor, write_cursor
from app.core.problems import NotFound
from app.core.view_statements import Statement, page_statement, row_statement

E = TypeVar("E", bound=Base)


class Given:
    """A query whose values are placeholders of a statement; what the client left out is None."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> BindParameter[Any] | None:
        return bindparam(name) if name in self._names else None


class View(Generic[E]):
    """Rows of one kind in one shape.

    `matching` says what a query's filters mean, as a `Select` of the kind. `columns` says where a
    field comes from when it is not the kind's attribute of that name; `places` says the same of
    what a list is sorted by. `subjects` is the field that names whose personal data a row is: who
    read whose is then written to the application's log of reads.
    """

    def __init__(
        self,
        kind: type[E],
        shape: type[BaseModel],
        matching: Callable[[Any], Select[Any]] | None = None,
        columns: Mapping[str, Any] | None = None,
        places: Mapping[str, Any] | None = None,
        subjects: str | None = None,
    ) -> None:
        self.kind, self.shape, self.subjects = kind, shape, subjects
        self._matching = matching or (lambda _: select(kind))
        self._columns, self._places = columns or {}, places or {}
        self._row = lru_cache(maxsize=1)(self._build_row)
        self._page = lru_cache(maxsize=512)(self._build_page)

    async def page(
        self, reader: Reader, request: Request, query: PageQuery, **fixed: Any
    ) -> Response:
        """The page as the database wrote it; 304 when the client has it already.

        `fixed` are values that the route gives, from its path.
        """
        values = query.model_dump(exclude={"sort", "after", "fields", "limit"}, exclude_none=True)
        after = query.after is not None
        statement = self._page(
            query.sort, frozenset(values), query.limit, query.fields, after=after
        )
        mark = fingerprint(self.shape.__name__, query.sort)
        if query.after is not None:
            place = read_cursor(query.after, mark, statement.place)
            values |= {f"after_{n}": value for n, value in enumerate(place)}
        row = await self._fetch(reader, request, statement, values | fixed)
        items, last, tag, subjects = row
        self._note(request, subjects)
        headers = _validators(tag)
        if items is None:
            return Response(status_code=304, headers=headers)
        following = "null"
        if last is not None:
            cursor = write_cursor(mark, last)
            following = f'"{cursor}"'
            url = request.url.include_query_params(after=cursor)
            headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        body = f'{{"items":{items},"next":{following}}}'
        return Response(body, headers=headers, media_type="application/json")

    async def row(self, reader: Reader, request: Request, id: UUID) -> Response:
        """One row as the database wrote it; 304 when the client has it already.

        Raises NotFound for what is not there or not in the reader's scope.
        """
        row = await self._fetch(reader, request, self._row(), {"id": id})
        if row is None:
            raise NotFound
        item, version, subjects = row
        self._note(request, subjects)
        if item is None:
            return Response(status_code=304, headers=_validators(version))
        return Response(item, headers=_validators(version), media_type="application/json")

    async def _fetch(
        self, reader: Reader, request: Request, statement: Statement, values: dict[str, Any]
    ) -> Any:
        values["seen"] = _seen(request.headers.get("if-none-match"))
        # PostgreSQL plans a prepared statement again when another role executes it, so each role
        # has a text of its own.
        sql = f"/* {reader.scope.caller} */ {statement.sql}"
        return await reader.row(sql, *statement.filled(values))

    def _note(self, request: Request, subjects: str | None) -> None:
        if subjects is not None:
            request.app.state.read_log.note(request, subjects)

    def _column(self, name: str) -> ColumnElement[Any]:
        found = self._columns.get(name)
        column: ColumnElement[Any] = getattr(self.kind, name) if found is None else found
        return column

    def _place(self, name: str) -> ColumnElement[Any]:
        found = self._places.get(name)
        return self._column(name) if found is None else found

    def _fields(self, chosen: str | None) -> dict[str, ColumnElement[Any]]:
        names = chosen.split(",") if chosen else self.shape.model_fields
        return {name: self._column(name) for name in names}

    def _build_row(self) -> Statement:
        matching = self._matching(Given(frozenset()))
        return row_statement(matching, self._column("id"), self._fields(None), self.subjects)

    def _build_page(
        self, sort: str, given: frozenset[str], limit: int, chosen: str | None, *, after: bool
    ) -> Statement:
        keys = sort.split(",")
        keys.append("-id" if keys[-1].startswith("-") else "id")
        order = [(self._place(key.removeprefix("-")), key.startswith("-")) for key in keys]
        matching = self._matching(Given(given))
        version = self._column("version") if "version" in self.shape.model_fields else None
        fields = self._fields(chosen)
        whose = self._column(self.subjects) if self.subjects else None
        return page_statement(matching, fields, order, version, whose, limit, after=after)


def _validators(tag: str) -> dict[str, str]:
    """no-cache: kept only to be asked about, for personal data is never served from a cache."""
    return {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization"}


def _seen(if_none_match: str | None) -> list[str] | None:
    """The tags a client holds. Proxies may have made them weak (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return None
    return [tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")]
