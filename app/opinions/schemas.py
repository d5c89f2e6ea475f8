"""Asking others about a version, as it goes over the wire."""

from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.core.schemas import Body, Email, EntityOut, Instant, Paragraph
from app.opinions.vocabulary import Resolution


class InvitationIn(Body):
    """Whom to invite: an organisation, or one user."""

    invited_organization_id: UUID | None = Field(
        None, description="Its coordinators and viewers read and comment", examples=[None]
    )
    email: Email | None = Field(
        None,
        description="The address of an expert who is a user, wherever they work",
        examples=[None],
        validate_default=True,
    )

    @field_validator("email")
    @classmethod
    def _one_of_both(cls, email: str | None, info: ValidationInfo) -> str | None:
        if (info.data.get("invited_organization_id") is None) == (email is None):
            raise PydanticCustomError(
                "invitation_of_one", "Give either `invited_organization_id` or `email`."
            )
        return email


class InvitedOut(EntityOut):
    organization_id: UUID = Field(description="Who invites")
    invited_organization_id: UUID | None
    user_id: UUID | None
    email: str | None = Field(
        description="Under which the user was invited", examples=["chuyengia@hoc.example"]
    )
    ended_at: Instant | None


class AnswerIn(Body):
    text: Paragraph = Field(examples=["Nhất trí, sẽ tách thành hai."])


class ResolutionIn(Body):
    resolution: Resolution = Field(examples=["accepted"])


class SaidOut(EntityOut):
    thread_id: UUID | None = Field(description="The comment that it answers")
    author: str = Field(description="Role and id", examples=["coordinator:0198c0de"])
    author_name: str | None = Field(examples=["Trần Văn Bình"])
    author_organization_id: UUID | None = Field(description="For which organisation they say it")
    text: str = Field(examples=["Nên tách nghi lễ và chiêu đãi thành hai."])
    resolution: Resolution | None = Field(description="Null while nobody has resolved it")
    resolved_at: Instant | None
    resolved_by: str | None = Field(description="Role and id", examples=["coordinator:0198c0de"])
