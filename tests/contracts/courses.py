"""Courses of each place: one that is planned, one that others see, one to be cancelled."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.contracts.rights import Whose
from tests.courses.steps import add_course, calendar, in_rooms, planned, quotas, step
from tests.rooms.steps import add_room, at, made
from tests.world import Somebody

Targets = dict[str, dict[str, UUID]]
_TABLES = ("courses", "course_sessions", "session_meetings", "calendars")
MARCH = {"starts_on": "2027-03-01", "ends_on": "2027-03-31", "max_places": 60}
RULE = {"attendance_share": 70, "modalities": ["online"], "participation": "active"}


async def courses(
    keepers: Mapping[str, Somebody], version: UUID, places: Mapping[str, UUID], known: Targets
) -> Targets:
    """`known` are rooms and instructors, to which those that sessions are in are added."""
    targets: Targets = {table: {} for table in _TABLES}
    teaches = {"academy": ("self",), "academy open": ("colleague", "self")}
    for place, keeper in keepers.items():
        for day, name in enumerate((place, f"{place} open", f"{place} doomed"), 1):
            said = {"completion_rule": RULE, "nominations_until": "2027-02-20"}
            code = f"K-{uuid4().hex[:8]}"
            began = await add_course(keeper, {"id": str(version)}, code=code, **said, **MARCH)
            module = {"module_id": began["modules"][0]["module_id"]}
            room = await add_room(keeper, code=f"S-{uuid4().hex[:8]}")
            known["rooms"][name if name != place else f"{place} planned"] = UUID(room["id"])
            teachers = [known["instructors"][each] for each in teaches.get(name, ())]
            by = [{"instructor_id": str(teacher)} for teacher in teachers]
            here = {"rooms": in_rooms(room), "instructors": by}
            hours = at("08-10", f"2027-03-2{day}")
            held = await planned(keeper, began, mode="hybrid", **module, **here, **hours)
            link = {"url": "https://meet.example/j/1", "provider": "Zoom", "dial_in": "1"}
            path = f"/course-sessions/{held['id']}/meeting"
            made(await keeper.put(path, json=link, headers={"If-Match": "*"}), 200)
            both = [(f"{p}-{uuid4().hex[:4]}", 2, [places[p]]) for p in ("hue", "district")]
            made(await quotas(keeper, began, *both), 200)
            if name.endswith("open"):
                made(await step(keeper, began, "open"), 200)
            targets["courses"][name] = UUID(began["id"])
            for table in ("course_sessions", "session_meetings"):
                targets[table][name] = UUID(held["id"])
            address = await calendar(keeper, course_id=began["id"])
            targets["calendars"][name] = UUID(address["id"])
    await _teach_everywhere(keepers["academy"], targets["courses"], list(keepers), known)
    return targets


async def _teach_everywhere(
    admin: Somebody, planned_courses: Mapping[str, UUID], places: list[str], known: Targets
) -> None:
    """The Academy lends somebody of its pool to what each place plans."""
    teacher = [{"instructor_id": str(known["instructors"]["colleague"])}]
    for day, place in enumerate(places, 10):
        hours = at("13-15", f"2027-03-{day}")
        await planned(admin, {"id": planned_courses[place]}, instructors=teacher, **hours)


async def subscribe(callers: Mapping[str, Any], targets: Targets) -> None:
    """Calendars of some who call."""
    opened = {"course_id": str(targets["courses"]["academy open"])}
    theirs = {
        "instructor": {"instructor_id": str(targets["instructors"]["self"])},
        "coordinator of Hà Nội": opened,
        "coordinator of a region": opened,
        "learner": opened,
        "program of Hà Nội": opened,
    }
    for name, of in theirs.items():
        address = await calendar(callers[name].http, **of)
        targets["calendars"][name] = UUID(address["id"])


@dataclass(frozen=True)
class Courses:
    """Which courses others see, who teaches in them, and what is seen by them."""

    opened: frozenset[UUID]
    teachers: Mapping[UUID, frozenset[UUID]]
    """Users, by course and by session."""
    used: Mapping[UUID, frozenset[UUID]]
    """In which courses rooms and instructors are."""
    members: Mapping[UUID, frozenset[UUID]]
    """Whose quotas are."""

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Courses":
        for table in ("courses", "session_rooms", "session_instructors", "course_quota_members"):
            await owner.execute(f"alter table {table} no force row level security")
        opened = await owner.fetch("select id from courses where opened_at is not null")
        taught = await owner.fetch(
            "select s.course_id, s.session_id, i.user_id from session_instructors s"
            " join instructors i on i.id = s.instructor_id"
            " where s.released_at is null and i.user_id is not null"
        )
        used = await owner.fetch(
            "select room_id, course_id from session_rooms where released_at is null"
            " union select instructor_id, course_id from session_instructors"
            " where released_at is null"
        )
        members = await owner.fetch("select quota_id, member_id from course_quota_members")
        users = [(of, user) for course, session, user in taught for of in (course, session)]
        found = map(_grouped, (users, used, members))
        return cls(frozenset(id for (id,) in opened), *found)

    def shown(self, table: str, row: dict[str, Any], whose: Whose) -> Whose:
        """Whose a row is, with whom it is shown to."""
        nobody: frozenset[UUID] = frozenset()
        if table in ("rooms", "instructors"):
            of = self.used.get(UUID(row["id"]), nobody)
            users = nobody.union(*(self.teachers.get(course, nobody) for course in of))
            return replace(whose, published=bool(of & self.opened), audience=users)
        if table == "session_meetings":
            return replace(whose, audience=self.teachers.get(UUID(row["id"]), nobody))
        if table not in _OF_COURSE:
            return whose
        course = UUID(row["id" if table == "courses" else "course_id"])
        if table in ("course_quotas", "course_quota_members"):
            quota = UUID(row["id" if table == "course_quotas" else "quota_id"])
            given = self.members.get(quota, nobody)
            if table == "course_quota_members":
                given = frozenset({UUID(row["member_id"])})
            return replace(whose, audience=given if course in self.opened else nobody)
        if table == "meeting_logs":
            return replace(whose, audience=self.teachers.get(UUID(row["session_id"]), nobody))
        users = self.teachers.get(course, nobody)
        if table == "attendance_sheets":  # written on by who teaches the very session
            teacher = next(iter(self.teachers.get(UUID(row["id"]), nobody)), None)
            whose = replace(whose, account=teacher)
        return replace(whose, published=course in self.opened, audience=users)


def _grouped(pairs: Any) -> Mapping[UUID, frozenset[UUID]]:
    found = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}


_OF_COURSE = {
    *("attendance_sheets", "meeting_logs"),
    *("courses", "course_modules", "course_sessions", "session_rooms", "session_instructors"),
    *("course_quotas", "course_quota_members"),
}
