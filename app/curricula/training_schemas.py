"""Trainings that learners have completed, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Day, EntityOut, Line, today
from app.curricula.vocabulary import CurriculumKind
from app.learners.vocabulary import Field as FieldOfWork


def _past(day: date) -> date:
    if day > today():
        raise PydanticCustomError("not_completed_yet", "It is a day to come.")
    return day


class TrainingIn(Body):
    kind: CurriculumKind = Field(examples=["basic"])
    field: FieldOfWork | None = Field(
        None, description="The field of work that it was about", examples=["consular"]
    )
    title: Line = Field(examples=["Bồi dưỡng nghiệp vụ lãnh sự"])
    curriculum_id: UUID | None = Field(
        None,
        description="The curriculum that was run, if it is known here",
        examples=[examples.CURRICULUM],
    )
    completed_on: Annotated[Day, AfterValidator(_past)] = Field(examples=["2024-06-28"])
    document: Line | None = Field(
        None, description="Certificate or decision", examples=["Chứng nhận số 112/2024"]
    )


class TrainingOut(EntityOut):
    organization_id: UUID = Field(description="Who recorded it")
    learner_id: UUID
    kind: CurriculumKind
    field: FieldOfWork | None = Field(description="The field of work that it was about")
    title: str = Field(examples=["Bồi dưỡng nghiệp vụ lãnh sự"])
    curriculum_id: UUID | None = Field(description="The curriculum that was run")
    completed_on: date
    document: str | None = Field(
        description="Certificate or decision", examples=["Chứng nhận số 112/2024"]
    )


class TrainingQuery(PageQuery):
    sortable: ClassVar = ("completed_on", "created_at")
    shape: ClassVar = TrainingOut

    organization: UUID | None = Field(None, description="Recorded by this organisation")
    learner: UUID | None = Field(None, description="Of this learner")
    kind: CurriculumKind | None = Field(None, description="Of this kind")
    field: FieldOfWork | None = Field(None, description="About this field of work")
    curriculum: UUID | None = Field(None, description="In which this curriculum was run")
    sort: str = sorting("-completed_on", sortable)
