"""Answers written by the database: PostgreSQL returns the finished JSON of a page or a row.

A view is a kind of row in the shape of a schema. Its statements are built once for each
combination of filters, order and fields; a request only fills in values. No row passes through
Python. The schema documents the answer, and a contract test holds that what PostgreSQL writes is
what Pydantic would have written.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from hashlib import blake2s
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select

from app.core.database.models import Base
from app.core.database.readers import Reader
from app.core.http.rates import Policy, Rates
from app.core.pages import PageQuery, fingerprint, link_to_next, read_cursor, write_cursor
from app.core.problems import NotFound
from app.core.view_statements import (
    Rows,
    Statement,
    listed,
    page_statement,
    page_tag_statement,
    row_statement,
    row_tag_statement,
)

E = TypeVar("E", bound=Base)


AMONG = 2500
"""How many rows a search of everything looks at in their order before it collects all that match:
a frequent word has filled the page by then, and a rare one leaves little to sort."""


class Given:
    """A query whose values are placeholders of a statement; what the client left out is None."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> BindParameter[Any] | None:
        return bindparam(name) if name in self._names else None


class RowStatements(NamedTuple):
    """What is asked of the database: all of it, or only whether it is as it was."""

    content: Statement
    tag: Statement | None
    """Not of a row of which more changes than its version tells."""


class PageStatements(NamedTuple):
    """The same of a page."""

    content: Statement
    tag: Statement
    first: Statement | None
    """Gives the content too, but for sure only if more follow: see `AMONG`."""
    place: TypeAdapter[tuple[Any, ...]]
    """What its cursors hold."""


class View(Generic[E]):
    """Rows of one kind in one shape.

    `matching` says what a query's filters mean, as a `Select` of the kind. `columns` says where a
    field comes from when it is not the kind's attribute of that name; `places` says the same of
    what a list is sorted by. `searched` is the text that the filter `q` searches. `stamp` changes
    with a row; by default its version, and rows without one never change. `subjects` is the field
    that names whose personal data a row is: who read whose is then written to the application's
    log of reads.
    """

    def __init__(
        self,
        kind: type[E],
        shape: type[BaseModel],
        matching: Callable[[Any], Select[Any]] | None = None,
        columns: Mapping[str, Any] | None = None,
        places: Mapping[str, Any] | None = None,
        searched: Any = None,
        stamp: Any = None,
        subjects: str | None = None,
    ) -> None:
        self.kind, self.shape, self.subjects = kind, shape, subjects
        self._matching = matching or (lambda _: select(kind))
        self._columns, self._places, self._searched = columns or {}, places or {}, searched
        self._stamp = stamp
        self._row = lru_cache(maxsize=32)(self._build_row)
        self._page = lru_cache(maxsize=512)(self._build_page)

    async def page(
        self, reader: Reader, request: Request, query: PageQuery, **fixed: Any
    ) -> Response:
        """The page as the database wrote it; 304 when the client has it already.

        `fixed` are values that the route gives, from its path.
        """
        values = query.model_dump(exclude={"sort", "after", "fields", "limit"}, exclude_none=True)
        if "q" in values:
            rates: Rates = request.app.state.rates
            await rates.take(request, Policy.SEARCH, request.state.principal_id)
        shape = (query.sort, frozenset(values), query.limit, query.fields)
        scope, after = reader.scope, query.after is not None
        statements = self._page(scope.caller, scope.sees_everything, *shape, after=after)
        mark = fingerprint(self.shape.__name__, query.sort)
        if query.after is not None:
            place = read_cursor(query.after, mark, statements.place)
            values |= {f"after_{n}": value for n, value in enumerate(place)}
        values |= fixed
        if unchanged := await self._unchanged(reader, request, statements.tag, values):
            return unchanged
        last = None
        if statements.first is not None:
            items, last, tag, subjects = await self._fetch(reader, statements.first, values)
        if last is None:
            items, last, tag, subjects = await self._fetch(reader, statements.content, values)
        self._note(request, subjects)
        headers = _validators(tag)
        following = "null"
        if last is not None:
            cursor = write_cursor(mark, last)
            following = f'"{cursor}"'
            headers["Link"] = link_to_next(request, "after", cursor)
        body = b'{"items":%b,"next":%b}' % (items, following.encode())
        return Response(body, headers=headers, media_type="application/json")

    async def row(self, reader: Reader, request: Request, id: UUID) -> Response:
        """One row as the database wrote it; 304 when the client has it already.

        Raises NotFound for what is not there or not in the reader's scope.
        """
        statements, values = self._row(reader.scope.caller), {"id": id}
        if statements.tag is not None and (
            unchanged := await self._unchanged(reader, request, statements.tag, values)
        ):
            return unchanged
        item, _, version, subjects = await self._fetch(reader, statements.content, values)
        if item is None:
            raise NotFound
        self._note(request, subjects)
        if version is None:
            return _unless_held(request, item)
        return Response(item, headers=_validators(version), media_type="application/json")

    def listed(self, matching: Select[Any], *order: Any) -> ColumnElement[Any]:
        """Rows as a part of a larger document, in this view's shape."""
        return listed(matching, self._fields(None), order)

    async def _fetch(self, reader: Reader, statement: Statement, values: dict[str, Any]) -> Any:
        filled = statement.filled(values)
        return await reader.row(statement.sql, filled, plan_anew=statement.plan_anew)

    async def _unchanged(
        self, reader: Reader, request: Request, statement: Statement, values: dict[str, Any]
    ) -> Response | None:
        """304 when the client has it already. Who looks again at what they have reads it, too."""
        asked = request.headers.get("if-none-match")
        if asked is None:
            return None
        _, _, tag, subjects = await self._fetch(reader, statement, values)
        if tag is None:
            raise NotFound
        if _tags(asked).isdisjoint((tag, "*")):
            return None
        self._note(request, subjects)
        return Response(status_code=304, headers=_validators(tag))

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

    def _subject(self) -> ColumnElement[Any] | None:
        return self._column(self.subjects) if self.subjects else None

    def _fields(self, chosen: str | None) -> dict[str, ColumnElement[Any]]:
        names = chosen.split(",") if chosen else self.shape.model_fields
        return {name: self._column(name) for name in names}

    def _build_row(self, role: str) -> RowStatements:
        matching, id = self._matching(Given(frozenset())), self._column("id")
        content = row_statement(matching, id, self._fields(None), self.subjects)
        tag = None
        if self._stamp is None:
            tag = row_tag_statement(matching, id, self._column("version"), self._subject())
        return RowStatements(content.for_role(role), tag and tag.for_role(role))

    def _build_page(
        self,
        role: str,
        everything: bool,  # noqa: FBT001 -- a part of the cache's key, as the others
        sort: str,
        given: frozenset[str],
        limit: int,
        chosen: str | None,
        *,
        after: bool,
    ) -> PageStatements:
        keys = sort.split(",")
        keys.append("-id" if keys[-1].startswith("-") else "id")
        order = [(self._place(key.removeprefix("-")), key.startswith("-")) for key in keys]
        version = self._stamp
        if version is None and "version" in self.shape.model_fields:
            version = self._column("version")
        matching, searched = self._matching(Given(given)), self._searched if "q" in given else None
        rows = Rows(matching, order, version, self._subject(), limit, after, searched)
        fields = self._fields(chosen)
        # What a filter leaves over differs widely with its value.
        own = partial(Statement.for_role, role=role, plan_anew=bool(given))
        first = None
        if everything and searched is not None:
            first = own(page_statement(rows._replace(among=AMONG), fields))
        content, tag = own(page_statement(rows, fields)), own(page_tag_statement(rows))
        return PageStatements(content, tag, first, rows.place)


def unless_held(request: Request, body: str) -> Response:
    """What is no row and no page, tagged by what it says; 304 when the client has it already."""
    return _unless_held(request, body.encode())


def _unless_held(request: Request, body: bytes, tag: str | None = None) -> Response:
    headers = _validators(tag or blake2s(body, digest_size=16).hexdigest())
    if held(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


async def whole(
    reader: Reader,
    request: Request,
    statement: Statement,
    values: dict[str, Any],
    in_words: Callable[[bytes], bytes] | None = None,
) -> Response:
    """A document that is no row and no page, as the database wrote it; 304 when the client has it.
    Its tag is the statement's, or else what it says. `in_words` adds to its JSON what it means in
    words.

    Whose personal data it is, if anybody's, is noted as a view notes it. Raises NotFound where the
    statement gives none.
    """
    sql = f"/* {reader.scope.caller} */ {statement.sql}"
    filled = statement.filled(values)
    body, _, tag, subjects = await reader.row(sql, filled, plan_anew=statement.plan_anew)
    if body is None:
        raise NotFound
    if subjects is not None:
        request.app.state.read_log.note(request, subjects)
    return _unless_held(request, body if in_words is None else in_words(body), tag)


def held(request: Request, etag: str) -> bool:
    """Whether the client has what has this ETag."""
    return bool(_tags(request.headers.get("if-none-match", "")) & {etag.strip('"'), "*"})


def _validators(tag: str) -> dict[str, str]:
    """For clients that keep what they read. Caches keep nothing of it: see `Edge`."""
    return {"ETag": f'"{tag}"', "Vary": "Authorization"}


def _tags(if_none_match: str) -> set[str]:
    """Those that a client holds. Proxies may have made them weak (RFC 9110, 13.1.2)."""
    return {tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(",")}
