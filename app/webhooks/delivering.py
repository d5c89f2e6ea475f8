"""Delivers what happened: from events to messages, and from messages to endpoints.

Every second it is looked whether something is to be done. A notice by `NOTIFY` would come too
early, for an event is told once no older transaction is running, and each would take a lock that
all commits share; two statements a second cost nothing.

At least once: an attempt that is under way is due again after a while, in case that its process
dies before it has written how it went.
"""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from random import uniform
from time import time
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg
from structlog import get_logger

from app.core.config import Settings
from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database
from app.core.secrets import Seals
from app.webhooks import service
from app.webhooks.sending import Outcome, Sender
from app.webhooks.signing import headers

AT_ONCE = 64
"""Messages under way."""
TO_ONE = 4
"""Of these, to one endpoint; to one that took nothing last, a single one, so that those which do
not answer leave room for the others."""
RETRIES = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
"""Seconds from one attempt to the next; then it is given up."""
JITTER = 0.1
LEASE = timedelta(minutes=1)
"""How long an attempt may be under way."""
BATCH = 1000
"""Events that become messages at once."""
FORGOTTEN_AT_ONCE = 10_000
PAUSE = 1.0
AFTER_A_FAILURE = 5.0
GONE = 410

log = get_logger()

# Whoever has the cursor's row is the only one that does this. An endpoint is told what its
# organisation may read: the Academy everything, others their own and what is below them. What
# happened before it was there is not told, nor, when a restored backup is read from the start
# (see `events.keeping`), what is older than deliveries are remembered.
_FAN_OUT = """
  with mark as materialized (
    select h.lineage,
      case when c.lineage = h.lineage then c.transaction else '0' end as transaction,
      case when c.lineage = h.lineage then c.sequence else 0 end as sequence
    from webhook_cursors c, change_horizons h for update of c skip locked
  ), found as materialized (
    select e.* from events e
    where (e.transaction, e.sequence)
        > ((select transaction from mark), (select sequence from mark))
      and e.transaction < pg_snapshot_xmin(pg_current_snapshot())
    order by e.transaction, e.sequence limit $1
  ), made as (
    insert into webhook_deliveries (organization_id, endpoint_id, event_id, type, payload)
    select w.organization_id, w.id, e.id, e.name, json_build_object(
      'type', e.name,
      'timestamp', to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'data', e.data || jsonb_build_object(
        'id', e.id, 'organization_id', e.organization_id, 'subject_id', e.subject_id))::text
    from found e
    join webhook_endpoints w on w.enabled
      and w.types && array['*', split_part(e.name, '.', 1) || '.*', e.name]
      and e.occurred_at >= w.created_at - interval '15 minutes'
    join organizations o on o.id = w.organization_id
    join organization_subtrees s on s.organization_id = o.id
    where e.occurred_at > now() - $2::interval
      and (o.kind = 'academy' or e.organization_id = any (s.member_ids))
    order by e.transaction, e.sequence
    on conflict do nothing
  ), moved as (
    update webhook_cursors c
    set lineage = mark.lineage, transaction = last.transaction, sequence = last.sequence
    from mark, (
      select transaction, sequence from found order by transaction desc, sequence desc limit 1
    ) as last
  )
  select count(*) as events from found
"""

# Of each endpoint the oldest that are due, as many as it has room for. The limit is written out, so
# that the plan knows how few rows are wanted of a hundred thousand.
_CLAIM = f"""
  with room as (
    select w.id, w.url, case when f.endpoint_id is null then {TO_ONE} else 1 end
      - coalesce(busy.messages, 0) as messages
    from webhook_endpoints w
    left join webhook_failures f on f.endpoint_id = w.id
    left join unnest($1::uuid[], $2::int[]) as busy (id, messages) on busy.id = w.id
    where w.enabled
  ), waiting as (
    select d.id, room.id as endpoint_id, room.url, room.messages, d.next_attempt_at
    from room cross join lateral (
      select d.id, d.next_attempt_at from webhook_deliveries d
      where d.endpoint_id = room.id and d.state = 'pending' and d.next_attempt_at <= now()
      order by d.next_attempt_at limit {TO_ONE} for update skip locked
    ) as d
    where room.messages > 0
  ), due as (
    select id, url from (
      select *, row_number() over (partition by endpoint_id order by next_attempt_at) as nth
      from waiting
    ) as w where nth <= messages order by nth limit $3
  )
  update webhook_deliveries d set next_attempt_at = now() + $4::interval
  from due where d.id = due.id
  returning d.id, d.endpoint_id, d.organization_id, d.event_id, d.payload, d.attempts, due.url,
    array(
      select s.sealed from webhook_secrets s
      where s.endpoint_id = d.endpoint_id and not exists (
        select from webhook_secrets n where n.endpoint_id = s.endpoint_id and n.id > s.id
          and n.created_at < now() - interval '24 hours')
      order by s.id desc limit 2
    ) as sealed
"""  # noqa: S608 -- our own words

_WRITE = """
  with told as (
    select * from jsonb_to_recordset($1::jsonb) as t (id uuid, endpoint_id uuid,
      organization_id uuid, taken boolean, status int, error text, retry_in float8)
  ), written as (
    update webhook_deliveries d set
      attempts = d.attempts + 1, last_attempt_at = now(), last_status = t.status,
      last_error = t.error,
      state = case when t.taken then 'delivered' when t.retry_in is null then 'failed'
        else 'pending' end,
      next_attempt_at = now() + make_interval(secs => t.retry_in)
    from told t where d.id = t.id
  ), well as (
    delete from webhook_failures f using told t where t.taken and f.endpoint_id = t.endpoint_id
  )
  insert into webhook_failures (endpoint_id, organization_id)
  select distinct t.endpoint_id, t.organization_id from told t
  where not exists (select from told o where o.endpoint_id = t.endpoint_id and o.taken)
  on conflict do nothing
"""

_FAILING = """
  select w.id from webhook_endpoints w join webhook_failures f on f.endpoint_id = w.id
  where w.enabled and greatest(f.since, w.enabled_at) < now() - $1::interval
"""

_FORGET = """
  with old as (
    select id from webhook_deliveries where created_at < now() - $1::interval
    order by created_at, id limit $2
  ), gone as (
    delete from webhook_deliveries d using old where d.id = old.id returning d.id
  )
  select count(*) from gone
"""


async def deliver(database: Database, settings: Settings, seals: Seals) -> None:
    """Until it is cancelled; whatever goes wrong, it goes on."""
    async with Sender(settings.webhook_networks, AT_ONCE) as sender:
        while True:
            try:
                async with Courier(database, settings, seals, sender) as courier:
                    while True:
                        await courier.turn()
                        await courier.rest()
            except Exception:
                log.exception("webhooks_stopped", again_in_seconds=AFTER_A_FAILURE)
            await asyncio.sleep(AFTER_A_FAILURE)


async def forget(database: Database, kept: timedelta) -> None:
    """Deliveries older than that, however they went."""
    gone = FORGOTTEN_AT_ONCE
    while gone == FORGOTTEN_AT_ONCE:
        gone = (await database.unscoped(_FORGET, kept, FORGOTTEN_AT_ONCE))[0][0]


class _Ended(NamedTuple):
    message: asyncpg.Record
    outcome: Outcome


class Courier:
    """Has messages under way, and knows of each how it went."""

    def __init__(
        self, database: Database, settings: Settings, seals: Seals, sender: Sender
    ) -> None:
        self._database, self._settings, self._sender = database, settings, sender
        self._seal = seals.webhooks
        self._under_way: dict[asyncio.Task[None], UUID] = {}
        self._ended: list[_Ended] = []
        self._something = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    @property
    def busy(self) -> bool:
        return bool(self._under_way or self._ended)

    async def turn(self) -> bool:
        """Writes how messages went, makes new ones, and sends what is due; whether there was
        anything to do."""
        written = await self._write()
        made = await self._database.unscoped(
            _FAN_OUT, BATCH, self._settings.webhook_deliveries_kept
        )
        if made[0]["events"]:
            self._something.set()
        return bool(await self._send() + written + made[0]["events"])

    async def rest(self) -> None:
        """Until something is to be done at once, or for a second."""
        try:
            async with asyncio.timeout(PAUSE):
                await self._something.wait()
        except TimeoutError:
            pass
        self._something.clear()

    async def _send(self) -> int:
        busy = Counter(self._under_way.values())
        free = AT_ONCE - len(self._under_way)
        if not free:
            return 0
        claimed = await self._database.unscoped(
            _CLAIM, list(busy), list(busy.values()), free, LEASE
        )
        for message in claimed:
            task = asyncio.create_task(self._attempt(message))
            self._under_way[task] = message["endpoint_id"]
            task.add_done_callback(self._end)
        return len(claimed)

    async def _attempt(self, message: asyncpg.Record) -> None:
        secrets = [self._seal.open(sealed).decode() for sealed in message["sealed"]]
        body = message["payload"].encode()
        signed = headers(str(message["event_id"]), int(time()), body, secrets)
        outcome = await self._sender.send(message["url"], signed, body)
        self._ended.append(_Ended(message, outcome))

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        if not task.cancelled() and (error := task.exception()):
            log.error("webhook_not_attempted", exc_info=error)
        self._something.set()

    async def _write(self) -> int:
        ended, self._ended = self._ended, []
        if not ended:
            return 0
        await self._database.unscoped(_WRITE, json.dumps([_told(each) for each in ended]))
        for each in ended:
            if each.outcome.status == GONE:
                await self._disable(each.message["endpoint_id"], "gone")
        if not all(each.outcome.taken for each in ended):
            patience = self._settings.webhook_patience
            for failing in await self._database.unscoped(_FAILING, patience):
                await self._disable(failing["id"], "failing")
        return len(ended)

    async def _disable(self, endpoint: UUID, because: str) -> None:
        async with self._database.session(system(Reach.EVERYTHING, "webhooks")) as session:
            if await service.disable(session, endpoint, because):
                log.warning("webhook_disabled", endpoint=str(endpoint), because=because)


def _told(ended: _Ended) -> dict[str, Any]:
    message, outcome = ended
    return {
        **{name: str(message[name]) for name in ("id", "endpoint_id", "organization_id")},
        "taken": outcome.taken,
        "status": outcome.status,
        "error": outcome.error,
        "retry_in": _retry_in(message["attempts"], outcome),
    }


def _retry_in(before: int, outcome: Outcome) -> float | None:
    """Seconds; not exactly as many, so that what failed together does not come back together."""
    if outcome.taken or outcome.status == GONE or before >= len(RETRIES):
        return None
    return RETRIES[before] * uniform(1, 1 + JITTER)  # noqa: S311 -- no secret
