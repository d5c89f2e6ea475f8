"""What is otherwise in one version of a framework than in another."""

from uuid import uuid4

from tests.competencies.steps import (
    area,
    change,
    competency,
    do,
    draft,
    framework,
    made,
    next_version,
    remove,
    scale,
    tree,
    try_competency,
)
from tests.world import Somebody, problem


async def test_a_diff_tells_what_is_otherwise(hanoi: Somebody, hue: Somebody):
    began = await framework(hanoi)
    first = began["open_version_id"]
    steps = await scale(hanoi, first)
    described = [{"level": 1, "text_vi": "Một", "text_en": "One"}]
    top = await area(hanoi, first, name_en="Top")
    below = {"parent_identifier": top["identifier"]}
    kept = await competency(hanoi, first, name_en="Kept", **below)
    changed = await competency(
        hanoi,
        first,
        name_en="Changed",
        scale_identifier=steps["identifier"],
        descriptors=described,
        **below,
    )
    gone = await competency(hanoi, first, name_en="Gone", code="G", **below)
    moved = await competency(hanoi, first, name_en="Moved", **below)
    last = await competency(hanoi, first, name_en="Last", **below)
    await do(hanoi, first, "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    path = f"/framework-versions/{second}/diff"
    assert (await hanoi.get(path)).json()["differences"] == []

    now = {each["identifier"]: each for each in (await tree(hanoi, second))["competencies"]}
    await change(
        hanoi,
        "competencies",
        now[changed["identifier"]]["id"],
        name_vi="Mới",
        descriptors=[
            {"level": 1, "text_vi": "Một", "text_en": "Once"},
            {**described[0], "level": 2},
        ],
    )
    assert (
        await remove(hanoi, f"/competencies/{now[gone['identifier']]['id']}")
    ).status_code == 204
    heir = await competency(
        hanoi, second, name_en="Heir", replaces=[gone["identifier"]], position=1, **below
    )
    await hanoi.post(f"/competencies/{now[moved['identifier']]['id']}/move", json={})
    (copied,) = (await tree(hanoi, second))["scales"]
    await change(hanoi, "proficiency-scales", copied["id"], proficient_level=4)
    await change(hanoi, "framework-versions", second, title_en="Framework 2")

    diff = made(await hanoi.get(path), 200)
    assert (diff["framework_version_id"], diff["since_version_id"]) == (second, first)
    told = [
        (each["part"], each["name_en"], each["difference"], each["replaced_by"])
        for each in diff["differences"]
    ]
    assert told == [
        ("version", "Framework 2", "changed", []),
        ("scale", "Five levels", "changed", []),
        ("competency", "Heir", "added", []),
        ("competency", "Gone", "removed", [heir["identifier"]]),
        ("competency", "Changed", "changed", []),
        ("competency", "Moved", "moved", []),
    ]
    fields = {each["name_en"]: each["fields"] for each in diff["differences"]}
    assert fields["Changed"] == [
        {"field": "descriptors/1/text_en", "before": "One", "after": "Once"},
        {"field": "descriptors/2/text_en", "before": None, "after": "One"},
        {"field": "descriptors/2/text_vi", "before": None, "after": "Một"},
        {"field": "name_vi", "before": "Lễ tân", "after": "Mới"},
    ]
    assert fields["Five levels"] == [{"field": "proficient_level", "before": 3, "after": 4}]
    assert {kept["name_en"], last["name_en"]}.isdisjoint(fields)

    assert problem(await hue.get(path)) == (404, "not-found")
    whole = made(await hue.get(f"/framework-versions/{first}/diff"), 200)
    assert {each["difference"] for each in whole["differences"]} == {"added"}
    other = await draft(hanoi)
    for stranger in (other, str(uuid4())):
        refused = await hanoi.get(path, params={"since": stranger})
        assert problem(refused) == (404, "not-found")
    assert problem(await hanoi.get(path, params={"until": first})) == (422, "invalid-request")


async def test_a_replacement_is_told_across_versions(hanoi: Somebody):
    began = await framework(hanoi)
    version = began["open_version_id"]
    item = first = await competency(hanoi, version, name_en="0")
    await do(hanoi, version, "publish")
    oldest = version
    for n in ("1", "2"):
        version = (await next_version(hanoi, began["id"]))["id"]
        (copied,) = (await tree(hanoi, version))["competencies"]
        former = copied["identifier"]
        item = await competency(hanoi, version, name_en=n, replaces=[former])
        assert (await remove(hanoi, f"/competencies/{copied['id']}")).status_code == 204
        await do(hanoi, version, "publish")
    diff = await hanoi.get(f"/framework-versions/{version}/diff", params={"since": oldest})
    removed = [d for d in diff.json()["differences"] if d["difference"] == "removed"]
    assert [(d["identifier"], d["replaced_by"]) for d in removed] == [
        (first["identifier"], [item["identifier"]])
    ]


async def test_what_replaces_nothing_of_the_version_before_is_refused(hanoi: Somebody):
    began = await framework(hanoi)
    first = began["open_version_id"]
    stranger = [str(uuid4())]
    refused = await try_competency(hanoi, first, replaces=stranger)
    assert problem(refused) == (422, "replaced-competency-unknown")
    await competency(hanoi, first)
    await do(hanoi, first, "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    refused = await try_competency(hanoi, second, replaces=stranger)
    assert problem(refused) == (422, "replaced-competency-unknown")
