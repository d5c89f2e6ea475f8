"""Many want the same at the same moment: one gets it, the others are told."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from itertools import cycle
from uuid import uuid4

import pytest

from app.core.schemas import today
from app.organizations.models import Organization
from tests.world import add_learner, everything, problem

MANY = 30


async def all_at_once(calls):
    """How often each outcome came."""
    answers = await asyncio.gather(*calls)
    return Counter(
        (answer.status_code,) if answer.is_success else problem(answer) for answer in answers
    )


def described(**fields):
    body = {
        "external_id": f"R-{uuid4().hex[:8]}",
        "full_name": "Trần Văn Bình",
        "position_title": "Chuyên viên",
        "position_since": "2020-01-01",
    }
    return body | fields


async def released(sender):
    """The code that claims a learner whom the sender released."""
    learner = await add_learner(sender)
    path, body = f"/learners/{learner['id']}/release", {"released_on": "2026-01-01"}
    return (await sender.post(path, json=body)).json()["claim_code"]


async def claim(claimant, code):
    body = {
        "claim_code": code,
        "claimed_on": "2026-01-01",
        "external_id": f"R-{uuid4().hex[:8]}",
        "position_title": "Chuyên viên",
    }
    return await claimant.post("/transfers/claim", json=body)


class TestLostUpdates:
    async def test_of_fifty_changes_under_one_etag_one_is_made(self, hanoi):
        learner = await add_learner(hanoi)
        path, headers = f"/learners/{learner['id']}", {"If-Match": '"1"'}
        body = {"external_id": learner["external_id"]}
        changes = [described(**body, rank=f"Ngạch {n}") for n in range(50)]

        outcomes = await all_at_once(
            hanoi.put(path, json=change, headers=headers) for change in changes
        )
        assert outcomes == {(200,): 1, (412, "outdated"): 49}
        assert (await hanoi.get(path)).json()["version"] == 2


class TestKeys:
    async def test_of_thirty_who_add_the_same_person_one_does(self, hanoi):
        body = described()
        outcomes = await all_at_once(hanoi.post("/learners", json=body) for _ in range(MANY))
        assert outcomes == {(201,): 1, (409, "external-id-taken"): MANY - 1}

    async def test_one_request_sent_thirty_times_is_one_request(self, hanoi):
        body, headers = described(), {"Idempotency-Key": uuid4().hex}
        answers = await asyncio.gather(
            *(hanoi.post("/learners", json=body, headers=headers) for _ in range(MANY))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        replays = Counter("idempotency-replayed" in answer.headers for answer in answers)
        assert replays == {False: 1, True: MANY - 1}


class TestTransfers:
    async def test_a_learner_is_released_once(self, hanoi):
        learner = await add_learner(hanoi)
        path, body = f"/learners/{learner['id']}/release", {"released_on": "2026-01-01"}
        outcomes = await all_at_once(hanoi.post(path, json=body) for _ in range(MANY))
        assert outcomes == {(201,): 1, (409, "already-released"): MANY - 1}

    async def test_a_released_learner_is_claimed_once(self, world, hanoi, hue):
        danang = await world.somebody("coordinator", await world.organization("danang"))
        code = await released(hanoi)
        outcomes = await all_at_once(claim(claimant, code) for claimant in [hue, danang] * 10)
        assert outcomes == {(200,): 1, (404, "nothing-to-claim"): 19}
        rosters = [await everything(each, "/learners") for each in (hanoi, hue, danang)]
        assert sorted(map(len, rosters)) == [0, 0, 1]

    async def test_a_claim_and_a_cancellation_do_not_both_succeed(self, hanoi, hue):
        for _ in range(10):
            code = await released(hanoi)
            open_ones = (await hanoi.get("/transfers?state=released")).json()["items"]
            outcomes = await all_at_once(
                (
                    claim(hue, code),
                    hanoi.post(f"/transfers/{open_ones[0]['id']}/cancel"),
                )
            )
            refused = [outcome for outcome in outcomes if outcome != (200,)]
            assert outcomes[200,] == 1
            assert refused in ([(404, "nothing-to-claim")], [(409, "transfer-ended")])


class TestSuccession:
    """Whatever happens at the same moment, nobody is left behind in an organisation that closed."""

    @pytest.fixture
    async def successor(self, world):
        return await world.somebody("coordinator", await world.organization("successor"))

    async def test_people_added_meanwhile_move_too_or_are_refused(self, academy, hanoi, successor):
        async def add():
            return await hanoi.post("/learners", json=described())

        outcomes = await self._meanwhile(academy, hanoi, successor, add)
        assert outcomes.keys() <= {(201,), (409, "organization-closed")}
        assert len(await everything(hanoi, "/learners")) == 0
        assert len(await everything(successor, "/learners")) == outcomes[201,]

    async def test_people_changed_meanwhile_move_as_they_became(self, academy, hanoi, successor):
        learners = [await add_learner(hanoi) for _ in range(8)]
        dealt = cycle(learners)

        async def change():
            learner = next(dealt)
            changed = described(external_id=learner["external_id"], rank=uuid4().hex)
            headers = {"If-Match": "*"}
            return await hanoi.put(f"/learners/{learner['id']}", json=changed, headers=headers)

        outcomes = await self._meanwhile(academy, hanoi, successor, change)
        assert outcomes.keys() <= {(200,), (404, "not-found")}
        assert len(await everything(hanoi, "/learners")) == 0
        assert len(await everything(successor, "/learners")) == len(learners)

    async def test_people_claimed_meanwhile_move_too_or_stay_where_they_were(
        self, academy, hanoi, hue, successor
    ):
        codes = [await released(hue) for _ in range(24)]

        async def claim_one():
            return await claim(hanoi, codes.pop())

        outcomes = await self._meanwhile(academy, hanoi, successor, claim_one, most=len(codes))
        assert outcomes.keys() <= {(200,), (409, "organization-closed")}
        assert len(await everything(hanoi, "/learners")) == 0
        assert len(await everything(successor, "/learners")) == outcomes[200,]

    async def test_a_successor_that_closes_at_the_same_moment_passes_everybody_on(
        self, world, academy, hanoi, hue, successor
    ):
        """Hà Nội into Huế, and Huế into a third."""
        for coordinator in (hanoi, hue):
            for _ in range(4):
                await add_learner(coordinator)
        outcomes = await all_at_once(
            (
                self._succeeded(academy, hanoi, by=hue),
                self._succeeded(academy, hue, by=successor),
            )
        )
        both, only_the_second = {(200,): 2}, {(200,): 1, (422, "successor-unknown"): 1}
        assert outcomes in (both, only_the_second)
        assert await everything(hue, "/learners") == []
        stayed = len(await everything(hanoi, "/learners"))
        assert stayed == (0 if outcomes == both else 4)
        assert len(await everything(successor, "/learners")) == 8 - stayed

    async def test_what_is_about_to_close_succeeds_nobody(self, world, academy, hanoi, hue):
        async with world.session() as session:
            closing = await session.get_one(Organization, hue.organization)
            closing.closed_on = date(2025, 7, 1)
            await session.flush()
            refused = asyncio.create_task(self._succeeded(academy, hanoi, by=hue))
            await asyncio.sleep(0.3)
        assert problem(await refused) == (422, "successor-unknown")

    async def test_nobody_joins_once_it_is_done_wherever_the_database_thinks_it_is(
        self, academy, hanoi, successor, monkeypatch
    ):
        """In Viet Nam it is tomorrow for seven hours in which it is still today by UTC."""
        tomorrow = today() + timedelta(days=1)
        monkeypatch.setattr("app.successions.schemas.today", lambda: tomorrow)
        closed = await self._succeeded(academy, hanoi, by=successor, on=tomorrow)
        assert closed.status_code == 200, closed.text

        refused = await hanoi.post("/learners", json=described())
        assert problem(refused) == (409, "organization-closed")

    async def _meanwhile(self, academy, organization, successor, act, most=10_000):
        """How often each outcome came of what others did while the organisation was closed."""
        outcomes, over = Counter(), asyncio.Event()

        async def acting():
            nonlocal most
            while not over.is_set() and (most := most - 1) >= 0:
                outcomes.update(await all_at_once([act()]))

        others = [asyncio.create_task(acting()) for _ in range(6)]
        await asyncio.sleep(0.1)
        closed = await self._succeeded(academy, organization, by=successor)
        await asyncio.sleep(0.1)
        over.set()
        await asyncio.gather(*others)
        assert closed.status_code == 200, closed.text
        return outcomes

    async def _succeeded(self, academy, organization, by, on=date(2025, 7, 1)):
        decision = {
            "effective_on": on.isoformat(),
            "document": "Nghị quyết 202/2025/QH15",
            "successor_id": str(by.organization),
        }
        path = f"/organizations/{organization.organization}/succeed"
        return await academy.post(path, json=decision)
