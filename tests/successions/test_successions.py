"""Organisations that end on a day: where their people go, and what stays where it happened."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.core.schemas import today
from app.events.models import Event
from tests.successions.steps import DAY, done, positions, roster, succeed
from tests.world import add_learner, problem, replace


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
