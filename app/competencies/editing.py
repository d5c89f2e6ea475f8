"""What an open version says: its scales, and its tree of competencies."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.models import Competency, FrameworkVersion, Replacement
from app.competencies.problems import (
    CompetencyNotEmpty,
    ReplacedCompetencyUnknown,
    ScaleInUse,
)
from app.competencies.scale_models import Descriptor, Level, Scale
from app.competencies.scale_schemas import DescriptorIn, LevelIn, ScaleCreate, ScaleIn
from app.competencies.schemas import CompetencyCreate, CompetencyIn, MoveIn
from app.competencies.service import name_cause, open_version
from app.core.database.writes import get_or_404
from app.core.problems import NotFound

_IN_PARTS = {"levels", "descriptors", "replaces", "because_of", "parent_identifier", "position"}
_MAKING_ROOM = text("select set_config('app.making_room', :yes, true)")
"""The log of a consultation leaves out what makes room."""
_RENUMBER = text("""
  update competencies c set position = o.nth
  from unnest(cast(:ids as uuid[])) with ordinality as o (id, nth)
  where c.id = o.id and c.position <> o.nth
""")


async def part_of_open_version(session: AsyncSession, kind: Any, id: UUID) -> Any:
    """A part of a version, to be changed; the version is locked before it."""
    version_id = await session.scalar(select(kind.framework_version_id).where(kind.id == id))
    if version_id is None:
        raise NotFound
    await open_version(session, version_id)
    return await get_or_404(session, kind, id)


async def create_scale(
    session: AsyncSession, version: FrameworkVersion, data: ScaleCreate
) -> Scale:
    await name_cause(session, data.because_of)
    last = select(func.max(Scale.position)).where(Scale.framework_version_id == version.id)
    scale = Scale(
        organization_id=version.organization_id,
        framework_version_id=version.id,
        position=(await session.scalar(last) or 0) + 1,
        **data.model_dump(exclude=_IN_PARTS, exclude_none=True),
    )
    session.add(scale)
    await session.flush()
    await _set_levels(session, scale, data.levels)
    await session.refresh(scale)
    return scale


async def replace_scale(session: AsyncSession, scale: Scale, data: ScaleIn) -> Scale:
    await name_cause(session, data.because_of)
    for field, value in data.model_dump(exclude=_IN_PARTS).items():
        setattr(scale, field, value)
    await session.flush()
    if await _set_levels(session, scale, data.levels):
        scale.updated_at = func.now()
    await session.flush()
    await session.refresh(scale)
    return scale


async def remove_scale(session: AsyncSession, scale: Scale, because_of: UUID | None) -> None:
    used = select(Competency.id).where(
        Competency.framework_version_id == scale.framework_version_id,
        Competency.scale_identifier == scale.identifier,
    )
    if await session.scalar(used.limit(1)):
        raise ScaleInUse
    await name_cause(session, because_of)
    await _set_levels(session, scale, [])
    await session.delete(scale)
    await session.flush()


async def _set_levels(session: AsyncSession, scale: Scale, levels: list[LevelIn]) -> bool:
    of_scale = (
        Level.framework_version_id == scale.framework_version_id,
        Level.scale_identifier == scale.identifier,
    )
    present = (await session.scalars(select(Level).where(*of_scale))).all()
    made = {"scale_identifier": scale.identifier}
    return await _set_parts(session, scale, present, levels, Level, made)


async def create_competency(
    session: AsyncSession, version: FrameworkVersion, data: CompetencyCreate
) -> Competency:
    await name_cause(session, data.because_of)
    competency = Competency(
        organization_id=version.organization_id,
        framework_version_id=version.id,
        parent_identifier=data.parent_identifier,
        position=0,
        **data.model_dump(exclude=_IN_PARTS, exclude_none=True),
    )
    competency.position = await _make_room(session, competency, data.position)
    session.add(competency)
    await session.flush()
    await _set_details(session, version, competency, data)
    await session.refresh(competency)
    return competency


async def replace_competency(
    session: AsyncSession, competency: Competency, data: CompetencyIn
) -> Competency:
    """Where it stands is not a part of its description: see `move_competency`."""
    await name_cause(session, data.because_of)
    version = await session.get_one(FrameworkVersion, competency.framework_version_id)
    if competency.scale_identifier != data.scale_identifier:
        await _set_descriptors(session, competency, [])  # they are of the former scale
    for field, value in data.model_dump(exclude=_IN_PARTS).items():
        setattr(competency, field, value)
    await session.flush()
    if await _set_details(session, version, competency, data):
        competency.updated_at = func.now()
        await session.flush()
    await session.refresh(competency)
    return competency


async def move_competency(
    session: AsyncSession, competency: Competency, data: MoveIn
) -> Competency:
    await name_cause(session, data.because_of)
    competency.parent_identifier = data.parent_identifier
    with session.no_autoflush:
        competency.position = await _make_room(session, competency, data.position)
    await session.flush()
    await session.refresh(competency)
    return competency


async def remove_competency(
    session: AsyncSession, competency: Competency, because_of: UUID | None
) -> None:
    below = select(Competency.id).where(
        Competency.framework_version_id == competency.framework_version_id,
        Competency.parent_identifier == competency.identifier,
    )
    if await session.scalar(below.limit(1)):
        raise CompetencyNotEmpty
    await name_cause(session, because_of)
    await _set_descriptors(session, competency, [])
    await session.execute(
        delete(Replacement).where(
            Replacement.framework_version_id == competency.framework_version_id,
            Replacement.identifier == competency.identifier,
        )
    )
    await session.delete(competency)
    await session.flush()


async def _make_room(session: AsyncSession, competency: Competency, place: int | None) -> int:
    """Its place among its siblings, who close up around it."""
    siblings = select(Competency.id).where(
        Competency.framework_version_id == competency.framework_version_id,
        Competency.parent_identifier.is_not_distinct_from(competency.parent_identifier),
        Competency.id.is_distinct_from(competency.id),
    )
    ordered = siblings.order_by(Competency.position, Competency.identifier)
    ids: list[UUID | None] = list((await session.scalars(ordered)).all())
    place = min(place or len(ids) + 1, len(ids) + 1)
    ids.insert(place - 1, None)
    await session.execute(_MAKING_ROOM, {"yes": "yes"})
    await session.execute(_RENUMBER, {"ids": ids})
    await session.execute(_MAKING_ROOM, {"yes": ""})
    return place


async def _set_details(
    session: AsyncSession, version: FrameworkVersion, competency: Competency, data: CompetencyIn
) -> bool:
    """Whether anything of it is otherwise than before."""
    described = await _set_descriptors(session, competency, data.descriptors)
    return await _set_replaced(session, version, competency, set(data.replaces)) or described


async def _set_descriptors(
    session: AsyncSession, competency: Competency, descriptors: list[DescriptorIn]
) -> bool:
    of_competency = (
        Descriptor.framework_version_id == competency.framework_version_id,
        Descriptor.competency_identifier == competency.identifier,
    )
    present = (await session.scalars(select(Descriptor).where(*of_competency))).all()
    made = {
        "competency_identifier": competency.identifier,
        "scale_identifier": competency.scale_identifier,
    }
    return await _set_parts(session, competency, present, descriptors, Descriptor, made)


async def _set_parts(
    session: AsyncSession,
    whole: Scale | Competency,
    present: Iterable[Any],
    wanted: Iterable[LevelIn | DescriptorIn],
    kind: Any,
    made: dict[str, Any],
) -> bool:
    """Parts that have levels, as they are wanted; those that stay as they are, are not touched."""
    former = {part.level: part for part in present}
    for part in wanted:
        said = part.model_dump()
        if part.level in former:
            for field, value in said.items():
                setattr(former[part.level], field, value)
            del former[part.level]
        else:
            of_version = {
                "organization_id": whole.organization_id,
                "framework_version_id": whole.framework_version_id,
            }
            session.add(kind(**of_version, **made, **said))
    for part in former.values():
        await session.delete(part)
    changed = bool(session.new or session.deleted) or any(map(session.is_modified, session.dirty))
    await session.flush()
    return changed


async def _set_replaced(
    session: AsyncSession, version: FrameworkVersion, competency: Competency, wanted: set[UUID]
) -> bool:
    rows = select(Replacement).where(
        Replacement.framework_version_id == version.id,
        Replacement.identifier == competency.identifier,
    )
    former = {row.former_identifier: row for row in await session.scalars(rows)}
    if wanted and version.based_on_id is None:
        raise ReplacedCompetencyUnknown
    for identifier in former.keys() - wanted:
        await session.delete(former[identifier])
    for identifier in wanted - former.keys():
        session.add(
            Replacement(
                organization_id=version.organization_id,
                framework_version_id=version.id,
                identifier=competency.identifier,
                former_version_id=version.based_on_id,
                former_identifier=identifier,
            )
        )
    await session.flush()
    return former.keys() != wanted
