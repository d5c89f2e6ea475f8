"""Curricula and their versions, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Code, EntityOut, Exactly, Line, Paragraph, each_once
from app.curricula.target_groups.rule import EXAMPLE, TargetGroup
from app.curricula.vocabulary import CurriculumKind, CurriculumVersionState, ExtendedDomain
from app.learners.vocabulary import Field as WorkField

CurriculumHours = Annotated[float, Field(gt=0, le=20_000, multiple_of=0.5, strict=True), Exactly]
AddedHours = Annotated[float, Field(ge=0, le=20_000, multiple_of=0.5, strict=True), Exactly]
Year = Annotated[int, Field(ge=2000, le=2100, strict=True)]
_HOURS = (
    "Of its own modules, as a participant takes them: all mandatory ones, and as many of the others"
    " as that leaves room for"
)
_LEAST, _MOST = (
    "The fewest hours that an extension adds",
    "The most hours that an extension adds; null where nobody may extend it",
)
_DOMAINS = "The domains that an extension may add to; null for any"


class CurriculumModuleIn(Body):
    """A module of the curriculum, in one of its versions."""

    module_version_id: UUID = Field(
        description="Of your own module, or published", examples=[examples.MODULE_VERSION]
    )
    mandatory: bool = Field(
        default=True, strict=True, description="Whether everybody takes it", examples=[True]
    )


class CurriculumContentIn(Body):
    title_vi: Line = Field(examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương"])
    title_en: Line = Field(examples=["Basic course in local foreign affairs"])
    description_vi: Paragraph | None = Field(None, examples=["Dành cho cán bộ mới được tuyển."])
    description_en: Paragraph | None = Field(None, examples=["For officers newly recruited."])
    hours: CurriculumHours = Field(description=_HOURS, examples=[14.5])
    modules: list[CurriculumModuleIn] = Field(
        default_factory=list, max_length=200, description="In their order"
    )

    target_group: TargetGroup = Field(
        default_factory=TargetGroup,
        description="Whom it is for: everybody, where nothing is asked. An extension that asks"
        " nothing is for whom the common part is for",
        examples=[EXAMPLE],
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        each_once([each.module_version_id for each in self.modules])
        return self


class CurriculumVersionIn(CurriculumContentIn):
    extension_hours_min: AddedHours | None = Field(None, description=_LEAST, examples=[4])
    extension_hours_max: AddedHours | None = Field(None, description=_MOST, examples=[16])
    extension_domains: list[ExtendedDomain] | None = Field(
        None, min_length=1, max_length=3, description=_DOMAINS, examples=[["skill", "conduct"]]
    )

    @field_validator("extension_hours_max")
    @classmethod
    def _not_reversed(cls, most: float | None, info: ValidationInfo) -> float | None:
        least = info.data.get("extension_hours_min")
        if least is not None and most is not None and least > most:
            raise PydanticCustomError("bounds_reversed", "At most is less than at least.")
        return most

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        least, most = self.extension_hours_min, self.extension_hours_max
        if (least is None) != (most is None):
            raise PydanticCustomError("one_bound", "Give both bounds of extensions, or none.")
        if self.extension_domains is not None:
            self.extension_domains = sorted(set(self.extension_domains))
        return self


class CurriculumIn(Body):
    code: Code = Field(
        description="No other curriculum of the organisation has it in that year",
        examples=["1275-CB"],
    )
    kind: CurriculumKind = Field(examples=["basic"])
    field: WorkField | None = Field(
        None, description="The field of work that it is about", examples=[None]
    )


class CurriculumCreate(CurriculumVersionIn, CurriculumIn):
    year: Year = Field(examples=[2028])
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class ExtensionCreate(CurriculumContentIn):
    """What an organisation adds to another one's curriculum; year, kind and field are of that."""

    code: Code = Field(
        description="No other curriculum of the organisation has it in that year",
        examples=["1275-CB-DP"],
    )


class CloneIn(Body):
    year: Year = Field(description="For which year", examples=[2028])


class CurriculumOut(EntityOut):
    organization_id: UUID = Field(description="Whose it is")
    code: str = Field(examples=["1275-CB"])
    year: int = Field(examples=[2026])
    kind: CurriculumKind
    field: WorkField | None = Field(description="The field of work that it is about")
    extends_curriculum_id: UUID | None = Field(
        description="The common part that it extends; null where it is of its own"
    )
    cloned_from_id: UUID | None = Field(description="The same of another year")
    title_vi: str = Field(
        description="Of the newest version that you may see",
        examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương"],
    )
    title_en: str = Field(
        description="Of the newest version that you may see",
        examples=["Basic course in local foreign affairs"],
    )
    in_force_version_id: UUID | None = Field(description="The published version")
    open_version_id: UUID | None = Field(
        description="The version that is worked on, if you may see it"
    )


class CurriculumQuery(PageQuery):
    sortable: ClassVar = ("code", "year", "created_at")
    shape: ClassVar = CurriculumOut

    organization: UUID | None = Field(None, description="Of this organisation")
    code: Code | None = Field(None, description="With this code", examples=["1275-CB"])
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(
        None, description="Of this year", examples=[2026]
    )
    kind: CurriculumKind | None = Field(None, description="Of this kind")
    field: WorkField | None = Field(None, description="About this field of work")
    extends: UUID | None = Field(None, description="That extend this curriculum")
    sort: str = sorting("-year,code", sortable)


class CurriculumModuleOut(BaseModel):
    """A module of the curriculum, in one of its versions."""

    module_id: UUID
    module_version_id: UUID
    mandatory: bool = Field(description="Whether everybody takes it")


class CurriculumVersionOut(EntityOut):
    organization_id: UUID = Field(description="Whose the curriculum is")
    curriculum_id: UUID
    number: int = Field(description="Counts the versions of the curriculum", examples=[1])
    based_on_id: UUID | None = Field(description="The version that it was copied from")
    extends_curriculum_id: UUID | None = Field(description="The common part that it extends")
    extends_version_id: UUID | None = Field(
        description="The version of the common part that it extends"
    )
    carried_over: bool = Field(
        description="Published by itself for a new version of the common part, with the approval"
        " of the one before, which says the same"
    )
    state: CurriculumVersionState
    title_vi: str = Field(examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương"])
    title_en: str = Field(examples=["Basic course in local foreign affairs"])
    description_vi: str | None = Field(examples=["Dành cho cán bộ mới được tuyển."])
    description_en: str | None = Field(examples=["For officers newly recruited."])
    hours: float = Field(description=_HOURS, examples=[14.5])
    modules: list[CurriculumModuleOut] = Field(
        description="Its own, in their order; without those of the common part"
    )
    target_group: TargetGroup = Field(description="Whom it is for, where it says that itself")
    target_group_vi: str | None = Field(
        description="The same in words",
        examples=["Công chức thuộc địa phương; có không quá 5 năm công tác."],
    )
    target_group_en: str | None = Field(
        description="The same in words",
        examples=["Civil servants of provinces; years of service: at most 5."],
    )
    extension_hours_min: float | None = Field(description=_LEAST, examples=[4])
    extension_hours_max: float | None = Field(description=_MOST, examples=[16])
    extension_domains: list[ExtendedDomain] | None = Field(description=_DOMAINS)
    document_number: str | None = Field(
        description="Of the document by which it was approved", examples=["125/QĐ-HVNG"]
    )
    issuing_body: str | None = Field(
        description="Who issued that document", examples=["Học viện Ngoại giao"]
    )
    issued_on: date | None = Field(description="The day of that document")
    document_sha256: str | None = Field(
        description="The SHA-256 of its file, in hexadecimal", examples=["9f" * 32]
    )
    document_material_version_id: UUID | None = Field(
        description="The document itself, if it is among the materials"
    )
    publish_on: date | None = Field(description="The day on which it is published by itself")
    round: int = Field(description="Counts how often the version was submitted", examples=[1])
    quorum: int | None = Field(
        description="How many reviewers have to approve it, at least", examples=[1]
    )
    review_due_on: date | None = Field(description="Until when reviewers are asked to decide")
    published_on: date | None
    retired_on: date | None


class CurriculumVersionQuery(PageQuery):
    sortable: ClassVar = ("created_at", "number")
    shape: ClassVar = CurriculumVersionOut

    organization: UUID | None = Field(None, description="Of this organisation")
    curriculum: UUID | None = Field(None, description="Of this curriculum")
    state: CurriculumVersionState | None = Field(None, description="In this state")
    extends_version: UUID | None = Field(None, description="That extend this version")
    module: UUID | None = Field(None, description="That have this module")
    sort: str = sorting("-created_at", sortable)
