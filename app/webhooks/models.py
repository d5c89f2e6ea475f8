"""Where changes are told to, the secrets that sign them, and what was delivered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import Base, OwnedEntity, TransactionId

_OWN = text("nullif(current_setting('app.organization', true), '')::uuid")


def _of_endpoint(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "endpoint_id"],
        ["webhook_endpoints.organization_id", "webhook_endpoints.id"],
        name=f"{table}_endpoint_id_fkey",
    )


class WebhookEndpoint(OwnedEntity):
    """An address that an organisation's changes are told to, as they happen."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        UniqueConstraint("organization_id", "id", name="webhook_endpoints_organization_id_id_key"),
        CheckConstraint(
            "ended_at is null or not enabled", name="webhook_endpoint_ended_is_disabled"
        ),
        CheckConstraint(
            "disabled_because is null or (disabled_because in ('gone', 'failing') and not enabled)",
            name="webhook_endpoint_disabled_for_a_reason",
        ),
    )

    url: Mapped[str]
    description: Mapped[str | None]
    types: Mapped[list[str]]
    enabled: Mapped[bool]
    enabled_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_because: Mapped[str | None]
    """Why the service did it."""
    ended_at: Mapped[datetime | None]


class WebhookSecret(Base):
    """What an endpoint knows that a message is ours by; sealed. The newest signs, and the one
    before for a day yet."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (_of_endpoint("webhook_secrets"), Index(None, "endpoint_id", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), server_default=_OWN
    )
    endpoint_id: Mapped[UUID]
    sealed: Mapped[bytes]


class WebhookDelivery(Base):
    """One message for one endpoint, and how its delivery went."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        _of_endpoint("webhook_deliveries"),
        UniqueConstraint(
            "organization_id",
            "endpoint_id",
            "event_id",
            name="webhook_deliveries_organization_id_endpoint_id_event_id_key",
        ),
        CheckConstraint(
            "state in ('pending', 'delivered', 'failed')", name="webhook_delivery_state_unknown"
        ),
        CheckConstraint(
            "(state = 'pending') = (next_attempt_at is not null)",
            name="webhook_delivery_attempted_while_pending",
        ),
        Index(None, "endpoint_id", "next_attempt_at", postgresql_where=text("state = 'pending'")),
        Index(None, "organization_id", "created_at", "id"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), server_default=_OWN
    )
    endpoint_id: Mapped[UUID]
    event_id: Mapped[UUID] = mapped_column(server_default=func.uuidv7())
    type: Mapped[str]
    payload: Mapped[str]
    """To the byte: what is signed, at every attempt."""
    state: Mapped[str] = mapped_column(server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_attempt_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    """While an attempt is under way, when to try again should its process die."""
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None]


class WebhookFailure(Base):
    """Since when an endpoint has taken nothing. Apart, for it is no change of the endpoint."""

    __tablename__ = "webhook_failures"
    __table_args__ = (_of_endpoint("webhook_failures"),)

    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"), server_default=_OWN
    )
    since: Mapped[datetime] = mapped_column(server_default=func.now())


class WebhookCursor(Base):
    """Up to which event deliveries were made."""

    __tablename__ = "webhook_cursors"
    __table_args__ = (CheckConstraint("sole", name="one_webhook_cursor"),)

    sole: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    lineage: Mapped[UUID | None]
    transaction: Mapped[int] = mapped_column(TransactionId, server_default=text("'0'"))
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


def _failing_since() -> Any:
    """Not before it was enabled last."""
    moment = TIMESTAMP(timezone=True)
    since = func.greatest(WebhookFailure.since, WebhookEndpoint.enabled_at, type_=moment)
    failing = select(since).where(WebhookFailure.endpoint_id == WebhookEndpoint.id)
    return column_property(failing.correlate(WebhookEndpoint).scalar_subquery())


WebhookEndpoint.failing_since = _failing_since()
