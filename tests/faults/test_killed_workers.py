"""A worker is killed at any moment of a sync; the next one goes on, and nothing is done twice."""

import asyncio
import random
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core.config import Settings
from app.main import create_app
from tests.conftest import SECRET
from tests.faults.conftest import Scratch
from tests.rosters.sending import Sender, counted
from tests.service import COMMAND, environment
from tests.world import World, running

PEOPLE = 3000
MOMENTS = 12

TRACES = """
  select (select count(*) from learners where organization_id = $1) as learners,
    (select count(*) from learners where organization_id = $1 and missing_since is not null)
      as missing,
    (select count(*) from learners where organization_id = $1 and rank = 'Chuyên viên') as ranked,
    (select sum(version) from learners where organization_id = $1) as versions,
    (select count(*) from positions_held where organization_id = $1) as positions,
    (select count(*) from audit_entries where organization_id = $1
      and table_name = 'learners') as audited,
    (select json_agg(row(name, number) order by name)::text from (select name, count(*) as number
      from events where organization_id = $1 group by name) as e) as events,
    (select count(*) from roster_changes where organization_id = $1) as changes,
    (select count(*) from roster_payloads where organization_id = $1) as payloads
"""


class Worker:
    """`banggiao worker`, until it is killed."""

    def __init__(self, folder: Path, url: str) -> None:
        settings = {"DATABASE_URL": url, "BANGGIAO_SECRET_KEY": SECRET}
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "worker"], env=environment(**settings), cwd=folder, stdout=log, stderr=log
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@asynccontextmanager
async def sending(scratch: Scratch, name: str) -> AsyncIterator[Sender]:
    """A new province, served beside the scratch database, without a worker."""
    settings = Settings(database_url=scratch.service_url, secret_key=SECRET, worker=False)
    app = create_app(settings)
    async with running(app), World(app) as world:
        yield Sender(await world.somebody("coordinator", await world.organization(name)))


async def ends(sender: Sender, sync: dict[str, Any], within: float) -> dict[str, Any]:
    """As it is when it has ended, or after so many seconds."""
    until = time.monotonic() + within
    while time.monotonic() < until and sync["state"] in ("received", "staged", "applying"):
        await asyncio.sleep(0.02)
        sync = await sender.sees(sync)
    return sync


async def missed_at_once(scratch: Scratch) -> None:
    """Half a minute is over: the jobs of whoever was killed are anybody's again."""
    await scratch.rows(
        "update jobs.pgqueuer set heartbeat = heartbeat - interval '1 hour',"
        " updated = updated - interval '1 hour' where status = 'picked'"
    )


async def at_work(scratch: Scratch) -> None:
    """A worker has taken a job, and lives."""
    taken = (
        "select from jobs.pgqueuer where status = 'picked' and heartbeat > now() - interval '9 s'"
    )
    for _ in range(600):
        if await scratch.rows(taken):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody took the job")


async def traces(scratch: Scratch, organization: UUID) -> dict[str, Any]:
    return dict((await scratch.rows(TRACES, organization))[0])


async def _two_files(
    scratch: Scratch, sender: Sender, folder: Path, moments: list[float]
) -> tuple[int, float, list[dict[str, int]]]:
    """A roster, then a second file of which much differs; a worker is killed so many seconds after
    it began, each time. How often that was within the work, how long that takes, what it counts."""
    first = [sender.person(n) for n in range(PEOPLE)]
    second = [row | {"rank": "Chuyên viên"} for row in first[100:]]
    second += [sender.person(PEOPLE + n) for n in range(100)]
    struck, seconds, counts = 0, 0.0, []
    for rows, strikes in ((first, moments[::2]), (second, moments[1::2])):
        sync = await sender.sends(rows, wait=0)
        for moment in (*strikes, 90):
            if sync["state"] == "applied":
                break
            worker = Worker(folder, scratch.service_url)
            try:
                await at_work(scratch)
                began = time.monotonic()
                sync = await ends(sender, sync, moment)
                seconds = time.monotonic() - began
            finally:
                worker.kill()
            struck += sync["state"] != "applied"
            await missed_at_once(scratch)
        assert sync["state"] == "applied", (sync, (folder / "log").read_text()[-3000:])
        counts.append(counted(sync))
    return struck, seconds, counts


async def test_a_worker_that_is_killed_leaves_what_another_completes(
    scratch: Scratch, tmp_path: Path
):
    async with sending(scratch, "undisturbed") as sender:
        _, seconds, expected = await _two_files(scratch, sender, tmp_path, [])
        undisturbed = await traces(scratch, sender.client.organization)
    # The last ones of a file come when its plan is made, and is being applied.
    moments = sorted(random.uniform(0, seconds) for _ in range(MOMENTS))
    async with sending(scratch, "disturbed") as sender:
        struck, _, counts = await _two_files(scratch, sender, tmp_path, moments)
        disturbed = await traces(scratch, sender.client.organization)
    assert struck >= MOMENTS / 2, moments
    assert counts == expected
    assert disturbed == undisturbed
