"""Reports of meetings as they go over the wire."""

from typing import ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.attendance.vocabulary import LogProvider, LogState, MatchedBy
from app.core.pages import PageQuery, Query, sorting
from app.core.schemas import Body, EntityOut, Instant, each_once
from app.materials.vocabulary import FileName
from app.rooms.schemas import Zone


class LogQuery(Query):
    """What a report of a meeting is taken for."""

    zone: Zone | None = Field(
        None,
        description="In which time zone its times are: of whoever took it out. The session's, when"
        " unsaid",
        examples=["Asia/Ho_Chi_Minh"],
    )
    file_name: FileName | None = Field(
        None,
        description="What the file is called, so that it is found again. A form names its file"
        " itself",
        examples=["participants_98765432101.csv"],
    )


class LoggedPerson(BaseModel):
    """Somebody in the report of a meeting, under one name and address."""

    row: int = Field(description="By which `decisions` name them", examples=[1])
    name: str = Field(description="As they called themselves", examples=["Hoà NTM (Sở Ngoại vụ)"])
    email: str | None = Field(examples=["hoa@so.example"])
    minutes: int = Field(
        description="Within the session, however often they joined and left", examples=[172]
    )
    present: list[list[str]] = Field(
        description="From when to when",
        examples=[[["2026-12-08T01:00:00.000Z", "2026-12-08T03:52:00.000Z"]]],
    )
    learner_id: UUID | None = Field(description="Who it is; null where somebody has to say")
    matched_by: MatchedBy | None
    candidates: list[UUID] = Field(description="Who it may be, where names are the same")


class MeetingLogOut(EntityOut):
    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    session_id: UUID
    provider: LogProvider
    zone: str = Field(description="In which its times are", examples=["Asia/Ho_Chi_Minh"])
    file_name: str | None = Field(examples=["participants_98765432101.csv"])
    state: LogState
    ended_at: Instant | None = Field(description="When it was applied or discarded")
    matched: int = Field(description="How many people in it are known", examples=[27])
    unmatched: int = Field(description="How many somebody has to decide on", examples=[2])
    people: list[LoggedPerson]


class MeetingLogQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = MeetingLogOut

    course: UUID | None = Field(None, description="Of this course")
    course_session: UUID | None = Field(None, description="Of this session")
    state: LogState | None = Field(None, description="In this state")
    sort: str = sorting("-created_at", sortable)


class LogDecisionIn(Body):
    """Who somebody in the report is."""

    row: int = Field(ge=1, le=20_000, strict=True, examples=[2])
    learner_id: UUID | None = Field(
        description="Somebody who is enrolled; null for nobody of the course", examples=[None]
    )


class LogDecisionsIn(Body):
    decisions: list[LogDecisionIn] = Field(
        default_factory=list,
        max_length=20_000,
        description="For everybody who was not found; and for others who were taken for somebody"
        " else",
        examples=[[]],
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        each_once([each.row for each in self.decisions])
        return self
