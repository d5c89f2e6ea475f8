"""What closes a learner's gap."""

from typing import Annotated

from fastapi import Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.competencies.gap_schemas import ProfileQuery
from app.competencies.permitted import LearnerId
from app.core import routing
from app.core.database.readers import Reader
from app.core.pages import parameters_of
from app.core.problems import NotFound, problems
from app.core.views import whole
from app.curricula.recommendations import queries
from app.curricula.recommendations.schemas import RecommendationsOut

router = routing.router("curricula")

Reading = Annotated[Reader, reading(Permission.EVIDENCE_READ)]


@router.get(
    "/learners/{learner_id}/recommendations",
    response_model=RecommendationsOut,
    openapi_extra=parameters_of(ProfileQuery),
    responses=problems(NotFound),
)
async def get_recommendations(reader: Reading, request: Request, learner_id: LearnerId) -> Response:
    """Read what a learner should be taught next.

    Modules and curricula in force that close what they lack to the job position that they hold,
    or to any other.
    """
    values = {"learner": learner_id, "job_position": ProfileQuery.of(request).job_position}
    return await whole(reader, request, queries.statement, values, queries.in_words)
