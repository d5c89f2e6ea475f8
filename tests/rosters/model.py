"""What a roster should be after a file, worked out one person after the other, in plain Python."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from app.core.schemas import today

PLAIN = ("full_name", "phone", "rank", "attributes")
"""What follows from nothing but the row."""


@dataclass
class Person:
    """`held` are their positions, oldest first: title, first day, and the day it ended."""

    id: UUID
    said: dict[str, Any]
    held: list[list[str | None]]
    status: str = "active"
    missing: bool = False
    protected: set[str] = field(default_factory=set)

    def takes(self, row: dict[str, Any]) -> "Person | None":
        """The same person after the row; None when it cannot be."""
        after = deepcopy(self)
        for name in PLAIN:
            if name in row and name not in self.protected:
                after.said[name] = row[name]
        after.status = row.get("status") or ("active" if self.missing else self.status)
        after.missing = False
        title = row.get("position_title", self.held[-1][0])
        since = row.get("position_since")
        if since is None:
            since = self.held[-1][1]
            if title != self.held[-1][0]:
                since = max(str(today()), since)
        return after if after.holds(title, since) else None

    def holds(self, title: str, since: str) -> bool:
        last = self.held[-1]
        if since > last[1]:
            last[2] = since
            self.held.append([title, since, None])
        elif since < last[1] and any(until > since for _, _, until in self.held[:-1]):
            if self.held[-2][1:] != [since, last[1]]:
                return False
            self.held.pop()
            self.held[-1] = [title, since, None]
        else:
            last[:2] = title, since
        return True


class Roster:
    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.perhaps: set[tuple[str, UUID]] = set()
        """Keys of files, and who these may be: nobody decides."""

    def takes(self, rows: list[dict[str, Any]], *, full: bool, removals: bool) -> None:
        """A whole file; its rows have different keys."""
        keys = {row["external_id"] for row in rows}
        spared: set[str] = set()
        after: dict[str, Person] = {}
        gone: set[str] = set()
        for row in rows:
            key, known = row["external_id"], self._known(row, keys)
            whose, person = self._read(row, known, keys)
            spared |= whose
            if person is not None:
                after[key] = person
                gone |= {known} - {key, None}
        for key in gone:
            del self.people[key]
        if full and removals:
            for key, person in self.people.items():
                if key not in keys | spared:
                    person.missing = True
        self.people |= after

    def _read(
        self, row: dict[str, Any], known: str | None, keys: set[str]
    ) -> tuple[set[str], Person | None]:
        """Of whom it is or may be, and who they are by it, if that is certain."""
        key, wrong = row["external_id"], "colour" in row
        if known is not None:
            return {known}, None if wrong else self.people[known].takes(row)
        if wrong:
            return {k for k, who in self.people.items() if (key, who.id) in self.perhaps}, None
        if alike := self._alike(row, keys):
            self.perhaps |= {(key, self.people[other].id) for other in alike}
            return alike, None
        return set(), _newcomer(row) if "position_title" in row else None

    def _known(self, row: dict[str, Any], keys: set[str]) -> str | None:
        former = row.get("former_external_id")
        if row["external_id"] in self.people:
            return str(row["external_id"])
        return former if former in self.people and former not in keys else None

    def _alike(self, row: dict[str, Any], keys: set[str]) -> set[str]:
        """Under another key, which this file does not have."""
        return {
            key
            for key, person in self.people.items()
            if key not in keys and person.said["full_name"] == row["full_name"]
        }

    def by_hand(self, key: str, phone: str) -> None:
        person = self.people.get(key)
        if person is not None and person.said["phone"] != phone:
            person.said["phone"] = phone
            person.protected.add("phone")

    def described(self) -> dict[str, Any]:
        return {
            key: {
                **person.said,
                "status": person.status,
                "missing": person.missing,
                "protected": sorted(person.protected),
                "held": person.held,
            }
            for key, person in self.people.items()
        }


def _newcomer(row: dict[str, Any]) -> Person:
    said = {"phone": None, "rank": None, "attributes": {}}
    said |= {name: row[name] for name in PLAIN if row.get(name) is not None}
    since = row.get("position_since", str(today()))
    held: list[list[str | None]] = [[row["position_title"], since, None]]
    return Person(uuid4(), said, held, row.get("status", "active"))
