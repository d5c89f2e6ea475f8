"""The closed lists of attendance, as domain terms."""

from typing import Annotated, Literal

import pydantic

Aspect = Annotated[
    Literal["in_person", "online", "excused", "participation"],
    pydantic.Field(
        description="What an entry is about: minutes `in_person` or `online`, whether they were"
        " `excused`, or how far they took part (`participation`)"
    ),
]

Source = Annotated[
    Literal["sheet", "code", "check_in", "meeting_log"],
    pydantic.Field(
        description="`sheet`: entered by who teaches or hosts; `code`: the learner entered the code"
        " that was shown in class; `check_in`: checked in and out at the door; `meeting_log`: a"
        " report of Zoom or Microsoft Teams"
    ),
]

Standing = Annotated[
    Literal["on_track", "at_risk", "can_no_longer_pass"],
    pydantic.Field(
        description="`on_track`: they pass if they go on so; `at_risk`: they attended less than the"
        " rule asks for so far, or have not taken part enough yet; `can_no_longer_pass`: not even"
        " by attending all that is to come"
    ),
]

Result = Annotated[
    Literal["completed", "failed", "no_show"],
    pydantic.Field(
        description="`completed`: as the rule asks; `failed`: they attended, and not enough;"
        " `no_show`: they attended nothing, and were not excused"
    ),
]

ParticipantState = Annotated[
    Literal["enrolled", "completed", "failed", "no_show"],
    pydantic.Field(description="`enrolled`: without a result yet; or the result"),
]

LogProvider = Annotated[
    Literal["zoom", "teams"],
    pydantic.Field(description="Whose report it is: of Zoom, or of Microsoft Teams"),
]

LogState = Annotated[
    Literal["planned", "applied", "discarded"],
    pydantic.Field(
        description="`planned`: read, and not in the ledger yet; `applied`: in the ledger;"
        " `discarded`: not wanted"
    ),
]

MatchedBy = Annotated[
    Literal["email", "name"],
    pydantic.Field(description="By which somebody was found: their address, or their name"),
]

LearningKind = Annotated[
    Literal["self_study", "on_the_job"],
    pydantic.Field(description="`self_study` (tự học) or `on_the_job` (đào tạo tại chỗ)"),
]

LearningState = Annotated[
    Literal["recorded", "confirmed", "refused"],
    pydantic.Field(
        description="`recorded`: nobody has decided yet; `confirmed` or `refused`: by a mentor or"
        " manager"
    ),
]

MEDIA_TYPES = {"text/csv": ".csv", "text/tab-separated-values": ".tsv", "text/plain": ".txt"}
"""What reports of meetings come as, though they are what they are."""
