"""What filters of lists of job positions mean."""

from typing import Any

from sqlalchemy import Date, Select, cast, or_, select

from app.competencies.position_models import (
    JobPosition,
    JobPositionAssignment,
    JobPositionRequirement,
    JobPositionTitle,
)
from app.competencies.position_schemas import (
    JobPositionAssignmentOut,
    JobPositionAssignmentQuery,
    JobPositionOut,
    JobPositionQuery,
    JobPositionRequirementOut,
    JobPositionRequirementQuery,
    JobPositionTitleOut,
    JobPositionTitleQuery,
)
from app.core.views import View


def job_positions_matching(query: JobPositionQuery) -> Select[Any]:
    statement = select(JobPosition)
    if query.organization is not None:
        statement = statement.where(JobPosition.organization_id == query.organization)
    if query.code is not None:
        statement = statement.where(JobPosition.code == query.code)
    return statement


def requirements_matching(query: JobPositionRequirementQuery) -> Select[Any]:
    kind = JobPositionRequirement
    statement = select(kind)
    if query.job_position is not None:
        statement = statement.where(kind.job_position_id == query.job_position)
    if query.competency is not None:
        statement = statement.where(kind.competency_identifier == query.competency)
    if query.in_effect_on is not None:
        day = cast(query.in_effect_on, Date)
        statement = statement.where(kind.since <= day, or_(kind.until.is_(None), kind.until > day))
    return statement


def titles_matching(query: JobPositionTitleQuery) -> Select[Any]:
    statement = select(JobPositionTitle)
    if query.organization is not None:
        statement = statement.where(JobPositionTitle.organization_id == query.organization)
    if query.job_position is not None:
        statement = statement.where(JobPositionTitle.job_position_id == query.job_position)
    return statement


def assignments_matching(query: JobPositionAssignmentQuery) -> Select[Any]:
    kind = JobPositionAssignment
    statement = select(kind)
    if query.organization is not None:
        statement = statement.where(kind.organization_id == query.organization)
    if query.learner is not None:
        statement = statement.where(kind.learner_id == query.learner)
    if query.job_position is not None:
        statement = statement.where(kind.job_position_id == query.job_position)
    return statement


job_positions = View(JobPosition, JobPositionOut, job_positions_matching)
requirements = View(JobPositionRequirement, JobPositionRequirementOut, requirements_matching)
titles = View(JobPositionTitle, JobPositionTitleOut, titles_matching)
assignments = View(
    JobPositionAssignment, JobPositionAssignmentOut, assignments_matching, subjects="learner_id"
)
