"""Consultation, as it goes over the wire."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.competencies.vocabulary import ChangedPart, ChangeOperation, Resolution
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Email, EntityOut, Instant, Paragraph

_ABOUT = "Identifier of the competency that it is about; null for the version as a whole"


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


class ConsultationInvitationOut(EntityOut):
    organization_id: UUID = Field(description="Who invites")
    framework_version_id: UUID
    invited_organization_id: UUID | None
    user_id: UUID | None
    email: str | None = Field(
        description="Under which the user was invited", examples=["chuyengia@hoc.example"]
    )
    ended_at: Instant | None


class ConsultationInvitationQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ConsultationInvitationOut

    framework_version: UUID | None = Field(None, description="To comment on this version")
    sort: str = sorting("-created_at", sortable)


class AnswerIn(Body):
    text: Paragraph = Field(examples=["Nhất trí, sẽ tách thành hai năng lực."])


class CommentIn(Body):
    competency_identifier: UUID | None = Field(None, description=_ABOUT, examples=[None])
    text: Paragraph = Field(examples=["Nên tách nghi lễ và chiêu đãi thành hai năng lực."])


class ResolutionIn(Body):
    resolution: Resolution = Field(examples=["accepted"])


class ConsultationCommentOut(EntityOut):
    organization_id: UUID = Field(description="Whose the framework is")
    framework_version_id: UUID
    competency_identifier: UUID | None = Field(description=_ABOUT)
    thread_id: UUID | None = Field(description="The comment that it answers")
    author: str = Field(description="Role and id", examples=["coordinator:0198c0de"])
    author_name: str | None = Field(examples=["Trần Văn Bình"])
    author_organization_id: UUID | None = Field(description="For which organisation they say it")
    text: str = Field(examples=["Nên tách nghi lễ và chiêu đãi thành hai năng lực."])
    resolution: Resolution | None = Field(description="Null while nobody has resolved it")
    resolved_at: Instant | None
    resolved_by: str | None = Field(description="Role and id", examples=["coordinator:0198c0de"])


class ConsultationCommentQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ConsultationCommentOut

    framework_version: UUID | None = Field(None, description="On this version")
    competency: UUID | None = Field(None, description="On the competency with this identifier")
    thread: UUID | None = Field(None, description="Answers to this comment")
    unresolved: bool | None = Field(None, description="Whether nobody has resolved the thread")
    sort: str = sorting("created_at", sortable)


class ChangedField(BaseModel):
    """One field, as it was and as it is; null where the item was not, or is no more."""

    field: str = Field(examples=["name_vi"])
    before: Any = Field(examples=["Lễ tân"])
    after: Any = Field(examples=["Lễ tân đối ngoại"])


class ConsultationChangeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Whose the framework is")
    framework_version_id: UUID
    comment_id: UUID | None = Field(description="The comment that it was changed because of")
    subject: ChangedPart
    operation: ChangeOperation
    competency_identifier: UUID | None
    scale_identifier: UUID | None
    fields: list[ChangedField]
    changed_by: str = Field(description="Role and id", examples=["academy_staff:0198c0de"])


class ConsultationChangeQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ConsultationChangeOut

    framework_version: UUID | None = Field(None, description="Of this version")
    comment: UUID | None = Field(None, description="Because of this comment")
    competency: UUID | None = Field(None, description="Of the competency with this identifier")
    sort: str = sorting("created_at", sortable)
