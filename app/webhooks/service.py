import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.problems import NotFound
from app.core.secrets import Seal
from app.events.outbox import publish
from app.webhooks.addresses import Network, NotAllowed, check_url
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.problems import (
    WebhookEndpointDisabled,
    WebhookEndpointEnded,
    WebhookUrlNotAllowed,
)
from app.webhooks.schemas import WebhookEndpointCreate, WebhookEndpointIn
from app.webhooks.signing import new_secret

PING = "webhook_endpoint.ping"

# Written out, for whoever adds a secret may not read it.
_ADD_SECRET = text(
    "insert into webhook_secrets (organization_id, endpoint_id, sealed)"
    " values (:organization_id, :endpoint_id, :sealed)"
)


async def create_endpoint(
    session: AsyncSession, data: WebhookEndpointCreate, networks: tuple[Network, ...], seal: Seal
) -> tuple[WebhookEndpoint, str]:
    """The endpoint, and the secret that is never shown again."""
    _check(data.url, networks)
    endpoint = WebhookEndpoint(**data.model_dump(exclude_none=True))
    session.add(endpoint)
    await session.flush()
    await session.refresh(endpoint)
    return endpoint, await add_secret(session, endpoint, seal)


async def replace_endpoint(
    session: AsyncSession,
    endpoint: WebhookEndpoint,
    data: WebhookEndpointIn,
    networks: tuple[Network, ...],
) -> WebhookEndpoint:
    _check(data.url, networks)
    if endpoint.ended_at is not None:
        raise WebhookEndpointEnded
    if data.enabled and not endpoint.enabled:
        endpoint.enabled_at, endpoint.disabled_because = func.now(), None
    for field, value in data:
        setattr(endpoint, field, value)
    await session.flush()
    await session.refresh(endpoint)
    return endpoint


async def end_endpoint(session: AsyncSession, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    if endpoint.ended_at is None:
        endpoint.enabled, endpoint.disabled_because = False, None
        endpoint.ended_at = func.now()
        await session.flush()
        await session.refresh(endpoint)
    return endpoint


async def add_secret(session: AsyncSession, endpoint: WebhookEndpoint, seal: Seal) -> str:
    """A new one; the one before signs too for a day."""
    if endpoint.ended_at is not None:
        raise WebhookEndpointEnded
    secret = new_secret()
    values = {"organization_id": endpoint.organization_id, "endpoint_id": endpoint.id}
    await session.execute(_ADD_SECRET, values | {"sealed": seal.close(secret.encode())})
    return secret


async def ping(session: AsyncSession, endpoint: WebhookEndpoint) -> WebhookDelivery:
    _check_open(endpoint)
    message = WebhookDelivery(
        organization_id=endpoint.organization_id,
        endpoint_id=endpoint.id,
        type=PING,
        payload=_ping_payload(endpoint),
    )
    session.add(message)
    await session.flush()
    await session.refresh(message)
    return message


def _ping_payload(endpoint: WebhookEndpoint) -> str:
    data = {"organization_id": str(endpoint.organization_id), "subject_id": str(endpoint.id)}
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": PING, "timestamp": moment, "data": data})


async def redeliver(session: AsyncSession, id: UUID) -> WebhookDelivery:
    """From the start: all attempts are before it again."""
    delivery = await session.get(WebhookDelivery, id, with_for_update={"key_share": True})
    if delivery is None:
        raise NotFound
    _check_open(await session.get_one(WebhookEndpoint, delivery.endpoint_id))
    delivery.state, delivery.attempts, delivery.next_attempt_at = "pending", 0, func.now()
    await session.flush()
    await session.refresh(delivery)
    return delivery


async def disable(session: AsyncSession, id: UUID, because: str) -> bool:
    """By the service itself; whether it was enabled until now. Whoever follows is told."""
    endpoint: Any = await session.get(WebhookEndpoint, id, with_for_update={"key_share": True})
    if not endpoint.enabled:
        return False
    endpoint.enabled, endpoint.disabled_because = False, because
    await session.flush()
    publish(
        session,
        "webhook_endpoint.disabled",
        endpoint.id,
        endpoint.organization_id,
        because=because,
    )
    return True


def _check(url: str, networks: tuple[Network, ...]) -> None:
    try:
        check_url(url, networks)
    except NotAllowed as error:
        raise WebhookUrlNotAllowed from error


def _check_open(endpoint: WebhookEndpoint) -> None:
    if endpoint.ended_at is not None:
        raise WebhookEndpointEnded
    if not endpoint.enabled:
        raise WebhookEndpointDisabled
