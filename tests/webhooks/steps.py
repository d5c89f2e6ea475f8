"""What is done in tests of webhooks."""

import asyncio

from tests.world import everything

OFTEN = 2000


async def add_endpoint(client, url, **fields):
    """The endpoint, its secret among it."""
    made = await client.post("/webhook-endpoints", json={"url": url} | fields)
    assert made.status_code == 201, made.text
    return made.json()


async def until(courier, condition):
    """Turns until it is so, or fails."""
    for _ in range(OFTEN):
        await courier.turn()
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came about")


async def settle(courier):
    """Until nothing is under way, and nothing is due."""
    for _ in range(OFTEN):
        if not (await courier.turn() or courier.busy):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it goes on and on")


async def deliveries(client, endpoint):
    return await everything(client, "/webhook-deliveries", endpoint=endpoint["id"])


async def pass_time(world, interval):
    """Whatever waits, has waited that much longer."""
    await world.database.unscoped(
        f"update webhook_deliveries set next_attempt_at = next_attempt_at - interval '{interval}'"
    )
