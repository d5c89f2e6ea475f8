"""Where the people of an organisation go when it ends, and what they take along."""

from uuid import uuid4

from tests.successions.steps import add_unit, done, positions, roster, succeed
from tests.world import add_learner, problem, replace


class TestPeople:
    async def test_keep_what_they_are_except_the_place(self, academy, hatay, hanoi):
        office = await add_unit(hatay, "SNGV")
        theirs = await add_unit(hanoi, "SNGV")
        known = await add_learner(hatay, unit_id=office, external_id="1")
        alone = await add_learner(hatay, unit_id=await add_unit(hatay, "X"), external_id="2")
        await done(academy, hatay.organization, hanoi.organization)
        there = await roster(hanoi)
        assert there["1"]["unit_id"] == theirs, "the unit of the same code"
        assert there["2"]["unit_id"] is None
        for before, after in ((known, there["1"]), (alone, there["2"])):
            for kept in ("full_name", "position_title", "status", "status_since", "created_at"):
                assert after[kept] == before[kept]

    async def test_who_took_office_after_the_day_has_only_been_at_the_successor(
        self, academy, hatay, hanoi
    ):
        late = await add_learner(hatay, position_since="2025-08-15")
        await done(academy, hatay.organization, hanoi.organization)
        assert await positions(hanoi, late) == [(str(hanoi.organization), "2025-08-15", None)]

    async def test_who_had_left_comes_along_with_their_history_as_it_was(
        self, academy, hatay, hanoi
    ):
        gone = await add_learner(hatay, status="left", status_since="2022-01-01")
        await done(academy, hatay.organization, hanoi.organization)
        there = (await hanoi.get(f"/learners/{gone['id']}")).json()
        for kept in ("status", "status_since", "position_since"):
            assert there[kept] == gone[kept]
        former = str(hatay.organization)
        assert await positions(hanoi, gone) == [(former, "2020-01-01", "2022-01-01")]

        back = {"status": "active", "status_since": "2026-01-01", "position_since": "2026-01-01"}
        assert (await replace(hanoi, f"/learners/{gone['id']}", **back)).status_code == 200
        assert (await positions(hanoi, gone))[1:] == [(str(hanoi.organization), "2026-01-01", None)]

    async def test_whose_key_is_taken_get_one_that_says_where_they_came_from(
        self, academy, hatay, hanoi
    ):
        long = "x" * 40
        for client in (hatay, hanoi):
            await add_learner(client, external_id="CB-1")
            await add_learner(client, external_id=long)
        await add_learner(hatay, external_id="CB-2")
        code = (await academy.get(f"/organizations/{hatay.organization}")).json()["code"]
        answer = await done(academy, hatay.organization, hanoi.organization)
        assert answer["renamed"] == 2
        there = await roster(hanoi)
        assert set(there) == {"CB-1", "CB-2", long, f"{code}/CB-1", f"{code}/{long}"}
        path = f"/learners/{there[f'{code}/{long}']['id']}"
        assert (await replace(hanoi, path, full_name="Lê An")).status_code == 200
        assert len(await roster(hanoi, external_id=f"{code}/CB-1")) == 1

    async def test_who_are_there_already_stop_no_merger(self, academy, hatay, hanoi):
        """Who moved before without a transfer stands on both rosters, on one as having left."""
        number = f"{uuid4().int % 10**12:012}"
        former = await add_learner(
            hatay, national_id=number, status="left", status_since="2022-01-01"
        )
        twin = await add_learner(hanoi, national_id=number)
        answer = await done(academy, hatay.organization, hanoi.organization)
        assert answer["duplicates"] == 1
        again = await replace(hanoi, f"/learners/{former['id']}", national_id=number)
        assert problem(again) == (409, "national-id-taken")
        same = await replace(hanoi, f"/learners/{twin['id']}", national_id=number)
        assert same.status_code == 200


class TestSplit:
    async def test_sends_units_with_those_below_them_where_it_is_said(
        self, world, academy, hatay, hanoi, hue
    ):
        """The nearest unit that is sent somewhere decides."""
        office = await add_unit(hatay, "A")
        division = await add_unit(hatay, "B", office)
        group = await add_unit(hatay, "C", division)
        other = await add_unit(hatay, "D")
        for unit in (office, division, group, other, None):
            await add_learner(hatay, unit_id=unit, external_id=f"in-{unit}")
        third = await world.somebody("coordinator", await world.organization("third"))
        answer = await done(
            academy,
            hatay.organization,
            hanoi.organization,
            units=[(office, hue.organization), (group, third.organization)],
        )
        people = {move["successor_id"]: move["people"] for move in answer["moved"]}
        assert people == {
            str(hanoi.organization): 2,
            str(hue.organization): 2,
            str(third.organization): 1,
        }
        assert set(await roster(hanoi)) == {f"in-{other}", "in-None"}
        assert set(await roster(hue)) == {f"in-{office}", f"in-{division}"}
        assert set(await roster(third)) == {f"in-{group}"}
        closed = (await academy.get(f"/organizations/{hatay.organization}")).json()
        assert set(closed["successor_ids"]) == set(people)
        assert closed["successor_ids"][0] == closed["parent_id"] == str(hanoi.organization)

    async def test_takes_units_of_its_own_each_once(self, academy, hatay, hanoi, hue):
        theirs, own = await add_unit(hanoi, "A"), await add_unit(hatay, "A")
        for units, refusal in (
            ([(theirs, hue.organization)], (422, "unit-not-there")),
            ([(str(uuid4()), hue.organization)], (422, "unit-not-there")),
            ([(own, hue.organization), (own, hanoi.organization)], (422, "invalid-request")),
            ([(own, uuid4())], (422, "successor-unknown")),
        ):
            response = await succeed(academy, hatay.organization, hanoi.organization, units=units)
            assert problem(response) == refusal
        assert (await academy.get(f"/organizations/{hatay.organization}")).json()["version"] == 1
