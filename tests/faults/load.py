"""Clients that read and write without a pause, and remember every answer."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx

RESET = 0
"""Instead of a status: the connection broke before there was one."""


class Answer(NamedTuple):
    asked_at: float
    seconds: float
    method: str
    status: int
    external_id: str | None
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

    def acknowledged(self) -> set[str | None]:
        return {answer.external_id for answer in self.answers if answer.status == 201}

    def failures(self) -> list[Answer]:
        return [answer for answer in self.answers if not 200 <= answer.status < 300]

    def after(self, moment: float) -> list[Answer]:
        return [answer for answer in self.answers if answer.asked_at > moment]


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
    async def under_load(self, url: str, clients: int = 20) -> AsyncIterator[Load]:
        """While it holds, so many clients call, one request after the other."""
        load, over = Load(), asyncio.Event()
        async with self.client(url) as client:
            callers = [asyncio.create_task(_calls(client, load, over, n)) for n in range(clients)]
            try:
                yield load
            finally:
                over.set()
                await asyncio.gather(*callers)


async def _calls(client: httpx.AsyncClient, load: Load, over: asyncio.Event, seed: int) -> None:
    dice = random.Random(seed)
    while not over.is_set():
        external_id = f"L-{uuid4().hex[:12]}" if dice.random() < 0.4 else None
        load.answers.append(await _ask(client, external_id))


async def _ask(client: httpx.AsyncClient, external_id: str | None) -> Answer:
    began = time.monotonic()
    method = "POST" if external_id else "GET"
    body = described(external_id) if external_id else None
    try:
        response = await client.request(method, "/learners", params=PAGE[method], json=body)
        status, well_formed = response.status_code, is_well_formed(response)
    except httpx.TransportError:
        status, well_formed = RESET, False
    return Answer(began, time.monotonic() - began, method, status, external_id, well_formed)


PAGE: dict[str, dict[str, Any]] = {"GET": {"limit": 5}, "POST": {}}


def described(external_id: str) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "full_name": "Nguyễn Thị Minh Hoà",
        "position_title": "Chuyên viên",
        "position_since": "2020-01-01",
    }


def is_well_formed(response: httpx.Response) -> bool:
    if response.is_success:
        return True
    is_problem = response.headers["content-type"] == "application/problem+json"
    return is_problem and (response.status_code != 503 or "retry-after" in response.headers)
