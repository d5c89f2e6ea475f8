"""Days and hours as reports of meetings write them.

Reports are in the language and zone of whoever took them, and say neither: 3/4/2026 is in March or
in April. So a whole report is read in each order, and the one is taken in which all of it is a time
and which is closest to the session.
"""

import re
from datetime import datetime
from functools import partial
from typing import Literal

Order = Literal["month first", "day first"]
ORDERS: tuple[Order, ...] = ("month first", "day first")

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[ap]m|sa|ch))?"
_BETWEEN = r"[,\sT]\s*"
_pattern = partial(re.compile, flags=re.IGNORECASE)
_WRITTEN = (
    _pattern(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_BETWEEN}{_CLOCK}Z?"),
    _pattern(
        rf"(?P<first>\d{{1,2}})[/.-](?P<then>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d\d)"
        rf"{_BETWEEN}{_CLOCK}"
    ),
    _pattern(
        rf"(?P<name>[a-z]{{3}})[a-z]*\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})"
        rf"{_BETWEEN}{_CLOCK}"
    ),
)
_AFTERNOON, _HALVES = ("pm", "ch"), ("am", "pm", "sa", "ch")
_THIS_CENTURY = 2000


def moment(text: str, order: Order) -> datetime | None:
    """By the clock of the report; None for what is no time."""
    plain = " ".join(text.split())  # narrow spaces stand before AM and PM
    for pattern in _WRITTEN:
        if found := pattern.fullmatch(plain):
            return _of({name: value or "" for name, value in found.groupdict().items()}, order)
    return None


def _of(said: dict[str, str], order: Order) -> datetime | None:
    if "first" in said:
        month, day = (said["first"], said["then"])[:: 1 if order == "month first" else -1]
    elif "name" in said:
        name = said["name"].lower()
        month, day = str(_MONTHS.index(name) + 1) if name in _MONTHS else "0", said["day"]
    else:
        month, day = said["month"], said["day"]
    year, hour, half = int(said["year"]), int(said["hour"]), said["half"].lower()
    if half in _HALVES:
        hour = hour % 12 + 12 * (half in _AFTERNOON)
    try:
        return datetime(  # noqa: DTZ001 -- in whose zone, whoever reads the report says
            year + _THIS_CENTURY * (year < 100),  # noqa: PLR2004 -- two digits
            *(int(month), int(day), hour, int(said["minute"]), int(said["second"] or 0)),
        )
    except ValueError:
        return None
