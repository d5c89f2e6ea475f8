"""The database goes away; clients are told to come back, and nothing is lost."""

import asyncio
import signal
import time

import httpx
import pytest
from sqlalchemy import make_url

from tests.faults.load import add, is_well_formed, new_id
from tests.faults.proxy import proxied

SOON = 3.0
"""Seconds after the database is back in which everything must be well again."""
GIVEN_UP = 5.5
"""Seconds that anybody waits for an answer while nothing comes from the database."""


class Watch:
    """What the machines around the service see of it."""

    def __init__(self, url: str) -> None:
        self.url, self.live, self.reasons = url, set(), []

    async def __aenter__(self):
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self):
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            while True:
                self.live.add((await client.get("/health/live")).status_code)
                ready = await client.get("/health/ready")
                if ready.status_code != 200:
                    self.reasons.append(ready.json()["reasons"])
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
async def test_a_database_lost_under_load_costs_refusals_but_no_write(
    how, scratch, service, roster
):
    async with Watch(service.url) as watch, roster.under_load(service.url) as load:
        await asyncio.sleep(1)
        scratch.strike(how)
        back = await scratch.is_back()
        await asyncio.sleep(SOON + 0.2)
    failures = load.failures()

    assert failures, "the database was not missed: this test shows nothing"
    assert {failure.status for failure in failures} == {503}
    assert all(answer.well_formed for answer in load.answers)
    assert max(failure.at for failure in failures) < back + SOON
    assert load.acknowledged() <= await _kept(scratch, roster)
    assert watch.live == {200}
    assert watch.reasons
    assert all(reasons["database"] for reasons in watch.reasons)


async def _kept(scratch, roster):
    rows = await scratch.rows(
        "select external_id from learners where organization_id = $1", roster.organization
    )
    return {row["external_id"] for row in rows}


async def test_a_service_that_nobody_calls_recovers_too(scratch, service):
    """Then no request finds out for the service's own work that its connections are dead."""
    scratch.strike(signal.SIGKILL)
    await scratch.is_back()
    assert await service.becomes_ready(within=SOON) < SOON


async def test_an_exhausted_pool_refuses_within_its_wait(scratch, serving, roster):
    async with (
        serving(BANGGIAO_CONNECTIONS="2", BANGGIAO_CONNECTION_WAIT="1") as service,
        roster.client(service.url) as client,
        httpx.AsyncClient(base_url=service.url) as watcher,
    ):
        async with scratch.holding("lock table learners in access exclusive mode"):
            calls = [asyncio.create_task(_timed(client.get("/learners"))) for _ in range(10)]
            calls += [asyncio.create_task(_timed(add(client, new_id()))) for _ in range(10)]
            done, waiting = await asyncio.wait(calls, timeout=3)
            live = await watcher.get("/health/live")
            ready = await watcher.get("/health/ready")
        refused = [call.result() for call in done]
        served = [(await call)[0] for call in waiting]

    assert [response.status_code for response, _ in refused] == [503] * 16
    assert all(is_well_formed(response) for response, _ in refused)
    assert max(seconds for _, seconds in refused) < 2.5
    assert sorted(response.status_code for response in served) == [200, 200, 201, 201]
    assert live.status_code == 200
    assert (ready.status_code, [*ready.json()["reasons"]]) == (503, ["database"])


async def _timed(call):
    began = time.monotonic()
    response = await call
    return response, time.monotonic() - began


async def test_a_line_that_goes_dead_is_given_up_and_comes_back(scratch, serving, roster):
    """Only a statement under way waits for its own timeout, here two seconds."""
    there = make_url(scratch.service_url)
    async with proxied(there.host, there.port) as line:
        url = there.set(port=line.port).render_as_string(hide_password=False)
        async with serving(DATABASE_URL=url, BANGGIAO_STATEMENT_TIMEOUT="2") as service:
            async with roster.under_load(service.url) as load:
                await asyncio.sleep(1)
                line.alive.clear()
                dead = time.monotonic()
                async with Watch(service.url) as watch:
                    await asyncio.sleep(6)
                line.alive.set()
                alive = time.monotonic()
                await asyncio.sleep(SOON + 0.2)
            assert await service.becomes_ready(within=SOON) < SOON

    assert load.statuses().keys() == {200, 201, 503}
    assert all(answer.well_formed for answer in load.answers)
    assert max(answer.at - max(answer.asked_at, dead) for answer in load.answers) < GIVEN_UP
    assert max(failure.at for failure in load.failures()) < alive + SOON
    assert watch.live == {200}
    assert any(reasons["database"] for reasons in watch.reasons)
