"""Addresses of calendars, as they go over the wire."""

from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, EntityOut

CalendarLanguage = Literal["vi", "en"]
_OF = ("course_id", "room_id", "instructor_id", "learner_id")


class CalendarIn(Body):
    course_id: UUID | None = Field(
        None, description="Of a course that you see", examples=[examples.COURSE]
    )
    room_id: UUID | None = Field(
        None, description="Of a room of your organisation", examples=[None]
    )
    instructor_id: UUID | None = Field(
        None, description="Of yourself; the Academy, of any instructor", examples=[None]
    )
    learner_id: UUID | None = Field(
        None,
        description="Of yourself, with the sessions in which you have a place; the Academy, of any"
        " learner",
        examples=[None],
    )
    language: CalendarLanguage = Field("vi", examples=["vi"])

    @field_validator(*_OF[1:])
    @classmethod
    def _of_nothing_else(cls, id: UUID | None, info: ValidationInfo) -> UUID | None:
        if id is not None and any(info.data.get(name) is not None for name in _OF):
            raise _of_one_thing()
        return id

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if all(getattr(self, name) is None for name in _OF):
            raise _of_one_thing()
        return self


def _of_one_thing() -> PydanticCustomError:
    return PydanticCustomError(
        "calendar_of_one_thing",
        "Give one of `course_id`, `room_id`, `instructor_id` and `learner_id`.",
    )


class CalendarOut(EntityOut):
    organization_id: UUID = Field(description="For which its maker acted")
    actor: str = Field(
        description="Whose it is, as role and id", examples=[f"academy_staff:{examples.USER}"]
    )
    course_id: UUID | None
    room_id: UUID | None
    instructor_id: UUID | None
    learner_id: UUID | None
    language: CalendarLanguage


class CalendarMade(CalendarOut):
    url: str = Field(
        description="Shown this once. Whoever has it reads the calendar without signing in, so"
        " give it to calendar programs, and to nobody",
        examples=["https://banggiao.example/calendars/Yx3f...kQ.ics"],
    )


class CalendarQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = CalendarOut

    course: UUID | None = Field(None, description="Of this course")
    room: UUID | None = Field(None, description="Of this room")
    instructor: UUID | None = Field(None, description="Of this instructor")
    learner: UUID | None = Field(None, description="Of this learner")
    sort: str = sorting("-created_at", sortable)
