"""What people learn alone and at work: said by them, confirmed by somebody else."""

from uuid import UUID

import pytest
from sqlalchemy import text

from tests.attendance.steps import as_learner
from tests.rooms.steps import made
from tests.world import add_learner, everything, problem

SAID = {
    "kind": "self_study",
    "title": "Tự học tiếng Khmer",
    "hours": 24.5,
    "began_on": "2026-09-01",
    "ended_on": "2026-10-15",
    "evidence": "Vở bài tập",
}


async def record(client, learner, **fields):
    path = f"/learners/{learner['id']}/learning-records"
    return await client.post(path, json=SAID | fields)


async def decide(client, recorded, verb, **body):
    return await client.post(f"/learning-records/{recorded['id']}/{verb}", json=body)


@pytest.fixture
async def lan(hanoi, world):
    learner = await add_learner(hanoi)
    return learner, await as_learner(world, learner)


async def test_learners_say_what_they_learnt_and_a_manager_confirms_it(hanoi, lan):
    learner, herself = lan
    said = made(await record(herself, learner))
    assert (said["state"], said["hours"], said["decided_by"]) == ("recorded", 24.5, None)
    confirmed = made(await decide(hanoi, said, "confirm", note="Đã xem"), 200)
    assert (confirmed["state"], confirmed["note"]) == ("confirmed", "Đã xem")
    assert confirmed["decided_by"] == f"coordinator:{hanoi.subject}"
    (seen,) = await everything(herself, "/learning-records", state="confirmed")
    assert seen == confirmed


async def test_nobody_confirms_what_they_recorded_themselves(hanoi, world, lan):
    learner, herself = lan
    said = made(await record(hanoi, learner, kind="on_the_job", mentor="Trần Quốc Ví Dụ"))
    alone = await decide(hanoi, said, "confirm")
    assert problem(alone) == (409, "learning-confirmed-by-oneself")
    assert problem(await decide(herself, said, "confirm")) == (403, "forbidden")
    colleague = await world.somebody("coordinator", hanoi.organization)
    assert made(await decide(colleague, said, "confirm"), 200)["state"] == "confirmed"


async def test_what_is_decided_stays(hanoi, lan):
    learner, herself = lan
    said = made(await record(herself, learner))
    changed = await replace_record(herself, said, title="Tự học tiếng Lào")
    assert made(changed, 200)["title"] == "Tự học tiếng Lào"
    assert problem(await replace_record(herself, said)) == (412, "outdated")
    refused = made(await decide(hanoi, said, "refuse", note="Chưa có minh chứng"), 200)
    assert refused["state"] == "refused"
    assert problem(await decide(hanoi, said, "confirm")) == (409, "learning-decided")
    assert problem(await replace_record(hanoi, refused)) == (409, "learning-decided")
    assert problem(await replace_record(herself, refused)) == (404, "not-found")


async def replace_record(client, recorded, **changes):
    body = SAID | changes
    headers = {"If-Match": f'"{recorded["version"]}"'}
    return await client.put(f"/learning-records/{recorded['id']}", json=body, headers=headers)


async def test_it_is_read_by_them_and_who_has_them(hanoi, hue, world, lan):
    learner, herself = lan
    said = made(await record(herself, learner))
    other = await as_learner(world, await add_learner(hanoi))
    for stranger in (hue, other):
        read = await stranger.get(f"/learning-records/{said['id']}")
        assert problem(read) == (404, "not-found")
        assert problem(await record(stranger, learner)) == (404, "not-found")
    assert made(await hanoi.get(f"/learning-records/{said['id']}"), 200) == said


async def test_it_ends_after_it_began(lan):
    learner, herself = lan
    refused = await record(herself, learner, ended_on="2026-08-31")
    assert problem(refused) == (422, "invalid-request")


@pytest.mark.parametrize("hours", [0, 0.3, 1e-9, 2000.5, "24"])
async def test_hours_are_told_by_the_half(lan, hours):
    learner, herself = lan
    assert problem(await record(herself, learner, hours=hours)) == (422, "invalid-request")


async def test_nobody_confirms_it_in_another_role_of_theirs(hanoi, world, lan):
    learner, herself = lan
    said = made(await record(herself, learner))
    async with world.session() as session:
        values = {"id": UUID(said["id"]), "by": f"learner:{hanoi.subject}"}
        await session.execute(
            text("update learning_records set recorded_by = :by where id = :id"), values
        )
    refused = await decide(hanoi, said, "confirm")
    assert problem(refused) == (409, "learning-confirmed-by-oneself")
