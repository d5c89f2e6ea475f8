"""Whom curricula are for: counted, listed, and explained to somebody part by part."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.core.schemas import today
from tests.competencies.steps import made
from tests.curricula.people import aimed, train
from tests.curricula.steps import (
    TITLES,
    change,
    curriculum,
    extend,
    publish,
    published_module,
    version,
)
from tests.world import Somebody, World, add_learner, everything, problem, replace

NEW_CONSULS = {
    "organization_kinds": ["province"],
    "categories": ["civil_servant", "official"],
    "fields": ["consular"],
    "max_years_in_service": 5,
    "languages": [{"language": "en", "min_level": 3}],
    "not_trained": {"kinds": ["basic"]},
}


def recently(years: int) -> str:
    return str(date(today().year - years, 1, 1))


async def consul(client: Somebody, **fields: Any) -> dict[str, Any]:
    said = {
        "fields": ["consular"],
        "recruited_on": recently(3),
        "position_since": recently(2),
        "languages": [{"language": "en", "level": 4}],
    }
    return await add_learner(client, **said | fields)


async def group(client: Somebody, version: str) -> dict[str, Any]:
    return made(await client.get(f"/curriculum-versions/{version}/target-group"), 200)


async def members(client: Somebody, version: str, **query: Any) -> list[str]:
    path = f"/curriculum-versions/{version}/target-group/learners"
    return [each["id"] for each in await everything(client, path, **query)]


async def eligibility(client: Somebody, version: str, learner: str) -> dict[str, Any]:
    return made(await client.get(f"/curriculum-versions/{version}/eligibility/{learner}"), 200)


def failing(found: dict[str, Any]) -> list[str]:
    return sorted(each["part"] for each in found["parts"] if not each["holds"])


async def test_who_is_of_a_target_group_is_counted_and_listed(
    world: World, academy: Somebody, hanoi: Somebody
):
    version = await aimed(world, academy, **NEW_CONSULS)
    fits = await consul(hanoi)
    for other in (
        {"category": "public_employee"},
        {"fields": ["protocol_and_events"]},
        {"recruited_on": "2001-01-01"},
        {"recruited_on": None},
        {"languages": [{"language": "en", "level": 2}, {"language": "fr", "level": 6}]},
    ):
        await consul(hanoi, **other)
    trained = await consul(hanoi)
    await train(hanoi, trained["id"])
    left = await consul(hanoi)
    assert (await replace(hanoi, f"/learners/{left['id']}", status="left")).status_code == 200
    found = await group(hanoi, version)
    assert (found["people"], found["fitting"]) == (7, 1)
    assert found["organizations"] == [
        {"organization_id": str(hanoi.organization), "people": 7, "fitting": 1}
    ]
    assert await members(hanoi, version) == [fits["id"]]
    assert found["rule"] == NEW_CONSULS
    assert found["rule_vi"] == (
        "Thuộc địa phương; là công chức hoặc cán bộ; làm công tác lãnh sự; có không quá 5 năm"
        " công tác; biết tiếng Anh từ bậc 3; chưa hoàn thành chương trình cơ bản."
    )
    assert found["rule_en"] == (
        "Of provinces; civil servants or officials; in the field of consular work; years of"
        " service: at most 5; who speak English at level 3 or higher; who have not completed a"
        " training of kind “basic”."
    )


async def test_a_rule_without_parts_is_for_everybody(
    world: World, academy: Somebody, hanoi: Somebody
):
    version = await aimed(world, academy)
    people = {(await add_learner(hanoi))["id"] for _ in range(3)}
    assert set(await members(hanoi, version)) == people
    assert (await group(hanoi, version))["fitting"] == 3
    one = await eligibility(hanoi, version, people.pop())
    assert one["eligible"]
    assert [each["part"] for each in one["parts"]] == ["employed"]


async def test_an_extension_is_for_whom_the_common_part_is_for(
    world: World, academy: Somebody, hanoi: Somebody
):
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    of_consuls = {"target_group": {"fields": ["consular"]}}
    module = await published_module(academy)
    common = await curriculum(academy, module, **bounds, **of_consuls)
    await publish(world, common["open_version_id"])
    extension = made(await extend(hanoi, common["id"], await published_module(hanoi)))
    fits, other = await consul(hanoi), await add_learner(hanoi)
    version = extension["open_version_id"]
    assert await members(hanoi, version) == [fits["id"]]
    assert (await group(hanoi, version))["rule_en"] == "In the field of consular work."
    assert failing(await eligibility(hanoi, version, other["id"])) == ["fields"]
    heads = {"fields": ["consular"], "leadership_levels": ["division"]}
    made(await change(hanoi, version, target_group=heads), 200)
    assert await members(hanoi, version) == [], "unless it says itself whom it is for"


async def test_nobody_is_told_of_people_of_others(
    world: World, academy: Somebody, hanoi: Somebody, hue: Somebody
):
    version = await aimed(world, academy, fields=["consular"])
    ours, theirs = await consul(hanoi), await consul(hue)
    found = await group(hanoi, version)
    assert (found["people"], found["fitting"], len(found["organizations"])) == (1, 1, 1)
    assert await members(hanoi, version) == [ours["id"]]
    assert await members(hanoi, version, organization=str(hue.organization)) == []
    path = f"/curriculum-versions/{version}/eligibility/{theirs['id']}"
    assert problem(await hanoi.get(path)) == (404, "not-found")
    everybody = await group(academy, version)
    counted = {each["organization_id"]: each["fitting"] for each in everybody["organizations"]}
    assert counted[str(hanoi.organization)] == counted[str(hue.organization)] == 1
    learner = await world.somebody("learner", hanoi.organization, ours["id"])
    assert await members(learner, version) == [ours["id"]]
    assert (await eligibility(learner, version, ours["id"]))["eligible"]


async def test_of_a_draft_of_others_nothing_is_told(
    world: World, academy: Somebody, hanoi: Somebody
):
    draft = (await curriculum(academy))["open_version_id"]
    ours = await add_learner(hanoi)
    for path in ("target-group", "target-group/learners", f"eligibility/{ours['id']}"):
        hidden = await hanoi.get(f"/curriculum-versions/{draft}/{path}")
        absent = await hanoi.get(f"/curriculum-versions/{uuid4()}/{path}")
        assert problem(hidden) == problem(absent) == (404, "not-found")


async def test_every_part_that_does_not_hold_is_told_at_once(
    world: World, academy: Somebody, hanoi: Somebody
):
    rule = NEW_CONSULS | {"leadership_levels": ["division"], "min_years_in_service": 2}
    version = await aimed(world, academy, **rule)
    nobody = await add_learner(hanoi, category="public_employee")
    await train(hanoi, nobody["id"], title="Nhập môn đối ngoại")
    found = await eligibility(hanoi, version, nobody["id"])
    assert not found["eligible"]
    assert failing(found) == [
        *("categories", "fields", "languages", "leadership_levels", "not_trained"),
        "years_in_service",
    ]
    assert [each["holds"] for each in found["parts"]] == [False] * 6 + [True] * 2
    told = {each["part"]: each for each in found["parts"]}
    assert told["categories"]["found"] == {"category": "public_employee"}
    assert (told["categories"]["asked_vi"], told["categories"]["found_vi"]) == (
        *("là công chức hoặc cán bộ", "viên chức"),
    )
    assert told["years_in_service"]["found_en"] == "no date of recruitment is recorded"
    assert told["languages"]["found_vi"] == "chưa ghi ngoại ngữ nào"
    assert told["not_trained"]["found_vi"] == "“Nhập môn đối ngoại” (cơ bản, 30/06/2022)"
    assert told["organization_kinds"]["kept_by"] == "academy"
    ours = [str(hanoi.organization)]
    assert told["languages"]["kept_by_organization_ids"] == ours
    assert told["not_trained"]["kept_by"] == "recorders"
    assert told["not_trained"]["kept_by_organization_ids"] == ours


async def test_what_is_missing_from_a_record_can_be_put_right(
    world: World, academy: Somebody, hanoi: Somebody
):
    version = await aimed(world, academy, **NEW_CONSULS)
    officer = await consul(hanoi, languages=[])
    assert failing(await eligibility(hanoi, version, officer["id"])) == ["languages"]
    spoken = [{"language": "en", "level": 3}]
    await replace(hanoi, f"/learners/{officer['id']}", languages=spoken)
    assert (await eligibility(hanoi, version, officer["id"]))["eligible"]


async def test_a_group_of_job_positions_goes_by_who_holds_them(
    world: World, academy: Somebody, hanoi: Somebody, hue: Somebody
):
    title = f"Lãnh sự {uuid4().hex}"
    position = {"code": f"P-{uuid4().hex[:8]}", "name_vi": "Lãnh sự", "name_en": "Consul"}
    held = made(await academy.post("/job-positions", json=position))["id"]
    said = {"title": title, "job_position_id": held}
    made(await academy.post("/job-position-titles", json=said))
    version = await aimed(world, academy, job_position_ids=[held])
    by_title = await add_learner(hanoi, position_title=title.upper())
    assigned, neither = await add_learner(hanoi), await add_learner(hanoi)
    path = f"/learners/{assigned['id']}/job-position-assignments"
    made(await hanoi.post(path, json={"job_position_id": held}))
    assert set(await members(hanoi, version)) == {by_title["id"], assigned["id"]}
    found = await eligibility(hanoi, version, neither["id"])
    assert failing(found) == ["job_position_ids"]
    assert found["rule_vi"] == "Giữ vị trí việc làm “Lãnh sự”."
    other = {"code": f"P-{uuid4().hex[:8]}", "name_vi": "Khác", "name_en": "Other"}
    own = made(await hue.post("/job-positions", json=other))["id"]
    said = {"title": title, "job_position_id": own}
    made(await hue.post("/job-position-titles", json=said))
    await add_learner(hue, position_title=title)
    assert await members(hue, version) == [], "there the title means another position"


async def test_years_of_service_are_full_years(world: World, academy: Somebody, hanoi: Somebody):
    day = today()
    version = await aimed(world, academy, min_years_in_service=2, max_years_in_service=2)

    def before(years: int, days: int) -> str:
        then = day if (day.month, day.day) != (2, 29) else day - timedelta(1)
        return str(then.replace(year=then.year - years) + timedelta(days))

    said = {"position_since": str(day)}
    two = await add_learner(hanoi, recruited_on=before(2, 0), **said)
    nearly_three = await add_learner(hanoi, recruited_on=before(3, 1), **said)
    for recruited_on in (before(2, 1), before(3, 0), None):
        await add_learner(hanoi, recruited_on=recruited_on, **said)
    assert set(await members(hanoi, version)) == {two["id"], nearly_three["id"]}


async def test_one_training_must_be_all_that_is_asked(
    world: World, academy: Somebody, hanoi: Somebody
):
    asked = {"kinds": ["specialised"], "fields": ["consular"], "since": "2021-01-01"}
    version = await aimed(world, academy, trained=asked)
    right, scattered, anything = [await add_learner(hanoi) for _ in range(3)]
    said = {"kind": "specialised", "field": "consular"}
    await train(hanoi, right["id"], **said, completed_on="2021-01-01")
    await train(hanoi, scattered["id"], **said, completed_on="2020-12-31")
    await train(hanoi, scattered["id"], kind="basic", field="consular")
    await train(hanoi, scattered["id"], kind="specialised", field="overseas_vietnamese")
    assert await members(hanoi, version) == [right["id"]]
    anybody = await aimed(world, academy, trained={})
    assert set(await members(hanoi, anybody)) == {right["id"], scattered["id"]}
    nobody_yet = await aimed(world, academy, not_trained={})
    assert await members(hanoi, nobody_yet) == [anything["id"]]


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"min_years_in_service": 5, "max_years_in_service": 4}, "years_reversed"),
        ({"languages": [{"language": "en", "min_level": n} for n in (1, 2)]}, "language_twice"),
        ({"fields": ["cooking"]}, "literal_error"),
        ({"trained": {"kinds": ["cooking"]}}, "literal_error"),
        ({"languages": [{"language": "en", "min_level": 7}]}, "less_than_equal"),
        ({"anything": []}, "extra_forbidden"),
        ({"job_position_ids": [str(uuid4())]}, "not_to_be_named"),
    ],
)
async def test_a_rule_that_means_nothing_is_refused(
    hanoi: Somebody, rule: dict[str, Any], kind: str
):
    body = {"code": uuid4().hex, "kind": "basic", "year": 2026, "target_group": rule} | TITLES
    refused = await hanoi.post("/curricula", json=body | {"hours": 1})
    assert problem(refused) == (422, "invalid-request")
    assert [error["code"] for error in refused.json()["errors"]] == [kind]


async def test_everything_unknown_is_told_at_once_and_positions_of_others_are(
    hanoi: Somebody, hue: Somebody
):
    position = {"code": uuid4().hex, "name_vi": "Lãnh sự", "name_en": "Consul"}
    theirs = made(await hue.post("/job-positions", json=position))["id"]
    ours = made(await hanoi.post("/job-positions", json=position))["id"]
    asked = {"target_group": {"job_position_ids": [theirs, ours]}}
    body = {"code": uuid4().hex, "kind": "basic", "year": 2026, "hours": 1} | TITLES | asked
    unknown = {"modules": [{"module_version_id": str(uuid4())}]}
    refused = (await hanoi.post("/curricula", json=body | unknown)).json()
    place = sorted((theirs, ours)).index(theirs)
    assert [error["pointer"] for error in refused["errors"]] == [
        "/modules/0/module_version_id",
        f"/target_group/job_position_ids/{place}",
    ]


async def test_a_target_group_is_kept_as_it_is_given_and_told_in_words(hanoi: Somebody):
    draft = (await curriculum(hanoi, target_group=NEW_CONSULS))["open_version_id"]
    shown = await version(hanoi, draft)
    asked = NEW_CONSULS | {"categories": ["civil_servant", "official"]}
    assert shown["target_group"] == asked
    assert shown["target_group_en"].startswith("Of provinces; civil servants or officials;")
    changed = made(await change(hanoi, draft, target_group={}), 200)
    assert changed["target_group"] == {}
    assert changed["target_group_en"] == "Everybody on the rosters of organisations."
