"""A version is approved by what was decided, and its trail tells how that came about."""

from datetime import timedelta
from uuid import uuid4

from app.core.schemas import today
from tests.competencies.steps import made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    SHA256,
    approved,
    decide,
    do,
    draft,
    name,
    resolve,
    say,
    submit,
    trail,
    try_to,
)
from tests.materials.steps import add_file, add_material
from tests.world import Somebody, World, problem


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
