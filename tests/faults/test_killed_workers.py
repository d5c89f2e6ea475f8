"""A worker is killed at any moment of a sync; the next one goes on, and nothing is done twice."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from app.core.config import Settings
from app.core.database.sessions import Database
from app.core.secrets import Pepper, secret_key
from app.main import create_app
from app.rosters.syncing import Syncing
from tests.conftest import SECRET
from tests.faults.conftest import Scratch
from tests.rosters.sending import Sender, counted
from tests.service import COMMAND, environment
from tests.world import World, running

PEOPLE = 3000
MOMENTS = 12
MOST_FILES = 20
LONGEST = 1.2
"""Seconds after which a worker is killed; most files take longer."""
RANKS = ("Chuyên viên", "Chuyên viên chính")

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


async def at_work(scratch: Scratch, sender: Sender, sync: dict[str, Any]) -> None:
    """A worker has taken the job, and lives; or the last one had been at its end."""
    taken = (
        "select from jobs.pgqueuer where status = 'picked' and heartbeat > now() - interval '9 s'"
    )
    for _ in range(600):
        ended = (await sender.sees(sync))["state"] == "applied"
        if ended or await scratch.rows(taken):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody took the job")


async def traces(scratch: Scratch, organization: UUID) -> dict[str, Any]:
    return dict((await scratch.rows(TRACES, organization))[0])


def files(sender: Sender) -> Iterator[list[dict[str, Any]]]:
    """A roster, and others of which much differs: some are gone, some new, many described anew."""
    people = [sender.person(n) for n in range(PEOPLE)]
    yield people
    for n in range(MOST_FILES):
        rows = [row | {"rank": RANKS[n % 2]} for row in people[10 * n :]]
        yield rows + [sender.person(PEOPLE + k) for k in range(10 * n)]


async def completed(
    scratch: Scratch, sender: Sender, folder: Path, sync: dict[str, Any], strikes: int
) -> int:
    """Workers work on it one after the other; so many are killed. How many were, before its end."""
    struck = 0
    while sync["state"] != "applied":
        worker = Worker(folder, scratch.service_url)
        try:
            await at_work(scratch, sender, sync)
            patience = random.uniform(0, LONGEST) if struck < strikes else 60
            sync = await ends(sender, sync, patience)
        finally:
            worker.kill()
        assert sync["state"] in ("applied", "received", "staged", "applying"), sync
        assert patience < 60 or sync["state"] == "applied", (folder / "log").read_text()[-3000:]
        struck += sync["state"] != "applied"
        await missed_at_once(scratch)
    return struck


async def test_a_worker_that_is_killed_leaves_what_another_completes(
    scratch: Scratch, tmp_path: Path
):
    counts: list[dict[str, int]] = []
    struck = 0
    async with sending(scratch, "disturbed") as sender:
        for rows in files(sender):
            sync = await sender.sends(rows, wait=0)
            struck += await completed(scratch, sender, tmp_path, sync, MOMENTS - struck)
            counts.append(counted(await sender.sees(sync)))
            if struck == MOMENTS and len(counts) > 1:
                break
        disturbed = await traces(scratch, sender.client.organization)
    assert struck == MOMENTS

    async with sending(scratch, "undisturbed") as sender:
        for rows, expected in zip(files(sender), counts, strict=False):
            sync = await sender.sends(rows, wait=0)
            await completed(scratch, sender, tmp_path, sync, 0)
            assert counted(await sender.sees(sync)) == expected
        assert await traces(scratch, sender.client.organization) == disturbed


TABLE = "external_id,full_name,position_title\nCB-1,Nguyễn Văn An,Chuyên viên\n"


async def test_a_worker_that_is_told_to_stop_leaves_nothing_on_the_disk(
    scratch: Scratch, tmp_path: Path
):
    left = tmp_path / "left"
    left.mkdir()
    settings = {"DATABASE_URL": scratch.service_url, "BANGGIAO_SECRET_KEY": SECRET}
    command = [sys.executable, "-m", "app.worker", str(os.getpid())]
    async with sending(scratch, "stopped") as sender:
        sync = await sender.sends(TABLE.encode(), media="text/csv", wait=0)
        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen(  # noqa: ASYNC220 -- it only starts
                command,
                env=environment(**settings, TMPDIR=str(left), PYTHONPATH=str(Path.cwd())),
                stdout=log,
                stderr=log,
            )
        try:
            # While it has the file on the disk it compares it with the roster, which it cannot now.
            async with scratch.holding("lock table learners in access exclusive mode"):
                for _ in range(600):
                    if await asyncio.to_thread(lambda: [*left.iterdir()]):
                        break
                    await asyncio.sleep(0.05)
                else:
                    raise AssertionError((tmp_path / "log").read_text()[-3000:])
                worker.terminate()
                await asyncio.to_thread(worker.wait, 20)
        finally:
            worker.kill()
            worker.wait()
        assert [*left.iterdir()] == []
        assert (await sender.sees(sync))["state"] == "received"


async def test_what_takes_too_long_fails_and_keeps_nobody_waiting(scratch: Scratch):
    settings = Settings(
        database_url=scratch.service_url, secret_key=SECRET, statement_timeout=1, worker=False
    )
    database = Database(settings, scratch.service_url)
    async with sending(scratch, "slow") as sender:
        sync = await sender.sends([sender.person(0)], wait=0)
        named = "select data_set_id from roster_syncs where id = $1"
        [row] = await scratch.rows(named, UUID(sync["id"]))
        async with scratch.holding("lock table roster_errors in exclusive mode"):
            syncing = Syncing(settings, database, Pepper(secret_key(settings)))
            await syncing.advance(row["data_set_id"])
        ended = await sender.sees(sync)
        assert (ended["state"], ended["problem"]["type"]) == (
            "failed",
            "/problems/unavailable",
        )
    await database.close()
