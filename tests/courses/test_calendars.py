"""Calendars under secret addresses: what programs of other people's making see in them."""

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.courses import ical
from tests.courses.steps import (
    ANY_VERSION,
    by,
    calendar,
    change_session,
    course,
    feed,
    in_rooms,
    instructor_of,
    planned,
    step,
)
from tests.rooms.steps import add_instructor, add_room, at, made
from tests.world import add_learner, everything, problem


@pytest.fixture
async def began(academy, world):
    return await course(academy, world)


@pytest.fixture
async def room(academy):
    return await add_room(academy)


@pytest.fixture
async def instructor(academy):
    return await add_instructor(academy)


async def read(world, address):
    """The events by their UID, as another implementation of the standard reads them."""
    response = await feed(world, address)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(response.content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def uid(session):
    return f"{session['id']}@banggiao"


async def test_a_calendar_tells_when_where_and_by_whom(academy, world, began, room, instructor):
    title = "Lễ tân, nghi thức; phần 1: " + "đối ngoại " * 12
    place = {"rooms": in_rooms(room), "instructors": by(instructor)}
    held = await planned(academy, began, title_vi=title.strip(), **place)
    address = await calendar(academy, course_id=began["id"])
    (event,) = (await read(world, address)).values()
    assert str(event["UID"]) == uid(held)
    assert str(event["SUMMARY"]) == title.strip()
    assert event["DTSTART"].dt.isoformat() == "2027-03-01T08:00:00+07:00"
    assert event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert str(event["LOCATION"]) == f"{room['name_vi']}, {room['address']}"
    assert instructor["full_name"] in event["DESCRIPTION"]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)


async def test_lines_are_as_the_standard_wants_them(academy, world, began):
    await planned(academy, began, title_vi="Ứng xử ngoại giao " * 9)
    body = (await feed(world, await calendar(academy, course_id=began["id"]))).content
    assert body.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n", body)
    assert max(map(len, body.split(b"\r\n"))) <= 75
    body.decode()  # no letter is torn apart


async def test_what_is_moved_and_cancelled_stays_the_same_event(academy, world, began):
    first, second = await planned(academy, began), await planned(academy, began, "13-15")
    address = await calendar(academy, course_id=began["id"])
    before = await read(world, address)
    made(await step(academy, first, "move", **at("08-10", "2027-03-03")), 200)
    made(await step(academy, second, "cancel", reason="Bão số 9"), 200)
    after = await read(world, address)
    assert before.keys() == after.keys() == {uid(first), uid(second)}
    for key in before:
        assert after[key]["SEQUENCE"] > before[key]["SEQUENCE"]
        assert after[key]["DTSTAMP"].dt >= before[key]["DTSTAMP"].dt
    assert after[uid(first)]["DTSTART"].dt.isoformat() == "2027-03-03T08:00:00+07:00"
    assert after[uid(second)]["STATUS"] == "CANCELLED"
    assert str(after[uid(second)]["SUMMARY"]).startswith("[ĐÃ HỦY]")
    assert "Bão số 9" in after[uid(second)]["DESCRIPTION"]


async def test_whoever_teaches_no_more_and_the_room_that_is_free_again_are_told(
    academy, world, began, room, instructor
):
    held = await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    theirs = [
        await calendar(academy, instructor_id=instructor["id"]),
        await calendar(academy, room_id=room["id"]),
    ]
    for address in theirs:
        assert (await read(world, address))[uid(held)]["STATUS"] == "CONFIRMED"
    made(await change_session(academy, held, rooms=[], instructors=[]), 200)
    for address in theirs:
        event = (await read(world, address))[uid(held)]
        assert (event["STATUS"], event["SEQUENCE"] > 0) == ("CANCELLED", True)
    of_course = await calendar(academy, course_id=began["id"])
    assert (await read(world, of_course))[uid(held)]["STATUS"] == "CONFIRMED"


async def test_only_who_teaches_is_told_how_to_join(academy, world, began, instructor):
    held = await planned(academy, began, mode="online", instructors=by(instructor))
    path = f"/course-sessions/{held['id']}/meeting"
    link = "https://meet.example/j/98765"
    made(await academy.put(path, json={"url": link}, headers=ANY_VERSION), 200)
    teacher = await instructor_of(world, academy, instructor)
    own = await calendar(teacher, instructor_id=instructor["id"], language="en")
    event = (await read(world, own))[uid(held)]
    assert str(event["URL"]) == link
    assert f"Join online: {link}" in event["DESCRIPTION"]
    for_all = await calendar(academy, course_id=began["id"])
    assert link.encode() not in (await feed(world, for_all)).content


async def test_a_tentative_session_is_tentative(academy, world, began):
    held = await planned(academy, began, tentative=True)
    address = await calendar(academy, course_id=began["id"])
    assert (await read(world, address))[uid(held)]["STATUS"] == "TENTATIVE"


async def test_a_session_abroad_is_told_by_the_clock_of_its_place(academy, world, began):
    """Clocks in Brussels go forward on the last Sunday of March."""
    zone = {"zone": "Europe/Brussels"}
    spring = await course(academy, world, starts_on="2027-03-25", ends_on="2027-04-02")
    for day, hour in (("2027-03-26", "08"), ("2027-03-29", "07")):
        times = {"starts_at": f"{day}T{hour}:00:00Z", "ends_at": f"{day}T{hour}:30:00Z"}
        await planned(academy, spring, **times, **zone)
    address = await calendar(academy, course_id=spring["id"])
    events = (await read(world, address)).values()
    assert {event["DTSTART"].dt.strftime("%H:%M") for event in events} == {"09:00"}
    assert b"BEGIN:VTIMEZONE" in (await feed(world, address)).content


async def test_what_did_not_change_is_not_sent_again(academy, world, began):
    held = await planned(academy, began)
    address = await calendar(academy, course_id=began["id"])
    first = await feed(world, address)
    again = await feed(world, address, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    made(await change_session(academy, held, title_vi="Khác"), 200)
    changed = await feed(world, address, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_an_address_is_renewed_and_withdrawn(academy, world, began):
    address = await calendar(academy, course_id=began["id"])
    path = f"/calendars/{address['id']}"
    assert "url" not in made(await academy.get(path), 200)
    renewed = made(await academy.post(f"{path}/renew"), 200)
    assert problem(await feed(world, address)) == (404, "not-found")
    assert (await feed(world, renewed)).status_code == 200
    assert (await academy.delete(path, headers=ANY_VERSION)).status_code == 204
    assert problem(await feed(world, renewed)) == (404, "not-found")
    made_up = {"url": f"{world.app.state.settings.public_url}/calendars/{uuid4().hex}.ics"}
    assert problem(await feed(world, made_up)) == (404, "not-found")


async def test_the_database_does_not_know_the_address(academy, world, began):
    address = await calendar(academy, course_id=began["id"])
    token = address["url"].rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43
    query = text("select row_to_json(c)::text from calendars c where id = :id")
    async with world.session() as session:
        assert token not in await session.scalar(query, {"id": address["id"]})


async def test_an_address_works_for_as_long_as_its_maker_may_come_in(academy, hanoi, world, began):
    await planned(academy, began)
    made(await step(academy, began, "open"), 200)
    address = await calendar(hanoi, course_id=began["id"])
    assert (await feed(world, address)).status_code == 200
    ends = text("update memberships set ended_at = now() where user_id = :id")
    async with world.session() as session:
        await session.execute(ends, {"id": hanoi.subject})
    assert problem(await feed(world, address)) == (404, "not-found")


async def test_a_program_has_calendars_too(academy, hanoi, world, began):
    await planned(academy, began)
    made(await step(academy, began, "open"), 200)
    program = await world.program(hanoi.organization, "courses:read")
    assert (await feed(world, await calendar(program, course_id=began["id"]))).status_code == 200


async def test_nobody_makes_a_calendar_of_what_is_not_theirs(
    academy, hanoi, world, began, room, instructor
):
    await planned(academy, began, rooms=in_rooms(room), instructors=by(instructor))
    for of in ({"course_id": began["id"]}, {"room_id": room["id"]}):
        assert problem(await hanoi.post("/calendars", json=of)) == (404, "not-found")
    made(await step(academy, began, "open"), 200)
    teacher = await instructor_of(world, academy, await add_instructor(academy))
    for somebody in (hanoi, teacher):
        for of in ({"room_id": room["id"]}, {"instructor_id": instructor["id"]}):
            assert problem(await somebody.post("/calendars", json=of)) == (404, "not-found"), of
    assert (await hanoi.post("/calendars", json={"course_id": began["id"]})).status_code == 201
    for wrong in ({}, {"course_id": began["id"], "room_id": room["id"]}, {"course_id": "x"}):
        assert problem(await academy.post("/calendars", json=wrong)) == (422, "invalid-request")


async def test_learners_have_calendars_of_their_own_and_of_nobody_else(academy, hanoi, world):
    own, other = [await add_learner(hanoi) for _ in range(2)]
    learner = await world.somebody("learner", hanoi.organization, UUID(own["id"]))
    for somebody in (learner, academy):
        address = await calendar(somebody, learner_id=own["id"])
        assert await read(world, address) == {}  # they have a place nowhere
    for somebody, whose in ((learner, other), (hanoi, own)):
        refused = await somebody.post("/calendars", json={"learner_id": whose["id"]})
        assert problem(refused) == (404, "not-found")


async def test_calendars_are_their_makers(academy, hanoi, hue, world, began):
    await planned(academy, began)
    made(await step(academy, began, "open"), 200)
    address = await calendar(hanoi, course_id=began["id"])
    assert [each["id"] for each in await everything(hanoi, "/calendars")] == [address["id"]]
    colleague = await world.somebody("coordinator", hanoi.organization)
    for stranger in (hue, colleague):
        assert await everything(stranger, "/calendars") == []
        path = f"/calendars/{address['id']}"
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.delete(path, headers=ANY_VERSION)).status_code == 404
    assert (await academy.get(f"/calendars/{address['id']}")).status_code == 200


_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=120
)
_DAY = datetime(2027, 3, 1, tzinfo=UTC)


@given(
    title=_TEXT,
    address=_TEXT,
    zone=st.sampled_from(("Asia/Ho_Chi_Minh", "Europe/Brussels", "America/New_York", "UTC")),
    hours=st.integers(0, 24 * 365),
    cancelled=st.booleans(),
)
def test_whatever_a_session_is_called_it_is_read_as_it_was_written(
    title, address, zone, hours, cancelled
):
    begins = _DAY + timedelta(hours=hours)
    session = {
        "id": str(uuid4()),
        "sequence": 3,
        "zone": zone,
        "mode": "in_person",
        "created_at": _DAY.isoformat(),
        "updated_at": _DAY.isoformat(),
        "starts_at": begins.isoformat(),
        "tentative": False,
        "cancelled": cancelled,
        "ends_at": (begins + timedelta(hours=1)).isoformat(),
        "because": None,
        "title_vi": title,
        "course_code": "K-1",
        "course_vi": title,
        "meeting": None,
        "rooms": [["Phòng", "Room", address]],
        "instructors": [title],
    }
    body = ical.written({"name_vi": title, "events": [session]}, "vi")
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert event["DTSTART"].dt.astimezone(UTC) == begins
    assert str(event["SUMMARY"]) == ("[ĐÃ HỦY] " if cancelled else "") + title
    assert str(event["LOCATION"]) == f"Phòng, {address}"


async def test_calendar_programs_of_others_show_it_before_and_after_a_session_is_moved(
    academy, world, began, room, tmp_path
):
    """vdirsyncer fetches it, khal shows it."""
    pytest.importorskip("khal")
    pytest.importorskip("vdirsyncer")
    here = {"rooms": in_rooms(room)}
    first = await planned(academy, began, title_vi="Lễ tân đối ngoại", **here)
    second = await planned(academy, began, "13-15", title_vi="Đàm phán")
    address = await calendar(academy, course_id=began["id"])
    async with _mirrored(world, address, tmp_path) as fetch:
        await fetch()
        assert await _khal(tmp_path) == [
            "2027-03-01 08:00-11:00 Lễ tân đối ngoại CONFIRMED",
            "2027-03-01 13:00-15:00 Đàm phán CONFIRMED",
        ]
        made(await step(academy, first, "move", **at("14-17", "2027-03-03")), 200)
        made(await step(academy, second, "cancel", reason="Bão"), 200)
        await fetch()
        assert await _khal(tmp_path) == [
            "2027-03-01 13:00-15:00 [ĐÃ HỦY] Đàm phán CANCELLED",
            "2027-03-03 14:00-17:00 Lễ tân đối ngoại CONFIRMED",
        ]
    assert len(list((tmp_path / "local").iterdir())) == 2  # the same two events


@asynccontextmanager
async def _mirrored(world, address, folder):
    """Yields what has vdirsyncer fetch the calendar over HTTP into a folder."""

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        body = (await feed(world, address)).content
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nConnection: close\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (folder / "vdirsyncer.conf").write_text(
        f"""
        [general]
        status_path = "{folder}/status/"
        [pair feed]
        a = "remote"
        b = "local"
        collections = null
        [storage remote]
        type = "http"
        url = "http://127.0.0.1:{port}/a.ics"
        [storage local]
        type = "filesystem"
        path = "{folder}/local/"
        fileext = ".ics"
        """.replace("\n        ", "\n")
    )
    (folder / "local").mkdir()

    async def fetch():
        await _run("vdirsyncer", "-c", str(folder / "vdirsyncer.conf"), "sync")

    async with server:
        await _run("vdirsyncer", "-c", str(folder / "vdirsyncer.conf"), "discover")
        yield fetch


async def _khal(folder):
    """What it lists, line by line, without the headings of days."""
    (folder / "khal.conf").write_text(
        f"""
        [calendars]
        [[feed]]
        path = {folder}/local/
        [locale]
        local_timezone = Asia/Ho_Chi_Minh
        default_timezone = Asia/Ho_Chi_Minh
        timeformat = %H:%M
        dateformat = %Y-%m-%d
        longdateformat = %Y-%m-%d
        datetimeformat = %Y-%m-%d %H:%M
        longdatetimeformat = %Y-%m-%d %H:%M
        [sqlite]
        path = {folder}/khal.db
        """.replace("\n        ", "\n")
    )
    shape = "{start-date} {start-time}-{end-time} {title} {status}"
    listed = await _run(
        *("khal", "-c", str(folder / "khal.conf"), "list", "--day-format", ""),
        *("-f", shape, "2027-03-01", "5d"),
    )
    return [line.strip() for line in listed.splitlines() if line.strip()]


async def _run(program, *arguments):
    command = str(Path(sys.executable).with_name(program))
    process = await asyncio.create_subprocess_exec(
        command,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"},
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def test_an_address_is_of_who_somebody_is_and_no_longer_of_who_they_were(
    academy, hanoi, world, instructor
):
    teacher = await instructor_of(world, academy, instructor)
    taught = await calendar(teacher, instructor_id=instructor["id"])
    lan = await add_learner(hanoi)
    learner = await world.somebody("learner", hanoi.organization, UUID(lan["id"]))
    theirs = await calendar(learner, learner_id=lan["id"])
    of_academy = await calendar(academy, instructor_id=instructor["id"])
    for made_ in (taught, theirs, of_academy):
        assert (await feed(world, made_)).status_code == 200
    # The account was another person's.
    nam = await add_learner(hanoi)
    async with world.session() as session:
        values = {"id": UUID(instructor["id"]), "nam": UUID(nam["id"]), "user": learner.subject}
        await session.execute(text("update instructors set user_id = null where id = :id"), values)
        moved = "update memberships set learner_id = :nam where user_id = :user"
        await session.execute(text(moved), values)
    for made_ in (taught, theirs):
        assert (await feed(world, made_)).status_code == 404
    assert (await feed(world, of_academy)).status_code == 200


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x85", "\u2028", "\u2029"])
def test_no_character_that_programs_take_for_the_end_of_a_line_is_in_one(end):
    title = f"a{end}BEGIN:VEVENT"
    lines = ical.written({"name_vi": title, "events": []}, "vi").decode()
    assert lines.splitlines() == lines.split("\r\n")[:-1]
