"""Looks at a file in a process of its own, which a hostile one may end.

Started by `reading`, with the file as standard input. It is asked for the `kind` of it, or, if that
is given, for the text, and says one line of JSON: `{"kind": ...}`, `{"text": ..., "shadow": ...,
"pages": ...}`, or `{"refused": name, ...}` for anything that it must refuse.
"""

import sys
from typing import IO, Any

import msgspec

from app.core.files.archives import Limits, Refused, bound
from app.core.text import shadowed
from app.materials.files.kinds import kind_of
from app.materials.files.texts import MOST_CHARACTERS, pages_of

_MOST_WORDS = 900_000
"""Bytes of a list of words that PostgreSQL can hold, which is less than a mebibyte."""


def main(limited: str, kind: str = "") -> None:
    limits = msgspec.json.decode(limited, type=Limits)
    bound(limits)
    try:
        file: IO[bytes] = open(0, "rb")  # noqa: SIM115 -- as long as the process
        file.seek(0)
        said = _text(file, kind, limits) if kind else {"kind": kind_of(file, limits)}
    except Refused as refusal:
        said = refusal.facts
    except MemoryError:
        said = {"refused": "too_large"}
    except BaseException:  # noqa: BLE001 -- whatever it is, the file led to it
        said = {"refused": "unreadable"}
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
    sys.stdout.buffer.flush()


def _text(file: IO[bytes], kind: str, limits: Limits) -> dict[str, Any]:
    pages, said = pages_of(file, kind, limits.unpacked, limits.seconds / 2)
    text = ""
    for page in said:
        text += page
        if len(text) > MOST_CHARACTERS:
            break
    line, shadow = shadowed(text[:MOST_CHARACTERS])
    line = line[:MOST_CHARACTERS]
    while _size(shadow[: len(line)]) > _MOST_WORDS:
        line = line[: len(line) // 2]
    return {"text": line, "shadow": shadow[: len(line)], "pages": pages}


def _size(shadow: str) -> int:
    """Bytes that its words take in a tsvector, with where they are, at most."""
    words = shadow.split()
    return sum(len(word.encode()) + 6 for word in set(words)) + 2 * len(words)
