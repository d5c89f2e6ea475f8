"""Materials: who describes them, who reads them, and what is told of them."""

import pytest

from tests.materials.steps import TITLED, add_file, add_material
from tests.world import Somebody, World, add_learner, problem

READERS = {
    "public": {"owner", "colleague", "academy", "auditor", "instructor", "learner", "stranger"},
    "enrolled": {"owner", "colleague", "academy", "auditor", "instructor"},
    "instructors": {"owner", "colleague", "academy", "auditor", "instructor"},
}
"""Nobody is enrolled anywhere yet."""


async def people(world: World, hanoi: Somebody, hue: Somebody) -> dict[str, Somebody]:
    somebody = world.somebody
    return {
        "owner": hanoi,
        "colleague": await somebody("viewer", hanoi.organization),
        "academy": await somebody("academy_staff"),
        "auditor": await somebody("auditor"),
        "instructor": await somebody("instructor"),
        "learner": await somebody("learner", hanoi.organization, (await add_learner(hanoi))["id"]),
        "stranger": hue,
    }


@pytest.mark.parametrize("visibility", READERS)
async def test_a_material_is_read_by_whom_it_is_for(
    world: World, hanoi: Somebody, hue: Somebody, visibility: str
):
    material = await add_material(hanoi, visibility=visibility)
    version = (await add_file(hanoi, material, b"its words"))["id"]
    for name, somebody in (await people(world, hanoi, hue)).items():
        reads = name in READERS[visibility]
        for path in (
            f"/materials/{material}",
            f"/material-versions/{version}",
            f"/material-versions/{version}/file",
        ):
            read = await somebody.get(path)
            assert read.status_code == (200 if reads else 404), (name, path)
        for path, key in (("/materials", material), ("/material-versions", version)):
            listed = await somebody.get(path, params={"limit": 200, "sort": "-created_at"})
            assert (key in {item["id"] for item in listed.json()["items"]}) == reads, name


async def test_what_is_shown_to_fewer_is_gone_for_the_others(hanoi: Somebody, hue: Somebody):
    material = await add_material(hanoi)
    version = (await add_file(hanoi, material))["id"]
    path = f"/material-versions/{version}/file"
    tag = (await hue.get(path)).headers["etag"]
    present = await hanoi.get(f"/materials/{material}")
    changed = await hanoi.put(
        f"/materials/{material}",
        json=TITLED | {"visibility": "instructors"},
        headers={"If-Match": present.headers["etag"]},
    )
    assert changed.status_code == 200, changed.text
    assert problem(await hue.get(path)) == (404, "not-found")
    assert problem(await hue.get(path, headers={"If-None-Match": tag})) == (404, "not-found")


async def test_others_read_and_do_not_change_it(hanoi: Somebody, hue: Somebody, world: World):
    material = await add_material(hanoi)
    for somebody in (hue, await world.somebody("instructor"), await world.somebody("auditor")):
        changed = await somebody.put(
            f"/materials/{material}",
            json=TITLED | {"visibility": "public"},
            headers={"If-Match": "*"},
        )
        assert changed.status_code in (403, 404)


async def test_nobody_adds_materials_to_another_organisation(hanoi: Somebody, hue: Somebody):
    body = TITLED | {"visibility": "public", "organization_id": str(hue.organization)}
    assert problem(await hanoi.post("/materials", json=body)) == (404, "not-found")


async def test_a_change_is_for_the_version_that_was_read(hanoi: Somebody):
    material = await add_material(hanoi)
    body = TITLED | {"visibility": "public"}
    headers = {"If-Match": '"1"'}
    first = await hanoi.put(f"/materials/{material}", json=body | {"licence": "a"}, headers=headers)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = await hanoi.put(f"/materials/{material}", json=body, headers=headers)
    assert problem(late) == (412, "outdated")


async def test_a_new_version_leaves_the_description_as_it_was_read(hanoi: Somebody):
    material = await add_material(hanoi)
    tag = (await hanoi.get(f"/materials/{material}")).headers["etag"]
    await add_file(hanoi, material)
    changed = await hanoi.put(
        f"/materials/{material}",
        json=TITLED | {"visibility": "public"},
        headers={"If-Match": tag},
    )
    assert changed.status_code == 200


async def test_what_happens_to_a_material_is_told(hanoi: Somebody):
    material = await add_material(hanoi)
    version = (await add_file(hanoi, material))["id"]
    news = await hanoi.get("/changes", params={"types": "material.*"})
    told = [
        (item["type"], item["data"])
        for item in news.json()["items"]
        if item["subject_id"] == material
    ]
    assert told == [
        ("material.created", {}),
        ("material.version_added", {"version_id": version, "number": 1}),
    ]


async def test_all_that_is_wrong_is_said_at_once(hanoi: Somebody):
    refused = await hanoi.post("/materials", json={"language": "vie", "visibility": "all"})
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert pointers == {"/title_vi", "/title_en", "/language", "/visibility"}
