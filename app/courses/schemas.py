"""Courses, their quotas and what stands against their next state, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Code, Day, EntityOut, Instant, Line, Paragraph, each_once
from app.courses.vocabulary import (
    CourseFindingRule,
    CourseMode,
    CourseState,
    Modality,
    Participation,
)
from app.curricula.schemas import Year

Places = Annotated[int, Field(ge=0, le=100_000, strict=True)]
_MAX_PLACES = "How many people come at most; null for as many as like, 0 for nobody"
_MIN_PLACES = "Below this the course is not worth holding"
_UNTIL = "The last day on which organisations nominate; null for until the course begins"
_RELEASE = (
    "How many working days before `nominations_until`, or before it begins, places of quotas that"
    " nobody takes are given to others"
)
_YEAR = "Of which year's plan it is"
_EXTENSION = "What an organisation adds to the curriculum, if it is taught too"
_MODULES = "Every mandatory module of the curriculum and of its extension, and of the others, some"


class CompletionRule(Body):
    """What a learner has to do to complete the course."""

    attendance_share: int = Field(
        80,
        ge=0,
        le=100,
        strict=True,
        description="How much of the planned minutes of all sessions they attend at least, in"
        " percent",
        examples=[80],
    )
    modalities: Annotated[list[Modality], AfterValidator(lambda all_: sorted(set(all_)))] = Field(
        default=["in_person", "online"],
        min_length=1,
        max_length=2,
        description="How they attend so that it counts",
        examples=[["in_person", "online"]],
    )
    participation: Participation | None = Field(
        None, description="How far they take part at least", examples=["active"]
    )


class CourseModuleIn(Body):
    """A module of the curriculum that is taught."""

    module_id: UUID = Field(examples=[examples.MODULE])


class CourseIn(Body):
    code: Code = Field(
        description="No other course of the organisation has it", examples=["1275-CB-2027-01"]
    )
    title_vi: Line = Field(examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương, khóa 1"])
    title_en: Line = Field(examples=["Basic course in local foreign affairs, no. 1"])
    year: Year = Field(description=_YEAR, examples=[2027])
    curriculum_version_id: UUID = Field(
        description="A published version that extends no other",
        examples=[examples.CURRICULUM_VERSION],
    )
    extension_version_id: UUID | None = Field(None, description=_EXTENSION, examples=[None])
    modules: list[CourseModuleIn] = Field(
        default_factory=list,
        max_length=200,
        description="Which modules are taught that are not mandatory; mandatory ones are, whether"
        " they are named or not",
        examples=[[]],
    )
    starts_on: Day = Field(examples=["2027-03-08"])
    ends_on: Day = Field(description="Its last day", examples=["2027-03-12"])
    mode: CourseMode = Field(examples=["hybrid"])
    senior: bool = Field(
        default=False,
        strict=True,
        description="For heads of departments and above (khóa cấp cao)",
        examples=[False],
    )
    foreign_experts: bool = Field(
        default=False, strict=True, description="Whether foreign experts teach", examples=[False]
    )
    min_places: Places = Field(0, description=_MIN_PLACES, examples=[20])
    max_places: Places | None = Field(None, description=_MAX_PLACES, examples=[40])
    nominations_until: Day | None = Field(None, description=_UNTIL, examples=["2027-02-26"])
    release_days: int = Field(0, ge=0, le=60, strict=True, description=_RELEASE, examples=[5])
    completion_rule: CompletionRule = Field(
        default_factory=CompletionRule,
        description="From the opening of the course on, it does not change",
    )

    @field_validator("modules")
    @classmethod
    def _each_once(cls, modules: list[CourseModuleIn]) -> list[CourseModuleIn]:
        each_once([each.module_id for each in modules])
        return modules

    @field_validator("ends_on")
    @classmethod
    def _after_beginning(cls, ends: date, info: ValidationInfo) -> date:
        if ends < info.data.get("starts_on", ends):
            raise PydanticCustomError(
                "course_ends_before_it_begins", "`ends_on` is before `starts_on`."
            )
        return ends

    @field_validator("max_places")
    @classmethod
    def _not_below_minimum(cls, most: int | None, info: ValidationInfo) -> int | None:
        if most is not None and most < info.data.get("min_places", most):
            raise PydanticCustomError("places_reversed", "`max_places` are less than `min_places`.")
        return most

    @field_validator("nominations_until")
    @classmethod
    def _before_beginning(cls, until: date | None, info: ValidationInfo) -> date | None:
        if until is not None and until > info.data.get("starts_on", until):
            raise PydanticCustomError(
                "nominations_too_late", "`nominations_until` is after `starts_on`."
            )
        return until


class CourseCreate(CourseIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class CancelIn(Body):
    reason: Paragraph = Field(
        description="Told to everybody who sees it", examples=["Không đủ số học viên tối thiểu"]
    )


class CourseModuleOut(BaseModel):
    """A module of the curriculum that is taught."""

    module_id: UUID
    module_version_id: UUID
    mandatory: bool = Field(description="Whether the curriculum demands it")
    title_vi: str = Field(examples=["Lễ tân và tổ chức sự kiện đối ngoại"])
    title_en: str = Field(examples=["Protocol and events"])


class CourseOut(EntityOut):
    organization_id: UUID = Field(description="Who hosts it")
    code: str = Field(examples=["1275-CB-2026-01"])
    title_vi: str = Field(examples=["Bồi dưỡng cơ bản về công tác đối ngoại địa phương, khóa 1"])
    title_en: str = Field(examples=["Basic course in local foreign affairs, no. 1"])
    year: int = Field(description=_YEAR, examples=[2026])
    curriculum_version_id: UUID
    extension_version_id: UUID | None = Field(description=_EXTENSION)
    modules: list[CourseModuleOut] = Field(description=_MODULES)
    starts_on: date
    ends_on: date = Field(description="Its last day")
    mode: CourseMode
    senior: bool = Field(description="For heads of departments and above (khóa cấp cao)")
    foreign_experts: bool = Field(description="Whether foreign experts teach")
    min_places: int = Field(description=_MIN_PLACES, examples=[20])
    max_places: int | None = Field(description=_MAX_PLACES, examples=[40])
    nominations_until: date | None = Field(description=_UNTIL)
    release_days: int = Field(description=_RELEASE, examples=[5])
    completion_rule: CompletionRule = Field(
        description="From the opening of the course on, it does not change"
    )
    state: CourseState
    opened_at: Instant | None = Field(description="Since when organisations see it")
    cancelled_because: str | None = Field(examples=[None])


class CourseQuery(PageQuery):
    sortable: ClassVar = ("starts_on", "code", "created_at")
    shape: ClassVar = CourseOut

    organization: UUID | None = Field(None, description="That this organisation hosts")
    code: Code | None = Field(None, description="With this code", examples=["1275-CB-2026-01"])
    year: Annotated[int, Field(ge=2000, le=2100)] | None = Field(
        None, description="Of this year's plan", examples=[2026]
    )
    state: CourseState | None = Field(None, description="In this state")
    mode: CourseMode | None = Field(None, description="In this mode")
    senior: bool | None = Field(None, description="Whether they are senior courses")
    foreign_experts: bool | None = Field(None, description="Whether foreign experts teach")
    curriculum: UUID | None = Field(None, description="Of this curriculum, in any version")
    instructor: UUID | None = Field(None, description="In which this instructor teaches")
    starts_from: Day | None = Field(None, description="That begin on this day or later")
    starts_to: Day | None = Field(None, description="That begin on this day or before")
    sort: str = sorting("-starts_on", sortable)


class CourseFindingOut(BaseModel):
    """Something that stands against the next state of a course."""

    rule: CourseFindingRule
    module_id: UUID | None = Field(description="Of which module")
    session_id: UUID | None = Field(description="Of which session")


class CourseFindingsOut(BaseModel):
    """All that stands against the next state of a course."""

    course_id: UUID
    state: CourseState
    next_state: CourseState | None = Field(
        description="What follows when nothing stands against it; null when the course is over"
    )
    findings: list[CourseFindingOut]


class QuotaIn(Body):
    """Places that are kept for an organisation, or for several together."""

    code: Code = Field(
        description="What it is known by in the course: the code of the organisation, or a name for"
        " several",
        examples=["TAY-BAC"],
    )
    organization_ids: Annotated[list[UUID], AfterValidator(lambda all_: sorted(set(all_)))] = Field(
        min_length=1,
        max_length=100,
        description="Whose people take its places; each is in one quota of the course at most",
        examples=[[examples.ORGANIZATION]],
    )
    places: Places = Field(examples=[4])


class QuotasIn(Body):
    quotas: list[QuotaIn] = Field(
        max_length=200,
        description="All of them: those that are left out are removed",
        examples=[
            [{"code": "VN-01", "organization_ids": [str(examples.ORGANIZATION)], "places": 4}]
        ],
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        each_once([quota.code for quota in self.quotas])
        each_once([member for quota in self.quotas for member in quota.organization_ids])
        return self


class QuotaOut(BaseModel):
    """Places that are kept for an organisation, or for several together."""

    id: UUID
    code: str = Field(examples=["TAY-BAC"])
    organization_ids: list[UUID] = Field(
        description="Whose people take its places; of others' quotas, only your own"
    )
    places: int = Field(examples=[4])


class QuotasOut(BaseModel):
    """The quotas of a course."""

    id: UUID = Field(description="The course's")
    version: int = Field(description="Counts changes of the course; its ETag", examples=[1])
    max_places: int | None = Field(description=_MAX_PLACES, examples=[40])
    quotas: list[QuotaOut] = Field(
        description="In the order of their codes; organisations see the one that they are in"
    )
