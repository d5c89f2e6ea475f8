"""Archives that people send, opened under limits, in a process that a hostile one may end.

Imported by such processes, and so nothing of the service is here but the archive.
"""

import re
import zipfile
from collections.abc import Callable

import msgspec

try:
    import resource
except ImportError:  # Windows bounds no process so; there what is asked of the archive must do
    resource = None  # type: ignore[assignment]

ZIP = b"PK\x03\x04"
_PIECE = 1 << 18
_OVERLAP = 200
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCRYPTED = 1


class Refused(Exception):
    """`facts` is the last word of the process."""

    def __init__(self, refused: str, **facts: str) -> None:
        super().__init__(refused)
        self.facts = {"refused": refused, **facts}


class Limits(msgspec.Struct):
    """Bytes, seconds of computing, and numbers."""

    memory: int
    seconds: int
    members: int
    unpacked: int
    ratio: int
    nested: bool
    """Whether archives may be in it, which nobody here opens."""


def bound(limits: Limits) -> None:
    """Of this process. Without core files, which would hold personal data."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))


def examine(
    archive: zipfile.ZipFile, limits: Limits, look: Callable[[str, bytes], None] | None = None
) -> None:
    """Everything is unpacked once and counted: what an archive says of itself proves nothing.

    `look` is shown the pieces of each member, each with the end of the one before. Raises Refused.
    """
    members = archive.infolist()
    refuse_locked(members)
    if len(members) > limits.members:
        raise Refused("unsafe")
    allowed = limits.unpacked
    for member in members:
        allowed -= _unpacked(archive, member, allowed, limits, look)


def refuse_locked(members: list[zipfile.ZipInfo]) -> None:
    """Of which nothing can be read."""
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Refused("locked")


def _unpacked(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    allowed: int,
    limits: Limits,
    look: Callable[[str, bytes], None] | None,
) -> int:
    allowed = min(allowed, limits.ratio * member.compress_size)
    size, before = 0, b""
    with archive.open(member) as part:
        while piece := part.read(_PIECE):
            if not size and piece.startswith(ZIP) and not limits.nested:
                raise Refused("unsafe")
            size += len(piece)
            if size > allowed:
                raise Refused("too_large")
            if member.filename.endswith((".xml", ".rels")) and _has_dtd(before + piece):
                raise Refused("unsafe")
            if look is not None:
                look(member.filename, before + piece)
            before = piece[-_OVERLAP:]
    return size


def _has_dtd(piece: bytes) -> bool:
    """In UTF-16 too: the zeros between its letters are left out."""
    letters = piece.replace(b"\0", b"")
    return b"<!" in letters and _DTD.search(letters) is not None
