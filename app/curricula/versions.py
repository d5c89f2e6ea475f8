"""Versions of curricula: begun, worked on, discarded, retired."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import get_or_404
from app.core.problems import InvalidRequest, NotFound, invalid, not_to_be_named
from app.core.schemas import today
from app.curricula.models import Curriculum, CurriculumModule, CurriculumVersion
from app.curricula.modules.models import ModuleVersion
from app.curricula.modules.service import columns_of
from app.curricula.problems import (
    CurriculumNotInForce,
    CurriculumVersionNotDraft,
    ExtendedVersionNotInForce,
)
from app.curricula.schemas import (
    CurriculumContentIn,
    CurriculumVersionIn,
)
from app.curricula.target_groups import rule as target_groups
from app.curricula.vocabulary import OPEN_STATES
from app.events.outbox import publish

_OF_A_VERSION = {
    *("id", "version", "created_at", "updated_at", "state", "carried_over", "published_on"),
    *("retired_on", "publish_on", "document_number", "issuing_body", "issued_on"),
    *("document_sha256", "document_material_version_id", "round", "quorum", "review_due_on"),
}
"""What a copy does not take over."""
_HOLD = text("select hold_common_part(:id)")
_COPY_MODULES = text("""
  insert into curriculum_modules (organization_id, curriculum_version_id, module_id,
    module_version_id, position, mandatory)
  select m.organization_id, :to, m.module_id, case when :renewed
    then coalesce(v.id, m.module_version_id) else m.module_version_id end, m.position, m.mandatory
  from curriculum_modules m
  left join module_versions v on v.module_id = m.module_id and v.state = 'published'
  where m.curriculum_version_id = :of
""")


async def held_curriculum(session: AsyncSession, id: UUID) -> Curriculum:
    """A curriculum whose versions are about to come or go. Its common part, if it extends one, is
    held first, for who publishes that changes extensions afterwards."""
    await session.execute(_HOLD, {"id": id})
    return await get_or_404(session, Curriculum, id)


async def held(session: AsyncSession, id: UUID) -> CurriculumVersion:
    """The one door to a version whose state is about to change."""
    of = select(CurriculumVersion.curriculum_id).where(CurriculumVersion.id == id)
    curriculum_id = await session.scalar(of)
    if curriculum_id is None:
        raise NotFound
    await held_curriculum(session, curriculum_id)
    return await get_or_404(session, CurriculumVersion, id)


async def draft(session: AsyncSession, id: UUID) -> CurriculumVersion:
    """The one door to what a version says. Raises CurriculumVersionNotDraft."""
    version = await get_or_404(session, CurriculumVersion, id)
    if version.state != "draft":
        raise CurriculumVersionNotDraft
    return version


async def version_in_force(session: AsyncSession, curriculum_id: UUID) -> CurriculumVersion | None:
    found: CurriculumVersion | None = await session.scalar(
        select(CurriculumVersion).where(
            CurriculumVersion.curriculum_id == curriculum_id,
            CurriculumVersion.state == "published",
        )
    )
    return found


async def create_version(session: AsyncSession, curriculum: Curriculum) -> CurriculumVersion:
    """A copy of the newest one. Raises, by rules of the database, when that is worked on, and when
    the common part is not in force."""
    newest = await session.scalar(
        select(CurriculumVersion)
        .where(CurriculumVersion.curriculum_id == curriculum.id)
        .order_by(CurriculumVersion.state == "discarded", CurriculumVersion.number.desc())
        .limit(1)
    )
    if newest is None:
        raise NotFound
    extends = {}
    if curriculum.extends_curriculum_id is not None:
        common = await version_in_force(session, curriculum.extends_curriculum_id)
        if common is None:
            raise ExtendedVersionNotInForce
        extends["extends_version_id"] = common.id
    version = await copied(session, newest, extends)
    tell(session, version, "created")
    return version


async def copied(
    session: AsyncSession,
    version: CurriculumVersion,
    given: Mapping[str, Any],
    *,
    renewed: bool = False,
) -> CurriculumVersion:
    """A draft that says the same, but for what is given; `renewed`, with its modules in the
    versions that are in force."""
    said = columns_of(version, besides=_OF_A_VERSION) | {"based_on_id": version.id, **given}
    if "number" not in given:
        last = select(func.max(CurriculumVersion.number))
        of_it = CurriculumVersion.curriculum_id == version.curriculum_id
        said["number"] = (await session.scalar(last.where(of_it)) or 0) + 1
    made = CurriculumVersion(**said)
    session.add(made)
    await session.flush()
    values = {"of": version.id, "to": made.id, "renewed": renewed}
    await session.execute(_COPY_MODULES, values)
    await session.refresh(made)
    return made


async def describe(
    session: AsyncSession, version: CurriculumVersion, data: CurriculumContentIn
) -> CurriculumVersion:
    """All of it at once. Raises InvalidRequest for all that is named and unknown."""
    wanted, errors = await _modules(session, data, version.organization_id)
    fields = CurriculumVersionIn.model_fields.keys() - {"modules", "target_group"}
    group, unknown = await target_groups.columns(session, data.target_group)
    if errors := [*errors, *unknown]:
        raise InvalidRequest(errors=errors)
    for field, value in (data.model_dump(include=set(fields)) | group).items():
        setattr(version, field, value)
    session.add(version)
    await session.flush()
    of_version = CurriculumModule.curriculum_version_id == version.id
    ordered = select(CurriculumModule).where(of_version).order_by(CurriculumModule.position)
    keys = {"id", "created_at", "organization_id", "curriculum_version_id"}
    if [columns_of(row, besides=keys) for row in await session.scalars(ordered)] != wanted:
        await session.execute(delete(CurriculumModule).where(of_version))
        of = {
            "organization_id": version.organization_id,
            "curriculum_version_id": version.id,
        }
        session.add_all(CurriculumModule(**of, **row) for row in wanted)
        version.updated_at = func.now()
    await session.flush()
    await session.refresh(version)
    return version


async def replace_version(
    session: AsyncSession, version: CurriculumVersion, data: CurriculumVersionIn
) -> CurriculumVersion:
    if version.extends_curriculum_id is not None and data.extension_hours_max is not None:
        message = "An extension is not extended again; leave the bounds out."
        raise invalid("bounds_of_extension", message, "body", "extension_hours_max")
    return await describe(session, version, data)


async def discard_version(session: AsyncSession, version: CurriculumVersion) -> CurriculumVersion:
    """It is not deleted, for what reviewers said of it is theirs."""
    if version.state not in OPEN_STATES:
        raise CurriculumVersionNotDraft
    version.state = "discarded"
    return await moved(session, version, "discarded")


async def retire_version(session: AsyncSession, version: CurriculumVersion) -> CurriculumVersion:
    if version.state != "published":
        raise CurriculumNotInForce
    version.state, version.retired_on = "retired", today()
    return await moved(session, version, "retired")


async def moved(session: AsyncSession, version: CurriculumVersion, to: str) -> CurriculumVersion:
    """The version in its next state, which is told."""
    await session.flush()
    await session.refresh(version)
    tell(session, version, to)
    return version


def tell(session: AsyncSession, version: CurriculumVersion, what: str) -> None:
    """Of a version, what became of it."""
    news = {"curriculum_id": str(version.curriculum_id), "number": version.number}
    publish(session, f"curriculum_version.{what}", version.id, version.organization_id, **news)


async def _modules(
    session: AsyncSession, data: CurriculumContentIn, owner: UUID
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """In their order, and what is wrong with them. Drafts of others are not to be named, even by
    who sees them."""
    given = [each.module_version_id for each in data.modules]
    own_or_published = or_(
        ModuleVersion.organization_id == owner, ModuleVersion.published_on.is_not(None)
    )
    named = select(ModuleVersion.id, ModuleVersion.module_id).where(
        ModuleVersion.id.in_(given), own_or_published
    )
    known = {row.id: row.module_id for row in await session.execute(named)}
    rows, errors, had = [], list[dict[str, Any]](), set()
    for place, each in enumerate(data.modules):
        at = ("body", "modules", place, "module_version_id")
        module_id = known.get(each.module_version_id)
        if module_id is None:
            errors.append(not_to_be_named("modules", place, "module_version_id"))
        elif module_id in had:
            message = "Another version of this module is in the curriculum already."
            errors += invalid("module_twice", message, *at).errors or []
        had.add(module_id)
        row = {"module_id": module_id, "position": place + 1}
        rows.append(row | each.model_dump())
    return rows, errors
