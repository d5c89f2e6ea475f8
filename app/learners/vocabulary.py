"""The closed lists that describe an officer, as domain terms."""

from typing import Annotated, Literal, get_args

import pydantic

LeadershipLevel = Annotated[
    Literal["none", "division", "department", "ministry_or_province"],
    pydantic.Field(
        description="Head or deputy head of a `division` (phòng), of a `department` (Vụ, Sở), or"
        " of a `ministry_or_province`"
    ),
]

Category = Annotated[
    Literal["official", "civil_servant", "public_employee"],
    pydantic.Field(
        description="`official` (cán bộ), `civil_servant` (công chức) or `public_employee`"
        " (viên chức)"
    ),
]
"""After the laws of 2008 and 2010 on them."""

Status = Annotated[
    Literal["active", "suspended", "left"],
    pydantic.Field(description="`suspended`: away for a time; `left`: no longer employed"),
]

Field = Literal[
    "border_and_territory",
    "consular",
    "cultural_diplomacy",
    "economic_diplomacy",
    "international_cooperation",
    "international_integration",
    "overseas_vietnamese",
    "press_and_information",
    "protocol_and_events",
    "translation_and_interpretation",
]
"""Specialised fields of work, after Decision 1275/QĐ-TTg of 19/8/2020."""

Protectable = Literal[
    "attributes",
    "birth_date",
    "category",
    "email",
    "fields",
    "full_name",
    "languages",
    "leadership_level",
    "national_id",
    "phone",
    "position_since",
    "position_title",
    "rank",
    "recruited_on",
    "status",
    "status_since",
    "unit_id",
]
"""What a file may say of a learner, and somebody may say by hand."""
PROTECTABLE: tuple[str, ...] = get_args(Protectable)

TransferState = Annotated[
    Literal["requested", "released", "claimed", "cancelled"],
    pydantic.Field(
        description="`requested`: is on the roster of another organisation, which asks for them;"
        " `released`: waits to be claimed by it"
    ),
]
