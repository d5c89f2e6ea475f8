"""Who may see and change which nominations and seats, and what their operations do."""

from uuid import UUID

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.rights import (
    KEEPS_ALL,
    KEEPS_AND_DELETES,
    OWNED,
    PLACES,
    READS_ALL,
    READS_OWN_RECORD,
    Operation,
    Rights,
    Table,
    concerning_them,
    everything,
    invited,
    operation,
    shown,
    theirs,
)

_READ: Table = {
    Reach.EVERYTHING: READS_ALL,
    Reach.EVERYTHING_TO_READ: READS_ALL,
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(concerning_them)),
    Reach.PERSON: READS_OWN_RECORD,
    Reach.COURSES: Rights(invited),
    OWNER: KEEPS_AND_DELETES,  # by the triggers
}
_THEIRS = Rights(concerning_them, theirs, concerning_them)
_HOSTED = Rights(theirs, theirs)

ENROLMENT_TABLES: dict[str, Table] = {
    "learner_bookings": _READ,
    "nomination_steps": _READ,
    "nominations": _READ
    | {Reach.EVERYTHING: KEEPS_ALL, Reach.ORGANIZATION: _THEIRS, Reach.SUBTREE: _THEIRS},
    "place_moves": {
        Reach.EVERYTHING: Rights(everything, everything),
        Reach.EVERYTHING_TO_READ: READS_ALL,
        Reach.ORGANIZATION: _HOSTED,
        Reach.SUBTREE: _HOSTED,
        OWNER: READS_ALL,
    },
    "seat_pools": {
        Reach.EVERYTHING: READS_ALL,
        Reach.EVERYTHING_TO_READ: READS_ALL,
        **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown)),
        OWNER: KEEPS_AND_DELETES,  # by the triggers
    },
    "working_day_exceptions": dict.fromkeys(Reach, READS_ALL)
    | {Reach.EVERYTHING: KEEPS_AND_DELETES},
}

_OPEN = frozenset(f"{place} open" for place in PLACES)
_KEPT = frozenset(PLACES)
_DOOMED = frozenset(f"{place} doomed" for place in (*PLACES, "hosted by hue", "hosted by region"))
_SEEN: Table = {
    Reach.EVERYTHING: Rights(changes=everything),
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(changes=shown)),
}
"""Whoever sees a course nominates for it, but for those who may add no nomination at all."""
_OF_ORGANIZATIONS: Table = OWNED | {
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown))
}
_UNKNOWN = "422 invalid-request"
"""The document's example names people and nominations that are not here."""


def _deciding(*answers: str) -> Operation:
    return operation(P.NOMINATIONS_DECIDE, "changes", "courses", *answers, among=_OPEN)


ENROLMENT_OPERATIONS: dict[str, Operation] = {
    "list_nominations": operation(P.NOMINATIONS_READ, "lists", "nominations"),
    "get_nomination": operation(P.NOMINATIONS_READ, "reads", "nominations"),
    "list_nomination_steps": operation(P.NOMINATIONS_READ, "lists", "nomination_steps"),
    "nominate_learners": operation(
        P.NOMINATIONS_WRITE, "changes", "courses", _UNKNOWN, rights=_SEEN, among=_OPEN
    ),
    "enrol_by_hand": _deciding(_UNKNOWN),
    "decide_on_nominations": _deciding(_UNKNOWN),
    "withdraw_nomination": operation(
        *(P.NOMINATIONS_WRITE, "changes", "nominations", "200", "409 nomination-out-of-order"),
        among=_DOOMED,
    ),
    "substitute_nominee": operation(
        *(P.NOMINATIONS_WRITE, "changes", "nominations", "409 nominations-closed"),
        "409 nominated-of-another-organization",
        among=_KEPT,
    ),
    "get_course_seats": operation(
        P.NOMINATIONS_READ, "reads", "courses", rights=_OF_ORGANIZATIONS, among=_OPEN
    ),
    "get_enrolment_explanation": operation(  # nobody is known by this id
        *(P.NOMINATIONS_READ, "reads", "courses", "404 not-found"),
        query=f"learner_id={UUID(int=0)}",
        among=_OPEN,
    ),
    "promote_nominations": _deciding("200"),
    "release_places": _deciding("200"),
}
