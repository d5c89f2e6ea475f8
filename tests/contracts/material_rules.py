"""Who may see and change which materials, and what their operations do."""

from app.access.permissions import P
from app.core.database.scopes import OWNER, Reach
from tests.contracts.rights import (
    KEEPS_AND_DELETES,
    OWNED,
    READ_BY_ITS_OWNERS,
    READS_ALL,
    Operation,
    Rights,
    Table,
    everything,
    operation,
    shown,
    theirs,
)

_OTHERS: Table = {
    Reach.PERSON: Rights(shown),
    Reach.COURSES: READS_ALL,
    OWNER: READS_ALL,  # by the trigger that keeps what is searched
}

MATERIAL_TABLES: dict[str, Table] = {
    "materials": OWNED
    | _OTHERS
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs, theirs)),
    # What is found out of a version, a worker writes down.
    "material_versions": OWNED
    | _OTHERS
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown, theirs)),
    "material_texts": READ_BY_ITS_OWNERS
    | _OTHERS
    | dict.fromkeys((Reach.ORGANIZATION, Reach.SUBTREE), Rights(shown))
    | {Reach.EVERYTHING: Rights(everything, everything)},
    "material_searches": {OWNER: KEEPS_AND_DELETES},  # by the trigger, and the search
}


def _materials(does: str, table: str, *answers: str, **more: object) -> Operation:
    permission = P.MATERIALS_READ if does in ("reads", "lists") else P.MATERIALS_WRITE
    return operation(permission, does, table, *answers, **more)


MATERIAL_OPERATIONS: dict[str, Operation] = {
    "list_materials": _materials("lists", "materials"),
    "create_material": _materials("adds", "materials"),
    "get_material": _materials("reads", "materials"),
    "replace_material": _materials("changes", "materials"),
    "add_material_file": _materials(
        "changes", "materials", "201", query="file_name=a.txt", adds_to="material_versions"
    ),
    "add_material_link": _materials("changes", "materials", "201", adds_to="material_versions"),
    "list_material_versions": _materials("lists", "material_versions"),
    "get_material_version": _materials("reads", "material_versions"),
    "get_material_file": _materials("reads", "material_versions"),
}
