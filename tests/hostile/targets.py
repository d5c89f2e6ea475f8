"""Trainings and thresholds in the state that an operation asks for."""

from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests.curricula.people import train
from tests.world import Somebody, World, add_learner

IDS = {"training_id", "balance_threshold_id"}
ONCE = {"remove_training", "remove_balance_threshold", "replace_balance_threshold"}
"""What is asked for is another one each time."""
COMPLETED = {"record_training", "replace_training"}


async def made(world: World, academy: Somebody, hanoi: Somebody, name: str) -> str:
    """The id of one of `IDS`."""
    if name == "training_id":
        return str((await train(hanoi, (await add_learner(hanoi))["id"]))["id"])
    await nothing_watched(world)
    watched = await academy.post("/balance-thresholds", json={"domain": "skill"})
    return str(watched.json()["id"])


async def nothing_watched(world: World) -> None:
    """There is one threshold of a domain, at most."""
    async with world.session() as session:
        await session.execute(text("delete from balance_thresholds"))


def completed() -> dict[str, Any]:
    """What is in the body in the place of the document's examples."""
    return {"title": f"Bồi dưỡng {uuid4().hex}", "curriculum_id": None}
