"""The closed lists that describe an officer, as domain terms."""

from typing import Annotated, Literal

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

TransferState = Annotated[
    Literal["released", "claimed", "cancelled"],
    pydantic.Field(description="`released`: waits to be claimed by another organisation"),
]
