"""The closed lists of roster syncs."""

from typing import Annotated, Literal

from pydantic import Field

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {
    "application/json": ".json",
    "application/x-ndjson": ".ndjson",
    "text/csv": ".csv",
    XLSX: ".xlsx",
}
"""In which rosters are sent, with the ending of such a file's name."""

SyncMode = Literal["full", "delta"]
SyncFormat = Literal["json", "ndjson", "csv", "xlsx"]
FileFormat = Literal["json", "csv", "xlsx"]

SyncState = Annotated[
    Literal[
        "received",
        "staged",
        "planned",
        "held",
        "applying",
        "applied",
        "failed",
        "cancelled",
        "undone",
    ],
    Field(
        description="`planned`: a dry run is ready to be looked at; `held`: the plan waits for a"
        " coordinator's approval"
    ),
]
TO_BE_PLANNED = ("received", "staged")
UNDER_WAY = (*TO_BE_PLANNED, "applying")
"""A worker is at it, or will be."""
WAITING = ("planned", "held")
"""For somebody who decides."""

HeldFor = Annotated[
    Literal["empty_file", "too_many_missing", "rows_without_id"],
    Field(
        description="`empty_file`: it names nobody; `too_many_missing`: it lacks a larger share of"
        " the roster than is usual; `rows_without_id`: some rows do not say whose they are"
    ),
]
ChangeKind = Annotated[
    Literal["create", "update", "reactivate", "rekey", "missing", "claim", "transfer", "match"],
    Field(
        description="`rekey`: the same person under another external id; `claim`: released by"
        " another organisation, and taken over; `transfer`: on the roster of another, which is"
        " asked to release them; `match`: may be somebody known, and is left out until that is"
        " decided"
    ),
]
ChangeOutcome = Annotated[
    Literal["left_out", "outdated"],
    Field(
        description="`left_out`: approved without it, or refused by the other organisation;"
        " `outdated`: somebody changed them after the plan was made"
    ),
]
Decision = Annotated[
    Literal["same", "different"],
    Field(description="Whether the two are one person. The next file goes by it"),
]
