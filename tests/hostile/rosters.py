"""Syncs in any state, and a match, without a worker that would make them."""

from uuid import UUID

from sqlalchemy import update

from app.rosters.models import RosterMatch, RosterSync
from tests.world import Somebody, World, add_learner


async def made(world: World, keeper: Somebody, name: str) -> str:
    """The id of a `sync_id`, `data_set_id` or `match_id`."""
    found = await sync(world, keeper, "planned")
    if name == "sync_id":
        return found
    if name == "data_set_id":
        listed = await keeper.get("/roster-data-sets")
        return str(listed.json()["items"][0]["id"])
    learner = await add_learner(keeper)
    match = RosterMatch(
        organization_id=keeper.organization,
        sync_id=UUID(found),
        external_id="CB-1",
        full_name=learner["full_name"],
        learner_id=UUID(learner["id"]),
        on_our_roster=True,
        score=80,
    )
    async with world.session() as session:
        session.add(match)
        await session.flush()
        return str(match.id)


async def sync(world: World, keeper: Somebody, state: str) -> str:
    sent = await keeper.post("/roster-syncs", json=[], params={"dry_run": True})
    assert sent.status_code == 202, sent.text
    id = str(sent.json()["id"])
    async with world.session() as session:
        named = RosterSync.id == UUID(id)
        await session.execute(update(RosterSync).where(named).values(state=state))
    return id
