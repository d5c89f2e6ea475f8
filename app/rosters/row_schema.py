"""What a row of a roster may say of a person."""

from uuid import UUID

from pydantic import Field

from app.core.schemas import Body, Code, Day, Email, Line
from app.learners.schemas import (
    Attributes,
    ExternalId,
    FieldsOfWork,
    Languages,
    NationalId,
    Phone,
)
from app.learners.vocabulary import Category, LeadershipLevel, Status


class RosterRow(Body):
    """Somebody on a roster. What is left out stays as it is; of somebody new it is what it would be
    for a learner who is added by hand."""

    external_id: ExternalId = Field(
        description="As your HR system knows them", examples=["CB-000001"]
    )
    former_external_id: ExternalId | None = Field(
        None, description="How it knew them before, when that has changed", examples=[None]
    )
    full_name: Line | None = Field(None, examples=["Nguyễn Thị Minh Hoà"])
    birth_date: Day | None = Field(None, examples=["1988-04-12"])
    email: Email | None = Field(None, examples=["hoa.nguyen@songoaivu.example"])
    phone: Phone | None = Field(None, examples=["024 0000 0001"])
    unit: Code | None = Field(None, description="The code of a unit", examples=[None])
    unit_id: UUID | None = Field(
        None, description="The id of a unit, instead of its code", examples=[None]
    )
    position_title: Line | None = Field(None, examples=["Chuyên viên Lễ tân"])
    rank: Line | None = Field(None, examples=["Chuyên viên"])
    leadership_level: LeadershipLevel | None = Field(None, examples=["none"])
    category: Category | None = Field(None, examples=["civil_servant"])
    position_since: Day | None = Field(
        None,
        description="Where it is left out, another title, unit or level of leadership begins a"
        " new position on the day of the sync",
        examples=["2024-03-01"],
    )
    fields: FieldsOfWork | None = Field(None, examples=[["protocol_and_events"]])
    languages: Languages | None = Field(None, examples=[[{"language": "en", "level": 4}]])
    recruited_on: Day | None = Field(None, examples=["2012-09-01"])
    status: Status | None = Field(None, examples=["active"])
    status_since: Day | None = Field(None, examples=["2024-03-01"])
    attributes: Attributes | None = Field(None, examples=[{"file_number": "HS-1024"}])
    national_id: NationalId | None = Field(None, examples=[None])
