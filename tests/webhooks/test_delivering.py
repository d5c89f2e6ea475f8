"""Changes are told as messages: at least once, however the other side behaves."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.events import keeping
from app.webhooks import delivering, sending
from tests.events.following import Follower
from tests.webhooks.conftest import courier_of
from tests.webhooks.steps import add_endpoint, deliveries, pass_time, settle, until
from tests.world import add_learner, problem, replace

TELL = text("""
  insert into events (organization_id, name, subject_id, data)
  select :organization, 'learner.created', uuidv7(), jsonb_build_object('key', n)
  from generate_series(1, :number) as n
""")


async def tell(world, organization, number):
    async with world.session() as session:
        await session.execute(TELL, {"organization": organization, "number": number})


async def test_a_change_is_told_thin_and_signed(hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url("hook?a=b"))
    learner = await add_learner(hanoi, external_id="CB-1", full_name="Nguyễn Thị Bí Mật")
    await until(courier, lambda: receiver.messages)
    (message,) = receiver.messages
    message.verified(endpoint["secret"])
    (change,) = await Follower(hanoi).catch_up()
    assert message.id == change["id"]
    assert message.path == "/hook?a=b"
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert message.said == {
        "type": "learner.created",
        "timestamp": change["occurred_at"],
        "data": {
            "id": change["id"],
            "organization_id": str(hanoi.organization),
            "subject_id": learner["id"],
            "key": "CB-1",
        },
    }
    await settle(courier)
    (delivery,) = await deliveries(hanoi, endpoint)
    assert delivery["state"] == "delivered"
    assert (delivery["attempts"], delivery["last_status"]) == (1, 204)
    assert delivery["next_attempt_at"] is None


async def test_only_the_types_that_are_wanted_are_told(hanoi, receiver, courier):
    await add_endpoint(hanoi, receiver.url(), types=["learner.changed", "unit.*"])
    learner = await add_learner(hanoi)
    await replace(hanoi, f"/learners/{learner['id']}", position_title="Trưởng phòng")
    body = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    await hanoi.post("/units", json=body)
    await until(courier, lambda: len(receiver.messages) == 2)
    await settle(courier)
    assert {m.said["type"] for m in receiver.messages} == {"learner.changed", "unit.created"}


async def test_a_province_is_never_told_of_another_and_the_academy_of_all(
    academy, hanoi, hue, receiver, courier
):
    await add_endpoint(academy, receiver.url("academy"))
    await add_endpoint(hanoi, receiver.url("hanoi"))
    ours, theirs = await add_learner(hanoi), await add_learner(hue)
    await until(courier, lambda: len(receiver.messages) == 3)
    await settle(courier)
    told = {
        path: {m.said["data"]["subject_id"] for m in receiver.of(path)}
        for path in ("hanoi", "academy")
    }
    assert told == {"hanoi": {ours["id"]}, "academy": {ours["id"], theirs["id"]}}


async def test_an_organisation_is_told_of_those_below_it(world, receiver, courier):
    region = await world.organization("region")
    district = await world.organization("district", parent=region)
    await add_endpoint(await world.somebody("coordinator", region), receiver.url())
    learner = await add_learner(await world.somebody("coordinator", district))
    await until(courier, lambda: receiver.messages)
    assert receiver.messages[0].said["data"]["subject_id"] == learner["id"]


async def test_what_is_disabled_is_told_nothing(hanoi, receiver, courier):
    await add_endpoint(hanoi, receiver.url("off"), enabled=False)
    await add_endpoint(hanoi, receiver.url("on"))
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    assert receiver.of("off") == []


async def test_who_was_down_for_hours_gets_everything_with_the_same_ids(
    world, hanoi, receiver, courier
):
    receiver.status = 503
    endpoint = await add_endpoint(hanoi, receiver.url())
    learners = {(await add_learner(hanoi))["id"] for _ in range(3)}
    await until(courier, lambda: len(receiver.messages) == 3)
    for _ in range(12):
        await settle(courier)
        await pass_time(world, "30 minutes")
    refused = {m.id: m.body for m in receiver.messages}
    assert len(refused) == 3
    assert len(receiver.messages) > 9
    assert (await hanoi.get(f"/webhook-endpoints/{endpoint['id']}")).json()["failing_since"]
    receiver.status, receiver.messages = 204, []
    await pass_time(world, "10 hours")
    await until(courier, lambda: len(receiver.messages) == 3)
    await settle(courier)
    assert {m.id: m.body for m in receiver.messages} == refused
    assert {m.said["data"]["subject_id"] for m in receiver.messages} == learners
    for message in receiver.messages:
        message.verified(endpoint["secret"])
    assert {d["state"] for d in await deliveries(hanoi, endpoint)} == {"delivered"}
    present = (await hanoi.get(f"/webhook-endpoints/{endpoint['id']}")).json()
    assert present["failing_since"] is None


async def test_it_is_given_up_in_time_and_can_be_sent_again(world, hanoi, receiver, courier):
    receiver.status = 500
    endpoint = await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    for _ in range(10):
        await settle(courier)
        await pass_time(world, "12 hours")
    (given_up,) = await deliveries(hanoi, endpoint)
    assert (given_up["state"], given_up["attempts"]) == ("failed", 8)
    assert (given_up["last_status"], given_up["last_error"]) == (500, "status")
    receiver.status = 200
    again = await hanoi.post(f"/webhook-deliveries/{given_up['id']}/redeliver")
    assert again.json()["state"] == "pending"
    await settle(courier)
    assert len({m.id for m in receiver.messages}) == 1
    assert len(receiver.messages) == 9
    assert (await deliveries(hanoi, endpoint))[0]["state"] == "delivered"


async def test_retries_keep_to_the_schedule():
    refused = sending.Outcome(503, "status")
    for before, seconds in enumerate(delivering.RETRIES):
        assert seconds <= delivering._retry_in(before, refused) <= seconds * 1.1
    assert delivering._retry_in(len(delivering.RETRIES), refused) is None


async def test_who_takes_nothing_for_days_is_disabled_and_everybody_can_see_why(
    world, hanoi, receiver, courier
):
    receiver.status = 500
    endpoint = await add_endpoint(hanoi, receiver.url())
    follower = Follower(hanoi, types="webhook_endpoint.*")
    await follower.begin()
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    path = f"/webhook-endpoints/{endpoint['id']}"
    assert (await hanoi.get(path)).json()["enabled"]
    await world.database.unscoped("update webhook_failures set since = now() - interval '6 days'")
    async with world.session() as session:
        await session.execute(
            text("update webhook_endpoints set enabled_at = now() - interval '7 days'")
        )
    await pass_time(world, "1 minute")
    await settle(courier)
    present = (await hanoi.get(path)).json()
    assert (present["enabled"], present["disabled_because"]) == (False, "failing")
    (news,) = await follower.catch_up()
    assert news["type"] == "webhook_endpoint.disabled"
    assert (news["subject_id"], news["data"]) == (endpoint["id"], {"because": "failing"})
    receiver.messages = []
    await pass_time(world, "1 day")
    await settle(courier)
    assert receiver.messages == []
    receiver.status = 200
    assert (await replaced(hanoi, path, enabled=True)).status_code == 200
    await settle(courier)
    assert len(receiver.messages) == 1


async def replaced(client, path, **changes):
    present = (await client.get(path)).json()
    taken = {name: present[name] for name in ("url", "description", "types", "enabled")}
    return await client.put(path, json=taken | changes, headers={"If-Match": "*"})


async def test_who_answers_that_it_is_gone_is_disabled_at_once(hanoi, receiver, courier):
    receiver.status = 410
    endpoint = await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    present = (await hanoi.get(f"/webhook-endpoints/{endpoint['id']}")).json()
    assert (present["enabled"], present["disabled_because"]) == (False, "gone")
    (delivery,) = await deliveries(hanoi, endpoint)
    assert delivery["state"] == "failed"
    refused = await hanoi.post(f"/webhook-deliveries/{delivery['id']}/redeliver")
    assert problem(refused) == (409, "webhook-endpoint-disabled")


async def test_a_redirection_is_not_followed(hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url("elsewhere"))
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    assert receiver.of("there") == []
    (delivery,) = await deliveries(hanoi, endpoint)
    assert (delivery["state"], delivery["last_status"]) == ("pending", 302)


async def test_who_never_answers_holds_nobody_up(world, hanoi, hue, receiver, courier):
    await add_endpoint(hanoi, receiver.url("hang"))
    await add_endpoint(hue, receiver.url("well"))
    await tell(world, hanoi.organization, 30)
    await until(courier, lambda: receiver.of("hang"))
    await tell(world, hue.organization, 30)
    await until(courier, lambda: len(receiver.of("well")) == 30)
    assert 0 < len(receiver.of("hang")) <= delivering.TO_ONE
    assert courier.busy


async def test_who_took_nothing_last_is_tried_with_one_message_at_a_time(
    world, hanoi, receiver, courier
):
    receiver.status = 500
    await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    await tell(world, hanoi.organization, 5)
    await courier.turn()
    assert len(courier._under_way) == 1


async def test_an_answer_without_an_end_is_not_waited_for(hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url("stream"))
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    (delivery,) = await deliveries(hanoi, endpoint)
    assert (delivery["state"], delivery["last_status"]) == ("delivered", 200)


async def test_what_takes_too_long_is_sent_again(hanoi, receiver, courier, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE", 0.05)
    endpoint = await add_endpoint(hanoi, receiver.url("hang"))
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    (delivery,) = await deliveries(hanoi, endpoint)
    assert (delivery["state"], delivery["last_error"]) == ("pending", "timed_out")
    assert delivery["last_status"] is None


async def test_what_was_under_way_when_its_process_died_is_sent_by_another(world, hanoi, receiver):
    await add_endpoint(hanoi, receiver.url("hang"))
    await add_learner(hanoi)
    async with courier_of(world) as dying:
        await until(dying, lambda: receiver.messages)
    async with courier_of(world) as other:
        await other.turn()
        assert not other.busy  # not before its time
        await pass_time(world, "61 seconds")
        await until(other, lambda: len(receiver.messages) == 2)
    assert len({m.id for m in receiver.messages}) == 1


async def test_a_burst_is_told_in_pieces_and_survives_a_death_in_between(
    world, hanoi, receiver, monkeypatch
):
    monkeypatch.setattr(delivering, "BATCH", 100)
    endpoint = await add_endpoint(hanoi, receiver.url())
    await tell(world, hanoi.organization, 450)
    async with courier_of(world) as dying:
        await until(dying, lambda: len(receiver.messages) > 20)
    async with courier_of(world) as one, courier_of(world) as another:
        for _ in range(5):
            await one.turn()
            await another.turn()
        await pass_time(world, "61 seconds")
        await until(one, lambda: len({m.id for m in receiver.messages}) == 450)
        await settle(one)
        await settle(another)
    log = await deliveries(hanoi, endpoint)
    assert len(log) == 450
    assert {d["state"] for d in log} == {"delivered"}


async def test_after_a_backup_was_restored_nothing_is_told_twice(world, hanoi, receiver, courier):
    await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    await add_learner(hanoi)
    await world.database.unscoped("update change_horizons set cluster = 1")
    await keeping.renumber(world.database)
    await until(courier, lambda: len(receiver.messages) == 2)
    await settle(courier)
    assert len({m.id for m in receiver.messages}) == len(receiver.messages) == 2


async def test_what_was_delivered_is_forgotten_in_time(world, hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url())
    for _ in range(2):
        await add_learner(hanoi)
    await until(courier, lambda: len(receiver.messages) == 2)
    await settle(courier)
    old, young = await deliveries(hanoi, endpoint)
    await world.database.unscoped(
        "update webhook_deliveries set created_at = now() - interval '31 days' where id = $1",
        old["id"],
    )
    await delivering.forget(world.database, timedelta(days=30))
    assert [d["id"] for d in await deliveries(hanoi, endpoint)] == [young["id"]]


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_no_proxy_of_the_environment_is_used(world, hanoi, receiver, monkeypatch, proxy):
    monkeypatch.setenv(proxy, "http://127.0.0.1:1")
    await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    async with courier_of(world) as courier:
        await until(courier, lambda: receiver.messages)
