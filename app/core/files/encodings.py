"""In which encoding a file is, judged by whether its words come out as Vietnamese.

Nothing in a file of the time before Unicode says which encoding it has, and a name that was read
in the wrong one looks like a name. So the words that the encodings disagree on are read in each,
and one is taken only when nearly all come out as Vietnamese syllables, and clearly more than in any
other. Otherwise people are asked.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from app.core.files import legacy
from app.core.files.limits import LONGEST_LINE
from app.core.files.problems import (
    EncodingUnsure,
    EncodingWrong,
    LettersLost,
    LineUnreadable,
    OldFont,
)
from app.core.files.syllables import LONGEST_SYLLABLE, is_syllable
from app.core.text import nfc

Encoding = Literal["utf-8", "utf-16", "windows-1258", "tcvn3", "vni"]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)
_CODECS: dict[Encoding, str] = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1258": "cp1258",
    "tcvn3": "latin-1",
    "vni": "latin-1",
}
_TRANSLATIONS: dict[Encoding, dict[int, str]] = {**legacy.ENCODINGS}  # type: ignore[dict-item]
_OLD: tuple[Encoding, ...] = ("windows-1258", "tcvn3", "vni")

_SAMPLE = 256 * 1024
"""Bytes of lines with other letters than ASCII's; a file has more of them than it takes to know."""

_SURE, _AHEAD, _WORDS_AHEAD = 0.9, 0.15, 3
"""Share of words that are Vietnamese; how many less the next encoding has."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_QUESTIONED = re.compile(rb"[A-Za-z]{1,9}\?{1,3}[A-Za-z]{1,9}")
_MANY_QUESTIONS = 3


class Candidate(NamedTuple):
    encoding: Encoding
    words: int
    """That come out as Vietnamese."""
    share: float


def encoding_of(path: Path) -> Encoding:
    """Raises EncodingUnsure, with what each encoding makes of a line, rather than guess."""
    with path.open("rb") as file:
        start = file.read(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start == codecs.BOM_UTF8:
        return "utf-8"
    sample = _sample(path)
    if not sample:
        _refuse_lost_letters(path)
        return "utf-8"
    return "utf-8" if _is_utf_8(sample) else _chosen(sample)


def _sample(path: Path) -> bytes:
    """Whole lines with other letters than ASCII's."""
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < _SAMPLE and (line := file.readline(LONGEST_LINE)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)


def _is_utf_8(sample: bytes) -> bool:
    """A sample that was cut off may end within a letter. No Vietnamese text in another is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) < _SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_lost_letters(path: Path) -> None:
    """Excel's plain CSV has a question mark in place of each letter that its encoding lacks."""
    with path.open("rb") as file:
        questioned = set(_QUESTIONED.findall(file.read(_SAMPLE)))
    if len(questioned) >= _MANY_QUESTIONS:
        raise LettersLost


def _chosen(sample: bytes) -> Encoding:
    words = _telling(sample)
    candidates = sorted(
        (_judged(words, encoding) for encoding in _OLD),
        key=lambda candidate: candidate.share,
        reverse=True,
    )
    best, second = candidates[:2]
    ahead = best.share - second.share, best.words - second.words
    if best.share >= _SURE and ahead[0] >= _AHEAD and ahead[1] >= _WORDS_AHEAD:
        return best.encoding
    raise unsure(candidates, _telling_line(sample))


def _telling(text: bytes) -> set[bytes]:
    """The words that encodings disagree on."""
    return {word for word in _WORD.findall(text) if not word.isascii()}


def _judged(words: set[bytes], encoding: Encoding) -> Candidate:
    read = [_decoded(word, encoding) for word in words if len(word) <= 2 * LONGEST_SYLLABLE]
    vietnamese = sum(is_syllable(word) for word in read if word)
    return Candidate(encoding, vietnamese, round(vietnamese / len(words), 2) if words else 0.0)


def unsure(candidates: Iterable[Candidate], line: bytes) -> EncodingUnsure:
    """The refusal, with a line as each encoding has it: people see at once which one is right."""
    return EncodingUnsure(
        encodings=", ".join(ENCODINGS),
        candidates=[
            {"encoding": encoding, "share": share, "line": _decoded(line, encoding)}
            for encoding, _, share in candidates
        ],
    )


def refuse_old_font(names: Iterable[str]) -> None:
    """Raises OldFont when these names in Unicode are letters that only an old font showed right.

    In a workbook of .VnTime the letters are those of TCVN3 taken for Western ones: "NguyÔn" stands
    where people saw Nguyễn.
    """
    words = {word for name in names for word in name.split() if _may_tell(word)}
    now = sum(map(is_syllable, words))
    for encoding, table in legacy.ENCODINGS.items():
        then = sum(is_syllable(nfc(word.translate(table))) for word in words)
        if then >= _SURE * len(words) and then - now >= _WORDS_AHEAD:
            raise OldFont(encoding=encoding.upper())


def _may_tell(word: str) -> bool:
    return len(word) <= LONGEST_SYLLABLE and not word.isascii()


def _telling_line(sample: bytes) -> bytes:
    """The line that the encodings disagree on most, as far as one reads it at a glance."""
    lines = [line.strip()[:200] for line in sample.splitlines()]
    return max(lines, key=lambda line: len(_telling(line)))


def _decoded(words: bytes, encoding: Encoding) -> str | None:
    try:
        text = words.decode(_CODECS[encoding])
    except UnicodeDecodeError:
        return None
    text = nfc(text.translate(_TRANSLATIONS.get(encoding, {})))
    return None if legacy.LOST in text else text


def lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """The lines of a file with their ends, in bounded memory. Letters may still be apart (NFD)."""
    translation = _TRANSLATIONS.get(encoding)
    number = 0
    try:
        with path.open(encoding=_CODECS[encoding], newline="") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                if "\0" in line or len(line) == LONGEST_LINE:
                    raise LineUnreadable(line=number, limit=LONGEST_LINE)
                yield line.translate(translation) if translation else line
    except UnicodeError:
        raise EncodingWrong(encoding=encoding, line=_first_wrong(path, encoding)) from None


def _first_wrong(path: Path, encoding: Encoding) -> int:
    """The decoder reads ahead, so where it fails is not the line that it fails on."""
    number = 0
    opened = path.open(encoding=_CODECS[encoding], newline="", errors="replace")
    with opened as file, suppress(UnicodeError):  # of UTF-16 that does not say which
        while line := file.readline(LONGEST_LINE):
            number += 1
            if legacy.LOST in line:
                break
    return max(number, 1)
