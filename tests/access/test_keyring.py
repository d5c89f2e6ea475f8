"""Signing keys come and go while everybody works: next, active, retiring, retired."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from app.access import keyring
from app.access.keyring import TooSoon, retire_old, rotate
from app.core.secrets import secret_key
from app.main import create_app
from tests.world import World, problem, running


@pytest.fixture
async def processes(settings, app, monkeypatch):
    """Two processes of the service, which look for new keys often."""
    monkeypatch.setattr(keyring, "REFRESH_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        apps = [create_app(settings) for _ in range(2)]
        for process in apps:
            await stack.enter_async_context(running(process))
        yield [await stack.enter_async_context(World(process)) for process in apps]
    await app.state.keyring.refresh()


@pytest.fixture
def turn(processes, settings):
    """Rotates the keys as an operator does; the id of the key that signs from then on."""
    database = processes[0].database

    async def turn():
        await asyncio.sleep(4 * keyring.REFRESH_SECONDS)
        return await rotate(database, secret_key(settings))

    return turn


async def states(world):
    rows = await world.database.unscoped("select kid, state from signing_keys")
    return {row["kid"]: row["state"] for row in rows}


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 -- the processes have no bell to ring
            await asyncio.sleep(0.01)


async def test_a_key_is_known_before_it_signs_and_after_it_has(processes, turn):
    first, second = processes
    before = await states(first)
    (active,) = [kid for kid, state in before.items() if state == "active"]
    (coming,) = [kid for kid, state in before.items() if state == "next"]
    published = await second.anonymous.get("http://test/.well-known/jwks.json")
    assert {active, coming} <= {key["kid"] for key in published.json()["keys"]}

    assert await turn() == coming
    after = await states(first)
    assert (after[active], after[coming]) == ("retiring", "active")
    assert sorted(after.values()).count("next") == 1
    await until(lambda: second.app.state.keyring.active.kid == coming)


async def test_a_rotation_refuses_nobody(processes, turn):
    """Tokens of either process, old and new, at the other one, all the while."""
    first, second = processes
    old = await first.somebody("academy_admin")
    answers, done = [], False

    async def ask_on():
        while not done:
            new = await second.somebody("academy_admin")
            at_the_other = await first.holding(new.headers["Authorization"].split()[1])
            answers.extend([await client.get("/units?limit=1") for client in (old, at_the_other)])

    asking = asyncio.create_task(ask_on())
    for _ in range(2):
        await turn()
    await asyncio.sleep(4 * keyring.REFRESH_SECONDS)
    done = True
    await asking
    assert answers
    assert {answer.status_code for answer in answers} == {200}


async def test_the_next_key_must_be_known_everywhere_first(processes, turn, settings, monkeypatch):
    await turn()
    before = await states(processes[0])
    monkeypatch.setattr(keyring, "REFRESH_SECONDS", 60)  # or a slow test would come late enough
    with pytest.raises(TooSoon):
        await rotate(processes[0].database, secret_key(settings))
    assert await states(processes[0]) == before


async def test_a_retired_key_is_refused_at_once_even_where_its_tokens_are_remembered(
    processes, turn
):
    first, second = processes
    there = await first.somebody("academy_admin")
    remembered = await second.holding(there.headers["Authorization"].split()[1])
    kid = first.app.state.keyring.active.kid
    await turn()
    for client in (there, remembered):
        assert (await client.get("/units")).status_code == 200

    await retire_old(first.database, after_seconds=3600)
    assert (await states(first))[kid] == "retiring", "its last tokens have not expired yet"
    assert (await remembered.get("/units")).status_code == 200
    await retire_old(first.database, after_seconds=0)
    for client in (there, remembered):
        assert problem(await client.get("/units")) == (401, "unauthenticated")
        assert problem(await client.post("/units", json={})) == (401, "unauthenticated")
    await until(lambda: kid not in second.app.state.keyring.verifier.keys)
    published = await second.anonymous.get("http://test/.well-known/jwks.json")
    assert kid not in {key["kid"] for key in published.json()["keys"]}


async def test_private_keys_are_stored_encrypted(processes, settings):
    rows = await processes[0].database.unscoped("select private_pem from signing_keys")
    assert rows
    for row in rows:
        assert row["private_pem"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


async def test_no_request_role_reads_the_keys(processes):
    async with processes[0].session() as session:
        readable = text("select has_table_privilege(current_user, 'signing_keys', 'select')")
        assert await session.scalar(readable) is False
