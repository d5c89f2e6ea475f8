"""Several who work on one version: what stands in whose way, and what the log says of it."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.competencies.steps import (
    address,
    area,
    change,
    competency,
    do,
    draft,
    framework,
    made,
    names,
    next_version,
    scale,
    tree,
)
from tests.world import Somebody, World, everything, problem


async def test_what_moves_among_its_siblings_stands_in_nobodys_way(hanoi: Somebody):
    """Somebody describes B while a colleague puts A before it, behind it, and elsewhere."""
    version = await draft(hanoi)
    a, b, c = [await area(hanoi, version, name_en=name) for name in "ABC"]
    seen = await hanoi.get(f"/competencies/{b['id']}")
    listed = await hanoi.get("/competencies", params={"framework_version": version})
    for place in ({"position": 3}, {"position": 1}, {"parent_identifier": c["identifier"]}):
        made(await hanoi.post(f"/competencies/{a['id']}/move", json=place), 200)
    await area(hanoi, version, name_en="0", position=1)
    assert await names(hanoi, version) == ["0", "B", "C", "A"]
    body = {"kind": "area", "name_vi": "Bê", "name_en": "Bee"}
    described = await hanoi.put(
        f"/competencies/{b['id']}", json=body, headers={"If-Match": seen.headers["ETag"]}
    )
    assert made(described, 200)["position"] == 2
    again = await hanoi.get(
        "/competencies",
        params={"framework_version": version},
        headers={"If-None-Match": listed.headers["ETag"]},
    )
    assert again.status_code == 200


async def test_who_has_seen_a_row_is_shown_its_new_place(hanoi: Somebody):
    version = await draft(hanoi)
    a, b = [await area(hanoi, version, name_en=name) for name in "AB"]
    seen = await hanoi.get(f"/competencies/{b['id']}")
    query = {"framework_version": version, "sort": "code"}
    listed = await hanoi.get("/competencies", params=query)
    made(await hanoi.post(f"/competencies/{a['id']}/move", json={"position": 2}), 200)
    for path, params, former in (
        (f"/competencies/{b['id']}", {}, seen),
        ("/competencies", query, listed),
    ):
        held = {"If-None-Match": former.headers["ETag"]}
        assert (await hanoi.get(path, params=params, headers=held)).status_code == 200


async def test_nothing_is_removed_that_a_colleague_has_changed(hanoi: Somebody):
    version = await draft(hanoi)
    item, steps = await competency(hanoi, version), await scale(hanoi, version)
    for kind, row in (("competencies", item), ("proficiency-scales", steps)):
        path = f"/{kind}/{row['id']}"
        made(await change(hanoi, kind, row["id"], name_vi="Khác"), 200)
        assert problem(await hanoi.delete(path)) == (428, "version-required")
        stale = await hanoi.delete(path, headers={"If-Match": f'"{row["version"]}"'})
        assert problem(stale) == (412, "outdated")
        present = (await hanoi.get(path)).headers["ETag"]
        assert (await hanoi.delete(path, headers={"If-Match": present})).status_code == 204


async def test_the_log_tells_of_what_was_moved_and_not_of_who_made_room(hanoi: Somebody):
    version = await draft(hanoi)
    a, *_ = [await area(hanoi, version, name_en=name) for name in "ABCD"]
    await do(hanoi, version, "open-consultation")
    made(await hanoi.post(f"/competencies/{a['id']}/move", json={"position": 4}), 200)
    new = await area(hanoi, version, name_en="0", position=1)
    log = await everything(hanoi, "/consultation-changes", framework_version=version)
    told = [(each["operation"], each["competency_identifier"]) for each in log]
    assert told == [("update", a["identifier"]), ("insert", new["identifier"])]
    assert log[0]["fields"] == [{"field": "position", "before": 1, "after": 4}]


async def test_what_is_done_because_of_a_comment_is_logged_afterwards_too(
    hanoi: Somebody, hue: Somebody
):
    """A consultation is closed, and then what was said in it is worked in."""
    version = await draft(hanoi)
    item = await area(hanoi, version)
    path = f"/framework-versions/{version}"
    made(
        await hanoi.post(
            f"{path}/invitations", json={"invited_organization_id": str(hue.organization)}
        )
    )
    await do(hanoi, version, "open-consultation")
    said = made(await hue.post(f"{path}/comments", json={"text": "Rõ hơn"}))
    await do(hanoi, version, "close-consultation")
    unknown = await change(hanoi, "competencies", item["id"], name_vi="x", because_of=str(uuid4()))
    assert problem(unknown) == (422, "cause-unknown")
    made(await change(hanoi, "competencies", item["id"], name_vi="Y", because_of=said["id"]), 200)
    made(await change(hanoi, "competencies", item["id"], name_vi="Z"), 200)
    for reader in (hanoi, hue):
        log = await everything(reader, "/consultation-changes", framework_version=version)
        assert [(each["comment_id"], each["fields"][0]["after"]) for each in log] == [
            (said["id"], "Y")
        ]


async def _grown(world: World, owner: Somebody, version: str, parent: str | None = None) -> None:
    async with world.session() as session:
        await session.execute(
            text(
                "insert into competencies (organization_id, framework_version_id,"
                " parent_identifier, position, kind, domain, code, name_vi, name_en)"
                " select :of, :version, :parent, n, 'competency', 'skill', 'C' || n, 'x', 'x'"
                " from generate_series(1, 5000) as n"
            ),
            {"of": owner.organization, "version": version, "parent": parent},
        )


async def test_a_version_of_five_thousand_is_compared_in_seconds(hanoi: Somebody, world: World):
    """Also right after it was copied, when PostgreSQL knows nothing yet of how much there is."""
    began = await framework(hanoi)
    await _grown(world, hanoi, began["open_version_id"])
    await do(hanoi, began["open_version_id"], "publish")
    second = (await next_version(hanoi, began["id"]))["id"]
    first, *_ = (await tree(hanoi, second))["competencies"]
    made(await change(hanoi, "competencies", first["id"], name_en="y"), 200)
    async with asyncio.timeout(5):
        compared = await hanoi.get(f"/framework-versions/{second}/diff")
    (difference,) = made(compared, 200)["differences"]
    assert difference["identifier"] == first["identifier"]


async def test_nothing_is_otherwise_in_a_version_than_in_itself(hanoi: Somebody):
    version = await draft(hanoi)
    await scale(hanoi, version)
    await competency(hanoi, version)
    compared = await hanoi.get(f"/framework-versions/{version}/diff", params={"since": version})
    assert made(compared, 200)["differences"] == []


@pytest.fixture
async def second(hanoi: Somebody) -> dict:
    """A framework in force, and a draft of its next version."""
    began = await framework(hanoi)
    await competency(hanoi, began["open_version_id"])
    await do(hanoi, began["open_version_id"], "publish")
    return await next_version(hanoi, began["id"])


async def test_a_version_that_is_not_wanted_is_discarded(
    hanoi: Somebody, hue: Somebody, second: dict
):
    path = f"/framework-versions/{second['id']}"
    (item,) = (await tree(hanoi, second["id"]))["competencies"]
    await change(hanoi, "competencies", item["id"], name_en="Discarded")
    assert problem(await hue.post(f"{path}/discard"))[0] == 404
    discarded = await do(hanoi, second["id"], "discard")
    assert (discarded["state"], discarded["published_on"]) == ("discarded", None)
    assert await names(hanoi, second["id"]) == ["Discarded"]  # is read still
    assert problem(await hue.get(path)) == (404, "not-found")
    framework_path = f"/frameworks/{second['framework_id']}"
    whole = made(await hanoi.get(framework_path), 200)
    assert whole["open_version_id"] is None
    assert whole["in_force_version_id"] == second["based_on_id"]
    third = await next_version(hanoi, second["framework_id"])
    assert (third["number"], third["based_on_id"]) == (3, second["based_on_id"])
    assert await names(hanoi, third["id"]) == ["Protocol"]


async def test_what_was_discarded_stays_as_it_is(hanoi: Somebody, second: dict, world: World):
    path = f"/framework-versions/{second['id']}"
    (item,) = (await tree(hanoi, second["id"]))["competencies"]
    await do(hanoi, second["id"], "open-consultation")
    said = made(await hanoi.post(f"{path}/comments", json={"text": "Không cần nữa."}))
    await do(hanoi, second["id"], "discard")
    title = {"title_vi": "x", "title_en": "x"}
    any_version = {"If-Match": "*"}
    for refused in (
        await hanoi.post(f"{path}/discard"),
        await hanoi.post(f"{path}/publish"),
        await hanoi.post(f"{path}/open-consultation", json={}),
        await hanoi.post(f"{path}/close-consultation"),
        await hanoi.put(path, json=title, headers=any_version),
        await hanoi.delete(f"/competencies/{item['id']}", headers=any_version),
        await hanoi.post(
            f"/consultation-comments/{said['id']}/resolve", json={"resolution": "noted"}
        ),
    ):
        assert problem(refused) == (409, "version-discarded")
    assert problem(await hanoi.post(f"{path}/retire")) == (409, "not-in-force")
    answer = await hanoi.post(f"/consultation-comments/{said['id']}/answer", json={"text": "?"})
    assert problem(answer) == (409, "not-in-consultation")
    for statement in (
        "update competencies set name_vi = 'x' where framework_version_id = :id",
        "update framework_versions set state = 'draft' where id = :id",
        "update framework_versions set title_vi = 'x' where id = :id",
    ):
        with pytest.raises(Exception, match="does not change"):
            async with world.session() as session:
                await session.execute(text(statement), {"id": second["id"]})


async def test_what_was_published_is_not_discarded(hanoi: Somebody, second: dict):
    refused = await hanoi.post(f"/framework-versions/{second['based_on_id']}/discard")
    assert problem(refused) == (409, "published-version-changed")


async def test_after_a_first_version_that_was_discarded_one_begins_from_it(hanoi: Somebody):
    began = await framework(hanoi, title_en="Mistaken")
    await area(hanoi, began["open_version_id"], name_en="A")
    await do(hanoi, began["open_version_id"], "discard")
    present = made(await hanoi.get(f"/frameworks/{began['id']}"), 200)
    assert (present["title_en"], present["open_version_id"]) == ("Mistaken", None)
    again = await next_version(hanoi, began["id"])
    assert await names(hanoi, again["id"]) == ["A"]
    await do(hanoi, again["id"], "publish")


async def test_the_code_of_a_framework_is_corrected(hanoi: Somebody, hue: Somebody):
    began, other = await framework(hanoi), await framework(hanoi)
    path = f"/frameworks/{began['id']}"
    code = {"code": f"F-{uuid4().hex[:8]}"}
    seen = {"If-Match": (await hanoi.get(path)).headers["ETag"]}
    assert problem(await hue.put(path, json=code, headers=seen)) == (404, "not-found")
    taken = await hanoi.put(path, json={"code": other["code"]}, headers=seen)
    assert problem(taken) == (409, "framework-code-taken")
    corrected = await hanoi.put(path, json=code, headers=seen)
    assert made(corrected, 200)["code"] == code["code"]
    stale = await hanoi.put(path, json={"code": began["code"]}, headers=seen)
    assert problem(stale) == (412, "outdated")


async def test_an_expert_is_invited_by_their_address(hanoi: Somebody, world: World):
    version = await draft(hanoi)
    await area(hanoi, version, name_en="A")
    expert = await world.somebody("instructor", await world.organization("hue"))
    email = await address(world, expert)
    path = f"/framework-versions/{version}/invitations"
    invited = made(await hanoi.post(path, json={"email": email.upper()}))
    assert (invited["user_id"], invited["email"]) == (str(expert.subject), email.upper())
    again = await hanoi.post(path, json={"email": email})
    assert problem(again) == (409, "user-already-invited")
    nobody = await hanoi.post(path, json={"email": f"{uuid4().hex}@test.example"})
    assert problem(nobody) == (422, "invited-user-unknown")
    await do(hanoi, version, "open-consultation")
    assert await names(expert, version) == ["A"]
