"""Who may see and change which competencies, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.rights import (
    KEEPS_ALL,
    KEEPS_AND_DELETES,
    OWNED,
    OWNED_FOR_A_TIME,
    PLACES,
    READ_BY_ITS_OWNERS,
    READS_ALL,
    READS_OWN_RECORD,
    Operation,
    Rights,
    Seat,
    Table,
    Whose,
    concerning_them,
    everything,
    invited,
    made_by_them,
    of_their_organization,
    operation,
    shown,
    their_own_record,
    theirs,
)


def theirs_or_said_when_invited(seat: Seat, row: Whose) -> bool:
    return theirs(seat, row) or (invited(seat, row) and made_by_them(seat, row))


def said_when_invited(seat: Seat, row: Whose) -> bool:
    return invited(seat, row) and made_by_them(seat, row)


def theirs_or_shown_to_their_organization(seat: Seat, row: Whose) -> bool:
    """Of the very organisation, for learners; or what everybody reads."""
    return of_their_organization(seat, row) or row.published


def of_whom_they_have(seat: Seat, row: Whose) -> bool:
    """Recorded by the organisation, of somebody who is on its roster still."""
    return theirs(seat, row) and row.shared == row.organization


def _shown_to_others(changes: Rights) -> Table:
    others = {Reach.PERSON: Rights(shown), Reach.COURSES: Rights(shown)}
    return others | {Reach.ORGANIZATION: changes, Reach.SUBTREE: changes}


SHOWN: Table = OWNED | _shown_to_others(Rights(shown, theirs, theirs))
CONTENT: Table = OWNED_FOR_A_TIME | _shown_to_others(Rights(shown, theirs, theirs, theirs))
CATALOGUE: Table = (
    OWNED
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs))
    | {Reach.PERSON: Rights(theirs_or_shown_to_their_organization), Reach.COURSES: Rights(shown)}
    | {OWNER: READS_ALL}  # to count whose gaps they are
)
LOOSE_CATALOGUE: Table = CATALOGUE | {
    Reach.EVERYTHING: KEEPS_AND_DELETES,
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs, theirs)),
}
ADDED_FOR_GOOD: Table = READ_BY_ITS_OWNERS | {
    Reach.EVERYTHING: Rights(everything, everything),
    Reach.ORGANIZATION: Rights(concerning_them, of_whom_they_have),
    Reach.SUBTREE: Rights(concerning_them, of_whom_they_have),
    Reach.PERSON: READS_OWN_RECORD,
    OWNER: READS_ALL,  # by the triggers
}

COMPETENCY_TABLES: dict[str, Table] = {
    "attainments": READ_BY_ITS_OWNERS
    | {Reach.PERSON: READS_OWN_RECORD, OWNER: KEEPS_AND_DELETES},  # by the triggers
    "competencies": CONTENT | {OWNER: KEEPS_AND_DELETES},  # by the trigger that sorts them
    "competency_frameworks": SHOWN,
    "competency_replacements": CONTENT,
    "consultation_changes": READ_BY_ITS_OWNERS
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON, Reach.COURSES), Rights(shown))
    | {OWNER: Rights(adds=everything)},  # by the trigger
    "consultation_comments": OWNED
    | dict.fromkeys(
        (Reach.ORGANIZATION, Reach.SUBTREE),
        Rights(shown, theirs_or_said_when_invited, theirs),
    )
    | dict.fromkeys((Reach.PERSON, Reach.COURSES), Rights(shown, said_when_invited)),
    "consultation_invitations": SHOWN,
    "evidence": ADDED_FOR_GOOD
    | {
        Reach.PERSON: Rights(their_own_record, their_own_record),
        OWNER: Rights(everything, everything),  # by the trigger of who completes a course
    },
    "evidence_reviews": ADDED_FOR_GOOD,
    "gap_figures": {OWNER: KEEPS_AND_DELETES},  # by the functions that count them
    "framework_versions": SHOWN | {OWNER: Rights(everything, locks=everything)},  # by triggers
    "job_position_assignments": OWNED_FOR_A_TIME
    | {Reach.PERSON: READS_OWN_RECORD, OWNER: READS_ALL},  # to count whose gaps they are
    "job_position_requirements": LOOSE_CATALOGUE,
    "job_position_titles": LOOSE_CATALOGUE,
    "job_positions": CATALOGUE,
    "level_descriptors": CONTENT,
    "proficiency_levels": CONTENT | {OWNER: READS_ALL},  # by the trigger that publishes
    "proficiency_scales": CONTENT,
    "published_competencies": dict.fromkeys(Reach, READS_ALL) | {OWNER: KEEPS_AND_DELETES},
}

_ASKED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    **dict.fromkeys(
        (Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON, Reach.COURSES), Rights(changes=shown)
    ),
}
"""Whoever is asked for their opinion, and the owner, may answer."""
_OPEN = frozenset(PLACES)
"""Those that nobody else sees, nor may publish, so that all may be tried on them."""
_PUBLISHED = "409 published-version-changed"


def _working(does: str, table: str, *answers: str, **more: object) -> Operation:
    return operation(P.FRAMEWORKS_WRITE, does, table, *answers, **more)


def _reading(does: str, table: str) -> Operation:
    return operation(P.FRAMEWORKS_READ, does, table)


COMPETENCY_OPERATIONS: dict[str, Operation] = {
    "list_frameworks": _reading("lists", "competency_frameworks"),
    "create_framework": _working("adds", "competency_frameworks", fresh=("code",)),
    "get_framework": _reading("reads", "competency_frameworks"),
    "replace_framework": _working("changes", "competency_frameworks", "200"),
    "create_framework_version": _working(
        "changes", "competency_frameworks", "409 framework-version-already-open", among=_OPEN
    ),
    "list_framework_versions": _reading("lists", "framework_versions"),
    "get_framework_version": _reading("reads", "framework_versions"),
    "get_framework_tree": _reading("reads", "framework_versions"),
    "get_framework_diff": _reading("reads", "framework_versions"),
    "get_framework_file": _reading("reads", "framework_versions"),
    "create_framework_import": _working(
        "adds",
        "competency_frameworks",
        "200",
        query="dry_run=true&organization={target}",
        absent=False,
    ),
    "replace_framework_version": _working("changes", "framework_versions", "200", _PUBLISHED),
    "open_framework_consultation": _working(
        "changes", "framework_versions", "200", "409 already-in-consultation", among=_OPEN
    ),
    "close_framework_consultation": _working(
        "changes", "framework_versions", "200", "409 not-in-consultation", among=_OPEN
    ),
    "publish_framework_version": _working(
        "changes", "framework_versions", "409 threads-unresolved", among=_OPEN
    ),
    "discard_framework_version": _working(
        "changes",
        "framework_versions",
        _PUBLISHED,
        among=frozenset(f"{place} in force" for place in PLACES),
    ),
    "retire_framework_version": _working(
        "changes", "framework_versions", "409 not-in-force", among=_OPEN
    ),
    "list_proficiency_scales": _reading("lists", "proficiency_scales"),
    "create_proficiency_scale": _working("changes", "framework_versions", "201", among=_OPEN),
    "get_proficiency_scale": _reading("reads", "proficiency_scales"),
    "replace_proficiency_scale": _working("changes", "proficiency_scales", "200", _PUBLISHED),
    "remove_proficiency_scale": _working(
        "deletes", "proficiency_scales", "409 scale-in-use", _PUBLISHED
    ),
    "list_competencies": _reading("lists", "competencies"),
    "create_competency": _working(
        "changes", "framework_versions", "201", among=_OPEN, fresh=("code",)
    ),
    "get_competency": _reading("reads", "competencies"),
    "replace_competency": _working("changes", "competencies", "200", _PUBLISHED),
    "move_competency": _working("changes", "competencies", "200", _PUBLISHED),
    "remove_competency": _working(
        "deletes", "competencies", "409 competency-not-empty", _PUBLISHED
    ),
    "list_consultation_invitations": _reading("lists", "consultation_invitations"),
    "create_consultation_invitation": _working(
        "changes",
        "framework_versions",
        "201",
        "409 organization-already-invited",
        among=_OPEN,
        given={"invited_organization_id": "heir"},
    ),
    "end_consultation_invitation": _working("changes", "consultation_invitations", among=_OPEN),
    "list_consultation_comments": _reading("lists", "consultation_comments"),
    "create_consultation_comment": operation(
        P.FRAMEWORKS_COMMENT,
        "changes",
        "framework_versions",
        "201",
        "409 not-in-consultation",
        among=_OPEN,
    ),
    "answer_consultation_comment": operation(
        P.FRAMEWORKS_COMMENT,
        "changes",
        "consultation_comments",
        "201",
        "409 not-in-consultation",
        rights=_ASKED,
    ),
    "resolve_consultation_comment": _working(
        "changes",
        "consultation_comments",
        among=frozenset(f"{place} consulted" for place in PLACES),
    ),
    "list_consultation_changes": _reading("lists", "consultation_changes"),
}
