"""The states of a nomination, and the order in which it goes through them."""

from typing import Annotated, Literal

import pydantic

NominationState = Annotated[
    Literal[
        "nominated",
        "checked",
        "confirmed",
        "wait_listed",
        "declined",
        "withdrawn",
        "substituted",
        "enrolled",
        "completed",
        "failed",
        "no_show",
    ],
    pydantic.Field(
        description="`nominated`; `checked`: found fit for the course; `confirmed`: has a seat;"
        " `wait_listed`: waits for one; `declined`: by the host; `withdrawn`; `substituted`:"
        " somebody else comes instead; `enrolled`: is taught;"
        " `completed`; `failed`; `no_show`: never came"
    ),
]

SEATED = frozenset({"confirmed", "enrolled", "completed", "failed", "no_show"})
"""Who has a seat, or had one to the end."""
GONE = frozenset({"declined", "withdrawn", "substituted"})
"""Who does not come, and may be nominated anew."""

STEPS: dict[str | None, frozenset[str]] = {
    None: frozenset({"nominated", "enrolled", "completed", "failed", "no_show"}),
    "nominated": frozenset({"checked", "declined", "withdrawn", "substituted"}),
    "checked": frozenset({"confirmed", "wait_listed", "declined", "withdrawn", "substituted"}),
    "wait_listed": frozenset({"confirmed", "declined", "withdrawn", "substituted"}),
    "confirmed": frozenset({"enrolled", "withdrawn", "substituted"}),
    "enrolled": frozenset({"completed", "failed", "no_show", "withdrawn", "substituted"}),
    **dict.fromkeys(("declined", "withdrawn", "substituted"), frozenset()),
    **dict.fromkeys(("completed", "failed", "no_show"), frozenset()),
}
"""From each state to which; a trigger holds the same (`nomination_out_of_order`). None is before:
who is not nominated, the host enrols by hand, or records afterwards."""
