"""Curricula of a year: begun, extended, cloned."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import replace
from app.core.problems import NotFound
from app.curricula.models import Curriculum, CurriculumVersion
from app.curricula.problems import (
    CommonPartNotCloned,
    CurriculumNotInForce,
    ExtendedVersionNotInForce,
    ExtensionNotAllowed,
)
from app.curricula.schemas import (
    CloneIn,
    CurriculumContentIn,
    CurriculumCreate,
    CurriculumIn,
    ExtensionCreate,
)
from app.curricula.versions import copied, describe, version_in_force
from app.events.outbox import publish


async def create_curriculum(session: AsyncSession, data: CurriculumCreate) -> Curriculum:
    """With its first version, a draft."""
    said = data.model_dump(include={"code", "year", "kind", "field"})
    return await _begin(session, Curriculum(**said), data, data.organization_id)


async def replace_curriculum(
    session: AsyncSession, curriculum: Curriculum, data: CurriculumIn
) -> Curriculum:
    await replace(session, curriculum, data)
    await session.refresh(curriculum)
    _tell_of(session, curriculum, "changed")
    return curriculum


async def extend(session: AsyncSession, extended_id: UUID, data: ExtensionCreate) -> Curriculum:
    """The specific part of an organisation, beside a common part that is in force.

    Raises ExtendedVersionNotInForce and ExtensionNotAllowed.
    """
    extended = await session.get(Curriculum, extended_id)
    if extended is None:
        raise NotFound
    common = await _to_be_extended(session, extended.id)
    taken = {name: getattr(extended, name) for name in ("year", "kind", "field")}
    extension = Curriculum(code=data.code, extends_curriculum_id=extended.id, **taken)
    extends = {"extends_curriculum_id": extended.id, "extends_version_id": common.id}
    return await _begin(session, extension, data, None, **extends)


async def clone(session: AsyncSession, curriculum: Curriculum, data: CloneIn) -> Curriculum:
    """The same in another year: a draft copied from the version in force, with its modules in the
    versions that are in force now. An extension's extends what its common part became.

    Raises CurriculumNotInForce, CommonPartNotCloned.
    """
    in_force = await version_in_force(session, curriculum.id)
    if in_force is None:
        raise CurriculumNotInForce
    extends, alike = dict[str, UUID](), curriculum
    if curriculum.extends_curriculum_id is not None:
        common = await _common_part_of(session, curriculum.extends_curriculum_id, data.year)
        extends["extends_curriculum_id"] = common.curriculum_id
        extends["extends_version_id"] = common.id
        alike = await session.get_one(Curriculum, common.curriculum_id)
    made = Curriculum(
        organization_id=curriculum.organization_id,
        code=curriculum.code,
        year=data.year,
        kind=alike.kind,
        field=alike.field,
        extends_curriculum_id=extends.get("extends_curriculum_id"),
        cloned_from_id=curriculum.id,
    )
    session.add(made)
    await session.flush()
    first: dict[str, Any] = {"curriculum_id": made.id, "number": 1, "based_on_id": None}
    await copied(session, in_force, first | extends, renewed=True)
    await session.refresh(made)
    _tell_of(session, made, "created")
    return made


async def _begin(
    session: AsyncSession,
    curriculum: Curriculum,
    data: CurriculumContentIn,
    organization_id: UUID | None,
    **extends: UUID,
) -> Curriculum:
    if organization_id is not None:
        curriculum.organization_id = organization_id
    session.add(curriculum)
    await session.flush()
    of = {"organization_id": curriculum.organization_id, "curriculum_id": curriculum.id}
    await describe(session, CurriculumVersion(**of, number=1, **extends), data)
    await session.refresh(curriculum)
    _tell_of(session, curriculum, "created")
    return curriculum


async def _to_be_extended(session: AsyncSession, curriculum_id: UUID) -> CurriculumVersion:
    common = await version_in_force(session, curriculum_id)
    if common is None:
        raise ExtendedVersionNotInForce
    if common.extension_hours_max is None and common.extends_curriculum_id is None:
        raise ExtensionNotAllowed
    return common


async def _common_part_of(session: AsyncSession, common_id: UUID, year: int) -> CurriculumVersion:
    """What is in force of the common part in another year: its owner's under the same code. Raises
    CommonPartNotCloned."""
    this = await session.get_one(Curriculum, common_id)
    same = (Curriculum.organization_id == this.organization_id, Curriculum.code == this.code)
    found = await session.scalar(select(Curriculum.id).where(*same, Curriculum.year == year))
    common = None if found is None else await version_in_force(session, found)
    if common is None:
        raise CommonPartNotCloned(year=year)
    return common


def _tell_of(session: AsyncSession, curriculum: Curriculum, what: str) -> None:
    news = {"key": curriculum.code, "year": curriculum.year}
    publish(session, f"curriculum.{what}", curriculum.id, curriculum.organization_id, **news)
