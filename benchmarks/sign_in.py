"""What it costs everybody else when very many sign in at once."""

import asyncio
import re
from concurrent.futures import Future, ProcessPoolExecutor
from http.client import HTTPConnection
from multiprocessing import get_context
from time import perf_counter, sleep
from typing import NamedTuple

import asyncpg
import httpx
import psutil
from argon2 import PasswordHasher

PEOPLE = 200
RATE = "100000/minute"
"""BANGGIAO_SIGN_IN_RATE: they all come from this machine."""
PAUSE, AT_REST = 0.005, 3.0  # seconds
LATENCY = 100
"""Milliseconds in which 99 of 100 probes are to be answered meanwhile."""
MEMORY = 200
"""Megabytes by which the process may grow."""

_PASSWORD = "seven horses graze by the river"
_FLOW = re.compile(r'name="flow" value="([^"]+)"')
_PEOPLE = """
  with people as (
    insert into users (email, name)
    select format('signs-in-%s@bench.example', n), n from generate_series(1, $1) as n
    where not exists (select from users where email = 'signs-in-1@bench.example')
    returning id
  )
  insert into passwords (user_id, hash) select id, $2 from people
"""


class Cost(NamedTuple):
    at_rest: float
    meanwhile: float
    """The 99th percentile of /health/live, in milliseconds."""
    grown: float
    """Megabytes."""
    seconds: float
    """Until all were in."""


async def invite(owner_url: str) -> None:
    """So many people with one password; hashing as many would take a while."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    owner = await asyncpg.connect(owner_url)
    await owner.execute("truncate sign_in_delays")
    await owner.execute(_PEOPLE, PEOPLE, hasher.hash(_PASSWORD))
    await owner.close()


def cost(port: int, process: int) -> Cost:
    """Raises when anybody is not let in, or a probe is not answered."""
    with ProcessPoolExecutor(1, get_context("spawn")) as crowd:
        crowd.submit(come, port, 1).result()  # what is made once is made
        at_rest, before = probed(port, process, crowd.submit(sleep, AT_REST))
        began = perf_counter()
        meanwhile, most = probed(port, process, crowd.submit(come, port, PEOPLE))
        return Cost(at_rest, meanwhile, most - before, perf_counter() - began)


def come(port: int, people: int) -> None:
    asyncio.run(_come(port, people))


async def _come(port: int, people: int) -> None:
    address, everybody = f"http://127.0.0.1:{port}", httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=everybody) as client:
        first = await client.get("/oauth/account")
        (flow,) = _FLOW.findall(first.text)

        async def one(n: int) -> None:
            form = {"flow": flow, "email": f"signs-in-{n}@bench.example", "password": _PASSWORD}
            (await client.post("/oauth/sign-in", data=form)).raise_for_status()

        await asyncio.gather(*(one(n) for n in range(1, people + 1)))


def probed(port: int, process: int, until: Future[None]) -> tuple[float, float]:
    """The 99th percentile, in milliseconds, and the most memory, in megabytes, meanwhile."""
    connection, served = HTTPConnection("127.0.0.1", port), psutil.Process(process)
    took, most = [], 0
    while not until.done():
        began = perf_counter()
        connection.request("GET", "/health/live")
        answer = connection.getresponse()
        answer.read()
        took.append(perf_counter() - began)
        if answer.status != 200:
            raise ValueError(answer.status)
        most = max(most, served.memory_info().rss)
        sleep(PAUSE)
    connection.close()
    until.result()
    return sorted(took)[int(len(took) * 0.99)] * 1000, most / 1024 / 1024
