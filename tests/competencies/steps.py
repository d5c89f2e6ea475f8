"""Frameworks as tests make them, by the operations that people use."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text

from tests.world import Somebody, World

LEVELS = [{"level": n, "name_vi": f"Bậc {n}", "name_en": f"Level {n}"} for n in range(1, 6)]


def made(response: Response, status: int = 201) -> dict[str, Any]:
    assert response.status_code == status, response.text
    return dict(response.json())


async def framework(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    body = {"code": f"F-{uuid4().hex[:8]}", "title_vi": "Khung năng lực", "title_en": "Framework"}
    return made(await client.post("/frameworks", json=body | fields))


async def draft(client: AsyncClient) -> str:
    """The first version of a new framework."""
    return str((await framework(client))["open_version_id"])


async def scale(client: AsyncClient, version: str, **fields: Any) -> dict[str, Any]:
    body = {"name_vi": "Năm bậc", "name_en": "Five levels", "proficient_level": 3, "levels": LEVELS}
    return made(await client.post(f"/framework-versions/{version}/scales", json=body | fields))


async def try_competency(client: AsyncClient, version: str, **fields: Any) -> Response:
    body = {"kind": "competency", "domain": "skill", "name_vi": "Lễ tân", "name_en": "Protocol"}
    path = f"/framework-versions/{version}/competencies"
    return await client.post(path, json=body | fields)


async def competency(client: AsyncClient, version: str, **fields: Any) -> dict[str, Any]:
    return made(await try_competency(client, version, **fields))


async def area(client: AsyncClient, version: str, **fields: Any) -> dict[str, Any]:
    return await competency(client, version, **{"kind": "area", "domain": None, **fields})


async def do(client: AsyncClient, version: str, verb: str, **body: Any) -> dict[str, Any]:
    """A change of a version's state."""
    sent = {"json": body} if verb == "open-consultation" else {}
    return made(await client.post(f"/framework-versions/{version}/{verb}", **sent), 200)


async def remove(client: AsyncClient, path: str, **query: str) -> Response:
    """Whatever it is like now."""
    return await client.delete(path, params=query, headers={"If-Match": "*"})


async def next_version(client: AsyncClient, framework_id: str) -> dict[str, Any]:
    return made(await client.post(f"/frameworks/{framework_id}/versions"))


async def tree(client: AsyncClient, version: str) -> dict[str, Any]:
    return made(await client.get(f"/framework-versions/{version}/tree"), 200)


async def names(client: AsyncClient, version: str) -> list[str]:
    return [each["name_en"] for each in (await tree(client, version))["competencies"]]


async def change(client: AsyncClient, kind: str, id: str, **changes: Any) -> Response:
    """PUT of what is there, with some fields changed."""
    present = made(await client.get(f"/{kind}/{id}"), 200)
    taken = {
        "framework-versions": ("title_vi", "title_en", "description_vi", "description_en"),
        "proficiency-scales": ("name_vi", "name_en", "proficient_level", "levels"),
        "competencies": (
            *("kind", "domain", "code", "name_vi", "name_en", "description_vi", "description_en"),
            *("scale_identifier", "attainment_rule", "descriptors", "replaces"),
        ),
    }[kind]
    body = {name: present[name] for name in taken} | changes
    headers = {"If-Match": f'"{present["version"]}"'}
    return await client.put(f"/{kind}/{id}", json=body, headers=headers)


async def address(world: World, somebody: Somebody) -> str:
    async with world.session() as session:
        email = "select email from users where id = :id"
        return str(await session.scalar(text(email), {"id": somebody.subject}))
