"""What a row says of a person, what it leaves unsaid, and what somebody said by hand."""

from datetime import date, timedelta

import pytest

from app.core.schemas import today
from tests.rosters import behind
from tests.rosters.sending import Sender, counted
from tests.world import World, everything, replace

FULL = {
    "email": "a@b.example",
    "phone": "024 0000 0001",
    "rank": "Chuyên viên",
    "recruited_on": "2012-09-01",
    "fields": ["protocol_and_events"],
    "languages": [{"language": "en", "level": 4}],
    "attributes": {"file_number": "HS-1", "grade": 3, "union": True},
    "leadership_level": "division",
    "category": "official",
}
EMPTY = {
    "birth_date": None,
    "email": None,
    "phone": None,
    "rank": None,
    "recruited_on": None,
    "unit_id": None,
    "fields": [],
    "languages": [],
    "attributes": {},
}


def but(row: dict, *names: str) -> dict:
    return {name: value for name, value in row.items() if name not in names}


async def protects(coordinator: Sender, learner: dict, *fields: str) -> None:
    path = f"/learners/{learner['id']}"
    etag = (await coordinator.client.get(path)).headers["ETag"]
    done = await coordinator.client.put(
        f"{path}/protected-fields", json={"fields": fields}, headers={"If-Match": etag}
    )
    assert done.status_code == 200, done.text


async def test_what_is_left_out_of_a_row_stays_as_it_is(hr: Sender):
    await hr.sends([hr.person(1, **FULL)])
    before = (await hr.learners())["CB-00001"]
    sync = await hr.sends([{"external_id": "CB-00001"}])
    assert counted(sync) == {"rows": 1, "unchanged": 1}
    assert (await hr.learners())["CB-00001"] == before


async def test_an_empty_value_empties(hr: Sender):
    await hr.sends([hr.person(1, **FULL)])
    sync = await hr.sends([{"external_id": "CB-00001"} | EMPTY | {"unit": None}])
    assert counted(sync) == {"rows": 1, "updated": 1}
    learner = (await hr.learners())["CB-00001"]
    assert {name: learner[name] for name in EMPTY} == EMPTY


NEEDED = ("full_name", "position_title", "leadership_level", "category", "position_since", "status")


@pytest.mark.parametrize("name", [*NEEDED, "status_since", "national_id"])
async def test_what_everybody_has_no_empty_value_takes_away(hr: Sender, name: str):
    await hr.sends([hr.person(1, **FULL, national_id=hr.national_id(1))])
    before = await hr.learners()
    sync = await hr.sends([hr.person(1, **{name: None})])
    assert counted(sync) == {"rows": 1, "unchanged": 1}
    assert await hr.learners() == before


@pytest.mark.parametrize(
    "change", [{"position_title": "Trưởng phòng"}, {"leadership_level": "department"}], ids=str
)
async def test_another_position_begins_today_when_no_day_is_said(hr: Sender, change: dict):
    await hr.sends([hr.person(1)])
    row = hr.person(1, position_since=..., **change)
    await hr.sends([row])
    learner = (await hr.learners())["CB-00001"]
    assert learner["position_since"] == str(today())
    held = await everything(hr.client, f"/learners/{learner['id']}/positions")
    periods = [(each["held_from"], each["held_until"]) for each in held]
    assert periods == [(str(today()), None), ("2020-01-01", str(today()))]
    assert counted(await hr.sends([row])) == {"rows": 1, "unchanged": 1}


async def test_another_rank_begins_no_position(hr: Sender):
    await hr.sends([hr.person(1)])
    await hr.sends([hr.person(1, position_since=..., rank="Chuyên viên chính")])
    assert (await hr.learners())["CB-00001"]["position_since"] == "2020-01-01"


async def test_a_title_beside_a_day_in_the_future_stays_with_it(hr: Sender):
    ahead = str(today() + timedelta(30))
    await hr.sends([hr.person(1, position_since=ahead)])
    await hr.sends([hr.person(1, position_since=..., position_title="Trưởng phòng")])
    learner = (await hr.learners())["CB-00001"]
    assert (learner["position_since"], learner["position_title"]) == (ahead, "Trưởng phòng")


async def test_the_same_file_twice_changes_nothing_in_any_table(hr: Sender, world: World):
    people = [hr.person(n, **FULL) for n in range(12)]
    people[1] |= {"status": "left", "status_since": "2024-01-01"}
    people[2]["birth_date"] = None
    people[3]["full_name"] = "  Lê   Thị  Hoà "
    people[4]["national_id"] = hr.national_id(4)
    people.append(hr.person(20, email="not an address"))
    await hr.sends(people)
    before = await behind.tables(world, hr.client.organization)
    for again in (people, people[::-1], [dict(reversed(row.items())) for row in people]):
        sync = await hr.sends(again)
        assert counted(sync) == {"rows": 13, "unchanged": 12, "rejected": 1}
        after = await behind.tables(world, hr.client.organization)
        # That a row has been recognised is noted beside the person, and counts as no change.
        for table in (before, after):
            for learner in table["learners"]:
                learner.pop("row_digest", None)
        assert after == before


async def test_what_a_person_set_by_hand_files_leave_until_it_is_released(
    hr: Sender, coordinator: Sender
):
    row = hr.person(1, phone="024 0000 0001", rank="Chuyên viên")
    await hr.sends([row])
    learner = (await hr.learners())["CB-00001"]
    by_hand = await replace(coordinator.client, f"/learners/{learner['id']}", phone="024 9999 9999")
    assert by_hand.json()["protected_fields"] == ["phone"]

    assert counted(await hr.sends([row])) == {"rows": 1, "unchanged": 1}
    sync = await hr.sends([row | {"phone": None, "rank": "Chuyên viên chính"}])
    assert counted(sync) == {"rows": 1, "updated": 1}
    learner = (await hr.learners())["CB-00001"]
    assert (learner["phone"], learner["rank"]) == ("024 9999 9999", "Chuyên viên chính")

    await hr.sends([row])
    await protects(coordinator, learner)
    sync = await hr.sends([row])
    assert counted(sync) == {"rows": 1, "updated": 1}
    learner = (await hr.learners())["CB-00001"]
    assert (learner["phone"], learner["protected_fields"]) == ("024 0000 0001", [])


PROTECTED = {
    "full_name": "Trần Văn B",
    "birth_date": "1970-01-01",
    "email": "z@b.example",
    "phone": "024 7777 7777",
    "rank": "Khác",
    "category": "public_employee",
    "fields": ["economic_diplomacy"],
    "languages": [{"language": "fr", "level": 2}],
    "recruited_on": "2011-01-01",
    "attributes": {"file_number": "HS-2"},
    "leadership_level": "department",
    "position_title": "Trưởng phòng",
    "status": "suspended",
}


@pytest.mark.parametrize("field", PROTECTED)
async def test_any_field_can_be_protected_alone(hr: Sender, coordinator: Sender, field: str):
    # `position_since` is said, so that only the one field differs.
    await hr.sends([hr.person(1, **FULL, status="active", status_since="2020-01-01")])
    learner = (await hr.learners())["CB-00001"]
    await protects(coordinator, learner, field)
    said = PROTECTED | {"status_since": "2020-01-01"}
    sync = await hr.sends([hr.person(1, **said)])
    assert counted(sync) == {"rows": 1, "updated": 1}, await hr.errors(sync)
    after = (await hr.learners())["CB-00001"]
    differing = {name for name in PROTECTED if after[name] != learner[name]}
    assert differing == PROTECTED.keys() - {field}


async def test_a_program_that_replaces_a_learner_protects_nothing(hr: Sender, world: World):
    program = await world.program(hr.client.organization, "learners:read", "learners:write")
    await hr.sends([hr.person(1)])
    learner = (await hr.learners())["CB-00001"]
    replaced = await replace(program, f"/learners/{learner['id']}", phone="024 9999 9999")
    assert replaced.json()["protected_fields"] == []
    await hr.sends([hr.person(1, phone="024 0000 0001")])
    assert (await hr.learners())["CB-00001"]["phone"] == "024 0000 0001"


async def test_a_row_that_says_another_unit_under_a_code_that_moved_is_read_again(
    hr: Sender, coordinator: Sender
):
    first, second = [
        (await coordinator.client.post("/units", json={"code": code, "name_vi": code})).json()
        for code in ("U1", "U2")
    ]
    people = [hr.person(1, unit="U1")]
    await hr.sends(people)
    await hr.sends(people)
    assert (await hr.learners())["CB-00001"]["unit_id"] == first["id"]
    for unit, code in ((first, "U9"), (second, "U1")):
        moved = await replace(coordinator.client, f"/units/{unit['id']}", code=code)
        assert moved.status_code == 200, moved.text
    sync = await hr.sends(people)
    assert counted(sync) == {"rows": 1, "updated": 1}
    assert (await hr.learners())["CB-00001"]["unit_id"] == second["id"]


async def test_days_that_cannot_be_are_mistakes_of_their_rows(hr: Sender):
    await hr.sends([hr.person(1), hr.person(2, recruited_on="2019-01-01")])
    await hr.sends([hr.person(1, position_since="2022-01-01")])
    since = str(date(2018, 1, 1))
    sync = await hr.sends(
        [
            hr.person(1, position_since=since),
            hr.person(2, position_since=since),
            hr.person(3, recruited_on="2021-01-01"),
            hr.person(4, status="left", status_since="2019-01-01"),
            hr.person(5, status="left", status_since="2020-01-01"),
        ],
        mode="delta",
    )
    wrong = [(each["row_number"], each["code"]) for each in await hr.errors(sync)]
    assert sync["state"] == "applied"
    assert wrong == [
        (1, "before_earlier_position"),
        (2, "before_recruitment"),
        (3, "before_recruitment"),
        (4, "left_before_position"),
    ]
