"""Sessions of courses and how to join them, as they go over the wire."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import sorting
from app.core.schemas import Body, EntityOut, Instant, Line, Paragraph, Writable, each_once
from app.courses.vocabulary import CourseMode, SessionState, SessionWarningCode
from app.rooms.booking_schemas import TimeIn, TimeQuery
from app.rooms.schemas import Zone

Minutes = Annotated[int, Field(ge=1, le=10_000, strict=True)]
Address = Annotated[str, Field(max_length=2000, pattern=r"^https://[!-~]+$"), Writable]
_ZONE = "Time zone of the IANA, by whose clock people come"
_MINUTES = "What attendance is a share of: without breaks"
_TENTATIVE = (
    "Whether its rooms and instructors are booked tentatively, which keeps nobody else from booking"
    " them"
)
_MODULE = "What it is about; null for what belongs to no module"
_NUMBER = "By which the logs of its provider know it"


class SessionRoomIn(Body):
    """A room in which the session is."""

    room_id: UUID = Field(examples=[examples.ROOM])


class SessionInstructorIn(Body):
    """Somebody who teaches the session."""

    instructor_id: UUID = Field(examples=[examples.INSTRUCTOR])


class SessionIn(Body):
    title_vi: Line = Field(examples=["Thực hành lễ tân"])
    title_en: Line = Field(examples=["Protocol in practice"])
    module_id: UUID | None = Field(None, description=_MODULE, examples=[examples.MODULE])
    mode: CourseMode = Field(examples=["in_person"])
    tentative: bool = Field(default=False, strict=True, description=_TENTATIVE, examples=[False])
    planned_minutes: Minutes | None = Field(
        None, description=f"{_MINUTES}; as long as it lasts when unsaid", examples=[180]
    )
    rooms: list[SessionRoomIn] = Field(default_factory=list, max_length=10)
    instructors: list[SessionInstructorIn] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.mode == "online" and self.rooms:
            raise PydanticCustomError("online_in_a_room", "An online session is in no room.")
        each_once([each.room_id for each in self.rooms])
        each_once([each.instructor_id for each in self.instructors])
        return self


class SessionCreate(SessionIn, TimeIn):
    zone: Zone = Field("Asia/Ho_Chi_Minh", description=_ZONE, examples=["Asia/Ho_Chi_Minh"])


class SessionMoveIn(TimeIn):
    zone: Zone | None = Field(
        None, description=f"{_ZONE}; the same as before when unsaid", examples=[None]
    )
    planned_minutes: Minutes | None = Field(
        None,
        description="The same as before when unsaid, or as long as it lasts, if that is less",
        examples=[None],
    )
    rooms: list[SessionRoomIn] | None = Field(
        None, max_length=10, description="The same as before when unsaid", examples=[None]
    )
    instructors: list[SessionInstructorIn] | None = Field(
        None, max_length=20, description="The same as before when unsaid", examples=[None]
    )
    reason: Paragraph | None = Field(
        None, description="Told in the news of it", examples=["Giảng viên đi công tác"]
    )


class SessionRoomOut(BaseModel):
    """A room in which the session is."""

    room_id: UUID
    code: str = Field(examples=["A-301"])
    name_vi: str = Field(examples=["Phòng học A-301"])
    name_en: str = Field(examples=["Classroom A-301"])
    address: str = Field(examples=["69 phố Chùa Láng, Hà Nội"])


class SessionInstructorOut(BaseModel):
    """Somebody who teaches the session."""

    instructor_id: UUID
    full_name: str = Field(examples=["Trần Quốc Ví Dụ"])
    affiliation: str = Field(examples=["Cục Lễ tân Nhà nước, Bộ Ngoại giao"])


class SessionWarning(BaseModel):
    """What is not refused, and to be known."""

    code: SessionWarningCode
    id: UUID | None = Field(description="Of which room or instructor")


class SessionOut(EntityOut):
    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    course_code: str = Field(examples=["1275-CB-2026-01"])
    course_title_vi: str = Field(examples=["Bồi dưỡng cơ bản về đối ngoại, khóa 1"])
    course_title_en: str = Field(examples=["Basic course in foreign affairs, no. 1"])
    module_id: UUID | None = Field(description=_MODULE)
    title_vi: str = Field(examples=["Thực hành lễ tân"])
    title_en: str = Field(examples=["Protocol in practice"])
    starts_at: Instant
    ends_at: Instant = Field(description="What begins then does not overlap it")
    zone: str = Field(description=_ZONE, examples=["Asia/Ho_Chi_Minh"])
    mode: CourseMode
    planned_minutes: int = Field(description=_MINUTES, examples=[180])
    tentative: bool = Field(description=_TENTATIVE)
    state: SessionState
    sequence: int = Field(
        description="Grows with each change that calendars show (RFC 5545, `SEQUENCE`)",
        examples=[0],
    )
    cancelled_because: str | None = Field(examples=[None])
    rooms: list[SessionRoomOut]
    instructors: list[SessionInstructorOut]
    warnings: list[SessionWarning] = Field(
        description="For as long as it is so; only its host is told"
    )


class SessionQuery(TimeQuery):
    sortable: ClassVar = ("starts_at", "created_at")
    shape: ClassVar = SessionOut

    organization: UUID | None = Field(None, description="Of courses that this organisation hosts")
    course: UUID | None = Field(None, description="Of this course")
    room: UUID | None = Field(None, description="In this room")
    instructor: UUID | None = Field(None, description="That this instructor teaches")
    module: UUID | None = Field(None, description="About this module")
    mode: CourseMode | None = Field(None, description="In this mode")
    state: SessionState | None = Field(None, description="In this state")
    sort: str = sorting("starts_at", sortable)


class SessionMeetingIn(Body):
    provider: Line | None = Field(None, examples=["Zoom"])
    url: Address | None = Field(None, examples=["https://meet.example/j/98765432101"])
    meeting_number: Line | None = Field(None, description=_NUMBER, examples=["987 6543 2101"])
    dial_in: Line | None = Field(None, examples=["+84 24 0000 0000, 98765432101#"])


class SessionMeetingOut(EntityOut):
    id: UUID = Field(description="The session's")
    organization_id: UUID = Field(description="Who hosts the course")
    course_id: UUID
    provider: str | None = Field(examples=["Zoom"])
    url: str | None = Field(examples=["https://meet.example/j/98765432101"])
    meeting_number: str | None = Field(description=_NUMBER, examples=["987 6543 2101"])
    dial_in: str | None = Field(examples=["+84 24 0000 0000, 98765432101#"])
