"""Profiles and gaps, as they go over the wire."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.competencies.schemas import NamedCompetency
from app.competencies.vocabulary import Domain
from app.core import examples
from app.core.pages import PageQuery, Query, sorting
from app.learners.vocabulary import LeadershipLevel, Status

JOB_POSITION = Field(
    None,
    description="Beside this job position; by default beside the one that is held",
    examples=[examples.JOB_POSITION],
)
MEAN_GAP = Field(
    description="Levels that lack to what is required, on average, by weight", examples=[0.75]
)
BELOW = Field(description="Of these, below the required level", examples=[3])
UNKNOWN = Field(description="Of these, without any evidence that counts", examples=[1])
REQUIRED = Field(description="What is required; null when it is not", examples=[3])


class ProfileQuery(Query):
    job_position: UUID | None = JOB_POSITION


class GapsQuery(Query):
    organization: UUID | None = Field(None, description="Of people of this organisation")
    unit: UUID | None = Field(None, description="Of people of this unit")
    job_position: UUID | None = JOB_POSITION
    by: Literal["domain", "competency", "unit", "organization"] = Field(
        "domain",
        description="What a cell is of: a domain, a competency, or a domain of a unit or an"
        " organisation",
    )


class ProfiledLearner(BaseModel):
    """Whose profile it is."""

    id: UUID
    organization_id: UUID
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    position_since: date
    leadership_level: LeadershipLevel
    status: Status


class ProfiledPosition(BaseModel):
    """The job position that they are beside."""

    id: UUID
    organization_id: UUID = Field(description="Whose it is; the Academy's are national")
    code: str = Field(examples=["VT-LT-02"])
    name_vi: str = Field(examples=["Chuyên viên lễ tân đối ngoại"])
    name_en: str = Field(examples=["Protocol officer"])
    held: bool = Field(description="Whether it is the one that they hold")


class DomainGap(BaseModel):
    """What lacks to what is required, in a domain."""

    domain: Domain
    requirements: int = Field(description="Competencies that are required", examples=[12])
    met: int = Field(description="Of these, at the required level or higher", examples=[9])
    below: int = BELOW
    unknown: int = UNKNOWN
    mean_gap: float = MEAN_GAP


class CompetencyGap(NamedCompetency):
    """A competency that is required, attained, or both."""

    required_level: int | None = REQUIRED
    desired_level: int | None = Field(description="What is desired", examples=[4])
    weight: int | None = Field(description="Beside the other requirements", examples=[2])
    attained_level: int | None = Field(description="Null when nothing counts", examples=[2])
    gap: int | None = Field(
        description="Levels that lack to what is required; null when it is not", examples=[1]
    )


class CompetencyProfileOut(BaseModel):
    """A learner, a job position, and what lacks between them."""

    learner: ProfiledLearner
    as_of: date
    job_position: ProfiledPosition | None
    domains: list[DomainGap] = Field(description="Of what is required")
    competencies: list[CompetencyGap] = Field(description="The largest gaps first")


class GapCell(BaseModel):
    """People and what they lack, counted together."""

    organization_id: UUID | None = Field(description="Of a unit or an organisation")
    unit_id: UUID | None = Field(description="Of a unit; null for who is in none")
    competency_id: UUID | None = Field(description="Of a competency")
    framework_id: UUID | None = Field(description="Of a competency")
    competency_identifier: UUID | None = Field(description="Of a competency")
    code: str | None = Field(description="Of a competency", examples=["LT.01"])
    name_vi: str | None = Field(description="Of a competency", examples=["Lễ tân đối ngoại"])
    name_en: str | None = Field(description="Of a competency", examples=["Diplomatic protocol"])
    domain: Domain
    people: int = Field(description="Of whom something is required", examples=[42])
    people_below: int = Field(description="Who lack some of it", examples=[17])
    requirements: int = Field(
        description="What is required, counted for each of them", examples=[504]
    )
    met: int = Field(description="Of these, at the required level or higher", examples=[420])
    below: int = Field(description="Of these, below the required level", examples=[84])
    desired: int = Field(description="Of these, at the desired level or higher", examples=[260])
    unknown: int = Field(description="Of these, without any evidence that counts", examples=[31])
    mean_gap: float = MEAN_GAP


class GapsOut(BaseModel):
    """Gaps of those whom their reader may see."""

    as_of: date
    people: int = Field(description="All who are asked about", examples=[180])
    people_without_position: int = Field(
        description="Of these, whose title means no job position", examples=[12]
    )
    cells: list[GapCell]


class LearnerGapOut(BaseModel):
    """Somebody who is below a level that is required of them."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="Of the learner")
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    organization_id: UUID = Field(description="Whose roster they are on")
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    job_position_id: UUID = Field(description="The job position that they are beside")
    requirements: int = Field(description="Competencies that are required", examples=[12])
    below: int = BELOW
    unknown: int = UNKNOWN
    mean_gap: float = MEAN_GAP


class LearnerGapQuery(PageQuery):
    sortable: ClassVar = ("below", "mean_gap", "full_name")
    shape: ClassVar = LearnerGapOut

    organization: UUID | None = Field(None, description="Of this organisation")
    unit: UUID | None = Field(None, description="Of this unit")
    job_position: UUID | None = JOB_POSITION
    domain: Domain | None = Field(None, description="In what is required of this domain only")
    competency: UUID | None = Field(None, description="In the competency with this identifier only")
    sort: str = sorting("-below", sortable)


class NationalDomainGap(BaseModel):
    """A domain: the sum of its competencies that are shown."""

    domain: Domain
    requirements: int = Field(description="Of all people together, in fives", examples=[12500])
    below: int = Field(description="Of these, below the required level, in fives", examples=[2405])


class NationalCompetencyGap(NamedCompetency):
    """A competency, of all people together of whom it is required."""

    people: int = Field(description="Of whom it is required, in fives", examples=[1250])
    below: int = Field(description="Of these, below the required level, in fives", examples=[240])


class NationalGapsOut(BaseModel):
    """Gaps of other organisations, all together."""

    as_of: date | None = Field(description="When they were counted; null when nothing is shown")
    domains: list[NationalDomainGap]
    competencies: list[NationalCompetencyGap]
