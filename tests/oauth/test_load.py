"""Many who sign in at once cost neither the memory nor the others; keys change meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from jose import jwt
from sqlalchemy import text

from app.access.keyring import REFRESH_SECONDS, rotate
from app.core.database.serving import Urls
from tests.conftest import SECRET
from tests.oauth.browser import Page
from tests.oauth.people import PASSWORD, Person, execute, hashed
from tests.oauth.programs import Portal, signed_in
from tests.service import Service
from tests.world import World

PEOPLE = 200
MIB = 1024 * 1024


@pytest.fixture(scope="module")
async def service(
    urls: Urls, app: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    settings = {
        "DATABASE_URL": urls.service,
        "BANGGIAO_SECRET_KEY": SECRET,
        "BANGGIAO_WORKER": "0",  # others may have one of their own in this database
    }
    settings |= {"BANGGIAO_SIGN_IN_RATE": "100000/minute", "BANGGIAO_TOKEN_RATE": "100000/minute"}
    settings |= {"BANGGIAO_CONNECTION_WAIT": "20"}  # the machine may be busy with other things
    async with Service(tmp_path_factory.mktemp("service") / "log", **settings) as service:
        yield service


@pytest.fixture
async def crowd(world: World) -> list[str]:
    """The addresses of so many people, each with a password."""
    emails = [f"{uuid4().hex}@test.example" for _ in range(PEOPLE)]
    async with world.session() as session:
        add = text("insert into users (email, name) select unnest(cast(:emails as text[])), 'Ai'")
        await session.execute(add, {"emails": emails})
    await execute(
        world,
        "insert into passwords (user_id, hash) select id, :hash from users"
        " where email = any (cast(:emails as text[]))",
        hash=hashed(),
        emails=emails,
    )
    return emails


async def signs_in(url: str, email: str) -> int:
    # The server closes a connection on which nothing comes for five seconds.
    once = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=once) as client:
        page = Page(await client.get("/oauth/account"))
        form = {"flow": page.flow, "email": email, "password": PASSWORD}
        return (await client.post("/oauth/sign-in", data=form)).status_code


def memory(service: Service) -> int:
    process = psutil.Process(service.process.pid)
    family = [process, *process.children(recursive=True)]
    return sum(one.memory_info().rss for one in family)


@asynccontextmanager
async def asking(every: float, ask: Any) -> AsyncIterator[Counter[int]]:
    """While it holds, asks so often; the answers' statuses."""
    statuses, over = Counter[int](), asyncio.Event()

    async def one() -> None:
        statuses[await ask()] += 1

    async def on() -> None:
        async with asyncio.TaskGroup() as group:
            while not over.is_set():
                group.create_task(one())
                await asyncio.sleep(every)

    task = asyncio.create_task(on())
    try:
        yield statuses
    finally:
        over.set()
        await task


async def test_two_hundred_who_sign_in_at_once_are_all_let_in_and_cost_little_memory(
    service: Service, crowd: list[str]
):
    async with httpx.AsyncClient(base_url=service.url, timeout=60) as client:
        assert await signs_in(service.url, crowd[0]) == 200
        before, most = memory(service), 0

        async def lives() -> int:
            nonlocal most
            most = max(most, memory(service))
            return (await client.get("/health/live")).status_code

        async with asking(0.05, lives) as health:
            statuses = await asyncio.gather(*(signs_in(service.url, email) for email in crowd))
    assert Counter(statuses) == {200: PEOPLE}
    assert health.keys() == {200}
    assert health.total() > 10
    assert most - before < 200 * MIB


async def test_keys_are_rotated_under_load_and_nobody_is_refused(
    world: World, service: Service, linh: Person, portal: Portal, browser: Any
):
    """Some fifty requests a second, with tokens from before, meanwhile and after."""
    linhs = await signed_in(browser, portal, linh)
    tokens, kids, lock = linhs.tokens, list[str](), asyncio.Lock()
    async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:

        async def read() -> int:
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            return (await client.get("/v1/learners?limit=1", headers=headers)).status_code

        async def renew() -> int:
            nonlocal tokens
            async with lock:
                form = {"grant_type": "refresh_token", "client_id": portal.name}
                form["refresh_token"] = tokens["refresh_token"]
                answer = await client.post("/oauth/token", data=form)
                if answer.status_code == 200:
                    tokens = answer.json()
                    kids.append(jwt.get_unverified_header(tokens["access_token"])["kid"])
                return answer.status_code

        async with asking(0.02, read) as reads, asking(0.2, renew) as renewals:
            await asyncio.sleep(1)
            # The service has known the next key since it started, however new that is.
            await world.database.unscoped(
                "update signing_keys set changed_at = changed_at - interval '1 min'"
                " where state = 'next'"
            )
            active = await rotate(world.database, SECRET)
            async with asyncio.timeout(10 * REFRESH_SECONDS):
                while active not in kids:  # noqa: ASYNC110 -- the service rings no bell
                    await asyncio.sleep(0.1)
            await asyncio.sleep(1)
    await world.app.state.keyring.refresh()
    assert reads.keys() == renewals.keys() == {200}
    assert reads.total() > 50
    assert len(set(kids)) == 2
