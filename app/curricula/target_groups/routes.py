"""Whom curricula are for."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.competencies.permitted import LearnerId
from app.core import routing
from app.core.database.readers import Reader
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.core.views import unless_held, whole
from app.curricula.permitted import VersionId
from app.curricula.target_groups import eligibility, queries
from app.curricula.target_groups.schemas import (
    EligibilityOut,
    TargetGroupLearnerOut,
    TargetGroupOut,
    TargetGroupQuery,
)

router = routing.router("curricula")

Reading = Annotated[Reader, reading(Permission.LEARNERS_READ)]


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
    responses=problems(NotFound),
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
