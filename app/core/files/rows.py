"""What a file gives for each of its rows."""

from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

Cell = str | int | float | bool | None
"""As a file has it, days as ISO has them; a CSV file has text only."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as JSON would say it: `values` by the names of fields.

    `number` is what people see in the file: Excel's row number, in a CSV file the line on which
    the row begins. A field whose column the file lacks is not among the values; one whose cell is
    empty is None ([] for lists).
    """

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that cannot be taken, though the others can. `error` has a code and a message."""

    number: int
    field: str | None
    value: str | None
    error: PydanticCustomError


def cell_without_heading() -> PydanticCustomError:
    return PydanticCustomError(
        "cell_without_heading", "A cell stands where no column has a heading."
    )


def letters_lost() -> PydanticCustomError:
    return PydanticCustomError(
        "letters_lost", "Letters were lost when the file was saved. Write them anew."
    )
