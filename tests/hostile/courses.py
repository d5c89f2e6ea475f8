"""Courses, sessions and calendars in the state that an operation asks for."""

from typing import Any

from tests.courses import steps
from tests.rooms.steps import add_instructor, add_room, at, made
from tests.world import Somebody, World

ONCE = {
    *("open_course", "close_course", "start_course", "complete_course", "cancel_course"),
    *("create_course_session", "move_course_session", "cancel_course_session"),
    *("hold_course_session", "remove_calendar"),
}
"""What is asked for is another one each time."""
IDS = {"course_id", "course_session_id", "calendar_id"}
NAMING = {
    *("create_course", "replace_course", "create_course_session", "replace_course_session"),
    *("move_course_session", "create_calendar", "replace_course_quotas"),
}
"""What names something else in its body."""
_AHEAD = ("open", "close", "start", "complete")
_DAYS = {"starts_on": "2026-03-02", "ends_on": "2027-12-31"}


async def course(world: World, keeper: Somebody, operation_id: str) -> dict[str, Any]:
    """In the state from which the operation goes on."""
    began = await steps.course(keeper, world, **_DAYS)
    verb = operation_id.removesuffix("_course")
    if verb in _AHEAD:
        held = await steps.planned(keeper, began, **at("08-10", "2026-03-02"))
        made(await steps.step(keeper, held, "hold"), 200)
        for before in _AHEAD[: _AHEAD.index(verb)]:
            made(await steps.step(keeper, began, before), 200)
    return began


async def made_for(world: World, keeper: Somebody, name: str, operation_id: str) -> str:
    """The id of one of `IDS`."""
    began = await course(world, keeper, operation_id)
    if name == "course_id":
        return str(began["id"])
    if name == "calendar_id":
        return str((await steps.calendar(keeper, course_id=began["id"]))["id"])
    past = operation_id == "hold_course_session"
    held = at("08-10", "2026-03-02" if past else "2026-12-07")
    return str((await steps.planned(keeper, began, **held))["id"])


async def named(world: World, keeper: Somebody, operation_id: str) -> dict[str, Any]:
    """What is in the body in the place of the document's examples."""
    if operation_id in ("create_course", "replace_course"):
        version = await steps.curriculum(keeper, world)
        taught = [{"module_id": version["modules"][0]["module_id"]}]
        rule = {"attendance_share": 80, "modalities": ["online"], "participation": "active"}
        said = {"modules": taught, "completion_rule": rule}
        return {"curriculum_version_id": version["id"]} | said
    if operation_id == "create_calendar":
        return {"course_id": (await steps.course(keeper, world))["id"]}
    if operation_id == "replace_course_quotas":
        quota = {"code": "A", "organization_ids": [str(keeper.organization)], "places": 2}
        return {"quotas": [quota]}
    here = {
        "rooms": steps.in_rooms(await add_room(keeper)),
        "instructors": steps.by(await add_instructor(keeper)),
    }
    if operation_id == "move_course_session":
        return here
    return {"module_id": None, "planned_minutes": None} | here
