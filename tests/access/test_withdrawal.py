"""Whoever may no longer come in is out at their very next request, whatever token they hold."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.access.models import Client, Membership, User
from app.main import create_app
from app.oauth import issuing
from app.oauth.clients import client_named
from tests.world import World, add_learner, problem, running

REFUSED = (401, "unauthenticated")


async def withdraw(world, kind, of, **values):
    async with world.session() as session:
        await session.execute(update(kind).where(of).values(**values))


@pytest.fixture
async def program(world, hanoi):
    return await world.program(hanoi.organization, "learners:read", "learners:write")


class TestPeople:
    async def test_who_is_disabled_is_refused_and_let_in_again_when_enabled(self, world, hanoi):
        learner = await add_learner(hanoi)
        path, body = f"/learners/{learner['id']}/release", {"released_on": "2026-01-01"}
        me = User.id == hanoi.subject
        await withdraw(world, User, me, disabled_at=func.now())
        refusals = [await hanoi.get("/learners"), await hanoi.post(path, json=body)]
        assert [problem(refusal) for refusal in refusals] == [REFUSED, REFUSED]
        assert "Bearer" in refusals[0].headers["WWW-Authenticate"]

        await withdraw(world, User, me, disabled_at=None)
        assert (await hanoi.get("/transfers")).json()["items"] == [], "nothing was done meanwhile"

    async def test_who_got_another_role_cannot_go_on_in_the_former(self, world, hanoi):
        mine = Membership.user_id == hanoi.subject
        await withdraw(world, Membership, mine, role="viewer")
        assert problem(await hanoi.get("/learners")) == REFUSED

    async def test_who_moved_to_another_organization_sees_the_former_no_more(
        self, world, hanoi, hue
    ):
        mine = Membership.user_id == hanoi.subject
        await withdraw(world, Membership, mine, organization_id=hue.organization)
        assert problem(await hanoi.get("/learners")) == REFUSED


class TestPrograms:
    async def test_whose_scopes_were_taken_away_is_refused_until_it_asks_for_fewer(
        self, world, program
    ):
        await withdraw(world, Client, Client.id == program.subject, scopes=["learners:read"])
        assert problem(await program.get("/learners")) == REFUSED
        state = world.app.state
        async with world.session() as session:
            name = await session.scalar(select(Client.name).where(Client.id == program.subject))
        client = await client_named(state.database, state.settings, name)
        issued = issuing.client_token(state.settings, state.keyring, client, None)
        again = await world.holding(issued["access_token"])
        assert (await again.get("/learners")).status_code == 200
        assert problem(await again.post("/learners", json={})) == (403, "forbidden")

    async def test_that_got_more_scopes_goes_on_with_those_of_its_token(self, world, program):
        more = ["learners:read", "learners:write", "units:write"]
        await withdraw(world, Client, Client.id == program.subject, scopes=more)
        assert (await program.get("/learners")).status_code == 200
        assert problem(await program.post("/units", json={})) == (403, "forbidden")


async def test_a_bad_token_is_refused_without_a_connection_to_the_database(settings, app):
    """Whoever has none cannot use up what others wait for."""
    one = {"connections": 1, "connection_wait": 0.2}
    small = create_app(settings.model_copy(update=one))
    async with running(small), World(small) as world, AsyncExitStack() as taken:
        good = await world.somebody("academy_admin")
        bad = [world.anonymous]
        token = good.headers["Authorization"].removeprefix("Bearer ")
        others = ("", "x", "a.b.c", token[:-4] + "AAAA", token + "x", "." * 5000)
        bad += [await world.holding(other) for other in others]
        database = small.state.database
        taken.callback(database.readers.give_back, await database.readers.take())
        await taken.enter_async_context(database.engine.connect())

        body = {"code": "X", "name_vi": "X", "name_en": "X"}
        for client in bad:
            for ask in (client.get("/learners"), client.post("/units", json=body)):
                refusal = await asyncio.wait_for(ask, timeout=1.5)
                assert problem(refusal) == REFUSED
        forbidden = await good.get("/learners", headers={"Authorization": f"Basic {token}"})
        assert problem(forbidden) == REFUSED
        for ask in (good.get("/learners"), good.post("/units", json=body)):
            assert problem(await ask) == (503, "unavailable"), "a good one would have waited"


async def test_an_expired_token_is_refused(world):
    world.tokens_last = timedelta(seconds=-31)
    somebody = await world.somebody("academy_admin")
    refusal = await somebody.get("/learners")
    assert problem(refusal) == REFUSED
    assert refusal.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
