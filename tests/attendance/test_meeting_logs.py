"""Reports of online meetings: looked at, decided on, applied."""

from tests.attendance.reports import teams, zoom
from tests.attendance.steps import (
    apply,
    day,
    enrol,
    officers,
    roll,
    running,
    send_log,
    sheet,
    there,
)
from tests.courses.steps import by, instructor_of, step
from tests.rooms.steps import add_instructor, at, made
from tests.world import everything, problem

MORNING = ("03/03/2026 08:00:00 AM", "03/03/2026 10:00:00 AM")
"""Two of the three hours of the session."""


async def online(academy, world, hanoi, mode="online", *, number=None, **more):
    course, (session,) = await running(academy, world, day(2, mode=mode), **more)
    people = await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan", "Lê Văn Nam")
    await enrol(world, course, *people)
    if number:
        path = f"/course-sessions/{session['id']}/meeting"
        body = {"meeting_number": number}
        made(await academy.put(path, json=body, headers={"If-Match": "*"}), 200)
    return session, people


def minutes(body):
    return [row["online_minutes"] for row in body["learners"]]


async def test_a_report_is_looked_at_before_it_counts(academy, world, hanoi):
    session, (hoa, lan, _) = await online(academy, world, hanoi)
    report = zoom(
        ("Hoà NTM", "nobody@x.example", *MORNING),
        ("Trần Ngọc Lan", "", *MORNING),
        ("Trần Ngọc Lan", "", "03/03/2026 10:30:00 AM", "03/03/2026 11:30:00 AM"),
    )
    log = made(await send_log(academy, session, report))
    assert (log["provider"], log["state"], log["matched"], log["unmatched"]) == (
        *("zoom", "planned"),
        *(1, 1),
    )
    first, second = log["people"]
    assert (first["row"], first["learner_id"], first["minutes"]) == (1, None, 120)
    assert (second["learner_id"], second["matched_by"], second["minutes"]) == (
        *(lan["id"], "name"),
        150,
    )
    assert minutes(await sheet(academy, session)) == [None] * 3
    undecided = await apply(academy, log)
    assert problem(undecided) == (409, "meeting-log-undecided")
    assert undecided.json()["undecided"] == [1]
    applied = made(await apply(academy, log, row_1=hoa["id"]), 200)
    assert applied["state"] == "applied"
    # Of who was not in it, it is known now that they were not there.
    by_name = {r["full_name"]: r for r in (await sheet(academy, session))["learners"]}
    assert [by_name[name]["online_minutes"] for name in (
        "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan", "Lê Văn Nam")] == [120, 150, 0]  # fmt: skip
    assert problem(await apply(academy, log)) == (409, "meeting-log-ended")


async def test_devices_of_one_person_count_once(academy, world, hanoi):
    session, (hoa, *_) = await online(academy, world, hanoi, "hybrid")
    report = teams(
        ("Nguyễn Thị Minh Hoà", "", "3/3/26, 8:00:00 AM", "3/3/26, 9:00:00 AM"),
        ("Điện thoại của Hoà", "", "3/3/26, 8:30:00 AM", "3/3/26, 9:30:00 AM"),
        ("Người lạ", "", "3/3/26, 8:30:00 AM", "3/3/26, 9:30:00 AM"),
    )
    log = made(await send_log(academy, session, report))
    assert log["provider"] == "teams"
    made(await apply(academy, log, row_2=hoa["id"], row_3=None), 200)
    entries = await everything(academy, "/attendance-entries", course_session=session["id"])
    assert [(e["learner_id"], e["minutes"], e["source"]) for e in entries] == [
        (hoa["id"], 90, "meeting_log")
    ]
    assert entries[0]["meeting_log_id"] == log["id"]


async def test_half_in_the_hall_stays_beside_half_online(academy, world, hanoi):
    session, (_, lan, _) = await online(academy, world, hanoi, "hybrid")
    made(await roll(academy, session, there(lan, 60)), 200)
    log = made(await send_log(academy, session, zoom(("Tran Ngoc Lan", "", *MORNING))))
    made(await apply(academy, log), 200)
    row = next(r for r in (await sheet(academy, session))["learners"] if r["in_person_minutes"])
    assert (row["in_person_minutes"], row["online_minutes"]) == (60, 120)
    assert row["sources"] == ["meeting_log", "sheet"]


async def test_a_report_of_another_meeting_is_refused(academy, world, hanoi):
    session, _ = await online(academy, world, hanoi, number="987 6543 2101")
    row = ("Trần Ngọc Lan", "", *MORNING)
    made(await send_log(academy, session, zoom(row, meeting="98765432101")))
    other = await send_log(academy, session, zoom(row, meeting="111 222 3333"))
    assert problem(other) == (409, "meeting-log-of-another-meeting")
    yesterday = ("Trần Ngọc Lan", "", "03/02/2026 08:00:00 AM", "03/02/2026 10:00:00 AM")
    other = await send_log(academy, session, zoom(yesterday, meeting="98765432101"))
    assert problem(other) == (409, "meeting-log-of-another-meeting")


async def test_times_are_read_in_the_zone_that_is_said(academy, world, hanoi):
    session, _ = await online(academy, world, hanoi)
    early = zoom(("Trần Ngọc Lan", "", "2026-03-03 02:00", "2026-03-03 03:00"))
    refused = await send_log(academy, session, early)
    assert problem(refused) == (409, "meeting-log-of-another-meeting")
    log = made(await send_log(academy, session, early, zone="Europe/Brussels"))
    assert log["people"][0]["present"] == [["2026-03-03T01:00:00.000Z", "2026-03-03T02:00:00.000Z"]]


async def test_what_is_no_report_is_refused(academy, world, hanoi):
    session, _ = await online(academy, world, hanoi)
    assert problem(await send_log(academy, session, b"a,b")) == (422, "meeting-log-unreadable")
    totals = b"Name (Original Name),User Email,Total Duration (Minutes)\nLan,,60\n"
    assert problem(await send_log(academy, session, totals)) == (422, "meeting-log-without-times")


async def test_nobody_is_taken_for_a_stranger(academy, world, hanoi, hue):
    session, _ = await online(academy, world, hanoi)
    (stranger,) = await officers(hue, "Phạm Thị Thu")
    log = made(await send_log(academy, session, zoom(("Ai đó", "", *MORNING))))
    refused = await apply(academy, log, row_1=stranger["id"])
    assert problem(refused) == (409, "attendance-of-stranger")
    assert refused.json()["learner_ids"] == [stranger["id"]]
    made(await apply(academy, log, row_1=None), 200)


async def test_nobody_is_online_in_a_room(academy, held):
    refused = await send_log(academy, held[1], zoom(("Trần Ngọc Lan", "", *MORNING)))
    assert problem(refused) == (409, "modality-not-of-session")


async def test_an_unwanted_report_is_discarded(academy, world, hanoi):
    session, _ = await online(academy, world, hanoi)
    log = made(await send_log(academy, session, zoom(("Trần Ngọc Lan", "", *MORNING))))
    discarded = made(await academy.post(f"/meeting-logs/{log['id']}/discard"), 200)
    assert discarded["state"] == "discarded"
    assert problem(await apply(academy, log)) == (409, "meeting-log-ended")
    assert minutes(await sheet(academy, session)) == [None] * 3


async def test_instructors_send_reports_of_their_own_sessions(academy, world, hanoi):
    theirs = await add_instructor(academy)
    sessions = (day(2, mode="online", instructors=by(theirs)), day(3, mode="online"))
    course, (taught, other) = await running(academy, world, *sessions)
    people = await officers(hanoi, "Trần Ngọc Lan", email="lan@so.example")
    await enrol(world, course, *people)
    teacher = await instructor_of(world, academy, theirs)
    report = zoom(("Lan", "LAN@so.example", *MORNING))
    log = made(await send_log(teacher, taught, report))
    assert log["people"][0]["matched_by"] == "email"
    made(await apply(teacher, log), 200)
    assert problem(await send_log(teacher, other, report)) == (404, "not-found")
    assert problem(await send_log(hanoi, taught, report)) == (404, "not-found")
    assert problem(await hanoi.get(f"/meeting-logs/{log['id']}")) == (404, "not-found")


async def test_a_report_of_a_session_that_has_moved_since_counts_what_is_in_it(
    academy, world, hanoi
):
    session, (hoa, *_) = await online(academy, world, hanoi)
    report = zoom(("Nguyễn Thị Minh Hoà", "", *MORNING))
    log = made(await send_log(academy, session, report))
    made(await step(academy, session, "move", **at("09-11", "2026-03-03")), 200)
    made(await apply(academy, log), 200)
    assert minutes(await sheet(academy, session)) == [60, 0, 0]
    again = made(await send_log(academy, session, report))
    made(await step(academy, session, "move", **at("13-16", "2026-03-03")), 200)
    assert problem(await apply(academy, again)) == (409, "meeting-log-of-another-meeting")
    assert hoa["id"]
