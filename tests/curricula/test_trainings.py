"""Trainings that people have completed: recorded, corrected, and taken along."""

from datetime import timedelta
from uuid import uuid4

from app.core.schemas import today
from tests.competencies.steps import made
from tests.curricula.people import train, try_train
from tests.curricula.steps import curriculum, in_force, published_module
from tests.world import Somebody, World, add_learner, everything, problem, replace


async def move(world: World, officer: str, sender: Somebody, receiver: Somebody) -> None:
    released = {"released_on": "2026-01-01"}
    code = made(await sender.post(f"/learners/{officer}/release", json=released))["claim_code"]
    claim = {"claim_code": code, "claimed_on": "2026-01-02", "external_id": uuid4().hex[:8]}
    claimed = await receiver.post("/transfers/claim", json=claim | {"position_title": "Phó phòng"})
    assert claimed.status_code == 200, claimed.text


async def test_a_training_is_recorded_corrected_and_removed(hanoi: Somebody):
    officer = await add_learner(hanoi)
    first = await train(hanoi, officer["id"], title="Lãnh sự", kind="specialised")
    assert first["organization_id"] == str(hanoi.organization)
    path = f"/trainings/{first['id']}"
    body = {"kind": "specialised", "field": "consular", "title": "Lãnh sự"}
    body["completed_on"] = "2022-07-01"
    headers = {"If-Match": '"1"'}
    corrected = made(await hanoi.put(path, json=body, headers=headers), 200)
    assert (corrected["field"], corrected["version"]) == ("consular", 2)
    assert made(await hanoi.get(path), 200) == corrected
    assert problem(await hanoi.put(path, json=body, headers=headers)) == (412, "outdated")
    assert (await hanoi.delete(path, headers={"If-Match": '"2"'})).status_code == 204
    assert problem(await hanoi.get(path)) == (404, "not-found")


async def test_a_training_is_recorded_once_and_after_it_was_completed(hanoi: Somebody):
    officer = (await add_learner(hanoi))["id"]
    await train(hanoi, officer)
    again = await try_train(hanoi, officer)
    assert problem(again) == (409, "training-already-recorded")
    tomorrow = str(today() + timedelta(1))
    refused = await try_train(hanoi, officer, completed_on=tomorrow)
    assert refused.json()["errors"][0]["code"] == "not_completed_yet"
    await train(hanoi, officer, completed_on=str(today()))


async def test_a_training_names_a_curriculum_that_may_be_seen(
    world: World, academy: Somebody, hanoi: Somebody
):
    officer = (await add_learner(hanoi))["id"]
    published = await in_force(academy, world, await published_module(academy))
    done = await train(hanoi, officer, curriculum_id=published["id"])
    assert done["curriculum_id"] == published["id"]
    hidden = (await curriculum(academy))["id"]
    for unknown in (hidden, str(uuid4())):
        refused = await try_train(hanoi, officer, title="Khác", curriculum_id=unknown)
        assert problem(refused) == (422, "training-of-unknown-curriculum")


async def test_trainings_go_with_the_learner_and_are_corrected_where_they_were_recorded(
    world: World, hanoi: Somebody, hue: Somebody
):
    officer = (await add_learner(hanoi))["id"]
    before = await train(hanoi, officer, title="Trước")
    assert problem(await try_train(hue, officer)) == (404, "not-found")
    await move(world, officer, hanoi, hue)
    after = await train(hue, officer, title="Sau")
    listed = await everything(hue, "/trainings", learner=officer)
    assert {each["id"] for each in listed} == {before["id"], after["id"]}
    assert [each["id"] for each in await everything(hanoi, "/trainings", learner=officer)] == [
        before["id"]
    ]
    assert problem(await try_train(hanoi, officer, title="Nữa")) == (404, "not-found")
    fields = ("kind", "field", "title", "curriculum_id", "completed_on", "document")
    body = {name: before[name] for name in fields} | {"document": "Số 1"}
    path = f"/trainings/{before['id']}"
    by_others = await hue.put(path, json=body, headers={"If-Match": "*"})
    assert problem(by_others) == (404, "not-found")
    made(await hanoi.put(path, json=body, headers={"If-Match": "*"}), 200)
    themselves = await world.somebody("learner", hue.organization, officer)
    assert len(await everything(themselves, "/trainings")) == 2
    assert problem(await try_train(themselves, officer)) == (403, "forbidden")


async def test_trainings_are_found_by_what_they_were(hanoi: Somebody):
    officer = (await add_learner(hanoi))["id"]
    await train(hanoi, officer)
    special = await train(hanoi, officer, kind="specialised", field="consular")
    for query in ({"kind": "specialised"}, {"field": "consular"}):
        assert await everything(hanoi, "/trainings", **query) == [special]
    changed = await replace(hanoi, f"/learners/{officer}", full_name="Trần Văn An")
    assert changed.status_code == 200, "nothing stands against changing who was trained"
