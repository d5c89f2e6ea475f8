"""People, what their positions require, and evidence of what they can do, as tests make them."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from tests.competencies.steps import competency, do, framework, made, scale
from tests.world import add_learner


class Catalogue:
    """A published framework with competencies, and job positions that require them."""

    def __init__(self, client: AsyncClient, framework_id: str, items: list[dict[str, Any]]) -> None:
        self.client, self.framework_id = client, framework_id
        self.items = {item["name_en"]: item for item in items}

    @classmethod
    async def of(cls, client: AsyncClient, **rules: str) -> "Catalogue":
        """A competency by each name, with the rule given, or with rule and domain: `best skill`."""
        began = await framework(client)
        version = began["open_version_id"]
        steps = await scale(client, version)
        items = []
        for name, said in rules.items():
            rule, _, domain = said.partition(" ")
            described = {"attainment_rule": rule, "domain": domain or "skill", "name_en": name}
            on_scale = {"scale_identifier": steps["identifier"]}
            items.append(await competency(client, version, **described, **on_scale))
        await do(client, version, "publish")
        return cls(client, began["id"], items)

    def named(self, name: str) -> dict[str, str]:
        identifier = self.items[name]["identifier"]
        return {"framework_id": self.framework_id, "competency_identifier": identifier}

    async def position(
        self, *titles: str, client: AsyncClient | None = None, **levels: int
    ) -> dict[str, Any]:
        """That requires these levels, and desires one more; titles of the roster mean it."""
        keeper = client or self.client
        body = {"code": f"P-{uuid4().hex[:8]}", "name_vi": "Vị trí", "name_en": "Position"}
        position = made(await keeper.post("/job-positions", json=body))
        for name, level in levels.items():
            made(await self.require(position["id"], name, level, client=keeper))
        for title in titles:
            said = {"title": title, "job_position_id": position["id"]}
            made(await keeper.post("/job-position-titles", json=said))
        return position

    async def require(
        self,
        position_id: str,
        name: str,
        level: int,
        *,
        client: AsyncClient | None = None,
        **fields: Any,
    ) -> Response:
        levels = {"required_level": level, "desired_level": min(level + 1, 5)}
        body = self.named(name) | levels | {"since": "2026-01-01"}
        path = f"/job-positions/{position_id}/requirements"
        return await (client or self.client).post(path, json=body | fields)

    async def try_record(
        self, client: AsyncClient, learner_id: str, name: str, level: int, **fields: Any
    ) -> Response:
        body = self.named(name) | {
            "type": "assessment",
            "level": level,
            "achieved_on": "2026-02-01",
        }
        return await client.post(f"/learners/{learner_id}/evidence", json=body | fields)

    async def record(
        self, client: AsyncClient, learner_id: str, name: str, level: int, **fields: Any
    ) -> dict[str, Any]:
        return made(await self.try_record(client, learner_id, name, level, **fields))

    async def explained(self, client: AsyncClient, learner_id: str, name: str) -> dict[str, Any]:
        path = f"/learners/{learner_id}/competencies/{self.items[name]['id']}/explain"
        return made(await client.get(path), 200)


async def profile(client: AsyncClient, learner_id: str, **query: str) -> dict[str, Any]:
    path = f"/learners/{learner_id}/competency-profile"
    return made(await client.get(path, params=query), 200)


async def levels(client: AsyncClient, learner_id: str) -> dict[str, int | None]:
    """What somebody attains, by the names of competencies."""
    shown = await profile(client, learner_id)
    return {each["name_en"]: each["attained_level"] for each in shown["competencies"]}


async def gaps(client: AsyncClient, **query: str) -> dict[str, Any]:
    return made(await client.get("/gaps", params=query), 200)


async def officers(
    client: AsyncClient, number: int, title: str, **fields: Any
) -> list[dict[str, Any]]:
    return [await add_learner(client, position_title=title, **fields) for _ in range(number)]
