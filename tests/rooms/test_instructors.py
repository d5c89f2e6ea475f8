"""The pool of instructors: who is free, what they say themselves, and who sees what of them."""

from uuid import uuid4

import pytest

from tests.courses.steps import by, course, planned
from tests.rooms.steps import INSTRUCTOR, add_instructor, at, book, booked, free, made, told
from tests.world import add_learner, everything, problem, replace

PROFILE = {"expertise": ["consular"], "biography_vi": "Đã dạy 10 năm.", "languages": []}


@pytest.fixture
async def themselves(world, academy):
    """An instructor of the pool, who signs in; `entry` is theirs."""
    somebody = await world.somebody("instructor")
    somebody.entry = await add_instructor(academy, user_id=str(somebody.subject))
    return somebody


def path(instructor, *more):
    return "/".join([f"/instructors/{instructor['id']}", *more])


async def named(client, **query):
    """Who of those whose names hold `q` are found."""
    return [
        row["full_name"].split()[0] for row in await everything(client, "/instructors", **query)
    ]


async def changed(client, address, body):
    """Under the present version of who it is."""
    present = await client.get(address.removesuffix("/profile"))
    return await client.put(address, json=body, headers={"If-Match": present.headers["ETag"]})


class TestFinding:
    async def test_those_are_found_who_teach_it_in_the_language(self, academy):
        mark = uuid4().hex
        speaks = [{"language": "fr", "level": 4}]
        await add_instructor(
            academy, full_name=f"Một {mark}", expertise=["consular", "negotiation"]
        )
        await add_instructor(
            academy, full_name=f"Hai {mark}", languages=speaks, kind="foreign_expert"
        )
        assert await named(academy, q=mark) == ["Hai", "Một"]
        assert await named(academy, q=mark, expertise="consular") == ["Một"]
        assert await named(academy, q=mark, expertise="climate_change") == []
        assert await named(academy, q=mark, language="fr", language_level=4) == ["Hai"]
        assert await named(academy, q=mark, language="fr", language_level=5) == []
        assert await named(academy, q=mark, kind="foreign_expert") == ["Hai"]
        assert await named(academy, q=mark, kind="foreign_expert", expertise="consular") == []

    async def test_who_is_booked_or_unavailable_or_gone_is_not_free(self, academy):
        mark = uuid4().hex
        for name in ("Bận", "Họp", "Nghỉ", "Rảnh", "Tạm"):
            leaves = "2027-03-01" if name == "Nghỉ" else None
            one = await add_instructor(academy, full_name=f"{name} {mark}", active_until=leaves)
            if name == "Bận":
                made(await academy.post(path(one, "unavailability"), json=at("08-11")))
            if name in ("Họp", "Tạm"):
                await booked(academy, one, "08-11", tentative=name == "Tạm")
        assert await named(academy, q=mark, **free("10-12")) == ["Rảnh", "Tạm"]
        rows = await everything(academy, "/instructors", q=mark, **free("10-12"))
        assert [row["tentatively_booked"] for row in rows] == [False, True]
        after = await named(academy, q=mark, **free("11-12"))
        assert after == ["Bận", "Họp", "Rảnh", "Tạm"]
        before = await named(academy, q=mark, **free("11-12", day="2027-02-28"))
        assert before == ["Bận", "Họp", "Nghỉ", "Rảnh", "Tạm"]

    async def test_their_load_is_what_they_are_to_teach_in_the_year(self, world, academy):
        mark = uuid4().hex
        busy = await add_instructor(academy, full_name=f"Bận {mark}")
        await add_instructor(academy, full_name=f"Ít {mark}")
        await booked(academy, busy, "08-11")  # that is no session
        of_years = await course(academy, world, starts_on="2025-01-01", ends_on="2027-12-31")
        for begins, ends, tentative in (
            ("2025-12-31T23:30:00+07:00", "2026-01-01T00:30:00+07:00", False),  # of 2025
            ("2026-01-05T08:00:00+07:00", "2026-01-05T09:30:00+07:00", False),
            ("2026-12-30T08:00:00+07:00", "2026-12-30T11:00:00+07:00", False),
            ("2026-12-30T08:00:00+07:00", "2026-12-30T11:00:00+07:00", True),
            ("2027-01-01T00:00:00+07:00", "2027-01-01T02:00:00+07:00", False),
        ):
            times = {"starts_at": begins, "ends_at": ends, "tentative": tentative}
            await planned(academy, of_years, **times, instructors=by(busy))
        for year, minutes in ((2025, 60), (2026, 270), (2027, 120)):
            query = {"q": mark, "year": year, "sort": "-booked_minutes"}
            rows = await everything(academy, "/instructors", **query)
            assert [row["booked_minutes"] for row in rows] == [minutes, 0], year
        assert await named(academy, q=mark, year=2026, sort="booked_minutes") == ["Ít", "Bận"]
        (row,) = await everything(academy, "/instructors", q=f"Bận {mark}", year=2025)
        assert row["taught_minutes"] == 60
        (row,) = await everything(academy, "/instructors", q=f"Bận {mark}", year=2027)
        assert row["taught_minutes"] == 0


class TestUnavailability:
    async def test_who_is_unavailable_is_not_booked_firmly(self, academy):
        one = await add_instructor(academy)
        away = made(await academy.post(path(one, "unavailability"), json=at("08-11")))
        assert problem(await book(academy, one, "10-12")) == (409, "instructor-unavailable")
        perhaps = await booked(academy, one, "10-12", tentative=True)
        assert told(perhaps) == [("unavailable", away["id"])]
        firm = {**at("10-12"), "reason": "?", "tentative": False}
        address = f"/instructor-bookings/{perhaps['id']}"
        refused = await academy.put(address, json=firm, headers={"If-Match": "*"})
        assert problem(refused) == (409, "instructor-unavailable")
        await booked(academy, one, "11-12")

    async def test_what_they_are_booked_for_stands_and_is_told(self, academy):
        one = await add_instructor(academy)
        booking = await booked(academy, one, "08-11")
        away = made(await academy.post(path(one, "unavailability"), json=at("07-09")))
        assert told(away) == [("booked", booking["id"])]
        address = f"/instructor-bookings/{booking['id']}"
        assert told((await academy.get(address)).json()) == [("unavailable", away["id"])]
        renamed = {**at("08-11"), "reason": "Việc khác", "tentative": False}
        kept = await academy.put(address, json=renamed, headers={"If-Match": '"1"'})
        assert (kept.status_code, kept.json()["reason"]) == (200, "Việc khác")

    async def test_they_are_available_after_all(self, academy):
        one = await add_instructor(academy)
        away = made(await academy.post(path(one, "unavailability"), json=at("08-11")))
        address = f"/instructor-unavailability/{away['id']}"
        shorter = await changed(academy, address, at("08-09"))
        assert shorter.json()["version"] == 2
        await booked(academy, one, "09-11")
        removed = await academy.delete(address, headers={"If-Match": '"2"'})
        assert removed.status_code == 204
        await booked(academy, one, "08-09")


class TestLeaving:
    async def test_nobody_is_booked_who_teaches_no_more(self, academy):
        one = await add_instructor(academy, active_until="2027-03-01")
        assert problem(await book(academy, one, "08-11")) == (409, "instructor-inactive")
        await booked(academy, one, "08-11", **at("08-11", day="2027-02-28"))

    async def test_nobody_leaves_before_what_they_are_booked_for(self, academy):
        one = await add_instructor(academy)
        await booked(academy, one, "08-11")
        refused = await replace(academy, path(one), active_until="2027-03-01")
        assert problem(refused) == (409, "instructor-booked-later")
        assert (await replace(academy, path(one), active_until="2027-03-02")).status_code == 200


class TestThemselves:
    async def test_they_see_themselves_and_nobody_else(self, academy, themselves):
        other = await add_instructor(academy)
        for one in (other, themselves.entry):
            await booked(academy, one, "08-11")
            made(await academy.post(path(one, "unavailability"), json=at("14-16")))
        assert await everything(themselves, "/instructors") == [themselves.entry]
        for list_ in ("/instructor-bookings", "/instructor-unavailability"):
            rows = await everything(themselves, list_)
            assert [row["instructor_id"] for row in rows] == [themselves.entry["id"]]
        for hidden in (path(other), path(other, "contact")):
            assert problem(await themselves.get(hidden)) == (404, "not-found")

    async def test_they_correct_what_they_say_of_themselves(self, academy, themselves):
        own, contact = path(themselves.entry), path(themselves.entry, "contact")
        corrected = await changed(themselves, f"{own}/profile", PROFILE)
        assert corrected.status_code == 200, corrected.text
        assert corrected.json() | PROFILE == corrected.json()
        reach = {"email": "thay@academy.example", "phone": None}
        assert (await changed(themselves, contact, reach)).status_code == 200
        read = (await academy.get(contact)).json()
        assert (read["id"], read["email"]) == (themselves.entry["id"], reach["email"])
        away = made(await themselves.post(f"{own}/unavailability", json=at("08-09")))
        address = f"/instructor-unavailability/{away['id']}"
        assert (await changed(themselves, address, at("08-10"))).status_code == 200
        gone = await themselves.delete(address, headers={"If-Match": '"2"'})
        assert gone.status_code == 204

    async def test_they_change_nothing_else(self, academy, themselves):
        own = path(themselves.entry)
        body = INSTRUCTOR | {"kind": "foreign_expert"}
        refused = await themselves.put(own, json=body, headers={"If-Match": "*"})
        assert problem(refused) == (403, "forbidden")
        assert problem(await book(themselves, themselves.entry, "08-11")) == (403, "forbidden")
        named_too = PROFILE | {"full_name": "Khác"}
        refused = await changed(themselves, f"{own}/profile", named_too)
        assert [error["code"] for error in refused.json()["errors"]] == ["extra_forbidden"]

    async def test_nor_of_anybody_else(self, academy, themselves):
        other = await add_instructor(academy)
        away = made(await academy.post(path(other, "unavailability"), json=at("08-11")))
        any_version = {"If-Match": "*"}
        for refused in (
            await themselves.put(path(other, "profile"), json=PROFILE, headers=any_version),
            await themselves.put(path(other, "contact"), json={}, headers=any_version),
            await themselves.post(path(other, "unavailability"), json=at("08-11")),
            await themselves.delete(
                f"/instructor-unavailability/{away['id']}", headers=any_version
            ),
        ):
            assert problem(refused) == (404, "not-found")


@pytest.mark.parametrize("role", ["coordinator", "viewer", "client"])
async def test_the_pool_is_the_academys(world, academy, hanoi, role):
    one = await add_instructor(academy)
    if role == "client":
        reader = await world.program(hanoi.organization, "instructors:read", "rooms:read")
    else:
        reader = await world.somebody(role, hanoi.organization)
    assert problem(await reader.get("/instructors")) == (403, "forbidden")
    assert problem(await reader.get(path(one, "contact"))) == (403, "forbidden")


async def test_an_account_and_a_learner_are_one_instructor(academy, hanoi, themselves):
    learner = await add_learner(hanoi)
    await add_instructor(academy, learner_id=learner["id"])
    for field, value, refusal in (
        ("user_id", str(themselves.subject), (409, "instructor-account-taken")),
        ("user_id", str(uuid4()), (422, "instructor-account-unknown")),
        ("learner_id", learner["id"], (409, "instructor-learner-taken")),
        ("learner_id", str(uuid4()), (422, "instructor-learner-unknown")),
    ):
        refused = await academy.post("/instructors", json=INSTRUCTOR | {field: value})
        assert problem(refused) == refusal


async def test_who_read_how_to_reach_whom_is_written_down(world, academy):
    one = await add_instructor(academy)
    await academy.get(path(one, "contact"))
    await world.app.state.read_log.write()
    reads = await everything(academy, "/personal-data-reads", learner=one["id"])
    assert "get_instructor_contact" in {read["operation"] for read in reads}


async def test_an_auditor_reads_the_pool_and_changes_nothing(world, academy):
    one = await add_instructor(academy)
    auditor = await world.somebody("auditor")
    assert (await auditor.get(path(one, "contact"))).status_code == 200
    refused = await auditor.post(path(one, "unavailability"), json=at("08-11"))
    assert problem(refused) == (403, "forbidden")
