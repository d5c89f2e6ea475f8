from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.webhooks import queries, service
from app.webhooks.models import WebhookEndpoint
from app.webhooks.problems import (
    TwentyWebhookEndpointsAtMost,
    WebhookEndpointDisabled,
    WebhookEndpointEnded,
    WebhookUrlNotAllowed,
)
from app.webhooks.schemas import (
    WebhookDeliveryOut,
    WebhookDeliveryQuery,
    WebhookEndpointCreate,
    WebhookEndpointCreated,
    WebhookEndpointIn,
    WebhookEndpointOut,
    WebhookEndpointQuery,
)

router = routing.router("changes")

Reading = Annotated[Reader, reading(Permission.WEBHOOKS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.WEBHOOKS_WRITE)]

EndpointId = Annotated[
    UUID, Path(description="The endpoint's id", examples=[examples.WEBHOOK_ENDPOINT])
]
DeliveryId = Annotated[
    UUID, Path(description="The delivery's id", examples=[examples.WEBHOOK_DELIVERY])
]

_CLOSED = (WebhookEndpointDisabled, WebhookEndpointEnded)


@router.get("/webhook-endpoints", **page_of(WebhookEndpointOut, WebhookEndpointQuery))
async def list_webhook_endpoints(reader: Reading, request: Request) -> Response:
    """List webhook endpoints.

    Addresses that changes are told to as they happen.
    """
    query = WebhookEndpointQuery.of(request)
    return await queries.endpoints.page(reader, request, query)


@router.post(
    "/webhook-endpoints",
    status_code=201,
    response_model=WebhookEndpointCreated,
    responses=problems(
        NotFound, TwentyWebhookEndpointsAtMost, WebhookUrlNotAllowed, IdempotencyKeyReused
    ),
)
async def create_webhook_endpoint(
    session: Changing, request: Request, data: WebhookEndpointCreate, response: Response
) -> WebhookEndpointCreated:
    """Add a webhook endpoint.

    Each change is sent there as a message (Standard Webhooks 1.0), at least once and without
    personal data: read the subject by its id. An answer of 2xx within 10 seconds takes it; else it
    is sent again for a day. Verify the signatures with the secret, which is shown only now.
    """
    state = request.app.state
    networks, seal = state.settings.webhook_networks, state.seals.webhooks
    endpoint, secret = await service.create_endpoint(session, data, networks, seal)
    return _created(tagged(response, endpoint), secret)


@router.get(
    "/webhook-endpoints/{webhook_endpoint_id}",
    response_model=WebhookEndpointOut,
    responses=problems(NotFound),
)
async def get_webhook_endpoint(
    reader: Reading, request: Request, webhook_endpoint_id: EndpointId
) -> Response:
    """Read a webhook endpoint."""
    return await queries.endpoints.row(reader, request, webhook_endpoint_id)


@router.put(
    "/webhook-endpoints/{webhook_endpoint_id}",
    response_model=WebhookEndpointOut,
    responses=problems(
        NotFound, WebhookEndpointEnded, Outdated, WebhookUrlNotAllowed, VersionRequired
    ),
)
async def replace_webhook_endpoint(
    session: Changing,
    request: Request,
    webhook_endpoint_id: EndpointId,
    expected: IfMatch,
    data: WebhookEndpointIn,
    response: Response,
) -> Any:
    """Replace a webhook endpoint's description.

    All of it. What happened while it was disabled is not told later: read that from the changes.
    """
    endpoint = await get_or_404(session, WebhookEndpoint, webhook_endpoint_id)
    expected.check(endpoint)
    networks = request.app.state.settings.webhook_networks
    return tagged(response, await service.replace_endpoint(session, endpoint, data, networks))


@router.post(
    "/webhook-endpoints/{webhook_endpoint_id}/rotate-secret",
    response_model=WebhookEndpointCreated,
    responses=problems(NotFound, WebhookEndpointEnded, IdempotencyKeyReused),
)
async def rotate_webhook_secret(
    session: Changing, request: Request, webhook_endpoint_id: EndpointId, response: Response
) -> WebhookEndpointCreated:
    """Give a webhook endpoint a new secret.

    It is shown only now. For 24 hours messages are signed with the former one too.
    """
    endpoint = await get_or_404(session, WebhookEndpoint, webhook_endpoint_id)
    secret = await service.add_secret(session, endpoint, request.app.state.seals.webhooks)
    return _created(tagged(response, endpoint), secret)


@router.post(
    "/webhook-endpoints/{webhook_endpoint_id}/ping",
    status_code=201,
    response_model=WebhookDeliveryOut,
    responses=problems(NotFound, *_CLOSED, IdempotencyKeyReused),
)
async def ping_webhook_endpoint(session: Changing, webhook_endpoint_id: EndpointId) -> Any:
    """Try a webhook endpoint out.

    Sends a message that tells of nothing. How it went, its delivery says a moment later.
    """
    endpoint = await get_or_404(session, WebhookEndpoint, webhook_endpoint_id)
    return await service.ping(session, endpoint)


@router.post(
    "/webhook-endpoints/{webhook_endpoint_id}/end",
    response_model=WebhookEndpointOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def end_webhook_endpoint(
    session: Changing, webhook_endpoint_id: EndpointId, response: Response
) -> Any:
    """End a webhook endpoint for good.

    Nothing is sent to it any more.
    """
    endpoint = await get_or_404(session, WebhookEndpoint, webhook_endpoint_id)
    return tagged(response, await service.end_endpoint(session, endpoint))


@router.get("/webhook-deliveries", **page_of(WebhookDeliveryOut, WebhookDeliveryQuery))
async def list_webhook_deliveries(reader: Reading, request: Request) -> Response:
    """List what was sent to webhook endpoints.

    The newest first; for a month.
    """
    query = WebhookDeliveryQuery.of(request)
    return await queries.deliveries.page(reader, request, query)


@router.post(
    "/webhook-deliveries/{webhook_delivery_id}/redeliver",
    response_model=WebhookDeliveryOut,
    responses=problems(NotFound, *_CLOSED, IdempotencyKeyReused),
)
async def redeliver_webhook(session: Changing, webhook_delivery_id: DeliveryId) -> Any:
    """Send a message again.

    With the same `webhook-id`, and as often as a new one.
    """
    return await service.redeliver(session, webhook_delivery_id)


def _created(endpoint: WebhookEndpoint, secret: str) -> WebhookEndpointCreated:
    shown = WebhookEndpointOut.model_validate(endpoint)
    return WebhookEndpointCreated(**shown.model_dump(), secret=secret)
