"""How people prove who they are, and from when until when they are signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.models import last_use_of
from app.core.database.models import Base, Entity

SWAGGER_UI, COMMAND_LINE = "swagger-ui", "command-line"
"""Programs of the service's own, which every installation knows without registering them."""


class SignIn(Entity):
    """A user who is signed in somewhere, as a member of an organisation, until it ends.

    Every access token of a person names one, so that ending it refuses the next request. Its
    refresh tokens are one family.
    """

    __tablename__ = "sign_ins"
    __table_args__ = (
        CheckConstraint(
            "method in ('password', 'password_and_code', 'command_line')",
            name="sign_in_method_unknown",
        ),
        CheckConstraint(
            "ended_because in ('signed_out', 'ended_by_administrator', 'password_changed',"
            " 'code_reused', 'refresh_token_reused')",
            name="sign_in_end_unknown",
        ),
        CheckConstraint(
            "(ended_at is null) = (ended_because is null)", name="sign_in_ends_for_a_reason"
        ),
        Index(None, "user_id", "id"),
        Index(None, "created_at", "id"),
        Index(None, "client", postgresql_where="ended_at is null"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"), index=True)
    client: Mapped[str]
    """The `client_id` of the program that they use."""
    scope: Mapped[str]
    """What they let it do, separated by spaces; empty for all that their role may."""
    method: Mapped[str]
    source: Mapped[str | None]
    """The address that they came from."""
    user_agent: Mapped[str | None]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]


SignIn.last_used_at = last_use_of(SignIn.id)


class Password(Base):
    __tablename__ = "passwords"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SecondFactor(Base):
    """The secret that a user's authenticator shares with us (TOTP, RFC 6238)."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sealed_secret: Mapped[bytes]
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The time step of the last code that was taken: no code is taken twice (RFC 6238, 5.2)."""


class RecoveryCode(Base):
    """Takes the place of an authenticator that is lost, once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[bytes] = mapped_column(primary_key=True)


class Invitation(Base):
    """A link with which a user sets their password, once. Only a user's last one is good."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash", name="invitation_token_taken"),
        Index(None, "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    token_hash: Mapped[bytes]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
