"""Encodings of the time before Unicode that Python has no codec for: TCVN3 (ABC) and VNI.

Both put Vietnamese letters where Western ones are, so they are read as Latin-1 and translated. VNI
writes many letters in two bytes, the letter and its marks; marks are translated to combining ones,
and the letters come together when text is brought into normal form C, as all text is.
"""

import re

LOST = "\N{REPLACEMENT CHARACTER}"
_FIRST = 0x80

_TYPOGRAPHY = {code: bytes([code]).decode("cp1252", "replace") for code in range(_FIRST, 0xA1)}
"""Quotes and dashes, which Windows puts in below the letters."""


def _from(first: int, letters: str) -> dict[int, str]:
    return {code: letter for code, letter in enumerate(letters, first) if letter != "."}


TCVN3 = dict.fromkeys(range(0xA1, 0x100), LOST) | _TYPOGRAPHY
TCVN3 |= (
    _from(0xA1, "ĂÂÊÔƠƯĐăâêôơưđ") | _from(0xB5, "àảãáạ.ằẳẵắ") | _from(0xC6, "ặầẩẫấậè.ẻẽéẹềểễếệìỉ")
)
TCVN3 |= _from(0xDC, "ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ")

_TONES = ("\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
"""Sắc, huyền, hỏi, ngã, nặng."""
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_VNI_SMALL = {
    **dict(zip(b"\xe6\xec\xed\xee\xf1\xf2\xf3\xf4\xf6", "ỉìíỵđịĩơư", strict=True)),
    **dict(zip(b"\xf9\xf8\xfb\xf5\xef", _TONES, strict=True)),
    **dict(zip(b"\xe1\xe0\xe5\xe3\xe4", [_CIRCUMFLEX + tone for tone in _TONES], strict=True)),
    **dict(zip(b"\xe9\xe8\xfa\xfc\xeb", [_BREVE + tone for tone in _TONES], strict=True)),
    0xE2: _CIRCUMFLEX,
    0xEA: _BREVE,
}
_CAPITALS = 0x20
"""A capital stands this much before its small letter, as in Latin-1; so do the marks on it."""

VNI = dict.fromkeys(range(0xA1, 0x100), LOST) | _TYPOGRAPHY | _VNI_SMALL
VNI |= {code - _CAPITALS: letter.upper() for code, letter in _VNI_SMALL.items()}

ENCODINGS = {"tcvn3": TCVN3, "vni": VNI}

_SHOUTED, _SMALL = re.compile(r"[^\W\d_][A-Z]"), re.compile(r"[a-z]")
_WORD = re.compile(r"[^\W\d_]+")


def with_capitals(text: str) -> str:
    """What TCVN3 lost of a text in capitals.

    It has no capitals with tones: a font drew them. A capital within a word shows that it was one
    of those: "NGUYễN".
    """
    return text.upper() if _SHOUTED.search(text) and not _SMALL.search(text) else text


def name_with_capitals(name: str) -> str:
    """For TCVN3, where Ánh could only be written ánh: each word of a name begins with a capital."""
    capitals = with_capitals(name)
    return _WORD.sub(lambda word: word[0][0].upper() + word[0][1:], capitals)
