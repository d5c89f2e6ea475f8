"""Frameworks, their versions and competencies, as they go over the wire."""

from datetime import date
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.competencies.scale_schemas import (
    BECAUSE_OF,
    MOST_LEVELS,
    SAME_IN_ALL,
    DescriptorIn,
    DescriptorOut,
    Identifier,
    ScaleOut,
    each_once,
)
from app.competencies.vocabulary import (
    AttainmentRule,
    Difference,
    DiffPart,
    Domain,
    ItemKind,
    VersionState,
)
from app.core.pages import PageQuery, Query, sorting
from app.core.schemas import Body, Code, Day, EntityOut, Line, Paragraph

Place = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class FrameworkVersionIn(Body):
    title_vi: Line = Field(examples=["Khung năng lực cán bộ đối ngoại"])
    title_en: Line = Field(examples=["Competency framework of foreign-affairs officers"])
    description_vi: Paragraph | None = Field(None, examples=["Dùng cho cán bộ đối ngoại cả nước."])
    description_en: Paragraph | None = Field(None, examples=["For officers of the whole country."])


class FrameworkIn(Body):
    code: Code = Field(
        description="No other framework of the organisation has it", examples=["KNL-KT"]
    )


class FrameworkCreate(FrameworkVersionIn, FrameworkIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class FrameworkOut(EntityOut):
    organization_id: UUID = Field(description="Whose it is; the Academy's are national")
    code: str = Field(examples=["KNL-DN"])
    title_vi: str = Field(
        description="Of the newest version that you may see",
        examples=["Khung năng lực cán bộ đối ngoại"],
    )
    title_en: str = Field(
        description="Of the newest version that you may see",
        examples=["Competency framework of foreign-affairs officers"],
    )
    in_force_version_id: UUID | None = Field(description="The published version")
    open_version_id: UUID | None = Field(
        description="The version that is worked on, if you may see it"
    )


class FrameworkQuery(PageQuery):
    sortable: ClassVar = ("code", "created_at")
    shape: ClassVar = FrameworkOut

    organization: UUID | None = Field(None, description="Of this organisation")
    code: Code | None = Field(None, description="With this code", examples=["KNL-DN"])
    sort: str = sorting("code", sortable)


class FrameworkVersionOut(EntityOut):
    organization_id: UUID = Field(description="Whose the framework is")
    framework_id: UUID
    number: int = Field(description="Counts the versions of the framework", examples=[1])
    based_on_id: UUID | None = Field(description="The version that it was copied from")
    identifier: UUID = Field(description="As exchanged files name it")
    state: VersionState
    title_vi: str = Field(examples=["Khung năng lực cán bộ đối ngoại"])
    title_en: str = Field(examples=["Competency framework of foreign-affairs officers"])
    description_vi: str | None = Field(examples=["Dùng cho cán bộ đối ngoại cả nước."])
    description_en: str | None = Field(examples=["For officers of the whole country."])
    consultation_ends_on: date | None = Field(description="Until when comments are asked for")
    published_on: date | None
    retired_on: date | None


class FrameworkVersionQuery(PageQuery):
    sortable: ClassVar = ("created_at", "number")
    shape: ClassVar = FrameworkVersionOut

    framework: UUID | None = Field(None, description="Of this framework")
    state: VersionState | None = Field(None, description="In this state")
    sort: str = sorting("-created_at", sortable)


class ConsultationIn(Body):
    ends_on: Day | None = Field(
        None, description="Until when comments are asked for", examples=["2026-12-31"]
    )


class CompetencyIn(Body):
    kind: ItemKind = Field(examples=["competency"])
    domain: Domain | None = Field(
        None, description="Only an area may be without one", examples=["skill"]
    )
    code: Code | None = Field(None, description="Unique within the version", examples=["LT.01"])
    name_vi: Line = Field(examples=["Lễ tân đối ngoại"])
    name_en: Line = Field(examples=["Diplomatic protocol"])
    description_vi: Paragraph | None = Field(None, examples=["Đón tiếp, nghi lễ, chiêu đãi."])
    description_en: Paragraph | None = Field(None, examples=["Reception, ceremony, hospitality."])
    scale_identifier: UUID | None = Field(
        None, description="The scale that people are at a level of", examples=[None]
    )
    attainment_rule: AttainmentRule = Field("latest", examples=["latest"])
    descriptors: list[DescriptorIn] = Field(
        default_factory=list, max_length=MOST_LEVELS, examples=[[]]
    )
    replaces: list[UUID] = Field(
        default_factory=list,
        max_length=100,
        description="Identifiers of competencies of the version before, whose place it takes",
        examples=[[]],
    )
    because_of: UUID | None = BECAUSE_OF

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.kind != "area" and self.domain is None:
            raise PydanticCustomError("domain_missing", "Only an area may be without a domain.")
        if self.kind != "competency" and self.scale_identifier is not None:
            raise PydanticCustomError("scale_of_no_competency", "Only a competency has a scale.")
        if self.descriptors and self.scale_identifier is None:
            raise PydanticCustomError("descriptors_without_scale", "Descriptors need a scale.")
        each_once([each.level for each in self.descriptors])
        self.replaces = sorted(set(self.replaces))
        return self


class CompetencyCreate(CompetencyIn):
    identifier: Identifier | None = Field(
        None, description=f"{SAME_IN_ALL}; made when unsaid", examples=[None]
    )
    parent_identifier: UUID | None = Field(
        None, description="What it stands below; null at the top", examples=[None]
    )
    position: Place | None = Field(
        None, description="The place among its siblings; the last when unsaid", examples=[None]
    )


class MoveIn(Body):
    """Where it is to stand; all below it comes along."""

    parent_identifier: UUID | None = Field(
        None, description="What it stands below; null at the top", examples=[None]
    )
    position: Place | None = Field(
        None, description="The place among its siblings; the last when unsaid", examples=[2]
    )
    because_of: UUID | None = BECAUSE_OF


class CompetencyOut(EntityOut):
    organization_id: UUID = Field(description="Whose the framework is")
    framework_version_id: UUID
    identifier: UUID = Field(description=SAME_IN_ALL)
    parent_identifier: UUID | None = Field(description="What it stands below")
    position: int = Field(description="The place among its siblings", examples=[1])
    kind: ItemKind
    domain: Domain | None
    code: str | None = Field(examples=["LT.01"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    description_vi: str | None = Field(examples=["Đón tiếp, nghi lễ, chiêu đãi."])
    description_en: str | None = Field(examples=["Reception, ceremony, hospitality."])
    scale_identifier: UUID | None = Field(description="The scale that people are at a level of")
    attainment_rule: AttainmentRule
    descriptors: list[DescriptorOut]
    replaces: list[UUID] = Field(
        description="Identifiers of competencies of the version before, whose place it takes"
    )


class NamedCompetency(BaseModel):
    """A competency, as the newest published version that has it says."""

    competency_id: UUID = Field(description="In the newest published version that has it")
    framework_id: UUID
    competency_identifier: UUID = Field(description=SAME_IN_ALL)
    code: str | None = Field(examples=["LT.01"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    domain: Domain


class CompetencyQuery(PageQuery):
    sortable: ClassVar = ("place", "code", "updated_at")
    shape: ClassVar = CompetencyOut

    framework_version: UUID | None = Field(None, description="Of this version")
    parent: UUID | None = Field(None, description="Directly below what has this identifier")
    kind: ItemKind | None = Field(None, description="Of this kind")
    domain: Domain | None = Field(None, description="In this domain")
    code: Code | None = Field(None, description="With this code", examples=["LT.01"])
    sort: str = sorting("place", sortable)


class FrameworkTreeOut(BaseModel):
    """A version, whole."""

    version: FrameworkVersionOut
    scales: list[ScaleOut]
    competencies: list[CompetencyOut] = Field(
        description="In the order of the tree: each after what it stands below"
    )


class DiffQuery(Query):
    since: UUID | None = Field(
        None,
        description="Another version of the framework; by default the one it was copied from",
    )


class FieldDifference(BaseModel):
    """One field, as it was and as it is."""

    field: str = Field(
        description="Of a level: `levels/3/name_vi`; of a descriptor: `descriptors/3/text_vi`",
        examples=["name_vi"],
    )
    before: Any = Field(examples=["Lễ tân"])
    after: Any = Field(examples=["Lễ tân đối ngoại"])


class DifferenceOut(BaseModel):
    """What is otherwise in a version than in another."""

    part: DiffPart
    identifier: UUID = Field(description="Of the competency or the scale; else of the version")
    code: str | None = Field(examples=["LT.01"])
    name_vi: str = Field(examples=["Lễ tân đối ngoại"])
    name_en: str = Field(examples=["Diplomatic protocol"])
    difference: Difference
    replaced_by: list[UUID] = Field(description="Identifiers of what takes a removed one's place")
    fields: list[FieldDifference] = Field(description="What was changed, field by field")


class FrameworkDiffOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    framework_version_id: UUID
    since_version_id: UUID | None = Field(description="Null for a first version: all is added")
    differences: list[DifferenceOut] = Field(description="In the order of the tree")
