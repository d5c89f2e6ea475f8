"""The transactional outbox: a change and the news of it commit together, or not at all."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base, TransactionId


class Event(Base):
    """News of a change, for those who follow (webhooks, the change feed, other packages)."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_transaction_sequence_idx", "transaction", "sequence", unique=True),
        Index("events_organization_id_idx", "organization_id", "transaction", "sequence"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
    transaction: Mapped[int] = mapped_column(
        TransactionId, server_default=func.pg_current_xact_id()
    )
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    name: Mapped[str]
    subject_id: Mapped[UUID]
    actor: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    data: Mapped[dict[str, Any]]
