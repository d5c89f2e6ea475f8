"""Who changed what, written by triggers; and who read whose personal data, written by the service.

Nobody is granted changes to either table.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from app.core.database.models import Base, TransactionId


class AuditEntry(Base):
    """One change of one row. What a row was before follows from its later changes."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "row_id", "id"),
        Index(None, "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    transaction: Mapped[int] = mapped_column(
        TransactionId, server_default=func.pg_current_xact_id()
    )
    organization_id: Mapped[UUID | None]
    actor: Mapped[str]
    request_id: Mapped[str]
    operation: Mapped[str]
    table_name: Mapped[str]
    row_id: Mapped[UUID | None]
    changes: Mapped[dict[str, Any]]


class PersonalDataRead(Base):
    """One answer that showed somebody's personal data."""

    __tablename__ = "personal_data_reads"
    __table_args__ = (
        Index(None, "learner_ids", postgresql_using="gin"),
        Index(None, "organization_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    occurred_at: Mapped[datetime]
    organization_id: Mapped[UUID]
    """The reader's."""
    actor: Mapped[str]
    request_id: Mapped[str]
    operation: Mapped[str]
    learner_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
