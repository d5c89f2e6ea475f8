"""The two statements of a view: a page of rows as JSON, and one row as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    CTE,
    TIMESTAMP,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.dialects.postgresql.asyncpg import dialect

Order = Sequence[tuple[ColumnElement[Any], bool]]
"""What rows are sorted by, and whether from last to first; the id comes last."""


class Statement(NamedTuple):
    """A compiled statement, what its placeholders take, and what its cursors hold."""

    sql: str
    values: Sequence[tuple[str, Any]]
    place: TypeAdapter[tuple[Any, ...]]

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        return [values.get(name, constant) for name, constant in self.values]


def row_statement(
    matching: Select[Any],
    id: ColumnElement[Any],
    fields: Mapping[str, ColumnElement[Any]],
    subject: str | None,
) -> Statement:
    """Returns the row's JSON (null when the client has this version), its version, and whose
    personal data it is (null when nobody's)."""
    written = [_written(column).label(name) for name, column in fields.items()]
    found = matching.with_only_columns(*written, maintain_column_froms=True)
    shown = found.where(id == bindparam("id")).subquery("item")
    version = cast(shown.c.version, Text)
    json = cast(func.row_to_json(literal_column("item")), Text)
    whose = null() if subject is None else func.concat("{", shown.c[subject], "}")
    row = select(_unless_seen(version, json), version, whose).select_from(shown)
    return _compiled(row, order=[])


def page_statement(
    matching: Select[Any],
    fields: Mapping[str, ColumnElement[Any]],
    order: Order,
    version: ColumnElement[Any] | None,
    subject: ColumnElement[Any] | None,
    limit: int,
    *,
    after: bool,
) -> Statement:
    """Returns the items' JSON (null when the client has this page), the place of the last one if
    more follow, the page's tag, and whose personal data it is (null when nobody's). One row more
    than asked for tells whether more follow; the tag is a digest of ids and versions, so it costs
    no JSON."""
    if after:
        matching = matching.where(_beyond(order))
    shown = _shown(matching, fields, order, version, subject, limit)
    on_page = shown.c.nth <= limit
    tagged = _tagged(shown, on_page)
    item = select(*(_written(shown.c[f"f_{name}"]).label(name) for name in fields))
    item_rows = item.where(on_page).order_by(shown.c.nth).subquery("item")
    json = cast(func.json_agg(literal_column("item")), Text)
    items = select(func.coalesce(json, literal_column("'[]'"))).select_from(item_rows)
    places = (shown.c[f"place_{n}"] for n in range(len(order)))
    more = select(shown.c.nth).where(shown.c.nth > limit).exists()
    last = select(cast(func.json_build_array(*places), Text)).where(shown.c.nth == limit, more)
    page = select(
        _unless_seen(tagged.c.tag, items.scalar_subquery()),
        last.scalar_subquery(),
        tagged.c.tag,
        tagged.c.whose,
    )
    return _compiled(page, order)


def _shown(
    matching: Select[Any],
    fields: Mapping[str, ColumnElement[Any]],
    order: Order,
    version: ColumnElement[Any] | None,
    subject: ColumnElement[Any] | None,
    limit: int,
) -> CTE:
    sorting = [place.desc() if down else place.asc() for place, down in order]
    columns = [column.label(f"f_{name}") for name, column in fields.items()]
    places = [place.label(f"place_{n}") for n, (place, _) in enumerate(order)]
    nth = func.row_number().over(order_by=sorting).label("nth")
    counted = (literal_column("1") if version is None else version).label("row_version")
    whose = (null() if subject is None else subject).label("whose")
    rows = matching.with_only_columns(
        *columns, *places, counted, whose, nth, maintain_column_froms=True
    )
    # The limit is written out, so that the plan knows how few rows are wanted.
    return rows.order_by(*sorting).limit(literal_column(str(limit + 1))).cte("shown")


def _tagged(shown: CTE, on_page: ColumnElement[bool]) -> Subquery:
    nth, id = shown.c.nth, [c for c in shown.c if c.name.startswith("place_")][-1]
    each = cast(id, Text).concat(".").concat(cast(shown.c.row_version, Text))
    digest = func.md5(func.string_agg(each, aggregate_order_by(literal_column("','"), nth)))
    whose = func.string_agg(cast(shown.c.whose, Text), literal_column("','")).filter(on_page)
    return select(
        func.coalesce(digest, literal_column("'empty'")).label("tag"),
        literal_column("'{'").concat(whose).concat("}").label("whose"),
    ).subquery("tagged")


def _unless_seen(tag: ColumnElement[str], json: ColumnElement[str]) -> ColumnElement[str]:
    seen = bindparam("seen", type_=ARRAY(Text))
    return case((seen.overlap(array([tag, literal_column("'*'")])), None), else_=json)


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
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    return column


def _compiled(statement: Select[*tuple[Any, ...]], order: Order) -> Statement:
    compiled = statement.compile(dialect=dialect())  # type: ignore[no-untyped-call]
    values = [(name, compiled.params[name]) for name in compiled.positiontup or ()]
    kinds = tuple(place.type.python_type for place, _ in order)
    return Statement(str(compiled), values, TypeAdapter(tuple[kinds]))  # type: ignore[valid-type]
