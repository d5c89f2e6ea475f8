"""Attendance of somebody who has a seat, reports of meetings, and what people learn themselves."""

from collections.abc import Mapping
from uuid import UUID

from tests.attendance.reports import zoom
from tests.attendance.steps import roll, send_log
from tests.rooms.steps import made
from tests.world import Somebody, everything

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
