"""Who may see and change which rooms and instructors, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.rights import (
    KEEPS_ALL,
    KEEPS_AND_DELETES,
    OWNED,
    OWNED_FOR_A_TIME,
    READS_ALL,
    Operation,
    Rights,
    Seat,
    Table,
    Whose,
    everything,
    invited,
    opened,
    operation,
    shown,
    their_own_account,
    theirs,
)

_BY_TRIGGERS = Rights(everything, locks=everything)
_READ_BY_TRIGGERS = {OWNER: READS_ALL}
_OF_COURSES: Table = {
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs)),
    Reach.PERSON: Rights(opened),
    Reach.COURSES: Rights(invited),
}
"""What sessions are in is seen by whoever sees these."""
_POOL: Table = {Reach.EVERYTHING: KEEPS_ALL, Reach.EVERYTHING_TO_READ: READS_ALL}
_CORRECTED: Table = _POOL | {
    Reach.COURSES: Rights(reads=their_own_account, changes=their_own_account)
}
_OF_THE_ACADEMY: Table = {Reach.EVERYTHING: KEEPS_AND_DELETES, Reach.EVERYTHING_TO_READ: READS_ALL}


def _teaching(seat: Seat, row: Whose) -> bool:
    return their_own_account(seat, row) or invited(seat, row)


ROOM_TABLES: dict[str, Table] = {
    "rooms": OWNED | _OF_COURSES | {OWNER: _BY_TRIGGERS},
    "room_bookings": OWNED_FOR_A_TIME | _READ_BY_TRIGGERS,
    "instructors": _CORRECTED
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON), Rights(opened))
    | {
        Reach.COURSES: Rights(_teaching, changes=their_own_account),
        OWNER: _BY_TRIGGERS,
    },
    "instructor_contacts": _CORRECTED,
    "instructor_unavailability": _OF_THE_ACADEMY
    | {
        Reach.COURSES: Rights(*(their_own_account,) * 4),
        OWNER: READS_ALL,  # by the trigger
    },
    "instructor_bookings": _OF_THE_ACADEMY
    | {Reach.COURSES: Rights(their_own_account)}
    | _READ_BY_TRIGGERS,
}
_STATING: Table = _POOL | {Reach.COURSES: Rights(changes=their_own_account)}
"""Whoever may say of an instructor what they say of themselves."""
_ROOMS_WITH_BOOKINGS: Table = {reach: ROOM_TABLES["rooms"][reach] for reach in OWNED}
_INSTRUCTORS_WITH_BOOKINGS: Table = {
    reach: ROOM_TABLES["instructors"][reach]
    for reach in (Reach.EVERYTHING, Reach.EVERYTHING_TO_READ, Reach.COURSES)
}
"""Beside each stands what it is booked for, which those who see it by its sessions only, do not."""
_BOOKED = ("200", "409 room-double-booked")
_ENGAGED = ("200", "409 instructor-double-booked")


def _rooms(does: str, table: str, *answers: str, **more: object) -> Operation:
    permission = P.ROOMS_READ if does in ("reads", "lists") else P.ROOMS_WRITE
    return operation(permission, does, table, *answers, **more)


def _instructors(does: str, table: str, *answers: str, **more: object) -> Operation:
    permission = P.INSTRUCTORS_READ if does in ("reads", "lists") else P.INSTRUCTORS_WRITE
    return operation(permission, does, table, *answers, **more)


def _corrections(does: str, table: str, *answers: str, **more: object) -> Operation:
    return operation(P.INSTRUCTORS_CORRECT, does, table, *answers, **more)


ROOM_OPERATIONS: dict[str, Operation] = {
    "list_rooms": _rooms("lists", "rooms"),
    "create_room": _rooms("adds", "rooms", fresh=("code",)),
    "get_room": _rooms("reads", "rooms", rights=_ROOMS_WITH_BOOKINGS),
    "replace_room": _rooms("changes", "rooms"),
    "create_room_booking": _rooms("changes", "rooms", "201", "409 room-double-booked"),
    "list_room_bookings": _rooms("lists", "room_bookings"),
    "get_room_booking": _rooms("reads", "room_bookings"),
    "replace_room_booking": _rooms("changes", "room_bookings", *_BOOKED),
    "remove_room_booking": _rooms("deletes", "room_bookings", "204"),
    "list_instructors": _instructors("lists", "instructors", rights=_INSTRUCTORS_WITH_BOOKINGS),
    "create_instructor": _instructors("adds", "instructors"),
    "get_instructor": _instructors("reads", "instructors", rights=_INSTRUCTORS_WITH_BOOKINGS),
    # A body that says what is there already is taken from instructors too: nothing changes.
    "replace_instructor": _instructors("changes", "instructors"),
    "replace_instructor_profile": _corrections("changes", "instructors"),
    "get_instructor_contact": _instructors("reads", "instructor_contacts"),
    "replace_instructor_contact": _corrections("changes", "instructor_contacts"),
    "create_instructor_unavailability": _corrections(
        "changes", "instructors", "201", rights=_STATING
    ),
    "list_instructor_unavailability": _instructors("lists", "instructor_unavailability"),
    "get_instructor_unavailability": _instructors("reads", "instructor_unavailability"),
    "replace_instructor_unavailability": _corrections("changes", "instructor_unavailability"),
    "remove_instructor_unavailability": _corrections("deletes", "instructor_unavailability", "204"),
    "create_instructor_booking": _instructors(
        "changes", "instructors", "201", *_ENGAGED[1:], rights=_POOL
    ),
    "list_instructor_bookings": _instructors("lists", "instructor_bookings"),
    "get_instructor_booking": _instructors("reads", "instructor_bookings"),
    "replace_instructor_booking": _instructors("changes", "instructor_bookings", *_ENGAGED),
    "remove_instructor_booking": _instructors("deletes", "instructor_bookings", "204"),
}
