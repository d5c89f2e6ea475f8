from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core.pages import PageQuery
from app.core.schemas import Body, Code, EntityOut, Line, Paragraph, Text, today
from app.learners.names import search_pattern
from app.learners.vocabulary import Category, LeadershipLevel, Status, TransferState
from app.learners.vocabulary import Field as FieldOfWork

NationalId = Annotated[Text, StringConstraints(pattern=r"^(\d{9}|\d{12})$")]
Email = Annotated[Text, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")]
Phone = Annotated[Text, StringConstraints(pattern=r"^\+?[0-9 .()-]{6,20}$")]
Language = Annotated[Text, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Level = Annotated[int, Field(ge=1, le=6)]
Attribute = Annotated[Text, Field(max_length=500)] | int | float | bool | None
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


class LanguageSkill(Body):
    """A language at a level of the six-level national framework (Circular 01/2014/TT-BGDĐT)."""

    language: Language = Field(description="ISO 639", examples=["en"])
    level: Level = Field(description="1 to 6", examples=[4])
    evidence: Line | None = Field(None, examples=["IELTS 6.5 (2024)"])


class LearnerIn(Body):
    external_id: Code = Field(description="As your HR system knows them", examples=["CB-900001"])
    full_name: Line = Field(examples=["Nguyễn Thị Minh Hoà"])
    birth_date: Day | None = Field(None, examples=["1988-04-12"])
    email: Email | None = Field(None, examples=["hoa.nguyen@songoaivu.example"])
    phone: Phone | None = Field(None, examples=["024 0000 0001"])
    unit_id: UUID | None = Field(None, examples=[None])
    position_title: Line = Field(examples=["Chuyên viên Lễ tân"])
    rank: Line | None = Field(None, examples=["Chuyên viên"])
    leadership_level: LeadershipLevel = Field("none", examples=["none"])
    category: Category = Field("civil_servant", examples=["civil_servant"])
    position_since: Day = Field(
        description="A later day than before begins a new position and ends the former one; the"
        " same day corrects the present one",
        examples=["2024-03-01"],
    )
    fields: list[FieldOfWork] = Field(
        default_factory=list, max_length=10, examples=[["protocol_and_events"]]
    )
    languages: list[LanguageSkill] = Field(default_factory=list, max_length=20)
    recruited_on: Day | None = Field(None, examples=["2012-09-01"])
    status: Status = Field("active", examples=["active"])
    status_since: Day = Field(
        default_factory=today, description="Today when unsaid", examples=["2024-03-01"]
    )
    attributes: dict[Code, Attribute] = Field(
        default_factory=dict, max_length=50, description="What else your HR system keeps"
    )
    national_id: NationalId | None = Field(
        None,
        description="Kept as a keyed hash and its last three digits. When replacing, leave it out"
        " to keep the present one",
        examples=[None],
    )

    @field_validator("fields")
    @classmethod
    def _each_once(cls, fields: list[FieldOfWork]) -> list[FieldOfWork]:
        return sorted(set(fields))

    @field_validator("languages")
    @classmethod
    def _one_level_each(cls, languages: list[LanguageSkill]) -> list[LanguageSkill]:
        if len({skill.language for skill in languages}) < len(languages):
            raise PydanticCustomError("language_twice", "Each language has one level.")
        return sorted(languages, key=lambda skill: skill.language)

    @field_validator("attributes")
    @classmethod
    def _finite(cls, attributes: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(v, int) and abs(v) > 2**53 for v in attributes.values()):
            raise PydanticCustomError("out_of_range", "A number is larger than JSON can carry.")
        return attributes


class LearnerCreate(LearnerIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class LearnerOut(EntityOut):
    organization_id: UUID
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    birth_date: date | None
    email: str | None
    phone: str | None
    unit_id: UUID | None
    position_title: str
    rank: str | None
    leadership_level: LeadershipLevel
    category: Category
    position_since: date
    fields: list[FieldOfWork]
    languages: list[LanguageSkill]
    recruited_on: date | None
    status: Status
    status_since: date
    attributes: dict[str, Attribute]
    national_id_tail: str | None = Field(description="Its last three digits", examples=["123"])


class LearnerQuery(PageQuery):
    sortable: ClassVar = ("full_name", "external_id", "position_since", "updated_at")
    shape: ClassVar = LearnerOut

    organization: UUID | None = None
    unit: UUID | None = None
    status: Status | None = None
    leadership_level: LeadershipLevel | None = None
    category: Category | None = None
    field: FieldOfWork | None = Field(None, description="Who works in this field")
    language: Language | None = Field(None, description="Who speaks it", examples=["en"])
    language_level: Level | None = Field(
        None, description="At this level or a higher one; goes with `language`"
    )
    external_id: Code | None = None
    q: Annotated[Text, Field(min_length=1, max_length=100)] | None = Field(
        None,
        description="Words of the name in their order, or their beginnings; accents and case do"
        " not matter",
        examples=["nguyen minh"],
    )
    as_of: Day | None = Field(
        None,
        description="The roster of that day: who held which position then, and where. Personal"
        " details only of those who are on your roster now",
        examples=["2025-06-30"],
    )
    sort: str = Field("full_name", max_length=100)

    @field_validator("q")
    @classmethod
    def _searchable(cls, words: str | None) -> str | None:
        """From here on `q` is the pattern that PostgreSQL matches."""
        if words is None or (pattern := search_pattern(words)):
            return words and pattern
        raise PydanticCustomError("nothing_to_search", "Give at least one letter or digit.")

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.language_level is not None and self.language is None:
            raise PydanticCustomError("language_missing", "`language_level` needs a `language`.")
        return self


class PositionOut(EntityOut):
    organization_id: UUID
    learner_id: UUID
    held_from: date
    held_until: date | None = Field(description="The first day it was held no more")
    external_id: str
    full_name: str = Field(description="As it was then")
    unit_id: UUID | None
    position_title: str
    rank: str | None
    leadership_level: LeadershipLevel
    category: Category
    fields: list[FieldOfWork]


class PositionQuery(PageQuery):
    sortable: ClassVar = ("held_from",)
    shape: ClassVar = PositionOut

    sort: str = Field("-held_from", max_length=100)


class ReleaseIn(Body):
    released_on: Day = Field(description="The last day is the day before", examples=["2026-12-01"])
    reason: Paragraph | None = Field(None, examples=["Điều động sang cơ quan khác"])


class TransferOut(EntityOut):
    organization_id: UUID = Field(description="Who released")
    learner_id: UUID
    full_name: str
    to_organization_id: UUID | None = Field(description="Who claimed")
    state: TransferState
    released_on: date
    claimed_on: date | None
    reason: str | None


class ReleasedOut(TransferOut):
    claim_code: str = Field(
        description="Tell it to the receiving organisation; it is shown only now",
        examples=["K7QX-29FD-M3TR-8WZA"],
    )


class ClaimIn(Body):
    """Whom to claim, by one of the two, and the position that waits for them."""

    claim_code: Annotated[Text, Field(max_length=40)] | None = Field(
        None, examples=["K7QX-29FD-M3TR-8WZA"]
    )
    national_id: NationalId | None = Field(None, examples=[None])
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )
    claimed_on: Day = Field(examples=["2026-12-01"])
    external_id: Code = Field(examples=["CB-900002"])
    unit_id: UUID | None = Field(None, examples=[None])
    position_title: Line = Field(examples=["Chuyên viên Hợp tác quốc tế"])
    rank: Line | None = Field(None, examples=["Chuyên viên"])
    leadership_level: LeadershipLevel = Field("none", examples=["none"])
    category: Category = Field("civil_servant", examples=["civil_servant"])

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.claim_code is None) == (self.national_id is None):
            raise PydanticCustomError(
                "claim_by_one", "Claim by `claim_code` or by `national_id`: one of the two."
            )
        return self


class TransferQuery(PageQuery):
    sortable: ClassVar = ("created_at", "released_on")
    shape: ClassVar = TransferOut

    state: TransferState | None = None
    direction: Literal["in", "out"] | None = Field(
        None, description="To your organisation, or from it"
    )
    learner: UUID | None = None
    sort: str = Field("-created_at", max_length=100)
