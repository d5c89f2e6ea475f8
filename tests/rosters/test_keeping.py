"""What is forgotten in time, and what then can be done no more."""

from datetime import timedelta

from fastapi import FastAPI
from sqlalchemy import text

from app.rosters import keeping
from tests.rosters.sending import Sender
from tests.world import World, problem


async def test_a_plan_is_cancelled_before_what_it_says_is_forgotten(
    app: FastAPI, hr: Sender, coordinator: Sender, world: World
):
    await hr.sends(hr.people(*range(10)))
    held = await hr.sends(hr.people(1))
    plan = await hr.sends(hr.people(2), mode="delta", dry_run=True)
    assert (held["state"], plan["state"]) == ("held", "planned")
    async with world.session() as session:
        await session.execute(
            text(
                "update roster_syncs set created_at = now() - interval '91 days'"
                " where organization_id = :own"
            ),
            {"own": hr.client.organization},
        )
    await keeping.forget(app.state.database, timedelta(days=90))
    for sync in (held, plan):
        refused = await coordinator.does(sync, "approve", removals=True)
        assert problem(refused) == (409, "not-waiting-to-be-applied")
        assert (await hr.sees(sync))["state"] == "cancelled"
        assert await hr.changes(sync) == []
