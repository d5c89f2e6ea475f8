"""What people and programs do with a sync: send a file, look at its plan, decide."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.uploads import Upload
from app.events.outbox import publish
from app.rosters.models import DataSet, Payload, RosterMatch, RosterSync
from app.rosters.problems import (
    ApprovalRequired,
    MatchDecided,
    NotWaitingToBeApplied,
    Superseded,
    SyncEnded,
    TooManyWaiting,
)
from app.rosters.schemas import DataSetCreate, DataSetIn, SyncQuery
from app.rosters.vocabulary import TO_BE_PLANNED, WAITING

_IN_ORDER = text("select pg_advisory_xact_lock(hashtextextended(:data_set, 0))")
MOST_WAITING = 100
"""Files of one data set that nobody has read yet."""
PART = 4 * 1024 * 1024
"""Bytes of a payload that are one row."""


async def receive(
    session: AsyncSession,
    upload: Upload,
    format: str,
    query: SyncQuery,
    organization: UUID,
    acts_as: dict[str, Any],
) -> RosterSync:
    """The sync, and what was sent; the work on it begins once this is committed."""
    data_set = await _data_set(session, organization, query.data_set)
    # Ids are in the order in which files of a data set came: who is first here commits first.
    await session.execute(_IN_ORDER, {"data_set": str(data_set.id)})
    unread = RosterSync.data_set_id == data_set.id, RosterSync.state.in_(TO_BE_PLANNED)
    waiting = await session.scalar(select(func.count()).where(*unread))
    if waiting is not None and waiting >= MOST_WAITING:
        raise TooManyWaiting(limit=MOST_WAITING)
    sync = RosterSync(
        organization_id=organization,
        data_set_id=data_set.id,
        data_set=data_set.code,
        mode=query.mode,
        dry_run=query.dry_run,
        format=format,
        encoding=query.encoding,
        file_name=upload.name and upload.name[:200],
        size=upload.size,
        acts_as=acts_as,
    )
    session.add(sync)
    await session.flush()
    for part, content in enumerate(upload.parts(PART)):
        values = {"sync_id": sync.id, "organization_id": organization}
        await session.execute(insert(Payload).values(part=part, content=content, **values))
    return sync


async def _data_set(session: AsyncSession, organization: UUID, code: str) -> DataSet:
    """Made with the first file that names it."""
    named = {"organization_id": organization, "code": code}
    await session.execute(insert_or_keep(DataSet).values(named).on_conflict_do_nothing())
    found = await session.scalars(select(DataSet).filter_by(**named))
    return found.one()


async def apply(session: AsyncSession, sync: RosterSync, acts_as: dict[str, Any]) -> RosterSync:
    if sync.state == "held" or (sync.state == "planned" and sync.held_for):
        raise ApprovalRequired
    return await _go_on(session, sync, acts_as)


async def approve(
    session: AsyncSession, sync: RosterSync, acts_as: dict[str, Any], *, removals: bool
) -> RosterSync:
    sync.removals = removals
    sync.approved_by = f"{acts_as['role']}:{acts_as['subject']}"
    return await _go_on(session, sync, acts_as)


async def _go_on(session: AsyncSession, sync: RosterSync, acts_as: dict[str, Any]) -> RosterSync:
    if sync.state not in WAITING:
        raise NotWaitingToBeApplied(state=sync.state)
    if await newer_full_file(session, sync, "applying", "applied"):
        raise Superseded
    sync.state, sync.acts_as = "applying", acts_as
    await session.flush()
    return sync


async def newer_full_file(session: AsyncSession, sync: RosterSync, *states: str) -> bool:
    """Whether the data set has a full file that came after this one, and came so far."""
    newer = select(RosterSync.id).where(
        RosterSync.data_set_id == sync.data_set_id,
        RosterSync.id > sync.id,
        RosterSync.mode == "full",
        RosterSync.state.in_(states),
    )
    return await session.scalar(newer.limit(1)) is not None


async def cancel(session: AsyncSession, sync: RosterSync) -> RosterSync:
    if sync.state not in (*TO_BE_PLANNED, *WAITING):
        raise SyncEnded(state=sync.state)
    sync.state, sync.ended_at = "cancelled", datetime.now(UTC)
    await session.flush()
    await forget_payload(session, sync.id)
    publish(session, "roster_sync.cancelled", sync.id, sync.organization_id)
    return sync


async def forget_payload(session: AsyncSession, sync_id: UUID) -> None:
    """After the sync's own row is changed, and never before: whoever does it in another order may
    wait for somebody who waits for them."""
    await session.execute(delete(Payload).where(Payload.sync_id == sync_id))


async def decide(
    session: AsyncSession, match: RosterMatch, decision: str, actor: str
) -> RosterMatch:
    """Once: what has been done since stands on it."""
    if match.decision not in (None, decision):
        raise MatchDecided(decision=match.decision)
    match.decision, match.decided_by = decision, actor
    await session.flush()
    return match


async def create_data_set(
    session: AsyncSession, data: DataSetCreate, organization: UUID
) -> DataSet:
    data_set = DataSet(**data.model_dump(exclude={"organization_id"}), organization_id=organization)
    session.add(data_set)
    await session.flush()
    return data_set


async def replace_data_set(session: AsyncSession, data_set: DataSet, data: DataSetIn) -> DataSet:
    for field, value in data:
        setattr(data_set, field, value)
    await session.flush()
    return data_set
