"""Modules and their versions: begun, worked on, published, retired."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.models import PublishedCompetency
from app.competencies.scale_models import Level
from app.core.database.writes import get_or_404, replace
from app.core.problems import InvalidRequest, NotFound, invalid, not_to_be_named
from app.core.schemas import today
from app.curricula.modules.models import (
    NEWEST_FIRST,
    Module,
    ModuleCompetency,
    ModuleMaterial,
    ModuleOutcome,
    ModulePrerequisite,
    ModuleVersion,
    OfModule,
)
from app.curricula.modules.schemas import ModuleCreate, ModuleIn, ModuleVersionIn
from app.curricula.problems import ModuleNotInForce, ModuleVersionNotDraft
from app.events.outbox import publish
from app.materials.models import Material, MaterialVersion

PARTS: dict[str, type[OfModule]] = {
    "outcomes": ModuleOutcome,
    "competencies": ModuleCompetency,
    "prerequisites": ModulePrerequisite,
    "materials": ModuleMaterial,
}
"""What a version says beside its own row."""
_FIELDS = set(ModuleVersionIn.model_fields) - PARTS.keys()
_KEYS = {"id", "created_at", "organization_id", "module_version_id"}
Rows = list[dict[str, Any]]


async def create_module(session: AsyncSession, data: ModuleCreate) -> Module:
    """With its first version, a draft."""
    module = Module(code=data.code, kind=data.kind)
    if data.organization_id is not None:
        module.organization_id = data.organization_id
    session.add(module)
    await session.flush()
    _tell_of(session, module, "created")
    version = ModuleVersion(organization_id=module.organization_id, module_id=module.id, number=1)
    await _describe(session, version, data)
    await session.refresh(module)
    return module


async def replace_module(session: AsyncSession, module: Module, data: ModuleIn) -> Module:
    await replace(session, module, data)
    await session.refresh(module)
    _tell_of(session, module, "changed")
    return module


async def create_version(session: AsyncSession, module: Module) -> ModuleVersion:
    """A copy of the newest one, without materials that may not be named any more. Raises, by a rule
    of the database, when that is a draft."""
    newest = await session.scalar(
        select(ModuleVersion)
        .where(ModuleVersion.module_id == module.id)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )
    if newest is None:
        raise NotFound
    last = select(func.max(ModuleVersion.number)).where(ModuleVersion.module_id == module.id)
    own = {"id", "version", "created_at", "updated_at", "state", "published_on", "retired_on"}
    copied = columns_of(newest, besides=own)
    number = (await session.scalar(last) or 0) + 1
    version = ModuleVersion(**copied | {"number": number, "based_on_id": newest.id})
    session.add(version)
    await session.flush()
    for kind in PARTS.values():
        rows = select(kind).where(kind.module_version_id == newest.id)
        if kind is ModuleMaterial:
            named = select(MaterialVersion.id).where(_own_or_public(version.organization_id))
            rows = rows.where(ModuleMaterial.material_version_id.in_(named))
        said = [columns_of(row, besides=_KEYS) for row in await session.scalars(rows)]
        session.add_all(kind(**_of(version), **each) for each in said)
    await session.flush()
    await session.refresh(version)
    _tell(session, version, "created")
    return version


async def draft(session: AsyncSession, id: UUID) -> ModuleVersion:
    """The one door to what a version says; it is locked before any part of it.

    Raises ModuleVersionNotDraft.
    """
    version = await get_or_404(session, ModuleVersion, id)
    if version.state != "draft":
        raise ModuleVersionNotDraft
    return version


async def replace_version(
    session: AsyncSession, version: ModuleVersion, data: ModuleVersionIn
) -> ModuleVersion:
    return await _describe(session, version, data)


async def publish_version(session: AsyncSession, version: ModuleVersion) -> ModuleVersion:
    """It takes the place of the one in force, in the same moment."""
    former = await session.scalar(
        select(ModuleVersion)
        .where(ModuleVersion.module_id == version.module_id, ModuleVersion.state == "published")
        .with_for_update(key_share=True)
    )
    if former is not None:
        await retire_version(session, former)
    version.state, version.published_on = "published", today()
    return await _moved(session, version, "published")


async def discard_version(session: AsyncSession, version: ModuleVersion) -> ModuleVersion:
    version.state = "discarded"
    return await _moved(session, version, "discarded")


async def retire_version(session: AsyncSession, version: ModuleVersion) -> ModuleVersion:
    if version.state != "published":
        raise ModuleNotInForce
    version.state, version.retired_on = "retired", today()
    return await _moved(session, version, "retired")


async def _moved(session: AsyncSession, version: ModuleVersion, to: str) -> ModuleVersion:
    await session.flush()
    await session.refresh(version)
    _tell(session, version, to)
    return version


def columns_of(row: Any, *, besides: set[str]) -> dict[str, Any]:
    names = {column.name for column in row.__table__.columns} - besides
    return {name: getattr(row, name) for name in names}


async def _describe(
    session: AsyncSession, version: ModuleVersion, data: ModuleVersionIn
) -> ModuleVersion:
    """All of it at once; parts that stay as they are, are not touched.

    Raises InvalidRequest for everything that is named and unknown.
    """
    wanted = await _parts(session, data, version.organization_id)
    for field, value in data.model_dump(include=_FIELDS).items():
        setattr(version, field, value)
    session.add(version)
    await session.flush()
    changed = False
    for name, kind in PARTS.items():
        changed |= await _set(session, version, kind, wanted[name])
    if changed:
        version.updated_at = func.now()
    await session.flush()
    await session.refresh(version)
    return version


async def _set(
    session: AsyncSession, version: ModuleVersion, kind: type[OfModule], wanted: Rows
) -> bool:
    """Whether the rows of a part are otherwise than before."""
    of_version = kind.module_version_id == version.id
    present = await session.scalars(select(kind).where(of_version).order_by(kind.id))
    if [columns_of(row, besides=_KEYS) for row in present] == wanted:
        return False
    await session.execute(delete(kind).where(of_version))
    session.add_all(kind(**_of(version), **row) for row in wanted)
    await session.flush()
    return True


async def _parts(session: AsyncSession, data: ModuleVersionIn, owner: UUID) -> dict[str, Rows]:
    """The rows that a body wants. Raises InvalidRequest, of all that is wrong."""
    errors: list[dict[str, Any]] = []
    competencies = [row async for row in _competencies(session, data, errors)]
    for name, kind, nameable in (
        ("prerequisites", Module, _own_or_published(owner)),
        ("materials", MaterialVersion, _own_or_public(owner)),
    ):
        given: list[UUID] = getattr(data, name)
        known = set(await session.scalars(select(kind.id).where(kind.id.in_(given), nameable)))
        unknown = [place for place, id in enumerate(given) if id not in known]
        errors += [not_to_be_named(name, place) for place in unknown]
    if errors:
        raise InvalidRequest(errors=errors)
    return {
        "outcomes": [
            {"position": place, **each.model_dump()} for place, each in enumerate(data.outcomes, 1)
        ],
        "competencies": competencies,
        "prerequisites": [{"required_module_id": id} for id in data.prerequisites],
        "materials": [
            {"position": place, "material_version_id": id}
            for place, id in enumerate(data.materials, 1)
        ],
    }


def _own_or_published(owner: UUID) -> ColumnElement[bool]:
    """Modules that the owner's may require, whatever else the caller sees."""
    ever = select(ModuleVersion.id).where(
        ModuleVersion.module_id == Module.id, ModuleVersion.published_on.is_not(None)
    )
    return or_(Module.organization_id == owner, ever.exists())


def _own_or_public(owner: UUID) -> ColumnElement[bool]:
    """Versions of materials that the owner's modules may be taught with."""
    public = select(Material.id).where(Material.visibility == "public")
    return or_(MaterialVersion.organization_id == owner, MaterialVersion.material_id.in_(public))


async def _competencies(
    session: AsyncSession, data: ModuleVersionIn, errors: list[dict[str, Any]]
) -> Any:
    """In the words of the newest published version."""
    wanted = {each.competency_identifier for each in data.competencies}
    found = select(PublishedCompetency).where(PublishedCompetency.identifier.in_(wanted))
    known = {(c.framework_id, c.identifier): c for c in await session.scalars(found)}
    versions = {c.framework_version_id for c in known.values()}
    on = (Level.framework_version_id, Level.scale_identifier, Level.level)
    levels = await session.execute(select(*on).where(Level.framework_version_id.in_(versions)))
    steps = {tuple(row) for row in levels}
    for place, each in enumerate(data.competencies):
        competency = known.get((each.framework_id, each.competency_identifier))
        if competency is None or competency.scale_identifier is None:
            elsewhere = any(each.competency_identifier == known_id for _, known_id in known)
            wrong = "framework_id" if elsewhere else "competency_identifier"
            errors.append(not_to_be_named("competencies", place, wrong))
            continue
        words = (competency.framework_version_id, competency.scale_identifier)
        if (*words, each.level) not in steps:
            at = ("body", "competencies", place, "level")
            message = "The competency's scale does not have this level."
            errors += invalid("level_not_on_scale", message, *at).errors or []
        yield {
            **each.model_dump(),
            "framework_version_id": words[0],
            "scale_identifier": words[1],
        }


def _of(version: ModuleVersion) -> dict[str, UUID]:
    return {"organization_id": version.organization_id, "module_version_id": version.id}


def _tell_of(session: AsyncSession, module: Module, what: str) -> None:
    publish(session, f"module.{what}", module.id, module.organization_id, key=module.code)


def _tell(session: AsyncSession, version: ModuleVersion, what: str) -> None:
    news = {"module_id": str(version.module_id), "number": version.number}
    publish(session, f"module_version.{what}", version.id, version.organization_id, **news)
