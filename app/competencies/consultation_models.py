"""Consultation: who is asked, what they say, and what was changed because of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.competencies.tables import Content, OfVersion, within_version
from app.opinions.models import Invited, Said


class Invitation(Invited):
    __tablename__ = "consultation_invitations"
    __of__ = "framework"

    framework_version_id: Mapped[UUID]


class Comment(Said):
    __tablename__ = "consultation_comments"
    __of__ = "framework"

    framework_version_id: Mapped[UUID]
    competency_identifier: Mapped[UUID | None]
    """May be taken out of the version because of the comment."""


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
