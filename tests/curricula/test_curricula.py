"""Curricula and their versions: begun, worked on, what stands against them, cloned, compared."""

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
    rules,
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


async def test_hours_lie_between_mandatory_ones_and_all(hanoi: Somebody):
    one, other = await published_module(hanoi), await published_module(hanoi)
    draft = (await curriculum(hanoi, one, other))["open_version_id"]
    assert await rules(hanoi, draft) == []
    await change(hanoi, draft, hours=15)
    assert await rules(hanoi, draft) == ["hours_do_not_add_up"]
    elective = held(one) + held(other, elective=True)
    await change(hanoi, draft, modules=elective)
    assert await rules(hanoi, draft) == []
    for hours in (9.5, 20.5):
        await change(hanoi, draft, hours=hours)
        found = made(await hanoi.get(f"/curriculum-versions/{draft}/findings"), 200)
        (finding,) = found["findings"]
        assert finding["figures"] == {"hours": hours, "mandatory_hours": 10, "all_hours": 20}
        assert f"{hours}" in finding["message_en"]
        assert f"{hours}".replace(".", ",") in finding["message_vi"]


async def test_a_curriculum_consists_of_published_modules(hanoi: Somebody):
    draft_module = (await hanoi.get(f"/module-versions/{await module_draft(hanoi)}")).json()
    draft = (await curriculum(hanoi, draft_module))["open_version_id"]
    assert await rules(hanoi, draft) == ["module_not_published"]
    made(await hanoi.post(f"/module-versions/{draft_module['id']}/publish"), 200)
    assert await rules(hanoi, draft) == []
    newer = await next_module(hanoi, draft_module)
    assert await rules(hanoi, draft) == []  # of which a newer one is in force
    made(await hanoi.post(f"/module-versions/{newer['id']}/retire"), 200)
    assert await rules(hanoi, draft) == ["module_not_in_force"]
    empty = (await curriculum(hanoi))["open_version_id"]
    assert await rules(hanoi, empty) == ["curriculum_without_modules"]


async def test_what_comes_before_stands_before(hanoi: Somebody):
    first = await published_module(hanoi, code="M.1", title_en="First")
    second = await published_module(hanoi, code="M.2", prerequisites=[first["module_id"]])
    draft = (await curriculum(hanoi, second))["open_version_id"]
    found = made(await hanoi.get(f"/curriculum-versions/{draft}/findings"), 200)
    (finding,) = found["findings"]
    assert finding["rule"] == "prerequisite_missing"
    assert (finding["module_id"], finding["code"]) == (second["module_id"], "M.2")
    assert "M.1 “First”" in finding["message_en"]
    made(await change(hanoi, draft, modules=held(second, first), hours=20), 200)
    assert await rules(hanoi, draft) == ["prerequisite_missing"]
    made(await change(hanoi, draft, modules=held(first, second)), 200)
    assert await rules(hanoi, draft) == []
    elective = held(first, elective=True) + held(second)
    made(await change(hanoi, draft, modules=elective), 200)
    assert await rules(hanoi, draft) == ["prerequisite_missing"]


async def test_what_participants_completed_before_need_not_be_repeated(
    hanoi: Somebody, world: World
):
    first = await published_module(hanoi)
    await in_force(hanoi, world, first, kind="basic")
    second = await published_module(hanoi, prerequisites=[first["module_id"]])
    draft = (await curriculum(hanoi, second, kind="advanced"))["open_version_id"]
    assert await rules(hanoi, draft) == ["prerequisite_missing"]
    await _is_for(world, draft, '{"trained": {"kinds": ["basic"]}}')
    assert await rules(hanoi, draft) == []
    await _is_for(world, draft, '{"trained": {"kinds": ["senior"]}}')
    assert await rules(hanoi, draft) == ["prerequisite_missing"]


async def _is_for(world: World, id: str, group: str) -> None:
    async with world.session() as session:
        changed = "update curriculum_versions set target_group = cast(:group as jsonb)"
        await session.execute(text(f"{changed} where id = :id"), {"id": id, "group": group})


@pytest.mark.parametrize("state", ["in_review", "published"])
async def test_with_findings_no_statement_brings_it_further(
    hanoi: Somebody, world: World, state: str
):
    one = await published_module(hanoi)
    draft = (await curriculum(hanoi, one))["open_version_id"]
    if state == "published":
        await set_state(world, draft, "in_review")
        await set_state(world, draft, "approved")
        made(await hanoi.post(f"/module-versions/{one['id']}/retire"), 200)
    else:
        await change(hanoi, draft, hours=99)
    step = text("""update curriculum_versions set state = :state, quorum = 1,
      published_on = case :state when 'published' then now() end where id = :id""")
    with pytest.raises(IntegrityError, match="there are findings against the version"):
        async with world.session() as session:
            await session.execute(step, {"id": draft, "state": state})


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
      issued_on = now(), published_on = case :to when 'published' then now() end where id = :id"""
    with pytest.raises(IntegrityError, match="only a draft changes"):
        async with world.session() as session:
            await session.execute(text(step), {"id": draft, "to": to})


async def test_a_curriculum_is_cloned_for_another_year(hanoi: Somebody, world: World):
    kept, renewed = await published_module(hanoi), await published_module(hanoi, code="K.2")
    began = await in_force(hanoi, world, kept, renewed, kind="specialised", field="consular")
    newer = await next_module(hanoi, renewed, theory_hours=6)
    path = f"/curricula/{began['id']}/clone"
    clone = made(await hanoi.post(path, json={"year": 2027}))
    same = ("code", "kind", "field", "organization_id", "title_vi")
    assert {name: clone[name] for name in same} == {name: began[name] for name in same}
    assert (clone["year"], clone["cloned_from_id"]) == (2027, began["id"])
    draft = await version(hanoi, clone["open_version_id"])
    assert (draft["number"], draft["state"], draft["based_on_id"]) == (1, "draft", None)
    ids = [each["module_version_id"] for each in draft["modules"]]
    assert ids == [kept["id"], newer["id"]]
    refused = await hanoi.post(path, json={"year": 2027})
    assert problem(refused) == (409, "curriculum-code-taken")
    never = await curriculum(hanoi)
    refused = await hanoi.post(f"/curricula/{never['id']}/clone", json={"year": 2027})
    assert problem(refused) == (409, "curriculum-not-in-force")
    differences = made(await hanoi.get(f"/curriculum-versions/{draft['id']}/diff"), 200)
    assert differences["since_version_id"] == began["in_force_version_id"]
    of_year, of_module = differences["differences"]
    assert of_year["message_en"] == "The curriculum was changed: the year from 2026 to 2027."
    assert of_year["message_vi"] == "Sửa chương trình: năm từ 2026 thành 2027."
    assert of_module["message_en"].startswith("Module K.2 “Module” was changed: ")
    assert "its hours of theory from 4 to 6" in of_module["message_en"]


async def test_two_versions_are_compared_in_data_and_in_words(hanoi: Somebody, world: World):
    leads = await stated(hanoi)
    stays, goes, moves, comes = [
        await published_module(hanoi, code=f"D.{n}", title_en=f"No {n}") for n in range(1, 5)
    ]
    began = await in_force(hanoi, world, stays, goes, moves)
    first = began["in_force_version_id"]
    second = (await next_version(hanoi, began["id"]))["id"]
    path = f"/curriculum-versions/{second}/diff"
    assert made(await hanoi.get(path), 200)["differences"] == []
    changed = await next_module(hanoi, stays, competencies=[leads], practice_hours=6.5)
    modules = held(moves) + held(changed, elective=True) + held(comes)
    made(await change(hanoi, second, modules=modules, hours=30.5, title_en="Other"), 200)
    compared = made(await hanoi.get(path), 200)
    assert compared["since_version_id"] == first
    told = {(each["code"], each["difference"]): each for each in compared["differences"]}
    assert told.keys() == {
        *((None, "changed"), ("D.1", "moved"), ("D.2", "removed"), ("D.3", "moved")),
        ("D.4", "added"),
    }
    fields = {
        each["field"]: (each["before"], each["after"]) for each in told["D.1", "moved"]["fields"]
    }
    assert fields == {
        "competencies/A": (None, 3),
        "mandatory": (True, False),
        "module_version": (1, 2),
        "practice_hours": (6, 6.5),
    }
    assert told["D.4", "added"]["message_vi"] == "Thêm chuyên đề D.4 “Chuyên đề” (10 giờ)."
    assert told["D.2", "removed"]["message_en"] == "Module D.2 “No 2” was removed (10 hours)."
    words = told["D.1", "moved"]["message_vi"]
    assert "số giờ thực hành từ 6 thành 6,5" in words
    assert "bậc của năng lực A từ không có thành 3" in words
    assert "yêu cầu từ bắt buộc thành tự chọn" in words
    back = made(
        await hanoi.get(f"/curriculum-versions/{first}/diff", params={"since": second}), 200
    )
    assert {(e["code"], e["difference"]) for e in back["differences"]} >= {("D.2", "added")}
    assert made(await hanoi.get(f"/curriculum-versions/{first}/diff"), 200)["differences"]


async def test_of_versions_that_one_does_not_see_nothing_is_compared(
    hanoi: Somebody, hue: Somebody
):
    ours = (await curriculum(hanoi))["open_version_id"]
    theirs = (await curriculum(hue))["open_version_id"]
    path = f"/curriculum-versions/{ours}/diff"
    assert problem(await hanoi.get(path, params={"since": theirs})) == (404, "not-found")
    wrong = await hanoi.get(path, params={"since": "x"})
    assert problem(wrong) == (422, "invalid-request")
