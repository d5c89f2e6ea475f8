from datetime import date
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.schemas import today
from app.core.secrets import Pepper
from app.events.outbox import publish
from app.learners.models import Learner
from app.learners.names import computed
from app.learners.schemas import LearnerCreate, LearnerIn
from app.learners.vocabulary import PROTECTABLE


async def create_learner(session: AsyncSession, data: LearnerCreate, pepper: Pepper) -> Learner:
    learner = Learner(**_columns(data, pepper, since=today()))
    if data.organization_id is not None:
        learner.organization_id = data.organization_id
    session.add(learner)
    await session.flush()
    publish(session, "learner.created", learner.id, learner.organization_id, key=data.external_id)
    return learner


async def replace_learner(
    session: AsyncSession, learner: Learner, data: LearnerIn, pepper: Pepper, *, by_hand: bool
) -> Learner:
    """A replacement that changes nothing, as a nightly sync sends, is no news.

    What a person changes `by_hand` is protected: files leave it as it is from then on.
    """
    former_key = learner.external_id
    since = learner.status_since if data.status == learner.status else today()
    for column, value in _columns(data, pepper, since).items():
        setattr(learner, column, value)
    if not session.is_modified(learner):
        return learner
    if by_hand:
        learner.protected_fields = sorted({*learner.protected_fields, *_changed_fields(learner)})
    await session.flush()
    news = {"key": data.external_id}
    if former_key != data.external_id:
        news["former_key"] = former_key
    publish(session, "learner.changed", learner.id, learner.organization_id, **news)
    return learner


async def protect(session: AsyncSession, learner: Learner, fields: list[str]) -> Learner:
    """Just these are kept from files from now on."""
    if learner.protected_fields != fields:
        learner.protected_fields = fields
        await session.flush()
    return learner


def _changed_fields(learner: Learner) -> set[str]:
    """Of those that files say."""
    changed = {column.key for column in inspect(learner).attrs if column.history.has_changes()}
    if "national_id_hash" in changed:
        changed.add("national_id")
    return changed & set(PROTECTABLE)


def _columns(data: LearnerIn, pepper: Pepper, since: date) -> dict[str, Any]:
    """`since` is from when on they have their status, when `data` does not say."""
    columns = data.model_dump(exclude={"national_id", "organization_id"})
    columns["status_since"] = data.status_since or since
    if data.national_id is not None:
        columns["national_id_hash"] = pepper.hash(data.national_id)
        columns["national_id_tail"] = data.national_id[-3:]
    return columns | computed(data.full_name)
