"""Clients that read and write without a pause, and remember every answer."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

import httpx

RESET = 0
"""Instead of a status: the connection broke before there was one."""


class Answer(NamedTuple):
    asked_at: float
    seconds: float
    status: int
    external_id: str | None
    """Of the learner whom the request would add; None if it only read."""
    well_formed: bool
    """Whether a refusal is a problem, and one for lack of a database says when to come back."""

    @property
    def at(self) -> float:
        return self.asked_at + self.seconds


@dataclass
class Load:
    """What the clients were answered."""

    answers: list[Answer] = field(default_factory=list)

    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def failures(self) -> list[Answer]:
        return [answer for answer in self.answers if not 200 <= answer.status < 300]

    def acknowledged(self) -> set[str]:
        return {answer.external_id or "" for answer in self.answers if answer.status == 201}

    def unacknowledged(self) -> set[str]:
        return {answer.external_id for answer in self.failures() if answer.external_id}


@dataclass(frozen=True)
class Roster:
    """A province and its coordinator's credentials."""

    organization: UUID
    authorization: str

    @asynccontextmanager
    async def client(self, url: str, patience: float = 30) -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(
            base_url=f"{url}/v1",
            headers={"Authorization": self.authorization},
            timeout=patience,
            limits=httpx.Limits(max_connections=None),
        ) as client:
            yield client

    @asynccontextmanager
    async def under_load(
        self, url: str, clients: int = 20, writes: float = 0.4
    ) -> AsyncIterator[Load]:
        """While it holds, so many clients call, one request after the other."""
        load, over = Load(), asyncio.Event()
        async with self.client(url) as client:
            callers = [
                asyncio.create_task(_calls(client, load, over, writes)) for _ in range(clients)
            ]
            try:
                yield load
            finally:
                over.set()
                await asyncio.gather(*callers)


async def _calls(client: httpx.AsyncClient, load: Load, over: asyncio.Event, writes: float) -> None:
    while not over.is_set():
        load.answers.append(await _ask(client, new_id() if random.random() < writes else None))


async def _ask(client: httpx.AsyncClient, external_id: str | None) -> Answer:
    began = time.monotonic()
    asked = add(client, external_id) if external_id else client.get("/learners?limit=5")
    try:
        response = await asked
        status, well_formed = response.status_code, is_well_formed(response)
    except httpx.TransportError:
        status, well_formed = RESET, False
    return Answer(began, time.monotonic() - began, status, external_id, well_formed)


def new_id() -> str:
    return f"L-{uuid4().hex[:12]}"


async def add(client: httpx.AsyncClient, external_id: str) -> httpx.Response:
    """Adds the learner of that id, once, however often this is called."""
    body = {
        "external_id": external_id,
        "full_name": "Nguyễn Thị Minh Hoà",
        "position_title": "Chuyên viên",
        "position_since": "2020-01-01",
    }
    return await client.post("/learners", json=body, headers={"Idempotency-Key": external_id})


def is_well_formed(response: httpx.Response) -> bool:
    if response.is_success:
        return True
    is_problem = response.headers["content-type"] == "application/problem+json"
    return is_problem and (response.status_code != 503 or "retry-after" in response.headers)
