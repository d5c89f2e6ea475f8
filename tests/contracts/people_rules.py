"""What operations on job positions, evidence and gaps do, and who may do it to whom."""

from app.access.permissions import P
from app.core.database.scopes import Reach
from tests.contracts.rights import (
    KEEPS_ALL,
    OWNED,
    READS_ALL,
    READS_OWN_RECORD,
    Operation,
    Rights,
    Seat,
    Table,
    Whose,
    operation,
    their_own_record,
    theirs,
)


def of_whose_employer_they_are(seat: Seat, row: Whose) -> bool:
    """Of somebody who is on their roster now, wherever it was recorded."""
    return row.shared in seat.below


_LEARNERS: Table = OWNED | {Reach.PERSON: READS_OWN_RECORD}
_RECORDED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    Reach.ORGANIZATION: Rights(changes=of_whose_employer_they_are),
    Reach.SUBTREE: Rights(changes=of_whose_employer_they_are),
}
_RECORDED_BY_THEM: Table = _RECORDED | {Reach.PERSON: Rights(changes=their_own_record)}
_DECLARED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    Reach.ORGANIZATION: Rights(changes=theirs),
    Reach.SUBTREE: Rights(changes=theirs),
    Reach.PERSON: Rights(changes=their_own_record),
}
_EXPIRING: Table = {
    Reach.EVERYTHING: READS_ALL,
    Reach.EVERYTHING_TO_READ: READS_ALL,
    Reach.ORGANIZATION: Rights(of_whose_employer_they_are),
    Reach.SUBTREE: Rights(of_whose_employer_they_are),
    Reach.PERSON: READS_OWN_RECORD,
}
_COUNTED: Table = dict.fromkeys(
    (Reach.EVERYTHING, Reach.EVERYTHING_TO_READ, Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON),
    READS_ALL,
)
"""Whoever sees learners counts those whom they see."""
_COUNTED_ELSEWHERE: Table = {reach: _COUNTED[reach] for reach in _COUNTED if reach != Reach.PERSON}

STATED = {
    "framework_id": "required_framework",
    "competency_identifier": "required_competency",
}
"""What a statement of a level names, that everybody reads."""
LASTING = frozenset(
    f"{person} lasting"
    for person in ("self", "colleague", "stranger", "official", "regional", "local")
)
"""Evidence that nobody takes back; it expires soon."""
STANDING = {"declared"} | {name.removesuffix(" lasting") for name in LASTING}
"""And evidence that may be."""
_SUPERSEDED = "409 already-superseded"


def _positions(does: str, table: str, *answers: str, **more: object) -> Operation:
    permission = P.JOB_POSITIONS_READ if does in ("reads", "lists") else P.JOB_POSITIONS_WRITE
    return operation(permission, does, table, *answers, **more)


def _corrections(*answers: str, **more: object) -> Operation:
    usual = ("201", _SUPERSEDED, "409 evidence-of-others")
    more = {"rights": _RECORDED_BY_THEM, "among": STANDING} | more
    return operation(P.EVIDENCE_WRITE, "changes", "evidence", *(answers or usual), **more)


PEOPLE_OPERATIONS: dict[str, Operation] = {
    "list_job_positions": _positions("lists", "job_positions"),
    "create_job_position": _positions("adds", "job_positions", fresh=("code",)),
    "get_job_position": _positions("reads", "job_positions"),
    "replace_job_position": _positions("changes", "job_positions"),
    "list_job_position_requirements": _positions("lists", "job_position_requirements"),
    "create_job_position_requirement": _positions(
        "changes", "job_positions", "409 requirements-overlap", given=STATED
    ),
    "get_job_position_requirement": _positions("reads", "job_position_requirements"),
    "replace_job_position_requirement": _positions("changes", "job_position_requirements"),
    "remove_job_position_requirement": _positions("deletes", "job_position_requirements", "204"),
    "list_job_position_titles": _positions("lists", "job_position_titles"),
    "create_job_position_title": _positions(
        "adds", "job_position_titles", fresh=("title",), given={"job_position_id": "position"}
    ),
    "get_job_position_title": _positions("reads", "job_position_titles"),
    "remove_job_position_title": _positions("deletes", "job_position_titles", "204"),
    "list_job_position_assignments": operation(
        P.LEARNERS_READ, "lists", "job_position_assignments"
    ),
    "create_job_position_assignment": _positions(
        "changes",
        "learners",
        "409 job-position-already-assigned",
        given={"job_position_id": "position"},
    ),
    "get_job_position_assignment": operation(P.LEARNERS_READ, "reads", "job_position_assignments"),
    "remove_job_position_assignment": _positions("deletes", "job_position_assignments", "204"),
    "list_evidence": operation(P.EVIDENCE_READ, "lists", "evidence"),
    "record_evidence": operation(
        P.EVIDENCE_WRITE,
        "changes",
        "learners",
        "201",
        given=STATED,
        rights=_DECLARED,
    ),
    "get_evidence": operation(P.EVIDENCE_READ, "reads", "evidence"),
    "correct_evidence": _corrections(),
    "withdraw_evidence": _corrections(),
    "review_evidence": operation(
        P.EVIDENCE_REVIEW,
        "changes",
        "evidence",
        "201",
        _SUPERSEDED,
        rights=_RECORDED,
        among=STANDING,
        adds_to="evidence_reviews",
    ),
    "list_evidence_reviews": operation(P.EVIDENCE_READ, "lists", "evidence_reviews"),
    "list_expiring_evidence": operation(
        P.EVIDENCE_READ, "lists", "evidence", rights=_EXPIRING, among=LASTING
    ),
    "get_competency_profile": operation(P.EVIDENCE_READ, "reads", "learners", rights=_LEARNERS),
    "get_attainment_explanation": operation(
        P.EVIDENCE_READ,
        "reads",
        "learners",
        rights=_LEARNERS,
        beside={"competency_id": "explained"},
    ),
    "list_learner_gaps": operation(P.EVIDENCE_READ, "lists", "learners", rights=_LEARNERS),
    "get_gaps": operation(P.GAPS_READ, "reads", "learners", rights=_COUNTED),
    "get_national_gaps": operation(P.GAPS_READ, "reads", "gap_figures", rights=_COUNTED_ELSEWHERE),
}
