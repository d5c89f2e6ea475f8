"""Memberships: the roles that users hold in organisations."""

from uuid import uuid4

import pytest

from tests.accounts.steps import (
    REFUSED,
    add_user,
    at_a_browser,
    comes_in,
    coordinator,
    give_role,
)
from tests.world import Somebody, World, add_learner, everything, problem


class TestGiving:
    async def test_lets_somebody_in_with_that_role(
        self, world: World, academy: Somebody, hanoi: Somebody
    ):
        user = await add_user(academy)
        given = await give_role(academy, user["id"], hanoi.organization, "viewer")
        assert given.status_code == 201
        assert (given.json()["role"], given.json()["ended_at"]) == ("viewer", None)
        mine = await everything(academy, "/memberships", user=user["id"])
        assert mine == [given.json()]
        there = await everything(academy, "/memberships", organization=str(hanoi.organization))
        assert given.json() in there
        viewer = await comes_in(world, user["id"])
        assert (await viewer.get("/learners")).status_code == 200
        assert problem(await viewer.post("/learners", json={})) == (403, "forbidden")

    @pytest.mark.parametrize("role", ["academy_admin", "academy_staff", "auditor"])
    async def test_a_role_that_sees_everything_is_for_the_academy_alone(
        self, academy: Somebody, hanoi: Somebody, role: str
    ):
        user = await add_user(academy)
        refusal = await give_role(academy, user["id"], hanoi.organization, role)
        assert problem(refusal) == (422, "role-of-the-academy")
        given = await give_role(academy, user["id"], academy.organization, role)
        assert given.status_code == 201

    @pytest.mark.parametrize("role", ["client", "root", ""])
    async def test_what_is_no_persons_role_is_refused(
        self, academy: Somebody, hanoi: Somebody, role: str
    ):
        user = await add_user(academy)
        refusal = await give_role(academy, user["id"], hanoi.organization, role)
        assert problem(refusal) == (422, "invalid-request")

    async def test_the_same_twice_is_refused_even_after_it_ended(
        self, academy: Somebody, hanoi: Somebody, hue: Somebody
    ):
        user = (await add_user(academy))["id"]
        first = (await give_role(academy, user, hanoi.organization)).json()
        for _ in range(2):
            again = await give_role(academy, user, hanoi.organization)
            assert problem(again) == (409, "membership-taken")
            await academy.post(f"/memberships/{first['id']}/end")
        for other in (
            await give_role(academy, user, hanoi.organization, "coordinator"),
            await give_role(academy, user, hue.organization),
        ):
            assert other.status_code == 201

    async def test_to_or_in_what_is_not_there_is_refused(self, academy: Somebody, hanoi: Somebody):
        unknown = await give_role(academy, uuid4(), hanoi.organization)
        assert problem(unknown) == (422, "user-unknown")
        user = (await add_user(academy))["id"]
        assert problem(await give_role(academy, user, uuid4())) == (404, "not-found")


class TestALearner:
    async def test_sees_their_own_record_and_no_other(
        self, world: World, academy: Somebody, hanoi: Somebody
    ):
        mine, colleague = await add_learner(hanoi), await add_learner(hanoi)
        user = (await add_user(academy))["id"]
        given = await give_role(academy, user, hanoi.organization, "learner", learner_id=mine["id"])
        assert given.json()["learner_id"] == mine["id"]
        learner = await comes_in(world, user)
        assert [row["id"] for row in await everything(learner, "/learners")] == [mine["id"]]
        assert problem(await learner.get(f"/learners/{colleague['id']}")) == (404, "not-found")

    async def test_needs_a_record_on_that_organizations_roster(
        self, academy: Somebody, hanoi: Somebody, hue: Somebody
    ):
        elsewhere = (await add_learner(hue))["id"]
        user = (await add_user(academy))["id"]
        for id in (elsewhere, str(uuid4())):
            refusal = await give_role(academy, user, hanoi.organization, "learner", learner_id=id)
            assert problem(refusal) == (422, "learner-unknown")

    async def test_and_nobody_else_has_one(self, academy: Somebody, hanoi: Somebody):
        user, learner = (await add_user(academy))["id"], (await add_learner(hanoi))["id"]
        without = await give_role(academy, user, hanoi.organization, "learner")
        needless = await give_role(academy, user, hanoi.organization, learner_id=learner)
        for refusal in (without, needless):
            assert problem(refusal) == (422, "invalid-request")
            (error,) = refusal.json()["errors"]
            assert error["code"] == "learner_without_record"


class TestEnding:
    async def test_refuses_the_very_next_request_there_and_only_there(
        self, world: World, academy: Somebody
    ):
        linh, other = await coordinator(world), await coordinator(world)
        ended, going_on = await at_a_browser(world, linh), await at_a_browser(world, other)
        answer = await academy.post(f"/memberships/{linh.memberships[0]}/end")
        assert answer.json()["ended_at"] is not None
        assert (await ended.calls(), await going_on.calls()) == (401, 200)
        refreshed = await ended.portal.refreshes(ended.refresh)
        assert refreshed.status_code == 400
        with pytest.raises(LookupError):
            await comes_in(world, linh.id)

    async def test_leaves_their_other_roles(
        self, world: World, academy: Somebody, hanoi: Somebody, hue: Somebody
    ):
        user = (await add_user(academy))["id"]
        first = (await give_role(academy, user, hanoi.organization)).json()
        await give_role(academy, user, hue.organization)
        in_hanoi = await comes_in(world, user)
        await academy.post(f"/memberships/{first['id']}/end")
        assert problem(await in_hanoi.get("/learners")) == REFUSED
        in_hue = await comes_in(world, user)
        me = (await in_hue.get("/me")).json()
        assert me["organization"]["id"] == str(hue.organization)
        both = await everything(academy, "/memberships", user=user)
        for ended in (True, False):
            assert await everything(academy, "/memberships", user=user, ended=ended) == [
                row for row in both if (row["ended_at"] is not None) == ended
            ]

    async def test_can_be_taken_back(self, world: World, academy: Somebody):
        linh = await coordinator(world)
        path = f"/memberships/{linh.memberships[0]}"
        ended = (await academy.post(f"{path}/end")).json()
        assert (await academy.post(f"{path}/end")).json() == ended, "it was over already"
        restored = await academy.post(f"{path}/restore")
        assert restored.json()["ended_at"] is None
        assert await (await at_a_browser(world, linh)).calls() == 200

    async def test_is_not_done_to_oneself(self, academy: Somebody):
        (mine,) = await everything(academy, "/memberships", user=str(academy.subject))
        refusal = await academy.post(f"/memberships/{mine['id']}/end")
        assert problem(refusal) == (409, "not-yourself")
        assert (await academy.get("/me")).status_code == 200
