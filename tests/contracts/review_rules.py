"""Who may see and change which reviews, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.competency_rules import SHOWN, theirs_or_said_when_invited
from tests.contracts.rights import (
    KEEPS_ALL,
    OWNED,
    PLACES,
    READ_BY_ITS_OWNERS,
    READS_ALL,
    Operation,
    Rights,
    Seat,
    Table,
    Whose,
    everything,
    invited,
    made_by_them,
    operation,
    shown,
    their_own_account,
    theirs,
)


def said_when_invited(seat: Seat, row: Whose) -> bool:
    return invited(seat, row) and made_by_them(seat, row)


def decided_where_shown(seat: Seat, row: Whose) -> bool:
    return shown(seat, row) and made_by_them(seat, row)


def theirs_or_in_their_place(seat: Seat, row: Whose) -> bool:
    """Of the organisation's versions; or who stands in for the one who looks."""
    return theirs(seat, row) or their_own_account(seat, row)


_NARROW = (Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON, Reach.COURSES)
_STANDING_IN = dict.fromkeys(
    (Reach.ORGANIZATION, Reach.SUBTREE),
    Rights(shown, theirs_or_in_their_place, theirs_or_in_their_place),
) | dict.fromkeys(
    (Reach.PERSON, Reach.COURSES), Rights(shown, their_own_account, their_own_account)
)

REVIEW_TABLES: dict[str, Table] = {
    "curriculum_steps": READ_BY_ITS_OWNERS
    | dict.fromkeys(_NARROW, Rights(shown))
    | {OWNER: Rights(adds=everything)},  # by the trigger
    "review_comments": OWNED
    | dict.fromkeys(
        (Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs_or_said_when_invited, theirs)
    )
    | dict.fromkeys((Reach.PERSON, Reach.COURSES), Rights(shown, said_when_invited)),
    "review_decisions": READ_BY_ITS_OWNERS
    | dict.fromkeys(_NARROW, Rights(shown, decided_where_shown))
    | {Reach.EVERYTHING: Rights(everything, made_by_them), OWNER: READS_ALL},  # by the triggers
    "review_delegations": OWNED
    | _STANDING_IN
    | {OWNER: Rights(everything, changes=everything)},  # by the triggers
    "review_invitations": SHOWN
    | {OWNER: Rights(reads=everything, locks=everything)},  # by the triggers
}

_REVIEWED = frozenset(f"{place} reviewed" for place in PLACES)
_OPEN = frozenset(PLACES)
_ASKED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    **dict.fromkeys(_NARROW, Rights(changes=shown)),
}
"""Whoever is asked, and the owner."""
_IN_PLACE: Table = OWNED | dict.fromkeys(_NARROW, Rights(changes=theirs_or_in_their_place))


def _of_versions(permission: P, *answers: str, **more: object) -> Operation:
    given: dict[str, object] = {"among": _REVIEWED} | more
    return operation(permission, "changes", "curriculum_versions", *answers, **given)


def _listing(table: str) -> Operation:
    return operation(P.CURRICULA_READ, "lists", table)


REVIEW_OPERATIONS: dict[str, Operation] = {
    "submit_curriculum_version": _of_versions(
        P.CURRICULA_WRITE, "409 curriculum-version-not-draft"
    ),
    "return_curriculum_version": _of_versions(
        P.CURRICULA_WRITE, "409 nothing-to-return", among=_OPEN
    ),
    "approve_curriculum_version": _of_versions(P.CURRICULA_APPROVE, "409 changes-requested"),
    "publish_curriculum_version": _of_versions(P.CURRICULA_APPROVE, "409 not-approved"),
    "get_curriculum_trail": operation(P.CURRICULA_READ, "reads", "curriculum_versions"),
    "list_review_invitations": _listing("review_invitations"),
    "create_review_invitation": _of_versions(
        P.CURRICULA_WRITE,
        "201",
        "409 organization-already-invited",
        given={"invited_organization_id": "heir"},
    ),
    "end_review_invitation": operation(
        P.CURRICULA_WRITE, "changes", "review_invitations", among=_OPEN
    ),
    "list_review_delegations": _listing("review_delegations"),
    "create_review_delegation": operation(
        P.CURRICULA_REVIEW,
        "changes",
        "review_invitations",
        "201",
        "409 delegate-already-named",
        among=frozenset(f"{place} reviewer" for place in PLACES)
        | {"viewer of Hà Nội", "instructor", "learner"},
        given={"email": "delegate"},
        rights=_IN_PLACE,
        adds_to="review_delegations",
    ),
    "end_review_delegation": operation(
        P.CURRICULA_REVIEW, "changes", "review_delegations", among=_REVIEWED
    ),
    "list_review_comments": _listing("review_comments"),
    "create_review_comment": _of_versions(P.CURRICULA_REVIEW, "201", rights=_ASKED),
    "answer_review_comment": operation(
        P.CURRICULA_REVIEW, "changes", "review_comments", "201", rights=_ASKED
    ),
    "resolve_review_comment": operation(P.CURRICULA_WRITE, "changes", "review_comments"),
    "list_review_decisions": _listing("review_decisions"),
    "create_review_decision": _of_versions(
        P.CURRICULA_REVIEW,
        "201",
        "409 not-a-reviewer",
        rights=_ASKED,
        adds_to="review_decisions",
    ),
}
