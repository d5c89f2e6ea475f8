"""Scales of proficiency and what is observed at their levels, as they go over the wire."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, EntityOut, Line, Paragraph

MOST_LEVELS = 20


def _exchangeable(identifier: UUID) -> UUID:
    """CASE 1.1 takes no identifiers of later versions (RFC 9562)."""
    if identifier.version in (1, 2, 3, 4, 5):
        return identifier
    raise PydanticCustomError("identifier_version", "Give a UUID of version 1 to 5.")


Identifier = Annotated[UUID, AfterValidator(_exchangeable)]
OneLevel = Annotated[int, Field(ge=1, le=MOST_LEVELS, strict=True)]

CAUSE = "The comment that it is done because of; the consultation's log names it"
BECAUSE_OF = Field(default=None, description=CAUSE, examples=[None])
SAME_IN_ALL = "The same in all versions"


class LevelIn(Body):
    """A level of a scale."""

    level: OneLevel = Field(description="Counted from the lowest", examples=[1])
    name_vi: Line = Field(examples=["Nhận biết"])
    name_en: Line = Field(examples=["Aware"])
    description_vi: Paragraph | None = Field(None, examples=["Làm được khi có hướng dẫn."])
    description_en: Paragraph | None = Field(None, examples=["Can do it under guidance."])


_LEVELS = [
    {"level": 1, "name_vi": "Nhận biết", "name_en": "Aware"},
    {"level": 2, "name_vi": "Vận dụng", "name_en": "Able"},
    {"level": 3, "name_vi": "Thành thạo", "name_en": "Proficient"},
]


class ScaleIn(Body):
    name_vi: Line = Field(examples=["Năm bậc thành thạo"])
    name_en: Line = Field(examples=["Five levels of proficiency"])
    proficient_level: OneLevel = Field(
        description="From this level on somebody counts as proficient", examples=[3]
    )
    levels: list[LevelIn] = Field(min_length=1, max_length=MOST_LEVELS, examples=[_LEVELS])
    because_of: UUID | None = BECAUSE_OF

    @model_validator(mode="after")
    def _levels_fit(self) -> Self:
        levels = [each.level for each in self.levels]
        each_once(levels)
        if self.proficient_level not in levels:
            raise PydanticCustomError(
                "proficient_level_unknown", "`proficient_level` is one of `levels`."
            )
        return self


class ScaleCreate(ScaleIn):
    identifier: Identifier | None = Field(
        None, description=f"{SAME_IN_ALL}; made when unsaid", examples=[None]
    )


def each_once(levels: list[int]) -> None:
    if len(set(levels)) < len(levels):
        raise PydanticCustomError("level_twice", "Each level is there once.")


class LevelOut(BaseModel):
    """A level of a scale."""

    level: int = Field(description="Counted from the lowest", examples=[1])
    name_vi: str = Field(examples=["Nhận biết"])
    name_en: str = Field(examples=["Aware"])
    description_vi: str | None = Field(examples=["Làm được khi có hướng dẫn."])
    description_en: str | None = Field(examples=["Can do it under guidance."])


class ScaleOut(EntityOut):
    organization_id: UUID = Field(description="Whose the framework is")
    framework_version_id: UUID
    identifier: UUID = Field(
        description="The same in all versions, as long as the levels mean the same"
    )
    position: int = Field(description="The place among the scales of the version", examples=[1])
    name_vi: str = Field(examples=["Năm bậc thành thạo"])
    name_en: str = Field(examples=["Five levels of proficiency"])
    proficient_level: int = Field(
        description="From this level on somebody counts as proficient", examples=[3]
    )
    levels: list[LevelOut]


class ScaleQuery(PageQuery):
    sortable: ClassVar = ("position", "created_at")
    shape: ClassVar = ScaleOut

    framework_version: UUID | None = Field(None, description="Of this version")
    sort: str = sorting("position", sortable)


class DescriptorIn(Body):
    """What can be observed of somebody who is at a level of the competency."""

    level: OneLevel = Field(description="A level of the competency's scale", examples=[3])
    text_vi: Paragraph = Field(examples=["Tự chủ trì đón tiếp một đoàn khách cấp tỉnh."])
    text_en: Paragraph = Field(examples=["Receives a provincial delegation without help."])


class DescriptorOut(BaseModel):
    """What can be observed of somebody who is at a level of the competency."""

    level: int = Field(description="A level of the competency's scale", examples=[3])
    text_vi: str = Field(examples=["Tự chủ trì đón tiếp một đoàn khách cấp tỉnh."])
    text_en: str = Field(examples=["Receives a provincial delegation without help."])
