"""Target groups, and who is of them, as they go over the wire."""

from datetime import date
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.pages import PageQuery, sorting
from app.curricula.target_groups import TargetGroup
from app.learners.schemas import LanguageSkill
from app.learners.vocabulary import Category, LeadershipLevel, Status
from app.learners.vocabulary import Field as FieldOfWork

_RULE = "What the curriculum asks of participants; nothing where it is for everybody"
_RULE_VI = Field(
    description="The same in words",
    examples=["Công chức thuộc địa phương; có không quá 5 năm công tác."],
)
_RULE_EN = Field(
    description="The same in words",
    examples=["Civil servants of provinces; years of service: at most 5."],
)

GroupPart = Literal[
    "employed",
    "organization_kinds",
    "categories",
    "leadership_levels",
    "fields",
    "job_position_ids",
    "years_in_service",
    "languages",
    "trained",
    "not_trained",
]


class TargetGroupLearnerOut(BaseModel):
    """A learner of a target group: what tells them from others, and what they do."""

    id: UUID
    organization_id: UUID = Field(description="Whose roster they are on")
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    position_since: date
    leadership_level: LeadershipLevel
    category: Category
    fields: list[FieldOfWork]
    languages: list[LanguageSkill]
    recruited_on: date | None
    status: Status


class TargetGroupQuery(PageQuery):
    sortable: ClassVar = ("full_name", "external_id", "position_since")
    shape: ClassVar = TargetGroupLearnerOut

    organization: UUID | None = Field(None, description="On the roster of this organisation")
    unit: UUID | None = Field(None, description="In this unit, not in those below it")
    sort: str = sorting("full_name", sortable)


class FittingInOrganization(BaseModel):
    """Of one organisation, how many are of the target group."""

    organization_id: UUID
    people: int = Field(description="All of its learners who have not left", examples=[180])
    fitting: int = Field(description="Of these, who are of the target group", examples=[42])


class TargetGroupOut(BaseModel):
    """A target group, and how many of those whom you see are of it."""

    curriculum_version_id: UUID
    as_of: date
    rule: TargetGroup = Field(description=_RULE)
    rule_vi: str | None = _RULE_VI
    rule_en: str | None = _RULE_EN
    people: int = Field(description="All learners who have not left", examples=[180])
    fitting: int = Field(description="Of these, who are of the target group", examples=[42])
    organizations: list[FittingInOrganization] = Field(description="The most first")


class ConsideredLearner(BaseModel):
    """Who is considered."""

    id: UUID
    organization_id: UUID
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    status: Status


class EligibilityPart(BaseModel):
    """A part of a target group, and what of it is so of a learner."""

    part: GroupPart
    holds: bool
    asked_vi: str = Field(description="What is asked", examples=["là công chức hoặc viên chức"])
    asked_en: str = Field(
        description="What is asked", examples=["civil servants or public employees"]
    )
    found: dict[str, Any] = Field(
        description="What was looked at", examples=[{"category": "official"}]
    )
    found_vi: str = Field(description="What was looked at", examples=["cán bộ"])
    found_en: str = Field(description="What was looked at", examples=["officials"])
    kept_by: Literal["employer", "recorders", "academy"] = Field(
        description="Who corrects it if it is wrong: the `employer`, on the roster; the `recorders`"
        " of trainings; the `academy`"
    )
    kept_by_organization_ids: list[UUID] = Field(description="The same as organisations")
    kept_vi: str = Field(
        description="Where it is corrected",
        examples=["Cơ quan quản lý học viên sửa trong danh sách cán bộ."],
    )
    kept_en: str = Field(
        description="Where it is corrected", examples=["The employer corrects it on the roster."]
    )


class EligibilityOut(BaseModel):
    """Whether a learner is of a target group, part by part."""

    curriculum_version_id: UUID
    learner: ConsideredLearner
    as_of: date
    rule: TargetGroup = Field(description=_RULE)
    rule_vi: str | None = _RULE_VI
    rule_en: str | None = _RULE_EN
    eligible: bool = Field(description="Whether all parts hold")
    parts: list[EligibilityPart] = Field(description="Those that do not hold first")
