"""Frameworks and their versions: begun, worked on, published, retired, and compared."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text

from app.access.caller import Principal
from app.core.database.sessions import driver_of
from tests.competencies.steps import (
    area,
    change,
    competency,
    do,
    draft,
    framework,
    names,
    next_version,
    remove,
    scale,
    tree,
    try_competency,
)
from tests.world import Somebody, World, everything, problem


async def test_a_framework_begins_with_a_draft_that_only_its_owner_sees(
    hanoi: Somebody, hue: Somebody, world: World
):
    began = await framework(hanoi, code="KNL")
    assert began["title_vi"] == "Khung năng lực"
    assert began["in_force_version_id"] is None
    path = f"/framework-versions/{began['open_version_id']}"
    assert (await hanoi.get(path)).json()["state"] == "draft"
    learner = await world.somebody("instructor", hanoi.organization)
    for other in (hue, learner):
        for hidden in (path, f"{path}/tree", f"{path}/diff", f"/frameworks/{began['id']}"):
            assert problem(await other.get(hidden)) == (404, "not-found")
        query = {"framework": began["id"]}
        assert await everything(other, "/framework-versions", **query) == []
        assert await everything(other, "/frameworks", organization=hanoi.organization) == []
    again = {"code": "KNL", "title_vi": "Khác", "title_en": "Other"}
    assert problem(await hanoi.post("/frameworks", json=again)) == (409, "framework-code-taken")
    assert (await hue.post("/frameworks", json=again)).status_code == 201


async def test_the_academy_adds_a_framework_for_an_organisation(academy: Somebody, hue: Somebody):
    began = await framework(academy, organization_id=str(hue.organization))
    assert began["organization_id"] == str(hue.organization)
    assert (await hue.get(f"/frameworks/{began['id']}")).status_code == 200


async def test_who_is_not_to_work_on_frameworks_may_not(hanoi: Somebody, world: World):
    version = await draft(hanoi)
    viewer = await world.somebody("viewer", hanoi.organization)
    assert (await viewer.get(f"/framework-versions/{version}")).status_code == 200
    assert problem(await try_competency(viewer, version)) == (403, "forbidden")


async def test_what_is_published_is_read_by_everybody_who_is_signed_in(
    hanoi: Somebody, hue: Somebody, world: World
):
    version = await draft(hanoi)
    await competency(hanoi, version, code="A")
    await do(hanoi, version, "publish")
    instructor = await world.somebody("instructor")
    auditor = await world.somebody("auditor")
    program = await world.program(hue.organization, "frameworks:read")
    for reader in (hue, instructor, auditor, program):
        assert await names(reader, version) == ["Protocol"]
        found = await everything(reader, "/competencies", framework_version=version)
        assert [each["code"] for each in found] == ["A"]
    assert problem(await world.anonymous.get(f"/framework-versions/{version}"))[0] == 401


async def test_a_published_version_never_changes(hanoi: Somebody):
    version = await draft(hanoi)
    steps = await scale(hanoi, version)
    item = await competency(hanoi, version)
    await do(hanoi, version, "publish")
    put = {"If-Match": "*"}
    path = f"/framework-versions/{version}"
    body = {"title_vi": "x", "title_en": "x"}
    kind = {"kind": "area", "name_vi": "x", "name_en": "x"}
    levels = {"name_vi": "x", "name_en": "x", "proficient_level": 1}
    levels["levels"] = [{"level": 1, "name_vi": "x", "name_en": "x"}]
    for refused in (
        await hanoi.put(path, json=body, headers=put),
        await try_competency(hanoi, version),
        await hanoi.put(f"/competencies/{item['id']}", json=kind, headers=put),
        await hanoi.post(f"/competencies/{item['id']}/move", json={}),
        await remove(hanoi, f"/competencies/{item['id']}"),
        await hanoi.post(f"{path}/scales", json=levels),
        await hanoi.put(f"/proficiency-scales/{steps['id']}", json=levels, headers=put),
        await remove(hanoi, f"/proficiency-scales/{steps['id']}"),
        await hanoi.post(f"{path}/open-consultation", json={}),
        await hanoi.post(f"{path}/publish"),
        await hanoi.post(f"{path}/invitations", json={"email": "ai@test.example"}),
    ):
        assert problem(refused) == (409, "published-version-changed")
    assert await names(hanoi, version) == ["Protocol"]


CHANGES = {
    "competencies": "update competencies set name_vi = 'x'",
    "a competency more": "insert into competencies (organization_id, framework_version_id,"
    " position, kind, name_vi, name_en) select organization_id, id, 1, 'area', 'x', 'x'"
    " from framework_versions v",
    "competencies gone": "delete from competencies",
    "scales": "update proficiency_scales set proficient_level = 1",
    "levels": "update proficiency_levels set name_vi = 'x'",
    "descriptors": "delete from level_descriptors",
    "replacements": "delete from competency_replacements",
    "the version": "update framework_versions v set title_vi = 'x'",
    "its day": "update framework_versions v set published_on = '2020-01-01'",
    "back to a draft": "update framework_versions v set state = 'draft', published_on = null",
}


REFUSED = "does not change|still referenced"


@pytest.mark.parametrize("what", CHANGES)
async def test_no_statement_changes_a_published_version(hanoi: Somebody, world: World, what: str):
    """Whoever sends it to the database, the Academy included."""
    began = await framework(hanoi)
    first = began["open_version_id"]
    former = await competency(hanoi, first)
    await do(hanoi, first, "publish")
    version = (await next_version(hanoi, began["id"]))["id"]
    steps = await scale(hanoi, version)
    described = [{"level": 1, "text_vi": "x", "text_en": "x"}]
    await competency(
        hanoi,
        version,
        scale_identifier=steps["identifier"],
        descriptors=described,
        replaces=[former["identifier"]],
    )
    await do(hanoi, version, "publish")
    for role in ("academy_admin", "coordinator"):
        organization = None if role == "academy_admin" else hanoi.organization
        somebody = await world.somebody(role, organization)
        token = somebody.headers["Authorization"].removeprefix("Bearer ")
        verified = world.app.state.keyring.verifier.verify(token)
        scope = Principal.of(verified.claims, verified.kid).scope("test")
        column = "v.id" if " v" in CHANGES[what] else "framework_version_id"
        statement = f"{CHANGES[what]} where {column} = '{version}'"
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=REFUSED):
            async with world.database.session(scope) as session:
                await (await driver_of(session)).execute(statement)


async def test_a_new_version_is_a_copy_under_the_same_identifiers(hanoi: Somebody):
    began = await framework(hanoi)
    first = began["open_version_id"]
    steps = await scale(hanoi, first)
    top = await area(hanoi, first, name_en="Top")
    described = [{"level": 2, "text_vi": "Làm", "text_en": "Does"}]
    await competency(
        hanoi,
        first,
        code="A",
        parent_identifier=top["identifier"],
        scale_identifier=steps["identifier"],
        descriptors=described,
        attainment_rule="best",
    )
    await do(hanoi, first, "publish")
    second = await next_version(hanoi, began["id"])
    assert (second["number"], second["state"], second["based_on_id"]) == (2, "draft", first)
    before, after = [await tree(hanoi, each) for each in (first, second["id"])]
    own = ("id", "version", "created_at", "updated_at", "framework_version_id")
    for part in ("scales", "competencies"):
        was, now = (
            [{k: v for k, v in each.items() if k not in own} for each in whole[part]]
            for whole in (before, after)
        )
        assert was == now
        assert {each["id"] for each in before[part]}.isdisjoint(e["id"] for e in after[part])
    path = f"/frameworks/{began['id']}/versions"
    assert problem(await hanoi.post(path)) == (409, "framework-version-already-open")


async def test_the_version_in_force_is_retired_by_the_next(hanoi: Somebody, hue: Somebody):
    began = await framework(hanoi)
    first = began["open_version_id"]
    await competency(hanoi, first)
    await do(hanoi, first, "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    assert (await hue.get(f"/frameworks/{began['id']}")).json()["open_version_id"] is None
    await do(hanoi, second, "publish")
    seen = {
        each["id"]: each["state"]
        for each in await everything(hue, "/framework-versions", framework=began["id"])
    }
    assert seen == {first: "retired", second: "published"}
    shown = (await hue.get(f"/frameworks/{began['id']}")).json()
    assert shown["in_force_version_id"] == second
    await do(hanoi, second, "retire")
    assert (await hue.get(f"/frameworks/{began['id']}")).json()["in_force_version_id"] is None
    again = await hanoi.post(f"/framework-versions/{second}/retire")
    assert problem(again) == (409, "not-in-force")


async def test_a_framework_shows_that_its_versions_changed(hanoi: Somebody):
    began = await framework(hanoi)
    path = f"/frameworks/{began['id']}"
    seen = {
        address: (await hanoi.get(address)).headers["ETag"]
        for address in (path, f"/frameworks?organization={hanoi.organization}")
    }
    await change(hanoi, "framework-versions", began["open_version_id"], title_vi="Tên mới")
    for address, tag in seen.items():
        read = await hanoi.get(address, headers={"If-None-Match": tag})
        assert read.status_code == 200
        assert "Tên mới" in read.text


async def test_nothing_is_not_published(hanoi: Somebody):
    version = await draft(hanoi)
    refused = await hanoi.post(f"/framework-versions/{version}/publish")
    assert problem(refused) == (409, "nothing-to-publish")
    assert (await hanoi.get(f"/framework-versions/{version}")).json()["state"] == "draft"


async def test_a_published_scale_keeps_its_levels(hanoi: Somebody):
    began = await framework(hanoi)
    first = began["open_version_id"]
    steps = await scale(hanoi, first)
    await competency(hanoi, first, scale_identifier=steps["identifier"])
    await do(hanoi, first, "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    (copied,) = (await tree(hanoi, second))["scales"]
    renamed = [{**level, "name_en": "Better"} for level in copied["levels"]]
    await change(hanoi, "proficiency-scales", copied["id"], levels=renamed[:4])
    refused = await hanoi.post(f"/framework-versions/{second}/publish")
    assert problem(refused) == (409, "published-scale-changed")
    assert (await hanoi.get(f"/framework-versions/{first}")).json()["state"] == "published"
    await change(hanoi, "proficiency-scales", copied["id"], levels=renamed, proficient_level=4)
    await do(hanoi, second, "publish")


async def test_a_version_is_published_while_twenty_list_it_and_nobody_sees_half_of_it(
    hanoi: Somebody, hue: Somebody, world: World
):
    began = await framework(hanoi)
    first = began["open_version_id"]
    top = await area(hanoi, first)
    for n in range(30):
        await competency(hanoi, first, code=f"C{n}", parent_identifier=top["identifier"])
    await do(hanoi, first, "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    await competency(hanoi, second, code="NEW")
    published, twenty_read = asyncio.Event(), asyncio.Event()
    before_and_after = [0, 0]

    async def read() -> None:
        after = 0
        while after < 2:  # twice when all is over
            after += published.is_set()
            states = {
                each["id"]: each["state"]
                for each in await everything(hue, "/framework-versions", framework=began["id"])
            }
            assert states in (
                {first: "published"},
                {first: "retired", second: "published"},
            )
            before_and_after[second in states] += 1
            if before_and_after[0] >= 20:
                twenty_read.set()
            listed = await hue.get("/competencies", params={"framework_version": second})
            whole = await hue.get(f"/framework-versions/{second}/tree")
            count = len(listed.json()["items"])
            assert count in (0, 32)
            if second in states:
                assert count == 32
            if whole.status_code == 200:
                assert whole.json()["version"]["state"] == "published"
                assert len(whole.json()["competencies"]) == 32
            shown = (await hue.get(f"/frameworks/{began['id']}")).json()
            assert shown["in_force_version_id"] in (first, second)

    async def publish() -> None:
        await twenty_read.wait()
        await do(hanoi, second, "publish")
        published.set()

    async with asyncio.timeout(60):
        await asyncio.gather(publish(), *(read() for _ in range(20)))
    assert before_and_after[1] >= 20


async def test_of_two_who_publish_at_once_one_does(hanoi: Somebody):
    version = await draft(hanoi)
    await competency(hanoi, version)
    path = f"/framework-versions/{version}/publish"
    answers = await asyncio.gather(*(hanoi.post(path) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409, 409]


async def test_of_two_who_begin_a_version_at_once_one_does(hanoi: Somebody):
    began = await framework(hanoi)
    await competency(hanoi, began["open_version_id"])
    await do(hanoi, began["open_version_id"], "publish")
    path = f"/frameworks/{began['id']}/versions"
    answers = await asyncio.gather(*(hanoi.post(path) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]


async def test_followers_are_told_of_versions(hanoi: Somebody, world: World):
    began = await framework(hanoi)
    version = began["open_version_id"]
    await competency(hanoi, version)
    await do(hanoi, version, "open-consultation")
    await do(hanoi, version, "publish")
    async with world.session() as session:
        told = await session.scalars(
            text("select name from events where subject_id = any (:ids) order by sequence"),
            {"ids": [version, began["id"]]},
        )
        assert list(told) == [
            "framework.created",
            "framework_version.consultation_opened",
            "framework_version.published",
        ]
