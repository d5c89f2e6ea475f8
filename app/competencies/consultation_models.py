"""Consultation: who is asked, what they say, and what was changed because of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.competencies.tables import Content, OfVersion, within_version
from app.core.database.models import OwnedEntity


class Invitation(OfVersion, OwnedEntity):
    """An organisation or a user who reads and comments on a version while it is consulted on."""

    __tablename__ = "consultation_invitations"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        lasting: dict[str, Any] = {"unique": True, "postgresql_where": text("ended_at is null")}
        return (
            CheckConstraint(
                "(invited_organization_id is null) <> (user_id is null)", name="invitation_of_one"
            ),
            Index(
                "organization_already_invited",
                "framework_version_id",
                "invited_organization_id",
                **lasting,
            ),
            Index("user_already_invited", "framework_version_id", "user_id", **lasting),
        )

    invited_organization_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", name="invited_organization_unknown")
    )
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", name="invited_user_unknown")
    )
    email: Mapped[str | None]
    """Under which the user was invited; a trigger finds whose it is."""
    ended_at: Mapped[datetime | None]


class Comment(OfVersion, OwnedEntity):
    """What somebody says of a competency, or of the version as a whole; or an answer to it."""

    __tablename__ = "consultation_comments"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("framework_version_id", "id"),
            within_version("thread_unknown", "thread_id", "consultation_comments", "id"),
            CheckConstraint("thread_id is null or resolution is null", name="answer_resolved"),
            Index(None, "framework_version_id", "thread_id"),
        )

    competency_identifier: Mapped[UUID | None]
    """May be taken out of the version because of the comment."""
    thread_id: Mapped[UUID | None]
    """The comment that this answers."""
    author: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    author_name: Mapped[str | None]
    author_organization_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", name="comment_author_unknown"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
    text: Mapped[str]
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]


class ConsultationChange(OfVersion, Content):
    """What a trigger wrote down of a change made during a consultation, and its cause."""

    __tablename__ = "consultation_changes"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            within_version("cause_unknown", "comment_id", "consultation_comments", "id"),
            Index(None, "framework_version_id", "id"),
        )

    comment_id: Mapped[UUID | None]
    subject: Mapped[str]
    operation: Mapped[str]
    competency_identifier: Mapped[UUID | None]
    scale_identifier: Mapped[UUID | None]
    changes: Mapped[dict[str, Any]]
    changed_by: Mapped[str] = mapped_column(
        server_default=text("coalesce(nullif(current_setting('app.actor', true), ''), 'system')")
    )
