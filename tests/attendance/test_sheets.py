"""The sheet of a session and the ledger behind it."""

import pytest

from tests.attendance.steps import day, enrol, officers, present, roll, running, sheet, there
from tests.courses.steps import by, instructor_of
from tests.rooms.steps import add_instructor, made
from tests.statements import statements
from tests.world import add_learner, everything, problem


def told(body):
    """By name: minutes in the room and online, late, excused, participation."""
    said = ("in_person_minutes", "online_minutes", "late_minutes", "excused", "participation")
    return {row["full_name"]: tuple(row[name] for name in said) for row in body["learners"]}


async def test_a_sheet_has_everybody_who_is_enrolled_before_anything_is_known(academy, held):
    _, session = held
    body = await sheet(academy, session)
    assert told(body) == {
        "Nguyễn Thị Minh Hoà": (None, None, None, False, None),
        "Trần Ngọc Lan": (None, None, None, False, None),
    }
    assert (body["taken"], body["planned_minutes"]) == (False, 180)


async def test_the_roll_is_taken_of_everybody_in_one_request(academy, held, hoa_and_lan):
    _, session = held
    hoa, lan = hoa_and_lan
    late = there(hoa, 165, late_minutes=15, participation="contributed")
    away = there(lan, 0, excused=True, document="Giấy xác nhận số 5/2026")
    body = made(await roll(academy, session, late, away), 200)
    assert told(body) == {
        "Nguyễn Thị Minh Hoà": (165, None, 15, False, "contributed"),
        "Trần Ngọc Lan": (0, None, None, True, None),
    }
    assert body["taken"]
    assert body == await sheet(academy, session)


async def test_two_hundred_people_are_one_statement(academy, world, hanoi):
    course, (session,) = await running(academy, world, day(1))
    people = await officers(hanoi, *(f"Học Viên {n}" for n in range(200)))
    await enrol(world, course, *people)
    async with statements(world.database) as said:
        made(await roll(academy, session, *map(there, people)), 200)
    added = [each for each in said if "insert into attendance_entries" in each]
    assert len(added) == 1
    assert len(await everything(academy, "/attendance-entries", course=course["id"])) == 200


async def test_half_in_the_hall_and_half_online_adds_up_to_no_more_than_planned(
    academy, world, hanoi
):
    course, (session,) = await running(academy, world, day(1, mode="hybrid", planned_minutes=150))
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    (nomination,) = await enrol(world, course, lan)
    made(await roll(academy, session, there(lan, 100, online_minutes=80)), 200)
    stands = made(await academy.get(f"/standings/{nomination}"), 200)
    assert (stands["in_person_minutes"], stands["online_minutes"]) == (100, 80)
    assert (stands["attended_minutes"], stands["share"]) == (150, 100)


async def test_a_correction_keeps_what_it_corrects_and_the_newest_counts(
    academy, held, hoa_and_lan
):
    course, session = held
    hoa, lan = hoa_and_lan
    await present(academy, session, **{hoa["id"]: 60, lan["id"]: 180})
    corrected = there(hoa, 120, note="Nhầm với người khác")
    body = made(await roll(academy, session, corrected, there(lan)), 200)
    assert told(body)["Nguyễn Thị Minh Hoà"][0] == 120
    kept = await everything(academy, "/attendance-entries", learner=hoa["id"])
    assert [(e["minutes"], e["note"]) for e in kept] == [(120, "Nhầm với người khác"), (60, None)]
    # What is said again is no correction.
    assert len(await everything(academy, "/attendance-entries", course=course["id"])) == 3


async def test_who_has_not_seen_the_newest_sheet_does_not_write_over_it(academy, held, hoa_and_lan):
    _, session = held
    hoa, lan = hoa_and_lan
    seen = await sheet(academy, session)
    await present(academy, session, **{hoa["id"]: 180})
    stale = await roll(academy, session, there(lan), etag=f'"{seen["version"]}"')
    assert problem(stale) == (412, "outdated")
    newest = await sheet(academy, session)
    made(await roll(academy, session, there(lan), etag=f'"{newest["version"]}"'), 200)


async def test_nobody_attends_who_is_not_enrolled(academy, hanoi, held, hoa_and_lan):
    _, session = held
    stranger = await add_learner(hanoi)
    refused = await roll(academy, session, there(hoa_and_lan[0]), there(stranger))
    assert problem(refused) == (409, "attendance-of-stranger")
    assert refused.json()["learner_ids"] == [stranger["id"]]
    assert told(await sheet(academy, session))["Nguyễn Thị Minh Hoà"][0] is None


async def test_what_cannot_have_been_is_refused(academy, world, hanoi, held, hoa_and_lan):
    _, session = held
    lan = hoa_and_lan[1]
    refused = await roll(academy, session, {"learner_id": lan["id"], "online_minutes": 10})
    assert problem(refused) == (409, "modality-not-of-session")
    refused = await roll(academy, session, there(lan, 181))
    assert problem(refused) == (409, "attendance-too-long")
    days = {"starts_on": "2026-03-02", "ends_on": "2027-03-05"}
    course, (ahead,) = await running(
        academy,
        world,
        {"starts_at": "2027-03-01T08:00:00Z", "ends_at": "2027-03-01T09:00:00Z"},
        **days,
    )
    await enrol(world, course, lan)
    assert problem(await roll(academy, ahead, there(lan))) == (409, "attendance-out-of-time")
    excused = {"learner_id": lan["id"], "excused": True, "document": "Công văn 7"}
    made(await roll(academy, ahead, excused), 200)
    cancelled = await academy.post(f"/course-sessions/{ahead['id']}/cancel", json={"reason": "x"})
    assert cancelled.status_code == 200
    refused = await roll(academy, ahead, excused | {"document": "Công văn 8"})
    assert problem(refused) == (409, "session-cancelled")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"late_minutes": 5}, "late_without_minutes"),
        ({"excused": True}, "excused_without_document"),
        ({"document": "Giấy"}, "document_of_nothing"),
    ],
)
async def test_what_says_nothing_is_refused(academy, held, hoa_and_lan, row, code):
    refused = await roll(academy, held[1], {"learner_id": hoa_and_lan[0]["id"]} | row)
    assert problem(refused) == (422, "invalid-request")
    assert [error["code"] for error in refused.json()["errors"]] == [code]


async def test_instructors_write_on_the_sheets_of_their_own_sessions(
    academy, world, hanoi, hoa_and_lan
):
    theirs = await add_instructor(academy)
    sessions = (day(1, instructors=by(theirs)), day(2))
    course, (taught, other) = await running(academy, world, *sessions)
    await enrol(world, course, *hoa_and_lan)
    teacher = await instructor_of(world, academy, theirs)
    hoa, lan = hoa_and_lan
    body = await present(teacher, taught, **{hoa["id"]: 180})
    assert [row["full_name"] for row in body["learners"]] == [hoa["full_name"], lan["full_name"]]
    entries = await everything(teacher, "/attendance-entries", course=course["id"])
    assert [entry["recorded_by"] for entry in entries] == [f"instructor:{teacher.subject}"]
    # They see how their learners stand in the whole course, and mark nobody else's sessions.
    assert (await sheet(teacher, other))["taken"] is False
    assert problem(await roll(teacher, other, there(hoa))) == (404, "not-found")
    stranger = await world.somebody("instructor")
    assert problem(await roll(stranger, taught, there(hoa))) == (404, "not-found")


async def test_organizations_see_whom_they_nominated_and_learners_themselves(
    academy, world, hanoi, hue, held, hoa_and_lan
):
    course, session = held
    (other,) = await officers(hue, "Lê Văn Nam")
    await enrol(world, course, other)
    await present(academy, session, **{p["id"]: 180 for p in (*hoa_and_lan, other)})
    learner = await world.somebody("learner", hue.organization, other["id"])
    for who, names in ((hanoi, [p["full_name"] for p in hoa_and_lan]), (learner, ["Lê Văn Nam"])):
        assert list(told(await sheet(who, session))) == names
        entries = await everything(who, "/attendance-entries", course=course["id"])
        assert len(entries) == len(names)
        assert len(await everything(who, "/standings", course=course["id"])) == len(names)
    assert problem(await roll(hanoi, session, there(hoa_and_lan[0]))) == (404, "not-found")
    assert problem(await roll(learner, session, there(other))) == (403, "forbidden")
