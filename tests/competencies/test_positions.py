"""Job positions: the catalogue, what it requires, and who is in which."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response

from app.core.schemas import today
from tests.competencies.people import Catalogue, profile
from tests.competencies.steps import do, made, next_version
from tests.world import Somebody, World, add_learner, everything, problem, replace


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    return await Catalogue.of(academy, A="best", B="latest")


async def held(client: AsyncClient, learner: dict[str, Any]) -> str | None:
    position = (await profile(client, learner["id"]))["job_position"]
    return None if position is None else str(position["id"])


FIRST = {"If-Match": '"1"'}


def assigning(learner: dict[str, Any]) -> str:
    return f"/learners/{learner['id']}/job-position-assignments"


async def test_everybody_reads_the_national_catalogue_and_nobody_that_of_another_organisation(
    world: World, catalogue: Catalogue, hanoi: Somebody, hue: Somebody
):
    national = await catalogue.position(A=3)
    own = await catalogue.position(client=hanoi, A=3)
    learner = await add_learner(hanoi)
    themselves = await world.somebody("learner", hanoi.organization, UUID(learner["id"]))
    instructor = await world.somebody("instructor", hanoi.organization)
    for reader in (hanoi, hue, themselves, instructor):
        shown = {each["id"] for each in await everything(reader, "/job-positions")}
        assert national["id"] in shown
        assert (own["id"] in shown) == (reader in (hanoi, themselves))
        required = await everything(
            reader, "/job-position-requirements", job_position=national["id"]
        )
        assert [(each["name_en"], each["required_level"]) for each in required] == [("A", 3)]
    assert problem(await hue.get(f"/job-positions/{own['id']}"))[0] == 404
    assert problem(await replace(hanoi, f"/job-positions/{national['id']}", name_en="?"))[0] == 404
    assert problem(await catalogue.require(national["id"], "B", 1, client=hanoi))[0] == 404


async def test_a_title_means_a_position_in_a_unit_before_anywhere_and_before_what_the_academy_says(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, title: str
):
    unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    unit_id = made(await hanoi.post("/units", json=unit))["id"]
    learner = await add_learner(hanoi, position_title=title.upper(), unit_id=unit_id)
    elsewhere = await add_learner(hue, position_title=title)
    assert await held(hanoi, learner) is None
    expected = []
    for client, of_unit in ((catalogue.client, None), (hanoi, None), (hanoi, unit_id)):
        position = await catalogue.position(client=client, A=2)
        said = {"title": title, "job_position_id": position["id"], "unit_id": of_unit}
        meaning = made(await client.post("/job-position-titles", json=said))
        expected.append((position["id"], meaning["id"], client))
        assert await held(hanoi, learner) == position["id"]
        taken = await client.post("/job-position-titles", json=said | {"title": title.lower()})
        assert problem(taken) == (409, "job-position-title-taken")
    assert await held(hue, elsewhere) == expected[0][0]
    while expected:
        position_id, meaning_id, client = expected.pop()
        assert await held(hanoi, learner) == position_id
        removed = await client.delete(f"/job-position-titles/{meaning_id}", headers=FIRST)
        assert removed.status_code == 204
    assert await held(hanoi, learner) is None


async def test_who_is_assigned_is_in_that_position_until_they_hold_another_one(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    usual = await catalogue.position(title, A=2)
    special = await catalogue.position(client=hanoi, A=5)
    learner = await add_learner(hanoi, position_title=title)
    body, path = {"job_position_id": special["id"]}, assigning(learner)
    assignment = made(await hanoi.post(path, json=body))
    assert await held(hanoi, learner) == special["id"]
    again = await hanoi.post(path, json=body)
    assert problem(again) == (409, "job-position-already-assigned")
    removing = f"/job-position-assignments/{assignment['id']}"
    assert (await hanoi.delete(removing, headers=FIRST)).status_code == 204
    assert await held(hanoi, learner) == usual["id"]
    made(await hanoi.post(path, json=body))
    promoted = await replace(hanoi, f"/learners/{learner['id']}", position_since="2026-06-01")
    assert promoted.status_code == 200
    assert await held(hanoi, learner) == usual["id"]


async def test_titles_and_assignments_are_read_one_by_one_and_removed_as_they_were_read(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, title: str
):
    position = await catalogue.position(client=hanoi, A=2)
    learner, body = await add_learner(hanoi), {"job_position_id": position["id"]}
    meaning = made(await hanoi.post("/job-position-titles", json=body | {"title": title}))
    assignment = made(await hanoi.post(assigning(learner), json=body))
    for path, row in (
        (f"/job-position-titles/{meaning['id']}", meaning),
        (f"/job-position-assignments/{assignment['id']}", assignment),
    ):
        assert problem(await hue.get(path)) == (404, "not-found")
        read = await hanoi.get(path)
        assert made(read, 200) == row
        removed = await hanoi.delete(path, headers={"If-Match": read.headers["ETag"]})
        assert removed.status_code == 204
        assert problem(await hanoi.get(path)) == (404, "not-found")


async def test_nobody_is_put_in_a_position_of_another_organisation(
    academy: Somebody, catalogue: Catalogue, hanoi: Somebody, hue: Somebody
):
    theirs = (await catalogue.position(client=hue, A=2))["id"]
    learner = await add_learner(hanoi)
    for client in (hanoi, academy):
        for position in (theirs, str(uuid4())):
            said = {"title": "?", "job_position_id": position}
            refused = await client.post("/job-position-titles", json=said)
            assert problem(refused) == (422, "title-of-unknown-position")
            body = {"job_position_id": position}
            refused = await client.post(assigning(learner), json=body)
            assert problem(refused) == (422, "assigned-position-unknown")
    own = (await catalogue.position(client=hue, A=2))["id"]
    refused = await hue.post(assigning(learner), json={"job_position_id": own})
    assert problem(refused) == (404, "not-found")


async def test_who_moves_reads_the_catalogue_of_where_they_are(
    world: World, catalogue: Catalogue, hanoi: Somebody, hue: Somebody
):
    there = await catalogue.position("Chuyên viên", client=hue)
    here = await catalogue.position("Chuyên viên", client=hanoi)
    officer = (await add_learner(hanoi))["id"]
    themselves = await world.somebody("learner", hanoi.organization, UUID(officer))
    assert (await profile(themselves, officer))["job_position"]["id"] == here["id"]
    body = {"released_on": "2026-03-01"}
    code = made(await hanoi.post(f"/learners/{officer}/release", json=body))["claim_code"]
    claim = {"claim_code": code, "claimed_on": "2026-03-01", "external_id": "CB-1"}
    claim |= {"position_title": "Chuyên viên"}
    made(await hue.post("/transfers/claim", json=claim), 200)
    assert (await profile(themselves, officer))["job_position"]["id"] == there["id"]
    assert problem(await themselves.get(f"/job-positions/{here['id']}")) == (404, "not-found")


async def test_from_the_day_that_a_position_ends_nobody_is_in_it(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    position = await catalogue.position(title, client=hanoi, A=2)
    learner = await add_learner(hanoi, position_title=title)
    path, day = f"/job-positions/{position['id']}", today()
    for ended_on, is_held in ((day + timedelta(1), True), (day, False)):
        assert (await replace(hanoi, path, ended_on=str(ended_on))).status_code == 200
        assert (await held(hanoi, learner) is not None) == is_held


async def test_what_is_required_changes_from_a_day_on(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    day = today()
    position = await catalogue.position(title, client=hanoi)
    learner = await add_learner(hanoi, position_title=title)

    async def required(name: str, level: int, since: int, until: int | None = None) -> Response:
        end = None if until is None else str(day + timedelta(until))
        days = {"since": str(day + timedelta(since)), "until": end}
        return await catalogue.require(position["id"], name, level, client=hanoi, **days)

    made(await required("A", 1, -100, 0))
    made(await required("A", 2, 0, 100))
    made(await required("A", 3, 100))
    made(await required("B", 4, -100, 0))
    shown = (await profile(hanoi, learner["id"]))["competencies"]
    assert [(each["name_en"], each["required_level"]) for each in shown] == [("A", 2)]
    overlapping = await required("A", 5, 50)
    assert problem(overlapping) == (409, "requirements-overlap")
    then = await everything(
        hanoi, "/job-position-requirements", job_position=position["id"], in_effect_on=str(day)
    )
    assert [each["required_level"] for each in then] == [2]


async def test_a_requirement_is_a_range_of_levels_that_the_scale_has(
    catalogue: Catalogue, hanoi: Somebody
):
    position = (await catalogue.position(client=hanoi))["id"]
    wrong = {"desired_level": 2, "until": "2025-01-01", "weight": 101}
    refused = await catalogue.require(position, "A", 3, client=hanoi, **wrong)
    assert {(e["pointer"], e["code"]) for e in refused.json()["errors"]} == {
        ("/desired_level", "desired_below_required"),
        ("/until", "ends_before_it_begins"),
        ("/weight", "less_than_equal"),
    }
    refused = await catalogue.require(position, "A", 5, client=hanoi, desired_level=6)
    assert problem(refused) == (422, "desired-level-unknown")
    refused = await catalogue.require(position, "A", 6, client=hanoi, desired_level=6)
    assert problem(refused)[1] in ("required-level-unknown", "desired-level-unknown")
    unknown = {"competency_identifier": str(uuid4())}
    refused = await catalogue.require(position, "A", 1, client=hanoi, **unknown)
    assert problem(refused) == (422, "competency-not-published")


async def test_a_requirement_is_replaced_in_the_words_of_the_version_in_force_and_removed(
    academy: Somebody, catalogue: Catalogue, hanoi: Somebody
):
    position = (await catalogue.position(client=hanoi))["id"]
    first = made(await catalogue.require(position, "A", 3, client=hanoi, weight=7))
    version = (await next_version(academy, catalogue.framework_id))["id"]
    await do(academy, version, "publish")
    path = f"/job-position-requirements/{first['id']}"
    assert (await hanoi.get(path)).json()["framework_version_id"] != version
    body = {name: first[name] for name in first if name in _SAID} | {"required_level": 4}
    changed = await hanoi.put(path, json=body, headers=FIRST)
    assert made(changed, 200)["framework_version_id"] == version
    assert (changed.json()["required_level"], changed.json()["weight"]) == (4, 7)
    late = await hanoi.put(path, json=body, headers=FIRST)
    assert problem(late) == (412, "outdated")
    assert problem(await hanoi.delete(path, headers=FIRST)) == (412, "outdated")
    assert (await hanoi.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert problem(await hanoi.delete(path, headers=FIRST))[0] == 404


_SAID = {
    *("framework_id", "competency_identifier", "required_level", "desired_level", "weight"),
    *("since", "until"),
}


async def test_changes_of_positions_and_evidence_are_news(catalogue: Catalogue, hanoi: Somebody):
    start = (await hanoi.get("/changes", params={"since": "now"})).json()["next"]
    position = await catalogue.position(client=hanoi, A=3)
    learner = await add_learner(hanoi)
    await catalogue.record(hanoi, learner["id"], "A", 3)
    told = (await hanoi.get("/changes", params={"since": start})).json()["items"]
    assert [(each["type"], each["subject_id"]) for each in told] == [
        ("job_position.created", position["id"]),
        ("job_position.changed", position["id"]),
        ("learner.created", learner["id"]),
        ("evidence.recorded", learner["id"]),
    ]
