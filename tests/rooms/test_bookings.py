"""Nothing is firmly booked twice at once: neither a room nor an instructor."""

import asyncio

import pytest

from tests.rooms.steps import add_instructor, add_room, at, book, booked, told
from tests.world import everything, problem

KINDS = {
    "room": (add_room, "/room-bookings", "room-double-booked"),
    "instructor": (add_instructor, "/instructor-bookings", "instructor-double-booked"),
}


@pytest.fixture(params=KINDS)
async def what(request, academy):
    """A room or an instructor, where their bookings are listed, and how a second one is refused."""
    add, path, refusal = KINDS[request.param]
    return await add(academy), path, (409, refusal)


@pytest.mark.parametrize("hours", ["08-11", "09-10", "07-09", "10-12", "07-12"])
async def test_what_overlaps_a_firm_booking_is_refused(academy, what, hours):
    thing, _, refusal = what
    await booked(academy, thing, "08-11")
    assert problem(await book(academy, thing, hours)) == refusal


@pytest.mark.parametrize("hours", ["06-08", "11-13"])
async def test_one_booking_begins_when_another_ends(academy, what, hours):
    thing, _, _ = what
    await booked(academy, thing, "08-11")
    assert told(await booked(academy, thing, hours)) == []


async def test_what_overlaps_a_tentative_booking_is_told_to_both(academy, what):
    thing, path, _ = what
    firm = await booked(academy, thing, "08-11")
    assert firm["warnings"] == []
    perhaps = await booked(academy, thing, "10-12", tentative=True)
    assert perhaps["warnings"] == [
        {
            "code": "overlaps",
            "id": firm["id"],
            "starts_at": "2027-03-01T01:00:00.000Z",
            "ends_at": "2027-03-01T04:00:00.000Z",
        }
    ]
    other = await booked(academy, thing, "11-13", tentative=True)
    read = {row["id"]: told(row) for row in await everything(academy, path, **_of(thing))}
    assert read == {
        firm["id"]: [("overlaps", perhaps["id"])],
        perhaps["id"]: [("overlaps", firm["id"]), ("overlaps", other["id"])],
        other["id"]: [("overlaps", perhaps["id"])],
    }


async def test_a_warning_is_new_to_who_has_read_the_booking_before(academy, what):
    thing, path, _ = what
    firm = await booked(academy, thing, "08-11")
    firm_only = _of(thing) | {"tentative": False}
    for address in (path, f"{path}/{firm['id']}"):
        before = await academy.get(address, params=firm_only if address == path else {})
        perhaps = await booked(academy, thing, "10-12", tentative=True)
        again = await academy.get(before.url, headers={"If-None-Match": before.headers["ETag"]})
        assert again.status_code == 200
        assert perhaps["id"] in again.text


async def test_a_tentative_booking_becomes_firm_where_nothing_else_is(academy, what):
    thing, path, refusal = what
    perhaps = await booked(academy, thing, "08-11", tentative=True)
    firm = await booked(academy, thing, "10-12")
    address = f"{path}/{perhaps['id']}"
    assert problem(await _changed(academy, address, tentative=False)) == refusal
    moved = await _changed(academy, address, tentative=False, **at("07-10"))
    assert (moved.status_code, moved.json()["warnings"]) == (200, [])
    assert problem(await _changed(academy, f"{path}/{firm['id']}", **at("09-12"))) == refusal


async def test_what_is_removed_keeps_nobody_out(academy, what):
    thing, path, _ = what
    first = await booked(academy, thing, "08-11")
    address = f"{path}/{first['id']}"
    assert problem(await academy.delete(address)) == (428, "version-required")
    assert problem(await academy.delete(address, headers={"If-Match": '"9"'})) == (412, "outdated")
    assert (await academy.delete(address, headers={"If-Match": '"1"'})).status_code == 204
    await booked(academy, thing, "08-11")


async def test_bookings_are_found_by_when_they_are(academy, what):
    thing, path, _ = what
    for hours in ("08-10", "10-12", "14-16"):
        await booked(academy, thing, hours, tentative=hours == "14-16")

    async def found(**query):
        rows = await everything(academy, path, **_of(thing), **query)
        return [row["starts_at"][11:13] for row in rows]

    ten, three = "2027-03-01T10:00:00+07:00", "2027-03-01T15:00:00+07:00"
    assert await found() == ["01", "03", "07"]
    assert await found(**{"from": ten}) == ["03", "07"]
    assert await found(to=ten) == ["01"]
    assert await found(**{"from": ten, "to": three}) == ["03", "07"]
    assert await found(tentative=True) == ["07"]
    refused = await academy.get(path, params={"from": ten, "to": ten})
    assert problem(refused) == (422, "invalid-request")


@pytest.mark.parametrize("hours", ["11-08", "08-08"])
async def test_a_booking_lasts(academy, what, hours):
    thing, _, _ = what
    refused = await book(academy, thing, hours)
    assert [error["code"] for error in refused.json()["errors"]] == ["lasts_no_time"]


async def test_of_many_who_book_the_same_at_once_one_gets_it(academy, what):
    thing, path, refusal = what
    hours = ("08-11", "09-12", "10-13", "08-13")  # all of them at 10:30
    answers = await asyncio.gather(*(book(academy, thing, hours[n % 4]) for n in range(40)))
    taken = [answer for answer in answers if answer.status_code == 201]
    assert len(taken) == 1
    assert {problem(answer) for answer in answers if answer not in taken} == {refusal}
    assert len(await everything(academy, path, **_of(thing))) == 1


async def test_of_many_who_move_to_the_same_time_one_gets_there(academy, what):
    thing, path, refusal = what
    rows = [await booked(academy, thing, f"{hour:02}-{hour + 1:02}") for hour in range(10)]
    answers = await asyncio.gather(
        *(_changed(academy, f"{path}/{row['id']}", **at("20-22")) for row in rows)
    )
    moved = [answer for answer in answers if answer.status_code == 200]
    assert len(moved) == 1
    assert {problem(answer) for answer in answers if answer not in moved} == {refusal}


async def test_who_changes_it_at_once_as_it_was_is_told_that_it_is_not(academy, what):
    thing, path, _ = what
    row = await booked(academy, thing, "08-11")
    address, seen = f"{path}/{row['id']}", {"If-Match": '"1"'}
    body = {"reason": "Khác", "tentative": False}
    answers = await asyncio.gather(
        academy.put(address, json=body | at("08-10"), headers=seen),
        academy.put(address, json=body | at("09-11"), headers=seen),
        academy.delete(address, headers=seen),
    )
    done = [answer for answer in answers if answer.status_code < 300]
    assert len(done) == 1
    others = {problem(answer)[0] for answer in answers if answer not in done}
    assert others <= {404, 412}


def _of(thing):
    return {"room" if "capacity" in thing else "instructor": thing["id"]}


async def _changed(client, address, **changes):
    """PUT of what is there, with these changed."""
    present = await client.get(address)
    body = {name: present.json()[name] for name in ("starts_at", "ends_at", "tentative", "reason")}
    headers = {"If-Match": present.headers["ETag"]}
    return await client.put(address, json=body | changes, headers=headers)
