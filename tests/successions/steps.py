"""What is done in tests of successions."""

from tests.world import everything

DAY = "2025-07-01"
DECISION = "Nghị quyết 202/2025/QH15"


async def succeed(academy, former, successor, *, day=DAY, dry_run=False, units=()):
    """`units` are pairs of a unit and where its people go."""
    body = {"effective_on": day, "document": DECISION, "successor_id": str(successor)}
    body["units"] = [{"unit_id": unit, "successor_id": str(to)} for unit, to in units]
    path = f"/organizations/{former}/succeed"
    return await academy.post(path, json=body, params={"dry_run": dry_run})


async def done(*args, **options):
    response = await succeed(*args, **options)
    assert response.status_code == 200, response.text
    return response.json()


async def add_unit(client, code, parent=None):
    body = {"code": code, "name_vi": code, "name_en": code, "parent_id": parent}
    made = await client.post("/units", json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


async def roster(client, **query):
    """Who is on it, by external id."""
    return {row["external_id"]: row for row in await everything(client, "/learners", **query)}


async def positions(client, learner):
    rows = await everything(client, f"/learners/{learner['id']}/positions", sort="held_from")
    return [(row["organization_id"], row["held_from"], row["held_until"]) for row in rows]
