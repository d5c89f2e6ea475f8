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

Decision = Annotated[
    Literal["check", "confirm", "wait_list", "decline", "enrol"],
    pydantic.Field(
        description="`check`: fit for the course; `confirm`: gets a seat, of the quota that the"
        " organisation is in; `wait_list`: waits for one; `decline`: with a reason; `enrol`: who"
        " has a seat is enrolled"
    ),
]
DECIDED = {
    "check": "checked",
    "confirm": "confirmed",
    "wait_list": "wait_listed",
    "decline": "declined",
    "enrol": "enrolled",
}
"""The states that decisions lead to."""

FindingRule = Annotated[
    Literal[
        "course_not_open",
        "nominations_closed",
        "already_nominated",
        "not_employed",
        "transferred",
        "not_eligible",
        "already_completed",
        "clash",
        "no_place_left",
        "out_of_order",
    ],
    pydantic.Field(
        description="`course_not_open`: the course is not open yet, or over; `nominations_closed`:"
        " the day until which organisations nominate is over; `already_nominated`: for this course;"
        " `not_employed`: left the service; `transferred`: is on another roster than that of who"
        " nominated; `not_eligible`: not of the target group of the curriculum;"
        " `already_completed`: a course of the same curriculum; `clash`: has a seat in sessions at"
        " the same time; `no_place_left`: of the quota, or of what the quotas leave over;"
        " `out_of_order`: the nomination does not go from its state to that one"
    ),
]

FixedBy = Annotated[
    Literal["host", "employer", "nobody"],
    pydantic.Field(
        description="Who can do something about it: `host`: whose course it is; `employer`: the"
        " organisation on whose roster the learner is, or was when nominated; `nobody`"
    ),
]
