"""Evidence of what people know and can do, what they attain by it, and what they lack."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.competencies import attainment_queries, evidence, gaps
from app.competencies import evidence_queries as queries
from app.competencies.evidence_models import Evidence, EvidenceReview
from app.competencies.evidence_schemas import (
    CorrectionIn,
    EvidenceIn,
    EvidenceOut,
    EvidenceQuery,
    EvidenceReviewIn,
    EvidenceReviewOut,
    ExpiringEvidenceOut,
    ExpiringEvidenceQuery,
    ExplanationOut,
    WithdrawalIn,
)
from app.competencies.gap_schemas import (
    CompetencyProfileOut,
    GapsOut,
    GapsQuery,
    NationalGapsOut,
    ProfileQuery,
)
from app.competencies.problems import (
    AlreadySuperseded,
    CompetencyNotPublished,
    EvidenceForOthersToGive,
    EvidenceLevelUnknown,
    EvidenceOfOthers,
    EvidenceWithdrawn,
    EvidenceWithoutDocument,
)
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.http.rates import Policy
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import Query, page_of, parameters_of
from app.core.problems import NotFound, TooManyRequests, problems
from app.core.views import whole

router = routing.router("competencies")

Reading = Annotated[Reader, reading(Permission.EVIDENCE_READ)]
ReadingGaps = Annotated[Reader, reading(Permission.GAPS_READ)]
Recording = Annotated[AsyncSession, changing(Permission.EVIDENCE_WRITE)]
Reviewing = Annotated[AsyncSession, changing(Permission.EVIDENCE_REVIEW)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
CompetencyId = Annotated[
    UUID,
    Path(
        description="The competency's id, in any version", examples=[examples.REQUIRED_COMPETENCY]
    ),
]
EvidenceId = Annotated[UUID, Path(description="The evidence's id", examples=[examples.EVIDENCE])]
MistakenId = Annotated[
    UUID, Path(description="The evidence's id", examples=[examples.MISTAKEN_EVIDENCE])
]
UnwantedId = Annotated[
    UUID, Path(description="The evidence's id", examples=[examples.UNWANTED_EVIDENCE])
]

_STANDING = (NotFound, AlreadySuperseded, EvidenceWithdrawn)


@router.get("/evidence", **page_of(EvidenceOut, EvidenceQuery))
async def list_evidence(reader: Reading, request: Request) -> Response:
    """List evidence.

    Of your learners, wherever it was recorded, and what your organisation recorded of others.
    """
    return await queries.evidence.page(reader, request, EvidenceQuery.of(request))


@router.post(
    "/learners/{learner_id}/evidence",
    status_code=201,
    response_model=EvidenceOut,
    responses=problems(
        NotFound,
        CompetencyNotPublished,
        EvidenceForOthersToGive,
        EvidenceLevelUnknown,
        IdempotencyKeyReused,
    ),
)
async def record_evidence(
    session: Recording, request: Request, learner_id: LearnerId, data: EvidenceIn
) -> Evidence:
    """Record evidence of what a learner knows or can do.

    Nothing of it changes later: correct it by other evidence, or take it back.
    """
    return await evidence.record(session, learner_id, data, request.state.principal.actor)


@router.post(
    "/evidence/{evidence_id}/correct",
    status_code=201,
    response_model=EvidenceOut,
    responses=problems(
        *_STANDING,
        EvidenceLevelUnknown,
        EvidenceWithoutDocument,
        EvidenceOfOthers,
        IdempotencyKeyReused,
    ),
)
async def correct_evidence(
    session: Recording, request: Request, evidence_id: MistakenId, data: CorrectionIn
) -> Evidence:
    """Correct evidence.

    By other evidence of the same type, for the same competency, which takes its place.
    """
    actor = request.state.principal.actor
    return await evidence.correct(session, evidence_id, data, actor)


@router.post(
    "/evidence/{evidence_id}/withdraw",
    status_code=201,
    response_model=EvidenceOut,
    responses=problems(*_STANDING, EvidenceOfOthers, IdempotencyKeyReused),
)
async def withdraw_evidence(
    session: Recording, request: Request, evidence_id: UnwantedId, data: WithdrawalIn
) -> Evidence:
    """Take evidence back.

    It stays readable and counts no more.
    """
    actor = request.state.principal.actor
    return await evidence.withdraw(session, evidence_id, data.note, actor)


@router.post(
    "/evidence/{evidence_id}/review",
    status_code=201,
    response_model=EvidenceReviewOut,
    responses=problems(*_STANDING, IdempotencyKeyReused),
)
async def review_evidence(
    session: Reviewing, evidence_id: EvidenceId, data: EvidenceReviewIn
) -> EvidenceReview:
    """Confirm or refuse evidence.

    Mentored work and prior learning count once they are confirmed. The latest review counts.
    """
    return await evidence.review(session, evidence_id, data)


@router.get("/expiring-evidence", **page_of(ExpiringEvidenceOut, ExpiringEvidenceQuery))
async def list_expiring_evidence(reader: Reading, request: Request) -> Response:
    """List who will soon lose a level.

    Evidence by which your learners attain a level now, and which is valid for so many days more.
    """
    query = ExpiringEvidenceQuery.of(request)
    return await queries.expiring.page(reader, request, query)


@router.get(
    "/learners/{learner_id}/competency-profile",
    response_model=CompetencyProfileOut,
    openapi_extra=parameters_of(ProfileQuery),
    responses=problems(NotFound),
)
async def get_competency_profile(
    reader: Reading, request: Request, learner_id: LearnerId
) -> Response:
    """Read what a learner attains, and what they lack to a job position.

    To the one that they hold, or to any other: what they would need to be a consul.
    """
    values = {"id": learner_id, "job_position": ProfileQuery.of(request).position}
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


@router.get(
    "/gaps",
    response_model=GapsOut,
    openapi_extra=parameters_of(GapsQuery),
    responses=problems(NotFound),
)
async def get_gaps(reader: ReadingGaps, request: Request) -> Response:
    """Read the gaps of a unit, an organisation, or of all your learners.

    Counted by domain, by competency, or by domain of each unit or organisation, as a heat map has
    it. Beside the job positions that they hold, or beside any one.
    """
    query = GapsQuery.of(request)
    values = {
        "organization": query.organization,
        "unit": query.unit,
        "job_position": query.position,
    }
    return await whole(reader, request, gaps.cells[query.by], values)


@router.get("/national-gaps", response_model=NationalGapsOut, responses=problems(TooManyRequests))
async def get_national_gaps(reader: ReadingGaps, request: Request) -> Response:
    """Read the gaps of the other organisations, all together.

    To compare your own with. Counted once a month, and rounded to fives. A competency is shown if
    there are people of two organisations in it, five of them below what is required and five not;
    a domain is the sum of what is shown.
    """
    Query.of(request)  # which it does not have: answers could be taken from each other
    await request.app.state.rates.take(request, Policy.EXPORT, request.state.principal_id)
    return await whole(reader, request, gaps.national, {})
