"""Evidence: recorded, corrected, taken back and reviewed, each time by adding something."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.evidence_models import Evidence, EvidenceReview
from app.competencies.evidence_schemas import CorrectionIn, EvidenceIn, EvidenceReviewIn
from app.competencies.positions import in_present_words
from app.competencies.problems import (
    AlreadySuperseded,
    EvidenceForOthersToGive,
    EvidenceOfOthers,
    EvidenceWithdrawn,
)
from app.core.problems import NotFound
from app.core.schemas import today
from app.events.outbox import publish
from app.learners.models import Learner

LEARNERS = "learner:"
"""What the actor is named after who speaks of themselves."""
OWN_WORDS = ("self_declared", "prior_learning")


async def record(session: AsyncSession, learner_id: UUID, data: EvidenceIn, actor: str) -> Evidence:
    learner = await _on_roster(session, learner_id)
    if actor.startswith(LEARNERS) and data.type not in OWN_WORDS:
        raise EvidenceForOthersToGive
    words = await in_present_words(session, data.framework_id, data.competency_identifier)
    return await _add(session, learner, **data.model_dump() | words)


async def correct(
    session: AsyncSession, evidence_id: UUID, data: CorrectionIn, actor: str
) -> Evidence:
    """In the words that the first one was given in."""
    former, learner = await _standing(session, evidence_id)
    _refuse_of_others(former, actor)
    return await _instead(session, former, learner, **data.model_dump())


async def withdraw(
    session: AsyncSession, evidence_id: UUID, note: str | None, actor: str
) -> Evidence:
    former, learner = await _standing(session, evidence_id)
    _refuse_of_others(former, actor)
    taken_back = {"document": former.document, "achieved_on": today()}
    return await _instead(session, former, learner, level=None, note=note, **taken_back)


async def review(
    session: AsyncSession, evidence_id: UUID, data: EvidenceReviewIn
) -> EvidenceReview:
    """May be said otherwise later; what was said stays. Raises AlreadySuperseded for what another
    piece has taken the place of."""
    evidence, learner = await _standing(session, evidence_id)
    reviewed = EvidenceReview(
        organization_id=learner.organization_id,
        learner_id=evidence.learner_id,
        framework_id=evidence.framework_id,
        competency_identifier=evidence.competency_identifier,
        scale_identifier=evidence.scale_identifier,
        evidence_id=evidence.id,
        **data.model_dump(),
    )
    session.add(reviewed)
    await session.flush()
    if evidence.superseded_by_id is not None:  # said to those only who may review it
        raise AlreadySuperseded
    news = {"evidence_id": str(evidence.id)}
    publish(session, f"evidence.{data.decision}", learner.id, learner.organization_id, **news)
    return reviewed


def _refuse_of_others(former: Evidence, actor: str) -> None:
    """Learners take back what they said themselves, and not what others say of them. So do rules of
    the database, which cannot say it as well."""
    if actor.startswith(LEARNERS) and former.recorded_by != actor:
        raise EvidenceOfOthers


async def _on_roster(session: AsyncSession, learner_id: UUID) -> Learner:
    """Who has the learner now adds to what is known of them, and nobody else."""
    learner = await session.get(Learner, learner_id)
    if learner is None:
        raise NotFound
    return learner


async def _standing(session: AsyncSession, evidence_id: UUID) -> tuple[Evidence, Learner]:
    evidence = await session.get(Evidence, evidence_id)
    if evidence is None:
        raise NotFound
    learner = await _on_roster(session, evidence.learner_id)
    if evidence.level is None:
        raise EvidenceWithdrawn
    return evidence, learner


async def _instead(
    session: AsyncSession, former: Evidence, learner: Learner, **said: Any
) -> Evidence:
    same = ("framework_id", "framework_version_id", "competency_identifier", "scale_identifier")
    kept = {name: getattr(former, name) for name in (*same, "type")}
    return await _add(session, learner, supersedes_id=former.id, **kept | said)


async def _add(session: AsyncSession, learner: Learner, **said: Any) -> Evidence:
    added = Evidence(organization_id=learner.organization_id, learner_id=learner.id, **said)
    session.add(added)
    await session.flush()
    await session.refresh(added)
    if not added.recorded_by.startswith(LEARNERS):  # what they say of themselves is no news yet
        news = {"evidence_id": str(added.id)}
        publish(session, "evidence.recorded", learner.id, learner.organization_id, **news)
    return added
