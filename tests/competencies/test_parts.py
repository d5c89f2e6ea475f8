"""Competencies and scales: what they say, and what fits together."""

from uuid import UUID, uuid4

import pytest

from tests.competencies.steps import (
    area,
    change,
    competency,
    draft,
    made,
    remove,
    scale,
    tree,
    try_competency,
)
from tests.world import Somebody, problem


async def test_codes_and_identifiers_are_there_once_in_a_version(hanoi: Somebody):
    version, other = await draft(hanoi), await draft(hanoi)
    identifier = str(uuid4())
    await competency(hanoi, version, code="A", identifier=identifier)
    taken = await try_competency(hanoi, version, code="A")
    assert problem(taken) == (409, "competency-code-taken")
    taken = await try_competency(hanoi, version, identifier=identifier)
    assert problem(taken) == (409, "competency-identifier-taken")
    elsewhere = await competency(hanoi, other, code="A", identifier=identifier)
    assert elsewhere["identifier"] == identifier
    for _ in range(2):
        await competency(hanoi, version, code=None)


async def test_an_identifier_is_one_that_can_be_exchanged(hanoi: Somebody):
    version = await draft(hanoi)
    refused = await try_competency(
        hanoi, version, identifier="0198c0de-0000-7000-8000-000000000001"
    )
    assert refused.json()["errors"][0]["code"] == "identifier_version"
    identifier = UUID((await competency(hanoi, version))["identifier"])
    assert identifier.version == 4


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"domain": None}, "domain_missing"),
        ({"kind": "indicator", "scale_identifier": str(uuid4())}, "scale_of_no_competency"),
        (
            {"descriptors": [{"level": 1, "text_vi": "x", "text_en": "x"}]},
            "descriptors_without_scale",
        ),
        (
            {
                "scale_identifier": str(uuid4()),
                "descriptors": [{"level": 1, "text_vi": "x", "text_en": "x"}] * 2,
            },
            "level_twice",
        ),
    ],
)
async def test_parts_of_a_competency_fit_together(hanoi: Somebody, fields, code):
    refused = await try_competency(hanoi, await draft(hanoi), **fields)
    assert problem(refused) == (422, "invalid-request")
    assert [each["code"] for each in refused.json()["errors"]] == [code]


async def test_a_competency_is_on_a_scale_of_its_version(hanoi: Somebody):
    version, other = await draft(hanoi), await draft(hanoi)
    stranger = await scale(hanoi, other)
    refused = await try_competency(hanoi, version, scale_identifier=stranger["identifier"])
    assert problem(refused) == (422, "scale-unknown")
    own = await scale(hanoi, version)
    described = [{"level": 6, "text_vi": "x", "text_en": "x"}]
    refused = await try_competency(
        hanoi, version, scale_identifier=own["identifier"], descriptors=described
    )
    assert problem(refused) == (422, "descriptor-of-no-level")


async def test_descriptors_are_replaced_with_their_competency(hanoi: Somebody):
    version = await draft(hanoi)
    own, other = await scale(hanoi, version), await scale(hanoi, version)
    one, two = ({"level": n, "text_vi": f"{n}", "text_en": f"{n}"} for n in (1, 2))
    item = await competency(
        hanoi, version, scale_identifier=own["identifier"], descriptors=[two, one]
    )
    assert item["descriptors"] == [one, two]
    same = await change(hanoi, "competencies", item["id"])
    assert same.json()["version"] == item["version"]
    better = {**two, "text_en": "better"}
    changed = await change(hanoi, "competencies", item["id"], descriptors=[better])
    assert changed.json()["descriptors"] == [better]
    assert changed.json()["version"] > item["version"]
    moved = await change(
        hanoi, "competencies", item["id"], scale_identifier=other["identifier"], descriptors=[one]
    )
    assert made(moved, 200)["descriptors"] == [one]
    stale = await hanoi.put(
        f"/competencies/{item['id']}",
        json={"kind": "area", "name_vi": "x", "name_en": "x"},
        headers={"If-Match": '"1"'},
    )
    assert problem(stale) == (412, "outdated")


async def test_only_what_holds_nothing_is_removed(hanoi: Somebody, hue: Somebody):
    version = await draft(hanoi)
    own = await scale(hanoi, version)
    top = await area(hanoi, version)
    item = await competency(
        hanoi,
        version,
        parent_identifier=top["identifier"],
        scale_identifier=own["identifier"],
        descriptors=[{"level": 1, "text_vi": "x", "text_en": "x"}],
    )
    paths = [f"/competencies/{each['id']}" for each in (top, item)]
    scale_path = f"/proficiency-scales/{own['id']}"
    for path in (*paths, scale_path):
        assert problem(await remove(hue, path)) == (404, "not-found")
    assert problem(await remove(hanoi, paths[0])) == (409, "competency-not-empty")
    assert problem(await remove(hanoi, scale_path)) == (409, "scale-in-use")
    for path in (paths[1], paths[0], scale_path):
        removed = await remove(hanoi, path)
        assert (removed.status_code, removed.content) == (204, b"")
        assert problem(await hanoi.get(path)) == (404, "not-found")
        assert problem(await remove(hanoi, path)) == (404, "not-found")
    assert (await tree(hanoi, version))["competencies"] == []


async def test_a_scale_has_its_levels_and_one_that_is_proficient(hanoi: Somebody):
    version = await draft(hanoi)
    own = await scale(hanoi, version)
    assert [each["level"] for each in own["levels"]] == [1, 2, 3, 4, 5]
    refused = await change(hanoi, "proficiency-scales", own["id"], proficient_level=6)
    assert refused.json()["errors"][0]["code"] == "proficient_level_unknown"
    refused = await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"] * 2)
    assert refused.json()["errors"][0]["code"] == "level_twice"
    await competency(
        hanoi,
        version,
        scale_identifier=own["identifier"],
        descriptors=[{"level": 5, "text_vi": "x", "text_en": "x"}],
    )
    refused = await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"][:4])
    assert problem(refused) == (422, "descriptor-of-no-level")
    kept = made(await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"][2:]), 200)
    assert [each["level"] for each in kept["levels"]] == [3, 4, 5]
    assert kept["version"] == own["version"] + 1
    identifier = own["identifier"]
    body = {"name_vi": "x", "name_en": "x", "proficient_level": 3, "levels": own["levels"]}
    taken = await hanoi.post(
        f"/framework-versions/{version}/scales", json=body | {"identifier": identifier}
    )
    assert problem(taken) == (409, "scale-identifier-taken")
