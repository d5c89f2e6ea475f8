from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.pages import PageQuery, sorting
from app.core.schemas import Instant, Moment, Text


class AuditEntryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    occurred_at: Instant
    organization_id: UUID | None = Field(description="Whose row it is; null when nobody's")
    actor: str = Field(
        description="Role and id of who did it",
        examples=["coordinator:0198c0de-0000-7000-8000-000000000001"],
    )
    request_id: str = Field(
        description="`X-Request-ID` of the request", examples=["0af7651916cd43dd8448eb211c80319c"]
    )
    operation: Literal["insert", "update", "delete", "refuse"] = Field(
        description="`refuse`: a proof of who somebody is was refused", examples=["update"]
    )
    table_name: str = Field(examples=["learners"])
    row_id: UUID | None = Field(description="The id of what was changed")
    changes: dict[str, Any] = Field(
        description="For an update, each changed column with its value before and after",
        examples=[{"position_title": ["Chuyên viên", "Phó Trưởng phòng"]}],
    )


class AuditQuery(PageQuery):
    sortable: ClassVar = ("occurred_at",)
    shape: ClassVar = AuditEntryOut

    row: UUID | None = Field(None, description="Everything that happened to what has this id")
    table: Text | None = Field(
        None, max_length=60, description="Changes in this table", examples=["learners"]
    )
    actor: Text | None = Field(None, max_length=100, description="By them: role, colon, id")
    request_id: Text | None = Field(None, max_length=64, description="By this request")
    since: Moment | None = Field(None, description="At this moment or later")
    until: Moment | None = Field(None, description="Before this moment")
    sort: str = sorting("-occurred_at", sortable)


class PersonalDataReadOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    occurred_at: Instant
    organization_id: UUID = Field(description="The reader's organisation")
    actor: str = Field(
        description="Role and id of the reader",
        examples=["coordinator:0198c0de-0000-7000-8000-000000000001"],
    )
    request_id: str = Field(
        description="`X-Request-ID` of the request", examples=["0af7651916cd43dd8448eb211c80319c"]
    )
    operation: str = Field(
        description="What they called, by its `operationId`", examples=["list_learners"]
    )
    learner_ids: list[UUID] = Field(description="Whose data was in the answer")


class PersonalDataReadQuery(PageQuery):
    sortable: ClassVar = ("occurred_at",)
    shape: ClassVar = PersonalDataReadOut

    learner: UUID | None = Field(None, description="Who read this person's data")
    actor: Text | None = Field(None, max_length=100, description="By them: role, colon, id")
    since: Moment | None = Field(None, description="At this moment or later")
    until: Moment | None = Field(None, description="Before this moment")
    sort: str = sorting("-occurred_at", sortable)
