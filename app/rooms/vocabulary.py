"""The closed lists that describe rooms and instructors, as domain terms."""

from typing import Annotated, Literal, get_args

import pydantic

Equipment = Literal[
    "computers",
    "interpretation_booths",
    "loudspeakers",
    "microphones",
    "projector",
    "recording",
    "step_free_access",
    "video_conference",
    "whiteboard",
]
EQUIPMENT: tuple[str, ...] = get_args(Equipment)

InstructorKind = Annotated[
    Literal["ministry_official", "visiting", "foreign_expert", "language_expert"],
    pydantic.Field(
        description="`ministry_official` (cán bộ, công chức của bộ, ngành), `visiting` (giảng viên"
        " thỉnh giảng), `foreign_expert` (chuyên gia nước ngoài) or `language_expert` (chuyên gia"
        " ngôn ngữ)"
    ),
]

Expertise = Literal[
    "artificial_intelligence",
    "border_and_territory",
    "climate_change",
    "consular",
    "crisis_handling",
    "cultural_diplomacy",
    "digital_diplomacy",
    "document_drafting",
    "economic_diplomacy",
    "forecasting",
    "foreign_languages",
    "international_cooperation",
    "international_integration",
    "negotiation",
    "overseas_vietnamese",
    "policy_advice",
    "political_firmness",
    "press_and_information",
    "protocol_and_events",
    "situation_handling",
    "strategic_research",
    "translation_and_interpretation",
]
"""What is taught: specialised fields of Decision 1275/QĐ-TTg, and competencies of the sector."""

WarningCode = Annotated[
    Literal["overlaps", "unavailable", "booked"],
    pydantic.Field(
        description="`overlaps`: another booking at that time, and one of the two is tentative;"
        " `unavailable`: the instructor is unavailable then; `booked`: the instructor is booked"
        " then"
    ),
]
