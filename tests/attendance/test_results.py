"""Who has completed a course: decided by its rule, once, for all."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.attendance.steps import day, enrol, officers, present, roll, running, there
from tests.competencies.steps import competency, do, framework, scale
from tests.courses import steps as courses
from tests.curricula import steps as curricula
from tests.rooms.steps import at, made
from tests.world import everything, problem


async def decide(client, course):
    return await client.post(f"/courses/{course['id']}/results")


async def attended(academy, world, people, *minutes, version=None, **more):
    """A course of one session that is over, which they attended for so long."""
    course, (session,) = await running(academy, world, day(1), version=version, **more)
    nominations = await enrol(world, course, *people)
    rows = {p["id"]: m for p, m in zip(people, minutes, strict=True)}
    await present(academy, session, **rows)
    return course, session, nominations


async def test_results_are_what_the_rule_makes_of_attendance(academy, world, hanoi):
    people = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan", "Lê Văn Nam")
    course, _, nominations = await attended(academy, world, people, 180, 100, 0)
    counted = made(await decide(academy, course), 200)
    assert counted == {"course_id": course["id"], "completed": 1, "failed": 1, "no_show": 1}
    listed = await everything(hanoi, "/standings", course=course["id"])
    by_id = {row["id"]: row["state"] for row in listed}
    assert [by_id[id] for id in nominations] == ["completed", "failed", "no_show"]
    completed = await everything(hanoi, "/standings", course=course["id"], state="completed")
    assert [row["full_name"] for row in completed] == ["Nguyễn Thị Minh Hoà"]


async def test_results_are_told_to_who_nominated(academy, world, hanoi, hue):
    (hoa,), (nam,) = await officers(hanoi, "Nguyễn Thị Minh Hoà"), await officers(hue, "Lê Nam")
    course, _, (ours, theirs) = await attended(academy, world, [hoa, nam], 180, 0)
    before = {who: await newest(who) for who in (hanoi, hue)}
    made(await decide(academy, course), 200)
    first, *rest = await told(hanoi, before[hanoi])
    assert (first, [name for name, _ in rest]) == (
        ("nomination.completed", ours),
        ["training.recorded"],
    )
    assert await told(hue, before[hue]) == [("nomination.no_show", theirs)]


async def newest(client):
    page = made(await client.get("/changes", params={"limit": 200}), 200)
    while page["more"]:
        page = made(await client.get("/changes", params={"limit": 200, "since": page["next"]}), 200)
    return page["next"]


async def told(client, since):
    page = made(await client.get("/changes", params={"since": since}), 200)
    return [(e["type"], e["subject_id"]) for e in page["items"]]


async def test_results_wait_for_every_session_and_its_sheet(academy, world, hanoi):
    people = await officers(hanoi, "Trần Ngọc Lan")
    ahead = {"starts_at": "2027-03-01T01:00:00Z", "ends_at": "2027-03-01T04:00:00Z"}
    days = {"starts_on": "2026-03-02", "ends_on": "2027-03-05"}
    course, sessions = await running(academy, world, day(1), day(2), ahead, **days)
    await enrol(world, course, *people)
    await present(academy, sessions[0], **{people[0]["id"]: 180})
    refused = await decide(academy, course)
    assert problem(refused) == (409, "results-not-ready")
    assert [(f["rule"], f["session_id"]) for f in refused.json()["findings"]] == [
        ("attendance_not_taken", sessions[1]["id"]),
        ("session_not_over", sessions[2]["id"]),
    ]
    cancelled = await academy.post(
        f"/course-sessions/{sessions[2]['id']}/cancel", json={"reason": "Bão"}
    )
    assert cancelled.status_code == 200
    await present(academy, sessions[1], **{people[0]["id"]: 180})
    assert made(await decide(academy, course), 200)["completed"] == 1


async def test_attendance_makes_no_other_result_of_what_was_decided(academy, world, hanoi):
    people = await officers(hanoi, "Trần Ngọc Lan")
    course, session, _ = await attended(academy, world, people, 10)
    made(await decide(academy, course), 200)
    made(await roll(academy, session, there(people[0], 20)), 200)  # which is no more enough
    assert problem(await roll(academy, session, there(people[0]))) == (409, "attendance-settled")
    # Who is enrolled later has a result of their own.
    (nam,) = await officers(hanoi, "Lê Văn Nam")
    await enrol(world, course, nam)
    made(await roll(academy, session, there(nam)), 200)
    counted = made(await decide(academy, course), 200)
    assert (counted["completed"], counted["failed"]) == (1, 1)


async def test_who_decides_while_somebody_corrects_decides_on_the_one_or_the_other(
    academy, world, hanoi
):
    for _ in range(5):
        people = await officers(hanoi, "Trần Ngọc Lan")
        course, session, (nomination,) = await attended(academy, world, people, 0)
        corrected, decided = await asyncio.gather(
            roll(academy, session, there(people[0])), decide(academy, course)
        )
        counted = made(decided, 200)
        assert corrected.status_code == (200 if counted["completed"] else 409)
        stands = made(await academy.get(f"/standings/{nomination}"), 200)
        assert stands["result"] == stands["state"]


async def test_nobody_completes_against_the_rule(academy, world, hanoi):
    people = await officers(hanoi, "Trần Ngọc Lan")
    _, _, (nomination,) = await attended(academy, world, people, 10)
    change = text("update nominations set state = 'completed' where id = :id")
    async with world.session() as session:
        with pytest.raises(IntegrityError, match="the rule of the course"):
            await session.execute(change, {"id": UUID(nomination)})
        await session.rollback()


async def test_only_the_host_decides(academy, world, hanoi):
    people = await officers(hanoi, "Trần Ngọc Lan")
    course, *_ = await attended(academy, world, people, 10)
    assert problem(await decide(hanoi, course)) == (404, "not-found")
    assert problem(await decide(await world.somebody("instructor"), course)) == (403, "forbidden")


async def test_who_completes_a_course_has_evidence_of_what_it_leads_to(academy, world, hanoi):
    began = await framework(academy)
    version = began["open_version_id"]
    levels = await scale(academy, version)
    said = {"scale_identifier": levels["identifier"]}
    listening = await competency(academy, version, **said)
    await do(academy, version, "publish")
    leads = {
        "framework_id": began["id"],
        "competency_identifier": listening["identifier"],
        "level": 2,
    }
    module = await curricula.published_module(academy, competencies=[leads])
    base = await curricula.curriculum(academy, module, modules=curricula.held(module), hours=10)
    await curricula.publish(world, base["open_version_id"])
    version = await curricula.version(academy, base["open_version_id"])
    people = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan")
    course, *_ = await attended(academy, world, people, 180, 10, version=version)
    made(await decide(academy, course), 200)
    rows = await everything(hanoi, "/evidence", learner=people[0]["id"])
    (row,) = rows
    assert (row["type"], row["level"], row["achieved_on"]) == (
        *("course_completion", 2),
        course["ends_on"],
    )
    assert row["document"].startswith(course["code"])
    assert await everything(hanoi, "/evidence", learner=people[1]["id"]) == []
    (training,) = await everything(hanoi, "/trainings", learner=people[0]["id"])
    assert (training["kind"], training["title"], training["document"]) == (
        *("basic", course["title_vi"]),
        course["code"],
    )
    assert await everything(hanoi, "/trainings", learner=people[1]["id"]) == []


async def test_sessions_make_no_other_result_of_what_was_decided(academy, world, hanoi):
    people = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan")
    course, session, _ = await attended(academy, world, people, 180, 100)
    made(await decide(academy, course), 200)
    for refused in (
        await courses.plan(academy, course, **day(2)),
        await courses.step(academy, session, "move", **at("08-09", "2026-03-03")),
        await courses.change_session(academy, session, planned_minutes=60),
        await courses.step(academy, session, "cancel", reason="Nhầm"),
    ):
        assert problem(refused) == (409, "results-decided")
    made(await courses.change_session(academy, session, title_vi="Buổi thứ nhất"), 200)
    made(await courses.step(academy, session, "hold"), 200)
    listed = await everything(hanoi, "/standings", course=course["id"], sort="full_name")
    assert {row["state"]: row["result"] for row in listed} == {
        "completed": "completed",
        "failed": "failed",
    }
