"""Job positions: the catalogue, what it requires, and who is in which."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.competencies import position_queries as queries
from app.competencies import positions
from app.competencies.position_models import (
    JobPosition,
    JobPositionAssignment,
    JobPositionRequirement,
    JobPositionTitle,
)
from app.competencies.position_schemas import (
    JobPositionAssignmentIn,
    JobPositionAssignmentOut,
    JobPositionAssignmentQuery,
    JobPositionCreate,
    JobPositionIn,
    JobPositionOut,
    JobPositionQuery,
    JobPositionRequirementIn,
    JobPositionRequirementOut,
    JobPositionRequirementQuery,
    JobPositionTitleIn,
    JobPositionTitleOut,
    JobPositionTitleQuery,
)
from app.competencies.problems import (
    AssignedPositionUnknown,
    CompetencyNotPublished,
    DesiredLevelUnknown,
    JobPositionAlreadyAssigned,
    JobPositionCodeTaken,
    JobPositionTitleTaken,
    RequiredLevelUnknown,
    RequirementsOverlap,
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

router = routing.router("competencies")

Reading = Annotated[Reader, reading(Permission.JOB_POSITIONS_READ)]
ReadingPeople = Annotated[Reader, reading(Permission.LEARNERS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.JOB_POSITIONS_WRITE)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
PositionId = Annotated[
    UUID, Path(description="The job position's id", examples=[examples.JOB_POSITION])
]
RequirementId = Annotated[
    UUID, Path(description="The requirement's id", examples=[examples.REQUIREMENT])
]
UnwantedRequirementId = Annotated[
    UUID, Path(description="The requirement's id", examples=[examples.UNWANTED_REQUIREMENT])
]
TitleId = Annotated[
    UUID, Path(description="The title's id", examples=[examples.JOB_POSITION_TITLE])
]
AssignmentId = Annotated[
    UUID, Path(description="The assignment's id", examples=[examples.JOB_POSITION_ASSIGNMENT])
]

_STATED = (CompetencyNotPublished, RequiredLevelUnknown, DesiredLevelUnknown, RequirementsOverlap)


@router.get("/job-positions", **page_of(JobPositionOut, JobPositionQuery))
async def list_job_positions(reader: Reading, request: Request) -> Response:
    """List job positions.

    National ones, which are the Academy's, and those of your own organisation.
    """
    return await queries.job_positions.page(reader, request, JobPositionQuery.of(request))


@router.post(
    "/job-positions",
    status_code=201,
    response_model=JobPositionOut,
    openapi_extra=examples.body(
        code="VT-LS-01", name_vi="Chuyên viên lãnh sự", name_en="Consular officer"
    ),
    responses=problems(NotFound, JobPositionCodeTaken, IdempotencyKeyReused),
)
async def create_job_position(
    session: Changing, data: JobPositionCreate, response: Response
) -> JobPosition:
    """Add a job position.

    What it requires is added to it then.
    """
    return tagged(response, await positions.create_job_position(session, data))


@router.get(
    "/job-positions/{job_position_id}",
    response_model=JobPositionOut,
    responses=problems(NotFound),
)
async def get_job_position(
    reader: Reading, request: Request, job_position_id: PositionId
) -> Response:
    """Read a job position."""
    return await queries.job_positions.row(reader, request, job_position_id)


@router.put(
    "/job-positions/{job_position_id}",
    response_model=JobPositionOut,
    responses=problems(NotFound, JobPositionCodeTaken, Outdated, VersionRequired),
)
async def replace_job_position(
    session: Changing,
    job_position_id: PositionId,
    expected: IfMatch,
    data: JobPositionIn,
    response: Response,
) -> JobPosition:
    """Replace a job position's description.

    From `ended_on` on nobody is in it, whatever their title.
    """
    position = await get_or_404(session, JobPosition, job_position_id)
    expected.check(position)
    return tagged(response, await positions.replace_job_position(session, position, data))


@router.get(
    "/job-position-requirements",
    **page_of(JobPositionRequirementOut, JobPositionRequirementQuery),
)
async def list_job_position_requirements(reader: Reading, request: Request) -> Response:
    """List what job positions require.

    What was required before and will be later, too, unless you ask for a day.
    """
    query = JobPositionRequirementQuery.of(request)
    return await queries.requirements.page(reader, request, query)


@router.post(
    "/job-positions/{job_position_id}/requirements",
    status_code=201,
    response_model=JobPositionRequirementOut,
    openapi_extra=examples.body(
        framework_id=str(examples.FRAMEWORK),
        competency_identifier=str(examples.ANOTHER_IDENTIFIER),
        required_level=3,
        desired_level=4,
        since="2026-01-01",
    ),
    responses=problems(NotFound, *_STATED, IdempotencyKeyReused),
)
async def create_job_position_requirement(
    session: Changing,
    job_position_id: PositionId,
    data: JobPositionRequirementIn,
    response: Response,
) -> JobPositionRequirement:
    """Add what a job position requires.

    A competency, from one level that is needed to one that is desired, and since when.
    """
    position = await get_or_404(session, JobPosition, job_position_id)
    return tagged(response, await positions.create_requirement(session, position, data))


@router.get(
    "/job-position-requirements/{job_position_requirement_id}",
    response_model=JobPositionRequirementOut,
    responses=problems(NotFound),
)
async def get_job_position_requirement(
    reader: Reading, request: Request, job_position_requirement_id: RequirementId
) -> Response:
    """Read what a job position requires."""
    return await queries.requirements.row(reader, request, job_position_requirement_id)


@router.put(
    "/job-position-requirements/{job_position_requirement_id}",
    response_model=JobPositionRequirementOut,
    responses=problems(NotFound, *_STATED, Outdated, VersionRequired),
)
async def replace_job_position_requirement(
    session: Changing,
    job_position_requirement_id: RequirementId,
    expected: IfMatch,
    data: JobPositionRequirementIn,
    response: Response,
) -> JobPositionRequirement:
    """Replace what a job position requires.

    To require something else from a day on, end this one by `until` and add another one.
    """
    requirement = await get_or_404(session, JobPositionRequirement, job_position_requirement_id)
    expected.check(requirement)
    return tagged(response, await positions.replace_requirement(session, requirement, data))


@router.delete(
    "/job-position-requirements/{job_position_requirement_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_job_position_requirement(
    session: Changing, job_position_requirement_id: UnwantedRequirementId, expected: IfMatch
) -> None:
    """Remove what a job position requires.

    As if it had never been required.
    """
    requirement = await get_or_404(session, JobPositionRequirement, job_position_requirement_id)
    expected.check(requirement)
    await positions.remove_requirement(session, requirement)


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
