"""Who may see and change which modules and curricula, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.competency_rules import CONTENT, SHOWN
from tests.contracts.rights import (
    KEEPS_ALL,
    PLACES,
    READS_ALL,
    Operation,
    Rights,
    Table,
    everything,
    operation,
    shown,
)

_LOCKED = {OWNER: Rights(reads=everything, locks=everything)}  # by triggers

CURRICULUM_TABLES: dict[str, Table] = {
    "curricula": SHOWN | _LOCKED,
    "curriculum_modules": CONTENT | {OWNER: READS_ALL},  # by the trigger that looks at comments
    "curriculum_versions": SHOWN | _LOCKED,
    "module_competencies": CONTENT | {OWNER: READS_ALL},  # by the trigger of who completes
    "module_materials": CONTENT,
    "module_outcomes": CONTENT,
    "module_prerequisites": CONTENT | {OWNER: READS_ALL},  # by triggers
    "module_versions": SHOWN | _LOCKED,
    "modules": SHOWN | _LOCKED,
}

_OPEN = frozenset(PLACES)
"""Those that nobody else sees."""
_EXTENDED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    **dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(changes=shown)),
}
"""Whoever reads a curriculum may add to it, beside it."""
_IN_FORCE = frozenset(f"{place} in force" for place in PLACES)


def _working(does: str, table: str, *answers: str, **more: object) -> Operation:
    return operation(P.CURRICULA_WRITE, does, table, *answers, **more)


def _reading(does: str, table: str) -> Operation:
    return operation(P.CURRICULA_READ, does, table)


CURRICULUM_OPERATIONS: dict[str, Operation] = {
    "list_modules": _reading("lists", "modules"),
    "create_module": _working("adds", "modules", fresh=("code",)),
    "get_module": _reading("reads", "modules"),
    "replace_module": _working("changes", "modules", "200"),
    "create_module_version": _working(
        "changes", "modules", "409 module-version-already-open", among=_OPEN
    ),
    "list_module_versions": _reading("lists", "module_versions"),
    "get_module_version": _reading("reads", "module_versions"),
    "replace_module_version": _working(
        "changes", "module_versions", "200", "409 module-version-not-draft"
    ),
    "publish_module_version": _working(
        "changes", "module_versions", "409 module-version-not-draft", among=_IN_FORCE
    ),
    "discard_module_version": _working(
        "changes", "module_versions", "409 module-version-not-draft", among=_IN_FORCE
    ),
    "retire_module_version": _working(
        "changes", "module_versions", "409 module-not-in-force", among=_OPEN
    ),
    "list_curricula": _reading("lists", "curricula"),
    "create_curriculum": _working("adds", "curricula", fresh=("code",)),
    "get_curriculum": _reading("reads", "curricula"),
    "replace_curriculum": _working("changes", "curricula", "200"),
    "extend_curriculum": _working(
        "changes",
        "curricula",
        "201",
        "409 curriculum-already-extended",
        "409 extended-version-not-in-force",
        fresh=("code",),
        among=_OPEN | _IN_FORCE,
        rights=_EXTENDED,
    ),
    "clone_curriculum": _working(
        "changes", "curricula", "409 curriculum-not-in-force", among=_OPEN
    ),
    "create_curriculum_version": _working(
        "changes", "curricula", "409 curriculum-version-already-open", among=_OPEN
    ),
    "list_curriculum_versions": _reading("lists", "curriculum_versions"),
    "get_curriculum_version": _reading("reads", "curriculum_versions"),
    "get_whole_curriculum": _reading("reads", "curriculum_versions"),
    "get_curriculum_findings": _reading("reads", "curriculum_versions"),
    "get_curriculum_diff": _reading("reads", "curriculum_versions"),
    "replace_curriculum_version": _working(
        "changes", "curriculum_versions", "200", "409 curriculum-version-not-draft"
    ),
    "discard_curriculum_version": _working(
        "changes", "curriculum_versions", "409 curriculum-version-not-draft", among=_IN_FORCE
    ),
    "retire_curriculum_version": operation(
        P.CURRICULA_APPROVE,
        "changes",
        "curriculum_versions",
        "409 curriculum-not-in-force",
        among=_OPEN,
    ),
}
