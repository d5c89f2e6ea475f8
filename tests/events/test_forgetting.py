"""Changes are forgotten in time, and whoever had not read them yet is told so."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.events import keeping
from tests.events.following import Follower
from tests.world import World, add_learner, app_of_its_own, problem

KEPT = timedelta(days=90)


@pytest.fixture
async def own_world(settings, urls):
    async with app_of_its_own(settings, urls) as app, World(app) as world:
        yield world


@pytest.fixture
async def hanoi(own_world):
    return await own_world.somebody("coordinator", await own_world.organization("hanoi"))


async def pass_days(world, days):
    """What has happened until now, happened so long ago."""
    await world.database.unscoped(
        "update events set occurred_at = occurred_at - make_interval(days => $1)", days
    )


async def refusal(client, cursor):
    return await client.get("/changes", params={"since": cursor})


async def test_what_is_young_is_kept(own_world, hanoi):
    await add_learner(hanoi)
    await pass_days(own_world, 89)
    await keeping.forget(own_world.database, KEPT)
    assert len(await Follower(hanoi).catch_up()) == 1


async def test_who_has_read_what_is_forgotten_goes_on(own_world, hanoi):
    follower = Follower(hanoi)
    await add_learner(hanoi)
    await follower.catch_up()
    await pass_days(own_world, 91)
    await keeping.forget(own_world.database, KEPT)
    learner = await add_learner(hanoi)
    assert [change["subject_id"] for change in await follower.catch_up()] == [learner["id"]]


@pytest.mark.parametrize("later", [0, 1])
async def test_who_has_not_read_it_is_told_even_when_nothing_is_left(own_world, hanoi, later):
    follower = Follower(hanoi)
    await follower.begin()
    await add_learner(hanoi)
    await pass_days(own_world, 91)
    for _ in range(later):
        await add_learner(hanoi)
    await keeping.forget(own_world.database, KEPT)
    refused = await refusal(hanoi, follower.cursor)
    assert problem(refused) == (410, "changes-forgotten")
    assert '</v1/learners>; rel="resync"' in refused.headers["link"]


async def test_whoever_begins_again_misses_nothing(own_world, hanoi):
    await add_learner(hanoi)
    await pass_days(own_world, 91)
    await keeping.forget(own_world.database, KEPT)
    follower = Follower(hanoi)
    assert await follower.catch_up() == []
    again = Follower(hanoi)
    await again.begin()
    learner = await add_learner(hanoi)
    for each in (follower, again):
        assert [change["subject_id"] for change in await each.catch_up()] == [learner["id"]]


async def test_a_quiet_organisation_may_follow_for_years(own_world, hanoi):
    """Its cursor moves on with everybody's, though nothing happens there."""
    hue = await own_world.somebody("coordinator", await own_world.organization("hue"))
    follower = Follower(hanoi)
    await follower.begin()
    await add_learner(hue)
    assert await follower.catch_up() == []
    await pass_days(own_world, 91)
    await keeping.forget(own_world.database, KEPT)
    assert await follower.catch_up() == []


async def test_more_than_one_batch_is_forgotten(own_world, hanoi, monkeypatch):
    monkeypatch.setattr(keeping, "BATCH", 2)
    for _ in range(5):
        await add_learner(hanoi)
    await pass_days(own_world, 91)
    await keeping.forget(own_world.database, KEPT)
    assert await Follower(hanoi).catch_up() == []


async def test_in_another_cluster_everybody_begins_again_and_what_happened_is_still_told(
    own_world, hanoi
):
    """A backup was restored there: transactions count from the start, those of before lie ahead."""
    follower = Follower(hanoi)
    await follower.begin()
    learners = [(await add_learner(hanoi))["id"] for _ in range(2)]
    await own_world.database.unscoped("update change_horizons set cluster = 1")
    await own_world.database.unscoped("update events set transaction = '999999999999'")
    assert await Follower(hanoi).catch_up() == []
    await keeping.renumber(own_world.database)
    assert problem(await refusal(hanoi, follower.cursor)) == (410, "changes-forgotten")
    fresh = Follower(hanoi)
    assert [change["subject_id"] for change in await fresh.catch_up()] == learners
    await keeping.renumber(own_world.database)
    assert await fresh.catch_up() == []


async def test_what_is_under_way_is_not_forgotten_before_it_is_told(own_world, hanoi):
    await add_learner(hanoi)
    await pass_days(own_world, 91)
    async with own_world.session() as session:
        await session.execute(text("select pg_current_xact_id()"))
        await add_learner(hanoi)
        await pass_days(own_world, 91)
        await keeping.forget(own_world.database, KEPT)
    assert len(await Follower(hanoi).catch_up()) == 1
