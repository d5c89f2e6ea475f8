"""A course from opening to completion, by the six who make it happen, over HTTP alone."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from tests.attendance.reports import teams
from tests.attendance.steps import (
    apply,
    as_learner,
    now,
    officers,
    roll,
    send_log,
    sheet,
    there,
)
from tests.competencies.steps import competency, do, framework, scale
from tests.courses import steps as courses
from tests.courses.steps import by, in_rooms, instructor_of, quotas, step
from tests.curricula import steps as curricula
from tests.enrolment.steps import decided, nominated, states
from tests.rooms.steps import add_instructor, add_room, made
from tests.world import everything, problem


async def leading_somewhere(academy, world):
    """A curriculum whose module leads to level 3 of a competency."""
    began = await framework(academy)
    levels = await scale(academy, began["open_version_id"])
    said = {"scale_identifier": levels["identifier"]}
    protocol = await competency(academy, began["open_version_id"], **said)
    await do(academy, began["open_version_id"], "publish")
    leads = {
        "framework_id": began["id"],
        "competency_identifier": protocol["identifier"],
        "level": 3,
    }
    module = await curricula.published_module(academy, competencies=[leads])
    base = await curricula.curriculum(academy, module, modules=curricula.held(module), hours=10)
    await curricula.publish(world, base["open_version_id"])
    return await curricula.version(academy, base["open_version_id"])


_SHIFT = (
    text("update courses set starts_on = starts_on - cast(:days as integer) where id = :course"),
    text(
        "update course_sessions set starts_at = starts_at - make_interval(days => :days),"
        " ends_at = ends_at - make_interval(days => :days) where course_id = :course"
    ),
)


async def days_pass(world, course, days):
    """What was to come is over: nobody waits for it in a test."""
    async with world.session() as session:
        for statement in _SHIFT:
            await session.execute(statement, {"days": days, "course": UUID(course["id"])})


def clock(times):
    """As Teams writes it, for who is in Hà Nội."""
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    moments = [datetime.fromisoformat(moment).astimezone(zone) for moment in times.values()]
    return [f"{at.month}/{at.day}/{at:%y}, {at:%I:%M:%S %p}" for at in moments]


async def test_a_course_lives_from_opening_to_completion(  # noqa: PLR0915 -- it is one story
    academy, world, hanoi, hue
):
    # The Academy's staff plan it: in a hall, online, and in both.
    staff, instructor = await world.somebody("academy_staff"), await add_instructor(academy)
    teacher = await instructor_of(world, academy, instructor)
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    days = {"starts_on": str(today), "ends_on": str(today + timedelta(days=9))}
    rule = {"attendance_share": 60, "modalities": ["in_person", "online"], "participation": None}
    version = await leading_somewhere(academy, world)
    course = await courses.add_course(staff, version, **days, max_places=3, completion_rule=rule)
    teaches = {"instructors": by(instructor)}
    first = await courses.planned(
        staff, course, **now(24, 27), **teaches, rooms=in_rooms(await add_room(staff))
    )
    second = await courses.planned(staff, course, **now(48, 51), **teaches, mode="online")
    third = await courses.planned(staff, course, **now(71, 74), **teaches, mode="hybrid")
    both = (("HN", 2, [hanoi.organization]), ("HUE", 1, [hue.organization]))
    made(await quotas(staff, course, *both), 200)
    made(await step(staff, course, "open"), 200)

    # Two organisations nominate; the staff confirm within the quotas and enrol.
    hoa, lan = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan")
    nam, thu = await officers(hue, "Lê Văn Nam", "Phạm Thị Thu")
    ours = await nominated(hanoi, course, [hoa["id"], lan["id"]])
    theirs = await nominated(hue, course, [nam["id"], thu["id"]])
    await decided(staff, course, [*ours, *theirs], "check")
    await decided(staff, course, [*ours, theirs[0]], "confirm")
    await decided(staff, course, [theirs[1]], "wait_list")
    made(await step(staff, course, "close"), 200)
    await decided(staff, course, [*ours, theirs[0]], "enrol")
    await days_pass(world, course, 3)
    made(await step(staff, course, "start"), 200)
    assert sorted(await states(staff, course)) == ["enrolled"] * 3 + ["wait_listed"]

    # The instructor takes the roll in the hall, and nobody else is marked.
    refused = await roll(teacher, first, there(thu))
    assert problem(refused) == (409, "attendance-of-stranger")
    excused = {"excused": True, "document": "Giấy xác nhận 5/2026"}
    marked = (
        there(hoa, 180, participation="contributed"),
        there(lan, 150, late_minutes=30),
        there(nam, 0, **excused),
    )
    made(await roll(teacher, first, *marked), 200)

    # What was online, the report of the meeting tells; one called herself otherwise.
    report = teams(
        ("Nguyễn Thị Minh Hoà", "", *clock(now(-24.1, -20.9))),
        ("Máy của Lan", "", *clock(now(-24, -22))),
    )
    log = made(await send_log(teacher, second, report))
    assert log["unmatched"] == 1
    made(await apply(teacher, log, row_2=lan["id"]), 200)

    # Today a learner enters the code on the screen, once; another one is checked in at the door.
    herself = await as_learner(world, hoa)
    shown = f"/course-sessions/{third['id']}/attendance-code"
    code = {"code": made(await teacher.post(shown), 200)["code"]}
    present = f"/course-sessions/{third['id']}/present"
    made(await herself.post(present, json=code))
    assert problem(await herself.post(present, json=code)) == (409, "attendance-code-replayed")
    door = f"/course-sessions/{third['id']}/check-in"
    made(await teacher.post(door, json={"learner_id": lan["id"]}))

    # The one who nominated sees how their own people stand, and she sees herself.
    stands = {r["full_name"]: r for r in await everything(hanoi, "/standings")}
    assert (stands[hoa["full_name"]]["attended_minutes"], stands[hoa["full_name"]]["standing"]) == (
        *(360,),
        "on_track",
    )
    assert stands[lan["full_name"]]["attended_minutes"] == 150 + 120
    assert [r["full_name"] for r in await everything(herself, "/standings")] == [hoa["full_name"]]
    (away,) = await everything(hue, "/standings")
    assert (away["standing"], away["excused_minutes"]) == ("can_no_longer_pass", 180)

    # Nobody has a result while a session goes on. It is over: results are what the rule makes.
    early = await staff.post(f"/courses/{course['id']}/results")
    assert [f["rule"] for f in early.json()["findings"]] == ["session_not_over"]
    for session in (first, second, third):
        made(await step(staff, session, "hold"), 200)
    counted = made(await staff.post(f"/courses/{course['id']}/results"), 200)
    assert (counted["completed"], counted["failed"], counted["no_show"]) == (2, 1, 0)
    made(await step(staff, course, "complete"), 200)

    # Each organisation is told of its own, by the feed and as a list; levels are attained.
    told = [row["full_name"] for row in await everything(hanoi, "/standings", state="completed")]
    assert sorted(told) == [hoa["full_name"], lan["full_name"]]
    page = made(await hue.get("/changes", params={"limit": 200}), 200)["items"]
    assert ("nomination.failed", theirs[0]) in {(e["type"], e["subject_id"]) for e in page}
    (attained,) = await everything(herself, "/evidence")
    assert (attained["type"], attained["level"]) == ("course_completion", 3)
    assert [t["document"] for t in await everything(hanoi, "/trainings")] == [course["code"]] * 2

    # An auditor finds that it all holds, and that every word of it is in the ledger.
    auditor = await world.somebody("auditor")
    mine = {"course": course["id"]}
    assert len(await everything(auditor, "/attendance-entries", **mine)) == 10
    found = made(await auditor.get("/admin/invariants"), 200)["invariants"]
    here = [e for each in found for e in each["examples"] if e["course_id"] == course["id"]]
    assert here == []
    body = await sheet(auditor, first)
    assert UUID(body["id"]) == UUID(first["id"])
    late = await roll(teacher, first, there(lan, 0))
    assert problem(late) == (409, "attendance-settled")
