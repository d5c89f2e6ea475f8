"""A roster of 100,000 people goes in: for the first time, unchanged, and with some changes.

Each is compared with a plain COPY of the same people into a table without indexes, right before.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import psutil
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.core.database.metadata import metadata
from app.demo.people import officers
from app.learners.models import Learner
from app.learners.names import computed
from app.learners.schemas import LearnerIn
from app.rosters.row_schema import RosterRow
from benchmarks import servers

ROUNDS = 3
AT_REST, PAUSE = 5.0, 0.02
"""Seconds."""
GOALS = {"first": 0.08, "unchanged": 0.30, "mixed": 0.20}
"""Of COPY's rows per second, at least."""
ORM = 10
"""Times as fast as an ORM that loads and compares."""
MEMORY = 150
"""Mebibytes by which the service may grow."""
LATENCY = 2
"""Times as long as at rest that reads may take."""
PEOPLE = 100_000
PLACE = "VN-46"
"""Whose roster it is; nobody else's is as large."""
_SAID = frozenset(RosterRow.model_fields)
_COLUMNS = (
    "external_id",
    "full_name",
    "sort_key",
    "search_text",
    "birth_date",
    "email",
    "phone",
    "position_title",
    "rank",
    "leadership_level",
    "category",
    "position_since",
    "fields",
    "languages",
    "recruited_on",
    "status",
)
_TABLE = """
create table if not exists copied (external_id text, full_name text, sort_key text,
  search_text text, birth_date date, email text, phone text, position_title text, rank text,
  leadership_level text, category text, position_since date, fields text[], languages text,
  recruited_on date, status text)
"""


class Pace(NamedTuple):
    """Seconds of a sync and of the COPY before it, and what it counted."""

    sync: float
    copy: float
    counts: dict[str, int]


def people() -> list[dict[str, Any]]:
    """As a province's HR system sends them."""
    found = []
    for officer in officers(PLACE, "province", PEOPLE, seed=4):
        said = {name: value for name, value in asdict(officer).items() if name in _SAID}
        own = {"external_id": f"S-{officer.external_id}", "status": "active"}
        found.append(said | own)
    return found


def changed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """8 % changed, 2 % new, 2 % gone."""
    new = []
    for number, row in enumerate(rows):
        if number % 50 == 0:
            new.append(
                row
                | {
                    "external_id": f"NEW-{number}",
                    "national_id": None,
                    "full_name": f"{row['full_name']} Mới",
                    "email": None,
                }
            )
        elif number % 25 in (1, 2):
            new.append(row | {"phone": f"024 {number:07}"})
        else:
            new.append(row)
    return new


def content(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, default=str, ensure_ascii=False).encode()


def _records(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    whole = (row | computed(row["full_name"]) for row in rows)
    return [tuple(_value(row, name) for name in _COLUMNS) for row in whole]


async def copied(owner: asyncpg.Connection, records: list[tuple[Any, ...]]) -> float:
    """Seconds that PostgreSQL takes to copy them."""
    await owner.execute(_TABLE)
    await owner.execute("truncate copied")
    started = time.perf_counter()
    await owner.copy_records_to_table("copied", records=records, columns=_COLUMNS)
    return time.perf_counter() - started


def _value(row: dict[str, Any], name: str) -> Any:
    return json.dumps(row[name]) if name == "languages" else row.get(name)


async def synced(client: httpx.AsyncClient, body: bytes) -> tuple[float, dict[str, Any]]:
    """Seconds from received to applied, as the sync itself says, and the sync."""
    params = {"mode": "full", "data_set": "bench"}
    headers = {"Content-Type": "application/json"}
    answer = await client.post("/v1/roster-syncs", content=body, headers=headers, params=params)
    assert answer.status_code == 202, answer.text
    where = answer.headers["Location"]
    sync = (await client.get(where)).json()
    while sync["state"] in ("received", "staged", "applying"):
        await asyncio.sleep(0.1)
        sync = (await client.get(where)).json()
    assert sync["state"] == "applied", sync
    began, ended = (datetime.fromisoformat(sync[name]) for name in ("created_at", "applied_at"))
    return (ended - began).total_seconds(), sync


class Findings(NamedTuple):
    """What the syncs cost, round by round, and whom they held up."""

    paces: dict[str, list[Pace]]
    compared: float
    """Seconds that it takes to load the roster through the ORM and compare it, row by row."""
    at_rest: float
    """The 99th percentile of somebody's reads, in milliseconds."""
    meanwhile: float
    grown: float
    """Megabytes by which the service's processes grew at most."""


async def findings(
    port: int, process: int, tokens: dict[str, str], owner_url: str, organization: UUID
) -> Findings:
    """First, unchanged and mixed, `ROUNDS` times; afterwards everything is undone."""
    owner = await asyncpg.connect(owner_url)
    rows = people()
    files = {"first": rows, "unchanged": rows, "mixed": changed(rows)}
    records = {name: _records(file) for name, file in files.items()}
    bodies = {name: content(file) for name, file in files.items()}
    found: dict[str, list[Pace]] = {name: [] for name in files}
    base_url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {tokens['sender']}"}
    watch = Watch(port, process, tokens["province"])
    compared = 0.0
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=300) as client:
        await asyncio.to_thread(watch.rest)
        for _ in range(ROUNDS):
            done = []
            for name in files:
                copy = await copied(owner, records[name])
                with watch.looking():
                    seconds, sync = await synced(client, bodies[name])
                found[name].append(Pace(seconds, copy, sync["counts"]))
                done.append(sync["id"])
                if name == "unchanged" and not compared:
                    compared = await compared_by_orm(owner_url, organization, bodies[name])
            for sync_id in reversed(done):
                answer = await client.post(f"/v1/roster-syncs/{sync_id}/undo")
                assert answer.status_code == 200, answer.text
    await owner.execute("drop table copied")
    await owner.close()
    return Findings(
        found, compared, watch.percentile(watch.resting), watch.percentile(watch.busy), watch.grown
    )


class Watch:
    """Somebody who reads pages of another roster all the while, and looks at the memory.

    A process of its own, for whoever sends a large file holds up their own.
    """

    def __init__(self, port: int, process: int, token: str) -> None:
        self.resting: list[float] = []
        self.busy: list[float] = []
        self._before, self._most = 0.0, 0.0
        self._whom = (f"http://127.0.0.1:{port}/v1/learners?limit=50", token, process)
        self._processes = get_context("spawn")

    @property
    def grown(self) -> float:
        return self._most - self._before

    def rest(self) -> None:
        with self._watching(self.resting):
            time.sleep(AT_REST)
        self._before, self._most = self._most, 0.0

    @contextmanager
    def looking(self) -> Iterator[None]:
        with self._watching(self.busy):
            yield

    @contextmanager
    def _watching(self, took: list[float]) -> Iterator[None]:
        mine, its = self._processes.Pipe()
        watcher = self._processes.Process(target=_watch, args=(its, *self._whom))
        watcher.start()
        mine.recv()  # it has begun
        yield
        mine.send("over")
        reads, memory = mine.recv()
        watcher.join()
        took += reads
        self._most = max(self._most, memory)

    @staticmethod
    def percentile(took: list[float]) -> float:
        return sorted(took)[int(len(took) * 0.99)] * 1000


def _watch(told: Connection, url: str, token: str, process: int) -> None:
    took: list[float] = []
    most = 0.0
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        client.get(url).raise_for_status()
        told.send("begun")
        while not told.poll(PAUSE):
            began = time.perf_counter()
            client.get(url).raise_for_status()
            took.append(time.perf_counter() - began)
            if len(took) % 5 == 0:
                most = max(most, _memory(process))
    told.send((took, most))


def _memory(process: int) -> float:
    """Of the service and its worker; PostgreSQL's is its own."""
    found = 0.0
    service = psutil.Process(process)
    for each in (service, *service.children()):
        if "postgres" not in each.name():
            found += servers.memory(each.pid)
    return found


async def compared_by_orm(owner_url: str, organization: UUID, body: bytes) -> float:
    """Seconds of what is often written: every learner loaded, every field compared."""
    metadata()
    url = make_url(owner_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url)
    began = time.perf_counter()
    async with AsyncSession(engine) as session:
        known = select(Learner).where(Learner.organization_id == organization)
        learners = {one.external_id: one for one in await session.scalars(known)}
        different = 0
        for row in json.loads(body):
            learner = learners.get(row["external_id"])
            if learner is None:  # may be somebody else
                continue
            present = LearnerIn.model_validate(row).model_dump(exclude={"national_id"})
            different += any(getattr(learner, name) != value for name, value in present.items())
    await engine.dispose()
    return time.perf_counter() - began
