"""The service itself goes away, or its clients do; work is whole or not done, and nothing leaks."""

import asyncio
import contextlib
import random

import httpx

from tests.faults.load import RESET, add, new_id

LOCKED = "lock table learners in access exclusive mode"
WAITING = "wait_event_type = 'Lock'"


async def test_requests_under_way_are_completed_when_it_is_told_to_stop(scratch, serving, roster):
    async with (
        serving(BANGGIAO_CONNECTIONS="10") as service,
        roster.client(service.url) as client,
        httpx.AsyncClient(base_url=service.url) as watcher,
    ):
        async with scratch.holding(LOCKED):
            calls = [asyncio.create_task(client.get("/learners")) for _ in range(10)]
            calls += [asyncio.create_task(add(client, new_id())) for _ in range(10)]
            assert await scratch.has(20, WAITING)
            stopping = asyncio.create_task(service.stop())
            await asyncio.sleep(0.3)
            told = await watcher.get("/health/ready")
            await asyncio.sleep(1.2)
        answers = [await call for call in calls]
        exit_code = await stopping

    assert (told.status_code, told.json()["reasons"]) == (503, {"server": "stopping"})
    assert [answer.status_code for answer in answers] == [200] * 10 + [201] * 10
    assert exit_code in (0, -15)
    assert '"level": "error"' not in service.log.read_text()


async def test_a_service_killed_while_writing_leaves_nothing_half_done(scratch, serving, roster):
    async with serving() as service, roster.under_load(service.url, writes=0.9) as load:
        await asyncio.sleep(2)
        service.kill()
    assert load.acknowledged()
    assert {failure.status for failure in load.failures()} == {RESET}

    sent_again = load.unacknowledged()
    async with serving() as service, roster.client(service.url) as client:
        answers = [await add(client, external_id) for external_id in sent_again]
    assert {answer.status_code for answer in answers} == {201}

    written = load.acknowledged() | sent_again
    found = {row["external_id"]: row for row in await scratch.rows(TRACES, roster.organization)}
    assert written <= found.keys()
    assert {(row["open"], row["audited"], row["told"]) for row in found.values()} == {(1, 1, 1)}
    assert await scratch.rows(ORPHANS) == []


TRACES = """
  select external_id,
    (select count(*) from positions_held p where p.learner_id = l.id and upper_inf(held)) as open,
    (select count(*) from audit_entries a
      where a.row_id = l.id and a.operation = 'insert' and a.table_name = 'learners') as audited,
    (select count(*) from events e
      where e.subject_id = l.id and e.name = 'learner.created') as told
  from learners l where organization_id = $1
"""
ORPHANS = """
  select subject_id from events where name = 'learner.created'
    and subject_id not in (select id from learners)
  union all
  select row_id from audit_entries where table_name = 'learners'
    and row_id not in (select id from learners)
  union all
  select id from idempotency_keys k join learners on key = external_id where k.status is null
"""


async def test_clients_that_hang_up_leak_no_connection(scratch, serving, roster):
    async with serving(BANGGIAO_CONNECTIONS="8") as service, roster.client(service.url) as client:
        await asyncio.gather(*(_hangs_up(client, n) for n in range(200)))
        assert await scratch.has(0, "state <> 'idle'")
        # All sixteen connections can be had again, at the same time.
        async with scratch.holding(LOCKED):
            calls = [asyncio.create_task(client.get("/learners")) for _ in range(8)]
            calls += [asyncio.create_task(add(client, new_id())) for _ in range(8)]
            assert await scratch.has(16, WAITING)
        assert [(await call).status_code for call in calls] == [200] * 8 + [201] * 8
    assert '"level": "error"' not in service.log.read_text()


async def _hangs_up(client, n):
    """At any moment: before the request is sent, while it is worked on, or after the answer."""
    await asyncio.sleep(random.random() * 2)
    call = client.get("/learners") if n % 2 else add(client, new_id())
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(call, random.random() * 0.1)
