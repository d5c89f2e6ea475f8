"""What can be wrong with a row beyond its form: it contradicts the roster, the file, or itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from app.core.files.rows import RowError
from app.core.problems import in_words
from app.rosters.files.words import DAYS, LISTS, said

LONGEST_VALUE = 200
"""Characters of a wrong value that are kept to be shown."""


class Mistake(NamedTuple):
    """What is wrong with one value of a row, as whoever corrects the file reads it."""

    row_number: int
    external_id: str | None
    field: str
    code: str
    value: str | None
    message_vi: str
    message_en: str


class Fault(NamedTuple):
    """A kind of mistake: the field it is at, its code, and its message in English."""

    field: str
    code: str
    message: str

    def words(self, **facts: object) -> tuple[str, str]:
        """In Vietnamese and in English."""
        error = {"type": self.code, "msg": self.message.format(**facts), "ctx": facts}
        return in_words(error, "vi"), in_words(error, "en")

    def at(
        self, row_number: int, external_id: str | None, value: object = None, **facts: object
    ) -> Mistake:
        found = shown(self.field, value)
        return Mistake(row_number, external_id, self.field, self.code, found, *self.words(**facts))


ROW_NOT_READABLE = Fault(
    "row", "row_not_readable", "The row cannot be read. Compare it with the rows around it."
)
EXTERNAL_ID_TWICE = Fault(
    "external_id",
    "external_id_twice",
    "Rows {rows} have this external id and differ. Leave one of them.",
)
NATIONAL_ID_TWICE = Fault(
    "national_id",
    "national_id_twice",
    "Two rows have this national id. It is one person: leave one of them, or correct it.",
)
ONE_PERSON_TWICE = Fault(
    "external_id",
    "one_person_twice",
    "Two rows are the same person of your roster. Leave one of them.",
)
OF_ANOTHER_DATA_SET = Fault(
    "external_id",
    "of_another_data_set",
    "This person is kept by another data set of yours. Send them there, or under another id.",
)
NATIONAL_ID_TAKEN = Fault(
    "national_id",
    "national_id_of_another",
    "Somebody else on your roster has this national id. Correct one of the two.",
)
UNIT_UNKNOWN = Fault(
    "unit", "unit_not_found", "You have no unit with this code or id. Add it, or leave it out."
)
NAME_MISSING = Fault(
    "full_name", "needed_for_newcomers", "Nobody has this external id yet, so this is needed."
)
POSITION_MISSING = Fault("position_title", NAME_MISSING.code, NAME_MISSING.message)
BEFORE_RECRUITMENT = Fault(
    "position_since",
    "before_recruitment",
    "The position begins before `recruited_on`. Correct one of them.",
)
POSITION_BEFORE_ANOTHER = Fault(
    "position_since",
    "before_earlier_position",
    "An earlier position lasts longer than that. Give a later day.",
)
LEFT_BEFORE_POSITION = Fault(
    "status_since",
    "left_before_position",
    "They would have left before their position began. Correct one of the days.",
)


# Said instead of Pydantic's words, which name types and patterns; the code stays Pydantic's.
_EXTERNAL_ID_NEEDED = Fault(
    "external_id", "external_id_needed", "Each row needs the person's external id, as text."
)
_NO_SUCH_DAY = Fault(
    "row",
    "no_such_day",
    "There is no such day. Write it as 2026-12-31; in a workbook or CSV file 31/12/2026 does too.",
)
_NO_NATIONAL_ID = Fault(
    "national_id",
    "no_national_id",
    "A national id has 12 digits, or 9. Keep each 0 at its beginning.",
)
_NO_LANGUAGE = Fault(
    "languages",
    "no_language",
    "Each language needs its name and a level from 1 to 6, as in: Tiếng Anh: 4; fr: 2.",
)
_NOT_A_CHOICE = Fault("row", "not_a_choice", "Choose from: {choices}.")
_OF_LANGUAGES = ("string_pattern_mismatch", "int_type", "list_type", "missing")
_OF_RANGE = ("greater_than_equal", "less_than_equal")


def words_of(wrong: Mapping[str, Any], field: str) -> tuple[str, str]:
    """In Vietnamese and in English, as whoever fills in a table says it."""
    match field.partition(".")[0], wrong["type"]:
        case "external_id", "missing" | "string_type":
            return _EXTERNAL_ID_NEEDED.words()
        case name, "date_type" if name in DAYS:
            return _NO_SUCH_DAY.words()
        case "national_id", "string_pattern_mismatch":
            return _NO_NATIONAL_ID.words()
        case "languages", kind if kind in (*_OF_LANGUAGES, *_OF_RANGE):
            return _NO_LANGUAGE.words()
        case name, "literal_error" if name in LISTS:
            choices = (f"{words[0]} ({code})" for code, words in said()[name].items())
            return _NOT_A_CHOICE.words(choices="; ".join(choices))
    return in_words(wrong, "vi"), in_words(wrong, "en")


def of_row(error: RowError) -> Mistake:
    """What the reading of a table found wrong with one row."""
    kind = error.error
    wrong = {"type": kind.type, "msg": kind.message(), "ctx": kind.context}
    words = in_words(wrong, "vi"), in_words(wrong, "en")
    field = error.field or "row"
    return Mistake(error.number, None, field, kind.type, shown(field, error.value), *words)


def shown(field: str, value: object) -> str | None:
    """The value as whoever corrects the file finds it again; of a national id only the end."""
    if value is None:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()
    if field == "national_id":
        text = f"\N{HORIZONTAL ELLIPSIS}{text[-3:]}"
    return storable(text)


def storable(text: str) -> str:
    """As much of what somebody sent as can be kept, and is read."""
    text = text[:LONGEST_VALUE].encode("utf-8", "replace").decode()
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
