"""What tests of nominations begin with."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from app.enrolment.service import Outcome, finish
from tests.courses.steps import add_course, curriculum, planned, quotas, step
from tests.rooms.steps import made
from tests.world import Somebody, World, add_learner, everything

Row = dict[str, Any]
LETTER = {"number": "123/SNgV-VP", "date": "2026-11-16"}


async def opened(
    academy: Somebody, world: World, *given: tuple[Somebody, int], hours: str = "08-11", **of: Any
) -> Row:
    """A course with one session, open for nominations, with quotas for whom they are given."""
    version = await curriculum(academy, world)
    return await opened_of(academy, version, *given, hours=hours, **of)


async def opened_of(
    academy: Somebody, version: Row, *given: tuple[Somebody, int], hours: str = "08-11", **of: Any
) -> Row:
    course = await add_course(academy, version, **of)
    await planned(academy, course, hours)
    if given:
        said = [(f"Q{n}", places, [who.organization]) for n, (who, places) in enumerate(given)]
        made(await quotas(academy, course, *said), 200)
    return made(await step(academy, course, "open"), 200)


async def people(client: AsyncClient, count: int, **said: Any) -> list[str]:
    return [(await add_learner(client, **said))["id"] for _ in range(count)]


async def nominate(
    client: AsyncClient, course: Row, learners: Sequence[str], **said: Any
) -> Response:
    body = {"letter": LETTER, "learners": [{"learner_id": id} for id in learners]} | said
    return await client.post(f"/courses/{course['id']}/nominations", json=body)


async def nominated(client: AsyncClient, course: Row, learners: Sequence[str]) -> list[str]:
    """Ids of their nominations, in the same order."""
    told = made(await nominate(client, course, learners), 200)
    return [each["nomination_id"] for each in told["people"]]


async def decide(
    client: AsyncClient, course: Row, decision: str, ids: Sequence[str], **said: Any
) -> Response:
    each = {"decision": decision}
    for name in ("reason", "document", "may_overlap"):
        if name in said:
            each[name] = said.pop(name)
    body = {"decisions": [{"nomination_id": id} | each for id in ids]} | said
    return await client.post(f"/courses/{course['id']}/decisions", json=body)


async def decided(client: AsyncClient, course: Row, ids: Sequence[str], *decisions: str) -> None:
    for decision in decisions:
        made(await decide(client, course, decision, ids, reason="Theo quyết định"), 200)


async def checked(
    client: AsyncClient, academy: Somebody, course: Row, learners: Sequence[str]
) -> list[str]:
    ids = await nominated(client, course, learners)
    await decided(academy, course, ids, "check")
    return ids


async def confirmed(
    client: AsyncClient, academy: Somebody, course: Row, learners: Sequence[str]
) -> list[str]:
    ids = await checked(client, academy, course, learners)
    await decided(academy, course, ids, "confirm")
    return ids


async def nomination(client: AsyncClient, id: str) -> Row:
    return made(await client.get(f"/nominations/{id}"), 200)


async def states(client: AsyncClient, course: Row) -> list[str]:
    rows = await everything(client, "/nominations", course=course["id"], sort="rank")
    return [row["state"] for row in rows]


async def taken(client: AsyncClient, course: Row) -> list[tuple[str | None, int | None, int]]:
    """Each pool: the quota's code, its places now, and how many are taken."""
    told = made(await client.get(f"/courses/{course['id']}/seats"), 200)
    return [
        (p["code"], None if p["places"] is None else p["places"] + p["moved"], p["taken"])
        for p in told["pools"]
    ]


def rules(response: Response) -> list[set[str]]:
    """What stands against each, of a refusal or an answer."""
    return [{f["rule"] for f in each["findings"]} for each in response.json()["people"]]


async def finished(world: World, course: Row, id: str, state: Any) -> None:
    async with world.session() as session:
        await finish(session, UUID(course["id"]), [Outcome(UUID(id), state)])


async def in_state(
    world: World, client: AsyncClient, academy: Somebody, course: Row, state: str
) -> str:
    """The id of a new nomination in that state."""
    (id,) = await nominated(client, course, await people(client, 1))
    away = {"reason": "Ốm"}
    if state == "withdrawn":
        made(await client.post(f"/nominations/{id}/withdraw", json=away), 200)
    elif state == "substituted":
        away["learner_id"] = (await people(client, 1))[0]
        made(await client.post(f"/nominations/{id}/substitute", json=away))
    else:
        await decided(academy, course, [id], *_LEADING_TO.get(state, ()))
    if state in ("completed", "failed", "no_show"):
        await finished(world, course, id, state)
    return id


_SEAT = ("check", "confirm", "enrol")
_LEADING_TO = {
    "checked": _SEAT[:1],
    "confirmed": _SEAT[:2],
    "wait_listed": ("check", "wait_list"),
    "declined": ("decline",),
    **dict.fromkeys(("enrolled", "completed", "failed", "no_show"), _SEAT),
}
