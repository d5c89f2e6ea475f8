"""Reads go to a replica, which is always a little late."""

from app.main import create_app
from tests.world import World, add_learner, app_of_its_own, problem, running


async def test_who_signed_in_a_moment_ago_is_no_stranger(settings, urls, app):
    """Another database stands for a replica that has not heard of anybody yet."""
    async with app_of_its_own(settings, urls) as late:
        replica = {"database_replica_url": late.state.settings.database_url}
        replicated = create_app(settings.model_copy(update=replica))
        async with running(replicated), World(replicated) as world:
            somebody = await world.somebody("coordinator", await world.organization("hanoi"))
            learner = await add_learner(somebody)
            (row,) = (await somebody.get("/learners")).json()["items"]
            assert row["id"] == learner["id"]
            everybody_out = f"/users/{somebody.subject}/disable"
            assert (await (await world.somebody("academy_admin")).post(everybody_out)).is_success
            assert problem(await somebody.get("/learners")) == (401, "unauthenticated")
