"""What people learn alone and at work."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Principal, changing, reading
from app.access.permissions import Permission
from app.attendance import learning, queries
from app.attendance.learning_schemas import (
    LearningDecisionIn,
    LearningRecordIn,
    LearningRecordOut,
    LearningRecordQuery,
    LearningRefusalIn,
)
from app.attendance.models import LearningRecord
from app.attendance.problems import LearningConfirmedByOneself, LearningDecided
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems

router = routing.router("attendance")

Reading = Annotated[Reader, reading(Permission.EVIDENCE_READ)]
Recording = Annotated[AsyncSession, changing(Permission.EVIDENCE_WRITE)]
Deciding = Annotated[AsyncSession, changing(Permission.EVIDENCE_REVIEW)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
RecordId = Annotated[UUID, Path(description="The record's id", examples=[examples.LEARNING_RECORD])]
OpenId = Annotated[
    UUID, Path(description="The record's id", examples=[examples.OPEN_LEARNING_RECORD])
]
RefusedId = Annotated[
    UUID, Path(description="The record's id", examples=[examples.DOUBTFUL_LEARNING_RECORD])
]


@router.get("/learning-records", **page_of(LearningRecordOut, LearningRecordQuery))
async def list_learning_records(reader: Reading, request: Request) -> Response:
    """List what people learnt alone and at work.

    The newest first. Organisations see those of their learners, whoever recorded them; learners
    their own.
    """
    return await queries.learning.page(reader, request, LearningRecordQuery.of(request))


@router.post(
    "/learners/{learner_id}/learning-records",
    status_code=201,
    response_model=LearningRecordOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def record_learning(
    session: Recording, learner_id: LearnerId, data: LearningRecordIn, response: Response
) -> LearningRecord:
    """Record what a learner learnt alone or at work.

    Learners do it of themselves. It counts once a mentor or manager has confirmed it.
    """
    return tagged(response, await learning.record(session, learner_id, data))


@router.get(
    "/learning-records/{learning_record_id}",
    response_model=LearningRecordOut,
    responses=problems(NotFound),
)
async def get_learning_record(
    reader: Reading, request: Request, learning_record_id: RecordId
) -> Response:
    """Read what a learner learnt alone or at work."""
    return await queries.learning.row(reader, request, learning_record_id)


@router.put(
    "/learning-records/{learning_record_id}",
    response_model=LearningRecordOut,
    responses=problems(NotFound, LearningDecided, Outdated, VersionRequired),
)
async def replace_learning_record(
    session: Recording,
    learning_record_id: OpenId,
    expected: IfMatch,
    data: LearningRecordIn,
    response: Response,
) -> LearningRecord:
    """Correct what a learner learnt alone or at work.

    Until it is confirmed or refused.
    """
    recorded = await get_or_404(session, LearningRecord, learning_record_id)
    expected.check(recorded)
    return tagged(response, await learning.correct(session, recorded, data))


@router.post(
    "/learning-records/{learning_record_id}/confirm",
    response_model=LearningRecordOut,
    responses=problems(
        *(NotFound, LearningDecided, LearningConfirmedByOneself, IdempotencyKeyReused)
    ),
)
async def confirm_learning_record(
    session: Deciding,
    request: Request,
    learning_record_id: RecordId,
    data: LearningDecisionIn,
    response: Response,
) -> LearningRecord:
    """Confirm what a learner learnt alone or at work.

    A mentor or manager does, and not who recorded it.
    """
    recorded = await get_or_404(session, LearningRecord, learning_record_id)
    who: Principal = request.state.principal
    decided = await learning.decide(session, recorded, "confirmed", data.note, who.actor)
    return tagged(response, decided)


@router.post(
    "/learning-records/{learning_record_id}/refuse",
    response_model=LearningRecordOut,
    responses=problems(NotFound, LearningDecided, IdempotencyKeyReused),
)
async def refuse_learning_record(
    session: Deciding,
    request: Request,
    learning_record_id: RefusedId,
    data: LearningRefusalIn,
    response: Response,
) -> LearningRecord:
    """Refuse what a learner recorded of what they learnt."""
    recorded = await get_or_404(session, LearningRecord, learning_record_id)
    who: Principal = request.state.principal
    decided = await learning.decide(session, recorded, "refused", data.note, who.actor)
    return tagged(response, decided)
