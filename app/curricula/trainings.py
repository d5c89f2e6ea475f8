"""Trainings: recorded by who has the learner, corrected and removed by who recorded them."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import get_or_404, replace
from app.curricula.training_models import Training
from app.curricula.training_schemas import TrainingIn
from app.events.outbox import publish
from app.learners.models import Learner


async def record(session: AsyncSession, learner_id: UUID, data: TrainingIn) -> Training:
    learner = await get_or_404(session, Learner, learner_id)
    training = Training(
        organization_id=learner.organization_id, learner_id=learner.id, **data.model_dump()
    )
    session.add(training)
    await session.flush()
    _tell(session, training, "recorded")
    return training


async def correct(session: AsyncSession, training: Training, data: TrainingIn) -> Training:
    await replace(session, training, data)
    _tell(session, training, "changed")
    return training


async def remove(session: AsyncSession, training: Training) -> None:
    await session.delete(training)
    await session.flush()
    _tell(session, training, "removed")


def _tell(session: AsyncSession, training: Training, what: str) -> None:
    news = {"learner_id": str(training.learner_id)}
    publish(session, f"training.{what}", training.id, training.organization_id, **news)
