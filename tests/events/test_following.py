"""Nothing is missed and nothing is doubled, however long transactions take side by side."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from sqlalchemy import text

from tests.conftest import SECRET
from tests.events.following import Follower
from tests.service import Service
from tests.world import World, add_learner, app_of_its_own

EACH = 60
"""Learners that each writer adds."""


@pytest.fixture
async def own_world(settings, urls):
    async with app_of_its_own(settings, urls) as app, World(app) as world:
        yield world


@pytest.fixture
async def calling(own_world, tmp_path):
    """Calls the service in a process of its own, over connections of their own."""
    url = own_world.app.state.settings.database_url.get_secret_value()
    known = {"DATABASE_URL": url, "BANGGIAO_SECRET_KEY": SECRET, "BANGGIAO_WORKER": "0"}
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(Service(tmp_path / "log", **known))

        async def client(somebody):
            http = httpx.AsyncClient(
                base_url=f"{service.url}/v1", headers=somebody.headers, timeout=30
            )
            return await stack.enter_async_context(http)

        yield client


async def written(client):
    return [(await add_learner(client))["id"] for _ in range(EACH)]


async def until(follower, wanted):
    """Reads until everything has come; a change that is missed is never waited for in vain by the
    test alone, for every transaction has ended."""
    for _ in range(500):
        await follower.catch_up()
        if wanted <= {change["subject_id"] for change in follower.seen.values()}:
            return
        await asyncio.sleep(0.01)


async def test_two_who_write_and_one_who_takes_long_are_all_followed(own_world, calling):
    hanoi = await own_world.somebody("coordinator", await own_world.organization("hanoi"))
    writers = [await calling(hanoi) for _ in range(2)]
    follower = Follower(await calling(hanoi), limit=7)
    await follower.begin()
    done = asyncio.Event()

    async def reading():
        while not done.is_set():
            await follower.catch_up()

    async def long_transactions():
        """Each begins and writes, and commits when others have long been read."""
        slow = []
        while not done.is_set():
            async with own_world.session() as session:
                insert = "insert into events (organization_id, name, subject_id, data) values"
                slow.append(
                    await session.scalar(
                        text(f"{insert} (:o, 'learner.slow', uuidv7(), '{{}}') returning id"),
                        {"o": hanoi.organization},
                    )
                )
                await asyncio.sleep(0.1)
        return slow

    reader, slow = asyncio.create_task(reading()), asyncio.create_task(long_transactions())
    learners = await asyncio.gather(*map(written, writers))
    done.set()
    slow_ones = await slow
    await reader
    wanted = {id for each in learners for id in each}
    await until(follower, wanted)
    by_type = {}
    for change in follower.seen.values():
        by_type.setdefault(change["type"], []).append(change)
    assert sorted(c["subject_id"] for c in by_type["learner.created"]) == sorted(wanted)
    assert {c["id"] for c in by_type["learner.slow"]} == {str(id) for id in slow_ones}


async def test_a_cursor_by_number_alone_would_have_missed_what_commits_late(own_world):
    hanoi = await own_world.somebody("coordinator", await own_world.organization("hanoi"))
    follower, by_number = Follower(hanoi), 0
    await follower.begin()
    insert = "insert into events (organization_id, name, subject_id, data) values"
    seen_by_number = set()

    async def read_by_number():
        nonlocal by_number
        async with own_world.session() as session:
            rows = await session.execute(
                text("select sequence, id from events where sequence > :n order by sequence"),
                {"n": by_number},
            )
            for sequence, id in rows:
                by_number = sequence
                seen_by_number.add(str(id))

    async with own_world.session() as session:
        late = await session.scalar(
            text(f"{insert} (:o, 'learner.late', uuidv7(), '{{}}') returning id"),
            {"o": hanoi.organization},
        )
        await add_learner(hanoi)
        await read_by_number()
        assert await follower.catch_up() == []  # the younger one waits for the older
    await read_by_number()
    assert str(late) not in seen_by_number
    assert [change["type"] for change in await follower.catch_up()] == [
        "learner.late",
        "learner.created",
    ]


async def test_a_replica_that_is_behind_is_never_ahead_of_what_it_shows(own_world):
    """A cursor that the primary gave, read where its transactions are not known yet: nothing is
    skipped, and the cursor does not go back."""
    hanoi = await own_world.somebody("coordinator", await own_world.organization("hanoi"))
    follower = Follower(hanoi)
    await follower.begin()
    async with own_world.session() as session:
        await session.execute(text("select pg_current_xact_id()"))
        behind = Follower(hanoi)
        await behind.begin()
        page = await behind.answer(since=follower.cursor)
    await add_learner(hanoi)
    follower.cursor = page["next"]
    assert len(await follower.catch_up()) == 1
