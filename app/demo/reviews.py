"""Curricula of the Academy on their way to being in force, one in each state."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.core import examples
from app.curricula.models import Curriculum, CurriculumModule, CurriculumVersion
from app.curricula.module_models import ModuleVersion
from app.curricula.review_models import (
    ReviewComment,
    ReviewDecision,
    ReviewDelegation,
    ReviewInvitation,
)

DOCUMENT: dict[str, Any] = {
    "document_number": "88/QĐ-HVNG",
    "issuing_body": "Học viện Ngoại giao",
    "issued_on": date(2026, 1, 15),
    "document_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
REVIEWER, OTHER_REVIEWER = "admin@academy.example", "staff@academy.example"
STANDS_IN = "coordinator@moit.example"
_ACTOR = text("select set_config('app.actor', :actor, true)")


async def add(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    """Beside the module that the examples name, which is in force."""
    await _begin(
        session,
        academy,
        "DN-LT",
        ("Chuyên sâu về lễ tân đối ngoại", "Specialised course in protocol"),
        examples.CURRICULUM_TO_SUBMIT,
    )
    await _reviewed(session, academy, asked)
    for code, titles, id, state in (
        (
            "DN-BC",
            ("Chuyên sâu về báo chí đối ngoại", "Specialised course in press work"),
            examples.CURRICULUM_TO_RETURN,
            "in_review",
        ),
        (
            "DN-LS",
            ("Chuyên sâu về công tác lãnh sự", "Specialised course in consular work"),
            examples.CURRICULUM_TO_APPROVE,
            "in_review",
        ),
        (
            "DN-BG",
            ("Chuyên sâu về biên giới lãnh thổ", "Specialised course in borders and territory"),
            examples.APPROVED_CURRICULUM_VERSION,
            "approved",
        ),
    ):
        version = await _begin(session, academy, code, titles, id)
        await agree(session, version)
        if state == "approved":
            await _step(session, version, "approved", **DOCUMENT)


async def _reviewed(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    """One that others are asked about, with a comment on its module."""
    version = await _begin(
        session,
        academy,
        "DN-VH",
        ("Chuyên sâu về ngoại giao văn hóa", "Specialised course in cultural diplomacy"),
        examples.REVIEWED_CURRICULUM_VERSION,
    )
    module = await session.get_one(ModuleVersion, examples.MODULE_VERSION)
    await _name(session, version, REVIEWER)
    seat = await _name(session, version, OTHER_REVIEWER, id=examples.REVIEWER)
    session.add(
        ReviewInvitation.of(
            version,
            id=examples.REVIEW_INVITATION,
            email="learner@hanoi.example",
        )
    )
    session.add(
        ReviewDelegation.of(
            version,
            id=examples.REVIEW_DELEGATION,
            invitation_id=seat.id,
            email=STANDS_IN,
            since=date(2026, 7, 1),
            until=date(2199, 12, 31),
        )
    )
    await _step(session, version, "in_review", quorum=2)
    session.add(
        ReviewComment.of(
            version,
            id=examples.REVIEW_COMMENT,
            module_id=module.module_id,
            author_organization_id=asked,
            author_name="Sở Ngoại vụ thành phố Huế",
            text="Nên tăng thời lượng đi thực tế tại di sản.",
        )
    )
    await session.flush()


async def _begin(
    session: AsyncSession, academy: UUID, code: str, titles: tuple[str, str], id: UUID
) -> CurriculumVersion:
    """A draft that nothing stands against."""
    module = await session.get_one(ModuleVersion, examples.MODULE_VERSION)
    curriculum = Curriculum(organization_id=academy, code=code, year=2027, kind="specialised")
    session.add(curriculum)
    await session.flush()
    version = CurriculumVersion(
        id=id,
        organization_id=academy,
        curriculum_id=curriculum.id,
        number=1,
        title_vi=titles[0],
        title_en=titles[1],
        hours=module.theory_hours
        + module.practice_hours
        + module.self_study_hours
        + module.on_the_job_hours,
    )
    session.add(version)
    await session.flush()
    session.add(
        CurriculumModule(
            organization_id=academy,
            curriculum_version_id=version.id,
            module_id=module.module_id,
            module_version_id=module.id,
            position=1,
            mandatory=True,
        )
    )
    await session.flush()
    return version


async def agree(session: AsyncSession, version: CurriculumVersion) -> None:
    """In review, and the reviewer approves it."""
    await _name(session, version, REVIEWER)
    await _step(session, version, "in_review", quorum=1)
    user = await session.scalar(select(User.id).where(User.email == REVIEWER))
    before = await session.scalar(text("select current_setting('app.actor')"))
    await session.execute(_ACTOR, {"actor": f"academy_admin:{user}"})
    session.add(
        ReviewDecision(
            organization_id=version.organization_id,
            curriculum_version_id=version.id,
            decision="approve",
            note="Nhất trí.",
        )
    )
    await session.flush()
    await session.execute(_ACTOR, {"actor": before})


async def _name(
    session: AsyncSession, version: CurriculumVersion, email: str, **known: Any
) -> ReviewInvitation:
    """Somebody who decides."""
    invitation: ReviewInvitation = ReviewInvitation.of(version, email=email, decides=True, **known)
    session.add(invitation)
    await session.flush()
    return invitation


async def _step(session: AsyncSession, version: CurriculumVersion, state: str, **said: Any) -> None:
    for field, value in {"state": state, **said}.items():
        setattr(version, field, value)
    await session.flush()
    await session.refresh(version)
