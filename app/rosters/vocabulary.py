"""The closed lists of roster syncs."""

from typing import Annotated, Literal

from pydantic import Field

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
