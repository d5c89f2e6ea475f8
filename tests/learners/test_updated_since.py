"""Who changed since a moment: at least those, for a change may be seen later than it was made."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.world import add_learner, everything, problem

CHANGED_BEFORE = text("""
  insert into learners select (jsonb_populate_record(l, jsonb_build_object(
    'id', uuidv7(), 'external_id', cast(:key as text),
    'updated_at', now() - cast(cast(:interval as text) as interval)))).*
  from learners l where l.id = :id
""")


@pytest.fixture
async def roster(world, hanoi):
    """Changes the given time before now, which comes with it; everybody by that time."""

    async def changed(*intervals):
        pattern, keys = await add_learner(hanoi), {}
        async with world.session() as session:
            for interval in intervals:
                keys[key] = interval if (key := uuid4().hex[:12]) else ""
                values = {"key": key, "interval": interval, "id": pattern["id"]}
                await session.execute(CHANGED_BEFORE, values)
            now = await session.scalar(text("select now()"))
        return now, keys

    return changed


async def listed(client, moment, keys):
    rows = await everything(client, "/learners", updated_since=moment.isoformat())
    return {keys[row["external_id"]] for row in rows if row["external_id"] in keys}


async def test_who_changed_since_is_listed_and_who_changed_long_before_is_not(hanoi, roster):
    now, keys = await roster("-1 minute", "0 minutes", "20 minutes", "2 days")
    assert await listed(hanoi, now, keys) == {"-1 minute", "0 minutes"}


async def test_who_changed_a_little_before_is_listed_for_it_may_have_been_seen_after(hanoi, roster):
    now, keys = await roster("10 minutes")
    assert await listed(hanoi, now, keys) == {"10 minutes"}


@pytest.mark.parametrize("moment", ["2026-11-22T08:00:00", "2026-11-22", "now", "1"])
async def test_a_moment_has_a_zone(hanoi, moment):
    answer = await hanoi.get("/learners", params={"updated_since": moment})
    assert problem(answer) == (422, "invalid-request")


async def test_the_past_has_no_changes(hanoi):
    query = {"updated_since": "2026-11-22T08:00:00Z", "as_of": "2025-01-01"}
    refused = await hanoi.get("/learners", params=query)
    assert refused.json()["errors"][0]["code"] == "changes_of_the_past"
