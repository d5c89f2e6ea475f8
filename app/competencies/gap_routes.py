"""Who lacks what is required of them, and why."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.competencies import attainment_queries, evidence_queries, gap_queries
from app.competencies.evidence_schemas import (
    ExpiringEvidenceOut,
    ExpiringEvidenceQuery,
    ExplanationOut,
)
from app.competencies.gap_schemas import (
    CompetencyProfileOut,
    GapsOut,
    GapsQuery,
    LearnerGapOut,
    LearnerGapQuery,
    NationalGapsOut,
    ProfileQuery,
)
from app.competencies.permitted import LearnerId
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.http.rates import Policy
from app.core.pages import Query, page_of, parameters_of
from app.core.problems import NotFound, TooManyRequests, problems
from app.core.views import whole

router = routing.router("gaps")

Reading = Annotated[Reader, reading(Permission.EVIDENCE_READ)]
ReadingFigures = Annotated[Reader, reading(Permission.GAPS_READ)]

CompetencyId = Annotated[
    UUID,
    Path(
        description="The competency's id, in any version", examples=[examples.REQUIRED_COMPETENCY]
    ),
]


@router.get(
    "/gaps",
    response_model=GapsOut,
    openapi_extra=parameters_of(GapsQuery),
    responses=problems(NotFound),
)
async def get_gaps(reader: ReadingFigures, request: Request) -> Response:
    """Read the gaps of a unit, an organisation, or of all your learners.

    Counted by domain, by competency, or by domain of each unit or organisation, as a heat map has
    it. Beside the job positions that they hold, or beside any one. Who the people are that a cell
    counts, `list_learner_gaps` tells.
    """
    query = GapsQuery.of(request)
    values = {
        "organization": query.organization,
        "unit": query.unit,
        "job_position": query.job_position,
    }
    return await whole(reader, request, gap_queries.cells[query.by], values)


@router.get("/learner-gaps", **page_of(LearnerGapOut, LearnerGapQuery))
async def list_learner_gaps(reader: Reading, request: Request) -> Response:
    """List who lacks what is required of them.

    Beside the job position that they hold, or beside any one: in all that it requires, in a domain
    or in one competency. Who lacks most competencies comes first; which these are,
    `get_competency_profile` tells.
    """
    return await gap_queries.learner_gaps.page(reader, request, LearnerGapQuery.of(request))


@router.get(
    "/learners/{learner_id}/competency-profile",
    response_model=CompetencyProfileOut,
    openapi_extra=parameters_of(ProfileQuery),
    responses=problems(NotFound),
)
async def get_competency_profile(
    reader: Reading, request: Request, learner_id: LearnerId
) -> Response:
    """Read what a learner attains, and what they lack for a job position.

    For the one that they hold, or for any other: what they would need to be a consul. Why a level
    is what it is, `get_attainment_explanation` tells.
    """
    values = {"id": learner_id, "job_position": ProfileQuery.of(request).job_position}
    return await whole(reader, request, attainment_queries.profile, values)


@router.get(
    "/learners/{learner_id}/competencies/{competency_id}/explain",
    response_model=ExplanationOut,
    responses=problems(NotFound),
)
async def get_attainment_explanation(
    reader: Reading, request: Request, learner_id: LearnerId, competency_id: CompetencyId
) -> Response:
    """Read why a learner attains what they attain of a competency.

    The evidence that is used, the evidence that is left out, and why.
    """
    values = {"learner": learner_id, "competency": competency_id}
    return await whole(reader, request, attainment_queries.explanation, values)


@router.get("/expiring-evidence", **page_of(ExpiringEvidenceOut, ExpiringEvidenceQuery))
async def list_expiring_evidence(reader: Reading, request: Request) -> Response:
    """List who will soon lose a level.

    Evidence by which your learners attain a level now, and which expires within 90 days, or as many
    as you say.
    """
    query = ExpiringEvidenceQuery.of(request)
    return await evidence_queries.expiring.page(reader, request, query)


@router.get("/national-gaps", response_model=NationalGapsOut, responses=problems(TooManyRequests))
async def get_national_gaps(reader: ReadingFigures, request: Request) -> Response:
    """Read the gaps of the other organisations, all together.

    To compare your own with. Counted once a month, and rounded to fives. A competency is shown if
    there are people of two organisations in it, five of them below what is required and five not;
    a domain is the sum of what is shown.
    """
    Query.of(request)  # which it does not have: answers could be taken from each other
    await request.app.state.rates.take(request, Policy.EXPORT, request.state.principal_id)
    return await whole(reader, request, gap_queries.national, {})
