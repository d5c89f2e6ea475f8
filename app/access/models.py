"""Who may come in: users and their roles, programs and their keys, and keys that sign tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.core.database.models import Base, Entity


class User(Entity):
    """A person who signs in."""

    __tablename__ = "users"
    __table_args__ = (Index("email_taken", func.lower(text("email")), unique=True),)

    email: Mapped[str]
    name: Mapped[str]
    disabled_at: Mapped[datetime | None]
    second_factor_reset_at: Mapped[datetime | None]
    """A second factor set up before then counts no more: its owner lost it."""
    signed_out_at: Mapped[datetime | None]
    """Whatever of theirs began before then and is no sign-in yet becomes none."""


class Membership(Entity):
    """The role that a user holds in an organisation, until it ends."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "organization_id", name="membership_taken"),
        CheckConstraint(
            "role in ('academy_admin', 'academy_staff', 'auditor', 'instructor', 'coordinator',"
            " 'viewer', 'learner')",
            name="role_unknown",
        ),
        CheckConstraint(
            "(role = 'learner') = (learner_id is not null)", name="learner_without_record"
        ),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[str]
    learner_id: Mapped[UUID | None] = mapped_column(ForeignKey("learners.id"))
    """Whose own record a learner sees."""
    ended_at: Mapped[datetime | None]


class Client(Entity):
    """A program that calls for an organisation: a provincial HR system, a front end's server."""

    __tablename__ = "clients"
    __table_args__ = (UniqueConstraint("name", name="client_name_taken"),)

    name: Mapped[str]
    """The `client_id` of OAuth."""
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    scopes: Mapped[list[str]]
    redirect_uris: Mapped[list[str]] = mapped_column(server_default="{}")
    """Where people who signed in are sent back to; a program that only calls has none."""
    revoked_at: Mapped[datetime | None]


class ClientKey(Entity):
    """What a client proves itself with: a secret, of which we keep a hash, or a public key."""

    __tablename__ = "client_keys"
    __table_args__ = (
        CheckConstraint(
            "(secret_hash is null) <> (public_jwk is null)", name="client_key_is_secret_or_public"
        ),
        CheckConstraint("slot in (1, 2)", name="client_key_slot_unknown"),
        Index(
            "two_keys_at_most",
            "client_id",
            text("(secret_hash is null)"),
            "slot",
            unique=True,
            postgresql_where="revoked_at is null",
        ),
    )

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"), index=True)
    secret_hash: Mapped[bytes | None]
    public_jwk: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    slot: Mapped[int] = mapped_column(server_default=text("1"))
    """Which of two; PostgreSQL takes a free one."""
    revoked_at: Mapped[datetime | None]

    @property
    def kind(self) -> str:
        return "secret" if self.public_jwk is None else "public_key"


class LastUse(Base):
    """When a sign-in or a client's key was used last. Apart, for it is no change of theirs."""

    __tablename__ = "last_uses"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    used_at: Mapped[datetime]


def last_use_of(id: Any) -> Any:
    """A column of whatever has this id."""
    used = select(LastUse.used_at).where(LastUse.id == id)
    return column_property(used.correlate_except(LastUse).scalar_subquery())


ClientKey.last_used_at = last_use_of(ClientKey.id)
Client.last_used_at = column_property(
    select(func.max(LastUse.used_at))
    .join(ClientKey, ClientKey.id == LastUse.id)
    .where(ClientKey.client_id == Client.id)
    .correlate(Client)
    .scalar_subquery()
)


class UsedAssertion(Base):
    """A client's signed assertion that was used; RFC 7523 3.7 lets it be used once."""

    __tablename__ = "used_assertions"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class SigningKeyRow(Base):
    """A key that signs our tokens; the private part is encrypted with the installation's secret."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint(
            "state in ('next', 'active', 'retiring', 'retired')", name="key_state_unknown"
        ),
        Index("one_key_signs", "state", unique=True, postgresql_where="state = 'active'"),
        Index("one_key_is_next", "state", unique=True, postgresql_where="state = 'next'"),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    private_pem: Mapped[str]
    public_jwk: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Identity(Base):
    """As whom an outside issuer knows a user: its own name for them, which it gives nobody else."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    newest_token_at: Mapped[datetime]
    """When the newest token was issued that was seen of them; an older one changes nothing."""
