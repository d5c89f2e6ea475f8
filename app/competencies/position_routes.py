"""Job positions: the catalogue, and what it requires."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.competencies import position_queries as queries
from app.competencies import positions
from app.competencies.position_models import JobPosition, JobPositionRequirement
from app.competencies.position_schemas import (
    JobPositionCreate,
    JobPositionIn,
    JobPositionOut,
    JobPositionQuery,
    JobPositionRequirementIn,
    JobPositionRequirementOut,
    JobPositionRequirementQuery,
)
from app.competencies.problems import (
    CompetencyNotPublished,
    DesiredLevelUnknown,
    JobPositionCodeTaken,
    RequiredLevelUnknown,
    RequirementsOverlap,
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
Changing = Annotated[AsyncSession, changing(Permission.JOB_POSITIONS_WRITE)]

PositionId = Annotated[
    UUID, Path(description="The job position's id", examples=[examples.JOB_POSITION])
]
RequirementId = Annotated[
    UUID, Path(description="The requirement's id", examples=[examples.REQUIREMENT])
]
UnwantedRequirementId = Annotated[
    UUID, Path(description="The requirement's id", examples=[examples.UNWANTED_REQUIREMENT])
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
