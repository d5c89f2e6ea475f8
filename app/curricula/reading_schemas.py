"""What is told of a version of a curriculum, whole, against it, and beside another."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.competencies.schemas import FieldDifference
from app.competencies.vocabulary import Difference, Domain
from app.core.pages import Query
from app.curricula.modules.schemas import ModuleCompetencyOut, OutcomeOut
from app.curricula.schemas import CurriculumOut, CurriculumVersionOut
from app.curricula.vocabulary import (
    CurriculumDiffPart,
    CurriculumPart,
    FindingRule,
    ModuleKind,
    ModuleMode,
)


class PrerequisiteOut(BaseModel):
    """A module that comes before, under the title of its newest version that you may see."""

    module_id: UUID
    code: str = Field(examples=["CD-LT-01"])
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])


class ModuleMaterialOut(BaseModel):
    """A material that a module is taught and studied with."""

    material_version_id: UUID
    material_id: UUID
    title_vi: str = Field(examples=["Sổ tay lễ tân"])
    title_en: str = Field(examples=["Handbook of protocol"])


class WholeModuleOut(BaseModel):
    """A module as the curriculum has it."""

    part: CurriculumPart
    mandatory: bool = Field(description="Whether everybody takes it")
    module_id: UUID
    module_version_id: UUID
    organization_id: UUID = Field(description="Whose the module is")
    code: str = Field(examples=["CD-LT-01"])
    kind: ModuleKind
    number: int = Field(description="Counts the versions of the module", examples=[1])
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])
    description_vi: str | None = Field(examples=["Đón tiếp, nghi lễ, chiêu đãi."])
    description_en: str | None = Field(examples=["Reception, ceremony, hospitality."])
    domain: Domain
    theory_hours: float = Field(examples=[4])
    practice_hours: float = Field(examples=[8])
    self_study_hours: float = Field(examples=[2.5])
    on_the_job_hours: float = Field(examples=[0])
    hours: float = Field(description="All together", examples=[14.5])
    mode: ModuleMode
    expertise: list[str] = Field(
        description="The expertise that it takes to teach it", examples=[["Lễ tân nhà nước"]]
    )
    outcomes: list[OutcomeOut]
    competencies: list[ModuleCompetencyOut]
    prerequisites: list[PrerequisiteOut]
    materials: list[ModuleMaterialOut] = Field(description="Those that you may see")


class WholeCurriculumOut(BaseModel):
    """A version of a curriculum with all that it consists of."""

    curriculum: CurriculumOut
    version: CurriculumVersionOut
    common_part: CurriculumVersionOut | None = Field(
        description="The version that it extends; null where it is of its own"
    )
    hours: float = Field(description="Of the common part and its own together", examples=[54.5])
    modules: list[WholeModuleOut] = Field(description="In their order: the common part's first")


class FindingOut(BaseModel):
    """Something that stands against submitting and publishing a version."""

    rule: FindingRule
    module_id: UUID | None = Field(description="The module that it is about, if it is about one")
    code: str | None = Field(description="That module's code", examples=["CD-LT-01"])
    figures: dict[str, Any] = Field(
        description="What the rule compares", examples=[{"hours": 40, "mandatory_hours": 44}]
    )
    message_vi: str = Field(examples=["Các chuyên đề bắt buộc có 44 giờ, nhiều hơn 40 giờ."])
    message_en: str = Field(examples=["The mandatory modules take 44 hours, more than 40."])


class FindingsOut(BaseModel):
    curriculum_version_id: UUID
    findings: list[FindingOut] = Field(description="Nothing stands against it when there are none")


class CurriculumDiffQuery(Query):
    since: UUID | None = Field(
        None,
        description="Another version, of this or of any other curriculum; by default the one that"
        " it was copied from",
    )


class CurriculumDifferenceOut(BaseModel):
    """What is otherwise in a version than in another."""

    part: CurriculumDiffPart
    module_id: UUID | None
    code: str | None = Field(description="The module's code", examples=["CD-LT-01"])
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])
    difference: Difference
    fields: list[FieldDifference] = Field(description="What was changed, field by field")
    message_vi: str = Field(examples=["Thêm chuyên đề CD-LT-01 (14,5 giờ)."])
    message_en: str = Field(examples=["Module CD-LT-01 was added (14.5 hours)."])


class CurriculumDiffOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    curriculum_version_id: UUID
    since_version_id: UUID | None = Field(description="Null for a first version: all is added")
    differences: list[CurriculumDifferenceOut] = Field(
        description="In the order of the curriculum; each in data and in words"
    )
