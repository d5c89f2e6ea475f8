"""From a cell to text and back.

In files a value that a spreadsheet would take for a formula has an apostrophe before it, as
spreadsheets themselves write text that is to stay text. Reading takes it off again, and only it.
"""

from app.core.files.rows import Cell
from app.core.text import nfc

FORMULA = ("=", "+", "-", "@", "\t", "\r")
TEXT = "'"
"""Before a text that would be read as something else."""
MARKED = tuple(TEXT + first for first in (*FORMULA, TEXT))
_LONGEST = 4000
"""Characters; longer text is refused in any case, and normalizing it takes quadratic time."""
PRECISE = 2**53
"""Numbers beyond are not what a spreadsheet, or JSON, says they are."""


def plain(cell: Cell) -> str:
    """The cell as text: a number without ".0", white space taken off."""
    if isinstance(cell, str):
        as_it_is = len(cell) > _LONGEST or cell.isascii()
        return cell.strip() if as_it_is else nfc(cell).strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= PRECISE:
        return str(int(cell))
    return "" if cell is None else str(cell)


def text(cell: Cell) -> str | None:
    said = plain(cell)
    return (said[1:] if said.startswith(MARKED) else said) or None


def neutral(said: str) -> str:
    """No spreadsheet takes it for a formula; what looks neutralised already is told apart."""
    return TEXT + said if said.startswith((*FORMULA, *MARKED)) else said
