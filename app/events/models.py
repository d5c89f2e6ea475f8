"""The transactional outbox: a change and the news of it commit together, or not at all."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
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


class ChangeHorizon(Base):
    """How far back the feed of changes goes: everything up to this place is forgotten.

    Transactions are numbered by a cluster. In another one, where a backup was restored, a new
    lineage begins, and cursors of the former are no longer understood.
    """

    __tablename__ = "change_horizons"
    __table_args__ = (CheckConstraint("sole", name="one_change_horizon"),)

    sole: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    lineage: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    cluster: Mapped[int] = mapped_column(BigInteger)
    transaction: Mapped[int] = mapped_column(TransactionId, server_default=text("'0'"))
    sequence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
