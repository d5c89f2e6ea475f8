"""Sessions: within their course, in rooms and with people that are free, moved and cancelled."""

import asyncio

import pytest

from tests.courses.steps import (
    ANY_VERSION,
    by,
    change,
    change_session,
    course,
    curriculum,
    in_rooms,
    instructor_of,
    plan,
    planned,
    step,
)
from tests.rooms.steps import add_instructor, add_room, at, booked, made, told
from tests.statements import statements
from tests.world import everything, problem


@pytest.fixture
async def began(academy, world):
    """A course of five days in March 2027."""
    return await course(academy, world)


@pytest.fixture
async def room(academy):
    return await add_room(academy)


@pytest.fixture
async def instructor(academy):
    return await add_instructor(academy)


async def session(client, of):
    return made(await client.get(f"/course-sessions/{of['id']}"), 200)


async def bookings(client, room, instructor):
    rows = await everything(client, "/room-bookings", room=room["id"])
    return rows + await everything(client, "/instructor-bookings", instructor=instructor["id"])


async def events(client, of):
    """What the feed of changes tells of a session: names and data."""
    page = made(await client.get("/changes", params={"limit": 200}), 200)
    found = page["items"]
    while page["more"]:
        page = made(await client.get("/changes", params={"limit": 200, "since": page["next"]}), 200)
        found += page["items"]
    return [(e["type"], e["data"]) for e in found if e["subject_id"] == of["id"]]


async def test_a_session_holds_its_rooms_and_who_teaches_it(academy, began, room, instructor):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    assert held["starts_at"] == "2027-03-01T01:00:00.000Z"
    assert (held["zone"], held["planned_minutes"]) == ("Asia/Ho_Chi_Minh", 180)
    assert (held["state"], held["sequence"], held["warnings"]) == ("planned", 0, [])
    assert held["course_code"] == began["code"]
    assert [each["code"] for each in held["rooms"]] == [room["code"]]
    assert [each["full_name"] for each in held["instructors"]] == [instructor["full_name"]]
    assert await session(academy, held) == held
    assert [b["subject_id"] for b in await bookings(academy, room, instructor)] == [held["id"]] * 2


async def test_a_session_lies_within_its_course_by_the_clock_of_its_zone(academy, began):
    for hours, day in (("08-11", "2027-02-28"), ("08-11", "2027-03-06"), ("23-25", "2027-03-05")):
        times = {**at(hours, day)}
        if hours == "23-25":
            times["ends_at"] = "2027-03-06T01:00:00+07:00"
        assert problem(await plan(academy, began, **times)) == (409, "session-outside-course")
    # In Brussels it is still the fifth.
    late = {"starts_at": "2027-03-06T01:00:00+07:00", "ends_at": "2027-03-06T05:00:00+07:00"}
    await planned(academy, began, zone="Europe/Brussels", **late)
    assert problem(await change(academy, began, ends_on="2027-03-04")) == (
        409,
        "session-outside-course",
    )


async def test_what_cannot_be_is_refused(academy, began, room):
    for wrong in (
        {"ends_at": "2027-03-01T08:00:00+07:00"},
        {"zone": "Asia/Nowhere"},
        {"mode": "online", "rooms": in_rooms(room)},
        {"rooms": in_rooms(room, room)},
        {"rooms": in_rooms(began)},
        {"instructors": by(began)},
    ):
        assert problem(await plan(academy, began, **wrong)) == (422, "invalid-request"), wrong
    refused = await plan(academy, began, planned_minutes=181)
    assert problem(refused) == (422, "session-minutes-out-of-range")
    refused = await plan(academy, began, module_id=began["id"])
    assert problem(refused) == (422, "session-module-unknown")


async def test_a_module_that_sessions_are_about_stays_in_the_course(academy, world):
    version = await curriculum(academy, world, elective=True)
    elective = [{"module_id": version["modules"][1]["module_id"]}]
    began = await course(academy, world, curriculum_version_id=version["id"], modules=elective)
    await planned(academy, began, **elective[0])
    refused = await change(academy, began, modules=[])
    assert problem(refused) == (422, "session-module-unknown")


async def test_nobody_is_in_two_places_at_once(academy, world, began, room, instructor):
    await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    other = await course(academy, world)
    same_room = await plan(academy, other, "10-12", rooms=in_rooms(room))
    assert problem(same_room) == (409, "room-double-booked")
    same_person = await plan(academy, other, "10-12", instructors=by(instructor))
    assert problem(same_person) == (409, "instructor-double-booked")
    assert await everything(academy, "/course-sessions", course=other["id"]) == []
    await planned(academy, other, "11-12", rooms=in_rooms(room), instructors=by(instructor))


@pytest.mark.parametrize("what", ["room", "instructor"])
async def test_of_many_who_want_the_same_at_once_one_gets_it(
    academy, world, began, room, instructor, what
):
    place = {"rooms": in_rooms(room)} if what == "room" else {"instructors": by(instructor)}
    other = await course(academy, world)
    wanted = [plan(academy, of, **place) for of in [began, other] * 8]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*wanted)
    refused = [problem(answer) for answer in answers if answer.status_code != 201]
    assert refused == [(409, f"{what}-double-booked")] * 15
    assert len(await bookings(academy, room, instructor)) == 1


async def test_a_tentative_session_keeps_nobody_out_and_warns(academy, world, began, room):
    instructor = await add_instructor(academy)
    place = {"rooms": in_rooms(room), "instructors": by(instructor)}
    first = await planned(academy, began, tentative=True, **place)
    second = await planned(academy, await course(academy, world), "10-12", **place)
    both = sorted([("overlaps", room["id"]), ("overlaps", instructor["id"])])
    for each in (first, second):
        assert sorted(told(await session(academy, each))) == both
    firm = await change_session(academy, first, tentative=False)
    assert problem(firm) == (409, "room-double-booked")
    made(await step(academy, second, "cancel", reason="?"), 200)
    firm = made(await change_session(academy, first, tentative=False), 200)
    assert firm["warnings"] == []
    assert {b["tentative"] for b in await bookings(academy, room, instructor)} == {False}


async def test_what_lacks_is_told_to_the_host_alone(academy, hanoi, world):
    began = await course(academy, world, max_places=50)
    nowhere = await planned(academy, began, mode="hybrid")
    assert {code for code, _ in told(nowhere)} == {"without_room", "without_meeting"}
    small = await planned(academy, began, "13-15", rooms=in_rooms(await add_room(academy)))
    assert told(small) == [("room_too_small", None)]
    made(await step(academy, began, "open"), 200)
    for each in (nowhere, small):
        assert (await session(hanoi, each))["warnings"] == []
    link = {"provider": "Zoom", "url": "https://meet.example/j/1"}
    path = f"/course-sessions/{nowhere['id']}/meeting"
    made(await academy.put(path, json=link, headers=ANY_VERSION), 200)
    assert {code for code, _ in told(await session(academy, nowhere))} == {"without_room"}


async def test_who_falls_ill_is_told_of_until_somebody_takes_over(academy, began, instructor):
    held = await planned(academy, began, instructors=by(instructor))
    path = f"/instructors/{instructor['id']}/unavailability"
    made(await academy.post(path, json=at("07-12")))
    assert ("unavailable", instructor["id"]) in told(await session(academy, held))
    substitute = await add_instructor(academy, full_name="Lê Thị Thay")
    changed = made(await change_session(academy, held, instructors=by(substitute)), 200)
    assert [each["full_name"] for each in changed["instructors"]] == ["Lê Thị Thay"]
    assert changed["sequence"] == held["sequence"] + 1
    assert {code for code, _ in told(changed)} == {"without_room"}
    theirs = await everything(academy, "/instructor-bookings", instructor=instructor["id"])
    assert theirs == []


async def test_a_session_that_moves_takes_along_what_it_holds_and_says_so(
    academy, began, room, instructor
):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    made(await step(academy, began, "open"), 200)
    then = at("13-15", "2027-03-02")
    moved = made(await step(academy, held, "move", reason="Đi công tác", **then), 200)
    assert (moved["state"], moved["planned_minutes"]) == ("moved", 120)
    assert moved["sequence"] > held["sequence"]
    for booking in await bookings(academy, room, instructor):
        assert booking["starts_at"] == moved["starts_at"] == "2027-03-02T06:00:00.000Z"
    ((_, said),) = [e for e in await events(academy, held) if e[0] == "course_session.moved"]
    assert said["old"]["starts_at"].startswith("2027-03-01T01:00")
    assert said["new"]["starts_at"].startswith("2027-03-02T06:00")
    assert said["reason"] == "Đi công tác"


async def test_a_session_moves_where_it_is_free_or_to_another_room(
    academy, world, began, room, instructor
):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    await planned(academy, await course(academy, world), "13-15", rooms=in_rooms(room))
    refused = await step(academy, held, "move", **at("13-15"))
    assert problem(refused) == (409, "room-double-booked")
    assert await session(academy, held) == held
    other = await add_room(academy)
    moved = made(await step(academy, held, "move", **at("13-15"), rooms=in_rooms(other)), 200)
    assert [each["code"] for each in moved["rooms"]] == [other["code"]]
    assert moved["state"] == "planned"  # nobody was told of it yet
    assert [b["starts_at"] for b in await bookings(academy, other, instructor)] == [
        "2027-03-01T06:00:00.000Z"
    ] * 2


async def test_two_sessions_trade_places_in_different_transactions_without_a_deadlock(
    academy, world, began
):
    rooms = [await add_room(academy) for _ in range(2)]
    days = ("2027-03-01", "2027-03-02")
    held = [
        await planned(academy, began, rooms=in_rooms(room), **at("08-10", day))
        for room, day in zip(rooms, days, strict=True)
    ]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(
            *(
                step(academy, row, "move", **at("08-10", "2027-03-03"), rooms=in_rooms(*rooms[::n]))
                for n in (1, -1)
                for row in held
            )
        )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}


async def test_moving_sessions_and_cancelling_their_course_wait_for_each_other(academy, began):
    rooms = [await add_room(academy) for _ in range(3)]
    held = [await planned(academy, began, rooms=in_rooms(room)) for room in rooms]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(
            *(step(academy, row, "move", **at("14-16")) for row in held),
            step(academy, began, "cancel", reason="Bão"),
        )
    assert answers[-1].status_code == 200
    assert {answer.status_code for answer in answers[:-1]} <= {200, 409}
    for row in held:
        assert (await session(academy, row))["state"] == "cancelled"


async def test_a_cancelled_session_stays_and_holds_nothing(academy, began, room, instructor):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    gone = made(await step(academy, held, "cancel", reason="Bão số 9"), 200)
    assert (gone["state"], gone["cancelled_because"]) == ("cancelled", "Bão số 9")
    assert gone["sequence"] > held["sequence"]
    ((_, said),) = [e for e in await events(academy, held) if e[0] == "course_session.cancelled"]
    assert (said["reason"], said["old"]["zone"]) == ("Bão số 9", "Asia/Ho_Chi_Minh")
    assert await bookings(academy, room, instructor) == []
    for refused in (
        await step(academy, held, "cancel", reason="?"),
        await step(academy, held, "move", **at("13-15")),
        await step(academy, held, "hold"),
    ):
        assert problem(refused) == (409, "session-state-out-of-order")
    assert problem(await change_session(academy, held, title_vi="?")) == (409, "session-over")
    assert gone in await everything(academy, "/course-sessions", course=began["id"])


async def test_a_session_is_held_when_it_has_begun(academy, world, began):
    held = await planned(academy, began)
    assert problem(await step(academy, held, "hold")) == (409, "session-not-begun")
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-06"}
    past = await planned(academy, await course(academy, world, **days), **at("08-10", "2026-03-02"))
    assert made(await step(academy, past, "hold"), 200)["state"] == "held"


async def test_how_to_join_is_told_to_who_teaches_and_to_no_others(
    academy, hanoi, world, began, instructor
):
    held = await planned(academy, began, mode="online", instructors=by(instructor))
    another = await planned(academy, began, "13-15", mode="online")
    teacher = await instructor_of(world, academy, instructor)
    path = f"/course-sessions/{held['id']}/meeting"
    link = {"provider": "Zoom", "url": "https://meet.example/j/1", "meeting_number": "1"}
    told = made(await academy.put(path, json=link, headers=ANY_VERSION), 200)
    assert (await session(academy, held))["sequence"] == held["sequence"] + 1
    made(await step(academy, began, "open"), 200)
    assert made(await teacher.get(path), 200) == told
    assert (await session(hanoi, held))["mode"] == "online"
    assert (await hanoi.get(path)).status_code == 404
    theirs = await teacher.get(f"/course-sessions/{another['id']}/meeting")
    assert theirs.status_code == 404  # of the same course, and taught by others
    made(await change_session(academy, held, instructors=[]), 200)
    assert (await teacher.get(path)).status_code == 404


async def test_who_sees_a_session_sees_where_it_is_and_who_teaches_it(
    academy, hanoi, world, began, room, instructor
):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    path = f"/course-sessions/{held['id']}"
    assert (await hanoi.get(path)).status_code == 404
    made(await step(academy, began, "open"), 200)
    shown = await session(hanoi, held)
    assert [each["code"] for each in shown["rooms"]] == [room["code"]]
    assert [each["full_name"] for each in shown["instructors"]] == [instructor["full_name"]]
    assert (await hanoi.get(f"/rooms/{room['id']}")).status_code == 200
    assert (await hanoi.get(f"/instructors/{instructor['id']}/contact")).status_code == 403
    booking = await booked(hanoi, await add_room(hanoi), "08-11")
    assert await everything(hanoi, "/room-bookings") == [booking]


async def test_an_organisation_hosts_a_course_of_its_own(academy, hanoi, world):
    version = await curriculum(academy, world)
    began = await course(hanoi, world, curriculum_version_id=version["id"])
    held = await planned(hanoi, began, rooms=in_rooms(await add_room(hanoi)))
    moved = made(await step(hanoi, held, "move", **at("13-15")), 200)
    made(await change_session(hanoi, moved, rooms=[]), 200)
    made(await step(hanoi, held, "cancel", reason="?"), 200)
    of_others = await add_room(academy)
    refused = await plan(hanoi, began, rooms=in_rooms(of_others))
    assert problem(refused) == (422, "invalid-request")


async def test_sessions_are_found_by_what_they_are(academy, world, began, room, instructor):
    one = await planned(academy, began, rooms=in_rooms(room), module_id=None)
    module = began["modules"][0]["module_id"]
    two = await planned(academy, began, "13-15", instructors=by(instructor), module_id=module)
    for query, found in (
        ({"room": room["id"]}, [one]),
        ({"instructor": instructor["id"]}, [two]),
        ({"module": module}, [two]),
        ({"course": began["id"], "to": at("13-15")["starts_at"]}, [one]),
        ({"course": began["id"], "from": at("11-13")["starts_at"]}, [two]),
        ({"course": began["id"], "mode": "in_person", "state": "planned"}, [one, two]),
    ):
        rows = await everything(academy, "/course-sessions", **query)
        assert [row["id"] for row in rows] == [each["id"] for each in found], query


async def test_a_month_of_four_hundred_sessions_takes_three_statements_at_most(academy, world):
    days = {"starts_on": "2029-03-01", "ends_on": "2029-03-31"}
    rooms = [await add_room(academy) for _ in range(20)]
    for place in range(20):
        began = await course(academy, world, **days)
        for day in range(20):
            date = f"2029-03-{day + 1:02}"
            await planned(academy, began, rooms=in_rooms(rooms[place]), **at("08-11", date))
    month = {"from": "2029-03-01T00:00:00+07:00", "to": "2029-04-01T00:00:00+07:00"}
    await academy.get("/course-sessions", params=month | {"limit": 200})
    async with statements(world.database) as sent:
        rows = await everything(academy, "/course-sessions", limit=200, **month)
    assert len(rows) == 400
    assert len({row["id"] for row in rows}) == 400
    assert len(sent) <= 3


async def test_a_session_lasts_a_few_days_and_no_years(academy, world):
    long = await course(academy, world, starts_on="2027-01-01", ends_on="2090-12-31")
    lasting = {"starts_at": "2027-03-01T08:00:00+07:00", "ends_at": "2027-03-08T06:40:00+07:00"}
    assert (await planned(academy, long, **lasting))["planned_minutes"] == 10_000
    for wrong in (
        lasting | {"ends_at": "2027-03-08T06:41:00+07:00"},
        lasting | {"ends_at": "2080-03-08T08:00:00+07:00", "planned_minutes": 60},
    ):
        refused = await plan(academy, long, **wrong)
        assert problem(refused) == (422, "session-minutes-out-of-range"), wrong
