"""What people learn alone and at work, as it goes over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.attendance.vocabulary import LearningKind, LearningState
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Day, EntityOut, Exactly, Instant, Line, Paragraph


class LearningRecordIn(Body):
    kind: LearningKind = Field(examples=["self_study"])
    title: Line = Field(
        description="What was learnt", examples=["Tự học tiếng Khmer giao tiếp, bài 1 đến 12"]
    )
    description: Paragraph | None = Field(None, examples=["Giáo trình của Học viện, có bài tập"])
    hours: Annotated[float, Field(gt=0, le=2000, multiple_of=0.5, strict=True), Exactly] = Field(
        description="In steps of half an hour", examples=[24]
    )
    began_on: Day = Field(examples=["2026-09-01"])
    ended_on: Day = Field(description="Its last day", examples=["2026-10-15"])
    evidence: Paragraph | None = Field(
        None,
        description="What shows it: a document, its number, an address",
        examples=["Phiếu nhận xét số 12/2026"],
    )
    mentor: Line | None = Field(
        None, description="Who guided them", examples=["Trần Quốc Ví Dụ, Trưởng phòng Lễ tân"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ended_on < self.began_on:
            raise PydanticCustomError(
                "learning_ends_before_it_begins", "`ended_on` is before `began_on`."
            )
        return self


class LearningRecordOut(EntityOut):
    organization_id: UUID = Field(description="On whose roster they were when it was recorded")
    learner_id: UUID
    kind: LearningKind
    title: str = Field(
        description="What was learnt", examples=["Tự học tiếng Khmer giao tiếp, bài 1 đến 12"]
    )
    description: str | None = Field(examples=["Giáo trình của Học viện, có bài tập"])
    hours: float = Field(examples=[24])
    began_on: date
    ended_on: date = Field(description="Its last day")
    evidence: str | None = Field(
        description="What shows it", examples=["Phiếu nhận xét số 12/2026"]
    )
    mentor: str | None = Field(
        description="Who guided them", examples=["Trần Quốc Ví Dụ, Trưởng phòng Lễ tân"]
    )
    recorded_by: str = Field(examples=["learner:0198c0de"])
    state: LearningState
    decided_by: str | None = Field(
        description="Who confirmed or refused it", examples=["coordinator:0198c0de"]
    )
    decided_at: Instant | None
    note: str | None = Field(
        description="What they said about it", examples=["Đã kiểm tra bài tập"]
    )


class LearningRecordQuery(PageQuery):
    sortable: ClassVar = ("created_at", "began_on")
    shape: ClassVar = LearningRecordOut

    organization: UUID | None = Field(None, description="Recorded at this organisation")
    learner: UUID | None = Field(None, description="Of this learner")
    kind: LearningKind | None = Field(None, description="Of this kind")
    state: LearningState | None = Field(None, description="In this state")
    sort: str = sorting("-created_at", sortable)


class LearningDecisionIn(Body):
    note: Paragraph | None = Field(
        None, description="Read by whom it is about", examples=["Đã kiểm tra bài tập"]
    )


class LearningRefusalIn(Body):
    note: Paragraph = Field(
        description="Why; read by whom it is about", examples=["Chưa có tài liệu chứng minh"]
    )
