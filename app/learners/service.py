from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.secrets import Pepper
from app.events.outbox import publish
from app.learners.models import Learner
from app.learners.names import computed
from app.learners.schemas import LearnerCreate, LearnerIn


async def create_learner(session: AsyncSession, data: LearnerCreate, pepper: Pepper) -> Learner:
    learner = Learner(**_columns(data, pepper))
    if data.organization_id is not None:
        learner.organization_id = data.organization_id
    session.add(learner)
    await session.flush()
    publish(session, "learner.created", learner.id, learner.organization_id, key=data.external_id)
    return learner


async def replace_learner(
    session: AsyncSession, learner: Learner, data: LearnerIn, pepper: Pepper
) -> Learner:
    former_key = learner.external_id
    for column, value in _columns(data, pepper).items():
        setattr(learner, column, value)
    await session.flush()
    news = {"key": data.external_id}
    if former_key != data.external_id:
        news["former_key"] = former_key
    publish(session, "learner.changed", learner.id, learner.organization_id, **news)
    return learner


def _columns(data: LearnerIn, pepper: Pepper) -> dict[str, Any]:
    columns = data.model_dump(exclude={"national_id", "organization_id"})
    if data.national_id is not None:
        columns["national_id_hash"] = pepper.hash(data.national_id)
        columns["national_id_tail"] = data.national_id[-3:]
    return columns | computed(data.full_name)
