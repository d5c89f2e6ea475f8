"""What may be said of rights: whose rows are, from where somebody looks, and what they may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from app.access.permissions import Permission
from app.core.database.scopes import LOGIN, Reach

PLACES = ("academy", "hanoi", "hue", "ministry", "region", "district")
"""The organisations of the population. Below the region there is the district."""


@dataclass(frozen=True)
class Whose:
    """Whose a row is, as far as it says so."""

    organization: UUID | None = None
    """Where it belongs."""
    shared: UUID | None = None
    """Who else is concerned: the receiver of a transfer, where a person with a past works now."""
    learner: UUID | None = None
    actor: str | None = None
    account: UUID | None = None
    """The user or program that it describes."""
    sync: UUID | None = None
    """The file that it comes from."""
    published: bool = False
    """Whether it is everybody's to read."""
    audience: frozenset[UUID] = frozenset()
    """Organisations, users and learners whom its owner shows it to."""


@dataclass(frozen=True)
class Seat:
    """From where somebody looks: the database role, and for whom it was entered."""

    role: str
    organization: UUID | None = None
    below: frozenset[UUID] = frozenset()
    """The organisation and those below it, as far as this reach goes."""
    learner: UUID | None = None
    actor: str | None = None


Sight = Callable[[Seat, Whose], bool]


def nothing(_seat: Seat, _row: Whose) -> bool:
    return False


def everything(_seat: Seat, _row: Whose) -> bool:
    return True


def theirs(seat: Seat, row: Whose) -> bool:
    """Rows of the organisation, and for a subtree of those below it."""
    return row.organization in seat.below


def of_their_organization(seat: Seat, row: Whose) -> bool:
    """Rows of the very organisation that somebody is a member of."""
    return row.organization is not None and row.organization == seat.organization


def concerning_them(seat: Seat, row: Whose) -> bool:
    return theirs(seat, row) or row.shared in seat.below


def their_own_account(seat: Seat, row: Whose) -> bool:
    """The user or program that somebody is."""
    return seat.actor is not None and str(row.account) == seat.actor.partition(":")[2]


def their_own_record(seat: Seat, row: Whose) -> bool:
    return row.learner is not None and row.learner == seat.learner


def made_by_them(seat: Seat, row: Whose) -> bool:
    return row.actor is not None and row.actor == seat.actor


def invited(seat: Seat, row: Whose) -> bool:
    """Rows that are shown to the organisation or the user that somebody is."""
    subject = {UUID(seat.actor.partition(":")[2])} if seat.actor else set()
    return bool(row.audience & (seat.below | subject))


def has_a_seat(seat: Seat, row: Whose) -> bool:
    """Rows of sessions in which the learner that somebody is has a seat."""
    return seat.learner in row.audience


def shown(seat: Seat, row: Whose) -> bool:
    return theirs(seat, row) or row.published or invited(seat, row)


def opened(_seat: Seat, row: Whose) -> bool:
    """Rows that are everybody's."""
    return row.published


@dataclass(frozen=True)
class Rights:
    """Which rows may be read, added, changed, deleted, and locked against change."""

    reads: Sight = nothing
    adds: Sight = nothing
    changes: Sight = nothing
    deletes: Sight = nothing
    locks: Sight | None = None
    """As what may be changed, when unsaid."""


NO_RIGHTS = Rights()
Table = Mapping[str, Rights]

READS_ALL = Rights(everything)
KEEPS_ALL = Rights(everything, everything, everything)
KEEPS_AND_DELETES = Rights(everything, everything, everything, everything)
ADDS_ONLY = Rights(adds=everything)
KEEPS_THEIRS = Rights(theirs, theirs, theirs)
KEEPS_AND_DELETES_THEIRS = Rights(theirs, theirs, theirs, theirs)
READS_THEIRS = Rights(theirs)
KEEPS_OWN = Rights(made_by_them, made_by_them, made_by_them)
READS_OWN_RECORD = Rights(their_own_record)

KNOWN_TO_ALL: Table = dict.fromkeys(Reach, READS_ALL) | {Reach.EVERYTHING: KEEPS_ALL}
OWNED: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    Reach.EVERYTHING_TO_READ: READS_ALL,
    Reach.ORGANIZATION: KEEPS_THEIRS,
    Reach.SUBTREE: KEEPS_THEIRS,
}
OWNED_FOR_A_TIME: Table = OWNED | {
    Reach.EVERYTHING: KEEPS_AND_DELETES,
    Reach.ORGANIZATION: KEEPS_AND_DELETES_THEIRS,
    Reach.SUBTREE: KEEPS_AND_DELETES_THEIRS,
}
READ_BY_ITS_OWNERS: Table = {
    Reach.EVERYTHING: READS_ALL,
    Reach.EVERYTHING_TO_READ: READS_ALL,
    Reach.ORGANIZATION: READS_THEIRS,
    Reach.SUBTREE: READS_THEIRS,
}
ACADEMYS: Table = {
    Reach.EVERYTHING: KEEPS_ALL,
    Reach.EVERYTHING_TO_READ: READS_ALL,
    LOGIN: READS_ALL,  # who is calling is asked before there is a scope
}
NARROW = (Reach.ORGANIZATION, Reach.SUBTREE, Reach.PERSON, Reach.COURSES)
OWN_ACCOUNT = Rights(their_own_account)
PROOFS: Table = {LOGIN: KEEPS_AND_DELETES}
"""What lets people in: the service itself looks at it, and no request does."""


@dataclass(frozen=True)
class Operation:
    """What an operation does, to rows of which table, and what it answers to whom it lets."""

    permission: Permission
    does: str
    """`reads`, `lists`, `follows`, `adds`, `changes` or `deletes`: which of the table's rights it
    takes."""
    table: str
    answers: frozenset[str]
    query: str = ""
    """What is asked for, too; `{target}` is of which organisation."""
    fresh: tuple[str, ...] = ()
    """What each new body needs another value of."""
    given: Mapping[str, str] = field(default_factory=dict)
    """What a body must name of the population."""
    rights: Table | None = None
    """In place of the table's."""
    among: frozenset[str] = frozenset()
    """Which rows of the population it is asked for; all, when unsaid."""
    adds_to: str = ""
    """Another table, which it writes to beside that."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """What of the population an address names beside its row, by parameters."""
    absent: bool = True
    """Whether it is asked for what does not exist, too."""


def operation(
    permission: Permission, does: str, table: str, *answers: str, **more: object
) -> Operation:
    usual = "201" if does == "adds" else "200"
    return Operation(permission, does, table, frozenset(answers or {usual}), **more)
