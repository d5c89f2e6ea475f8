"""Vietnamese text: one spelling to store, a key to sort names by, a shadow to search in.

PostgreSQL compares bytes here (collation "C"), and bytes know neither that đ follows d, nor that
Hoà and Hòa are one name. So what sorting and searching need is computed once, when a text is
written, and stored beside it.
"""

import unicodedata
from functools import lru_cache

_TONES = {
    "\N{COMBINING GRAVE ACCENT}": "1",  # huyền; ngang, which has no mark, is 0
    "\N{COMBINING HOOK ABOVE}": "2",  # hỏi
    "\N{COMBINING TILDE}": "3",  # ngã
    "\N{COMBINING ACUTE ACCENT}": "4",  # sắc
    "\N{COMBINING DOT BELOW}": "5",  # nặng
}
# In ASCII { and | come after z, so a{ comes after every word in plain a, and before b.
_VIETNAMESE = str.maketrans(
    {"ă": "a{", "â": "a|", "đ": "d{", "ê": "e{", "ô": "o{", "ơ": "o|", "ư": "u{"}
)
# Old fonts and careless keyboards give the Icelandic and the African letter, which look the same.
_STRAY_D = str.maketrans("ðɖ", "đđ")


def nfc(text: str) -> str:
    """The one spelling that is stored: the same text typed on a Mac or a PC has the same bytes."""
    return unicodedata.normalize("NFC", text)


def name_sort_key(full_name: str) -> str:
    """Order people as a Vietnamese list does: given name, then middle names, then family name.

    Byte by byte these keys compare as the names do in the Vietnamese alphabet. Within each of the
    three parts tones count only between equal letters, and count by syllable, so that Hoà and
    Hòa are equal. Any Unicode is accepted; what is not a letter or a digit does not count.
    """
    words = [key for word in full_name.split() for key in _word_keys(word)]
    given, middle, family = words[-1:], words[1:-1], words[:-1][:1]
    return " ".join(_part_key(part) for part in (given, middle, family)).rstrip()


def fold(text: str) -> str:
    """What a text and a search for it have in common, however either was typed.

    Lower case, no accents, đ as d, words apart by one space: "Nguyễn Văn Hoà" is found by
    "nguyen van hoa". Stored text and query must both pass through here to meet.
    """
    return " ".join(filter(None, map(_folded, text.split())))


def unaccented(text: str) -> str:
    """The same letters without their marks, đ as d."""
    letters = unicodedata.normalize("NFD", text.translate(_STRAY_D))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain.replace("đ", "d").replace("Đ", "D")


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    """People have few names, and share them."""
    letters = "".join(map(_letter_or_gap, _decomposed(word))).replace("đ", "d")
    return nfc(" ".join(letters.split()))


def _decomposed(text: str) -> str:
    """Lower case, every mark apart from its letter; đ has no mark that comes apart."""
    lower = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", lower).translate(_STRAY_D)


def _letter_or_gap(char: str) -> str:
    """Nothing for marks and for invisible characters, which do not part words as others do."""
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return ""
    return char if _counts(char) else " "


def _counts(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def shadowed(text: str) -> tuple[str, str]:
    """A text in one line, and its shadow to search in: of the same length, so that what is found
    in the one is shown from the other.

    The shadow has the words of `fold`; where `fold` leaves a character out there is a GAP in it.
    """
    normal = unicodedata.normalize("NFKC", _stream_safe(text))
    line = " ".join(normal.translate(_SHOWN).split())
    return line, line.translate(_SHADOWS)


def _stream_safe(text: str) -> str:
    """No more marks on a letter than any language has (UAX #15, 13): they are put in order when a
    text is normalized, which takes quadratic time."""
    if text.isascii():
        return text
    safe, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            safe.append(char)
    return "".join(safe)


GAP = "\N{SOFT HYPHEN}"
_MOST_MARKS = 30


class _Shown(dict[int, str]):
    """What stands for more than one letter is written as these: ß as ss."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if unicodedata.category(char) in {"Cc", "Cs", "Cn"}:
            self[code] = " "
        else:
            letters = _folded_character(char)
            self[code] = letters if len(letters) > 1 else char
        return self[code]


class _Shadows(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
            self[code] = GAP
        else:
            letter = _folded_character(char)
            self[code] = letter if len(letter) == 1 else " "
        return self[code]


def _folded_character(char: str) -> str:
    return nfc("".join(map(_letter_or_gap, _decomposed(char))).replace("đ", "d")).strip()


_SHOWN, _SHADOWS = _Shown(), _Shadows()


@lru_cache(maxsize=20_000)
def _word_keys(written: str) -> tuple[tuple[str, str], ...]:
    """Of what is written without a space, which can be several words yet."""
    return tuple(key for word in _decomposed(written).split() if (key := _word_key(word))[0])


def _word_key(word: str) -> tuple[str, str]:
    """Its letters, as bytes sort them, and its tone (tones, if it is no Vietnamese word)."""
    chars = [char for char in word if _counts(char)]
    tones = "".join(_TONES.get(char, "") for char in chars) or "0"
    toneless = nfc("".join(char for char in chars if char not in _TONES))
    letters = unicodedata.normalize("NFD", toneless.translate(_VIETNAMESE))
    return "".join(char for char in letters if not unicodedata.combining(char)), tones


def _part_key(words: list[tuple[str, str]]) -> str:
    """Letters before tones. Space sorts below the hyphen, so a part sorts before a longer one."""
    return "-".join(letters for letters, _ in words) + " " + "-".join(tones for _, tones in words)
