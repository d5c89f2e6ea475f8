"""Reviewers decide, themselves or by who stands in for them."""

from datetime import timedelta

import pytest

from app.core.schemas import today
from app.curricula.reviews.models import ReviewDelegation as _Delegation
from tests.competencies.steps import address, made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    ask,
    decide,
    do,
    draft,
    name,
    stand_in,
    submit,
    trail,
    try_to,
    try_to_decide,
)
from tests.world import Somebody, World, everything, problem


class TestDeciding:
    async def test_only_who_is_named_decides(
        self, hanoi: Somebody, hue: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        decided = await decide(expert, id, **APPROVE)
        assert decided["decided_by"] == f"viewer:{expert.subject}"
        assert (decided["round"], decided["invitation_id"]) == (1, reviewed["invitation"])
        assert decided["reviewer_name"] == decided["decided_by_name"] == "Ai Đó"
        assert problem(await try_to_decide(hanoi, id, **APPROVE)) == (409, "not-a-reviewer")
        assert problem(await try_to_decide(hue, id, **APPROVE)) == (404, "not-found")

    async def test_who_requests_changes_says_which(
        self, expert: Somebody, reviewed: dict[str, str]
    ):
        refused = await try_to_decide(expert, reviewed["id"], decision="request_changes")
        codes = [each["code"] for each in refused.json()["errors"]]
        assert codes == ["changes_requested_without_note"]

    async def test_the_last_decision_of_a_reviewer_counts(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        await decide(expert, id, **APPROVE)
        await decide(expert, id, **OBJECT)
        told = await trail(hanoi, id)
        assert (told["approvals"], told["changes_requested"]) == (0, 1)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "changes-requested")
        await decide(expert, id, **APPROVE)
        await do(hanoi, id, "approve", **DOCUMENT)
        decided = await everything(expert, "/review-decisions", curriculum_version=id)
        kinds = [each["decision"] for each in decided]
        assert kinds == ["approve", "request_changes", "approve"]

    async def test_each_round_is_decided_anew(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        await decide(expert, id, **OBJECT)
        await do(hanoi, id, "return", note="Tiếp thu.")
        assert problem(await try_to_decide(expert, id, **APPROVE)) == (404, "not-found")
        await submit(hanoi, id)
        told = await trail(hanoi, id)
        assert (told["round"], told["changes_requested"]) == (2, 0)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "quorum-missing")
        (first,) = await everything(hanoi, "/review-decisions", curriculum_version=id, round=1)
        assert first["note"] == OBJECT["note"]

    async def test_who_is_asked_no_more_has_decided_nonetheless(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        """An objection does not go away with whoever made it."""
        id = reviewed["id"]
        await decide(expert, id, **OBJECT)
        made(await hanoi.post(f"/review-invitations/{reviewed['invitation']}/end"), 200)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "changes-requested")

    async def test_its_owner_is_told(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        await decide(expert, reviewed["id"], **APPROVE)
        changes = (await hanoi.get("/changes", params={"limit": 200})).json()["items"]
        told = [each for each in changes if each["subject_id"] == reviewed["id"]]
        assert [each["type"] for each in told] == [
            "curriculum_version.submitted",
            "curriculum_version.decided",
        ]
        assert told[1]["data"]["decision"] == "approve"


class TestStandingIn:
    async def test_decides_on_behalf_of_who_is_away(
        self,
        hanoi: Somebody,
        expert: Somebody,
        deputy: Somebody,
        world: World,
        reviewed: dict[str, str],
    ):
        id = reviewed["id"]
        path = f"/curriculum-versions/{id}"
        assert problem(await deputy.get(path)) == (404, "not-found")
        delegation = made(await stand_in(world, expert, reviewed["invitation"], deputy))
        made(await deputy.get(path), 200)
        assert [each["id"] for each in await everything(deputy, "/review-delegations")] == [
            delegation["id"]
        ]
        refused = await try_to_decide(deputy, id, **APPROVE)
        assert problem(refused) == (409, "not-a-reviewer")
        decided = await decide(deputy, id, **APPROVE, delegation_id=delegation["id"])
        assert decided["invitation_id"] == reviewed["invitation"]
        assert decided["delegation_id"] == delegation["id"]
        assert decided["decided_by"] == f"instructor:{deputy.subject}"
        (told,) = [each["decision"] for each in (await trail(hanoi, id))["entries"][-1:]]
        assert told == decided
        await decide(expert, id, **OBJECT)  # is back, and thinks otherwise
        assert (await trail(hanoi, id))["changes_requested"] == 1
        assert (await trail(hanoi, id))["approvals"] == 0
        made(await expert.post(f"/review-delegations/{delegation['id']}/end"), 200)
        assert problem(await deputy.get(path)) == (404, "not-found")

    @pytest.mark.parametrize(("since", "until"), [(-9, -1), (1, 9)])
    async def test_only_on_these_days(
        self,
        hanoi: Somebody,
        deputy: Somebody,
        world: World,
        reviewed: dict[str, str],
        since: int,
        until: int,
    ):
        days = [today() + timedelta(days=n) for n in (since, max(until, 0))]
        delegation = made(await stand_in(world, hanoi, reviewed["invitation"], deputy, *days))
        if until < 0:
            async with world.session() as session:
                found = await session.get_one(_Delegation, delegation["id"])
                found.until = today() + timedelta(days=until)
        path = f"/curriculum-versions/{reviewed['id']}"
        assert problem(await deputy.get(path)) == (404, "not-found")
        await ask(hanoi, reviewed["id"], email=await address(world, deputy))
        refused = await try_to_decide(
            deputy, reviewed["id"], **APPROVE, delegation_id=delegation["id"]
        )
        assert problem(refused) == (409, "not-a-reviewer")

    async def test_ends_with_the_invitation(
        self, hanoi: Somebody, deputy: Somebody, world: World, reviewed: dict[str, str]
    ):
        made(await stand_in(world, hanoi, reviewed["invitation"], deputy))
        made(await hanoi.post(f"/review-invitations/{reviewed['invitation']}/end"), 200)
        path = f"/curriculum-versions/{reviewed['id']}"
        assert problem(await deputy.get(path)) == (404, "not-found")
        (ended,) = await everything(deputy, "/review-delegations")
        assert ended["ended_at"]

    async def test_nobody_decides_for_two(
        self,
        hanoi: Somebody,
        expert: Somebody,
        deputy: Somebody,
        world: World,
        reviewed: dict[str, str],
    ):
        id = reviewed["id"]
        await name(world, hanoi, id, deputy)
        delegation = made(await stand_in(world, expert, reviewed["invitation"], deputy))
        by = {"delegation_id": delegation["id"]}
        await decide(deputy, id, **APPROVE, **by)
        refused = await try_to_decide(deputy, id, **APPROVE)
        assert problem(refused) == (409, "one-voice-each")
        await decide(expert, id, **APPROVE)
        await decide(deputy, id, **APPROVE)  # the reviewer has spoken for themselves
        assert (await trail(hanoi, id))["approvals"] == 2

    async def test_is_said_by_the_reviewer_or_by_who_named_them(
        self,
        hanoi: Somebody,
        hue: Somebody,
        expert: Somebody,
        deputy: Somebody,
        world: World,
        reviewed: dict[str, str],
    ):
        seat = reviewed["invitation"]
        assert problem(await stand_in(world, hue, seat, hue)) == (404, "not-found")
        other = await ask(hanoi, reviewed["id"], invited_organization_id=str(hue.organization))
        refused = await stand_in(world, hue, seat, hue)  # reads the version, and not the seat
        assert problem(refused) == (404, "not-found")
        heard = await ask(hanoi, reviewed["id"], email=await address(world, hue))
        for invitation in (other, heard):
            refused = await stand_in(world, hanoi, invitation["id"], deputy)
            assert problem(refused) == (409, "delegation-of-no-reviewer")
        refused = await stand_in(world, expert, seat, expert)
        assert problem(refused) == (409, "delegation-of-no-reviewer")
        made(await stand_in(world, hanoi, seat, deputy))
        refused = await stand_in(world, expert, seat, deputy)
        assert problem(refused) == (409, "delegate-already-named")
        days = [today() + timedelta(days=n) for n in (3, 2)]
        refused = await stand_in(world, hanoi, seat, hue, *days)
        codes = [each["code"] for each in refused.json()["errors"]]
        assert codes == ["delegation_ends_before_it_begins"]


async def test_a_reviewer_counts_once_however_often_they_are_invited(world: World, hanoi: Somebody):
    reviewer, delegate = await world.somebody("viewer"), await world.somebody("viewer")
    version = await draft(hanoi)
    invitation = await name(world, hanoi, version, reviewer)
    await submit(hanoi, version, quorum=2)
    delegation = made(await stand_in(world, hanoi, invitation["id"], delegate))
    await decide(delegate, version, **APPROVE, delegation_id=delegation["id"])
    made(await hanoi.post(f"/review-invitations/{invitation['id']}/end"), 200)
    await name(world, hanoi, version, reviewer)
    await decide(reviewer, version, **APPROVE)
    assert (await trail(hanoi, version))["approvals"] == 1
    refused = await try_to(hanoi, version, "approve", **DOCUMENT)
    assert problem(refused) == (409, "quorum-missing")
    await decide(reviewer, version, **OBJECT)
    standing = await trail(hanoi, version)
    assert (standing["approvals"], standing["changes_requested"]) == (0, 1)


async def test_who_is_invited_again_may_think_better_of_it(world: World, hanoi: Somebody):
    reviewer = await world.somebody("viewer")
    version = await draft(hanoi)
    invitation = await name(world, hanoi, version, reviewer)
    await submit(hanoi, version)
    await decide(reviewer, version, **OBJECT)
    made(await hanoi.post(f"/review-invitations/{invitation['id']}/end"), 200)
    await name(world, hanoi, version, reviewer)
    await decide(reviewer, version, **APPROVE)
    await do(hanoi, version, "approve", **DOCUMENT)
