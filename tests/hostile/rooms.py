"""Rooms and instructors, and what they are booked for, as an operation asks for them."""

from tests.rooms import steps
from tests.world import Somebody

ONCE = {
    *("create_room_booking", "replace_room_booking", "remove_room_booking"),
    *("create_instructor_booking", "replace_instructor_booking", "remove_instructor_booking"),
    *("remove_instructor_unavailability", "create_instructor_unavailability"),
}
"""What is asked for is another one each time."""
IDS = {
    *("room_id", "room_booking_id", "instructor_id", "instructor_booking_id"),
    "instructor_unavailability_id",
}


async def made(keeper: Somebody, name: str) -> str:
    """The id of one of `IDS`."""
    add = steps.add_room if name.startswith("room") else steps.add_instructor
    thing = await add(keeper)
    if name.endswith("booking_id"):
        return str((await steps.booked(keeper, thing, "08-11"))["id"])
    if name.endswith("unavailability_id"):
        path = f"/instructors/{thing['id']}/unavailability"
        return str(steps.made(await keeper.post(path, json=steps.at("08-11")))["id"])
    return str(thing["id"])
