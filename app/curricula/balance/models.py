"""What the Academy watches in curricula."""

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from app.core.database.models import Entity


class BalanceThreshold(Entity):
    """How many hours curricula should have in a domain, of all, and whether it must become more."""

    __tablename__ = "balance_thresholds"
    __table_args__ = (
        UniqueConstraint("domain", name="balance_threshold_taken"),
        CheckConstraint("minimum_percent between 1 and 100", name="minimum_percent_out_of_range"),
    )

    domain: Mapped[str]
    minimum_percent: Mapped[int | None]
    must_grow: Mapped[bool]
