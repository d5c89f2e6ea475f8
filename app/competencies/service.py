"""Frameworks and their versions: begun, worked on, consulted on, published, retired."""

from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.consultation_models import Comment
from app.competencies.models import NEWEST_FIRST, Framework, FrameworkVersion
from app.competencies.problems import (
    AlreadyInConsultation,
    NotInConsultation,
    NotInForce,
    PublishedVersionChanged,
    VersionDiscarded,
)
from app.competencies.schemas import (
    ConsultationIn,
    FrameworkCreate,
    FrameworkIn,
    FrameworkVersionIn,
)
from app.core.database.writes import get_or_404, replace
from app.core.problems import NotFound
from app.core.schemas import today
from app.events.outbox import publish
from app.opinions.problems import ThreadsUnresolved

_COPIES = [
    text(f"""
      insert into {table} (organization_id, framework_version_id, {columns})
      select organization_id, :to, {columns} from {table} where framework_version_id = :of
    """)  # noqa: S608 -- our own words
    for table, columns in {
        "proficiency_scales": "identifier, name_vi, name_en, proficient_level, position, exchanged",
        "proficiency_levels": "scale_identifier, level, name_vi, name_en, description_vi,"
        " description_en",
        "competencies": "identifier, parent_identifier, position, sort_key, kind, domain, code,"
        " name_vi, name_en, description_vi, description_en, scale_identifier, attainment_rule,"
        " association_identifier, exchanged",
        "level_descriptors": "competency_identifier, scale_identifier, level, text_vi, text_en",
    }.items()
]
"""All that a version says, under the identifiers that it has."""


async def create_framework(session: AsyncSession, data: FrameworkCreate) -> Framework:
    """With its first version, a draft."""
    framework = Framework(**data.model_dump(include={"code", "organization_id"}, exclude_none=True))
    session.add(framework)
    await session.flush()
    said = data.model_dump(exclude={"code", "organization_id"})
    session.add(
        FrameworkVersion(
            organization_id=framework.organization_id, framework_id=framework.id, number=1, **said
        )
    )
    await session.flush()
    await session.refresh(framework)
    publish(session, "framework.created", framework.id, framework.organization_id)
    return framework


async def replace_framework(
    session: AsyncSession, framework: Framework, data: FrameworkIn
) -> Framework:
    await replace(session, framework, data)
    await session.refresh(framework)
    publish(session, "framework.changed", framework.id, framework.organization_id)
    return framework


async def open_version(session: AsyncSession, id: UUID) -> FrameworkVersion:
    """The one door to what a version says. The version is locked first, before any part of it, so
    that whoever changes the same one waits here.

    Raises PublishedVersionChanged once it is published, VersionDiscarded once it is discarded.
    """
    version = await get_or_404(session, FrameworkVersion, id)
    if version.state == "discarded":
        raise VersionDiscarded
    if version.published_on is not None:
        raise PublishedVersionChanged
    return version


async def name_cause(session: AsyncSession, comment_id: UUID | None) -> None:
    """Because of which comment this transaction changes a version, for the consultation's log."""
    named = text("select set_config('app.because_of', :id, true)")
    await session.execute(named, {"id": str(comment_id or "")})


async def create_version(
    session: AsyncSession, framework: Framework, *, copied: bool = True
) -> FrameworkVersion:
    """A copy of the newest one, or only its title. Raises, by a rule of the database, when that is
    not published."""
    newest = await session.scalar(
        select(FrameworkVersion)
        .where(FrameworkVersion.framework_id == framework.id)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )
    if newest is None:
        raise NotFound
    last = select(func.max(FrameworkVersion.number))
    number = await session.scalar(last.where(FrameworkVersion.framework_id == framework.id)) or 0
    version = FrameworkVersion(
        organization_id=framework.organization_id,
        framework_id=framework.id,
        number=number + 1,
        based_on_id=newest.id,
        title_vi=newest.title_vi,
        title_en=newest.title_en,
        description_vi=newest.description_vi,
        description_en=newest.description_en,
        exchanged=newest.exchanged,
    )
    session.add(version)
    await session.flush()
    for copy in _COPIES if copied else ():
        await session.execute(copy, {"of": newest.id, "to": version.id})
    _tell(session, version, "created")
    return version


async def replace_version(
    session: AsyncSession, version: FrameworkVersion, data: FrameworkVersionIn
) -> FrameworkVersion:
    return await replace(session, version, data)


async def open_consultation(
    session: AsyncSession, version: FrameworkVersion, data: ConsultationIn
) -> FrameworkVersion:
    if version.state == "consultation":
        raise AlreadyInConsultation
    version.state, version.consultation_ends_on = "consultation", data.ends_on
    await session.flush()
    _tell(session, version, "consultation_opened")
    return version


async def close_consultation(session: AsyncSession, version: FrameworkVersion) -> FrameworkVersion:
    """Back to a draft, which only its owner sees; what was said stays."""
    if version.state != "consultation":
        raise NotInConsultation
    version.state, version.consultation_ends_on = "draft", None
    await session.flush()
    _tell(session, version, "consultation_closed")
    return version


async def publish_version(session: AsyncSession, version: FrameworkVersion) -> FrameworkVersion:
    """It takes the place of the one in force, in the same moment."""
    unresolved = await session.scalar(
        select(func.count()).where(
            Comment.framework_version_id == version.id,
            Comment.thread_id.is_(None),
            Comment.resolution.is_(None),
        )
    )
    if unresolved:
        raise ThreadsUnresolved
    former = await session.scalar(
        select(FrameworkVersion)
        .where(
            FrameworkVersion.framework_id == version.framework_id,
            FrameworkVersion.state == "published",
        )
        .with_for_update(key_share=True)
    )
    if former is not None:
        await retire_version(session, former)
    version.state, version.published_on = "published", today()
    await session.flush()
    _tell(session, version, "published")
    return version


async def discard_version(session: AsyncSession, version: FrameworkVersion) -> FrameworkVersion:
    """It is not deleted, for what others said of it is theirs."""
    version.state = "discarded"
    await session.flush()
    _tell(session, version, "discarded")
    return version


async def retire_version(session: AsyncSession, version: FrameworkVersion) -> FrameworkVersion:
    if version.state != "published":
        raise NotInForce
    version.state, version.retired_on = "retired", today()
    await session.flush()
    _tell(session, version, "retired")
    return version


def _tell(session: AsyncSession, version: FrameworkVersion, what: str) -> None:
    news = {"framework_id": str(version.framework_id), "number": version.number}
    publish(session, f"framework_version.{what}", version.id, version.organization_id, **news)
