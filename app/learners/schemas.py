from datetime import date
from typing import Annotated, ClassVar, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import (
    Body,
    Code,
    Day,
    Email,
    EntityOut,
    Instant,
    Line,
    Moment,
    Paragraph,
    Writable,
    writable,
)
from app.learners.names import search_pattern
from app.learners.vocabulary import (
    PROTECTABLE,
    Category,
    LeadershipLevel,
    Protectable,
    Status,
    TransferState,
)
from app.learners.vocabulary import Field as FieldOfWork

T = TypeVar("T", bound=str)

NationalId = Annotated[str, Field(pattern=r"^([0-9]{9}|[0-9]{12})$"), Writable]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9 .()-]{6,20}$"), Writable]
ExternalId = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,39}/)*[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$",
    ),
    Writable,
]
"""A code, after those of former organisations whom a succession has told it apart by."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$"), Writable]
Level = Annotated[int, Field(ge=1, le=6)]


LONGEST_ATTRIBUTE = 500


def _judged(value: object) -> object:
    """Judged before the union is, whose errors would name each kind that the value is not."""
    value = writable(value)
    if isinstance(value, dict | list):
        raise PydanticCustomError(
            "attribute_type", "An attribute is text, a number, true, false or null."
        )
    if isinstance(value, str) and len(value) > LONGEST_ATTRIBUTE:
        raise PydanticKnownError("string_too_long", {"max_length": LONGEST_ATTRIBUTE})
    if isinstance(value, int) and abs(value) > 2**53:
        raise PydanticCustomError("out_of_range", "A number is larger than JSON can carry.")
    return value


Attribute = Annotated[
    Annotated[str, Field(max_length=LONGEST_ATTRIBUTE)] | int | float | bool | None,
    BeforeValidator(_judged),
]


class LanguageSkill(Body):
    """A language at a level of the six-level national framework (Circular 01/2014/TT-BGDĐT)."""

    language: Language = Field(description="Code of ISO 639", examples=["en"])
    level: Level = Field(strict=True, description="From 1 to 6", examples=[4])
    evidence: Line | None = Field(
        None, description="Certificate or test", examples=["IELTS 6.5 (2024)"]
    )


def _each_once(fields: list[T]) -> list[T]:
    return sorted(set(fields))


def _one_level_each(languages: list[LanguageSkill]) -> list[LanguageSkill]:
    if len({skill.language for skill in languages}) < len(languages):
        raise PydanticCustomError("language_twice", "Each language has one level.")
    return sorted(languages, key=lambda skill: skill.language)


FieldsOfWork = Annotated[list[FieldOfWork], Field(max_length=10), AfterValidator(_each_once)]
Languages = Annotated[list[LanguageSkill], Field(max_length=20), AfterValidator(_one_level_each)]
Attributes = Annotated[
    dict[Code, Attribute],
    Field(max_length=50, json_schema_extra={"additionalProperties": False}),
]


class LearnerIn(Body):
    external_id: ExternalId = Field(
        description="As your HR system knows them; nobody else on the roster has it",
        examples=["CB-900001"],
    )
    full_name: Line = Field(examples=["Nguyễn Thị Minh Hoà"])
    birth_date: Day | None = Field(None, examples=["1988-04-12"])
    email: Email | None = Field(None, examples=["hoa.nguyen@songoaivu.example"])
    phone: Phone | None = Field(None, examples=["024 0000 0001"])
    unit_id: UUID | None = Field(None, description="A unit of the organisation", examples=[None])
    position_title: Line = Field(examples=["Chuyên viên Lễ tân"])
    rank: Line | None = Field(
        None, description="Rank of the civil service", examples=["Chuyên viên"]
    )
    leadership_level: LeadershipLevel = Field("none", examples=["none"])
    category: Category = Field("civil_servant", examples=["civil_servant"])
    position_since: Day = Field(
        description="A later day than before begins a new position and ends the former one; the"
        " same day corrects the present one",
        examples=["2024-03-01"],
    )
    fields: FieldsOfWork = Field(
        default_factory=list,
        description="Specialised fields of work, after Decision 1275/QĐ-TTg",
        examples=[["protocol_and_events"]],
    )
    languages: Languages = Field(default_factory=list, examples=[[{"language": "en", "level": 4}]])
    recruited_on: Day | None = Field(None, examples=["2012-09-01"])
    status: Status = Field("active", examples=["active"])
    status_since: Day | None = Field(
        None,
        description="Today when unsaid; unchanged when the status is unchanged",
        examples=["2024-03-01"],
    )
    attributes: Attributes = Field(
        default_factory=dict,
        description="What else your HR system keeps",
        examples=[{"file_number": "HS-1024"}],
    )
    national_id: NationalId | None = Field(
        None,
        description="Kept as a keyed hash and its last 3 digits. When replacing, leave it out"
        " to keep the present one",
        examples=[None],
    )


class ProtectedFieldsIn(Body):
    """What files leave as it is. A field that is left out is released: the next file says it."""

    fields: Annotated[list[Protectable], AfterValidator(_each_once)] = Field(
        max_length=len(PROTECTABLE), examples=[["phone"]]
    )


class LearnerCreate(LearnerIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class LearnerOut(EntityOut):
    organization_id: UUID = Field(description="Whose roster they are on")
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    birth_date: date | None
    email: str | None = Field(examples=["hoa.nguyen@songoaivu.example"])
    phone: str | None = Field(examples=["024 0000 0001"])
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    rank: str | None = Field(examples=["Chuyên viên"])
    leadership_level: LeadershipLevel
    category: Category
    position_since: date
    fields: list[FieldOfWork]
    languages: list[LanguageSkill]
    recruited_on: date | None
    status: Status
    status_since: date
    attributes: dict[str, Attribute] = Field(examples=[{"file_number": "HS-1024"}])
    national_id_tail: str | None = Field(
        description="The last 3 digits of the national id", examples=["123"]
    )
    data_set: str | None = Field(
        description="Whose files they are in; null for who was added by hand", examples=["hr"]
    )
    missing_since: Instant | None = Field(
        description="Since when the full files of their data set lack them", examples=[None]
    )
    protected_fields: list[str] = Field(
        description="Set by hand, so that files do not change them", examples=[["phone"]]
    )


class LearnerQuery(PageQuery):
    sortable: ClassVar = ("full_name", "external_id", "position_since", "updated_at")
    shape: ClassVar = LearnerOut

    organization: UUID | None = Field(None, description="On the roster of this organisation")
    unit: UUID | None = Field(None, description="In this unit, not in those below it")
    status: Status | None = Field(None, description="With this status")
    leadership_level: LeadershipLevel | None = Field(
        None, description="At this level of leadership"
    )
    category: Category | None = Field(None, description="Of this category")
    field: FieldOfWork | None = Field(None, description="Who works in this field")
    language: Language | None = Field(None, description="Who speaks it", examples=["en"])
    language_level: Level | None = Field(
        None, description="At this level or a higher one; goes with `language`"
    )
    external_id: ExternalId | None = Field(None, description="As your HR system knows them")
    q: Annotated[str, Field(min_length=1, max_length=100), Writable] | None = Field(
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
    updated_since: Moment | None = Field(
        None,
        description="Everybody who changed since then, and maybe some who changed up to 15 minutes"
        " before: a change tells when it began, and may be seen later. Not who has left the roster;"
        " the feed of changes tells of them",
        examples=["2026-11-22T08:00:00+07:00"],
    )
    sort: str = sorting("full_name", sortable)

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
        if self.updated_since is not None and self.as_of is not None:
            raise PydanticCustomError(
                "changes_of_the_past", "`updated_since` goes with the roster of now, not `as_of`."
            )
        return self


class PositionOut(EntityOut):
    organization_id: UUID = Field(description="Where it was held")
    learner_id: UUID
    held_from: date
    held_until: date | None = Field(
        description="The first day on which it was no longer held; null while it is held"
    )
    external_id: str = Field(examples=["CB-000001"])
    full_name: str = Field(description="As it was then", examples=["Nguyễn Thị Minh Hoà"])
    unit_id: UUID | None
    position_title: str = Field(examples=["Chuyên viên Lễ tân"])
    rank: str | None = Field(examples=["Chuyên viên"])
    leadership_level: LeadershipLevel
    category: Category
    fields: list[FieldOfWork]


class PositionQuery(PageQuery):
    sortable: ClassVar = ("held_from",)
    shape: ClassVar = PositionOut

    sort: str = sorting("-held_from", sortable)


class ReleaseIn(Body):
    released_on: Day = Field(
        description="The first day on which they are no longer yours", examples=["2026-12-01"]
    )
    reason: Paragraph | None = Field(None, examples=["Điều động sang cơ quan khác"])


class TransferOut(EntityOut):
    organization_id: UUID = Field(description="Who released")
    learner_id: UUID
    full_name: str = Field(examples=["Nguyễn Thị Minh Hoà"])
    to_organization_id: UUID | None = Field(description="Who claimed")
    state: TransferState
    released_on: date
    claimed_on: date | None
    reason: str | None = Field(examples=["Điều động sang cơ quan khác"])


class ReleasedOut(TransferOut):
    claim_code: str = Field(
        description="Tell it to the receiving organisation; it is shown only now",
        examples=[examples.CLAIM_CODE],
    )


class ClaimIn(Body):
    """Whom to claim, by one of the two, and the position that waits for them."""

    claim_code: Annotated[str, Field(max_length=40), Writable] | None = Field(
        None,
        description="As the sending organisation told you",
        examples=[examples.CLAIM_CODE],
    )
    national_id: NationalId | None = Field(
        None, description="Instead of the claim code", examples=[None]
    )
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )
    claimed_on: Day = Field(
        description="The first day in the new position", examples=["2026-12-01"]
    )
    external_id: ExternalId = Field(
        description="Their id in your HR system", examples=["CB-900002"]
    )
    unit_id: UUID | None = Field(None, description="A unit of yours", examples=[None])
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

    state: TransferState | None = Field(None, description="In this state")
    direction: Literal["in", "out"] | None = Field(
        None, description="`in`: to your organisation; `out`: from it"
    )
    learner: UUID | None = Field(None, description="Of this learner")
    sort: str = sorting("-created_at", sortable)
