"""People of target groups, and curricula that are for them, as tests make them."""

from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from app.curricula import target_groups
from app.curricula.models import CurriculumVersion
from app.curricula.target_groups import TargetGroup
from tests.competencies.steps import made
from tests.curricula.steps import curriculum, publish, published_module
from tests.world import Somebody, World


async def aim(world: World, version_id: str, **rule: Any) -> None:
    """Says whom a draft is for."""
    async with world.session() as session:
        version = await session.get_one(CurriculumVersion, UUID(version_id))
        group = TargetGroup.model_validate(rule)
        for column, value in (await target_groups.columns(session, group)).items():
            setattr(version, column, value)


async def aimed(world: World, client: Somebody, **rule: Any) -> str:
    """A version in force of a curriculum that is for these."""
    began = await curriculum(client, await published_module(client))
    await aim(world, began["open_version_id"], **rule)
    await publish(world, began["open_version_id"])
    return str(began["open_version_id"])


async def try_train(client: AsyncClient, learner_id: str, **fields: Any) -> Response:
    said = {"kind": "basic", "title": "Bồi dưỡng", "completed_on": "2022-06-30"}
    return await client.post(f"/learners/{learner_id}/trainings", json=said | fields)


async def train(client: AsyncClient, learner_id: str, **fields: Any) -> dict[str, Any]:
    return made(await try_train(client, learner_id, **fields))
