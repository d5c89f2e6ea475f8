"""Who may see and enter attendance and what people learn by themselves, and what operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.rights import (
    KEEPS_AND_DELETES,
    OWNED,
    PLACES,
    READS_ALL,
    Operation,
    Rights,
    Seat,
    Table,
    Whose,
    concerning_them,
    everything,
    invited,
    made_by_them,
    opened,
    operation,
    shown,
    their_own_account,
    their_own_record,
    theirs,
)


def _hosting(seat: Seat, row: Whose) -> bool:
    """Rows of courses that they host; of attendance, the owner is who nominated."""
    return row.shared in seat.below


def _with_a_code(seat: Seat, row: Whose) -> bool:
    """Rows of theirs that came in by a code."""
    return their_own_record(seat, row) and row.account is not None


def _undecided(seat: Seat, row: Whose) -> bool:
    """Their own, which nobody has confirmed or refused."""
    return their_own_record(seat, row) and row.actor is not None


def _said_by_them(seat: Seat, row: Whose) -> bool:
    return their_own_record(seat, row) and made_by_them(seat, row)


_ENTERING = Rights(concerning_them, _hosting)
_LEARNING = Rights(concerning_them, theirs, theirs)

ATTENDANCE_TABLES: dict[str, Table] = {
    "attendance_entries": {
        Reach.EVERYTHING: Rights(everything, everything),
        Reach.EVERYTHING_TO_READ: READS_ALL,
        **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), _ENTERING),
        Reach.PERSON: Rights(their_own_record, _with_a_code),
        Reach.COURSES: Rights(invited, invited),
        OWNER: READS_ALL,  # by the triggers
    },
    "attendance_sheets": {
        Reach.EVERYTHING: Rights(everything, changes=everything),
        Reach.EVERYTHING_TO_READ: READS_ALL,
        **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, changes=theirs)),
        Reach.PERSON: Rights(opened),
        Reach.COURSES: Rights(invited, changes=their_own_account),
        OWNER: KEEPS_AND_DELETES,  # by the triggers
    },
    "learning_records": OWNED
    | {
        **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), _LEARNING),
        Reach.PERSON: Rights(their_own_record, _undecided, _said_by_them),
    },
    "meeting_logs": OWNED | {Reach.COURSES: Rights(invited, invited, invited)},
}

_OPEN = frozenset(f"{place} open" for place in PLACES)
_STRANGER = "409 attendance-of-stranger"
"""The document's example names somebody who is not enrolled here."""
_SEATED = frozenset({"self"})
_SAID_BY_OTHERS = frozenset({"self", "colleague", "stranger", "official", "regional", "local"})
"""Those that are not decided on stay their learners' to correct."""
_SEEN: Table = dict.fromkeys((Reach.PERSON,), Rights(changes=opened))


def _marking(does: str, *answers: str) -> Operation:
    return operation(P.ATTENDANCE_WRITE, does, "attendance_sheets", *answers)


def _reading(does: str, table: str, **more: object) -> Operation:
    return operation(P.ATTENDANCE_READ, does, table, **more)


def _log(*answers: str) -> Operation:
    return operation(P.ATTENDANCE_WRITE, "changes", "meeting_logs", *answers)


ATTENDANCE_OPERATIONS: dict[str, Operation] = {
    "get_attendance_sheet": _reading("reads", "attendance_sheets"),
    "replace_attendance_sheet": _marking("changes", "200", _STRANGER),
    "check_in": operation(
        P.ATTENDANCE_WRITE,
        *("changes", "attendance_sheets", _STRANGER, "409 attendance-out-of-time"),
        given={"learner_id": "seated"},
        adds_to="attendance_entries",
    ),
    "check_out": _marking("changes", "409 not-checked-in"),
    "show_attendance_code": _marking("changes", "200"),
    "enter_attendance_code": operation(
        P.ATTENDANCE_ENTER,
        "changes",
        "attendance_sheets",
        "422 attendance-code-wrong",
        rights=_SEEN,
    ),
    "list_attendance_entries": _reading("lists", "attendance_entries"),
    "list_standings": _reading("lists", "nominations", among=_SEATED),
    "get_standing": _reading("reads", "nominations", among=_SEATED),
    "decide_results": operation(
        P.COURSES_WRITE, "changes", "courses", "409 results-not-ready", among=_OPEN
    ),
    "send_meeting_log": _marking("changes", "409 meeting-log-of-another-meeting"),
    "list_meeting_logs": _reading("lists", "meeting_logs"),
    "get_meeting_log": _reading("reads", "meeting_logs"),
    "apply_meeting_log": _log(
        *("409 meeting-log-undecided", "409 meeting-log-ended"),
        "409 meeting-log-of-another-meeting",  # whose session was moved
    ),
    "discard_meeting_log": _log("200", "409 meeting-log-ended"),
    "list_learning_records": operation(P.EVIDENCE_READ, "lists", "learning_records"),
    "record_learning": operation(
        P.EVIDENCE_WRITE,
        *("changes", "learners", "201"),
        rights=OWNED | {Reach.PERSON: Rights(changes=their_own_record)},
        adds_to="learning_records",
    ),
    "get_learning_record": operation(P.EVIDENCE_READ, "reads", "learning_records"),
    "replace_learning_record": operation(
        P.EVIDENCE_WRITE, "changes", "learning_records", "200", "409 learning-decided"
    ),
    "confirm_learning_record": operation(
        *(P.EVIDENCE_REVIEW, "changes", "learning_records", "200"),
        *("409 learning-decided", "409 learning-confirmed-by-oneself"),
        rights=OWNED,
        among=_SAID_BY_OTHERS,
    ),
    "refuse_learning_record": operation(
        P.EVIDENCE_REVIEW,
        *("changes", "learning_records", "200", "409 learning-decided"),
        rights=OWNED,
        among=_SAID_BY_OTHERS,
    ),
    "get_invariants": operation(
        P.INVARIANTS_READ,
        *("reads", "organizations"),
        rights={Reach.EVERYTHING: READS_ALL, Reach.EVERYTHING_TO_READ: READS_ALL},
    ),
}
