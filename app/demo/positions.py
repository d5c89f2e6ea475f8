"""Positions that require what the framework in force describes, and evidence of some people."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.evidence_models import Evidence
from app.competencies.position_models import (
    JobPosition,
    JobPositionAssignment,
    JobPositionRequirement,
    JobPositionTitle,
)
from app.competencies.positions import in_present_words
from app.core import examples
from app.learners.models import Learner

SINCE = date(2026, 1, 1)


async def add(session: AsyncSession, academy: UUID) -> None:
    words = await in_present_words(session, examples.FRAMEWORK, examples.REQUIRED_IDENTIFIER)
    await _position(session, academy, words)
    learner = await session.get_one(Learner, examples.PROTECTED)
    session.add(
        JobPositionAssignment(
            id=examples.JOB_POSITION_ASSIGNMENT,
            organization_id=learner.organization_id,
            learner_id=learner.id,
            position_since=learner.position_since,
            job_position_id=examples.JOB_POSITION,
        )
    )
    await _evidence(session, words)


async def _position(session: AsyncSession, academy: UUID, words: dict[str, Any]) -> None:
    of_academy = {"organization_id": academy}
    session.add(
        JobPosition(
            **of_academy,
            id=examples.JOB_POSITION,
            code="VT-LT-01",
            name_vi="Chuyên viên lễ tân đối ngoại",
            name_en="Protocol officer",
        )
    )
    await session.flush()
    required = {"job_position_id": examples.JOB_POSITION, "required_level": 3, "desired_level": 4}
    periods = {
        examples.UNWANTED_REQUIREMENT: (date(2025, 1, 1), SINCE),
        examples.REQUIREMENT: (SINCE, None),
    }
    for id, (since, until) in periods.items():
        days = {"since": since, "until": until}
        session.add(JobPositionRequirement(**of_academy, id=id, **words, **required, **days))
    session.add(
        JobPositionTitle(
            **of_academy,
            id=examples.JOB_POSITION_TITLE,
            title="Chuyên viên Lễ tân đối ngoại",
            job_position_id=examples.JOB_POSITION,
        )
    )


async def _evidence(session: AsyncSession, words: dict[str, Any]) -> None:
    learner = await session.get_one(Learner, examples.LEARNER)
    pieces = (
        (examples.EVIDENCE, "prior_learning", 4, date(2019, 6, 1)),
        (examples.MISTAKEN_EVIDENCE, "assessment", 2, date(2025, 3, 15)),
        (examples.UNWANTED_EVIDENCE, "supervisor_rating", 5, date(2025, 11, 2)),
    )
    for id, kind, level, achieved_on in pieces:
        session.add(
            Evidence(
                id=id,
                organization_id=learner.organization_id,
                learner_id=learner.id,
                **words,
                type=kind,
                level=level,
                achieved_on=achieved_on,
                document="Bằng thạc sĩ 12/2019" if kind == "prior_learning" else None,
            )
        )
    await session.flush()
