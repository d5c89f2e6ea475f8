"""What packages above count on: bookings for subjects of theirs, and no waiting for each other."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.failures import problem_of
from app.core.problems import NotFound
from app.rooms import service
from app.rooms.instructor_models import Instructor
from app.rooms.models import Room
from app.rooms.service import Subject, Time
from tests.courses.steps import course, planned
from tests.rooms.steps import add_instructor, add_room, at, book
from tests.world import everything, problem

MORNING = Time(datetime(2027, 3, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, 4, tzinfo=UTC))
DAY_AFTER = Time(*(moment + timedelta(days=1) for moment in MORNING))
_BOOK = text("""
  insert into room_bookings (organization_id, room_id, starts_at, ends_at, reason)
  select organization_id, id, :begins, :ends, 'SQL' from rooms where id = :room
""")


_MOVE = text("update course_sessions set starts_at = :begins, ends_at = :ends where id = :id")


async def session_at(academy, course, time):
    """A subject that package courses has: a session."""
    times = {name: moment.isoformat() for name, moment in time._asdict().items()}
    held = await planned(academy, course, **times)
    return Subject(academy.organization, UUID(held["id"]))


@pytest.fixture
async def began(academy, world):
    return await course(academy, world)


@pytest.fixture
async def subject(academy, began):
    return await session_at(academy, began, MORNING)


@pytest.fixture
async def room(academy):
    return await add_room(academy)


@pytest.fixture
async def instructor(academy):
    return await add_instructor(academy)


async def hold(world, room, instructor, subject, time=MORNING, **how):
    async with world.session() as session:
        rooms, instructors = [UUID(room["id"])], [UUID(instructor["id"])]
        await service.take_turns(session, rooms, instructors)
        held = await session.get_one(Room, rooms[0])
        teaches = await session.get_one(Instructor, instructors[0])
        await service.book_room(session, held, time, subject, **how)
        await service.book_instructor(session, teaches, time, subject, **how)


async def move(session, subject, time):
    values = {"id": subject.id, "begins": time.starts_at, "ends": time.ends_at}
    await session.execute(_MOVE, values)


async def of(academy, room, instructor):
    rows = await everything(academy, "/room-bookings", room=room["id"])
    return rows + await everything(academy, "/instructor-bookings", instructor=instructor["id"])


async def test_a_subject_holds_a_room_and_who_teaches_in_it(
    world, academy, room, instructor, subject
):
    await hold(world, room, instructor, subject)
    for row in await of(academy, room, instructor):
        assert row["subject_id"] == str(subject.id)
        assert row["subject_organization_id"] == str(subject.organization_id)
        assert row["starts_at"] == "2027-03-01T01:00:00.000Z"
    assert problem(await book(academy, room, "08-09")) == (409, "room-double-booked")
    assert problem(await book(academy, instructor, "08-09")) == (409, "instructor-double-booked")


async def test_what_is_held_for_a_subject_moves_and_goes_with_it(
    world, academy, began, room, instructor, subject
):
    both = [UUID(room["id"])], [UUID(instructor["id"])]
    await hold(world, room, instructor, subject)
    between = Time(MORNING.ends_at, DAY_AFTER.starts_at)
    other = await session_at(academy, began, between)
    await hold(world, room, instructor, other, between)
    async with world.session() as session:
        await service.release(session, other, *both)
        await move(session, subject, DAY_AFTER)
    rows = await of(academy, room, instructor)
    assert [row["starts_at"] for row in rows] == ["2027-03-02T01:00:00.000Z"] * 2
    async with world.session() as session:
        await service.release(session, subject, *both)
    assert await of(academy, room, instructor) == []


async def test_a_subject_does_not_move_to_where_another_is(
    world, academy, began, room, instructor, subject
):
    await hold(world, room, instructor, subject)
    other = await session_at(academy, began, DAY_AFTER)
    await hold(world, room, instructor, other, DAY_AFTER)
    with pytest.raises(IntegrityError) as refused:
        async with world.session() as session:
            await move(session, subject, DAY_AFTER)
    assert type(problem_of(refused.value)).__name__ == "RoomDoubleBooked"


async def test_nobody_changes_by_hand_what_is_held_for_a_subject(
    world, academy, room, instructor, subject
):
    await hold(world, room, instructor, subject)
    lists = ("/room-bookings", "/instructor-bookings")
    for list_, row in zip(lists, await of(academy, room, instructor), strict=True):
        address, any_version = f"{list_}/{row['id']}", {"If-Match": "*"}
        body = {**at("14-16"), "reason": "?"}
        for refused in (
            await academy.put(address, json=body, headers=any_version),
            await academy.delete(address, headers=any_version),
        ):
            assert problem(refused) == (409, "booking-of-subject")


async def test_turns_are_taken_for_what_is_there(world, room):
    with pytest.raises(NotFound):
        async with world.session() as session:
            await service.take_turns(session, [UUID(room["id"])], [uuid4()])


async def test_who_takes_turns_for_several_rooms_waits_for_nobody_who_waits(world, academy):
    """Each books two rooms, half of them the other way round."""
    rooms = [UUID((await add_room(academy))["id"]) for _ in range(2)]

    async def both(number):
        begins = MORNING.starts_at + timedelta(days=number % 5)
        async with world.session() as session:
            await service.take_turns(session, rooms, [])
            for id in rooms[:: 1 if number % 2 else -1]:
                held = await session.get_one(Room, id)
                time = Time(begins, begins + timedelta(hours=2))
                await service.book_room(session, held, time, reason="?")

    outcomes = await asyncio.gather(*(both(n) for n in range(20)), return_exceptions=True)
    refusals = [problem_of(each) for each in outcomes if each is not None]
    assert {type(each).__name__ for each in refusals} == {"RoomDoubleBooked"}
    assert len(refusals) == 15


async def test_who_books_again_is_not_held_up_by_who_waits(world, academy, room):
    """The second's entry in the index of the exclusion constraint, if it were there while they
    wait for the first, would be in the way of what the first books next: a deadlock."""

    async def insert(session, begins, lasts=3):
        begins = MORNING.starts_at + timedelta(hours=begins)
        values = {"room": UUID(room["id"]), "begins": begins}
        await session.execute(_BOOK, values | {"ends": begins + timedelta(hours=lasts)})

    async def second():
        async with world.session() as session:
            await insert(session, 2)

    async with world.session() as first:
        await insert(first, 0)
        waiting = asyncio.create_task(second())
        await _until_somebody_waits(world)
        await insert(first, 3)
    with pytest.raises(IntegrityError) as refused:
        await waiting
    assert type(problem_of(refused.value)).__name__ == "RoomDoubleBooked"
    assert len(await everything(academy, "/room-bookings", room=room["id"])) == 2


async def _until_somebody_waits(world):
    """Or somebody of another test, on the same server: then it is only tried less hard."""
    waits = "select from pg_locks where not granted and locktype in ('transactionid', 'tuple')"
    async with asyncio.timeout(10):
        while not await world.database.unscoped(waits):  # noqa: ASYNC110 -- a lock rings no bell
            await asyncio.sleep(0.01)
