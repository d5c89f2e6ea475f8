"""Evidence of what people know and can do."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.competencies import evidence
from app.competencies import evidence_queries as queries
from app.competencies.evidence_models import Evidence, EvidenceReview
from app.competencies.evidence_schemas import (
    CorrectionIn,
    EvidenceIn,
    EvidenceOut,
    EvidenceQuery,
    EvidenceReviewIn,
    EvidenceReviewOut,
    EvidenceReviewQuery,
    WithdrawalIn,
)
from app.competencies.permitted import LearnerId
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
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, problems

router = routing.router("evidence")

Reading = Annotated[Reader, reading(Permission.EVIDENCE_READ)]
Recording = Annotated[AsyncSession, changing(Permission.EVIDENCE_WRITE)]
Reviewing = Annotated[AsyncSession, changing(Permission.EVIDENCE_REVIEW)]

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


@router.get("/evidence/{evidence_id}", response_model=EvidenceOut, responses=problems(NotFound))
async def get_evidence(reader: Reading, request: Request, evidence_id: EvidenceId) -> Response:
    """Read a piece of evidence.

    And what became of it: what took its place, and what its latest review says.
    """
    return await queries.evidence.row(reader, request, evidence_id)


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


@router.get("/evidence-reviews", **page_of(EvidenceReviewOut, EvidenceReviewQuery))
async def list_evidence_reviews(reader: Reading, request: Request) -> Response:
    """List reviews of evidence.

    Who confirmed or refused it, and what they said. The latest first, which counts.
    """
    return await queries.reviews.page(reader, request, EvidenceReviewQuery.of(request))
