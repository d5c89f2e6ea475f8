"""Endpoints: who keeps them, what is shown of them, and what signs."""

import asyncpg
import pytest
from sqlalchemy import make_url
from standardwebhooks import WebhookVerificationError

from app.core.secrets import Seals
from tests.conftest import SECRET
from tests.webhooks.steps import add_endpoint, deliveries, settle, until
from tests.webhooks.test_delivering import replaced
from tests.world import add_learner, everything, problem


async def test_the_secret_is_shown_once_and_kept_sealed(world, hanoi, receiver):
    endpoint = await add_endpoint(hanoi, receiver.url())
    assert endpoint["secret"].startswith("whsec_")
    path = f"/webhook-endpoints/{endpoint['id']}"
    assert "secret" not in (await hanoi.get(path)).json()
    assert endpoint["secret"] not in (await hanoi.get("/webhook-endpoints")).text
    (kept,) = await world.database.unscoped(
        "select sealed from webhook_secrets where endpoint_id = $1", endpoint["id"]
    )
    assert endpoint["secret"].encode() not in kept["sealed"]
    assert Seals(SECRET).webhooks.open(kept["sealed"]).decode() == endpoint["secret"]
    entries = await everything(hanoi, "/audit-entries", row=endpoint["id"])
    assert endpoint["secret"] not in str(entries)


async def test_while_a_secret_is_exchanged_both_verify(world, urls, hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url())
    path = f"/webhook-endpoints/{endpoint['id']}/rotate-secret"
    rotated = (await hanoi.post(path)).json()
    assert rotated["secret"] != endpoint["secret"]
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    (message,) = receiver.messages
    assert len(message.headers["webhook-signature"].split()) == 2
    message.verified(endpoint["secret"])
    message.verified(rotated["secret"])
    await a_day_passes(world, urls)
    await add_learner(hanoi)
    await until(courier, lambda: len(receiver.messages) == 2)
    later = receiver.messages[1]
    later.verified(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        later.verified(endpoint["secret"])


async def a_day_passes(world, urls):
    """Nobody may change secrets, so their owner's hands are freed."""
    database = make_url(world.app.state.settings.database_url.get_secret_value()).database
    owner = make_url(urls.owner).set(drivername="postgresql", database=database)
    connection = await asyncpg.connect(owner.render_as_string(hide_password=False))
    async with connection.transaction():
        await connection.execute("set local role banggiao_owner")
        await connection.execute("alter table webhook_secrets no force row level security")
        await connection.execute(
            "update webhook_secrets set created_at = created_at - interval '25 hours'"
        )
        await connection.execute("alter table webhook_secrets force row level security")
    await connection.close()


async def test_a_changed_message_does_not_verify(hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url())
    await add_learner(hanoi)
    await until(courier, lambda: receiver.messages)
    changed = receiver.messages[0]._replace(body=receiver.messages[0].body + b" ")
    with pytest.raises(WebhookVerificationError):
        changed.verified(endpoint["secret"])


async def test_a_ping_arrives_and_its_delivery_tells_how_it_went(hanoi, receiver, courier):
    endpoint = await add_endpoint(hanoi, receiver.url(), types=["unit.*"])
    pinged = await hanoi.post(f"/webhook-endpoints/{endpoint['id']}/ping")
    assert pinged.status_code == 201, pinged.text
    await until(courier, lambda: receiver.messages)
    await settle(courier)
    (message,) = receiver.messages
    message.verified(endpoint["secret"])
    assert message.said["type"] == "webhook_endpoint.ping"
    assert message.id == pinged.json()["event_id"]
    (delivery,) = await deliveries(hanoi, endpoint)
    assert (delivery["id"], delivery["state"]) == (pinged.json()["id"], "delivered")


async def test_what_has_ended_is_over(hanoi, receiver):
    endpoint = await add_endpoint(hanoi, receiver.url())
    path = f"/webhook-endpoints/{endpoint['id']}"
    ping = (await hanoi.post(f"{path}/ping")).json()
    ended = (await hanoi.post(f"{path}/end")).json()
    assert ended["ended_at"]
    assert not ended["enabled"]
    assert (await hanoi.post(f"{path}/end")).json()["ended_at"] == ended["ended_at"]
    for refused in (
        await replaced(hanoi, path, enabled=True),
        await hanoi.post(f"{path}/ping"),
        await hanoi.post(f"{path}/rotate-secret"),
        await hanoi.post(f"/webhook-deliveries/{ping['id']}/redeliver"),
    ):
        assert problem(refused) == (409, "webhook-endpoint-ended")


async def test_an_endpoint_that_is_disabled_is_not_tried_out(hanoi, receiver):
    endpoint = await add_endpoint(hanoi, receiver.url(), enabled=False)
    refused = await hanoi.post(f"/webhook-endpoints/{endpoint['id']}/ping")
    assert problem(refused) == (409, "webhook-endpoint-disabled")


async def test_twenty_are_enough_and_who_ends_one_may_add_one(hanoi, receiver):
    made = [await add_endpoint(hanoi, receiver.url(str(n))) for n in range(20)]
    refused = await hanoi.post("/webhook-endpoints", json={"url": receiver.url()})
    assert problem(refused) == (409, "twenty-webhook-endpoints-at-most")
    await hanoi.post(f"/webhook-endpoints/{made[0]['id']}/end")
    await add_endpoint(hanoi, receiver.url())


@pytest.mark.parametrize("types", [[], ["learner"], ["*.created"], ["*"] * 21, ["a.b.c"]])
async def test_types_that_could_not_be_any_are_refused(hanoi, receiver, types):
    body = {"url": receiver.url(), "types": types}
    refused = await hanoi.post("/webhook-endpoints", json=body)
    assert problem(refused) == (422, "invalid-request")
