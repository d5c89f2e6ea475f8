"""The closed lists of courses and their sessions, as domain terms."""

from typing import Annotated, Literal

import pydantic

CourseMode = Annotated[
    Literal["in_person", "online", "hybrid"],
    pydantic.Field(
        description="`in_person` (trực tiếp), `online` (trực tuyến) or `hybrid` (kết hợp)"
    ),
]

CourseState = Annotated[
    Literal["planned", "open", "closed", "running", "completed", "cancelled"],
    pydantic.Field(
        description="`planned`: its host works on it; `open`: organisations nominate for it;"
        " `closed`: nominations are over; `running`: it has begun; `completed`: it is over;"
        " `cancelled`: it does not take place"
    ),
]

SessionState = Annotated[
    Literal["planned", "moved", "cancelled", "held"],
    pydantic.Field(
        description="`planned`; `moved`: to another time, after the course was opened; `cancelled`:"
        " does not take place; `held`: has taken place"
    ),
]

Modality = Literal["in_person", "online"]

Participation = Annotated[
    Literal["passive", "active", "contributed"],
    pydantic.Field(
        description="`passive`: listened; `active`: took part in discussions; `contributed`: gave a"
        " talk, a paper or a case of their own"
    ),
]

CourseFindingRule = Annotated[
    Literal[
        "mandatory_module_missing",
        "course_without_sessions",
        "course_not_begun",
        "session_not_held",
    ],
    pydantic.Field(
        description="`mandatory_module_missing`: the course lacks a mandatory module of its"
        " curriculum; `course_without_sessions`: nothing is planned yet; `course_not_begun`: it is"
        " not its first day yet; `session_not_held`: a session was neither held nor cancelled"
    ),
]

SessionWarningCode = Annotated[
    Literal["overlaps", "unavailable", "without_room", "without_meeting", "room_too_small"],
    pydantic.Field(
        description="`overlaps`: a room or an instructor is booked for something else then, too,"
        " and one of the two is tentative; `unavailable`: an instructor is unavailable then;"
        " `without_room`: people come, and nobody knows where; `without_meeting`: people join, and"
        " nobody knows where; `room_too_small`: the rooms hold fewer people than the course has"
        " places"
    ),
]
