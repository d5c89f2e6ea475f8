"""The database goes away under load; clients are told to come back, and nothing is lost."""

import asyncio
import signal
import time

import httpx
import pytest

from tests.faults.load import RESET


class Watch:
    """What the machines around the service see of it."""

    def __init__(self, url: str) -> None:
        self.url, self.live, self.ready = url, set(), []

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
                self.ready.append((ready.status_code, ready.json()["reasons"]))
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "killed"])
async def test_a_database_lost_under_load_costs_refusals_but_no_write(
    how, scratch, service, roster
):
    async with Watch(service.url) as watch, roster.under_load(service.url) as load:
        await asyncio.sleep(1.5)
        before = len(load.failures())
        scratch.strike(how)
        struck = time.monotonic()
        back = await scratch.is_back()
        await asyncio.sleep(4)
    failures = load.failures()
    print(how, load.statuses(), "down", back - struck, "last failure", max((f.at for f in failures), default=0) - back, watch.live, [r for r in watch.ready if r[0] != 200][:4])
