"""What a request costs in the database, as PostgreSQL counts it (pg_stat_statements)."""

import http.client
from typing import NamedTuple

import asyncpg


class Cost(NamedTuple):
    statements: int
    milliseconds: float
    """Planned and executed in, by all statements of one request together."""


async def cost_of(
    owner: asyncpg.Connection, port: int, path: str, token: str, times: int = 30
) -> Cost:
    """The mean of some requests, one after another, after as many to warm up."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(times):
        _ask(connection, path, token)
    await owner.execute("select pg_stat_statements_reset()")
    for _ in range(times):
        _ask(connection, path, token)
    connection.close()
    # What the service does beside its requests, it does less often.
    row = await owner.fetchrow(
        "select sum(calls) / $1 as statements,"
        "  sum(total_plan_time + total_exec_time) / $1 as milliseconds"
        " from pg_stat_statements s join pg_roles r on r.oid = s.userid"
        " where calls >= $1 and toplevel and not rolsuper",
        times,
    )
    return Cost(int(row["statements"]), row["milliseconds"])


def _ask(connection: http.client.HTTPConnection, path: str, token: str) -> None:
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise ValueError(content)
