"""Consultation: who is invited reads and comments, threads are resolved, and the log tells why."""

import asyncio
from uuid import uuid4

import pytest

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
    remove,
    scale,
)
from tests.world import Somebody, World, everything, problem


@pytest.fixture
async def consulted(hanoi: Somebody, hue: Somebody) -> dict:
    """A version of Hà Nội that Huế is invited to comment on, and one competency of it."""
    began = await framework(hanoi)
    version = began["open_version_id"]
    item = await competency(hanoi, version, name_en="Protocol")
    path = f"/framework-versions/{version}"
    made(
        await hanoi.post(
            f"{path}/invitations", json={"invited_organization_id": str(hue.organization)}
        )
    )
    await do(hanoi, version, "open-consultation", ends_on="2027-01-31")
    return {"version": version, "path": path, "item": item, "framework": began["id"]}


async def say(somebody: Somebody, consulted: dict, **fields: object) -> dict:
    body = {"text": "Nên tách làm hai."}
    return made(await somebody.post(f"{consulted['path']}/comments", json=body | fields))


async def test_who_is_invited_reads_while_it_lasts(
    hanoi: Somebody, hue: Somebody, world: World, consulted: dict
):
    version, path = consulted["version"], consulted["path"]
    ministry = await world.somebody("coordinator", await world.organization("moh", "ministry"))
    assert await names(hue, version) == ["Protocol"]
    assert (await hue.get(f"/frameworks/{consulted['framework']}")).status_code == 200
    assert problem(await ministry.get(path)) == (404, "not-found")
    assert problem(await hue.put(path, json={}, headers={"If-Match": "*"}))[0] == 422
    title = {"title_vi": "x", "title_en": "x"}
    assert problem(await hue.put(path, json=title, headers={"If-Match": "*"}))[0] == 404
    await do(hanoi, version, "close-consultation")
    assert problem(await hue.get(path)) == (404, "not-found")
    assert (await hanoi.get(path)).json()["consultation_ends_on"] is None


async def test_learners_of_an_invited_organisation_are_not_asked(
    hue: Somebody, world: World, consulted: dict
):
    instructor = await world.somebody("instructor", hue.organization)
    assert problem(await instructor.get(consulted["path"])) == (404, "not-found")


@pytest.mark.parametrize("role", ["instructor", "viewer"])
async def test_an_expert_is_invited_wherever_they_work(
    hanoi: Somebody, world: World, consulted: dict, role: str
):
    place = await world.organization("somewhere", "ministry")
    expert = await world.somebody(role, place)
    path = consulted["path"]
    assert problem(await expert.get(path)) == (404, "not-found")
    refused = await expert.post(f"{path}/comments", json={"text": "?"})
    assert problem(refused) == (404, "not-found")
    invitation = made(
        await hanoi.post(f"{path}/invitations", json={"email": await address(world, expert)})
    )
    assert await names(expert, consulted["version"]) == ["Protocol"]
    mine = await everything(expert, "/consultation-invitations")
    assert [each["id"] for each in mine] == [invitation["id"]]
    said = await say(expert, consulted)
    assert said["author"] == f"{role}:{expert.subject}"
    assert said["author_name"] == "Ai Đó"
    assert said["author_organization_id"] == str(place)
    made(await hanoi.post(f"/consultation-invitations/{invitation['id']}/end"), 200)
    assert problem(await expert.get(path)) == (404, "not-found")
    assert await everything(expert, "/consultation-comments") == []


async def test_everybody_who_is_invited_reads_what_all_say(
    hanoi: Somebody, hue: Somebody, consulted: dict
):
    identifier = consulted["item"]["identifier"]
    whole = await say(hue, consulted)
    about = await say(hue, consulted, competency_identifier=identifier)
    answered = made(
        await hanoi.post(f"/consultation-comments/{about['id']}/answer", json={"text": "Vì sao?"})
    )
    again = made(
        await hue.post(f"/consultation-comments/{answered['id']}/answer", json={"text": "Dài."})
    )
    assert (again["thread_id"], again["competency_identifier"]) == (about["id"], identifier)
    for reader in (hanoi, hue):
        query = {"framework_version": consulted["version"]}
        said = [each["id"] for each in await everything(reader, "/consultation-comments", **query)]
        assert said == [whole["id"], about["id"], answered["id"], again["id"]]
        thread = await everything(reader, "/consultation-comments", thread=about["id"])
        assert [each["id"] for each in thread] == [answered["id"], again["id"]]
        on_it = await everything(reader, "/consultation-comments", competency=identifier)
        assert len(on_it) == 3


async def test_comments_are_of_what_the_version_has(hue: Somebody, consulted: dict):
    body = {"text": "?", "competency_identifier": str(uuid4())}
    refused = await hue.post(f"{consulted['path']}/comments", json=body)
    assert problem(refused) == (422, "comment-on-unknown-competency")


async def test_comments_are_taken_while_it_lasts(hanoi: Somebody, hue: Somebody, consulted: dict):
    said = await say(hue, consulted)
    await do(hanoi, consulted["version"], "close-consultation")
    late = {"text": "?"}
    refused = await hanoi.post(f"{consulted['path']}/comments", json=late)
    assert problem(refused) == (409, "not-in-consultation")
    for somebody in (hanoi, hue):
        refused = await somebody.post(f"/consultation-comments/{said['id']}/answer", json=late)
        assert problem(refused) == (409, "not-in-consultation")
    assert problem(await hue.post(f"{consulted['path']}/comments", json=late))[0] == 404
    refused = await hanoi.post(f"{consulted['path']}/close-consultation")
    assert problem(refused) == (409, "not-in-consultation")
    await do(hanoi, consulted["version"], "open-consultation")
    refused = await hanoi.post(f"{consulted['path']}/open-consultation", json={})
    assert problem(refused) == (409, "already-in-consultation")


async def test_threads_are_resolved_before_it_is_published(
    hanoi: Somebody, hue: Somebody, consulted: dict
):
    said = await say(hue, consulted)
    answered = made(
        await hanoi.post(f"/consultation-comments/{said['id']}/answer", json={"text": "Đồng ý."})
    )
    publish = f"{consulted['path']}/publish"
    assert problem(await hanoi.post(publish)) == (409, "threads-unresolved")
    unresolved = {"framework_version": consulted["version"], "unresolved": "true"}
    (waiting,) = await everything(hanoi, "/consultation-comments", **unresolved)
    assert waiting["id"] == said["id"]
    body = {"resolution": "accepted"}
    paths = [f"/consultation-comments/{each['id']}/resolve" for each in (said, answered)]
    assert problem(await hue.post(paths[0], json=body)) == (404, "not-found")
    assert problem(await hanoi.post(paths[1], json=body)) == (409, "answer-resolved")
    resolved = made(await hanoi.post(paths[0], json=body), 200)
    assert resolved["resolved_by"] == f"coordinator:{hanoi.subject}"
    assert await everything(hanoi, "/consultation-comments", **unresolved) == []
    made(await hanoi.post(publish), 200)
    refused = await hanoi.post(paths[0], json=body)
    assert problem(refused) == (409, "published-version-changed")
    (first, _) = await everything(
        hue, "/consultation-comments", framework_version=consulted["version"]
    )
    assert first["resolution"] == "accepted"


async def test_the_log_tells_what_was_changed_because_of_which_comment(
    hanoi: Somebody, hue: Somebody, world: World, consulted: dict
):
    version, item = consulted["version"], consulted["item"]
    said = await say(hue, consulted, competency_identifier=item["identifier"])
    cause = {"because_of": said["id"]}
    await change(hanoi, "competencies", item["id"], name_vi="Nghi lễ", **cause)
    await change(hanoi, "competencies", item["id"], name_vi="Nghi lễ ngoại giao")
    second = await competency(hanoi, version, name_en="Hospitality", position=1, **cause)
    made(await hanoi.post(f"/competencies/{second['id']}/move", json={**cause}), 200)
    steps = await scale(hanoi, version)
    removed = await remove(hanoi, f"/competencies/{second['id']}", **cause)
    assert removed.status_code == 204
    for reader in (hanoi, hue):
        log = await everything(reader, "/consultation-changes", framework_version=version)
        because = [each["id"] for each in log if each["comment_id"] == said["id"]]
        only = await everything(reader, "/consultation-changes", comment=said["id"])
        assert [each["id"] for each in only] == because
        told = [(each["subject"], each["operation"], bool(each["comment_id"])) for each in log]
        assert told[:2] == [("competencies", "update", True), ("competencies", "update", False)]
        assert ("proficiency_scales", "insert", False) in told
        assert told[-1] == ("competencies", "delete", True)
        assert log[0]["fields"] == [{"field": "name_vi", "before": "Lễ tân", "after": "Nghi lễ"}]
        assert log[0]["changed_by"] == f"coordinator:{hanoi.subject}"
        of_item = await everything(reader, "/consultation-changes", competency=item["identifier"])
        assert {each["competency_identifier"] for each in of_item} == {item["identifier"]}
    assert steps["identifier"] in {each["scale_identifier"] for each in log}
    stranger = await world.somebody("coordinator", await world.organization("moh", "ministry"))
    assert await everything(stranger, "/consultation-changes") == []
    made(
        await hanoi.post(
            f"/consultation-comments/{said['id']}/resolve", json={"resolution": "accepted"}
        ),
        200,
    )
    await do(hanoi, version, "publish")
    kept = await everything(hue, "/consultation-changes", framework_version=version)
    assert kept == log
    assert await everything(stranger, "/consultation-changes") == []


async def test_a_draft_is_changed_without_a_log(hanoi: Somebody):
    version = await draft(hanoi)
    item = await area(hanoi, version)
    await change(hanoi, "competencies", item["id"], name_vi="Khác")
    query = {"framework_version": version}
    assert await everything(hanoi, "/consultation-changes", **query) == []


async def test_a_cause_is_a_comment_on_the_version(hanoi: Somebody, hue: Somebody, consulted: dict):
    other = await draft(hanoi)
    await do(hanoi, other, "open-consultation")
    elsewhere = made(await hanoi.post(f"/framework-versions/{other}/comments", json={"text": "?"}))
    for cause in (elsewhere["id"], str(uuid4())):
        refused = await change(
            hanoi, "competencies", consulted["item"]["id"], name_vi="x", because_of=cause
        )
        assert problem(refused) == (422, "cause-unknown")


async def test_nobody_is_invited_twice_nor_who_does_not_exist(
    hanoi: Somebody, hue: Somebody, world: World, consulted: dict
):
    path = f"{consulted['path']}/invitations"
    organization = {"invited_organization_id": str(hue.organization)}
    assert problem(await hanoi.post(path, json=organization)) == (
        409,
        "organization-already-invited",
    )
    user = {"email": await address(world, hue)}
    made(await hanoi.post(path, json=user))
    assert problem(await hanoi.post(path, json=user)) == (409, "user-already-invited")
    for nobody, refusal in (
        ({"invited_organization_id": str(uuid4())}, "invited-organization-unknown"),
        ({"email": f"{uuid4().hex}@test.example"}, "invited-user-unknown"),
    ):
        assert problem(await hanoi.post(path, json=nobody)) == (422, refusal)
    for body in ({}, user | organization):
        refused = await hanoi.post(path, json=body)
        assert [each["code"] for each in refused.json()["errors"]] == ["invitation_of_one"]
    assert problem(await hue.post(path, json=user)) == (404, "not-found")
    query = {"framework_version": consulted["version"]}
    invitations = await everything(hanoi, "/consultation-invitations", **query)
    (invitation,) = [each for each in invitations if each["user_id"]]
    end = f"/consultation-invitations/{invitation['id']}/end"
    assert problem(await hue.post(end)) == (404, "not-found")
    for _ in range(2):
        made(await hanoi.post(end), 200)
    made(await hanoi.post(path, json=user))


async def test_no_comment_slips_in_while_it_is_published(
    hanoi: Somebody, hue: Somebody, consulted: dict
):
    """Either the thread stands in the way of publishing, or it comes too late."""
    publishing = hanoi.post(f"{consulted['path']}/publish")
    comments = [hue.post(f"{consulted['path']}/comments", json={"text": f"{n}"}) for n in range(8)]
    published, *answers = await asyncio.gather(publishing, *comments)
    taken = [each for each in answers if each.status_code == 201]
    assert (published.status_code == 409) == bool(taken)
    for late in set(answers) - set(taken):
        assert problem(late) == (409, "not-in-consultation")
