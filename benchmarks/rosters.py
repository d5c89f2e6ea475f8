"""A roster of 100,000 people goes in: for the first time, unchanged, and with some changes.

Each is compared with a plain COPY of the same people into a table without indexes, right before.
"""

import asyncio
import json
import time
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import httpx

from app.demo.people import officers
from app.learners.names import computed
from app.rosters.rows import RosterRow

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


async def copied(owner: asyncpg.Connection, rows: list[dict[str, Any]]) -> float:
    """Seconds that PostgreSQL takes to copy them."""
    await owner.execute(_TABLE)
    await owner.execute("truncate copied")
    records = [
        tuple(_value(row | computed(row["full_name"]), name) for name in _COLUMNS) for row in rows
    ]
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


async def paces(port: int, token: str, owner_url: str) -> dict[str, Pace]:
    """First, unchanged and mixed; afterwards everything is undone."""
    owner = await asyncpg.connect(owner_url)
    rows = people()
    files = {"first": rows, "unchanged": rows, "mixed": changed(rows)}
    found, done = {}, []
    base_url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=120) as client:
        for name, file in files.items():
            copy = await copied(owner, file)
            seconds, sync = await synced(client, content(file))
            found[name] = Pace(seconds, copy, sync["counts"])
            done.append(sync["id"])
        for sync_id in reversed(done):
            answer = await client.post(f"/v1/roster-syncs/{sync_id}/undo")
            assert answer.status_code == 200, answer.text
    await owner.execute("drop table copied")
    await owner.close()
    return found
