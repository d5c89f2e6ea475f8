"""Who is in which job position: what titles on rosters mean, and who is assigned otherwise."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.competencies import position_queries as queries
from app.competencies import positions
from app.competencies.permitted import LearnerId
from app.competencies.position_models import JobPositionAssignment, JobPositionTitle
from app.competencies.position_schemas import (
    JobPositionAssignmentIn,
    JobPositionAssignmentOut,
    JobPositionAssignmentQuery,
    JobPositionTitleIn,
    JobPositionTitleOut,
    JobPositionTitleQuery,
)
from app.competencies.problems import (
    AssignedPositionUnknown,
    JobPositionAlreadyAssigned,
    JobPositionTitleTaken,
    TitleOfUnknownPosition,
    TitleOfUnknownUnit,
)
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems

router = routing.router("job-positions")

Reading = Annotated[Reader, reading(Permission.JOB_POSITIONS_READ)]
ReadingPeople = Annotated[Reader, reading(Permission.LEARNERS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.JOB_POSITIONS_WRITE)]

TitleId = Annotated[
    UUID, Path(description="The title's id", examples=[examples.JOB_POSITION_TITLE])
]
AssignmentId = Annotated[
    UUID, Path(description="The assignment's id", examples=[examples.JOB_POSITION_ASSIGNMENT])
]


@router.get("/job-position-titles", **page_of(JobPositionTitleOut, JobPositionTitleQuery))
async def list_job_position_titles(reader: Reading, request: Request) -> Response:
    """List what titles on rosters mean.

    What your organisation says, and what the Academy says for all who say nothing else.
    """
    query = JobPositionTitleQuery.of(request)
    return await queries.titles.page(reader, request, query)


@router.post(
    "/job-position-titles",
    status_code=201,
    response_model=JobPositionTitleOut,
    responses=problems(
        NotFound,
        JobPositionTitleTaken,
        TitleOfUnknownPosition,
        TitleOfUnknownUnit,
        IdempotencyKeyReused,
    ),
)
async def create_job_position_title(
    session: Changing, data: JobPositionTitleIn, response: Response
) -> JobPositionTitle:
    """Say which job position a title means.

    Whoever has this title on the roster is in this position: in one unit, or anywhere.
    """
    return tagged(response, await positions.create_title(session, data))


@router.get(
    "/job-position-titles/{job_position_title_id}",
    response_model=JobPositionTitleOut,
    responses=problems(NotFound),
)
async def get_job_position_title(
    reader: Reading, request: Request, job_position_title_id: TitleId
) -> Response:
    """Read which job position a title means."""
    return await queries.titles.row(reader, request, job_position_title_id)


@router.delete(
    "/job-position-titles/{job_position_title_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_job_position_title(
    session: Changing, job_position_title_id: TitleId, expected: IfMatch
) -> None:
    """Remove what a title means."""
    title = await get_or_404(session, JobPositionTitle, job_position_title_id)
    expected.check(title)
    await session.delete(title)
    await session.flush()


@router.get(
    "/job-position-assignments",
    **page_of(JobPositionAssignmentOut, JobPositionAssignmentQuery),
)
async def list_job_position_assignments(reader: ReadingPeople, request: Request) -> Response:
    """List who is in another job position than their title means."""
    query = JobPositionAssignmentQuery.of(request)
    return await queries.assignments.page(reader, request, query)


@router.post(
    "/learners/{learner_id}/job-position-assignments",
    status_code=201,
    response_model=JobPositionAssignmentOut,
    responses=problems(
        NotFound, AssignedPositionUnknown, JobPositionAlreadyAssigned, IdempotencyKeyReused
    ),
)
async def create_job_position_assignment(
    session: Changing, learner_id: LearnerId, data: JobPositionAssignmentIn, response: Response
) -> JobPositionAssignment:
    """Put a learner in another job position than their title means.

    For as long as they hold what they hold now; with their next position it is over.
    """
    return tagged(response, await positions.create_assignment(session, learner_id, data))


@router.get(
    "/job-position-assignments/{job_position_assignment_id}",
    response_model=JobPositionAssignmentOut,
    responses=problems(NotFound),
)
async def get_job_position_assignment(
    reader: ReadingPeople, request: Request, job_position_assignment_id: AssignmentId
) -> Response:
    """Read which job position a learner is in, other than their title means."""
    return await queries.assignments.row(reader, request, job_position_assignment_id)


@router.delete(
    "/job-position-assignments/{job_position_assignment_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_job_position_assignment(
    session: Changing, job_position_assignment_id: AssignmentId, expected: IfMatch
) -> None:
    """Remove an assignment.

    They are in the job position again that their title means.
    """
    assignment = await get_or_404(session, JobPositionAssignment, job_position_assignment_id)
    expected.check(assignment)
    await session.delete(assignment)
    await session.flush()
