"""Tenancy: whose eyes a transaction sees through.

Every transaction begins by entering a scope, which switches to one of the request roles below and
says for whom. Row policies are written for these roles, so who may see a row is decided by
PostgreSQL and never by feature code. The login role itself is granted nothing that belongs to
somebody: no scope, no rows.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

LOGIN = "banggiao_service"
"""What the service's login roles are members of: it may look up who is calling, and little else."""

OWNER = "banggiao_owner"
"""Owns tables and functions, and migrates them. Row policies bind it too."""


class Reach(StrEnum):
    """The request roles. None owns a table or can bypass a policy."""

    EVERYTHING = "banggiao_academy"
    EVERYTHING_TO_READ = "banggiao_auditor"
    ORGANIZATION = "banggiao_organization"
    """One organisation: its policies are equalities, so that an index can keep a list's order."""
    SUBTREE = "banggiao_subtree"
    """An organisation and those below it in the tree, closed predecessors among them."""
    PERSON = "banggiao_person"
    """A learner's own records."""
    COURSES = "banggiao_instructor"
    """The courses that an instructor teaches."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The call of a database function that a transaction begins with.

    The function checks that the caller may still come in, switches the role, and says for whom;
    all of it ends with the transaction.
    """

    function: str
    arguments: tuple[str | None, ...]
    caller: str = "system"
    """The caller's role, for what is kept by role (plans of statements)."""
    sees_everything: bool = False
    """For how to search, not for what may be found: that the function decides."""

    @property
    def call(self) -> str:
        """With placeholders for the arguments."""
        return f"select {self.function}({_placeholders(len(self.arguments))})"

    @property
    def call_and_read(self) -> str:
        """The same, and then a statement that the connection has prepared, in one round trip.

        Three more placeholders take the statement's name, its values as text, and whether it is to
        be planned anew for these values.
        """
        placeholders = _placeholders(len(self.arguments) + 3)
        return f"select * from {self.function}_and_read({placeholders})"  # noqa: S608 -- our names


@cache
def _placeholders(count: int) -> str:
    return ", ".join(f"${n}" for n in range(1, count + 1))


def system(reach: Reach, actor: str) -> Scope:
    """The scope of the service's own work: a command, a job that nobody asked for."""
    return Scope("enter_reach", (reach, None, None, actor, None))


def service(actor: str, request_id: str) -> Scope:
    """The scope of the service's own books: nobody's rows. The audit names who is behind it."""
    return Scope("enter_service", (actor, request_id))
