"""Who may see and change which courses, sessions and calendars, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import LOGIN, OWNER, Reach
from tests.contracts.rights import (
    KEEPS_AND_DELETES,
    NARROW,
    OWNED,
    OWNED_FOR_A_TIME,
    PLACES,
    READS_ALL,
    Operation,
    Rights,
    Table,
    everything,
    has_a_seat,
    invited,
    made_by_them,
    opened,
    operation,
    shown,
    theirs,
)

_READ_BY_TRIGGERS = {OWNER: READS_ALL}
_WITH_COURSE: Table = OWNED | {
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs)),
    Reach.PERSON: Rights(opened),
    Reach.COURSES: Rights(invited),
}
_PART: Table = _WITH_COURSE | {
    Reach.EVERYTHING: KEEPS_AND_DELETES,
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs, theirs)),
}
_QUOTAS: Table = OWNED_FOR_A_TIME | {
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs, theirs))
}

COURSE_TABLES: dict[str, Table] = {
    "calendars": {
        Reach.EVERYTHING: KEEPS_AND_DELETES,
        Reach.EVERYTHING_TO_READ: READS_ALL,
        **dict.fromkeys(NARROW, Rights(*(made_by_them,) * 4)),
        LOGIN: READS_ALL,  # for whoever has the address
    },
    "course_modules": _PART | _READ_BY_TRIGGERS,
    "course_quota_members": _QUOTAS | _READ_BY_TRIGGERS,
    "course_quotas": _QUOTAS | _READ_BY_TRIGGERS,
    "course_sessions": _WITH_COURSE | _READ_BY_TRIGGERS,
    "courses": _WITH_COURSE | {OWNER: Rights(everything, locks=everything)},  # by triggers
    "session_instructors": _PART | _READ_BY_TRIGGERS,
    "session_meetings": OWNED
    | {Reach.COURSES: Rights(invited), Reach.PERSON: Rights(has_a_seat)}
    | _READ_BY_TRIGGERS,
    "session_rooms": _PART | _READ_BY_TRIGGERS,
}

_OPEN = frozenset(f"{place} open" for place in PLACES)
_DOOMED = frozenset(f"{place} doomed" for place in PLACES)
_PLANNED = frozenset(PLACES)
_SUBSCRIBING: Table = dict.fromkeys((Reach.EVERYTHING, *NARROW), Rights(adds=everything))
"""Whoever sees a course, has it in a calendar of their own."""
_OF_ORGANIZATIONS: Table = OWNED | {
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown))
}


def _planning(does: str, table: str, *answers: str, **more: object) -> Operation:
    return operation(P.COURSES_WRITE, does, table, *answers, **more)


def _reading(does: str, table: str, *answers: str, **more: object) -> Operation:
    return operation(P.COURSES_READ, does, table, *answers, **more)


def _step(among: frozenset[str], *answers: str) -> Operation:
    return _planning("changes", "courses", *answers, among=among)


_OUT_OF_ORDER = "409 course-state-out-of-order"

COURSE_OPERATIONS: dict[str, Operation] = {
    "list_courses": _reading("lists", "courses"),
    "create_course": _planning(
        "adds", "courses", fresh=("code",), given={"curriculum_version_id": "in_force"}
    ),
    "get_course": _reading("reads", "courses"),
    "replace_course": _planning("changes", "courses", among=_PLANNED | _OPEN),
    "get_course_findings": _reading("reads", "courses"),
    "open_course": _step(_OPEN, _OUT_OF_ORDER),
    "close_course": _step(_PLANNED, _OUT_OF_ORDER),
    "start_course": _step(_OPEN, _OUT_OF_ORDER),
    "complete_course": _step(_OPEN, _OUT_OF_ORDER),
    "cancel_course": _step(_DOOMED, "200", _OUT_OF_ORDER),
    "get_course_quotas": _reading("reads", "courses", rights=_OF_ORGANIZATIONS),
    "replace_course_quotas": _planning("changes", "courses", among=_PLANNED | _OPEN),
    # The document's example names rooms and people that are not here.
    "create_course_session": _planning(
        "changes", "courses", "422 invalid-request", among=_PLANNED | _OPEN
    ),
    "list_course_sessions": _reading("lists", "course_sessions"),
    "get_course_session": _reading("reads", "course_sessions"),
    "replace_course_session": _planning("changes", "course_sessions", among=_PLANNED | _OPEN),
    "move_course_session": _planning("changes", "course_sessions", among=_PLANNED),
    "cancel_course_session": _planning(
        *("changes", "course_sessions", "200", "409 session-state-out-of-order"), among=_DOOMED
    ),
    "hold_course_session": _planning(
        "changes", "course_sessions", "409 session-not-begun", among=_PLANNED
    ),
    "get_course_session_meeting": _reading("reads", "session_meetings"),
    "replace_course_session_meeting": _planning(
        "changes", "session_meetings", among=_PLANNED | _OPEN
    ),
    "list_calendars": _reading("lists", "calendars"),
    "create_calendar": _reading(
        "adds", "calendars", given={"course_id": "opened_course"}, rights=_SUBSCRIBING
    ),
    "get_calendar": _reading("reads", "calendars"),
    "renew_calendar": _reading("changes", "calendars", "200"),
    "remove_calendar": _reading("deletes", "calendars", "204"),
}
