"""Review: who is asked comments and decides, and a version is approved by what they decided."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.core.schemas import today
from app.curricula.review_models import ReviewDelegation as _Delegation
from tests.competencies.steps import address, made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    SHA256,
    approved,
    ask,
    decide,
    do,
    draft,
    name,
    resolve,
    say,
    stand_in,
    submit,
    trail,
    try_to,
    try_to_decide,
)
from tests.curricula.steps import change, curriculum, module_draft, version
from tests.materials.steps import add_file, add_material
from tests.world import Somebody, World, everything, problem


@pytest.fixture
async def expert(world: World) -> Somebody:
    return await world.somebody("viewer", await world.organization("moit", "ministry"))


@pytest.fixture
async def deputy(world: World) -> Somebody:
    return await world.somebody("instructor", await world.organization("moh", "ministry"))


@pytest.fixture
async def reviewed(world: World, hanoi: Somebody, expert: Somebody) -> dict[str, str]:
    """A version of Hà Nội in review, of which an expert is the reviewer."""
    id = await draft(hanoi)
    invitation = await name(world, hanoi, id, expert)
    await submit(hanoi, id)
    return {"id": id, "invitation": invitation["id"]}


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


class TestApproving:
    async def test_takes_a_quorum_and_every_thread_resolved(
        self, hanoi: Somebody, hue: Somebody, expert: Somebody, world: World
    ):
        id = await draft(hanoi)
        for reviewer in (hue, expert):
            await name(world, hanoi, id, reviewer)
        await submit(hanoi, id, quorum=2)
        said = await say(hue, id)
        await decide(hue, id, **APPROVE)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "quorum-missing")
        await decide(expert, id, **APPROVE)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "threads-unresolved")
        assert (await trail(hanoi, id))["unresolved_threads"] == 1
        await resolve(hanoi, said["id"], "declined")
        version = await do(hanoi, id, "approve", **DOCUMENT)
        assert {name: version[name] for name in DOCUMENT} == DOCUMENT
        assert version["state"] == "approved"
        made(await hue.get(f"/curriculum-versions/{id}"), 200)  # who reviewed it reads it still
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "not-in-review")

    async def test_takes_a_document_that_exists(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        await decide(expert, id, **APPROVE)
        tomorrow = str(today() + timedelta(days=1))
        bad = DOCUMENT | {"issued_on": tomorrow, "document_sha256": SHA256[1:]}
        refused = await try_to(hanoi, id, "approve", **bad)
        codes = {each["code"] for each in refused.json()["errors"]}
        assert codes == {"day_ahead", "string_pattern_mismatch"}
        unknown = DOCUMENT | {"document_material_version_id": str(uuid4())}
        refused = await try_to(hanoi, id, "approve", **unknown)
        assert problem(refused) == (422, "approval-document-unknown")

    async def test_the_document_is_the_file_among_the_materials(
        self, hanoi: Somebody, hue: Somebody, expert: Somebody, reviewed: dict[str, str]
    ):
        id = reviewed["id"]
        await decide(expert, id, **APPROVE)
        file = await add_file(hanoi, await add_material(hanoi), b"Quyet dinh phe duyet.")
        named = DOCUMENT | {"document_material_version_id": file["id"]}
        refused = await try_to(hanoi, id, "approve", **named)
        assert problem(refused) == (422, "document-is-another-file")
        hidden = await add_material(hue, visibility="instructors")
        theirs = await add_file(hue, hidden, b"Quyet dinh cua Hue.")
        foreign = named | {"document_material_version_id": theirs["id"]}
        foreign["document_sha256"] = theirs["sha256"]
        refused = await try_to(hanoi, id, "approve", **foreign)
        assert problem(refused) == (422, "approval-document-unknown")
        named["document_sha256"] = file["sha256"]
        approved = await do(hanoi, id, "approve", **named)
        assert approved["document_material_version_id"] == file["id"]

    async def test_at_the_academy_is_not_for_who_works_on_it(
        self, academy: Somebody, world: World, expert: Somebody
    ):
        administrator = await world.somebody("academy_admin")
        id = await draft(academy)
        await name(world, academy, id, expert)
        await submit(academy, id)
        await decide(expert, id, **APPROVE)
        refused = await try_to(academy, id, "approve", **DOCUMENT)
        assert problem(refused) == (403, "forbidden")
        await do(administrator, id, "approve", **DOCUMENT)
        assert problem(await try_to(academy, id, "publish")) == (403, "forbidden")
        await do(administrator, id, "publish")

    async def test_is_void_once_it_is_returned(
        self, hanoi: Somebody, expert: Somebody, world: World
    ):
        id = await draft(hanoi)
        await approved(world, hanoi, id, expert)
        await do(hanoi, id, "publish", on=str(today() + timedelta(days=3)))
        returned = await do(hanoi, id, "return", note="Sai số giờ.")
        assert {returned[name] for name in (*DOCUMENT, "publish_on")} == {None}
        assert problem(await try_to(hanoi, id, "publish")) == (409, "not-approved")
        steps = [each["step"] for each in (await trail(hanoi, id))["entries"] if each["step"]]
        assert steps[-1]["note"] == "Sai số giờ."
        assert steps[-3]["document_number"] == DOCUMENT["document_number"]
        await submit(hanoi, id)
        refused = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert problem(refused) == (409, "quorum-missing")


class TestTrail:
    async def test_tells_everything_in_its_order(
        self, hanoi: Somebody, expert: Somebody, reviewed: dict[str, str], world: World
    ):
        id = reviewed["id"]
        said = await say(expert, id)
        await decide(expert, id, **OBJECT)
        await do(hanoi, id, "return", note="Tiếp thu.")
        await resolve(hanoi, said["id"])
        await do(hanoi, id, "submit", quorum=1, note="Đã tăng thời lượng.")
        await decide(expert, id, **APPROVE)
        await do(hanoi, id, "approve", **DOCUMENT)
        await do(hanoi, id, "publish")
        told = await trail(hanoi, id)
        assert [_told(each) for each in told["entries"]] == [
            ("step", "draft"),
            ("step", "in_review"),
            ("comment", "accepted"),
            ("decision", "request_changes"),
            ("step", "draft"),
            ("step", "in_review"),
            ("decision", "approve"),
            ("step", "approved"),
            ("step", "published"),
        ]
        notes = [e["step"]["note"] for e in told["entries"] if e["kind"] == "step"]
        assert notes == [None, None, "Tiếp thu.", "Đã tăng thời lượng.", None, None]
        document = told["entries"][7]["step"]
        assert {name: document[name] for name in DOCUMENT} == DOCUMENT
        assert document["made_by"] == f"coordinator:{hanoi.subject}"
        assert document["made_by_name"] == "Ai Đó"
        assert [each["at"] for each in told["entries"]] == sorted(
            each["at"] for each in told["entries"]
        )
        assert await trail(expert, id) == told  # who was asked
        stranger = await world.somebody("viewer", await world.organization("danang"))
        assert (await trail(stranger, id))["entries"] == []  # and who reads what is published
        assert problem(await stranger.get(f"/curriculum-versions/{uuid4()}/trail"))[0] == 404


def _told(entry: dict) -> tuple[str, str]:
    what = {"step": "state", "decision": "decision", "comment": "resolution"}[entry["kind"]]
    assert sum(entry[kind] is not None for kind in ("step", "decision", "comment")) == 1
    return entry["kind"], entry[entry["kind"]][what]
