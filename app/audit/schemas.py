from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.core.pages import PageQuery
from app.core.schemas import Instant, Text


class AuditEntryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    occurred_at: Instant
    organization_id: UUID | None = Field(description="Whose row it is")
    actor: str = Field(
        description="Role and id of who did it",
        examples=["coordinator:0198c0de-0000-7000-8000-000000000001"],
    )
    request_id: str = Field(description="`X-Request-ID` of the request")
    operation: Literal["insert", "update", "delete"]
    table_name: str = Field(examples=["learners"])
    row_id: UUID | None
    changes: dict[str, Any] = Field(
        description="For an update, each changed column with its value before and after",
        examples=[{"position_title": ["Chuyên viên", "Phó Trưởng phòng"]}],
    )


class AuditQuery(PageQuery):
    sortable: ClassVar = ("occurred_at",)
    shape: ClassVar = AuditEntryOut

    row: UUID | None = Field(None, description="Everything that happened to this row")
    table: Text | None = Field(None, max_length=60, examples=["learners"])
    actor: Text | None = Field(None, max_length=100)
    request_id: Text | None = Field(None, max_length=64)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    sort: str = Field("-occurred_at", max_length=100)


class PersonalDataReadOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    occurred_at: Instant
    organization_id: UUID = Field(description="The reader's")
    actor: str
    request_id: str
    operation: str = Field(examples=["list_learners"])
    learner_ids: list[UUID]


class PersonalDataReadQuery(PageQuery):
    sortable: ClassVar = ("occurred_at",)
    shape: ClassVar = PersonalDataReadOut

    learner: UUID | None = Field(None, description="Who read this person's data")
    actor: Text | None = Field(None, max_length=100)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    sort: str = Field("-occurred_at", max_length=100)
