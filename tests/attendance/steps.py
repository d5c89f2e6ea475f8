"""What tests of attendance begin with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text

from tests.courses import steps as courses
from tests.rooms.steps import at, made
from tests.world import Somebody, World, add_learner

Row = dict[str, Any]
PAST = "2026-03-02"
"""A day that is over: the database's clock stands still for nobody."""
DAYS = {"starts_on": PAST, "ends_on": "2026-03-06"}
_ENROL = text("""
  insert into nominations (organization_id, host_id, course_id, learner_id, rank, state)
  select l.organization_id, c.organization_id, c.id, l.id, :rank, 'enrolled'
  from learners l, courses c where l.id = :learner and c.id = :course returning id
""")


async def running(
    academy: Somebody, world: World, *sessions: Row, version: Row | None = None, **fields: Any
) -> tuple[Row, list[Row]]:
    """A course that is running, and its sessions; of three hours each unless it is said."""
    chosen = version or await courses.curriculum(academy, world)
    began = await courses.add_course(academy, chosen, **DAYS | fields)
    planned = [await courses.planned(academy, began, **each) for each in sessions]
    for verb in ("open", "close", "start"):
        made(await courses.step(academy, began, verb), 200)
    return began, planned


def day(number: int, hours: str = "08-11", **fields: Any) -> Row:
    """A session on a day of the course that is over."""
    return at(hours, f"2026-03-{number + 1:02}") | fields


def now(begins: float = -0.5, ends: float = 2.5, **fields: Any) -> Row:
    """A session that is going on, unless it is said in hours from now when it is."""
    moment = datetime.now(UTC).replace(microsecond=0)
    times = {"starts_at": begins, "ends_at": ends}
    return {k: (moment + timedelta(hours=h)).isoformat() for k, h in times.items()} | fields


def around_now() -> Row:
    today = datetime.now(UTC).date()
    away = timedelta(days=3)
    return {"starts_on": str(today - away), "ends_on": str(today + away)}


async def enrol(world: World, course: Row, *learners: Row) -> list[str]:
    """As the Academy does by hand; the ids of their nominations."""
    ids = []
    async with world.session() as session:
        for rank, learner in enumerate(learners, 1):
            values = {"learner": UUID(learner["id"]), "course": UUID(course["id"]), "rank": rank}
            ids.append(str(await session.scalar(_ENROL, values)))
    return ids


async def officers(keeper: AsyncClient, *names: str, **fields: Any) -> list[Row]:
    return [await add_learner(keeper, full_name=name, **fields) for name in names]


async def as_learner(world: World, learner: Row) -> Somebody:
    organization = UUID(learner["organization_id"])
    return await world.somebody("learner", organization, UUID(learner["id"]))


async def sheet(client: AsyncClient, session: Row) -> Row:
    return made(await client.get(f"/course-sessions/{session['id']}/attendance"), 200)


async def roll(client: AsyncClient, session: Row, *rows: Row, etag: str = "*") -> Response:
    path = f"/course-sessions/{session['id']}/attendance"
    return await client.put(path, json={"learners": list(rows)}, headers={"If-Match": etag})


async def present(client: AsyncClient, session: Row, **minutes: int) -> Row:
    """By the ids of learners, how long each was in the room."""
    rows = [{"learner_id": id, "in_person_minutes": m} for id, m in minutes.items()]
    return made(await roll(client, session, *rows), 200)


def there(learner: Row, minutes: int = 180, **more: Any) -> Row:
    return {"learner_id": learner["id"], "in_person_minutes": minutes} | more


async def standing(client: AsyncClient, nomination: str) -> Row:
    return made(await client.get(f"/standings/{nomination}"), 200)


async def send_log(client: AsyncClient, session: Row, content: bytes, **query: str) -> Response:
    return await client.post(
        f"/course-sessions/{session['id']}/meeting-logs",
        content=content,
        params=query,
        headers={"Content-Type": "text/csv", "Idempotency-Key": uuid4().hex},
    )


async def apply(client: AsyncClient, log: Row, **decisions: str | None) -> Response:
    """Each decision is `row_2="id of a learner"`."""
    said = [
        {"row": int(row.removeprefix("row_")), "learner_id": id} for row, id in decisions.items()
    ]
    return await client.post(f"/meeting-logs/{log['id']}/apply", json={"decisions": said})
