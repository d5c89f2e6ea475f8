"""Sign-ins: where users are signed in, and how administrators end it."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.accounts.steps import at_a_browser, coordinator
from tests.oauth.browser import Browser
from tests.oauth.people import Person, execute
from tests.oauth.programs import Portal, refused, signed_in
from tests.world import Somebody, World, everything, problem

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


@pytest.fixture
async def linh(world: World) -> Person:
    return await coordinator(world)


async def of(admin: Somebody, whom: Person, **query: Any) -> list[dict[str, Any]]:
    return await everything(admin, "/sign-ins", user=str(whom.id), **query)


async def test_tell_who_is_signed_in_how_where_and_with_what(
    world: World, academy: Somebody, linh: Person
):
    portal, source = await Portal(world).opened(), f"2001:db8:{uuid4().hex[:4]}::1"
    async with Browser.somewhere(world.app, source, **{"User-Agent": FIREFOX}) as browser:
        await signed_in(browser, portal, linh, scope="learners:read")
    (there,) = await of(academy, linh)
    known = {"user_id": str(linh.id), "membership_id": str(linh.memberships[0])}
    known |= {"client": portal.name, "scope": "learners:read", "method": "password"}
    known |= {"user_agent": FIREFOX, "ended_at": None, "ended_because": None}
    assert {name: there[name] for name in known} == known
    assert there["source"] in (source, f"{source.removesuffix('1')}/64")
    assert there["created_at"] <= there["last_used_at"] < there["expires_at"]


async def test_were_used_last_when_they_got_their_last_token(
    world: World, academy: Somebody, linh: Person
):
    here = await at_a_browser(world, linh)
    (before,) = await of(academy, linh)
    held = (await academy.get("/sign-ins", params={"user": str(linh.id)})).headers["ETag"]
    await here.portal.refreshes(here.refresh)
    answer = await academy.get(
        "/sign-ins", params={"user": str(linh.id)}, headers={"If-None-Match": held}
    )
    (after,) = answer.json()["items"]
    assert after["last_used_at"] > before["last_used_at"]
    assert after["version"] == before["version"], "which is no change of the sign-in"


class TestEnding:
    async def test_refuses_the_next_request_and_the_next_refresh_of_that_one_alone(
        self, world: World, academy: Somebody, linh: Person
    ):
        first, second = [await at_a_browser(world, linh) for _ in range(2)]
        *_, oldest = await of(academy, linh)
        ended = await academy.post(f"/sign-ins/{oldest['id']}/end")
        assert ended.json()["ended_because"] == "ended_by_administrator"
        assert (await first.calls(), await second.calls()) == (401, 200)
        refusal = await first.portal.refreshes(first.refresh)
        assert refused(refusal) == (400, "invalid_grant")
        assert (await second.portal.refreshes(second.refresh)).status_code == 200
        again = await academy.post(f"/sign-ins/{oldest['id']}/end")
        assert again.json() == ended.json()
        assert ended.json() in await of(academy, linh)

    async def test_keeps_what_ended_it_before(self, world: World, academy: Somebody, linh: Person):
        here = await at_a_browser(world, linh)
        await here.portal.revokes(here.refresh)
        (over,) = await of(academy, linh)
        ended = await academy.post(f"/sign-ins/{over['id']}/end")
        assert ended.json()["ended_because"] == "signed_out"
        await academy.post(f"/users/{linh.id}/sign-out")
        assert await of(academy, linh) == [over]

    async def test_is_not_a_readers_business(self, world: World, academy: Somebody, linh: Person):
        here = await at_a_browser(world, linh)
        (there,) = await of(academy, linh)
        for role in ("auditor", "academy_staff"):
            somebody = await world.somebody(role)
            refusal = await somebody.post(f"/sign-ins/{there['id']}/end")
            assert problem(refusal) == (403, "forbidden")
        assert problem(await academy.post(f"/sign-ins/{uuid4()}/end")) == (404, "not-found")
        assert await here.calls() == 200


async def test_are_live_until_they_end_or_their_time_is_over(
    world: World, academy: Somebody, linh: Person
):
    for _ in range(3):
        await at_a_browser(world, linh)
    newest, middle, oldest = await of(academy, linh)
    await academy.post(f"/sign-ins/{oldest['id']}/end")
    over = "update sign_ins set expires_at = now() - interval '1 s' where id = :id"
    await execute(world, over, id=UUID(middle["id"]))
    assert [row["id"] for row in await of(academy, linh, live=True)] == [newest["id"]]
    dead = [row["id"] for row in await of(academy, linh, live=False)]
    assert dead == [middle["id"], oldest["id"]]


async def test_of_two_users_are_told_apart(world: World, academy: Somebody, linh: Person):
    other = await coordinator(world)
    await at_a_browser(world, linh)
    assert await of(academy, other) == []
    assert len(await of(academy, linh)) == 1
