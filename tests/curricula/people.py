"""People of target groups, and curricula that are for them, as tests make them."""

from typing import Any

from httpx import AsyncClient, Response

from tests.competencies.steps import made
from tests.curricula.steps import curriculum, publish, published_module
from tests.world import Somebody, World


async def aimed(world: World, client: Somebody, **rule: Any) -> str:
    """A version in force of a curriculum that is for these."""
    began = await curriculum(client, await published_module(client), target_group=rule)
    await publish(world, began["open_version_id"])
    return str(began["open_version_id"])


async def try_train(client: AsyncClient, learner_id: str, **fields: Any) -> Response:
    said = {"kind": "basic", "title": "Bồi dưỡng", "completed_on": "2022-06-30"}
    return await client.post(f"/learners/{learner_id}/trainings", json=said | fields)


async def train(client: AsyncClient, learner_id: str, **fields: Any) -> dict[str, Any]:
    return made(await try_train(client, learner_id, **fields))
