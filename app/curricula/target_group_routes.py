"""Whom curricula are for, and what is for somebody."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.competencies.gap_schemas import ProfileQuery
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, problems
from app.core.views import unless_held, whole
from app.curricula import eligibility, recommending
from app.curricula import target_group_queries as queries
from app.curricula.permitted import VersionId
from app.curricula.recommendation_schemas import RecommendationsOut
from app.curricula.target_group_schemas import (
    EligibilityOut,
    TargetGroupLearnerOut,
    TargetGroupOut,
    TargetGroupQuery,
)

router = routing.router("curricula")

Reading = Annotated[Reader, reading(Permission.LEARNERS_READ)]
ReadingEvidence = Annotated[Reader, reading(Permission.EVIDENCE_READ)]
LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]


@router.get(
    "/curriculum-versions/{curriculum_version_id}/target-group",
    response_model=TargetGroupOut,
    responses=problems(NotFound),
)
async def get_target_group(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """Read whom a curriculum is for.

    And how many of those whom you see are of that group, in each organisation.
    """
    found = await _rule(reader, curriculum_version_id)
    asked = queries.literals(found["rule"])
    statement = queries.counted(frozenset(asked))
    found |= await _document(reader, statement, asked)
    return unless_held(request, json.dumps(found, ensure_ascii=False, separators=(",", ":")))


@router.get(
    "/curriculum-versions/{curriculum_version_id}/target-group/learners",
    **page_of(TargetGroupLearnerOut, TargetGroupQuery),
)
async def list_target_group_learners(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """List the learners whom a curriculum is for.

    Of those whom you see. Who is missing here, `get_eligibility` tells why.
    """
    query = TargetGroupQuery.of(request)
    found = await _rule(reader, curriculum_version_id)
    return await queries.learners.page(reader, request, queries.members(query, found["rule"]))


@router.get(
    "/curriculum-versions/{curriculum_version_id}/eligibility/{learner_id}",
    response_model=EligibilityOut,
    responses=problems(NotFound),
)
async def get_eligibility(
    reader: Reading, request: Request, curriculum_version_id: VersionId, learner_id: LearnerId
) -> Response:
    """Read whether a learner is of a curriculum's target group, and why.

    Each part of the group: what it asks, what was found, and who corrects that if it is wrong.
    """
    values = {"version": curriculum_version_id, "learner": learner_id}
    return await whole(reader, request, eligibility.statement, values, eligibility.in_words)


@router.get(
    "/learners/{learner_id}/recommendations",
    response_model=RecommendationsOut,
    openapi_extra=parameters_of(ProfileQuery),
    responses=problems(NotFound),
)
async def get_recommendations(
    reader: ReadingEvidence, request: Request, learner_id: LearnerId
) -> Response:
    """Read what a learner should be taught next.

    Modules and curricula in force that close what they lack to the job position that they hold,
    or to any other.
    """
    values = {"learner": learner_id, "job_position": ProfileQuery.of(request).job_position}
    return await whole(reader, request, recommending.statement, values, recommending.in_words)


async def _rule(reader: Reader, version_id: UUID) -> dict[str, Any]:
    return await _document(reader, queries.rule_of_version, {"id": version_id})


async def _document(reader: Reader, statement: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Raises NotFound where there is none."""
    sql = f"/* {reader.scope.caller} */ {statement.sql}"
    filled = statement.filled(values)
    body, _, _, _ = await reader.row(sql, filled, plan_anew=statement.plan_anew)
    if body is None:
        raise NotFound
    return dict(json.loads(body))
