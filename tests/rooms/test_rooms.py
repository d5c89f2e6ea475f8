"""Rooms, and which of them are free."""

import pytest

from tests.rooms.steps import ROOM, add_room, at, book, booked, free
from tests.world import everything, problem, replace


async def theirs(client, **query):
    """Their own rooms: those in which others hold courses are shown to them, too."""
    return await everything(client, "/rooms", organization=client.organization, **query)


async def codes(client, **query):
    return [row["code"] for row in await theirs(client, **query)]


async def test_a_room_is_told_as_it_was_described(hanoi):
    room = await add_room(hanoi, zone="Europe/Brussels", equipment=["whiteboard", "projector"])
    assert room["equipment"] == ["projector", "whiteboard"]
    assert room["organization_id"] == str(hanoi.organization)
    assert (await hanoi.get(f"/rooms/{room['id']}")).json() == room
    assert await theirs(hanoi) == [room]


async def test_a_code_names_one_room_of_an_organisation(hanoi, hue):
    await add_room(hanoi, code="A-301")
    assert problem(await hanoi.post("/rooms", json=ROOM | {"code": "A-301"})) == (
        409,
        "room-code-taken",
    )
    await add_room(hue, code="A-301")


async def test_rooms_of_others_are_not_there(hanoi, hue, academy):
    room = await add_room(hanoi)
    path = f"/rooms/{room['id']}"
    assert await everything(hue, "/rooms", organization=hanoi.organization) == []
    assert problem(await hue.get(path)) == (404, "not-found")
    assert problem(await book(hue, room, "08-11")) == (404, "not-found")
    assert (await academy.get(path)).status_code == 200
    await booked(academy, room, "08-11")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("capacity", 0, "greater_than_equal"),
        ("capacity", "40", "int_type"),
        ("equipment", ["piano"], "literal_error"),
        ("zone", "Asia/Nowhere", "zone_unknown"),
        ("zone", "UTC+7", "string_pattern_mismatch"),
    ],
)
async def test_what_no_room_is_like_is_refused(hanoi, field, value, code):
    refused = await hanoi.post("/rooms", json=ROOM | {"code": "X"} | {field: value})
    assert problem(refused) == (422, "invalid-request")
    assert [error["code"] for error in refused.json()["errors"]] == [code]


async def test_rooms_are_found_by_what_they_hold(hanoi):
    await add_room(hanoi, code="HALL", capacity=200, equipment=["projector", "microphones"])
    await add_room(hanoi, code="ROOM", capacity=30, equipment=["projector"])
    assert await codes(hanoi, capacity=100) == ["HALL"]
    assert await codes(hanoi, capacity=30) == ["HALL", "ROOM"]
    assert await codes(hanoi, equipment="projector") == ["HALL", "ROOM"]
    assert await codes(hanoi, equipment="projector,microphones") == ["HALL"]
    assert await codes(hanoi, equipment="recording") == []
    assert problem(await hanoi.get("/rooms", params={"equipment": "piano"}))[0] == 422


async def test_a_room_is_free_when_nothing_is_firmly_booked_in_it(hanoi):
    await add_room(hanoi, code="FREE")
    room = await add_room(hanoi, code="TAKEN")
    await booked(hanoi, room, "08-11")
    for hours in ("07-09", "09-10", "10-12", "07-12", "08-11"):
        assert await codes(hanoi, **free(hours)) == ["FREE"], hours
    for hours in ("06-08", "11-12"):  # one begins when another ends
        assert await codes(hanoi, **free(hours)) == ["FREE", "TAKEN"], hours


async def test_a_tentative_booking_leaves_a_room_free_and_is_told(hanoi):
    room = await add_room(hanoi)
    await booked(hanoi, room, "08-11", tentative=True)
    for hours, expected in (("09-10", True), ("11-12", False)):
        (found,) = await theirs(hanoi, **free(hours))
        assert found["tentatively_booked"] is expected


async def test_a_list_that_a_client_has_is_new_when_a_booking_makes_it_so(hanoi):
    room = await add_room(hanoi)
    asked = free("08-11") | {"organization": str(hanoi.organization)}
    first = await hanoi.get("/rooms", params=asked)
    await booked(hanoi, room, "08-11", tentative=True)
    again = {"If-None-Match": first.headers["ETag"]}
    second = await hanoi.get("/rooms", params=asked, headers=again)
    assert second.status_code == 200
    assert second.json()["items"][0]["tentatively_booked"]


@pytest.mark.parametrize(
    "query",
    [
        {"free_from": "2027-03-01T08:00:00Z"},
        {"free_to": "2027-03-01T08:00:00Z"},
        {"free_from": "2027-03-01T08:00:00Z", "free_to": "2027-03-01T08:00:00Z"},
    ],
)
async def test_who_asks_what_is_free_says_from_when_to_when(hanoi, query):
    assert problem(await hanoi.get("/rooms", params=query)) == (422, "invalid-request")


class TestClosing:
    async def test_nothing_is_booked_in_a_closed_room(self, hanoi):
        room = await add_room(hanoi, closed_on="2027-03-01", zone="Asia/Ho_Chi_Minh")
        assert problem(await book(hanoi, room, "08-11")) == (409, "room-closed")
        assert problem(await book(hanoi, room, "08-11", tentative=True)) == (409, "room-closed")
        night = {"starts_at": "2027-02-28T20:00:00+07:00", "ends_at": "2027-03-01T00:00:00+07:00"}
        await booked(hanoi, room, "08-11", **night)
        assert await theirs(hanoi, **free("08-11")) == []

    async def test_its_days_are_those_of_its_zone(self, hanoi):
        """In Brussels it is still the day before."""
        room = await add_room(hanoi, closed_on="2027-03-02", zone="Europe/Brussels")
        time = {"starts_at": "2027-03-02T02:00:00+07:00", "ends_at": "2027-03-02T05:00:00+07:00"}
        await booked(hanoi, room, "08-11", **time)
        asked = {"free_from": time["ends_at"], "free_to": "2027-03-02T06:00:00+07:00"}
        assert [row["id"] for row in await theirs(hanoi, **asked)] == [room["id"]]

    async def test_a_room_is_not_closed_before_what_is_booked_in_it(self, hanoi):
        room = await add_room(hanoi)
        path = f"/rooms/{room['id']}"
        await booked(hanoi, room, "08-11", tentative=True)
        refused = await replace(hanoi, path, **_closed("2027-03-01"))
        assert problem(refused) == (409, "room-booked-after-closing")
        assert (await replace(hanoi, path, **_closed("2027-03-02"))).status_code == 200
        assert (await replace(hanoi, path, **_closed("2027-03-02", capacity=50))).status_code == 200


def _closed(day, **more):
    return {"closed_on": day, **more}


async def test_a_replaced_room_is_news(hanoi):
    room = await add_room(hanoi, code="A-1")
    assert (await replace(hanoi, f"/rooms/{room['id']}", code="A-2")).status_code == 200
    news = [
        (change["type"], change["data"])
        for change in (await hanoi.get("/changes", params={"limit": 200})).json()["items"]
        if change["type"].startswith("room.")
    ]
    assert news == [
        ("room.created", {"key": "A-1"}),
        ("room.changed", {"key": "A-2", "former_key": "A-1"}),
    ]


async def test_a_viewer_reads_rooms_and_books_none(world, hanoi):
    room = await add_room(hanoi)
    viewer = await world.somebody("viewer", hanoi.organization)
    assert await theirs(viewer) == [room]
    refused = await viewer.post(f"/rooms/{room['id']}/bookings", json=at("08-11") | {"reason": "?"})
    assert problem(refused) == (403, "forbidden")
