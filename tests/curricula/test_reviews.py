"""Review: a version is submitted, and who is asked reads and comments on it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.core.schemas import today
from tests.competencies.steps import address, made
from tests.curricula.review_steps import (
    APPROVE,
    ask,
    do,
    draft,
    resolve,
    say,
    submit,
    try_to,
    try_to_decide,
)
from tests.curricula.steps import change, curriculum, module_draft, version
from tests.world import Somebody, World, everything, problem


class TestSubmitting:
    async def test_all_that_stands_against_it_is_told_at_once(self, hanoi: Somebody):
        unfinished = {"id": await module_draft(hanoi), "hours": 10.0}
        began = await curriculum(hanoi, unfinished, hours=50.0)
        refused = await try_to(hanoi, began["open_version_id"], "submit", quorum=1)
        assert problem(refused) == (409, "curriculum-not-ready")
        against = [each["rule"] for each in refused.json()["findings"]]
        assert against == ["hours_do_not_add_up", "module_not_published"]

    async def test_it_does_not_change_until_it_is_returned(self, hanoi: Somebody):
        id = await draft(hanoi)
        due = today() + timedelta(days=14)
        submitted = await do(hanoi, id, "submit", quorum=2, due_on=str(due))
        told = [submitted[n] for n in ("state", "round", "quorum", "review_due_on")]
        assert told == ["in_review", 1, 2, str(due)]
        refused = await change(hanoi, id, title_en="Other")
        assert problem(refused) == (409, "curriculum-version-not-draft")
        again = await try_to(hanoi, id, "submit", quorum=1)
        assert problem(again) == (409, "curriculum-version-not-draft")
        await do(hanoi, id, "return", note="Bổ sung.")
        made(await change(hanoi, id, title_en="Other"), 200)
        assert (await submit(hanoi, id))["round"] == 2

    async def test_days_are_as_they_are_written(self, hanoi: Somebody):
        id = await draft(hanoi)
        past = str(today() - timedelta(days=1))
        for body, code in (
            ({"quorum": 0}, "greater_than_equal"),
            ({"quorum": 1, "due_on": past}, "day_past"),
        ):
            refused = await try_to(hanoi, id, "submit", **body)
            assert [each["code"] for each in refused.json()["errors"]] == [code]

    async def test_a_draft_is_nothing_to_return(self, hanoi: Somebody):
        refused = await try_to(hanoi, await draft(hanoi), "return", note="?")
        assert problem(refused) == (409, "nothing-to-return")


class TestWhoIsAsked:
    async def test_reads_while_it_is_reviewed(
        self, hanoi: Somebody, hue: Somebody, expert: Somebody, world: World
    ):
        id = await draft(hanoi)
        await ask(hanoi, id, invited_organization_id=str(hue.organization))
        path = f"/curriculum-versions/{id}"
        assert problem(await hue.get(path)) == (404, "not-found")
        await submit(hanoi, id)
        assert made(await hue.get(f"{path}/whole"), 200)["modules"]
        assert problem(await expert.get(path)) == (404, "not-found")
        assert problem(await try_to(hue, id, "return", note="?")) == (404, "not-found")
        await do(hanoi, id, "return", note="Bổ sung.")
        assert problem(await hue.get(path)) == (404, "not-found")

    @pytest.mark.parametrize("role", ["viewer", "instructor"])
    async def test_is_invited_by_address_wherever_they_work(
        self, hanoi: Somebody, world: World, role: str
    ):
        somebody = await world.somebody(role, await world.organization("moh", "ministry"))
        id = await draft(hanoi)
        invitation = await ask(hanoi, id, email=await address(world, somebody))
        await submit(hanoi, id)
        (mine,) = await everything(somebody, "/review-invitations")
        assert (mine["id"], mine["decides"]) == (invitation["id"], False)
        said = await say(somebody, id)
        assert said["author"] == f"{role}:{somebody.subject}"
        refused = await try_to_decide(somebody, id, **APPROVE)
        assert problem(refused) == (409, "not-a-reviewer")
        made(await hanoi.post(f"/review-invitations/{invitation['id']}/end"), 200)
        assert problem(await try_to_decide(somebody, id, **APPROVE)) == (404, "not-found")
        assert await everything(somebody, "/review-comments") == []

    async def test_an_organisation_comments_and_persons_decide(
        self, hanoi: Somebody, hue: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        path = f"/curriculum-versions/{id}/invitations"
        place = {"invited_organization_id": str(hue.organization)}
        refused = await hanoi.post(path, json=place | {"decides": True})
        assert [each["code"] for each in refused.json()["errors"]] == ["organization_decides"]
        await ask(hanoi, id, **place)
        refused = await hanoi.post(path, json=place)
        assert problem(refused) == (409, "organization-already-invited")
        person = {"email": await address(world, expert)}
        await ask(hanoi, id, **person)
        refused = await hanoi.post(path, json=person | {"decides": True})
        assert problem(refused) == (409, "user-already-invited")
        refused = await hanoi.post(path, json={"email": f"{uuid4().hex}@test.example"})
        assert problem(refused) == (422, "invited-user-unknown")

    async def test_nobody_is_invited_once_it_is_over(
        self, hanoi: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        made(await hanoi.post(f"/curriculum-versions/{id}/discard"), 200)
        body = {"email": await address(world, expert)}
        refused = await hanoi.post(f"/curriculum-versions/{id}/invitations", json=body)
        assert problem(refused) == (409, "review-closed")


class TestComments:
    async def test_everybody_who_is_asked_reads_what_all_say(
        self, hanoi: Somebody, hue: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        await ask(hanoi, id, invited_organization_id=str(hue.organization))
        (module,) = (await version(hanoi, id))["modules"]
        whole = await say(hue, id)
        about = await say(expert, id, module_id=module["module_id"])
        answer = f"/review-comments/{about['id']}/answer"
        answered = made(await hanoi.post(answer, json={"text": "Vì sao?"}))
        again = f"/review-comments/{answered['id']}/answer"
        last = made(await hue.post(again, json={"text": "Quá ngắn."}))
        assert (last["thread_id"], last["module_id"]) == (about["id"], module["module_id"])
        for reader in (hanoi, hue, expert):
            said = await everything(reader, "/review-comments", curriculum_version=id)
            assert [each["id"] for each in said] == [
                each["id"] for each in (whole, about, answered, last)
            ]
            on_it = await everything(reader, "/review-comments", module=module["module_id"])
            assert len(on_it) == 3

    async def test_are_of_what_the_version_has(self, expert: Somebody, reviewed: dict[str, str]):
        body = {"text": "?", "module_id": str(uuid4())}
        refused = await expert.post(f"/curriculum-versions/{reviewed['id']}/comments", json=body)
        assert problem(refused) == (422, "comment-on-unknown-module")

    async def test_are_taken_while_it_lasts(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        said = await say(expert, reviewed["id"])
        await do(hanoi, reviewed["id"], "return", note="Bổ sung.")
        late = {"text": "?"}
        for somebody in (hanoi, expert):
            refused = await somebody.post(f"/review-comments/{said['id']}/answer", json=late)
            assert problem(refused) == (409, "not-in-review")
        path = f"/curriculum-versions/{reviewed['id']}/comments"
        assert problem(await hanoi.post(path, json=late)) == (409, "not-in-review")
        await resolve(hanoi, said["id"])  # while it is worked in
