"""Organisations that end on a day: where their people go, and what stays where it happened."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.core.schemas import today
from app.events.models import Event
from tests.world import add_learner, everything, problem, replace

DAY = "2025-07-01"
DECISION = "Nghị quyết 202/2025/QH15"


async def succeed(academy, former, successor, *, day=DAY, dry_run=False, units=()):
    """`units` are pairs of a unit and where its people go."""
    body = {"effective_on": day, "document": DECISION, "successor_id": str(successor)}
    body["units"] = [{"unit_id": unit, "successor_id": str(to)} for unit, to in units]
    path = f"/organizations/{former}/succeed"
    return await academy.post(path, json=body, params={"dry_run": dry_run})


async def done(*args, **options):
    response = await succeed(*args, **options)
    assert response.status_code == 200, response.text
    return response.json()


async def add_unit(client, code, parent=None):
    body = {"code": code, "name_vi": code, "name_en": code, "parent_id": parent}
    made = await client.post("/units", json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


async def roster(client, **query):
    """Who is on it, by external id."""
    return {row["external_id"]: row for row in await everything(client, "/learners", **query)}


async def positions(client, learner):
    rows = await everything(client, f"/learners/{learner['id']}/positions", sort="held_from")
    return [(row["organization_id"], row["held_from"], row["held_until"]) for row in rows]


@pytest.fixture
async def hatay(world):
    """The coordinator of a province that will end."""
    return await world.somebody("coordinator", await world.organization("hatay"))


@pytest.fixture
async def merged(academy, hatay, hanoi):
    """Somebody of Hà Tây, and what the merger with Hà Nội answered."""
    learner = await add_learner(hatay, external_id="HT-1", full_name="Lê An")
    return learner, await done(academy, hatay.organization, hanoi.organization)


class TestMerger:
    async def test_moves_everyone_to_the_successor(self, academy, hatay, hanoi, merged):
        learner, answer = merged
        assert answer == {
            "organization_id": str(hatay.organization),
            "effective_on": DAY,
            "dry_run": False,
            "moved": [{"successor_id": str(hanoi.organization), "people": 1}],
            "renamed": 0,
            "duplicates": 0,
        }
        there = (await roster(hanoi))["HT-1"]
        assert (there["id"], there["position_since"]) == (learner["id"], DAY)
        former, now = str(hatay.organization), str(hanoi.organization)
        history = [(former, "2020-01-01", DAY), (now, DAY, None)]
        assert await positions(hanoi, learner) == history
        assert await roster(hatay) == {}
        assert list(await roster(hatay, as_of="2025-06-30")) == ["HT-1"]
        assert await roster(hatay, as_of=DAY) == {}

    async def test_leaves_what_happened_to_the_successors_reach(self, hatay, hanoi, hue, merged):
        """Hà Nội reads its own past and Hà Tây's, apart or together."""
        own = await add_learner(hanoi, external_id="HN-1")
        assert set(await roster(hanoi, as_of="2025-06-30")) == {"HT-1", own["external_id"]}
        theirs = await roster(hanoi, as_of="2025-06-30", organization=str(hatay.organization))
        assert set(theirs) == {"HT-1"}
        assert await roster(hue, as_of="2025-06-30") == {}

    async def test_closes_the_organization_for_newcomers(self, academy, hatay, hanoi, merged):
        body = {
            "external_id": "HT-2",
            "full_name": "Lê Bình",
            "position_title": "Chuyên viên",
            "position_since": "2020-01-01",
        }
        assert problem(await hatay.post("/learners", json=body)) == (409, "organization-closed")
        theirs = body | {"organization_id": str(hatay.organization)}
        assert problem(await academy.post("/learners", json=theirs)) == (409, "organization-closed")
        learner, _ = merged
        path = f"/learners/{learner['id']}"
        released = await hanoi.post(f"{path}/release", json={"released_on": "2026-01-01"})
        back = {
            "claim_code": released.json()["claim_code"],
            "claimed_on": "2026-01-01",
            "external_id": "HT-1",
            "position_title": "Chuyên viên",
        }
        claimed = await hatay.post("/transfers/claim", json=back)
        assert problem(claimed) == (409, "organization-closed")
        assert (await hanoi.get(path)).status_code == 200

    async def test_is_written_down_person_by_person_and_told(self, world, hatay, hanoi, merged):
        learner, _ = merged
        async with world.session() as session:
            entry = (
                await session.execute(
                    select(AuditEntry.actor, AuditEntry.changes).where(
                        AuditEntry.row_id == learner["id"], AuditEntry.operation == "update"
                    )
                )
            ).one()
            told = select(Event.data).where(Event.name == "organization.succeeded")
            news = await session.scalar(told.where(Event.organization_id == hanoi.organization))
        assert entry.actor.startswith("academy_admin:")
        former, now = str(hatay.organization), str(hanoi.organization)
        assert entry.changes["organization_id"] == [former, now]
        assert news == {"effective_on": DAY, "people": 1}

    async def test_happens_once(self, world, academy, hatay, merged):
        other = await world.organization("other")
        again = await succeed(academy, hatay.organization, other)
        assert problem(again) == (409, "already-succeeded")

    async def test_may_go_on_to_another_successor(self, world, academy, hatay, hanoi, merged):
        """Records of the first remain in reach of the last, and so do people."""
        capital = await world.somebody("coordinator", await world.organization("capital"))
        await done(academy, hanoi.organization, capital.organization, day="2026-01-01")
        learner, _ = merged
        assert [place for place, *_ in await positions(capital, learner)] == [
            str(hatay.organization),
            str(hanoi.organization),
            str(capital.organization),
        ]
        assert set(await roster(capital, as_of="2025-06-30")) == {"HT-1"}
        assert set(await roster(capital)) == {"HT-1"}


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


class TestDryRun:
    async def test_tells_what_would_happen_and_changes_nothing(self, world, academy, hatay, hanoi):
        await add_learner(hatay, external_id="CB-1")
        await add_learner(hanoi, external_id="CB-1")
        path = f"/organizations/{hatay.organization}"

        async def everything_there():
            async with world.session() as session:
                counted = [
                    await session.scalar(select(func.count()).select_from(kind))
                    for kind in (AuditEntry, Event)
                ]
            rosters = [await roster(client) for client in (hatay, hanoi)]
            return counted, rosters, (await academy.get(path)).json()

        before = await everything_there()
        plan = await done(academy, hatay.organization, hanoi.organization, dry_run=True)
        assert await everything_there() == before
        carried_out = await done(academy, hatay.organization, hanoi.organization)
        assert plan.pop("dry_run") is not carried_out.pop("dry_run")
        assert plan == carried_out
        assert plan["renamed"] == 1


class TestRefusals:
    async def test_name_successors_open_that_day(self, world, academy, hatay, hanoi, merged):
        future = await world.organization("of 2026")
        await replace(academy, f"/organizations/{future}", opened_on="2026-01-01")
        body = (await world.organization("one"), future)
        assert problem(await succeed(academy, *body)) == (422, "successor-unknown")
        closed = (body[0], hatay.organization)
        assert problem(await succeed(academy, *closed)) == (422, "successor-unknown")
        assert problem(await succeed(academy, body[0], uuid4())) == (422, "successor-unknown")
        assert problem(await succeed(academy, body[0], body[0])) == (422, "succeeds-itself")
        assert problem(await succeed(academy, uuid4(), body[0])) == (404, "not-found")

    async def test_come_on_their_day_or_later(self, academy, hatay, hanoi):
        tomorrow = (today() + timedelta(2)).isoformat()
        early = await succeed(academy, hatay.organization, hanoi.organization, day=tomorrow)
        assert problem(early) == (422, "invalid-request")
        assert [error["code"] for error in early.json()["errors"]] == ["not_yet"]
        before_all = await succeed(
            academy, hatay.organization, hanoi.organization, day="2008-08-01"
        )
        assert problem(before_all) == (422, "organization-closes-before-opening")

    async def test_a_successor_from_below_must_first_come_up(self, world, academy):
        above = await world.organization("above")
        below = await world.organization("below", parent=above)
        assert problem(await succeed(academy, above, below)) == (422, "organization-below-itself")
        await replace(academy, f"/organizations/{below}", parent_id=None)
        assert (await succeed(academy, above, below)).status_code == 200

    async def test_only_an_administrator_may(self, world, hatay, hanoi):
        staff = await world.somebody("academy_staff")
        for client in (hatay, hanoi, staff):
            response = await succeed(client, hatay.organization, hanoi.organization)
            assert problem(response) == (403, "forbidden")


class TestAtTheSameMoment:
    async def test_nobody_is_added_to_a_roster_that_is_being_closed(self, academy, hatay, hanoi):
        """Who is added in time moves along; who comes too late is refused; nobody stays."""

        async def add(n):
            body = {
                "external_id": f"CB-{n}",
                "full_name": "Lê An",
                "position_title": "Chuyên viên",
                "position_since": "2020-01-01",
            }
            await asyncio.sleep(n * 0.002)
            return await hatay.post("/learners", json=body)

        adding = asyncio.gather(*(add(n) for n in range(24)))
        await asyncio.sleep(0.02)
        closing = succeed(academy, hatay.organization, hanoi.organization)
        answers, closed = await asyncio.gather(adding, closing)
        assert closed.status_code == 200
        added = {a.json()["external_id"] for a in answers if a.status_code == 201}
        late = {problem(answer) for answer in answers if answer.status_code != 201}
        assert late <= {(409, "organization-closed")}
        assert await roster(hatay) == {}
        assert set(await roster(hanoi)) == added

    async def test_an_organization_is_not_succeeded_by_two(self, world, academy, hatay, hanoi, hue):
        for n in range(5):
            await add_learner(hatay, external_id=f"CB-{n}")
        answers = await asyncio.gather(
            *(succeed(academy, hatay.organization, c.organization) for c in (hanoi, hue))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert sorted([len(await roster(hanoi)), len(await roster(hue))]) == [0, 5]
