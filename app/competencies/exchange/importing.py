"""A file becomes the draft of a version: at first only to see what it would change."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies import service
from app.competencies.differences import between_versions
from app.competencies.exchange import statements
from app.competencies.exchange.case_keeping import keep_document
from app.competencies.exchange.content import Content
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.models import NEWEST_FIRST, Competency, Framework, FrameworkVersion
from app.competencies.problems import FrameworkVersionAlreadyOpen
from app.competencies.scale_models import Scale
from app.competencies.schemas import FrameworkCreate
from app.core.database.sessions import driver_of
from app.core.database.writes import get_or_404
from app.core.schemas import Code

Read = Callable[[Content, Mistakes], Content]
"""Reads the file, given the version before. It blocks."""
PATIENCE = 300
"""Seconds that reading or one statement may take: a large framework takes longer than other
requests may."""
_SAID = ("title_vi", "title_en", "description_vi", "description_en")
_CODE: TypeAdapter[str] = TypeAdapter(Code)

_INSERTS = """
insert into proficiency_scales (organization_id, framework_version_id, identifier, name_vi,
  name_en, proficient_level, position, exchanged)
select $1, $2, identifier, name_vi, name_en, proficient_level, position, exchanged
from jsonb_to_recordset($3::jsonb) as s (identifier uuid, name_vi text, name_en text,
  proficient_level integer, position integer, exchanged jsonb);
insert into proficiency_levels (organization_id, framework_version_id, scale_identifier, level,
  name_vi, name_en, description_vi, description_en)
select $1, $2, scale, level, name_vi, name_en, description_vi, description_en
from jsonb_to_recordset($3::jsonb) as l (scale uuid, level integer, name_vi text, name_en text,
  description_vi text, description_en text);
insert into competencies (organization_id, framework_version_id, identifier, parent_identifier,
  position, kind, domain, code, name_vi, name_en, description_vi, description_en,
  scale_identifier, attainment_rule, association_identifier, exchanged)
select $1, $2, identifier, parent, position, kind, domain, code, name_vi, name_en,
  description_vi, description_en, scale, rule, coalesce(association, gen_random_uuid()), exchanged
from jsonb_to_recordset($3::jsonb) as c (identifier uuid, parent uuid, position integer,
  kind text, domain text, code text, name_vi text, name_en text, description_vi text,
  description_en text, scale uuid, rule text, association uuid, exchanged jsonb);
insert into level_descriptors (organization_id, framework_version_id, competency_identifier,
  scale_identifier, level, text_vi, text_en)
select $1, $2, competency, scale, level, text_vi, text_en
from jsonb_to_recordset($3::jsonb) as d (competency uuid, scale uuid, level integer,
  text_vi text, text_en text);
insert into competency_replacements (organization_id, framework_version_id, identifier,
  former_version_id, former_identifier, association_identifier)
select $1, $2, identifier, former_version, former, coalesce(association, gen_random_uuid())
from jsonb_to_recordset($3::jsonb) as r (identifier uuid, former_version uuid, former uuid,
  association uuid)
"""
"""A scale comes before what is on it, an item before what is said of it."""


async def import_file(
    session: AsyncSession,
    read: Read,
    framework_id: UUID | None,
    code: str | None,
    organization_id: UUID | None,
    *,
    dry_run: bool,
) -> dict[str, Any]:
    """What the draft says otherwise than the version before it; after a dry run there is none.

    The draft is the empty one of the framework, or a new version of it, or the first one of a new
    framework. A dry run does all of it and takes it back, so the database's rules are asked too.

    Raises FrameworkFileRefused with everything that is wrong, FrameworkVersionAlreadyOpen.
    """
    for what in ("statement_timeout", "idle_in_transaction_session_timeout"):
        await session.execute(text(f"set local {what} = '{PATIENCE}s'"))
    framework, draft, before = None, None, None
    base = Content("", code or "", code or "", code or "")
    if framework_id is not None:
        framework = await get_or_404(session, Framework, framework_id)
        draft, before, base = await _begun(session, framework)
    found = Mistakes()
    content = await asyncio.to_thread(read, base, found)
    if framework is None:
        content.code = code or content.code
        _check_code(content.code, found)
    found.refuse()
    trial = await session.begin_nested()
    if framework is None:
        draft = await _first(session, content, organization_id)
    elif draft is None:
        draft = await service.create_version(session, framework, copied=False)
    assert draft is not None  # noqa: S101 -- one way or another
    await write_draft(session, draft, before, content)
    differences = await _differences(session, draft.id)
    made: dict[str, UUID | None]
    made = {"framework_id": draft.framework_id, "framework_version_id": draft.id}
    if dry_run:
        await trial.rollback()
        made = {"framework_id": framework_id, "framework_version_id": None}
    else:
        await trial.commit()
    counted = Counter(each["difference"] for each in differences)
    counts = {name: counted[name] for name in ("added", "removed", "moved", "changed")}
    return {"dry_run": dry_run, **made, "counts": counts, "differences": differences}


def _check_code(code: str, found: Mistakes) -> None:
    try:
        _CODE.validate_python(code)
    except ValidationError as error:
        found.add_all(error, within="code")


async def _begun(
    session: AsyncSession, framework: Framework
) -> tuple[FrameworkVersion | None, UUID | None, Content]:
    """The draft that is still empty, if there is one, and the version before it."""
    newest = await session.scalar(
        select(FrameworkVersion)
        .where(FrameworkVersion.framework_id == framework.id)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )
    assert newest is not None  # noqa: S101 -- a framework begins with one
    if newest.published_on is not None or newest.state == "discarded":
        return None, newest.id, await read_content(session, newest.id)
    draft = await service.open_version(session, newest.id)
    said = [exists().where(kind.framework_version_id == draft.id) for kind in (Competency, Scale)]
    if draft.state != "draft" or await session.scalar(select(said[0] | said[1])):
        raise FrameworkVersionAlreadyOpen
    before = draft.based_on_id
    base = await read_content(session, before or draft.id)
    for name in _SAID:
        setattr(base, name, getattr(draft, name))
    return draft, before, base


async def read_content(session: AsyncSession, version_id: UUID) -> Content:
    driver = await driver_of(session)
    row = await driver.fetchrow(statements.by_id.sql, version_id, timeout=PATIENCE)
    return Content.of(json.loads(row[0]))


async def _first(
    session: AsyncSession, content: Content, organization_id: UUID | None
) -> FrameworkVersion:
    framework = await service.create_framework(
        session,
        FrameworkCreate(
            code=content.code,
            organization_id=organization_id,
            title_vi=content.title_vi,
            title_en=content.title_en,
        ),
    )
    of = select(FrameworkVersion).where(FrameworkVersion.framework_id == framework.id)
    return (await session.scalars(of)).one()


async def write_draft(
    session: AsyncSession, draft: FrameworkVersion, before: UUID | None, content: Content
) -> None:
    """All that the content says into a draft that is still empty."""
    if content.identifier:
        # A draft of others takes none, or whoever is first could take away the national one's.
        taken = exists().where(
            FrameworkVersion.identifier == UUID(content.identifier),
            FrameworkVersion.id != draft.id,
            FrameworkVersion.published_on.is_not(None)
            | (FrameworkVersion.organization_id == draft.organization_id),
        )
        if not await session.scalar(select(taken)):
            draft.identifier = UUID(content.identifier)
    await session.flush()
    present = await read_content(session, draft.id)
    for name in ("identifier", "code", "number", "state", "organization"):
        setattr(content, name, getattr(present, name))
    keep_document(content)
    for name in (*_SAID, "exchanged"):
        setattr(draft, name, getattr(content, name))
    await session.flush()
    driver = await driver_of(session)
    whose = draft.organization_id, draft.id
    for statement, rows in zip(_INSERTS.split(";"), _rows(content, before), strict=True):
        if rows:
            said = json.dumps(rows, ensure_ascii=False)
            await driver.execute(statement, *whose, said, timeout=PATIENCE)


def _rows(content: Content, before: UUID | None) -> tuple[list[dict[str, Any]], ...]:
    scales = [vars(scale) | {"position": number} for number, scale in enumerate(content.scales, 1)]
    return (
        [{k: v for k, v in scale.items() if k != "levels"} for scale in scales],
        [vars(level) | {"scale": s.identifier} for s in content.scales for level in s.levels],
        [
            {k: v for k, v in vars(item).items() if k not in ("descriptors", "replaces")}
            | {"association": item.association or None}
            for item in content.items
        ],
        [
            {
                "competency": item.identifier,
                "scale": item.scale,
                "level": level,
                "text_vi": vi,
                "text_en": en,
            }
            for item in content.items
            for level, (vi, en) in item.descriptors.items()
        ],
        [
            {
                "identifier": item.identifier,
                "former_version": before and str(before),
                "former": former,
                "association": association or None,
            }
            for item in content.items
            for former, association in item.replaces.items()
        ],
    )


async def _differences(session: AsyncSession, version_id: UUID) -> list[dict[str, Any]]:
    driver = await driver_of(session)
    row = await driver.fetchrow(between_versions.sql, version_id, None, timeout=PATIENCE)
    found: list[dict[str, Any]] = json.loads(row[0])["differences"]
    return found
