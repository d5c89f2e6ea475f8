"""The pool of instructors, and what they say of themselves."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import replace
from app.learners.names import computed
from app.rooms.instructor_models import Instructor, InstructorContact, InstructorUnavailability
from app.rooms.instructor_schemas import (
    InstructorIn,
    InstructorProfileIn,
    InstructorUnavailabilityIn,
)
from app.rooms.service import written


async def create_instructor(session: AsyncSession, data: InstructorIn) -> Instructor:
    instructor = Instructor(**data.model_dump(), **computed(data.full_name))
    session.add(instructor)
    await session.flush()
    session.add(InstructorContact(id=instructor.id))
    return await _told(session, instructor)


async def replace_instructor(
    session: AsyncSession, instructor: Instructor, data: InstructorIn
) -> Instructor:
    for column, value in (data.model_dump() | computed(data.full_name)).items():
        setattr(instructor, column, value)
    return await _told(session, instructor)


async def replace_profile(
    session: AsyncSession, instructor: Instructor, data: InstructorProfileIn
) -> Instructor:
    for column, value in data.model_dump().items():
        setattr(instructor, column, value)
    return await _told(session, instructor)


async def _told(session: AsyncSession, instructor: Instructor) -> Instructor:
    """With what they are booked for now."""
    await session.flush()
    await session.refresh(instructor)
    return instructor


async def add_unavailability(
    session: AsyncSession, instructor: Instructor, data: InstructorUnavailabilityIn
) -> InstructorUnavailability:
    """What they are booked for stands, and is told in `warnings`."""
    row = InstructorUnavailability(instructor_id=instructor.id, **data.model_dump())
    session.add(row)
    return await written(session, row)


async def replace_unavailability(
    session: AsyncSession, row: InstructorUnavailability, data: InstructorUnavailabilityIn
) -> InstructorUnavailability:
    await replace(session, row, data)
    return await written(session, row)
