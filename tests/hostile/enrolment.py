"""Nominations, and courses that are open for them, in the state that an operation asks for."""

from typing import Any

from tests.enrolment import steps
from tests.world import Somebody, World

ONCE = {"withdraw_nomination", "substitute_nominee"}
"""What is asked for is another one each time."""
OPEN = {
    *("nominate", "enrol_by_hand", "decide_on_nominations", "promote", "release_places"),
    *("get_course_seats", "explain"),
}
"""What asks for a course that is open."""
NAMING = {"nominate", "enrol_by_hand", "decide_on_nominations", "substitute_nominee"}
"""What names somebody in its body."""


async def made(
    world: World, academy: Somebody, hanoi: Somebody, name: str, operation_id: str
) -> str:
    """The id of a course that is open, or of a nomination for one."""
    course = await steps.opened(academy, world)
    if name == "course_id":
        return str(course["id"])
    (id,) = await steps.nominated(hanoi, course, await steps.people(hanoi, 1))
    return str(id)


async def named(
    academy: Somebody, hanoi: Somebody, path: dict[str, str], operation_id: str
) -> dict[str, Any]:
    """What is in the body in the place of the document's examples."""
    (learner,) = await steps.people(hanoi, 1)
    if operation_id == "substitute_nominee":
        return {"learner_id": learner}
    if operation_id == "decide_on_nominations":
        ids = await steps.nominated(hanoi, {"id": path["course_id"]}, [learner])
        return {"decisions": [{"nomination_id": ids[0], "decision": "check"}]}
    return {"learners": [{"learner_id": learner}]}
