"""Whom a curriculum is for: a rule over learners, and how a version of a curriculum keeps it.

What the rule means is in queries.py as SQL, and in words.py in words.
"""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.position_models import JobPosition
from app.core.problems import not_to_be_named
from app.core.schemas import Body, Day
from app.curricula.target_groups import words as target_group_words
from app.curricula.vocabulary import CurriculumKind
from app.learners.schemas import Language, Level
from app.learners.vocabulary import Category, LeadershipLevel
from app.learners.vocabulary import Field as FieldOfWork
from app.organizations.schemas import Kind as OrganizationKind

T = TypeVar("T", str, UUID)


def _each_once(values: list[T]) -> list[T]:
    return sorted(set(values))


def _several(kind: Any, most: int = 20) -> Any:
    return Annotated[list[kind], Field(max_length=most), AfterValidator(_each_once)]


Years = Annotated[int, Field(ge=0, le=60, strict=True)]


class _Given(Body):
    """Written as it was given: without what it does not ask."""

    @model_serializer(mode="wrap")
    def _as_given(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # noqa: ANN202 -- else the document would not say what it is
        return {name: value for name, value in write(self).items() if value not in ([], None)}


class LanguageAsked(Body):
    """A language at a level of the six-level national framework, or at a higher one."""

    language: Language = Field(description="Code of ISO 639", examples=["en"])
    min_level: Level = Field(strict=True, description="From 1 to 6", examples=[3])


class TrainingAsked(_Given):
    """One training that is all of this; what is left out may be anything."""

    kinds: _several(CurriculumKind) = Field(  # type: ignore[valid-type]
        default_factory=list, description="Of one of these kinds", examples=[["basic"]]
    )
    fields: _several(FieldOfWork) = Field(  # type: ignore[valid-type]
        default_factory=list, description="In one of these fields", examples=[[]]
    )
    since: Day | None = Field(
        None, description="Completed on this day or later", examples=["2021-01-01"]
    )


class TargetGroup(_Given):
    """Whom a curriculum is for. Each part that is given must hold; within a part, one of its
    values suffices."""

    organization_kinds: _several(OrganizationKind) = Field(  # type: ignore[valid-type]
        default_factory=list,
        description="On the roster of an organisation of such a kind",
        examples=[["province"]],
    )
    leadership_levels: _several(LeadershipLevel) = Field(  # type: ignore[valid-type]
        default_factory=list, description="At such a level of leadership", examples=[["none"]]
    )
    categories: _several(Category) = Field(  # type: ignore[valid-type]
        default_factory=list, description="Of such a category", examples=[["civil_servant"]]
    )
    fields: _several(FieldOfWork) = Field(  # type: ignore[valid-type]
        default_factory=list,
        description="Who work in such a field",
        examples=[["consular", "protocol_and_events"]],
    )
    job_position_ids: _several(UUID, 50) = Field(  # type: ignore[valid-type]
        default_factory=list,
        description="Who hold such a job position, national or your own",
        examples=[[]],
    )
    min_years_in_service: Years | None = Field(
        None, description="Full years since recruitment, at least", examples=[2]
    )
    max_years_in_service: Years | None = Field(
        None, description="Full years since recruitment, at most", examples=[20]
    )
    languages: list[LanguageAsked] = Field(
        default_factory=list, max_length=20, description="Who speak such a language"
    )
    trained: TrainingAsked | None = Field(
        None, description="Who have completed such a training", examples=[None]
    )
    not_trained: TrainingAsked | None = Field(
        None, description="Who have not completed such a training"
    )

    @field_validator("max_years_in_service")
    @classmethod
    def _not_below_least(cls, most: int | None, info: ValidationInfo) -> int | None:
        if most is not None and most < (info.data.get("min_years_in_service") or 0):
            raise PydanticCustomError(
                "years_reversed", "`max_years_in_service` is less than `min_years_in_service`."
            )
        return most

    @field_validator("languages")
    @classmethod
    def _one_level_each(cls, languages: list[LanguageAsked]) -> list[LanguageAsked]:
        if len({asked.language for asked in languages}) < len(languages):
            raise PydanticCustomError("language_twice", "Each language has one level.")
        return sorted(languages, key=lambda asked: asked.language)


EXAMPLE = {
    "organization_kinds": ["province"],
    "leadership_levels": ["none", "division"],
    "categories": ["civil_servant"],
    "fields": ["consular", "protocol_and_events"],
    "job_position_ids": [],
    "min_years_in_service": 1,
    "max_years_in_service": 20,
    "languages": [{"language": "en", "min_level": 3}],
    "trained": {"kinds": ["basic"], "fields": [], "since": "2016-01-01"},
    "not_trained": {"kinds": ["advanced"], "fields": [], "since": "2021-01-01"},
}


def stored(group: TargetGroup) -> dict[str, Any]:
    """As `curriculum_versions.target_group` has it: the parts that are given."""
    return group.model_dump(mode="json")


async def columns(
    session: AsyncSession, group: TargetGroup
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a version of a curriculum says of its target group, in data and in words; and what is
    wrong with it: job positions that there are not, or that others keep."""
    asked = select(JobPosition.id, JobPosition.name_vi, JobPosition.name_en)
    asked = asked.where(JobPosition.id.in_(group.job_position_ids))
    named = {row.id: (row.name_vi, row.name_en) for row in await session.execute(asked)}
    errors = [
        not_to_be_named("target_group", "job_position_ids", place)
        for place, id in enumerate(group.job_position_ids)
        if id not in named
    ]
    words = target_group_words.of_group(stored(group), named)
    said = {
        "target_group": stored(group),
        "target_group_vi": words.vi,
        "target_group_en": words.en,
    }
    return said, errors
