"""The closed lists of materials, as domain terms, and what files may be called."""

import re
import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.core.schemas import Writable
from app.materials.files.kinds import ENDINGS

MEDIA_TYPES = {kind: endings[0] for kind, endings in ENDINGS.items()}
"""In which files are sent, with the ending of such a file's name."""

Visibility = Annotated[
    Literal["public", "enrolled", "instructors"],
    Field(
        description="Who reads it beside its owner, the Academy and auditors. `public`: whoever is"
        " signed in; `enrolled`: instructors, and learners of courses in which it is used;"
        " `instructors`: instructors"
    ),
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$"), Writable]
VersionKind = Literal["file", "link"]
Scan = Annotated[
    Literal["not_scanned", "scanning", "clean", "infected"],
    Field(
        description="What the antivirus says. `not_scanned`: there is none; `scanning`: the file"
        " waits, and is not given out yet; `infected`: nor will it be"
    ),
]
Extraction = Annotated[
    Literal["none", "waiting", "done", "failed"],
    Field(
        description="Whether the words in the file are found by a search. `none`: it has none;"
        " `failed`: they cannot be read"
    ),
]

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')
_MOST_BYTES = 200
"""Systems allow 255 in all, of which browsers add some when a name is there already."""


def _plain_name(name: str) -> str:
    """A name that means the same file in every system, and nothing else to any."""
    hidden = any(unicodedata.category(letter)[0] in "CZ" and letter != " " for letter in name)
    if (
        hidden
        or not _NOT_IN_NAMES.isdisjoint(name)
        or name.startswith((".", "-"))
        or name.endswith(".")
        or _RESERVED.fullmatch(name)
        or len(name.encode()) > _MOST_BYTES
    ):
        raise name_not_allowed()
    return name


def name_not_allowed() -> PydanticCustomError:
    return PydanticCustomError(
        "file_name_not_allowed",
        "Give the name of the file alone, without a folder and without signs that systems reserve,"
        " and let it end as such files do.",
    )


FileName = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_plain_name), Writable
]
