"""Telling what happened, in the transaction where it happens."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.events.models import Event


def publish(
    session: AsyncSession, name: str, subject_id: UUID, organization_id: UUID, **data: Any
) -> None:
    """`name` is subject.verb in the past tense: `learner.released`. `data` holds no personal data
    beyond keys, for those who follow read the subject itself, under their own policies."""
    session.add(Event(name=name, subject_id=subject_id, organization_id=organization_id, data=data))
