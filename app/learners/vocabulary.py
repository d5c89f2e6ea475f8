"""The closed lists that describe an officer, as domain terms."""

from typing import Literal

LeadershipLevel = Literal["none", "division", "department", "ministry_or_province"]
"""không; cấp phòng; cấp Vụ, cấp Sở; cấp bộ, cấp tỉnh"""

Category = Literal["official", "civil_servant", "public_employee"]
"""cán bộ; công chức; viên chức (laws of 2008 and 2010 on them)"""

Status = Literal["active", "suspended", "left"]

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

TransferState = Literal["released", "claimed", "cancelled"]
