"""Who joined a meeting and left it when, as a report of Zoom or Microsoft Teams says.

Reports have sections. Teams tells of each person's first joining and last leaving, and below of
each time: the latter counts, where it is there. Old ones have a line for each joining and leaving.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from app.attendance.logs.moments import ORDERS, Order, moment
from app.attendance.logs.texts import Record, records, text_of
from app.attendance.problems import MeetingLogUnreadable, MeetingLogWithoutTimes

Provider = Literal["zoom", "teams"]


class Stay(NamedTuple):
    """Somebody in the meeting, by the clock of the report."""

    line: int
    name: str
    email: str | None
    joined: datetime
    left: datetime | None
    """None for who was still there."""
    minutes: int | None = None
    """Less than from joining to leaving, where these are the first and the last time."""


class Log(NamedTuple):
    """A report as it can be read."""

    provider: Provider
    meetings: frozenset[str]
    """Which meetings it says it is of: digits, or letters too; none, where it does not say."""
    stays: tuple[Stay, ...]


_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name (original name)", "full name", "name", "user name"),
    "email": ("user email", "email", "email address", "participant id (upn)"),
    "joined": ("join time",),
    "left": ("leave time",),
    "first": ("first join", "first join time"),
    "last": ("last leave", "last leave time"),
    "lasted": ("in-meeting duration", "duration"),
    "action": ("user action",),
    "moment": ("timestamp",),
    "total": ("total duration (minutes)", "duration (minutes)"),
    "meeting": ("meeting id", "id"),
    "waiting": ("in waiting room",),
}
_LASTED = re.compile(
    r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,5})\s*m(?:in)?)?\s*(?:(\d{1,6})\s*s)?", re.IGNORECASE
)
_ZOOM = frozenset({"name (original name)", "user email", "duration (minutes)", "guest"})
_TEAMS = frozenset(
    {"first join", "in-meeting duration", "user action", "participant id (upn)", "meeting title"}
)
_JOINED, _LEFT = ("joined", "joined before"), ("left",)
_MOST_STAYS = 20_000


@dataclass
class _Found:
    """What the sections of a report say, before it is known in which order days are written."""

    stays: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    spans: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    actions: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    meetings: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    totals: bool = False
    """Whether there is a table of people without times."""


def read(content: bytes) -> list[Log]:
    """As it reads in each order of days and months in which all of it can be read: one or two.

    Raises MeetingLogUnreadable, and MeetingLogWithoutTimes for who was there but not when.
    """
    found = _sections(records(text_of(content)))
    rows = found.stays or found.actions or found.spans
    if not rows:
        raise (MeetingLogWithoutTimes if found.totals else MeetingLogUnreadable)(line=1)
    if len(rows) > _MOST_STAYS:
        raise MeetingLogUnreadable(line=rows[_MOST_STAYS][0])
    provider: Provider = "teams" if found.words & _TEAMS else "zoom"
    logs: list[Log] = []
    wrong = 1
    for order in ORDERS:
        try:
            stays = tuple(_stays(found, order))
        except MeetingLogUnreadable as error:
            wrong = max(wrong, int(str(error.facts["line"])))
            continue
        if not logs or logs[0].stays != stays:
            logs.append(Log(provider, frozenset(found.meetings), stays))
    if not logs:
        raise MeetingLogUnreadable(line=wrong)
    return logs


def _sections(rows: Iterable[Record]) -> _Found:
    found, columns = _Found(), dict[str, int]()
    for line, cells in rows:
        words = [cell.lower().lstrip("\ufeff") for cell in cells]
        if not any(words):
            columns = {}
        elif headed := _columns(words):
            columns = headed
            found.words.update(words)
        elif len(words) > 1 and words[0] == "meeting id" and words[1]:
            found.meetings.add(number(cells[1]))
        elif columns:
            _row(found, columns, line, cells)
        else:
            found.words.add(words[0])
    found.meetings.discard("")
    return found


def _columns(words: list[str]) -> dict[str, int]:
    """Which column is what, of headings; none of what is no headings."""
    columns = {
        what: min((said.index(word), n) for n, word in enumerate(words) if word in said)[1]
        for what, said in _HEADINGS.items()
        if any(word in said for word in words)
    }
    named = columns.get("name")
    people = named is not None and columns.keys() & {"email", "joined", "first", "action", "total"}
    if not people and "meeting" not in columns:
        return {}
    if not people and len(words) < 3:  # noqa: PLR2004 -- "Meeting Id" and what it is
        return {}
    if named is not None:  # whose meeting it is, stands before
        said = _HEADINGS["email"]
        after = [n for n, word in enumerate(words) if word in said and n > named]
        columns |= {"email": after[0]} if after else {}
    return columns


def _row(found: _Found, columns: dict[str, int], line: int, cells: list[str]) -> None:
    row = {what: cells[place] for what, place in columns.items() if place < len(cells)}
    if said := row.get("meeting"):
        found.meetings.add(number(said))
    if not row.get("name") or row.get("waiting", "").lower() == "yes":
        return
    if "joined" in row:
        found.stays.append((line, row))
    elif "action" in row:
        found.actions.append((line, row))
    elif "first" in row:
        found.spans.append((line, row))
    elif "total" in row:
        found.totals = True


def _stays(found: _Found, order: Order) -> Iterable[Stay]:
    if found.stays:
        for line, row in found.stays:
            yield _stay(line, row, order, "joined", "left")
    elif found.actions:
        yield from _from_actions(found.actions, order)
    else:
        for line, row in found.spans:
            stay = _stay(line, row, order, "first", "last")
            yield stay._replace(minutes=_minutes(row.get("lasted", "")))


def _stay(line: int, row: dict[str, str], order: Order, joined: str, left: str) -> Stay:
    ended = row.get(left, "")
    until = _moment(ended, order, line) if ended else None
    return Stay(line, row["name"], _email(row), _moment(row[joined], order, line), until)


def _from_actions(rows: list[tuple[int, dict[str, str]]], order: Order) -> Iterable[Stay]:
    """Who leaves had joined before, and who joins twice has left in between unnoticed."""
    present: dict[str, Stay] = {}
    for line, row in rows:
        at, name, did = _moment(row.get("moment", ""), order, line), row["name"], row["action"]
        here = present.pop(name, None)
        if here is not None:
            yield here._replace(left=max(at, here.joined))
        if did.lower() in _JOINED:
            present[name] = Stay(line, name, _email(row), at, None)
        elif did.lower() not in _LEFT:
            raise MeetingLogUnreadable(line=line)
    yield from present.values()


def _moment(text: str, order: Order, line: int) -> datetime:
    found = moment(text, order)
    if found is None:
        raise MeetingLogUnreadable(line=line)
    return found


def _minutes(lasted: str) -> int | None:
    found = _LASTED.fullmatch(lasted)
    if not found or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 60 + minutes + round(seconds / 60)


def _email(row: dict[str, str]) -> str | None:
    said = row.get("email", "").lower()
    return said if "@" in said else None


def number(meeting: str) -> str:
    """As it is compared: "987 6543 2101" is 98765432101."""
    return "".join(char for char in meeting.lower() if char.isalnum())
