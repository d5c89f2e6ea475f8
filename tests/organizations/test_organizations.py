"""The tree of organisations: who is in it on which day, and who may change it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.schemas import today
from app.events.models import Event
from tests.world import everything, problem, replace


def a_province(**fields):
    code = f"T-{uuid4().hex[:10]}"
    body = {"code": code, "kind": "province", "opened_on": "2010-01-01"}
    names = {"name_vi": "Tỉnh Thử", "name_en": "Test province", "short_name_vi": "Thử"}
    return body | names | fields


async def add(academy, **fields):
    made = await academy.post("/organizations", json=a_province(**fields))
    assert made.status_code == 201, made.text
    return made.json()


async def merge(academy, former, successor, day):
    body = {"effective_on": day, "document": "Nghị quyết", "successor_id": successor["id"]}
    merged = await academy.post(f"/organizations/{former['id']}/succeed", json=body)
    assert merged.status_code == 200, merged.text


class TestAsOf:
    @pytest.fixture
    async def merged(self, academy):
        """Two provinces that became a third on the first of July 2025."""
        first, second = await add(academy), await add(academy)
        third = await add(academy, opened_on="2025-07-01")
        for former in (first, second):
            await merge(academy, former, third, "2025-07-01")
        return first, second, third

    async def test_shows_the_map_of_a_day(self, hanoi, merged):
        async def there(**query):
            rows = await everything(hanoi, "/organizations", limit=200, **query)
            codes = {row["code"] for row in rows}
            return [province["code"] in codes for province in merged]

        assert await there(as_of="2009-12-31") == [False, False, False]
        assert await there(as_of="2025-06-30") == [True, True, False]
        assert await there(as_of="2025-07-01") == [False, False, True]
        assert await there() == [False, False, True]
        assert await there(as_of="2025-06-30", kind="ministry") == [False, False, False]

    async def test_leads_from_the_former_to_the_successor(self, hanoi, merged):
        first, _, third = merged
        (found,) = await everything(hanoi, "/organizations", code=first["code"])
        assert found["closed_on"] == "2025-07-01"
        assert found["successor_ids"] == [third["id"]]
        assert found["parent_id"] == third["id"]
        (successor,) = await everything(hanoi, "/organizations", successor_of=first["id"])
        assert successor["code"] == third["code"]
        assert successor["successor_ids"] == []

    async def test_a_code_may_be_of_a_later_day_than_asked_about(self, hanoi, merged):
        _, _, third = merged
        assert (
            await everything(hanoi, "/organizations", code=third["code"], as_of="2025-06-30") == []
        )


class TestChanging:
    async def test_is_the_academys_business_and_known_to_everyone(self, world, academy, hanoi):
        made = await add(academy)
        path = f"/organizations/{made['id']}"
        assert (await hanoi.get(path)).json() == made
        assert problem(await hanoi.post("/organizations", json=a_province())) == (403, "forbidden")
        assert problem(await replace(hanoi, path, name_vi="Tỉnh Khác")) == (403, "forbidden")

        renamed = await replace(academy, path, name_vi="Thành phố Thử")
        assert (renamed.status_code, renamed.json()["name_vi"]) == (200, "Thành phố Thử")
        assert (await hanoi.get(path)).json() == renamed.json()
        await replace(academy, path)
        async with world.session() as session:
            told = await session.scalars(
                select(Event.name).where(Event.subject_id == made["id"]).order_by(Event.sequence)
            )
            assert told.all() == ["organization.created", "organization.changed"]

    async def test_a_code_is_given_once(self, academy):
        made = await add(academy)
        again = await academy.post("/organizations", json=a_province(code=made["code"]))
        assert problem(again) == (409, "organization-code-taken")

    async def test_there_is_one_academy(self, academy):
        second = await academy.post("/organizations", json=a_province(kind="academy"))
        assert problem(second) == (409, "one-academy")

    async def test_a_parent_exists(self, academy):
        orphan = await academy.post("/organizations", json=a_province(parent_id=str(uuid4())))
        assert problem(orphan) == (422, "parent-organization-unknown")

    async def test_nobody_is_below_themselves(self, academy):
        top = await add(academy)
        middle = await add(academy, parent_id=top["id"])
        bottom = await add(academy, parent_id=middle["id"])
        path = f"/organizations/{top['id']}"
        for below in (top, middle, bottom):
            refusal = await replace(academy, path, parent_id=below["id"])
            assert problem(refusal) == (422, "organization-below-itself")
        assert (await academy.get(path)).json() == top

    async def test_a_closed_one_was_open_before(self, academy):
        former, successor = await add(academy), await add(academy)
        await merge(academy, former, successor, "2025-07-01")
        late = await replace(academy, f"/organizations/{former['id']}", opened_on="2025-07-01")
        assert problem(late) == (422, "organization-closes-before-opening")

    async def test_a_days_notice_is_enough_to_be_founded(self, academy, hanoi):
        """An organisation of the future exists, and is open from its day on."""
        tomorrow = (today() + timedelta(2)).isoformat()
        made = await add(academy, opened_on=tomorrow)
        codes = [row["code"] for row in await everything(hanoi, "/organizations", limit=200)]
        assert made["code"] not in codes
        (found,) = await everything(hanoi, "/organizations", code=made["code"], as_of=tomorrow)
        assert found == made


class TestReach:
    async def test_an_organization_reaches_those_below_it(self, world, academy):
        ministry = await world.organization("ministry", kind="ministry")
        office = await world.organization("office", kind="ministry", parent=ministry)
        above = await world.somebody("coordinator", ministry)
        below = await world.somebody("coordinator", office)
        unit = {"code": "VP", "name_vi": "Văn phòng", "name_en": "Office"}
        made = (await below.post("/units", json=unit)).json()

        assert (await above.get(f"/units/{made['id']}")).json() == made
        theirs = (await above.post("/units", json=unit)).json()
        assert problem(await below.get(f"/units/{theirs['id']}")) == (404, "not-found")

        moved = await replace(academy, f"/organizations/{office}", parent_id=None)
        assert moved.status_code == 200
        assert problem(await above.get(f"/units/{made['id']}")) == (404, "not-found")
