"""Job positions: what they require, and who is in which."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.models import PublishedCompetency
from app.competencies.position_models import (
    JobPosition,
    JobPositionAssignment,
    JobPositionRequirement,
    JobPositionTitle,
)
from app.competencies.position_schemas import (
    JobPositionAssignmentIn,
    JobPositionCreate,
    JobPositionIn,
    JobPositionRequirementIn,
    JobPositionTitleIn,
)
from app.competencies.problems import CompetencyNotPublished
from app.core.database.writes import get_or_404, replace
from app.events.outbox import publish
from app.learners.models import Learner


async def in_present_words(session: AsyncSession, framework: UUID, identifier: UUID) -> Any:
    """The columns of a statement of a level, in the words of the newest published version.

    Raises CompetencyNotPublished.
    """
    found = await session.get(PublishedCompetency, (framework, identifier))
    if found is None or found.scale_identifier is None:
        raise CompetencyNotPublished
    return {
        "framework_id": framework,
        "framework_version_id": found.framework_version_id,
        "competency_identifier": identifier,
        "scale_identifier": found.scale_identifier,
    }


async def create_job_position(session: AsyncSession, data: JobPositionCreate) -> JobPosition:
    position = JobPosition(**data.model_dump(exclude_none=True))
    session.add(position)
    await session.flush()
    _tell(session, position, "created")
    return position


async def replace_job_position(
    session: AsyncSession, position: JobPosition, data: JobPositionIn
) -> JobPosition:
    await replace(session, position, data)
    _tell(session, position, "changed")
    return position


async def create_requirement(
    session: AsyncSession, position: JobPosition, data: JobPositionRequirementIn
) -> JobPositionRequirement:
    requirement = JobPositionRequirement(
        organization_id=position.organization_id, job_position_id=position.id
    )
    session.add(requirement)
    with session.no_autoflush:
        await _state(session, requirement, data)
    _tell(session, position, "changed")
    return requirement


async def replace_requirement(
    session: AsyncSession, requirement: JobPositionRequirement, data: JobPositionRequirementIn
) -> JobPositionRequirement:
    """In the words of the version that is in force now."""
    await _state(session, requirement, data)
    await _tell_of(session, requirement)
    return requirement


async def remove_requirement(session: AsyncSession, requirement: JobPositionRequirement) -> None:
    await session.delete(requirement)
    await _tell_of(session, requirement)


async def _state(
    session: AsyncSession, requirement: JobPositionRequirement, data: JobPositionRequirementIn
) -> None:
    words = await in_present_words(session, data.framework_id, data.competency_identifier)
    for field, value in (data.model_dump() | words).items():
        setattr(requirement, field, value)
    await session.flush()
    await session.refresh(requirement)


async def create_title(session: AsyncSession, data: JobPositionTitleIn) -> JobPositionTitle:
    title = JobPositionTitle(**data.model_dump(exclude_none=True))
    session.add(title)
    await session.flush()
    return title


async def create_assignment(
    session: AsyncSession, learner_id: UUID, data: JobPositionAssignmentIn
) -> JobPositionAssignment:
    """For as long as they hold what they hold now."""
    learner = await get_or_404(session, Learner, learner_id)
    assignment = JobPositionAssignment(
        organization_id=learner.organization_id,
        learner_id=learner.id,
        position_since=learner.position_since,
        job_position_id=data.job_position_id,
    )
    session.add(assignment)
    await session.flush()
    return assignment


def _tell(session: AsyncSession, position: JobPosition, what: str) -> None:
    key = {"key": position.code}
    publish(session, f"job_position.{what}", position.id, position.organization_id, **key)


async def _tell_of(session: AsyncSession, requirement: JobPositionRequirement) -> None:
    await session.flush()
    _tell(session, await session.get_one(JobPosition, requirement.job_position_id), "changed")
