"""Job positions, what they require, what titles mean, and assignments, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.competencies.scale_schemas import SAME_IN_ALL, OneLevel
from app.competencies.vocabulary import Domain
from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Code, Day, EntityOut, Line, Paragraph

OWN_UNLESS_SAID = Field(None, description="Your own organisation when unsaid", examples=[None])
Weight = Annotated[int, Field(ge=1, le=100, strict=True)]


class JobPositionIn(Body):
    code: Code = Field(
        description="No other job position of the organisation has it", examples=["VT-LT-02"]
    )
    name_vi: Line = Field(examples=["Chuyên viên lễ tân đối ngoại"])
    name_en: Line = Field(examples=["Protocol officer"])
    description_vi: Paragraph | None = Field(None, examples=["Đón tiếp các đoàn khách quốc tế."])
    description_en: Paragraph | None = Field(None, examples=["Receives foreign delegations."])
    ended_on: Day | None = Field(
        None, description="The first day on which nobody is in it any more", examples=[None]
    )


class JobPositionCreate(JobPositionIn):
    organization_id: UUID | None = OWN_UNLESS_SAID


class JobPositionOut(EntityOut):
    organization_id: UUID = Field(description="Whose it is; the Academy's are national")
    code: str = Field(examples=["VT-LT-02"])
    name_vi: str = Field(examples=["Chuyên viên lễ tân đối ngoại"])
    name_en: str = Field(examples=["Protocol officer"])
    description_vi: str | None = Field(examples=["Đón tiếp các đoàn khách quốc tế."])
    description_en: str | None = Field(examples=["Receives foreign delegations."])
    ended_on: date | None = Field(description="The first day on which nobody is in it any more")


class JobPositionQuery(PageQuery):
    sortable: ClassVar = ("code", "created_at")
    shape: ClassVar = JobPositionOut

    organization: UUID | None = Field(None, description="Of this organisation")
    code: Code | None = Field(None, description="With this code", examples=["VT-LT-02"])
    sort: str = sorting("code", sortable)


class JobPositionRequirementIn(Body):
    framework_id: UUID = Field(examples=[examples.FRAMEWORK])
    competency_identifier: UUID = Field(
        description="A competency with a scale, of a published version",
        examples=[examples.REQUIRED_IDENTIFIER],
    )
    required_level: OneLevel = Field(description="Who is in the position needs", examples=[3])
    desired_level: OneLevel = Field(
        description="Who is good in the position has; not below `required_level`", examples=[4]
    )
    weight: Weight = Field(1, description="Beside the other requirements", examples=[2])
    since: Day = Field(examples=["2026-01-01"])
    until: Day | None = Field(
        None, description="The first day on which it is required no more", examples=[None]
    )

    @field_validator("desired_level")
    @classmethod
    def _not_below_required(cls, level: int, info: ValidationInfo) -> int:
        if level < info.data.get("required_level", level):
            raise PydanticCustomError(
                "desired_below_required", "`desired_level` is not below `required_level`."
            )
        return level

    @field_validator("until")
    @classmethod
    def _after_since(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if until is not None and since is not None and until <= since:
            raise PydanticCustomError("ends_before_it_begins", "`until` is after `since`.")
        return until


class JobPositionRequirementOut(EntityOut):
    organization_id: UUID = Field(description="Whose the job position is")
    job_position_id: UUID
    framework_id: UUID
    framework_version_id: UUID = Field(description="In whose words the levels were given")
    competency_identifier: UUID = Field(description=SAME_IN_ALL)
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    domain: Domain
    scale_identifier: UUID
    required_level: int = Field(description="Who is in the position needs", examples=[3])
    desired_level: int = Field(description="Who is good in the position has", examples=[4])
    weight: int = Field(description="Beside the other requirements", examples=[2])
    since: date
    until: date | None = Field(description="The first day on which it is required no more")


class JobPositionRequirementQuery(PageQuery):
    sortable: ClassVar = ("since", "created_at")
    shape: ClassVar = JobPositionRequirementOut

    job_position: UUID | None = Field(None, description="Of this job position")
    competency: UUID | None = Field(
        None, description="Of the competency with this identifier, whichever position requires it"
    )
    in_effect_on: Day | None = Field(
        None, description="In effect on this day", examples=["2026-06-30"]
    )
    sort: str = sorting("-since", sortable)


class JobPositionTitleIn(Body):
    title: Line = Field(
        description="As the roster has it; case does not matter", examples=["Chuyên viên Lễ tân"]
    )
    unit_id: UUID | None = Field(
        None, description="In this unit only; before what the title means anywhere", examples=[None]
    )
    job_position_id: UUID = Field(
        description="National, or of the organisation", examples=[examples.JOB_POSITION]
    )
    organization_id: UUID | None = OWN_UNLESS_SAID


class JobPositionTitleOut(EntityOut):
    organization_id: UUID = Field(
        description="On whose roster; the Academy's meaning is for all who say nothing else"
    )
    title: str = Field(examples=["Chuyên viên Lễ tân"])
    unit_id: UUID | None = Field(description="In this unit only")
    job_position_id: UUID


class JobPositionTitleQuery(PageQuery):
    sortable: ClassVar = ("title", "created_at")
    shape: ClassVar = JobPositionTitleOut

    organization: UUID | None = Field(None, description="Of this organisation")
    job_position: UUID | None = Field(None, description="That mean this job position")
    sort: str = sorting("title", sortable)


class JobPositionAssignmentIn(Body):
    job_position_id: UUID = Field(
        description="National, or of the organisation", examples=[examples.JOB_POSITION]
    )


class JobPositionAssignmentOut(EntityOut):
    organization_id: UUID
    learner_id: UUID
    position_since: date = Field(
        description="It holds for as long as they hold what they began to hold on this day"
    )
    job_position_id: UUID


class JobPositionAssignmentQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = JobPositionAssignmentOut

    organization: UUID | None = Field(None, description="Of this organisation")
    learner: UUID | None = Field(None, description="Of this learner")
    job_position: UUID | None = Field(None, description="To this job position")
    sort: str = sorting("-created_at", sortable)
