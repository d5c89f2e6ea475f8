"""What the authorization server hands out, of which it keeps only hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base


class AuthorizationCode(Base):
    """What a browser carries from our page to the program that asked (RFC 6749, 4.1.2)."""

    __tablename__ = "authorization_codes"

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    client: Mapped[str]
    redirect_uri: Mapped[str]
    challenge: Mapped[str]
    """SHA-256 of what the program must show to exchange the code (RFC 7636)."""
    scope: Mapped[str]
    method: Mapped[str]
    source: Mapped[str | None]
    user_agent: Mapped[str | None]
    approved_at: Mapped[datetime]
    password_set_at: Mapped[datetime | None]
    """Of the password that was shown."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    sign_in_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_ins.id"))
    """What it was exchanged for."""


class RefreshToken(Base):
    """One of the family of a sign-in. The last one has no successor yet."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        CheckConstraint(
            "(successor_hash is null) = (replaced_at is null)",
            name="refresh_token_replaced_by_one",
        ),
    )

    hash: Mapped[bytes] = mapped_column(primary_key=True)
    sign_in_id: Mapped[UUID] = mapped_column(ForeignKey("sign_ins.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    successor_hash: Mapped[bytes | None]
    replaced_at: Mapped[datetime | None]


class SignInDelay(Base):
    """How often signing in failed in a row, and from when it may be tried again."""

    __tablename__ = "sign_in_delays"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    """A hash of the account, and of where the attempts come from."""
    failures: Mapped[int] = mapped_column(server_default=text("1"))
    failed_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    retry_at: Mapped[datetime] = mapped_column(server_default=func.now())
