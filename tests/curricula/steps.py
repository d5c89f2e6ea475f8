"""Modules and curricula as tests make them, by the operations that people use."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response

from app.access.caller import Principal
from app.core.database.scopes import Scope
from app.curricula import publishing, service
from app.curricula.models import CurriculumVersion
from app.curricula.review_models import ReviewInvitation
from tests.competencies.steps import competency, do, framework, made, scale
from tests.world import Somebody, World

TITLES = {"title_vi": "Chuyên đề", "title_en": "Module"}
SAID = {**TITLES, "domain": "skill", "mode": "in_person", "theory_hours": 4, "practice_hours": 6}


async def module(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    body = {"code": f"M-{uuid4().hex[:8]}", "kind": "specific"} | SAID
    return made(await client.post("/modules", json=body | fields))


async def module_draft(client: AsyncClient, **fields: Any) -> str:
    """The first version of a new module."""
    return str((await module(client, **fields))["open_version_id"])


async def published_module(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """The version in force of a new module, of ten hours unless something else is said."""
    return await publish_module(client, await module_draft(client, **fields))


async def publish_module(client: AsyncClient, version: str) -> dict[str, Any]:
    return made(await client.post(f"/module-versions/{version}/publish"), 200)


async def change_module(client: AsyncClient, version: str, **changes: Any) -> Response:
    """PUT of what is there, with some fields changed."""
    present = made(await client.get(f"/module-versions/{version}"), 200)
    taken = (
        *("title_vi", "title_en", "description_vi", "description_en", "domain", "theory_hours"),
        *("practice_hours", "self_study_hours", "on_the_job_hours", "mode", "expertise"),
        *("outcomes", "prerequisites", "materials"),
    )
    body = {name: present[name] for name in taken}
    stated = ("framework_id", "competency_identifier", "level")
    body["competencies"] = [{n: each[n] for n in stated} for each in present["competencies"]]
    headers = {"If-Match": f'"{present["version"]}"'}
    return await client.put(f"/module-versions/{version}", json=body | changes, headers=headers)


async def next_module(client: AsyncClient, version: dict[str, Any], **changes: Any) -> Any:
    """The next version of a module, in force."""
    again = made(await client.post(f"/modules/{version['module_id']}/versions"))
    changed = made(await change_module(client, again["id"], **changes), 200)
    return await publish_module(client, changed["id"])


def held(*versions: dict[str, Any], elective: bool = False) -> list[dict[str, Any]]:
    return [{"module_version_id": v["id"], "mandatory": not elective} for v in versions]


def body(*versions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Of a curriculum that has these modules, all mandatory."""
    hours = sum(version["hours"] for version in versions) or 10
    said = {"title_vi": "Chương trình", "title_en": "Curriculum", "hours": hours}
    return said | {"modules": held(*versions)} | fields


async def curriculum(
    client: AsyncClient, *versions: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    root = {"code": f"C-{uuid4().hex[:8]}", "kind": "basic", "year": 2026}
    return made(await client.post("/curricula", json=root | body(*versions, **fields)))


async def extend(
    client: AsyncClient, extended: str, *versions: dict[str, Any], **fields: Any
) -> Response:
    said = {"code": f"E-{uuid4().hex[:8]}"} | body(*versions, **fields)
    return await client.post(f"/curricula/{extended}/extensions", json=said)


async def version(client: AsyncClient, id: str) -> dict[str, Any]:
    return made(await client.get(f"/curriculum-versions/{id}"), 200)


async def next_version(client: AsyncClient, curriculum_id: str) -> dict[str, Any]:
    return made(await client.post(f"/curricula/{curriculum_id}/versions"))


async def change(client: AsyncClient, id: str, **changes: Any) -> Response:
    """PUT of what is there, with some fields changed."""
    present = await version(client, id)
    taken = (
        *("title_vi", "title_en", "description_vi", "description_en", "hours"),
        *("extension_hours_min", "extension_hours_max", "extension_domains", "target_group"),
    )
    said = {name: present[name] for name in taken}
    said["modules"] = [
        {name: each[name] for name in ("module_version_id", "mandatory")}
        for each in present["modules"]
    ]
    headers = {"If-Match": f'"{present["version"]}"'}
    return await client.put(f"/curriculum-versions/{id}", json=said | changes, headers=headers)


async def rules(client: AsyncClient, id: str) -> list[str]:
    found = made(await client.get(f"/curriculum-versions/{id}/findings"), 200)
    return [finding["rule"] for finding in found["findings"]]


async def whole(client: AsyncClient, id: str) -> dict[str, Any]:
    return made(await client.get(f"/curriculum-versions/{id}/whole"), 200)


async def set_state(world: World, id: str, state: str) -> None:
    """As reviewing it would."""
    if state == "approved":
        await consent(world, id)
    async with world.session() as session:
        found = await service.held(session, UUID(id))
        found.state, found.quorum = state, 1
        if state == "approved":
            approve(found)


async def consent(world: World, id: str) -> None:
    """A reviewer is named, and approves the version."""
    reviewer = await world.somebody("academy_staff")
    async with world.session() as session:
        version = await service.held(session, UUID(id))
        named = ReviewInvitation.of(version, user_id=reviewer.subject, decides=True)
        session.add(named)
    decided = await reviewer.post(
        f"/curriculum-versions/{id}/decisions", json={"decision": "approve"}
    )
    made(decided)


def approve(found: CurriculumVersion) -> None:
    found.document_number, found.issuing_body = "125/QĐ-HVNG", "Học viện Ngoại giao"
    found.issued_on = found.created_at.date()


async def publish(world: World, id: str, by: Somebody | None = None) -> None:
    """From a draft, by way of review and approval, until it is in force."""
    for state in ("in_review", "approved"):
        await set_state(world, id, state)
    await bring_into_force(world, id, by)


async def bring_into_force(world: World, id: str, by: Somebody | None = None) -> None:
    """In the scope of whoever publishes it, or of the service."""
    session_of = world.session() if by is None else world.database.session(scope_of(world, by))
    async with asyncio.timeout(20), session_of as session:
        await publishing.publish_version(session, await service.held(session, UUID(id)))


def scope_of(world: World, somebody: Somebody) -> Scope:
    token = somebody.headers["Authorization"].removeprefix("Bearer ")
    verified = world.app.state.keyring.verifier.verify(token)
    return Principal.of(verified.claims, verified.kid).scope("test")


async def in_force(
    client: AsyncClient, world: World, *versions: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """A curriculum with a first version in force."""
    began = await curriculum(client, *versions, **fields)
    await publish(world, began["open_version_id"])
    return made(await client.get(f"/curricula/{began['id']}"), 200)


async def stated(client: AsyncClient, level: int = 3) -> dict[str, Any]:
    """A competency of a framework in force, as a module names it."""
    began = await framework(client)
    draft = began["open_version_id"]
    steps = await scale(client, draft)
    item = await competency(client, draft, code="A", scale_identifier=steps["identifier"])
    await do(client, draft, "publish")
    identifier = item["identifier"]
    return {"framework_id": began["id"], "competency_identifier": identifier, "level": level}
