"""What operations on target groups, trainings and the balance of curricula do, to whose rows."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.competency_rules import SHOWN, of_whom_they_have
from tests.contracts.rights import (
    KEEPS_AND_DELETES,
    KNOWN_TO_ALL,
    OWNED,
    READS_ALL,
    READS_OWN_RECORD,
    Operation,
    Rights,
    Table,
    concerning_them,
    everything,
    operation,
    theirs,
)

_THEIRS = Rights(concerning_them, of_whom_they_have, theirs, theirs)
TARGET_TABLES: dict[str, Table] = {
    "balance_thresholds": KNOWN_TO_ALL | {Reach.EVERYTHING: KEEPS_AND_DELETES},
    "trainings": {
        Reach.EVERYTHING: KEEPS_AND_DELETES,
        Reach.EVERYTHING_TO_READ: READS_ALL,
        Reach.ORGANIZATION: _THEIRS,
        Reach.SUBTREE: _THEIRS,
        Reach.PERSON: READS_OWN_RECORD,
        OWNER: Rights(everything, everything),  # by the trigger of who completes a course
    },
}

_LEARNERS: Table = OWNED | {Reach.PERSON: READS_OWN_RECORD}
_OF_ALL: Table = dict.fromkeys(Reach, READS_ALL)
"""Figures of curricula that everybody reads."""
_COUNTED: Table = {reach: SHOWN[reach] for reach in SHOWN if reach in _LEARNERS}
"""Whoever sees learners, and the curriculum, counts those whom they see."""
_DONE = {"curriculum_id": "done"}


def _learners(does: str, table: str, *answers: str, **more: object) -> Operation:
    permission = P.LEARNERS_READ if does in ("reads", "lists") else P.LEARNERS_WRITE
    return operation(permission, does, table, *answers, **more)


TARGET_OPERATIONS: dict[str, Operation] = {
    "get_target_group": _learners("reads", "curriculum_versions", rights=_COUNTED),
    "list_target_group_learners": _learners("reads", "curriculum_versions", rights=_COUNTED),
    "get_eligibility": _learners(
        "reads", "learners", rights=_LEARNERS, beside={"curriculum_version_id": "in_force"}
    ),
    "get_recommendations": operation(P.EVIDENCE_READ, "reads", "learners", rights=_LEARNERS),
    "list_trainings": _learners("lists", "trainings"),
    "record_training": _learners(
        "changes",
        "learners",
        "201",
        "409 training-already-recorded",
        given=_DONE,
        adds_to="trainings",
    ),
    "get_training": _learners("reads", "trainings"),
    "replace_training": _learners("changes", "trainings"),
    "remove_training": _learners("deletes", "trainings", "204"),
    "get_curriculum_balance": operation(P.CURRICULA_READ, "reads", "curricula", rights=_OF_ALL),
    "get_curriculum_coverage": operation(P.CURRICULA_READ, "reads", "curricula", rights=_OF_ALL),
    "list_balance_thresholds": operation(P.CURRICULA_READ, "lists", "balance_thresholds"),
    "create_balance_threshold": operation(
        P.CURRICULA_WRITE, "adds", "balance_thresholds", "409 balance-threshold-taken"
    ),
    "get_balance_threshold": operation(P.CURRICULA_READ, "reads", "balance_thresholds"),
    "replace_balance_threshold": operation(P.CURRICULA_WRITE, "changes", "balance_thresholds"),
    "remove_balance_threshold": operation(
        P.CURRICULA_WRITE, "deletes", "balance_thresholds", "204"
    ),
}
