"""What tests of courses begin with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text

from tests.curricula import steps as curricula
from tests.rooms.steps import at, made
from tests.world import Somebody, World

ANY_VERSION = {"If-Match": "*"}
COURSE = {
    "title_vi": "Bồi dưỡng cơ bản",
    "title_en": "Basic course",
    "year": 2027,
    "starts_on": "2027-03-01",
    "ends_on": "2027-03-05",
    "mode": "hybrid",
}
SESSION = {"title_vi": "Buổi học", "title_en": "Session", "mode": "in_person"}
Row = dict[str, Any]


async def curriculum(client: AsyncClient, world: World, *, elective: bool = False) -> Row:
    """A version in force with one mandatory module, and maybe another one."""
    modules = [await curricula.published_module(client) for _ in range(1 + elective)]
    chosen = curricula.held(modules[0])
    chosen += curricula.held(*modules[1:], elective=True)
    began = await curricula.curriculum(client, *modules, modules=chosen, hours=10)
    await curricula.publish(world, began["open_version_id"])
    return await curricula.version(client, began["open_version_id"])


async def add_course(client: AsyncClient, version: Row, **fields: Any) -> Row:
    body = COURSE | {"code": f"K-{uuid4().hex[:8]}", "curriculum_version_id": version["id"]}
    return made(await client.post("/courses", json=body | fields))


async def course(client: AsyncClient, world: World, **fields: Any) -> Row:
    return await add_course(client, await curriculum(client, world), **fields)


async def plan(client: AsyncClient, of: Row, hours: str = "08-11", **fields: Any) -> Response:
    body = SESSION | at(hours) | fields
    return await client.post(f"/courses/{of['id']}/sessions", json=body)


async def planned(client: AsyncClient, of: Row, hours: str = "08-11", **fields: Any) -> Row:
    return made(await plan(client, of, hours, **fields))


def in_rooms(*rooms: Row) -> list[Row]:
    return [{"room_id": room["id"]} for room in rooms]


def by(*instructors: Row) -> list[Row]:
    return [{"instructor_id": instructor["id"]} for instructor in instructors]


async def step(client: AsyncClient, of: Row, verb: str, **body: Any) -> Response:
    path = "courses" if "starts_on" in of else "course-sessions"
    sent = {"json": body} if body else {}
    return await client.post(f"/{path}/{of['id']}/{verb}", **sent)


async def opened(client: AsyncClient, world: World, **fields: Any) -> Row:
    """With one session, and open for nominations."""
    began = await course(client, world, **fields)
    await planned(client, began)
    return made(await step(client, began, "open"), 200)


async def change(client: AsyncClient, of: Row, **changes: Any) -> Response:
    """PUT of what is there, with some fields changed."""
    path = f"/courses/{of['id']}"
    present = made(await client.get(path), 200)
    unsaid = {"id", "version", "created_at", "updated_at", "organization_id", "state", "opened_at"}
    unsaid |= {"cancelled_because", "modules"}
    body = {name: value for name, value in present.items() if name not in unsaid}
    body["modules"] = [{"module_id": each["module_id"]} for each in present["modules"]]
    headers = {"If-Match": f'"{present["version"]}"'}
    return await client.put(path, json=body | changes, headers=headers)


async def change_session(client: AsyncClient, of: Row, **changes: Any) -> Response:
    path = f"/course-sessions/{of['id']}"
    present = made(await client.get(path), 200)
    said = ("title_vi", "title_en", "module_id", "mode", "tentative", "planned_minutes")
    body = {name: present[name] for name in said}
    body["rooms"] = [{"room_id": room["room_id"]} for room in present["rooms"]]
    teach = present["instructors"]
    body["instructors"] = [{"instructor_id": each["instructor_id"]} for each in teach]
    headers = {"If-Match": f'"{present["version"]}"'}
    return await client.put(path, json=body | changes, headers=headers)


async def quotas(client: AsyncClient, of: Row, *given: tuple[str, int, Any]) -> Response:
    """Each a code, places, and whose they are."""
    body = [
        {"code": code, "places": places, "organization_ids": [str(id) for id in ids]}
        for code, places, ids in given
    ]
    path = f"/courses/{of['id']}/quotas"
    return await client.put(path, json={"quotas": body}, headers=ANY_VERSION)


async def instructor_of(world: World, academy: Somebody, instructor: Row) -> Somebody:
    """Who signs in as that instructor."""
    teacher = await world.somebody("instructor")
    values = {"user": teacher.subject, "id": UUID(instructor["id"])}
    async with world.session() as session:
        await session.execute(text("update instructors set user_id = :user where id = :id"), values)
    return teacher


async def calendar(client: AsyncClient, **of: Any) -> Row:
    return made(await client.post("/calendars", json=of))


async def feed(world: World, made: Row, **headers: str) -> Response:
    """What is read at a secret address, by nobody in particular."""
    path = made["url"].removeprefix(world.app.state.settings.public_url)
    return await world.anonymous.get(f"http://test{path}", headers=headers)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield
