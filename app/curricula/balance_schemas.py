"""The balance of curricula, what is watched in it, and what they leave out, over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.competencies.vocabulary import Domain
from app.core.pages import PageQuery, Query, sorting
from app.core.schemas import Body, Code, EntityOut
from app.curricula.vocabulary import ModuleKind, ModuleMode

_PERCENT = Field(description="Of all hours, in percent", examples=[31.3])
_BEFORE = Field(description="The year before; null where there was none", examples=[28.1])
_CHANGE = Field(description="In percentage points; null where there was none", examples=[3.2])
_HOURS = Field(examples=[62.5])
Form = Annotated[
    Literal["theory", "practice", "self_study", "on_the_job"],
    Field(description="How the hours are spent"),
]


class BalanceQuery(Query):
    by: Literal["curriculum", "code", "year"] = Field(
        "curriculum",
        description="What a row is of: a curriculum with its common part; a code in a year, of all"
        " organisations; a year. In the last two each part counts once",
    )
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(
        None, description="Of this year, beside the one before", examples=[2027]
    )
    code: Code | None = Field(None, description="With this code", examples=["1275-CB"])
    organization: UUID | None = Field(None, description="Of this organisation")


class Share(BaseModel):
    """A part of the hours, beside the year before."""

    hours: float = _HOURS
    percent: float = _PERCENT
    percent_before: float | None = _BEFORE
    change: float | None = _CHANGE


class DomainShare(Share):
    """Hours in a domain."""

    domain: Domain


class ModeShare(Share):
    """Hours that are taught in a mode."""

    mode: ModuleMode


class KindShare(Share):
    """Hours of common or of specific modules."""

    kind: ModuleKind


class FormShare(Share):
    """Hours that are spent in a form."""

    form: Form


class BalanceWarning(BaseModel):
    """A domain that has less than the Academy watches for."""

    rule: Literal["below_minimum", "not_growing"]
    domain: Domain
    message_vi: str = Field(examples=["Tác phong đối ngoại chỉ chiếm 8,5% số giờ, dưới mức 10%."])
    message_en: str = Field(examples=["Diplomatic conduct has 8.5% of the hours, less than 10%."])


class BalanceRow(BaseModel):
    """How the hours are shared out."""

    curriculum_id: UUID | None = Field(description="Of a curriculum")
    organization_id: UUID | None = Field(description="Whose the curriculum is")
    code: str | None = Field(description="Of a curriculum or a code", examples=["1275-CB"])
    year: int = Field(examples=[2027])
    title_vi: str | None = Field(
        description="Of a curriculum", examples=["Bồi dưỡng cơ bản về công tác đối ngoại"]
    )
    title_en: str | None = Field(
        description="Of a curriculum", examples=["Basic course in foreign affairs"]
    )
    hours: float = Field(description="All together, mandatory or not", examples=[200])
    hours_before: float | None = Field(
        description="The year before; null where there was none", examples=[180]
    )
    domains: list[DomainShare]
    modes: list[ModeShare]
    kinds: list[KindShare]
    forms: list[FormShare]
    warnings: list[BalanceWarning]


class BalanceOut(BaseModel):
    """How the hours of curricula are shared out: of each the version in force, or the last one
    that was."""

    rows: list[BalanceRow] = Field(description="The newest year first")


class BalanceThresholdIn(Body):
    """What is watched of a domain's hours."""

    domain: Domain = Field(examples=["knowledge"])
    minimum_percent: Annotated[int, Field(ge=1, le=100, strict=True)] | None = Field(
        None, description="Of all hours of a curriculum, at least", examples=[20]
    )
    must_grow: bool = Field(
        default=False,
        strict=True,
        description="Whether it must be more than the year before",
        examples=[False],
    )


class BalanceThresholdOut(EntityOut):
    domain: Domain
    minimum_percent: int | None = Field(
        description="Of all hours of a curriculum, at least", examples=[20]
    )
    must_grow: bool = Field(description="Whether it must be more than the year before")


class BalanceThresholdQuery(PageQuery):
    sortable: ClassVar = ("domain", "created_at")
    shape: ClassVar = BalanceThresholdOut

    sort: str = sorting("domain", sortable)


class CoverageQuery(Query):
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(
        None, description="By curricula of this year only", examples=[2027]
    )


class UncoveredCompetency(BaseModel):
    """A competency that nothing in force leads to."""

    competency_id: UUID = Field(description="In the version of the framework that is in force")
    framework_id: UUID
    competency_identifier: UUID = Field(description="The same in all versions")
    code: str | None = Field(examples=["LT.01"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    domain: Domain
    required_by: int = Field(
        description="Job positions that you see which require it now", examples=[3]
    )


class UnmetRequirement(UncoveredCompetency):
    """A requirement of a job position that nothing in force leads to."""

    job_position_id: UUID
    job_position_code: str = Field(examples=["VT-LT-02"])
    job_position_vi: str = Field(examples=["Chuyên viên lễ tân đối ngoại"])
    job_position_en: str = Field(examples=["Protocol officer"])
    required_level: int = Field(description="Who is in the position needs", examples=[4])
    best_level: int | None = Field(
        description="The highest that a module leads to; null for none", examples=[3]
    )


class CoverageOut(BaseModel):
    """What curricula in force leave out."""

    as_of: date
    competencies: list[UncoveredCompetency] = Field(
        description="With a scale, in a framework in force: no module of a curriculum leads to them"
    )
    requirements: list[UnmetRequirement] = Field(
        description="Of national job positions and your own: no module leads to the level"
    )
