"""Check-ins at the door, and the code that is shown in class."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import time_machine
from sqlalchemy import text

from app.attendance.codes import VALID
from tests.attendance.steps import (
    around_now,
    as_learner,
    day,
    enrol,
    now,
    officers,
    present,
    running,
    sheet,
)
from tests.rooms.steps import made
from tests.world import everything, problem


async def going_on(academy, world, hanoi, *hours, **more):
    """A session that began half an hour ago and lasts two and a half more, with somebody in it."""
    course, (session,) = await running(academy, world, now(*hours, **more), **around_now())
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    await enrol(world, course, lan)
    return session, lan, await as_learner(world, lan)


async def at_the_door(client, session, learner, verb, **more):
    body = {"learner_id": learner["id"]} | more
    return await client.post(f"/course-sessions/{session['id']}/check-{verb}", json=body)


async def shown(client, session):
    path = f"/course-sessions/{session['id']}/attendance-code"
    return made(await client.post(path), 200)["code"]


async def entered(client, session, code, **more):
    body = {"code": code} | more
    return await client.post(f"/course-sessions/{session['id']}/present", json=body)


async def test_who_checks_in_late_is_there_from_then_to_the_end(academy, world, hanoi):
    session, lan, _ = await going_on(academy, world, hanoi)
    entry = made(await at_the_door(academy, session, lan, "in"))
    assert abs(entry["minutes"] - 150) <= 1
    assert abs(entry["late_minutes"] - 30) <= 1
    again = await at_the_door(academy, session, lan, "in")
    assert problem(again) == (409, "already-checked-in")
    (row,) = (await sheet(academy, session))["learners"]
    assert (row["checked_in"], row["sources"]) == (True, ["check_in"])


async def test_who_checks_out_and_in_again_was_there_for_both_times(academy, world, hanoi):
    session, lan, _ = await going_on(academy, world, hanoi)
    assert problem(await at_the_door(academy, session, lan, "out")) == (409, "not-checked-in")
    made(await at_the_door(academy, session, lan, "in"))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=4)):
        out = made(await at_the_door(academy, session, lan, "out"))
    assert abs(out["minutes"] - 4) <= 1
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        again = made(await at_the_door(academy, session, lan, "in"))
    assert abs(again["minutes"] - (4 + 144)) <= 1
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=9)):
        out = made(await at_the_door(academy, session, lan, "out"))
    assert abs(out["minutes"] - (4 + 3)) <= 1
    assert abs(out["late_minutes"] - 30) <= 1
    (row,) = (await sheet(academy, session))["learners"]
    assert (row["checked_in"], row["in_person_minutes"]) == (False, out["minutes"])


async def test_who_entered_the_code_is_checked_out_when_they_leave_and_counts_when_back(
    academy, world, hanoi
):
    session, lan, learner = await going_on(academy, world, hanoi)
    made(await entered(learner, session, await shown(academy, session)))
    assert problem(await at_the_door(academy, session, lan, "in")) == (409, "already-checked-in")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=4)):
        out = made(await at_the_door(academy, session, lan, "out"))
    assert abs(out["minutes"] - 4) <= 1
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6)):
        back = made(await entered(learner, session, await shown(academy, session)))
    assert abs(back["minutes"] - (4 + 144)) <= 1


async def test_who_is_checked_in_and_enters_the_code_too_is_still_checked_out(
    academy, world, hanoi
):
    session, lan, learner = await going_on(academy, world, hanoi)
    first = made(await at_the_door(academy, session, lan, "in"))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)):
        also = made(await entered(learner, session, await shown(academy, session)))
    assert (also["minutes"], also["late_minutes"]) == (first["minutes"], first["late_minutes"])
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        out = made(await at_the_door(academy, session, lan, "out"))
    assert abs(out["minutes"] - 5) <= 1


async def test_a_learner_enters_the_code_that_is_shown(academy, world, hanoi):
    session, lan, learner = await going_on(academy, world, hanoi)
    code = await shown(academy, session)
    entry = made(await entered(learner, session, code.lower()))
    assert (entry["source"], entry["aspect"], entry["learner_id"]) == (
        *("code", "in_person"),
        lan["id"],
    )
    assert abs(entry["minutes"] - 150) <= 1
    assert (await sheet(academy, session))["taken"]


async def test_a_code_counts_once_for_each_learner(academy, world, hanoi):
    session, lan, learner = await going_on(academy, world, hanoi)
    code = await shown(academy, session)
    answers = await asyncio.gather(*(entered(learner, session, code) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert problem(refused) == (409, "attendance-code-replayed")
    assert len(await everything(academy, "/attendance-entries", learner=lan["id"])) == 1


async def test_a_code_is_no_more_when_it_is_no_longer_shown(academy, world, hanoi):
    session, _, learner = await going_on(academy, world, hanoi)
    code = await shown(academy, session)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=VALID + 1)):
        late = await entered(learner, session, code)
    assert problem(late) == (409, "attendance-code-expired")
    other, _, _ = await going_on(academy, world, hanoi)
    elsewhere = await entered(learner, session, await shown(academy, other))
    assert problem(elsewhere) == (422, "attendance-code-wrong")


async def test_a_code_later_in_the_session_takes_nothing_away(academy, world, hanoi):
    session, _, learner = await going_on(academy, world, hanoi)
    first = made(await entered(learner, session, await shown(academy, session)))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=8)):
        second = made(await entered(learner, session, await shown(academy, session)))
    assert (second["minutes"], second["late_minutes"]) == (first["minutes"], first["late_minutes"])


async def test_codes_are_for_who_is_enrolled_and_shown_by_who_teaches(academy, world, hanoi, hue):
    session, lan, learner = await going_on(academy, world, hanoi)
    code = await shown(academy, session)
    (nam,) = await officers(hue, "Lê Văn Nam")
    stranger = await entered(await as_learner(world, nam), session, code)
    assert problem(stranger) == (409, "attendance-of-stranger")
    for whom in (nam, {"id": str(uuid4())}):  # who comes to another course, and who is nobody
        at_door = await at_the_door(academy, session, whom, "in")
        assert problem(at_door) == (409, "attendance-of-stranger")
        assert problem(await at_the_door(academy, session, whom, "out")) == (409, "not-checked-in")
    path = f"/course-sessions/{session['id']}/attendance-code"
    assert problem(await learner.post(path)) == (403, "forbidden")
    assert problem(await hanoi.post(path)) == (404, "not-found")
    assert problem(await academy.post(f"/course-sessions/{uuid4()}/attendance-code"))[0] == 404
    # Nobody enters a code for somebody else, nor checks themselves in.
    assert problem(await entered(academy, session, code)) == (403, "forbidden")
    assert problem(await at_the_door(learner, session, lan, "in")) == (403, "forbidden")


async def test_after_a_session_only_who_teaches_enters_who_was_there(academy, world, hanoi):
    over, lan, learner = await going_on(academy, world, hanoi, -3, -1)
    late = await entered(learner, over, await shown(academy, over))
    assert problem(late) == (409, "attendance-out-of-time")
    late = await at_the_door(academy, over, lan, "in")
    assert problem(late) == (409, "attendance-out-of-time")
    await present(academy, over, **{lan["id"]: 120})


async def test_an_online_session_is_attended_online(academy, world, hanoi):
    session, _, learner = await going_on(academy, world, hanoi, mode="online")
    entry = made(await entered(learner, session, await shown(academy, session)))
    assert entry["aspect"] == "online"
    other, _, learner = await going_on(academy, world, hanoi, mode="online")
    refused = await entered(learner, other, await shown(academy, other), modality="in_person")
    assert problem(refused) == (409, "modality-not-of-session")


async def test_the_code_is_also_a_picture(academy, world, hanoi):
    session, *_ = await going_on(academy, world, hanoi)
    path = f"/course-sessions/{session['id']}/attendance-code"
    body = made(await academy.post(path), 200)
    assert body["address"].endswith(f"/attendance/{session['id']}#{body['code']}")
    assert body["picture"].startswith("<svg")
    assert body["shown_until"] < body["valid_until"]


async def test_what_is_over_long_since_is_still_corrected(academy, world, hanoi):
    course, (session,) = await running(academy, world, day(1))
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    await enrol(world, course, lan)
    await present(academy, session, **{lan["id"]: 10})
    await present(academy, session, **{lan["id"]: 20})


async def test_nobody_is_in_the_hall_and_online_at_once(academy, world, hanoi):
    """Who came late does not make up for it by a second code."""
    session, _, learner = await going_on(academy, world, hanoi, -1.5, 1.5, mode="hybrid")
    made(await entered(learner, session, await shown(academy, session)))
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=5)):
        code = await shown(academy, session)
        second = await entered(learner, session, code, modality="online")
    assert problem(second) == (409, "already-checked-in")
    (row,) = (await sheet(academy, session))["learners"]
    assert (row["in_person_minutes"], row["online_minutes"]) == (90, None)


async def test_who_left_the_hall_goes_on_online(academy, world, hanoi):
    session, lan, learner = await going_on(academy, world, hanoi, -1.5, 1.5, mode="hybrid")
    await present(academy, session, **{lan["id"]: 60})
    code = await shown(academy, session)
    entry = made(await entered(learner, session, code, modality="online"))
    assert abs(entry["minutes"] - 90) <= 1


async def test_nobody_checks_in_at_two_doors(academy, world, hanoi):
    session, lan, _ = await going_on(academy, world, hanoi, mode="hybrid")
    made(await at_the_door(academy, session, lan, "in"))
    elsewhere = await at_the_door(academy, session, lan, "in", modality="online")
    assert problem(elsewhere) == (409, "already-checked-in")
    made(await at_the_door(academy, session, lan, "out"))
    made(await at_the_door(academy, session, lan, "in", modality="online"))


async def test_who_is_checked_in_does_not_get_out_of_checking_out_by_a_code(academy, world, hanoi):
    session, lan, learner = await going_on(academy, world, hanoi)
    made(await at_the_door(academy, session, lan, "in"))
    made(await entered(learner, session, await shown(academy, session)))
    assert made(await at_the_door(academy, session, lan, "out"))["minutes"] <= 1


async def test_a_session_that_ends_within_a_minute_is_attended_to_its_end(academy, world, hanoi):
    session, _, learner = await going_on(academy, world, hanoi, 0.1, 1.1 + 1 / 80)
    entry = made(await entered(learner, session, await shown(academy, session)))
    assert entry["minutes"] == 61


async def test_a_code_entered_while_the_roll_is_taken_counts_after_it(academy, world, hanoi):
    session, _, learner = await going_on(academy, world, hanoi)
    code = await shown(academy, session)
    async with world.session() as roll:
        lock = "select from attendance_sheets where id = :id for no key update"
        await roll.execute(text(lock), {"id": UUID(session["id"])})
        waiting = asyncio.create_task(entered(learner, session, code))
        await _waited_for(world, session)
        await roll.execute(
            text("""
              insert into attendance_entries (organization_id, course_id, session_id,
                nomination_id, learner_id, aspect, minutes, source)
              select h.organization_id, h.course_id, h.id, n.id, n.learner_id, 'in_person', 0,
                'sheet'
              from attendance_sheets h join nominations n on n.course_id = h.course_id
              where h.id = :id
            """),
            {"id": UUID(session["id"])},
        )
    made(await waiting)
    (row,) = (await sheet(academy, session))["learners"]
    assert row["in_person_minutes"] > 0


async def _waited_for(world, session):
    """Until somebody waits for a lock."""
    asked = text("select count(*) from pg_locks where not granted")
    for _ in range(200):
        async with world.session() as looking:
            if await looking.scalar(asked):
                return
        await asyncio.sleep(0.02)
    raise AssertionError(session)
