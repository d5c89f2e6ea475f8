"""Curricula and their versions: begun, worked on, read."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.competencies.steps import made
from tests.contracts.test_views import statements
from tests.curricula.steps import (
    body,
    change,
    curriculum,
    held,
    in_force,
    module_draft,
    next_module,
    next_version,
    publish,
    published_module,
    set_state,
    stated,
    version,
    whole,
)
from tests.world import Somebody, World, everything, problem


async def test_a_curriculum_begins_with_a_draft_that_only_its_owner_sees(
    hanoi: Somebody, hue: Somebody, world: World
):
    began = await curriculum(hanoi, await published_module(hanoi), code="CB", title_vi="Cơ bản")
    assert (began["title_vi"], began["year"], began["in_force_version_id"]) == (
        *("Cơ bản", 2026),
        None,
    )
    draft = began["open_version_id"]
    path = f"/curriculum-versions/{draft}"
    learner = await world.somebody("instructor", hanoi.organization)
    for other in (hue, learner):
        for hidden in (
            *(path, f"{path}/whole", f"{path}/findings", f"{path}/diff"),
            f"/curricula/{began['id']}",
        ):
            assert problem(await other.get(hidden)) == (404, "not-found")
        assert await everything(other, "/curriculum-versions", curriculum=began["id"]) == []
        assert await everything(other, "/curricula", organization=hanoi.organization) == []
    again = {"code": "CB", "kind": "basic", "year": 2026} | body()
    assert problem(await hanoi.post("/curricula", json=again)) == (409, "curriculum-code-taken")
    made(await hanoi.post("/curricula", json=again | {"year": 2027}))
    made(await hue.post("/curricula", json=again))


async def test_who_is_not_to_work_on_curricula_may_not(hanoi: Somebody, world: World):
    began = await curriculum(hanoi)
    viewer = await world.somebody("viewer", hanoi.organization)
    assert (await viewer.get(f"/curricula/{began['id']}")).status_code == 200
    assert problem(await viewer.post(f"/curricula/{began['id']}/versions")) == (403, "forbidden")


async def test_a_draft_is_replaced_whole(hanoi: Somebody):
    one, other = await published_module(hanoi), await published_module(hanoi)
    draft = (await curriculum(hanoi, one))["open_version_id"]
    before = await version(hanoi, draft)
    said = {"modules": held(other) + held(one, elective=True), "hours": 12.5, "title_en": "Other"}
    after = made(await change(hanoi, draft, **said), 200)
    assert [each["module_id"] for each in after["modules"]] == [
        *(other["module_id"], one["module_id"])
    ]
    assert [each["mandatory"] for each in after["modules"]] == [True, False]
    assert (after["hours"], after["title_en"]) == (12.5, "Other")
    assert after["version"] > before["version"]
    assert after == await version(hanoi, draft)
    assert made(await change(hanoi, draft), 200) == after
    reordered = made(await change(hanoi, draft, modules=said["modules"][::-1]), 200)
    assert reordered["version"] == after["version"] + 1


async def test_all_modules_that_are_named_and_unknown_are_told_at_once(
    hanoi: Somebody, hue: Somebody
):
    first = await published_module(hanoi)
    second = await next_module(hanoi, first)
    hidden = await module_draft(hue)
    draft = (await curriculum(hanoi))["open_version_id"]
    named = [*held(first, second), {"module_version_id": hidden}]
    refused = await change(hanoi, draft, modules=[*named, {"module_version_id": str(uuid4())}])
    assert problem(refused) == (422, "invalid-request")
    told = {error["pointer"]: error["code"] for error in refused.json()["errors"]}
    assert told == {
        "/modules/1/module_version_id": "module_twice",
        "/modules/2/module_version_id": "not_to_be_named",
        "/modules/3/module_version_id": "not_to_be_named",
    }


async def test_the_academy_sees_drafts_of_modules_and_names_none_of_others(
    academy: Somebody, hanoi: Somebody
):
    hidden = {"id": await module_draft(hanoi), "hours": 10}
    root = {"code": f"C-{uuid4().hex[:8]}", "kind": "basic", "year": 2026}
    refused = await academy.post("/curricula", json=root | body(hidden))
    told = {error["pointer"]: error["code"] for error in refused.json()["errors"]}
    assert told == {"/modules/0/module_version_id": "not_to_be_named"}


async def test_what_is_published_is_read_by_everybody_who_is_signed_in(
    hanoi: Somebody, hue: Somebody, world: World
):
    began = await in_force(hanoi, world, await published_module(hanoi), title_en="Basics")
    id = began["in_force_version_id"]
    program = await world.program(hue.organization, "curricula:read")
    for reader in (hue, program, await world.somebody("instructor")):
        assert (await whole(reader, id))["version"]["title_en"] == "Basics"
    assert problem(await world.anonymous.get(f"/curriculum-versions/{id}/whole"))[0] == 401


async def test_the_whole_curriculum_is_read_in_one_statement(hanoi: Somebody, world: World):
    leads = await stated(hanoi)
    first = await published_module(hanoi, code="W.1", competencies=[leads])
    outcome = {"text_vi": "Làm được", "text_en": "Does it"}
    more = {"outcomes": [outcome], "prerequisites": [first["module_id"]]}
    second = await published_module(hanoi, code="W.2", title_en="Second", **more)
    began = await in_force(hanoi, world, first, second)
    id = began["in_force_version_id"]
    async with statements(world.database) as sent:
        read = await whole(hanoi, id)
    assert len(sent) <= 3
    assert (read["hours"], read["common_part"]) == (20, None)
    assert read["curriculum"] == began
    assert read["version"] == await version(hanoi, id)
    one, two = read["modules"]
    assert (one["part"], one["code"], one["mandatory"]) == ("own", "W.1", True)
    assert one["competencies"][0].items() >= leads.items()
    assert (two["title_en"], two["hours"], two["outcomes"]) == ("Second", 10, [outcome])
    titles = {"title_vi": "Chuyên đề", "title_en": "Module"}
    before = {"module_id": first["module_id"], "code": "W.1"}
    assert two["prerequisites"] == [before | titles]


async def test_a_new_version_is_a_copy_and_one_is_worked_on_at_a_time(
    hanoi: Somebody, world: World
):
    one = await published_module(hanoi)
    began = await in_force(hanoi, world, one)
    first = await version(hanoi, began["in_force_version_id"])
    await next_module(hanoi, one)
    second = await next_version(hanoi, began["id"])
    assert (second["number"], second["state"], second["based_on_id"]) == (2, "draft", first["id"])
    assert second["modules"] == first["modules"]  # in the version that was approved
    assert (first["document_number"], second["document_number"]) == ("125/QĐ-HVNG", None)
    again = await hanoi.post(f"/curricula/{began['id']}/versions")
    assert problem(again) == (409, "curriculum-version-already-open")
    made(await hanoi.post(f"/curriculum-versions/{second['id']}/discard"), 200)
    third = await next_version(hanoi, began["id"])
    assert (third["number"], third["based_on_id"]) == (3, first["id"])
    await publish(world, third["id"])
    assert (await version(hanoi, first["id"]))["state"] == "retired"
    made(await hanoi.post(f"/curriculum-versions/{third['id']}/retire"), 200)
    refused = await hanoi.post(f"/curriculum-versions/{third['id']}/retire")
    assert problem(refused) == (409, "curriculum-not-in-force")


@pytest.mark.parametrize("state", ["in_review", "approved", "published", "discarded"])
async def test_only_a_draft_changes(hanoi: Somebody, world: World, state: str):
    draft = (await curriculum(hanoi, await published_module(hanoi)))["open_version_id"]
    if state == "published":
        await publish(world, draft)
    elif state == "discarded":
        made(await hanoi.post(f"/curriculum-versions/{draft}/discard"), 200)
    else:
        for step in ("in_review", "approved")[: 1 + (state == "approved")]:
            await set_state(world, draft, step)
    refused = await change(hanoi, draft, title_en="Other")
    assert problem(refused) == (409, "curriculum-version-not-draft")
    for statement in (
        "update curriculum_versions set title_vi = 'x' where id = :id",
        "update curriculum_versions set hours = 1 where id = :id",
        "update curriculum_modules set mandatory = false where curriculum_version_id = :id",
        "delete from curriculum_modules where curriculum_version_id = :id",
    ):
        with pytest.raises(IntegrityError, match="only a draft changes"):
            async with world.session() as session:
                await session.execute(text(statement), {"id": draft})


@pytest.mark.parametrize(
    ("of", "to"), [("draft", "approved"), ("draft", "published"), ("in_review", "published")]
)
async def test_no_step_of_review_is_left_out(hanoi: Somebody, world: World, of: str, to: str):
    draft = (await curriculum(hanoi, await published_module(hanoi)))["open_version_id"]
    if of == "in_review":
        await set_state(world, draft, of)
    step = """update curriculum_versions set state = :to, document_number = '1', issuing_body = 'x',
      issued_on = now(), document_sha256 = repeat('0', 64),
      published_on = case :to when 'published' then now() end where id = :id"""
    with pytest.raises(IntegrityError, match="only a draft changes"):
        async with world.session() as session:
            await session.execute(text(step), {"id": draft, "to": to})
