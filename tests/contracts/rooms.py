"""A room of each place and what it is booked for; instructors, one of whom calls."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.rooms.steps import add_instructor, add_room, at, booked, made
from tests.world import Somebody, World

Targets = dict[str, dict[str, UUID]]


async def rooms(admin: Somebody, keepers: Mapping[str, Somebody]) -> Targets:
    targets: Targets = {table: {} for table in ("rooms", "room_bookings")}
    for place, keeper in keepers.items():
        room = await add_room(keeper, code=f"P-{uuid4().hex[:8]}")
        booking = await booked(keeper, room, "08-11", **at("08-11", day="2026-01-05"))
        await booked(keeper, room, "08-11", tentative=True, **at("10-12", day="2026-01-05"))
        targets["rooms"][place] = UUID(room["id"])
        targets["room_bookings"][place] = UUID(booking["id"])
    return targets | await _instructors(admin)


async def _instructors(admin: Somebody) -> Targets:
    tables = ("instructors", "instructor_contacts")
    tables += ("instructor_unavailability", "instructor_bookings")
    targets: Targets = {table: {} for table in tables}
    for name in ("self", "colleague", "stranger"):
        instructor = await add_instructor(admin, full_name=f"Trần {uuid4().hex} Hoà")
        path = f"/instructors/{instructor['id']}"
        away = made(await admin.post(f"{path}/unavailability", json=at("08-11", day="2026-01-06")))
        booking: dict[str, Any] = await booked(
            admin, instructor, "08-11", **at("08-11", day="2026-01-05")
        )
        found = (instructor, instructor, away, booking)
        for table, row in zip(tables, found, strict=True):
            targets[table][name] = UUID(row["id"])
    return targets


async def join_the_pool(world: World, caller: Any, instructors: Mapping[str, UUID]) -> None:
    """The account of one of them."""
    values = {"user": caller.subject, "id": instructors["self"]}
    async with world.session() as session:
        await session.execute(text("update instructors set user_id = :user where id = :id"), values)
