"""Instructors, as they go over the wire."""

from datetime import date
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import sorting
from app.core.schemas import Body, Day, Email, EntityOut, Line, Paragraph, Writable
from app.learners.names import search_pattern
from app.learners.schemas import Language, Languages, LanguageSkill, Level, Phone
from app.rooms.booking_schemas import BookingOut, FreeQuery, TimeIn, TimeOut, TimeQuery
from app.rooms.vocabulary import Expertise, InstructorKind

Fields = Annotated[list[Expertise], AfterValidator(lambda all_: sorted(set(all_)))]


class InstructorProfileIn(Body):
    """What instructors say of themselves."""

    expertise: Fields = Field(
        default_factory=list,
        max_length=22,
        description="What they teach",
        examples=[["negotiation", "protocol_and_events"]],
    )
    languages: Languages = Field(default_factory=list, examples=[[{"language": "en", "level": 5}]])
    biography_vi: Paragraph | None = Field(
        None,
        description="For those whom they teach",
        examples=["20 năm làm công tác lễ tân đối ngoại."],
    )
    biography_en: Paragraph | None = Field(
        None,
        description="For those whom they teach",
        examples=["20 years of work in diplomatic protocol."],
    )


class InstructorIn(InstructorProfileIn):
    kind: InstructorKind = Field(examples=["ministry_official"])
    full_name: Line = Field(examples=["Trần Quốc Ví Dụ"])
    affiliation: Line = Field(
        description="Where they work, or come from", examples=["Cục Lễ tân Nhà nước, Bộ Ngoại giao"]
    )
    user_id: UUID | None = Field(
        None,
        description="The account by which they see their own entry; users have the role"
        " `instructor` for that",
        examples=[None],
    )
    learner_id: UUID | None = Field(
        None, description="The same person on a roster", examples=[None]
    )
    active_until: Day | None = Field(
        None, description="The first day on which they teach no more", examples=[None]
    )


class InstructorOut(EntityOut):
    kind: InstructorKind
    full_name: str = Field(examples=["Trần Quốc Ví Dụ"])
    affiliation: str = Field(
        description="Where they work, or come from", examples=["Cục Lễ tân Nhà nước, Bộ Ngoại giao"]
    )
    expertise: list[Expertise] = Field(description="What they teach")
    languages: list[LanguageSkill]
    biography_vi: str | None = Field(
        description="For those whom they teach", examples=["20 năm làm công tác lễ tân đối ngoại."]
    )
    biography_en: str | None = Field(
        description="For those whom they teach",
        examples=["20 years of work in diplomatic protocol."],
    )
    user_id: UUID | None = Field(description="The account by which they see their own entry")
    learner_id: UUID | None = Field(description="The same person on a roster")
    active_until: date | None = Field(description="The first day on which they teach no more")
    booked_minutes: int = Field(
        description="Firmly booked for teaching in the year that is asked for, or in this one",
        examples=[2160],
    )
    taught_minutes: int = Field(description="Of these, what is over", examples=[1440])
    tentatively_booked: bool = Field(
        description="Whether there is a tentative booking between `free_from` and `free_to`; false"
        " where these are not asked for"
    )


class InstructorQuery(FreeQuery):
    sortable: ClassVar = ("full_name", "booked_minutes")
    shape: ClassVar = InstructorOut

    kind: InstructorKind | None = Field(None, description="Of this kind")
    expertise: Expertise | None = Field(None, description="Who teach this")
    language: Language | None = Field(None, description="Who speak it", examples=["en"])
    language_level: Level | None = Field(
        None, description="At this level or a higher one; goes with `language`"
    )
    q: Annotated[str, Field(min_length=1, max_length=100), Writable] | None = Field(
        None,
        description="Words of the name in their order, or their beginnings; accents and case do"
        " not matter",
        examples=["tran quoc"],
    )
    year: Annotated[int, Field(ge=1900, le=2199)] | None = Field(
        None, description="The year whose `booked_minutes` are told; this one, when unsaid"
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
    def _of_a_language(self) -> Self:
        if self.language_level is not None and self.language is None:
            raise PydanticCustomError("language_missing", "`language_level` needs a `language`.")
        return self


class InstructorContactIn(Body):
    email: Email | None = Field(None, examples=["giang.vien@academy.example"])
    phone: Phone | None = Field(None, examples=["024 0000 0002"])


class InstructorContactOut(EntityOut):
    id: UUID = Field(description="The instructor's")
    email: str | None = Field(examples=["giang.vien@academy.example"])
    phone: str | None = Field(examples=["024 0000 0002"])


class InstructorUnavailabilityIn(TimeIn):
    reason: Paragraph | None = Field(
        None, description="As much as the Academy has to know", examples=["Đi công tác"]
    )


class InstructorUnavailabilityOut(TimeOut):
    instructor_id: UUID
    reason: str | None = Field(examples=["Đi công tác"])


class InstructorUnavailabilityQuery(TimeQuery):
    sortable: ClassVar = ("starts_at", "created_at")
    shape: ClassVar = InstructorUnavailabilityOut

    instructor: UUID | None = Field(
        None, description="Of this instructor", examples=[examples.INSTRUCTOR]
    )
    sort: str = sorting("starts_at", sortable)


class InstructorBookingOut(BookingOut):
    instructor_id: UUID


class InstructorBookingQuery(TimeQuery):
    sortable: ClassVar = ("starts_at", "created_at")
    shape: ClassVar = InstructorBookingOut

    instructor: UUID | None = Field(
        None, description="Of this instructor", examples=[examples.INSTRUCTOR]
    )
    tentative: bool | None = Field(None, description="Whether it is tentative")
    sort: str = sorting("starts_at", sortable)
