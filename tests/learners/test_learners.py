"""Officers on a roster: who sees them, how they are added and changed, what is kept of them."""

import unicodedata
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.events.models import Event
from tests.world import add_learner, problem, replace

LEAST = {
    "external_id": "CB-1",
    "full_name": "Lê An",
    "position_title": "Chuyên viên",
    "position_since": "2020-01-01",
}


def errors(response):
    assert problem(response) == (422, "invalid-request")
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


class TestTenancy:
    async def test_a_learner_exists_for_their_organization_and_the_academy(
        self, academy, hanoi, hue
    ):
        learner = await add_learner(hanoi)
        path = f"/learners/{learner['id']}"

        assert (await hanoi.get(path)).json() == learner
        assert (await academy.get(path)).json() == learner
        assert problem(await hue.get(path)) == (404, "not-found")
        assert (await hue.get("/learners")).json()["items"] == []

    async def test_a_learner_reads_their_own_record_and_nobody_elses(self, world, hanoi):
        own, other = await add_learner(hanoi), await add_learner(hanoi)
        learner = await world.somebody("learner", hanoi.organization, own["id"])

        assert (await learner.get("/learners")).json()["items"] == [own]
        assert problem(await learner.get(f"/learners/{other['id']}")) == (404, "not-found")
        positions = (await learner.get(f"/learners/{own['id']}/positions")).json()["items"]
        assert [position["learner_id"] for position in positions] == [own["id"]]

    async def test_only_the_academy_adds_to_another_roster(self, academy, hanoi, hue):
        theirs = {"organization_id": str(hue.organization)}
        assert problem(await hanoi.post("/learners", json=LEAST | theirs)) == (404, "not-found")
        made = await add_learner(academy, **theirs)
        assert made["organization_id"] == str(hue.organization)
        assert (await hue.get(f"/learners/{made['id']}")).json() == made

        nobodys = {"organization_id": str(uuid4())}
        assert problem(await academy.post("/learners", json=LEAST | nobodys)) == (404, "not-found")


class TestAdding:
    async def test_what_is_left_out_has_its_usual_value(self, hanoi):
        made = (await hanoi.post("/learners", json=LEAST)).json()
        today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
        assert made | LEAST == made
        assert made["organization_id"] == str(hanoi.organization)
        assert (made["status"], made["status_since"]) == ("active", today)
        assert (made["leadership_level"], made["category"]) == ("none", "civil_servant")
        assert (made["fields"], made["languages"], made["attributes"]) == ([], [], {})

    async def test_a_text_is_one_however_it_was_typed(self, hanoi):
        """A Mac sends Hoà in another form than a PC, and people add spaces at the ends."""
        typed = unicodedata.normalize("NFD", "  Đặng Thị Hoà ")
        made = await add_learner(hanoi, full_name=typed, attributes={"que": typed})
        assert made["full_name"] == made["attributes"]["que"] == "Đặng Thị Hoà"
        assert unicodedata.is_normalized("NFC", made["full_name"])

    async def test_an_external_id_is_given_once_on_a_roster(self, hanoi, hue):
        made = await add_learner(hanoi, external_id="CB-1")
        assert problem(await hanoi.post("/learners", json=LEAST)) == (409, "external-id-taken")
        assert (await hue.post("/learners", json=LEAST)).status_code == 201
        other = await add_learner(hanoi, external_id="CB-2")
        refusal = await replace(hanoi, f"/learners/{other['id']}", external_id="CB-1")
        assert problem(refusal) == (409, "external-id-taken")
        assert (await hanoi.get(f"/learners/{made['id']}")).json() == made

    async def test_a_unit_is_one_of_the_same_organization(self, hanoi, hue):
        unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
        theirs = (await hue.post("/units", json=unit)).json()["id"]
        for unknown in (theirs, str(uuid4())):
            refusal = await hanoi.post("/learners", json=LEAST | {"unit_id": unknown})
            assert problem(refusal) == (422, "unit-unknown")

    async def test_all_mistakes_are_told_at_once_and_no_value_is_repeated(self, hanoi):
        secret = "079203001234"
        body = {
            "external_id": "có dấu",
            "full_name": "   ",
            "position_title": "Chuyên viên",
            "position_since": "2020-02-30",
            "email": f"{secret} at example",
            "national_id": f"{secret}9",
            "fields": ["fishing"],
            "languages": [{"language": "en", "level": 7}],
            "salary": 1,
        }
        refusal = await hanoi.post("/learners", json=body)
        assert errors(refusal) == {
            ("/external_id", "string_pattern_mismatch"),
            ("/full_name", "string_too_short"),
            ("/position_since", "date_from_datetime_parsing"),
            ("/email", "string_pattern_mismatch"),
            ("/national_id", "string_pattern_mismatch"),
            ("/fields/0", "literal_error"),
            ("/languages/0/level", "less_than_equal"),
            ("/salary", "extra_forbidden"),
        }
        assert secret not in refusal.text

    async def test_a_language_has_one_level(self, hanoi):
        skills = [{"language": "en", "level": 3}, {"language": "en", "level": 4}]
        refusal = await hanoi.post("/learners", json=LEAST | {"languages": skills})
        assert errors(refusal) == {("/languages", "language_twice")}


class TestAttributes:
    async def test_keep_what_an_hr_system_says_as_it_says_it(self, hanoi):
        kept = {"party_member": True, "grade": 3, "ratio": 4.98, "old_id": "007", "note": None}
        made = await add_learner(hanoi, attributes=kept)
        assert made["attributes"] == kept
        assert isinstance(made["attributes"]["party_member"], bool)
        read = (await hanoi.get(f"/learners/{made['id']}")).json()
        assert read["attributes"] == kept

    @pytest.mark.parametrize(
        "attributes",
        [
            {"nested": {"a": 1}},
            {"list": [1]},
            {"có dấu": 1},
            {"large": 2**53 + 1},
            {"long": "x" * 501},
            {f"a{n}": n for n in range(51)},
        ],
    )
    async def test_are_plain_few_and_short(self, hanoi, attributes):
        refusal = await hanoi.post("/learners", json=LEAST | {"attributes": attributes})
        pointers = {pointer.split("/")[1] for pointer, _ in errors(refusal)}
        assert pointers == {"attributes"}


class TestReplacing:
    async def test_is_of_the_whole_except_what_only_we_keep(self, hanoi):
        made = await add_learner(
            hanoi, rank="Chuyên viên", attributes={"a": 1}, national_id=f"{uuid4().int % 10**9:09}"
        )
        path = f"/learners/{made['id']}"
        headers = {"If-Match": '"1"'}
        replaced = (await hanoi.put(path, json=LEAST, headers=headers)).json()
        assert replaced | LEAST == replaced
        assert (replaced["rank"], replaced["attributes"]) == (None, {})
        for kept in ("id", "organization_id", "created_at", "national_id_tail", "status_since"):
            assert replaced[kept] == made[kept]
        assert replaced["version"] == 2
        assert (await hanoi.get(path)).json() == replaced

    async def test_by_the_same_is_no_change_and_no_news(self, world, hanoi):
        """Many HR systems send everybody every night."""
        made = await add_learner(
            hanoi,
            languages=[{"language": "fr", "level": 2}, {"language": "en", "level": 4}],
            fields=["protocol_and_events", "consular"],
            attributes={"b": 1, "a": 2},
            national_id="001188000001",
        )
        again = await replace(hanoi, f"/learners/{made['id']}", national_id="001188000001")
        assert again.status_code == 200
        assert again.json() == made
        assert again.headers["ETag"] == '"1"'
        async with world.session() as session:
            told = await session.scalar(select(func.count()).where(Event.subject_id == made["id"]))
        assert told == 1

    async def test_keeps_the_position_held_before(self, hanoi):
        learner = await add_learner(hanoi, position_title="Chuyên viên")
        path = f"/learners/{learner['id']}"
        changed = await replace(
            hanoi, path, position_title="Trưởng phòng", position_since="2024-05-01"
        )
        assert changed.status_code == 200, changed.text

        held = (await hanoi.get(f"{path}/positions")).json()["items"]
        assert [(p["position_title"], p["held_from"], p["held_until"]) for p in held] == [
            ("Trưởng phòng", "2024-05-01", None),
            ("Chuyên viên", "2020-01-01", "2024-05-01"),
        ]

    async def test_tells_who_follows_of_a_new_key_and_the_former(self, world, hanoi):
        made = await add_learner(hanoi, external_id="OLD")
        await replace(hanoi, f"/learners/{made['id']}", external_id="NEW")
        async with world.session() as session:
            data = select(Event.data).where(Event.name == "learner.changed")
            changed = await session.scalar(data.where(Event.subject_id == made["id"]))
        assert changed == {"key": "NEW", "former_key": "OLD"}
