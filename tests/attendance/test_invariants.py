"""What must always hold is found where it does not, whatever let it in."""

import asyncio
import json
import subprocess
from contextlib import asynccontextmanager

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.attendance.steps import DAYS, day, enrol, officers, present, running
from tests.courses.steps import add_course, by, curriculum, in_rooms, planned, quotas, step
from tests.rooms.steps import add_instructor, add_room, at, made
from tests.service import COMMAND, environment
from tests.world import World, app_of_its_own, problem

BROKEN = {
    "overbooked": "update courses set max_places = 1 where id = $1",
    "quota_overspent": "update seat_pools set places = 0, taken = 0 where course_id = $1",
    "seat_without_nomination": "update seat_pools set taken = taken - 1 where course_id = $1"
    " and taken > 0",
    "clash": "update course_sessions s set starts_at = o.starts_at, ends_at = o.ends_at"
    " from course_sessions o where o.course_id = $1 and s.course_id = $1 and o.starts_at <"
    " s.starts_at",
    "attendance_of_stranger": "update nominations set state = 'confirmed' where course_id = $1",
    "completion_against_rule": "update nominations set state = 'failed' where course_id = $1",
}
"""Beneath the rules of the database; the course is whole otherwise."""


@pytest.fixture(scope="module")
async def apart(settings, urls):
    """An installation of its own, with a course that is whole."""
    async with app_of_its_own(settings, urls) as app, World(app) as world:
        academy = await world.somebody("academy_admin")
        hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
        here = {
            "rooms": in_rooms(await add_room(academy)),
            "instructors": by(await add_instructor(academy)),
        }
        people = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan")
        sessions = (day(1, **here), day(2, **here))
        course, planned = await running(academy, world, *sessions, **DAYS, max_places=2)
        await enrol(world, course, *people)
        for session in planned:
            await present(academy, session, **{p["id"]: 180 for p in people})
        yield app, world, academy, course, urls


@asynccontextmanager
async def beneath(app, urls, *said):
    """Statements that no trigger, key or policy hinders; put back afterwards."""
    database = make_url(app.state.settings.database_url.get_secret_value()).database
    address = make_url(urls.owner).set(drivername="postgresql", database=database)
    owner = await asyncpg.connect(address.render_as_string(hide_password=False))
    tables = ("courses", "seat_pools", "course_sessions", "nominations", "learner_bookings")
    tables += ("course_quotas",)
    try:
        await owner.execute("set session_replication_role = replica")
        for table in tables:
            await owner.execute(f"create temp table kept_{table} as table {table}")
        await owner.execute(*said)
        yield
        for table in tables:
            await owner.execute(f"delete from {table}")
            await owner.execute(f"insert into {table} table kept_{table}")
    finally:
        await owner.close()


async def found(client):
    body = made(await client.get("/admin/invariants"), 200)
    assert body["sound"] == (not any(each["broken"] for each in body["invariants"]))
    return {each["invariant"]: each for each in body["invariants"]}


async def test_what_is_whole_is_found_sound(apart):
    _, _, academy, *_ = apart
    assert {name: each["broken"] for name, each in (await found(academy)).items()} == dict.fromkeys(
        BROKEN, 0
    )


@pytest.mark.parametrize("invariant", BROKEN)
async def test_what_is_broken_beneath_the_rules_is_found(apart, invariant):
    app, _, academy, course, urls = apart
    async with beneath(app, urls, BROKEN[invariant], course["id"]):
        each = (await found(academy))[invariant]
        assert each["broken"] >= 1
        assert {example["course_id"] for example in each["examples"]} == {course["id"]}
        assert all(example["detail"] for example in each["examples"])
    assert (await found(academy))[invariant]["broken"] == 0


async def test_who_attended_and_withdrew_later_was_no_stranger(apart):
    _, world, academy, *_ = apart
    hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
    course, (session,) = await running(academy, world, day(1))
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    (nomination,) = await enrol(world, course, lan)
    await present(academy, session, **{lan["id"]: 60})
    path = f"/nominations/{nomination}/withdraw"
    made(await hanoi.post(path, json={"reason": "Đi công tác"}), 200)
    assert (await found(academy))["attendance_of_stranger"]["broken"] == 0


async def test_a_booking_for_somebody_without_a_seat_is_found(apart):
    app, _, academy, course, urls = apart
    stray = """
      insert into learner_bookings (organization_id, course_id, nomination_id, learner_id,
        session_id, starts_at, ends_at, tentative, may_overlap)
      select s.organization_id, s.course_id, uuidv7(), uuidv7(), s.id, s.starts_at, s.ends_at,
        false, false
      from course_sessions s where s.course_id = $1
    """
    async with beneath(app, urls, stray, course["id"]):
        assert (await found(academy))["seat_without_nomination"]["broken"] == 2


async def test_the_command_ends_with_two_when_anything_is_broken(apart, tmp_path):
    app, _, _, course, urls = apart

    def audit():
        url = app.state.settings.database_url.get_secret_value()
        key = app.state.settings.secret_key.get_secret_value()
        settings = {"DATABASE_URL": url, "BANGGIAO_SECRET_KEY": key}
        return subprocess.run(
            [COMMAND, "audit"],
            cwd=tmp_path,
            env=environment(**settings),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    whole = await asyncio.to_thread(audit)
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["sound"] is True
    async with beneath(app, urls, BROKEN["overbooked"], course["id"]):
        broken = await asyncio.to_thread(audit)
    assert broken.returncode == 2
    assert "overbooked: 1" in broken.stderr


async def test_administrators_and_auditors_look_and_nobody_else(apart):
    _, world, *_ = apart
    auditor = await world.somebody("auditor")
    assert await found(auditor)
    for role in ("academy_staff", "instructor"):
        refused = await (await world.somebody(role)).get("/admin/invariants")
        assert problem(refused) == (403, "forbidden")


async def test_who_came_for_a_while_and_then_withdrew_was_no_stranger(apart):
    _, world, academy, *_ = apart
    hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
    (nam,) = await officers(hanoi, "Lê Văn Nam")
    course, (session,) = await running(academy, world, day(3), **DAYS)
    (id,) = await enrol(world, course, nam)
    await present(academy, session, **{nam["id"]: 90})
    made(await hanoi.post(f"/nominations/{id}/withdraw", json={"reason": "Ốm"}), 200)
    assert (await found(academy))["attendance_of_stranger"]["broken"] == 0


async def test_places_are_those_that_the_quota_gives_whatever_was_counted(apart):
    app, world, academy, _, urls = apart
    hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
    (nam,) = await officers(hanoi, "Lê Văn Nam")
    course, _ = await running(academy, world, day(3, "13-16"), **DAYS, max_places=5)
    made(await quotas(academy, course, ("HN", 1, [hanoi.organization])), 200)
    await enrol(world, course, nam)
    assert (await found(academy))["quota_overspent"]["broken"] == 0
    wrong = "update course_quotas set places = 0 where course_id = $1"
    async with beneath(app, urls, wrong, course["id"]):
        (example,) = (await found(academy))["quota_overspent"]["examples"]
        assert example["course_id"] == course["id"]
        assert example["detail"] == "1 of 0 places of quota HN"


async def test_somebody_in_two_courses_at_once_is_found_without_their_bookings(apart):
    app, world, academy, _, urls = apart
    hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
    (nam,) = await officers(hanoi, "Lê Văn Nam")
    times = {"starts_on": "2090-03-01", "ends_on": "2090-03-05"}
    for hours in ("08-11", "13-16"):
        of = await add_course(academy, await curriculum(academy, world), **times)
        await planned(academy, of, **at(hours, "2090-03-02"))
        made(await step(academy, of, "open"), 200)
        await enrol(world, of, nam)
    together = """
      with gone as (delete from learner_bookings where learner_id = $1)
      update course_sessions s set starts_at = o.starts_at, ends_at = o.ends_at
      from nominations n, nominations m, course_sessions o
      where n.learner_id = $1 and m.learner_id = $1 and s.course_id = n.course_id
        and o.course_id = m.course_id and o.starts_at < s.starts_at
    """
    async with beneath(app, urls, together, nam["id"]):
        each = (await found(academy))["clash"]
        assert [one["learner_id"] for one in each["examples"]] == [nam["id"]]
    assert (await found(academy))["clash"]["broken"] == 0
