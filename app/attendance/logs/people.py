"""Whose stays are whose, and for how long they were there."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.attendance.logs.reading import Log, Stay, read
from app.core.text import fold

Interval = tuple[datetime, datetime]
By = Literal["email", "name"]
_SECONDS, _HALF = 60, 30
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_PARTS = re.compile(r"\s+[-–—|/]\s+|[|_]")
_NOBODY = frozenset(map(fold, ("", "Guest", "Khách", "Unverified", "Chưa xác minh", "External")))


class Meeting(NamedTuple):
    """When a session was, and by whose clock its report is written."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo


class Enrolled(NamedTuple):
    """Who may be in a report."""

    learner_id: UUID
    full_name: str
    email: str | None


@dataclass(frozen=True)
class Person:
    """Somebody in a report: one name and address."""

    name: str
    email: str | None
    present: tuple[Interval, ...]
    """Within the session, in UTC, apart from each other and in order."""
    minutes: int
    learner_id: UUID | None
    """Whom the report's name or address is of; None where it may be nobody, or several."""
    matched_by: By | None
    candidates: tuple[UUID, ...]
    """Who else it may be."""


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time, in as few intervals as there are. What ends before it begins is nothing."""
    merged: list[Interval] = []
    for begins, ends in sorted(pair for pair in intervals if pair[0] < pair[1]):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return merged


def minutes(intervals: Iterable[Interval]) -> int:
    """Of all of them together, to the nearest minute."""
    lasted = sum((ends - begins for begins, ends in union(intervals)), timedelta())
    return int(lasted.total_seconds() + _HALF) // _SECONDS


def closest(logs: Sequence[Log], of: Meeting) -> Log:
    """Of the ways in which a report can be read, the one with most of the session in it."""
    return max(logs, key=lambda log: minutes(_within(stay, of) for stay in log.stays))


def people(log: Log, of: Meeting, enrolled: Collection[Enrolled]) -> list[Person]:
    """Everybody in a report, in its order; of those outside of the session, that they were."""
    grouped = defaultdict(list)
    for stay in log.stays:
        grouped[stay.email or stay.name.casefold()].append(stay)
    by_email, by_name = _known(enrolled)
    return [_person(stays, of, by_email, by_name) for stays in grouped.values()]


def understood(
    content: bytes, of: Meeting, enrolled: Collection[Enrolled]
) -> tuple[Log, list[Person]]:
    """A report from its bytes to the people in it. Raises MeetingLogUnreadable, and
    MeetingLogWithoutTimes."""
    log = closest(read(content), of)
    return log, people(log, of, enrolled)


def _person(
    stays: list[Stay],
    of: Meeting,
    by_email: Mapping[str, set[UUID]],
    by_name: Mapping[str, set[UUID]],
) -> Person:
    first = stays[0]
    present = tuple(union(_within(stay, of) for stay in stays))
    told = [stay.minutes for stay in stays if stay.minutes is not None]
    lasted = minutes(present)
    found: set[UUID] = by_email.get(first.email or "", set())
    by: By = "email"
    if not found:
        found, by = _called(first.name, by_name), "name"
    one = next(iter(found)) if len(found) == 1 else None
    return Person(
        name=first.name,
        email=first.email,
        present=present,
        minutes=min(lasted, sum(told)) if told else lasted,
        learner_id=one,
        matched_by=by if one else None,
        candidates=() if one else tuple(sorted(found)),
    )


def _called(name: str, by_name: Mapping[str, set[UUID]]) -> set[UUID]:
    """Whom a name is of as it stands, or without what people add to it; with its accents if that
    finds anybody, for Hoa and Hoà are two names, and without them for who leaves them out."""
    versions = _versions(name)
    for version in (*versions, *map(fold, versions)):
        if found := by_name.get(version):
            return found
    return set()


def _versions(name: str) -> list[str]:
    """A name, what is outside and inside of brackets, and the parts between dashes."""
    outside = _IN_BRACKETS.sub(" ", name)
    said = [name, outside, *_IN_BRACKETS.findall(name), *_PARTS.split(outside)]
    return [" ".join(each.casefold().split()) for each in said if fold(each) not in _NOBODY]


def _known(enrolled: Collection[Enrolled]) -> tuple[dict[str, set[UUID]], dict[str, set[UUID]]]:
    by_email, by_name = defaultdict(set), defaultdict(set)
    for each in enrolled:
        for key in {each.full_name.casefold(), fold(each.full_name)}:
            by_name[key].add(each.learner_id)
        if each.email:
            by_email[each.email.lower()].add(each.learner_id)
    return by_email, by_name


def _within(stay: Stay, of: Meeting) -> Interval:
    """As far as it is in the session; who was still there stayed to its end."""
    begins = _utc(stay.joined, of.zone)
    ends = of.ends_at if stay.left is None else _utc(stay.left, of.zone)
    return max(begins, of.starts_at), min(ends, of.ends_at)


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    try:
        return moment.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # of the years 1 and 9999
        return moment.replace(tzinfo=UTC)
