"""The pool of instructors: who is free when, and what they say of themselves."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404, replace
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.rooms import instructor_queries as queries
from app.rooms import instructors
from app.rooms.instructor_models import (
    Instructor,
    InstructorContact,
)
from app.rooms.instructor_schemas import (
    InstructorContactIn,
    InstructorContactOut,
    InstructorIn,
    InstructorOut,
    InstructorProfileIn,
    InstructorQuery,
)
from app.rooms.problems import (
    InstructorAccountTaken,
    InstructorAccountUnknown,
    InstructorBookedLater,
    InstructorLearnerTaken,
    InstructorLearnerUnknown,
)

router = routing.router("rooms")

Reading = Annotated[Reader, reading(Permission.INSTRUCTORS_READ)]
Correcting = Annotated[AsyncSession, changing(Permission.INSTRUCTORS_CORRECT)]
Changing = Annotated[AsyncSession, changing(Permission.INSTRUCTORS_WRITE)]

InstructorId = Annotated[
    UUID, Path(description="The instructor's id", examples=[examples.INSTRUCTOR])
]
DescribedId = Annotated[
    UUID, Path(description="The instructor's id", examples=[examples.DESCRIBED_INSTRUCTOR])
]
_WHO = (
    *(InstructorAccountUnknown, InstructorAccountTaken),
    *(InstructorLearnerUnknown, InstructorLearnerTaken),
)


@router.get("/instructors", **page_of(InstructorOut, InstructorQuery))
async def list_instructors(reader: Reading, request: Request) -> Response:
    """List instructors.

    With `free_from` and `free_to`, those who are free from then to then: neither firmly booked nor
    unavailable. Sort by `booked_minutes` to begin with those who teach least in the year.
    Instructors find themselves.
    """
    return await queries.instructors.page(reader, request, InstructorQuery.of(request))


@router.post(
    "/instructors",
    status_code=201,
    response_model=InstructorOut,
    responses=problems(*_WHO, IdempotencyKeyReused),
)
async def create_instructor(
    session: Changing, data: InstructorIn, response: Response
) -> Instructor:
    """Add an instructor to the pool.

    How to reach them is told apart, for fewer people see it.
    """
    return tagged(response, await instructors.create_instructor(session, data))


@router.get(
    "/instructors/{instructor_id}", response_model=InstructorOut, responses=problems(NotFound)
)
async def get_instructor(
    reader: Reading, request: Request, instructor_id: InstructorId
) -> Response:
    """Read an instructor."""
    return await queries.instructors.row(reader, request, instructor_id)


@router.put(
    "/instructors/{instructor_id}",
    response_model=InstructorOut,
    responses=problems(NotFound, *_WHO, InstructorBookedLater, Outdated, VersionRequired),
)
async def replace_instructor(
    session: Changing,
    instructor_id: InstructorId,
    expected: IfMatch,
    data: InstructorIn,
    response: Response,
) -> Instructor:
    """Replace an instructor's description.

    From `active_until` on they are booked for nothing; what they are booked for then already has to
    be taken over by others first.
    """
    instructor = await get_or_404(session, Instructor, instructor_id)
    expected.check(instructor)
    return tagged(response, await instructors.replace_instructor(session, instructor, data))


@router.put(
    "/instructors/{instructor_id}/profile",
    response_model=InstructorOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_instructor_profile(
    session: Correcting,
    instructor_id: DescribedId,
    expected: IfMatch,
    data: InstructorProfileIn,
    response: Response,
) -> Instructor:
    """Correct what an instructor teaches and says of themselves.

    Instructors do so for their own entry.
    """
    instructor = await get_or_404(session, Instructor, instructor_id)
    expected.check(instructor)
    return tagged(response, await instructors.replace_profile(session, instructor, data))


@router.get(
    "/instructors/{instructor_id}/contact",
    response_model=InstructorContactOut,
    responses=problems(NotFound),
)
async def get_instructor_contact(
    reader: Reading, request: Request, instructor_id: InstructorId
) -> Response:
    """Read how to reach an instructor.

    Only the Academy does, and they themselves.
    """
    return await queries.contacts.row(reader, request, instructor_id)


@router.put(
    "/instructors/{instructor_id}/contact",
    response_model=InstructorContactOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_instructor_contact(
    session: Correcting,
    instructor_id: InstructorId,
    expected: IfMatch,
    data: InstructorContactIn,
    response: Response,
) -> InstructorContact:
    """Say how to reach an instructor.

    Instructors do so for their own entry.
    """
    contact = await get_or_404(session, InstructorContact, instructor_id)
    expected.check(contact)
    return tagged(response, await replace(session, contact, data))
