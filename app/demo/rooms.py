"""Rooms of the Academy, its pool of instructors, as `rooms.toml` has them, and what is booked."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples
from app.demo.people import AS_OF
from app.learners.names import computed
from app.rooms.instructor_models import (
    Instructor,
    InstructorBooking,
    InstructorContact,
    InstructorUnavailability,
)
from app.rooms.models import Room, RoomBooking

ZONE = "Asia/Ho_Chi_Minh"
_FILE = Path(__file__).with_name("rooms.toml")


async def add(session: AsyncSession, academy: UUID) -> None:
    """One of the instructors is the account of that role."""
    said = tomllib.loads(_FILE.read_text("utf-8"))
    rooms = [_room(academy, said["address"], *each) for each in said["rooms"]]
    session.add_all(rooms)
    pool = [_instructor(k, *each) for k, people in said["instructors"].items() for each in people]
    session.add_all(pool)
    pool[0].id, pool[0].user_id = examples.INSTRUCTOR, examples.USER
    pool[1].id = examples.DESCRIBED_INSTRUCTOR
    await session.flush()
    for number, instructor in enumerate(pool, 1):
        address, phone = f"giang.vien.{number}@academy.example", f"+84000{900_000 + number:06}"
        session.add(InstructorContact(id=instructor.id, email=address, phone=phone))
    session.add_all(_booked(academy, rooms))
    session.add_all(_engaged(pool))
    await session.flush()


def _room(
    academy: UUID, address: str, code: str, name_vi: str, name_en: str, capacity: int, has: str
) -> Room:
    return Room(
        organization_id=academy,
        code=code,
        name_vi=name_vi,
        name_en=name_en,
        address=address,
        capacity=capacity,
        equipment=sorted(has.split()),
        zone=ZONE,
        **({"id": examples.ROOM} if code == "A-301" else {}),
    )


def _instructor(
    kind: str, full_name: str, affiliation: str, expertise: str, languages: str
) -> Instructor:
    speaks = sorted((each[:-1], int(each[-1])) for each in languages.split())
    return Instructor(
        kind=kind,
        full_name=full_name,
        affiliation=affiliation,
        expertise=sorted(expertise.split()),
        languages=[{"language": code, "level": n, "evidence": None} for code, n in speaks],
        **computed(full_name),
    )


def _booked(academy: UUID, rooms: list[Room]) -> list[RoomBooking]:
    """Maintenance, and what may come: two bookings of one morning, of which one is tentative."""
    by_code = {room.code: room for room in rooms}
    planned: tuple[tuple[str, int, str, dict[str, Any]], ...] = (
        ("A-301", 6, "Bảo trì máy chiếu", {"id": examples.ROOM_BOOKING}),
        ("A-301", 7, "Đặt nhầm phòng", {"id": examples.UNWANTED_ROOM_BOOKING}),
        ("HT-A", 8, "Bảo trì hệ thống âm thanh", {}),
        ("HT-B", 9, "Tiếp đoàn khách quốc tế", {}),
        ("HT-B", 9, "Hội thảo (dự kiến)", {"tentative": True}),
    )
    return [
        RoomBooking(
            organization_id=academy,
            room_id=by_code[code].id,
            reason=reason,
            **_morning(days),
            **more,
        )
        for code, days, reason, more in planned
    ]


def _engaged(pool: list[Instructor]) -> list[InstructorBooking | InstructorUnavailability]:
    first, second, *_ = pool
    marking = {"instructor_id": first.id, "reason": "Chấm bài kiểm tra"}
    board = {"instructor_id": first.id, "reason": "Hội đồng thẩm định chương trình"}
    away = {"instructor_id": first.id, "reason": "Đi công tác"}
    return [
        InstructorBooking(id=examples.INSTRUCTOR_BOOKING, **marking, **_morning(6)),
        InstructorBooking(id=examples.UNWANTED_INSTRUCTOR_BOOKING, **board, **_morning(7)),
        InstructorUnavailability(
            id=examples.INSTRUCTOR_UNAVAILABILITY, **away, **_morning(13, lasts=48)
        ),
        InstructorUnavailability(id=examples.ENDED_UNAVAILABILITY, **away, **_morning(20)),
        InstructorUnavailability(instructor_id=second.id, **_morning(6, lasts=24 * 5)),
    ]


def _morning(days: int, lasts: float = 3.5) -> dict[str, datetime]:
    """So many days after the day of the demonstration, for so many hours."""
    day: date = AS_OF + timedelta(days=days)
    begins = datetime.combine(day, time(8), ZoneInfo(ZONE))
    return {"starts_at": begins, "ends_at": begins + timedelta(hours=lasts)}
