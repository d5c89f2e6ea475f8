"""What people learn alone and at work: recorded, and then confirmed or refused by somebody else."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from app.attendance.learning_schemas import LearningRecordIn
from app.attendance.models import LearningRecord
from app.core.database.writes import replace
from app.core.problems import NotFound
from app.events.outbox import publish
from app.learners.models import Learner

LEARNERS = "learner:"
"""What the actor is named after who speaks of themselves."""


async def record(session: AsyncSession, learner_id: UUID, data: LearningRecordIn) -> LearningRecord:
    learner = await session.get(Learner, learner_id)
    if learner is None:
        raise NotFound
    of = {"organization_id": learner.organization_id, "learner_id": learner.id}
    recorded = LearningRecord(**of, **data.model_dump())
    session.add(recorded)
    await session.flush()
    await session.refresh(recorded)
    return recorded


async def correct(
    session: AsyncSession, recorded: LearningRecord, data: LearningRecordIn
) -> LearningRecord:
    """Raises, by a rule of the database, LearningDecided."""
    await replace(session, recorded, data)
    await session.refresh(recorded)
    return recorded


async def decide(
    session: AsyncSession, recorded: LearningRecord, state: str, note: str | None, actor: str
) -> LearningRecord:
    """`confirmed` or `refused`. Raises, by rules of the database, LearningDecided and
    LearningConfirmedByOneself."""
    recorded.state, recorded.note = state, note
    recorded.decided_by, recorded.decided_at = actor, func.now()
    await session.flush()
    await session.refresh(recorded)
    about = {"learner_id": str(recorded.learner_id)}
    publish(session, f"learning.{state}", recorded.id, recorded.organization_id, **about)
    return recorded
