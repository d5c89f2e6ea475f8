"""Modules and their versions, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.competencies.vocabulary import Domain
from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Code, EntityOut, Exactly, Line, Paragraph, each_once
from app.curricula.vocabulary import ModuleKind, ModuleMode, ModuleVersionState

HalfHours = Annotated[float, Field(ge=0, le=2000, multiple_of=0.5, strict=True), Exactly]
"""To the half hour, which binary fractions hold exactly."""
MOST_PARTS = 50
_THEORY, _PRACTICE = "Taught: lectures and discussion", "Practised: exercises, cases, field visits"
_SELF_STUDY, _ON_THE_JOB = "Studied alone, by materials", "Worked on at one's own place"


class OutcomeIn(Body):
    """What participants know, can do or show afterwards."""

    text_vi: Paragraph = Field(examples=["Lập được chương trình đón một đoàn cấp cao."])
    text_en: Paragraph = Field(examples=["Draws up the programme of a high-level visit."])


class ModuleCompetencyIn(Body):
    """A competency that the module leads to."""

    framework_id: UUID = Field(examples=[examples.FRAMEWORK])
    competency_identifier: UUID = Field(
        description="As published versions of the framework have it",
        examples=[examples.REQUIRED_IDENTIFIER],
    )
    level: Annotated[int, Field(ge=1, le=20, strict=True)] = Field(
        description="On the competency's scale", examples=[3]
    )


class ModuleVersionIn(Body):
    title_vi: Line = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: Line = Field(examples=["Protocol and events"])
    description_vi: Paragraph | None = Field(None, examples=["Đón tiếp, nghi lễ, chiêu đãi."])
    description_en: Paragraph | None = Field(None, examples=["Reception, ceremony, hospitality."])
    domain: Domain = Field(examples=["skill"])
    theory_hours: HalfHours = Field(0, description=_THEORY, examples=[4])
    practice_hours: HalfHours = Field(0, description=_PRACTICE, examples=[8])
    self_study_hours: HalfHours = Field(0, description=_SELF_STUDY, examples=[2.5])
    on_the_job_hours: HalfHours = Field(0, description=_ON_THE_JOB, examples=[0])
    mode: ModuleMode = Field(examples=["in_person"])
    expertise: list[Line] = Field(
        default_factory=list,
        max_length=20,
        description="The expertise that it takes to teach it",
        examples=[["Lễ tân nhà nước"]],
    )
    outcomes: list[OutcomeIn] = Field(
        default_factory=list, max_length=MOST_PARTS, description="In their order"
    )
    competencies: list[ModuleCompetencyIn] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="What it leads to; stated in the words of the version in force",
    )
    prerequisites: list[UUID] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="Modules that come before, your own or published",
        examples=[[]],
    )
    materials: list[UUID] = Field(
        default_factory=list,
        max_length=MOST_PARTS,
        description="Versions of materials, your own or public ones, in their order",
        examples=[[]],
    )

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        hours = (self.theory_hours, self.practice_hours, self.self_study_hours)
        if not sum((*hours, self.on_the_job_hours)):
            raise PydanticCustomError("module_without_hours", "A module takes some time.")
        named = [(each.framework_id, each.competency_identifier) for each in self.competencies]
        for values in (named, self.prerequisites, self.materials):
            each_once(values)
        return self


class ModuleIn(Body):
    code: Code = Field(
        description="No other module of the organisation has it", examples=["CD-LT-02"]
    )
    kind: ModuleKind = Field(examples=["specific"])


class ModuleCreate(ModuleVersionIn, ModuleIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class ModuleOut(EntityOut):
    organization_id: UUID = Field(description="Whose it is")
    code: str = Field(examples=["CD-LT-01"])
    kind: ModuleKind
    title_vi: str = Field(
        description="Of the newest version that you may see",
        examples=["Lễ tân và tổ chức sự kiện đối ngoại"],
    )
    title_en: str = Field(
        description="Of the newest version that you may see", examples=["Protocol and events"]
    )
    in_force_version_id: UUID | None = Field(description="The published version")
    open_version_id: UUID | None = Field(description="The draft, if you may see it")


class ModuleQuery(PageQuery):
    sortable: ClassVar = ("code", "created_at")
    shape: ClassVar = ModuleOut

    organization: UUID | None = Field(None, description="Of this organisation")
    code: Code | None = Field(None, description="With this code", examples=["CD-LT-01"])
    kind: ModuleKind | None = Field(None, description="Of this kind")
    sort: str = sorting("code", sortable)


class OutcomeOut(BaseModel):
    text_vi: str = Field(examples=["Lập được chương trình đón một đoàn cấp cao."])
    text_en: str = Field(examples=["Draws up the programme of a high-level visit."])


class ModuleCompetencyOut(BaseModel):
    """A competency that a module leads to, in the words of the version that it was stated in."""

    framework_id: UUID
    framework_version_id: UUID = Field(description="The version in whose words it was stated")
    competency_identifier: UUID
    scale_identifier: UUID
    level: int = Field(examples=[3])
    domain: Domain
    code: str | None = Field(examples=["KN.11"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])


class ModuleVersionOut(EntityOut):
    organization_id: UUID = Field(description="Whose the module is")
    module_id: UUID
    number: int = Field(description="Counts the versions of the module", examples=[1])
    based_on_id: UUID | None = Field(description="The version that it was copied from")
    state: ModuleVersionState
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])
    description_vi: str | None = Field(examples=["Đón tiếp, nghi lễ, chiêu đãi."])
    description_en: str | None = Field(examples=["Reception, ceremony, hospitality."])
    domain: Domain
    theory_hours: float = Field(description=_THEORY, examples=[4])
    practice_hours: float = Field(description=_PRACTICE, examples=[8])
    self_study_hours: float = Field(description=_SELF_STUDY, examples=[2.5])
    on_the_job_hours: float = Field(description=_ON_THE_JOB, examples=[0])
    hours: float = Field(description="All together", examples=[14.5])
    mode: ModuleMode
    expertise: list[str] = Field(
        description="The expertise that it takes to teach it", examples=[["Lễ tân nhà nước"]]
    )
    outcomes: list[OutcomeOut] = Field(description="In their order")
    competencies: list[ModuleCompetencyOut] = Field(description="What it leads to")
    prerequisites: list[UUID] = Field(description="Modules that come before")
    materials: list[UUID] = Field(description="Versions of materials, in their order")
    published_on: date | None
    retired_on: date | None


class ModuleVersionQuery(PageQuery):
    sortable: ClassVar = ("created_at", "number", "title_vi")
    shape: ClassVar = ModuleVersionOut

    organization: UUID | None = Field(None, description="Of this organisation")
    module: UUID | None = Field(None, description="Of this module")
    state: ModuleVersionState | None = Field(None, description="In this state")
    domain: Domain | None = Field(None, description="In this domain")
    competency: UUID | None = Field(
        None, description="That leads to the competency with this identifier"
    )
    sort: str = sorting("-created_at", sortable)
