"""Sessions with somebody in them, reports of meetings, and what somebody learnt."""

from typing import Any

from tests.attendance import steps
from tests.attendance.reports import zoom
from tests.contracts.attendance import SAID
from tests.hostile.operations import Request
from tests.rooms.steps import made
from tests.world import Somebody, World, add_learner

ONCE = {
    *("check_in", "check_out", "decide_results", "apply_meeting_log", "discard_meeting_log"),
    *("confirm_learning_record", "refuse_learning_record", "replace_learning_record"),
}
"""What is asked for is another one each time."""
IDS = {"meeting_log_id", "learning_record_id"}
SESSIONS = {
    *(
        "get_attendance_sheet",
        "replace_attendance_sheet",
        "check_in",
        "check_out",
        "show_attendance_code",
    ),
    *("enter_attendance_code", "get_standing", "decide_results"),
}
"""Of what an address names a session, somebody's nomination, or a course that is over."""
NAMING = {"replace_attendance_sheet", "check_in", "check_out", "enter_attendance_code"}
"""What names somebody who is there, or is said by them."""


_SAID = {"in_person_minutes": 20, "excused": True, "document": "Giấy phép"}
REPORT = zoom(("Trần Ngọc Lan", "", "2026-03-03 08:00", "2026-03-03 09:00"))


class Arranged:
    """Makes what operations need to find."""

    def __init__(self, world: World, academy: Somebody, hanoi: Somebody) -> None:
        self._world, self._academy, self._hanoi = world, academy, hanoi
        self._learner: dict[str, Any] = {}

    async def session(self, operation_id: str) -> str:
        """That goes on now, with somebody in it, who is checked in where they are to leave."""
        hours = steps.now(mode="hybrid")
        course, (held,) = await steps.running(
            self._academy, self._world, hours, **steps.around_now()
        )
        self._learner = await add_learner(self._hanoi)
        (nomination,) = await steps.enrol(self._world, course, self._learner)
        if operation_id == "get_standing":
            return nomination
        if operation_id == "check_out":
            path = f"/course-sessions/{held['id']}/check-in"
            made(await self._academy.post(path, json=self.named()))
        return str(held["id"])

    def named(self) -> dict[str, Any]:
        return {"learner_id": self._learner["id"]}

    async def completed(self, operation_id: str, request: Request) -> None:
        """What the document's examples cannot know."""
        if operation_id == "replace_attendance_sheet":
            request.body["learners"] = [self.named() | _SAID]
        elif operation_id == "enter_attendance_code":
            learner = await steps.as_learner(self._world, self._learner)
            request.headers["Authorization"] = learner.headers["Authorization"]
            shown = f"/course-sessions/{request.path['course_session_id']}/attendance-code"
            request.body["code"] = made(await self._academy.post(shown), 200)["code"]
        else:
            request.body |= self.named()

    async def made(self, name: str, operation_id: str) -> str:
        """The id of one of `IDS`, or of a session."""
        if operation_id == "decide_results":
            course, (held,) = await steps.running(self._academy, self._world, steps.day(1))
            (learner,) = await steps.officers(self._hanoi, "Trần Ngọc Lan")
            await steps.enrol(self._world, course, learner)
            await steps.present(self._academy, held, **{learner["id"]: 180})
            return str(course["id"])
        if operation_id in SESSIONS:
            return await self.session(operation_id)
        if name == "learning_record_id":
            learner = await add_learner(self._hanoi)
            path = f"/learners/{learner['id']}/learning-records"
            return str(made(await self._hanoi.post(path, json=SAID))["id"])
        day = steps.day(2, mode="online")
        course, (held,) = await steps.running(self._academy, self._world, day)
        people = await steps.officers(self._hanoi, "Trần Ngọc Lan")
        await steps.enrol(self._world, course, *people)
        if operation_id == "send_meeting_log":
            return str(held["id"])
        return str(made(await steps.send_log(self._academy, held, REPORT))["id"])
