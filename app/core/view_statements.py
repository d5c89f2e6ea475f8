"""The statements of a view: a page of rows as JSON, one row as JSON, and the tags of both."""

from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Any, NamedTuple, Self

from pydantic import TypeAdapter
from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.dialects.postgresql.asyncpg import dialect

Order = Sequence[tuple[ColumnElement[Any], bool]]
"""What rows are sorted by, and whether from last to first; the id comes last."""

_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""


class Statement(NamedTuple):
    """A compiled statement, and what its placeholders take."""

    sql: str
    values: Sequence[tuple[str, Any]]
    plan_anew: bool = False
    """For the values given, rather than once for all."""

    def for_role(self, role: str, *, plan_anew: bool = False) -> Self:
        """PostgreSQL plans a prepared statement again when another role executes it, so each role
        has a text of its own."""
        return self._replace(sql=f"/* {role} */ {self.sql}", plan_anew=plan_anew)

    def filled(self, values: Mapping[str, Any]) -> list[str | None]:
        """What the placeholders take, as text."""
        given = (values.get(name, constant) for name, constant in self.values)
        return [None if value is None else str(value) for value in given]


class Rows(NamedTuple):
    """Which rows a page shows, and in which order."""

    matching: Select[Any]
    order: Order
    version: ColumnElement[Any] | None
    subject: ColumnElement[Any] | None
    limit: int
    after: bool
    searched: ColumnElement[str] | None = None
    """The text that is searched for the pattern `q`."""
    among: int | None = None
    """How many rows are searched, in the order of the page; by default all."""

    def select(self, columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
        """With what a page is known by, and one row more than are shown, to know if more follow."""
        matching = self.matching.where(_beyond(self.order)) if self.after else self.matching
        labelled = [column.label(name) for name, column in columns.items()]
        labelled += [place.label(f"place_{n}") for n, (place, _) in enumerate(self.order)]
        for name, column in (("version", self.version), ("subject", self.subject)):
            labelled += [] if column is None else [column.label(name)]
        rows = matching.with_only_columns(*labelled, maintain_column_froms=True)
        # The limit is written out, so that the plan knows how few rows are wanted.
        return self._found(rows).limit(_words(self.limit + 1))

    def _found(self, rows: Select[Any]) -> Select[Any]:
        in_order = rows.order_by(*starmap(_sorted, self.order))
        if self.searched is None:
            return in_order
        pattern = bindparam("q", type_=Text)
        if self.among is None:
            # Collected first, sorted then: under row policies PostgreSQL does not know how rare a
            # word is, and would walk through all rows in the order of the page.
            found = rows.where(self.searched.like(pattern)).offset(_words(0)).subquery()
            return select(found).order_by(*self.sorting(found))
        searched = in_order.add_columns(self.searched.label("searched"))
        first = searched.limit(_words(self.among)).subquery()
        shown = [column for column in first.c if column.key != "searched"]
        return select(*shown).where(first.c.searched.like(pattern)).order_by(*self.sorting(first))

    @property
    def place(self) -> TypeAdapter[tuple[Any, ...]]:
        """What a cursor holds."""
        kinds = tuple(place.type.python_type for place, _ in self.order)
        return TypeAdapter(tuple[kinds])  # type: ignore[valid-type]

    def places(self, shown: FromClause) -> list[ColumnElement[Any]]:
        return [shown.c[f"place_{n}"] for n in range(len(self.order))]

    def sorting(self, shown: FromClause) -> list[ColumnElement[Any]]:
        downwards = (down for _, down in self.order)
        return list(map(_sorted, self.places(shown), downwards))


def row_statement(
    matching: Select[Any],
    id: ColumnElement[Any],
    fields: Mapping[str, ColumnElement[Any]],
    subject: str | None,
) -> Statement:
    """Gives the row's JSON, null as no more rows follow, its version if it has one, and whose
    personal data it is (null when nobody's)."""
    written = [_written(column).label(name) for name, column in fields.items()]
    found = matching.with_only_columns(*written, maintain_column_froms=True)
    shown = found.where(id == bindparam("id")).subquery("item")
    whose = null() if subject is None else cast(array([shown.c[subject]]), Text)
    json = _encoded(func.row_to_json(_words("item")))
    version = cast(shown.c.version, Text) if "version" in fields else null()
    row = select(json, null(), version, whose).select_from(shown)
    return _compiled(row)


def listed(
    matching: Select[Any], fields: Mapping[str, ColumnElement[Any]], order: Sequence[Any]
) -> ColumnElement[Any]:
    """All rows, whole and in order, as one JSON array within another statement."""
    written = [_written(column).label(name) for name, column in fields.items()]
    rows = matching.with_only_columns(*written, maintain_column_froms=True)
    item = rows.order_by(*order).subquery("item")
    items = func.coalesce(func.json_agg(_words("item")), _words("'[]'"))
    return select(items).select_from(item).scalar_subquery()


def document_statement(
    members: Mapping[str, ColumnElement[Any]], where: ColumnElement[bool]
) -> Statement:
    """Gives one JSON object of parts, all of the same moment; nothing where it is not so."""
    pairs = [part for name, each in members.items() for part in (_words(f"'{name}'"), each)]
    whole = _encoded(func.json_build_object(*pairs))
    return _compiled(select(whole, null(), null(), null()).where(where))


def row_tag_statement(
    matching: Select[Any],
    id: ColumnElement[Any],
    version: ColumnElement[Any],
    subject: ColumnElement[Any] | None,
) -> Statement:
    """Gives what `row_statement` gives, but for the JSON."""
    whose = null() if subject is None else cast(array([subject]), Text)
    columns = (null(), null(), cast(version, Text), whose)
    row = matching.with_only_columns(*columns, maintain_column_froms=True)
    return _compiled(row.where(id == bindparam("id")))


def page_statement(rows: Rows, fields: Mapping[str, ColumnElement[Any]]) -> Statement:
    """Gives the items' JSON, the place of the last one if more follow, the page's tag, and whose
    personal data it is (null when nobody's).

    The rows are fetched once, and PostgreSQL remembers their order: sorting them again by their
    places costs nothing.
    """
    shown = rows.select({f"f_{name}": column for name, column in fields.items()}).cte("shown")
    places, sorting, limit = rows.places(shown), rows.sorting(shown), _words(rows.limit)
    written = (_written(shown.c[f"f_{name}"]).label(name) for name in fields)
    item = select(*written).order_by(*sorting).limit(limit).subquery("item")
    items = select(_encoded(func.coalesce(func.json_agg(_words("item")), _words("'[]'"))))
    last = select(*places).order_by(*sorting).offset(_words(rows.limit - 1)).limit(_words(1))
    summary = _summary(rows, shown)
    place = select(cast(func.json_build_array(*last.subquery().c), Text))
    page = select(
        items.select_from(item).scalar_subquery(),
        place.where(summary.c.rows > limit).scalar_subquery(),
        summary.c.tag,
        summary.c.whose,
    )
    return _compiled(page)


def page_tag_statement(rows: Rows) -> Statement:
    """Gives what `page_statement` gives, but for the JSON and the place."""
    summary = _summary(rows, rows.select({}).subquery())
    return _compiled(select(null(), null(), summary.c.tag, summary.c.whose))


def _summary(rows: Rows, shown: FromClause) -> Subquery:
    """The tag is a digest of ids and versions."""
    sorting = rows.sorting(shown)

    def all_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.array_agg(aggregate_order_by(column, *sorting))

    digested: ColumnElement[Any] = func.array_send(all_of(rows.places(shown)[-1]))
    if rows.version is not None:
        digested = digested.concat(func.array_send(all_of(shown.c.version)))
    tag = func.coalesce(func.md5(digested), _words("'empty'")).label("tag")
    number: ColumnElement[int] = func.count()
    whose: ColumnElement[Any] = null()
    if rows.subject is not None:
        beyond = func.greatest(number - _words(rows.limit), _words(0))
        whose = cast(func.trim_array(all_of(shown.c.subject), cast(beyond, Integer)), Text)
    return select(tag, whose.label("whose"), number.label("rows")).select_from(shown).subquery()


def _sorted(place: ColumnElement[Any], down: bool) -> ColumnElement[Any]:  # noqa: FBT001
    return place.desc() if down else place.asc()


def _encoded(json: ColumnElement[Any]) -> ColumnElement[bytes]:
    """As the client gets it. Python need not decode and encode what it only passes on."""
    return func.convert_to(cast(json, Text), _words("'UTF8'"))


def _beyond(order: Order) -> ColumnElement[bool]:
    """Strictly after the cursor's place. One row comparison, which an index can answer, when all
    keys run the same way; else a comparison for each key, those before it being equal."""
    seen = [bindparam(f"after_{n}", type_=place.type) for n, (place, _) in enumerate(order)]
    if len({down for _, down in order}) == 1:
        here, there = tuple_(*(place for place, _ in order)), tuple_(*seen)
        return here < there if order[0][1] else here > there
    steps = []
    for n, (place, down) in enumerate(order):
        equal = [order[k][0] == seen[k] for k in range(n)]
        steps.append(and_(*equal, place < seen[n] if down else place > seen[n]))
    return or_(*steps)


def _written(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column as JSON has it: moments as `schemas.Instant` writes them, the rest as it is."""
    if isinstance(column.type, TIMESTAMP):
        return func.to_char(func.timezone(_words("'UTC'"), column), _words(_MOMENT))
    return column


def _words(sql: str | int) -> ColumnElement[Any]:
    """Our own words, written out: what never varies needs no placeholder."""
    return literal_column(str(sql))


def _compiled(statement: Select[*tuple[Any, ...]]) -> Statement:
    compiled = statement.compile(dialect=dialect())  # type: ignore[no-untyped-call]
    values = [(name, compiled.params[name]) for name in compiled.positiontup or ()]
    return Statement(str(compiled), values)
