"""What was handed out is forgotten when nobody could use it any more, and not before."""

from typing import Any
from uuid import uuid4

import pytest

from app.worker import forget_what_expired
from tests.accounts.steps import at_a_browser, coordinator
from tests.oauth.browser import Browser
from tests.oauth.people import Person, ends, execute, invitation
from tests.oauth.programs import Portal, code_of, refused
from tests.world import World


@pytest.fixture
async def linh(world: World) -> Person:
    return await coordinator(world)


async def count(world: World, table: str, where: str, **values: Any) -> int:
    (row,) = await execute(world, f"select count(*) from {table} where {where}", **values)
    return int(row[0])


async def aged(world: World, table: str, column: str, where: str, age: str, **v: Any) -> None:
    """As if it had been handed out so much earlier."""
    older = f"update {table} set {column} = {column} - interval '{age}' where {where}"
    await execute(world, older, **v)


OF_THE_SIGN_INS = "sign_in_id in (select id from sign_ins where user_id = :user)"
OF_THE_CODES = "membership_id = :membership"


async def test_refresh_tokens_a_day_after_they_expired(world: World, linh: Person):
    here = await at_a_browser(world, linh)
    second = (await here.portal.refreshes(here.refresh)).json()["refresh_token"]
    tokens = ("refresh_tokens", OF_THE_SIGN_INS)
    for age, left in (("7 d", 2), ("23 h", 2), ("2 h", 0)):
        await aged(world, tokens[0], "expires_at", tokens[1], age, user=linh.id)
        await forget_what_expired(world.database)
        assert await count(world, *tokens, user=linh.id) == left, age
    assert refused(await here.portal.refreshes(second)) == (400, "invalid_grant")
    assert await ends(world, linh) == [None], "sign-ins stay, for the audit"


async def test_refresh_tokens_not_while_they_are_good(world: World, linh: Person):
    here = await at_a_browser(world, linh)
    await forget_what_expired(world.database)
    assert (await here.portal.refreshes(here.refresh)).status_code == 200


async def test_codes_a_day_after_they_expired_so_that_a_second_use_is_noticed(
    world: World, linh: Person
):
    portal = await Portal(world).opened()
    async with Browser.somewhere(world.app) as browser:
        code = await code_of(browser, portal, linh)
    await forget_what_expired(world.database)
    assert (await portal.exchanges(code)).status_code == 200, "it was good for a minute"

    codes = ("authorization_codes", OF_THE_CODES)
    mine = {"membership": linh.memberships[0]}
    await aged(world, codes[0], "expires_at", codes[1], "23 h", **mine)
    await forget_what_expired(world.database)
    assert refused(await portal.exchanges(code)) == (400, "invalid_grant")
    assert await ends(world, linh) == ["code_reused"]
    await aged(world, codes[0], "expires_at", codes[1], "2 h", **mine)
    await forget_what_expired(world.database)
    assert await count(world, *codes, **mine) == 0


async def test_delays_a_day_after_the_last_failure(world: World):
    old, recent = uuid4().bytes, uuid4().bytes
    for key, age in ((old, "25 h"), (recent, "23 h")):
        added = "insert into sign_in_delays (key, failures, failed_at) values"
        await execute(world, f"{added} (:key, 9, now() - interval '{age}')", key=key)
    await forget_what_expired(world.database)
    assert await count(world, "sign_in_delays", "key = :key", key=old) == 0
    assert await count(world, "sign_in_delays", "key = :key", key=recent) == 1


async def test_links_a_day_after_they_expired(world: World, linh: Person):
    await invitation(world, linh)
    links = ("invitations", "user_id = :user")
    for age, left in (("3 d", 1), ("23 h", 1), ("2 h", 0)):
        await aged(world, links[0], "expires_at", links[1], age, user=linh.id)
        await forget_what_expired(world.database)
        assert await count(world, *links, user=linh.id) == left, age
