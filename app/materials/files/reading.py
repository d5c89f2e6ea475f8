"""What a file is and what it says, found out by a child process under limits.

Only the child opens archives, PDF and XML. Whatever they do to it, here it is a refusal: memory,
computing time and silence are bounded.
"""

from typing import IO, Any, NamedTuple

import msgspec

from app.core.files.archives import Limits
from app.core.files.children import read, started
from app.core.files.problems import FileLocked, FileUnreadable
from app.core.problems import Problem
from app.materials.problems import (
    DocumentTooLarge,
    DocumentUnsafe,
    FileContentIsAnotherType,
    FileWithoutContent,
)

LIMITS = Limits(
    memory=1 << 30, seconds=60, members=10_000, unpacked=1 << 30, ratio=200, nested=True
)
"""A presentation of 200 MiB unpacks in some seconds; nobody waits for longer than for that."""
_TO_TELL = msgspec.structs.replace(LIMITS, memory=1 << 28)
"""To tell the kind of it, a file is read piece by piece."""
_CHILD = "app.materials.files.child"


class Text(NamedTuple):
    """What a document says in one line, and the same to be searched, a character for each."""

    text: str
    shadow: str
    pages: int | None


def kind_of(file: IO[bytes]) -> str:
    """The media type of the content. Raises a Problem. Takes its time: in a thread."""
    return str(_asked(file, _TO_TELL)["kind"])


def text_of(file: IO[bytes], kind: str) -> Text:
    """Raises a Problem. Takes its time: in a thread."""
    return Text(**_asked(file, LIMITS, kind))


def _asked(file: IO[bytes], limits: Limits, *kind: str) -> dict[str, Any]:
    """The child has the file itself, and no name of it."""
    file.flush()
    child = started(_CHILD, msgspec.json.encode(limits).decode(), *kind, stdin=file)
    try:
        said = b""
        while piece := read(child):
            said += piece
    finally:
        child.kill()
        child.communicate()
    if child.returncode > 0:
        raise RuntimeError(f"Reading a document ended with {child.returncode}")
    answer: dict[str, Any] = msgspec.json.decode(said) if said else {"refused": "too_large"}
    if "refused" in answer:
        raise _refusal(answer)
    return answer


def _refusal(said: dict[str, str]) -> Problem:
    match said["refused"]:
        case "another":
            return FileContentIsAnotherType(found=said["found"])
        case "empty":
            return FileWithoutContent()
        case "locked":
            return FileLocked()
        case "unsafe":
            return DocumentUnsafe()
        case "too_large":
            return DocumentTooLarge()
    return FileUnreadable()
