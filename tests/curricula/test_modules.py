"""Modules and their versions: begun, worked on, published, and what comes before what."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.competencies.steps import made
from tests.curricula.steps import (
    SAID,
    change_module,
    module,
    module_draft,
    next_module,
    publish_module,
    published_module,
    stated,
)
from tests.world import Somebody, World, everything, problem


def codes(response) -> dict[str, str]:
    assert problem(response) == (422, "invalid-request")
    return {error["pointer"]: error["code"] for error in response.json()["errors"]}


async def test_a_module_begins_with_a_draft_that_only_its_owner_sees(
    hanoi: Somebody, hue: Somebody, world: World
):
    began = await module(hanoi, code="CD.1", title_vi="Lễ tân")
    assert (began["title_vi"], began["in_force_version_id"]) == ("Lễ tân", None)
    path = f"/module-versions/{began['open_version_id']}"
    assert (await hanoi.get(path)).json()["state"] == "draft"
    learner = await world.somebody("instructor", hanoi.organization)
    for other in (hue, learner):
        for hidden in (path, f"/modules/{began['id']}"):
            assert problem(await other.get(hidden)) == (404, "not-found")
        assert await everything(other, "/module-versions", module=began["id"]) == []
        assert await everything(other, "/modules", organization=hanoi.organization) == []
    again = {"code": "CD.1", "kind": "specific"} | SAID
    assert problem(await hanoi.post("/modules", json=again)) == (409, "module-code-taken")
    assert (await hue.post("/modules", json=again)).status_code == 201


async def test_what_is_published_is_read_by_everybody_who_is_signed_in(
    hanoi: Somebody, hue: Somebody, world: World
):
    version = await published_module(hanoi, title_en="Protocol")
    program = await world.program(hue.organization, "curricula:read")
    for reader in (hue, program, await world.somebody("instructor")):
        read = made(await reader.get(f"/module-versions/{version['id']}"), 200)
        assert (read["title_en"], read["hours"]) == ("Protocol", 10)
    assert problem(await world.anonymous.get(f"/module-versions/{version['id']}"))[0] == 401


async def test_only_the_academy_has_common_modules(hanoi: Somebody, academy: Somebody):
    body = {"code": uuid4().hex[:8], "kind": "common"} | SAID
    refused = await hanoi.post("/modules", json=body)
    assert problem(refused) == (409, "common-module-of-academy")
    made(await academy.post("/modules", json=body))
    own = await module(hanoi)
    put = {"code": own["code"], "kind": "common"}
    refused = await hanoi.put(f"/modules/{own['id']}", json=put, headers={"If-Match": "*"})
    assert problem(refused) == (409, "common-module-of-academy")


async def test_who_is_not_to_work_on_modules_may_not(hanoi: Somebody, world: World):
    version = await module_draft(hanoi)
    viewer = await world.somebody("viewer", hanoi.organization)
    assert (await viewer.get(f"/module-versions/{version}")).status_code == 200
    refused = await viewer.post("/modules", json={"code": "X", "kind": "specific"} | SAID)
    assert problem(refused) == (403, "forbidden")


async def test_a_draft_is_replaced_whole(hanoi: Somebody):
    first = await published_module(hanoi)
    leads = await stated(hanoi)
    version = await module_draft(hanoi)
    outcomes = [{"text_vi": "Làm được", "text_en": "Does it"}] * 2
    said = {"outcomes": outcomes, "competencies": [leads], "prerequisites": [first["module_id"]]}
    after = made(await change_module(hanoi, version, **said, self_study_hours=2.5), 200)
    assert (after["outcomes"], after["hours"]) == (outcomes, 12.5)
    assert after["prerequisites"] == [first["module_id"]]
    (competency,) = after["competencies"]
    assert competency.items() >= leads.items()
    assert (competency["code"], competency["name_en"]) == ("A", "Protocol")
    assert after == (await hanoi.get(f"/module-versions/{version}")).json()
    unchanged = made(await change_module(hanoi, version), 200)
    assert unchanged == after
    parts_only = made(await change_module(hanoi, version, outcomes=outcomes[:1]), 200)
    assert parts_only["version"] == after["version"] + 1
    stale = {"If-Match": f'"{after["version"]}"'}
    refused = await hanoi.put(f"/module-versions/{version}", json=SAID, headers=stale)
    assert problem(refused) == (412, "outdated")
    bare = made(
        await hanoi.put(f"/module-versions/{version}", json=SAID, headers={"If-Match": "*"}), 200
    )
    assert (bare["outcomes"], bare["competencies"], bare["prerequisites"]) == ([], [], [])


async def test_all_that_is_named_and_unknown_is_told_at_once(hanoi: Somebody, hue: Somebody):
    theirs = await module(hue)
    leads = await stated(hanoi)
    refused = await change_module(
        hanoi,
        await module_draft(hanoi),
        competencies=[
            leads | {"level": 9},
            leads | {"competency_identifier": str(uuid4())},
            leads | {"framework_id": str(uuid4())},
        ],
        prerequisites=[theirs["id"]],
        materials=[str(uuid4())],
    )
    assert codes(refused) == {
        "/competencies/0/level": "level_not_on_scale",
        "/competencies/1/competency_identifier": "not_to_be_named",
        "/competencies/2/framework_id": "not_to_be_named",
        "/prerequisites/0": "not_to_be_named",
        "/materials/0": "not_to_be_named",
    }


async def test_a_module_takes_time_in_half_hours(hanoi: Somebody):
    none = {"theory_hours": 0, "practice_hours": 0}
    root = {"code": "T", "kind": "specific"}
    refused = await hanoi.post("/modules", json=root | SAID | none)
    assert codes(refused) == {"": "module_without_hours"}
    refused = await hanoi.post("/modules", json=root | SAID | {"theory_hours": 0.3})
    assert codes(refused) == {"/theory_hours": "multiple_of"}


async def test_the_same_is_not_named_twice(hanoi: Somebody):
    first = await published_module(hanoi)
    twice = [first["module_id"]] * 2
    refused = await change_module(hanoi, await module_draft(hanoi), prerequisites=twice)
    assert codes(refused) == {"": "named_twice"}


async def test_a_new_version_says_what_the_one_before_says(hanoi: Somebody):
    required = await published_module(hanoi)
    outcomes = [{"text_vi": "Làm được", "text_en": "Does it"}]
    first = await published_module(
        hanoi,
        outcomes=outcomes,
        competencies=[await stated(hanoi)],
        prerequisites=[required["module_id"]],
        expertise=["Lễ tân"],
    )
    path = f"/modules/{first['module_id']}/versions"
    second = made(await hanoi.post(path))
    assert (second["number"], second["state"], second["based_on_id"]) == (2, "draft", first["id"])
    own = ("id", "version", "created_at", "updated_at", "number", "state", "based_on_id")
    was, now = (
        {k: v for k, v in each.items() if k not in (*own, "published_on")}
        for each in (first, second)
    )
    assert was == now
    assert problem(await hanoi.post(path)) == (409, "module-version-already-open")


async def test_the_version_in_force_is_retired_by_the_next(hanoi: Somebody, hue: Somebody):
    first = await published_module(hanoi)
    second = await next_module(hanoi, first, title_en="Anew")
    listed = await everything(hue, "/module-versions", module=first["module_id"])
    seen = {each["id"]: each["state"] for each in listed}
    assert seen == {first["id"]: "retired", second["id"]: "published"}
    shown = (await hue.get(f"/modules/{first['module_id']}")).json()
    assert (shown["in_force_version_id"], shown["title_en"]) == (second["id"], "Anew")
    made(await hanoi.post(f"/module-versions/{second['id']}/retire"), 200)
    again = await hanoi.post(f"/module-versions/{second['id']}/retire")
    assert problem(again) == (409, "module-not-in-force")


async def test_only_a_draft_changes(hanoi: Somebody):
    in_force = (await published_module(hanoi))["id"]
    discarded = await module_draft(hanoi)
    made(await hanoi.post(f"/module-versions/{discarded}/discard"), 200)
    for version in (in_force, discarded):
        path = f"/module-versions/{version}"
        for refused in (
            await change_module(hanoi, version, title_en="Other"),
            await hanoi.post(f"{path}/publish"),
            await hanoi.post(f"{path}/discard"),
        ):
            assert problem(refused) == (409, "module-version-not-draft")


CHANGES = {
    "the version": "update module_versions set title_vi = 'x' where id = :id",
    "its day": "update module_versions set published_on = '2020-01-01' where id = :id",
    "back to a draft": "update module_versions set state = 'draft', published_on = null"
    " where id = :id",
    "outcomes": "update module_outcomes set text_vi = 'x' where module_version_id = :id",
    "outcomes gone": "delete from module_outcomes where module_version_id = :id",
    "an outcome more": "insert into module_outcomes (organization_id, module_version_id, position,"
    " text_vi, text_en) select organization_id, id, 9, 'x', 'x' from module_versions"
    " where id = :id",
    "competencies": "update module_competencies set level = 1 where module_version_id = :id",
    "prerequisites": "delete from module_prerequisites where module_version_id = :id",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_no_statement_changes_a_published_version(hanoi: Somebody, world: World, what: str):
    version = await published_module(
        hanoi,
        outcomes=[{"text_vi": "Làm", "text_en": "Does"}],
        competencies=[await stated(hanoi)],
        prerequisites=[(await published_module(hanoi))["module_id"]],
    )
    with pytest.raises(IntegrityError, match="only a draft changes"):
        async with world.session() as session:
            await session.execute(text(CHANGES[what]), {"id": version["id"]})


async def test_a_module_never_comes_before_itself(hanoi: Somebody, hue: Somebody):
    first = await published_module(hanoi)
    second = await published_module(hanoi, prerequisites=[first["module_id"]])
    third = await published_module(hue, prerequisites=[second["module_id"]])
    draft = made(await hanoi.post(f"/modules/{first['module_id']}/versions"))["id"]
    for one in (first, second, third):
        refused = await change_module(hanoi, draft, prerequisites=[one["module_id"]])
        assert problem(refused) == (422, "prerequisites-circular")
    made(await change_module(hanoi, draft, title_en="Still worked on"), 200)


async def test_a_circle_over_drafts_of_others_is_found_when_it_would_close(
    hanoi: Somebody, hue: Somebody
):
    """Nobody is told what others draft, so both may be drafted."""
    ours, theirs = await published_module(hanoi), await published_module(hue)
    after_theirs = made(await hanoi.post(f"/modules/{ours['module_id']}/versions"))["id"]
    after_ours = made(await hue.post(f"/modules/{theirs['module_id']}/versions"))["id"]
    made(await change_module(hanoi, after_theirs, prerequisites=[theirs["module_id"]]), 200)
    made(await change_module(hue, after_ours, prerequisites=[ours["module_id"]]), 200)
    await publish_module(hue, after_ours)
    refused = await hanoi.post(f"/module-versions/{after_theirs}/publish")
    assert problem(refused) == (422, "prerequisites-circular")


async def test_two_who_close_a_circle_at_once_are_not_both_taken(hanoi: Somebody):
    for _ in range(5):
        one, other = await module(hanoi), await module(hanoi)
        answers = await asyncio.gather(
            change_module(hanoi, one["open_version_id"], prerequisites=[other["id"]]),
            change_module(hanoi, other["open_version_id"], prerequisites=[one["id"]]),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wanted=st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(0, 4))), max_size=12))
async def test_whatever_is_drafted_no_circle_comes_of_it(hanoi: Somebody, wanted):
    """Against a model that knows the same graph."""
    drafts = [await module(hanoi) for _ in range(5)]
    required: dict[int, set[int]] = {number: set() for number in range(5)}
    for number, others in wanted:
        ids = [drafts[other]["id"] for other in sorted(others)]
        answer = await change_module(hanoi, drafts[number]["open_version_id"], prerequisites=ids)
        tried = required | {number: others}
        if _circular(tried):
            assert problem(answer) == (422, "prerequisites-circular")
        else:
            assert answer.status_code == 200, answer.text
            required = tried


def _circular(required: dict[int, set[int]]) -> bool:
    left = dict(required)
    while free := [number for number in left if not left[number] & left.keys()]:
        for number in free:
            del left[number]
    return bool(left)
