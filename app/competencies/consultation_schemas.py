"""Consultation, as it goes over the wire."""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.competencies.vocabulary import ChangedPart, ChangeOperation
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Instant, Paragraph
from app.opinions.schemas import InvitedOut, SaidOut

_ABOUT = "Identifier of the competency that it is about; null for the version as a whole"


class ConsultationInvitationOut(InvitedOut):
    framework_version_id: UUID


class ConsultationInvitationQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ConsultationInvitationOut

    framework_version: UUID | None = Field(None, description="To comment on this version")
    sort: str = sorting("-created_at", sortable)


class CommentIn(Body):
    competency_identifier: UUID | None = Field(None, description=_ABOUT, examples=[None])
    text: Paragraph = Field(examples=["Nên tách nghi lễ và chiêu đãi thành hai năng lực."])


class ConsultationCommentOut(SaidOut):
    organization_id: UUID = Field(description="Whose the framework is")
    framework_version_id: UUID
    competency_identifier: UUID | None = Field(description=_ABOUT)


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
