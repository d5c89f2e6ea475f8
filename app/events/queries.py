"""The feed of changes: events in an order to which nothing is ever added but at its end.

Events are ordered by the transaction that wrote them, and within it by their number. A transaction
is shown once no older one is running any more: what commits late so never slips in behind a cursor
that has passed it. Only the oldest running transaction is asked for, which a replica knows as well;
it does not know all that are running.
"""

from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field, TypeAdapter

from app.core.database.readers import Reader
from app.core.pages import fingerprint, link_to_next, read_cursor, write_cursor
from app.core.problems import InvalidRequest, invalid
from app.core.view_statements import Statement
from app.core.views import unless_held
from app.events.problems import ChangesForgotten
from app.events.schemas import NOW, ChangeQuery


class Place(NamedTuple):
    """Where a cursor stands; (transaction, 0) is before anything that the transaction did."""

    lineage: UUID
    transaction: Annotated[int, Field(ge=0, lt=2**64)]
    sequence: Annotated[int, Field(ge=0, lt=2**63)]


_PLACE = TypeAdapter[tuple[object, ...]](Place)
_MARK = fingerprint("changes")
_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""

# Without a transaction to begin after, it begins now. Transaction 0 is before all others.
_FEED = f"""
  with edge as materialized (
    select pg_snapshot_xmin(pg_current_snapshot()) as oldest_running, h.lineage,
      coalesce($1::xid8, pg_snapshot_xmin(pg_current_snapshot())) as transaction,
      $2::bigint as sequence,
      $1::xid8 > '0' and ($1::xid8, $2::bigint) < (h.transaction, h.sequence) as forgotten
    from change_horizons h
  ), found as materialized (
    select e.* from events e
    where (e.transaction, e.sequence)
        > ((select transaction from edge), (select sequence from edge))
      and e.transaction < (select oldest_running from edge)
      {{filter}}
    order by e.transaction, e.sequence limit {{limit}} + 1
  ), shown as (
    select * from found order by transaction, sequence limit {{limit}}
  ), item as (
    select id, name as type, to_char(occurred_at at time zone 'UTC', {_MOMENT}) as occurred_at,
      organization_id, subject_id, data
    from shown order by transaction, sequence
  ), reached as (
    select transaction, sequence from shown
    where (select count(*) from found) > {{limit}}
    union all
    select greatest(edge.transaction, oldest_running),
      case when edge.transaction > oldest_running then edge.sequence else 0 end
    from edge where (select count(*) from found) <= {{limit}}
    order by transaction desc, sequence desc limit 1
  )
  select convert_to(coalesce((select json_agg(item) from item), '[]')::text, 'UTF8') as body,
    json_build_array(lineage, reached.transaction::text::numeric, reached.sequence)::text as place,
    case when forgotten then 'forgotten' when (select count(*) from found) > {{limit}} then 'more'
      else 'all' end as tag,
    null as whose
  from edge, reached
"""  # noqa: S608 -- our own words


async def feed(reader: Reader, request: Request, query: ChangeQuery) -> Response:
    """Raises ChangesForgotten when something after the cursor is no longer kept."""
    since = None if query.since in (None, NOW) else _read(query.since or "")
    transaction = "0" if query.since is None else since and since.transaction
    sequence = since.sequence if since else 0
    values = {"transaction": transaction, "sequence": sequence, "types": query.types}
    statement = _statement(reader.scope.caller, query)
    found = await reader.row(statement.sql, statement.filled(values), plan_anew=False)
    cursor = write_cursor(_MARK, found["place"])
    if found["tag"] == "forgotten" or (since and since.lineage != _read(cursor).lineage):
        raise ChangesForgotten
    items, more = bytes(found["body"]).decode(), found["tag"] == "more"
    body = f'{{"items":{items},"next":"{cursor}","more":{str(more).lower()}}}'
    response = unless_held(request, body)
    if more:
        response.headers["Link"] = link_to_next(request, "since", cursor)
    return response


def _statement(role: str, query: ChangeQuery) -> Statement:
    values = [("transaction", None), ("sequence", None)]
    narrowed = "and e.name ~ $3::text" if query.types else ""
    if narrowed:
        values.append(("types", None))
    sql = _FEED.format(filter=narrowed, limit=query.limit)
    return Statement(sql, values).for_role(role)


def _read(cursor: str) -> Place:
    try:
        return Place(*read_cursor(cursor, _MARK, _PLACE))
    except InvalidRequest:
        raise invalid(
            "not_a_cursor_of_changes",
            "This is no cursor of the changes. Begin again with `since=now`, or without `since`.",
            "query",
            "since",
        ) from None
