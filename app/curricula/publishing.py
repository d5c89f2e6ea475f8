"""A version comes into force, and what others have added to the common part comes along."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.acting import acting_for_the_academy
from app.core.schemas import today
from app.curricula.findings import findings, refuse_unless_ready
from app.curricula.models import Curriculum, CurriculumVersion
from app.curricula.versions import copied, moved, retire_version, version_in_force
from app.curricula.vocabulary import OPEN_STATES
from app.events.outbox import publish

_APPROVAL = (
    *("document_number", "issuing_body", "issued_on", "document_sha256"),
    "document_material_version_id",
)
Found = list[dict[str, Any]]


async def publish_version(session: AsyncSession, version: CurriculumVersion) -> CurriculumVersion:
    """An approved version, from `held`, takes the place of the one in force, in the same moment;
    extensions of that one come along.

    Raises CurriculumNotReady.
    """
    await refuse_unless_ready(session, version.id)
    former = await version_in_force(session, version.curriculum_id)
    if former is not None:
        await retire_version(session, former)
    version.state, version.published_on = "published", today()
    await moved(session, version, "published")
    await carry_over(session, version)
    return version


async def carry_over(session: AsyncSession, version: CurriculumVersion) -> None:
    """Has the extensions of a curriculum extend its version that has just come into force.

    Where nothing stands against it, an extension in force is published anew, as it is and with
    the approval that it has; so is one in review or approved moved, as it is. Otherwise its owner
    gets a draft that extends the new version, whose findings tell why; and what was in force stays
    so. A draft that its owner works on is moved.

    Extensions are others', whom the caller may not see: it is done in the Academy's name. Each
    curriculum is locked before its versions, in the order of their ids.
    """
    id = version.id
    async with acting_for_the_academy(session):
        extensions = await session.scalars(
            select(Curriculum.id)
            .where(Curriculum.extends_curriculum_id == version.curriculum_id)
            .order_by(Curriculum.id)
            .with_for_update(key_share=True)
        )
        for extension in extensions.all():
            await _bring_along(session, extension, id)
        await session.flush()


async def _bring_along(session: AsyncSession, extension_id: UUID, common_id: UUID) -> None:
    of_it = CurriculumVersion.curriculum_id == extension_id
    rows = await session.scalars(
        select(CurriculumVersion)
        .where(of_it, CurriculumVersion.state.in_((*OPEN_STATES, "published")))
        .order_by(CurriculumVersion.id)
        .with_for_update(key_share=True)
    )
    versions = {"open" if each.state != "published" else "in force": each for each in rows}
    in_force, worked_on = versions.get("in force"), versions.get("open")
    touched = set(versions.values())
    if worked_on is not None:
        await _move(session, worked_on, common_id)
    if in_force is not None:
        touched.add(await _renew(session, in_force, worked_on, common_id))
    await session.flush()
    for each in touched:  # which the caller may not see
        session.expunge(each)


async def _move(session: AsyncSession, worked_on: CurriculumVersion, common_id: UUID) -> None:
    """What is reviewed or approved stays so if nothing stands against it; else it is a draft."""
    against = await findings(session, worked_on.id, common_id)
    worked_on.extends_version_id = common_id
    if against and worked_on.state != "draft":
        worked_on.state, worked_on.publish_on = "draft", None
        for column in _APPROVAL:
            setattr(worked_on, column, None)
        _tell(session, worked_on, "in_conflict", against)
    await session.flush()


async def _renew(
    session: AsyncSession,
    in_force: CurriculumVersion,
    worked_on: CurriculumVersion | None,
    common_id: UUID,
) -> CurriculumVersion:
    """The version that extends the new common part: in force in place of the one before, or a
    draft."""
    against = await findings(session, in_force.id, common_id)
    if against:
        draft = worked_on
        if draft is None:
            draft = await copied(session, in_force, {"extends_version_id": common_id})
        _tell(session, draft, "in_conflict", against)
        return draft
    approval = {column: getattr(in_force, column) for column in _APPROVAL}
    given = {"extends_version_id": common_id, "carried_over": True}
    renewed = await copied(session, in_force, given | approval)
    await retire_version(session, in_force)
    renewed.state, renewed.published_on = "published", today()
    await session.flush()
    _tell(session, renewed, "carried_over", ())
    return renewed


def _tell(
    session: AsyncSession, version: CurriculumVersion, what: str, against: Collection[Any]
) -> None:
    news = {
        "curriculum_id": str(version.curriculum_id),
        "number": version.number,
        "extends_version_id": str(version.extends_version_id),
        "rules": sorted({finding["rule"] for finding in against}),
    }
    name = f"curriculum_extension.{what}"
    publish(session, name, version.id, version.organization_id, **news)
