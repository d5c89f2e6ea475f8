"""What a learner should be taught next, as it goes over the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.competencies.gap_schemas import ProfiledPosition
from app.competencies.vocabulary import Domain
from app.curricula.reading_schemas import PrerequisiteOut
from app.curricula.vocabulary import CurriculumKind, ModuleMode

_SCORE = Field(
    description="Levels that it closes, each as much as the requirement weighs, in an hour",
    examples=[0.25],
)
_REASON_VI = Field(
    examples=["Đưa “Lễ tân đối ngoại” từ bậc 1 lên bậc 3 (yêu cầu bậc 4); trong 14,5 giờ."]
)
_REASON_EN = Field(
    examples=["Takes “Diplomatic protocol” from level 1 to 3 (required: 4); in 14.5 h."]
)


class ClosedGap(BaseModel):
    """A competency that the learner lacks, and how far it is closed."""

    competency_id: UUID = Field(description="In the newest published version that has it")
    code: str | None = Field(examples=["LT.01"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    attained_level: int | None = Field(description="Null when nothing counts", examples=[1])
    reached_level: int = Field(description="Of what is required, afterwards", examples=[3])
    required_level: int = Field(description="What is required", examples=[4])
    weight: int = Field(description="Beside the other requirements", examples=[2])


class RecommendedModule(BaseModel):
    """A module in force that closes some of what is lacking."""

    module_id: UUID
    module_version_id: UUID
    organization_id: UUID = Field(description="Whose it is")
    code: str = Field(examples=["CD-LT-01"])
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])
    domain: Domain
    mode: ModuleMode
    hours: float = Field(examples=[14.5])
    score: float = _SCORE
    ready: bool = Field(
        description="Whether what comes before it is completed, or its competencies attained"
    )
    missing: list[PrerequisiteOut] = Field(description="What comes before it otherwise")
    closes: list[ClosedGap] = Field(description="The most first")
    reason_vi: str = _REASON_VI
    reason_en: str = _REASON_EN


class RecommendedCurriculum(BaseModel):
    """A curriculum in force, with its common part, that closes some of what is lacking."""

    curriculum_id: UUID
    curriculum_version_id: UUID
    organization_id: UUID = Field(description="Whose it is")
    code: str = Field(examples=["1275-CB"])
    title_vi: str = Field(examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương"])
    title_en: str = Field(examples=["Basic course in local foreign affairs"])
    year: int = Field(examples=[2026])
    kind: CurriculumKind
    hours: float = Field(examples=[54.5])
    score: float = _SCORE
    in_target_group: bool = Field(description="Whether the learner is of its target group")
    closes: list[ClosedGap] = Field(description="The most first")
    reason_vi: str = _REASON_VI
    reason_en: str = _REASON_EN


class RecommendationsOut(BaseModel):
    """What closes what a learner lacks to a job position."""

    learner_id: UUID
    as_of: date
    job_position: ProfiledPosition | None
    gaps: int = Field(description="Competencies below what is required", examples=[4])
    modules: list[RecommendedModule] = Field(
        description="At most 20: first those that they are ready for; then by `score`"
    )
    curricula: list[RecommendedCurriculum] = Field(
        description="At most 20: first those whose target group they are of; then by `score`."
        " Without those that they have completed"
    )
