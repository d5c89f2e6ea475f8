"""Nominations of each place for a course of the Academy, and whose rows that makes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from tests.contracts.courses import Courses
from tests.contracts.rights import Whose
from tests.rooms.steps import made
from tests.world import Somebody, add_learner, everything

Targets = dict[str, dict[str, UUID]]
LETTER = {"number": "123/K", "date": "2026-11-16", "hash": "0a" * 32}
_OF_NOMINATION = {"nomination_steps", "learner_bookings", "attendance_entries"}


async def nominations(
    admin: Somebody, keepers: Mapping[str, Somebody], targets: Targets
) -> Targets:
    """The Academy nominates, for the last day for others is over: of each place somebody who stays,
    and somebody who is withdrawn. `self` has a seat, and is known to all who may know them."""
    course = targets["courses"]["academy open"]
    found: Targets = {"nominations": {}, "nomination_steps": {}}

    async def nominated(name: str, id: str, of: UUID = course) -> None:
        body = {"letter": LETTER, "learners": [{"learner_id": id}]}
        told = made(await admin.post(f"/courses/{of}/nominations", json=body), 200)
        await noted(name, told["people"][0]["nomination_id"])

    async def noted(name: str, id: str) -> None:
        found["nominations"][name] = UUID(id)
        (step, *_) = await everything(admin, "/nomination-steps", nomination=id)
        found["nomination_steps"][name] = UUID(step["id"])

    for place, keeper in keepers.items():
        for name in (place, f"{place} doomed"):
            await nominated(name, (await add_learner(keeper))["id"])
    for host in ("hue", "region"):
        hosted = targets["courses"][f"{host} open"]
        for name in (f"hosted by {host}", f"hosted by {host} doomed"):
            await nominated(name, (await add_learner(keepers["hanoi"]))["id"], of=hosted)
    await _released(admin, keepers["hue"], targets["courses"]["region open"])
    seated = {"learners": [{"learner_id": (await add_learner(keepers["district"]))["id"]}]}
    made(await admin.post(f"/courses/{course}/enrolments", json=seated), 200)
    for hosted in ("academy open", "hue open"):
        await _released(admin, keepers["hue"], targets["courses"][hosted])
    beside = (await add_learner(keepers["hanoi"]))["id"]  # so that there are two
    ids = (str(targets["learners"]["self"]), beside)
    by_hand = {"learners": [{"learner_id": id} for id in ids]}
    told = made(await admin.post(f"/courses/{course}/enrolments", json=by_hand), 200)
    await noted("self", told["people"][0]["nomination_id"])
    return found


async def _released(admin: Somebody, keeper: Somebody, course: UUID) -> None:
    """More wait than their quota has places, so that it is given some of others."""
    people = [{"learner_id": (await add_learner(keeper))["id"]} for _ in range(3)]
    body = {"letter": LETTER, "learners": people}
    told = made(await admin.post(f"/courses/{course}/nominations", json=body), 200)
    for decision in ("check", "wait_list"):
        decisions = [
            {"nomination_id": each["nomination_id"], "decision": decision, "may_overlap": True}
            for each in told["people"]
        ]
        path = f"/courses/{course}/decisions"
        made(await admin.post(path, json={"decisions": decisions}), 200)
    assert made(await admin.post(f"/courses/{course}/release", json={}), 200)["moves"]


@dataclass(frozen=True)
class Nominations:
    """Who is nominated by whom, for whose course, and who teaches in it."""

    courses: Courses
    known: Mapping[UUID, Any]

    @classmethod
    async def of(cls, owner: asyncpg.Connection, courses: Courses) -> "Nominations":
        await owner.execute("alter table nominations no force row level security")
        columns = "id, organization_id, host_id, learner_id, course_id, pool_id"
        rows = await owner.fetch(f"select {columns} from nominations")
        return cls(courses, {row["id"]: row for row in rows})

    def shown(self, table: str, row: dict[str, Any], whose: Whose) -> Whose:
        nobody: frozenset[UUID] = frozenset()
        if table in _OF_NOMINATION:
            of = self.known[UUID(row["nomination_id"])]
            whose = replace(
                whose,
                account=UUID(int=row["code_step"]) if row.get("code_step") else None,
                organization=of["organization_id"],
                shared=of["host_id"],
                learner=of["learner_id"],
            )
        if table in _OF_NOMINATION or table == "nominations":
            teachers = self.courses.teachers.get(UUID(row["course_id"]), nobody)
            return replace(whose, audience=teachers)
        if table == "session_meetings":
            course = UUID(row["course_id"])
            seated = {
                of["learner_id"]
                for of in self.known.values()
                if of["pool_id"] is not None and of["course_id"] == course
            }
            return replace(whose, audience=whose.audience | seated)
        if table == "seat_pools":
            opened = UUID(row["course_id"]) in self.courses.opened
            if row["quota_id"] is None:
                return replace(whose, published=opened)
            members = self.courses.members.get(UUID(row["quota_id"]), nobody)
            return replace(whose, audience=members if opened else nobody)
        return whose
