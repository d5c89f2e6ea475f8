"""What learners have completed before."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.curricula import training_queries as queries
from app.curricula import trainings
from app.curricula.problems import TrainingAlreadyRecorded, TrainingOfUnknownCurriculum
from app.curricula.training_models import Training
from app.curricula.training_schemas import TrainingIn, TrainingOut, TrainingQuery

router = routing.router("curricula")

Reading = Annotated[Reader, reading(Permission.LEARNERS_READ)]
Recording = Annotated[AsyncSession, changing(Permission.LEARNERS_WRITE)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
TrainingId = Annotated[UUID, Path(description="The training's id", examples=[examples.TRAINING])]
UnwantedTrainingId = Annotated[
    UUID, Path(description="The training's id", examples=[examples.UNWANTED_TRAINING])
]

_REFUSED = (TrainingAlreadyRecorded, TrainingOfUnknownCurriculum)


@router.get("/trainings", **page_of(TrainingOut, TrainingQuery))
async def list_trainings(reader: Reading, request: Request) -> Response:
    """List trainings that learners have completed.

    Of your learners, whoever recorded them, and what your organisation recorded of others. The
    newest first.
    """
    return await queries.trainings.page(reader, request, TrainingQuery.of(request))


@router.post(
    "/learners/{learner_id}/trainings",
    status_code=201,
    response_model=TrainingOut,
    responses=problems(NotFound, *_REFUSED, IdempotencyKeyReused),
)
async def record_training(
    session: Recording, learner_id: LearnerId, data: TrainingIn, response: Response
) -> Training:
    """Record a training that a learner has completed.

    Target groups and recommendations go by it. It goes with the learner to their next
    organisation, which reads it.
    """
    return tagged(response, await trainings.record(session, learner_id, data))


@router.get("/trainings/{training_id}", response_model=TrainingOut, responses=problems(NotFound))
async def get_training(reader: Reading, request: Request, training_id: TrainingId) -> Response:
    """Read a training."""
    return await queries.trainings.row(reader, request, training_id)


@router.put(
    "/trainings/{training_id}",
    response_model=TrainingOut,
    openapi_extra=examples.body(
        kind="specialised",
        field="protocol_and_events",
        title="Bồi dưỡng nghiệp vụ lễ tân đối ngoại",
        completed_on="2023-10-20",
        document="Chứng nhận số 208/2023",
    ),
    responses=problems(NotFound, *_REFUSED, Outdated, VersionRequired),
)
async def replace_training(
    session: Recording,
    training_id: TrainingId,
    expected: IfMatch,
    data: TrainingIn,
    response: Response,
) -> Training:
    """Correct a training.

    Who recorded it does.
    """
    training = await get_or_404(session, Training, training_id)
    expected.check(training)
    return tagged(response, await trainings.correct(session, training, data))


@router.delete(
    "/trainings/{training_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_training(
    session: Recording, training_id: UnwantedTrainingId, expected: IfMatch
) -> None:
    """Remove a training that was recorded by mistake.

    Who recorded it does.
    """
    training = await get_or_404(session, Training, training_id)
    expected.check(training)
    await trainings.remove(session, training)
