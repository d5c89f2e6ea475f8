"""Attendance of somebody who has seats, reports of meetings, and what people learn themselves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.attendance.reports import zoom
from tests.attendance.steps import around_now, enrol, now, roll, running, send_log
from tests.rooms.steps import made
from tests.world import Somebody, World, everything

Targets = dict[str, dict[str, UUID]]
SAID = {
    "kind": "self_study",
    "title": "Tự học",
    "hours": 12.5,
    "began_on": "2026-09-01",
    "ended_on": "2026-09-30",
    "description": "Giáo trình",
    "evidence": "Vở bài tập",
    "mentor": "Trưởng phòng",
}


async def attendance(admin: Somebody, keepers: Mapping[str, Somebody], targets: Targets) -> Targets:
    """Who is excused may be said of sessions to come; reports are read, and not applied."""
    sessions = targets["course_sessions"]
    session = {"id": str(sessions["academy open"])}
    self = str(targets["learners"]["self"])
    excused = {"learner_id": self, "excused": True, "document": "Giấy phép"}
    made(await roll(admin, session, excused), 200)
    made(await roll(admin, session, excused | {"document": "Giấy phép số 2"}), 200)
    entry, _corrected = await everything(admin, "/attendance-entries", learner=self)
    found: Targets = {"attendance_sheets": dict(sessions), "meeting_logs": {}}
    found["attendance_entries"] = {"self": UUID(entry["id"])}
    found["learning_records"] = {}
    by_hand = {"learners": [{"learner_id": self}], "may_overlap": True}
    for host in ("hanoi", "region", "district"):
        course, held = (str(targets[t][f"{host} open"]) for t in ("courses", "course_sessions"))
        made(await admin.post(f"/courses/{course}/enrolments", json=by_hand), 200)
        made(await roll(admin, {"id": held}, excused), 200)
        (entry,) = await everything(admin, "/attendance-entries", course=course)
        found["attendance_entries"][f"hosted by {host}"] = UUID(entry["id"])
    for place, keeper in keepers.items():
        held = made(await keeper.get(f"/course-sessions/{sessions[place]}"), 200)
        times = (held["starts_at"][:16], held["ends_at"][:16])
        report = zoom(("Ai đó", "ai@x.example", *times), meeting="")
        log = made(await send_log(keeper, held, report, zone="UTC"))
        found["meeting_logs"][place] = UUID(log["id"])
    for name, id in targets["learners"].items():
        path = f"/learners/{id}/learning-records"
        found["learning_records"][name] = UUID(made(await admin.post(path, json=SAID))["id"])
    return found


async def attend(world: World, callers: Mapping[str, Any], targets: Targets) -> None:
    """The learner is at a session that goes on, enters its code, and says what they learn."""
    admin, learner = callers["Academy administrator"].http, callers["learner"].http
    self = {"id": str(targets["learners"]["self"])}
    course, (held,) = await running(admin, world, now(), **around_now())
    await enrol(world, course, self)
    path = f"/course-sessions/{held['id']}"
    shown = made(await admin.post(f"{path}/attendance-code"), 200)
    entry = made(await learner.post(f"{path}/present", json={"code": shown["code"]}))
    targets["attendance_entries"]["by a code"] = UUID(entry["id"])
    said = made(await learner.post(f"/learners/{self['id']}/learning-records", json=SAID))
    targets["learning_records"]["said by themselves"] = UUID(said["id"])
