"""What can be wrong with a row beyond its form: it contradicts the roster, the file, or itself."""

from typing import NamedTuple

import msgspec

from app.core.problems import in_words
from app.rosters.files.rows import RowError

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
        said = shown(self.field, value)
        return Mistake(row_number, external_id, self.field, self.code, said, *self.words(**facts))


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


def of_row(error: RowError) -> Mistake:
    """What the reading of a table found wrong with one row."""
    kind = error.error
    said = {"type": kind.type, "msg": kind.message(), "ctx": kind.context}
    words = in_words(said, "vi"), in_words(said, "en")
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
