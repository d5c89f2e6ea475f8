from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, cast, func, select

from app.core.views import View
from app.webhooks.models import WebhookDelivery, WebhookEndpoint
from app.webhooks.schemas import (
    WebhookDeliveryOut,
    WebhookDeliveryQuery,
    WebhookEndpointOut,
    WebhookEndpointQuery,
)


def endpoints_matching(query: WebhookEndpointQuery) -> Select[Any]:
    statement = select(WebhookEndpoint)
    if query.enabled is not None:
        statement = statement.where(WebhookEndpoint.enabled == cast(query.enabled, Boolean))
    return statement


def deliveries_matching(query: WebhookDeliveryQuery) -> Select[Any]:
    statement = select(WebhookDelivery)
    if query.endpoint is not None:
        statement = statement.where(WebhookDelivery.endpoint_id == query.endpoint)
    if query.state is not None:
        statement = statement.where(WebhookDelivery.state == query.state)
    return statement


def _stamp(kind: Any) -> ColumnElement[Any]:
    """A failure is no change of the row, but of what is shown of it."""
    return func.concat(kind.version, kind.failing_since)


endpoints = View(
    WebhookEndpoint,
    WebhookEndpointOut,
    endpoints_matching,
    stamp=_stamp(WebhookEndpoint),
)
deliveries = View(
    WebhookDelivery,
    WebhookDeliveryOut,
    deliveries_matching,
    stamp=func.concat(
        WebhookDelivery.state, WebhookDelivery.attempts, WebhookDelivery.next_attempt_at
    ),
)
