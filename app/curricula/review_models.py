"""Review: who is asked, what they say and decide, who stands in for them, and each step."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.curricula.tables import Part
from app.opinions.models import AboutVersion, Invited, Said

_SUBJECT = "nullif(split_part(current_setting('app.actor', true), ':', 2), '')::uuid"


def _of_invitation(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["curriculum_version_id", "invitation_id"],
        ["review_invitations.curriculum_version_id", "review_invitations.id"],
        name=f"{table}_invitation_id_fkey",
    )


class ReviewInvitation(Invited):
    """An organisation or a user who comments on a version in review; or a reviewer, who decides."""

    __tablename__ = "review_invitations"
    __of__, __once__ = "curriculum", "reviewing_"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        decides = "not decides or user_id is not null"
        return (
            *super().rules(),
            UniqueConstraint("curriculum_version_id", "id"),
            CheckConstraint(decides, name="organization_decides"),
        )

    curriculum_version_id: Mapped[UUID]
    decides: Mapped[bool] = mapped_column(server_default=text("false"))


class ReviewComment(Said):
    __tablename__ = "review_comments"
    __of__ = "curriculum"

    curriculum_version_id: Mapped[UUID]
    module_id: Mapped[UUID | None]
    """May be taken out of the version because of the comment."""


class ReviewDelegation(AboutVersion):
    """Who stands in for a reviewer, and on which days."""

    __tablename__ = "review_delegations"
    __of__ = "curriculum"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            _of_invitation(cls.__tablename__),
            UniqueConstraint("curriculum_version_id", "id"),
            CheckConstraint("since <= until", name="delegation_ends_before_it_begins"),
            Index(
                "delegate_already_named",
                *("curriculum_version_id", "invitation_id", "user_id"),
                unique=True,
                postgresql_where=text("ended_at is null"),
            ),
        )

    curriculum_version_id: Mapped[UUID]
    invitation_id: Mapped[UUID]
    """The reviewer's."""
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", name="invited_user_unknown"), server_default=FetchedValue()
    )
    email: Mapped[str]
    """Under which the user was named; a trigger finds whose it is."""
    since: Mapped[date]
    until: Mapped[date]
    ended_at: Mapped[datetime | None]


class ReviewDecision(Part):
    """What a reviewer decides in a round, or who stands in for them. The last one counts."""

    __tablename__ = "review_decisions"
    __of__ = "curriculum"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            _of_invitation(cls.__tablename__),
            ForeignKeyConstraint(
                ["curriculum_version_id", "delegation_id"],
                ["review_delegations.curriculum_version_id", "review_delegations.id"],
                name="review_decisions_delegation_id_fkey",
            ),
            CheckConstraint("invitation_id is not null", name="not_a_reviewer"),
            CheckConstraint("round is not null", name="not_in_review"),
            CheckConstraint(
                "decision = 'approve' or note is not null", name="changes_requested_without_note"
            ),
            Index(None, "curriculum_version_id", "round"),
        )

    curriculum_version_id: Mapped[UUID]
    decision: Mapped[str]
    note: Mapped[str | None]
    delegation_id: Mapped[UUID | None]
    invitation_id: Mapped[UUID] = mapped_column(server_default=FetchedValue(), nullable=True)
    """Of the reviewer whose decision it is; a trigger finds it, the round and the names, and rules
    refuse what it does not find."""
    round: Mapped[int] = mapped_column(server_default=FetchedValue(), nullable=True)
    reviewer_name: Mapped[str] = mapped_column(server_default=FetchedValue(), nullable=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", name="decided_by_nobody"), server_default=text(_SUBJECT)
    )
    decided_by: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    decided_by_name: Mapped[str] = mapped_column(server_default=FetchedValue())


class CurriculumStep(Part):
    """What a trigger wrote down of a version's new state, and what that was based on."""

    __tablename__ = "curriculum_steps"
    __of__ = "curriculum"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (Index(None, "curriculum_version_id", "id"),)

    curriculum_version_id: Mapped[UUID]
    state: Mapped[str]
    round: Mapped[int]
    note: Mapped[str | None]
    quorum: Mapped[int | None]
    review_due_on: Mapped[date | None]
    document_number: Mapped[str | None]
    issuing_body: Mapped[str | None]
    issued_on: Mapped[date | None]
    document_sha256: Mapped[str | None]
    publish_on: Mapped[date | None]
    made_by: Mapped[str] = mapped_column(
        server_default=text("coalesce(nullif(current_setting('app.actor', true), ''), 'system')")
    )
    made_by_name: Mapped[str | None]
