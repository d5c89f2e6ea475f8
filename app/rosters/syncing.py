"""The work on a sync: from what was received to a plan, and from the plan into the roster.

Each of the two is one transaction, so whoever is stopped in between begins where the last one
ended. Syncs of one data set are worked on one after the other, in the order in which they came.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from structlog import get_logger

from app.core import scratch
from app.core.config import Settings
from app.core.database.acting import acting_for_the_academy
from app.core.database.scopes import Reach, Scope, system
from app.core.database.sessions import Database, driver_of
from app.core.failures import given_up, problem_of, unavailable
from app.core.problems import InternalError, Problem, Unavailable
from app.core.schemas import today
from app.core.secrets import Pepper
from app.events.outbox import publish
from app.rosters import applying, planning
from app.rosters.models import DataSet, RosterSync
from app.rosters.planning import Plan, Planned
from app.rosters.rows import RowReader
from app.rosters.service import forget_payload, newer_full_file
from app.rosters.sources import Json, Ndjson, Source, Tabular
from app.rosters.staging import Staged, stage
from app.rosters.vocabulary import TO_BE_PLANNED, UNDER_WAY, WAITING

BY_NOW = dict.fromkeys(TO_BE_PLANNED, TO_BE_PLANNED) | {"applying": ("applying",)}
"""What a sync may be by now that was found in a state, if nobody else has touched it."""
MOST_ATTEMPTS = 50
"""After which a sync fails: whoever works on it does not live to end it."""
OF_JSON: dict[str, Callable[[bytearray], Source]] = {"json": Json, "ndjson": Ndjson}
"""The others are read from a file, a few rows at a time."""
TOLD_EVERY = 0.5
"""Seconds between two notes of how far a file has been read."""

log = get_logger()


class OvertakenError(Exception):
    """Somebody cancelled the sync, or another worker was faster."""


_PARTS = "select content from roster_payloads where sync_id = $1 order by part"


class Work(NamedTuple):
    """A transaction that is alone with a data set, in the scope of whoever asked."""

    session: AsyncSession
    driver: asyncpg.Connection
    sync: RosterSync
    data_set: DataSet


class Syncing:
    """Works on syncs, for one process."""

    def __init__(self, settings: Settings, database: Database, pepper: Pepper) -> None:
        self._settings, self._database, self._pepper = settings, database, pepper

    async def advance(self, data_set_id: UUID) -> None:
        """Its oldest sync that waits for the service: each has asked for its own turn, so that who
        sends many keeps nobody else waiting.

        Raises what `failures.unavailable` knows when the database was lost: it is to be tried
        again.
        """
        sync = await self._next(data_set_id)
        turn = None if sync is None else sync.id
        while sync is not None and sync.id == turn:
            await self._note(sync.id, attempts=RosterSync.attempts + 1)
            try:
                async with self._alone_with(sync) as work:
                    await self._work(work)
            except OvertakenError:
                pass
            except Exception as error:
                if unavailable(error):
                    raise
                problem = problem_of(error)
                if problem is None:
                    log.exception("roster_sync_failed", sync=str(sync.id))
                await self._fail(sync, problem or InternalError())
            sync = await self._next(data_set_id)

    async def _work(self, work: Work) -> None:
        if work.sync.attempts >= MOST_ATTEMPTS:
            raise Unavailable
        try:
            await (self._plan if work.sync.state in TO_BE_PLANNED else self._apply)(work)
        except Exception as error:
            if given_up(error):  # to try it again and again would keep everybody waiting
                log.warning("roster_sync_given_up", sync=str(work.sync.id), error=str(error))
                raise Unavailable from None
            raise

    async def _next(self, data_set_id: UUID) -> RosterSync | None:
        waiting = RosterSync.data_set_id == data_set_id, RosterSync.state.in_(UNDER_WAY)
        async with self._as_the_service() as session:
            oldest = select(RosterSync).where(*waiting).order_by(RosterSync.id).limit(1)
            return (await session.scalars(oldest)).first()

    async def _note(self, sync_id: UUID, **values: Any) -> None:
        """For whoever looks on, and at once: not with the work, which may be taken back."""
        async with self._as_the_service() as session:
            note = update(RosterSync).where(RosterSync.id == sync_id)
            await session.execute(note.values(**values))

    def _as_the_service(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._database.session(system(Reach.EVERYTHING, "system"))

    @asynccontextmanager
    async def _alone_with(self, sync: RosterSync) -> AsyncIterator[Work]:
        async with self._database.session(scope_of(sync)) as session:
            others_may_send = {"key_share": True}
            data_set = await session.get_one(
                DataSet, sync.data_set_id, with_for_update=others_may_send
            )
            # Who worked on it while this one waited may be done with it.
            state = select(RosterSync.state).where(RosterSync.id == sync.id)
            if await session.scalar(state) != sync.state:
                raise OvertakenError
            yield Work(session, await driver_of(session), sync, data_set)

    async def _plan(self, work: Work) -> None:
        sync, full = work.sync, work.sync.mode == "full"
        staged = await self._staged(work)
        staged_at = await self._note_staged(sync.id)
        whose = sync.id, sync.organization_id, sync.data_set
        plan = Plan(*whose, full=full, dry_run=sync.dry_run, today=today())
        elsewhere = partial(acting_for_the_academy, work.session)
        planned = await planning.make(work.driver, plan, staged.others, elsewhere)
        counted, held = counts(staged, planned), []
        if full:
            held = held_for(staged, planned, counted["missing"], self._threshold(work.data_set))
        state = "planned" if sync.dry_run else "held" if held else "applying"
        moments = {"staged_at": staged_at, "planned_at": await _now(work)}
        read = {"rows_read": staged.rows, "rows_total": staged.rows}
        await _become(work, state, counts=counted, held_for=held, **moments, **read)
        await forget_payload(work.session, sync.id)

    def _threshold(self, data_set: DataSet) -> float:
        own = data_set.removal_threshold
        return self._settings.removal_threshold if own is None else float(own)

    async def _staged(self, work: Work) -> Staged:
        sync, driver = work.sync, work.driver
        own_units = "select code, id from units where organization_id = $1"
        units = await driver.fetch(own_units, sync.organization_id)
        reader = RowReader(self._pepper, {unit["code"]: unit["id"] for unit in units})
        staging = partial(stage, driver, sync.organization_id, sync.data_set)
        progress = self._progress(sync.id)
        if sync.format in OF_JSON:
            source = OF_JSON[sync.format](await _content(driver, sync.id, sync.size))
            return await staging(source, reader, progress)
        with scratch.folder() as folder:
            path = Path(folder) / f"roster.{sync.format}"
            await _write(driver, sync.id, path)
            encoding = sync.encoding or work.data_set.encoding
            table = Tabular(path, work.data_set.headings, encoding)
            return await staging(table, reader, progress)

    async def _note_staged(self, sync_id: UUID) -> datetime:
        """All is read; from now on it is compared."""
        now = datetime.now(UTC)
        note = update(RosterSync).where(RosterSync.id == sync_id, RosterSync.state == "received")
        async with self._as_the_service() as session:
            await session.execute(note.values(state="staged", staged_at=now))
        return now

    def _progress(self, sync_id: UUID) -> Any:
        """Notes how far a file has been read, for whoever looks on."""
        told = 0.0

        async def progress(done: int, total: int) -> None:
            nonlocal told
            if monotonic() - told < TOLD_EVERY:
                return
            told = monotonic()
            await self._note(sync_id, rows_read=done, rows_total=total)

        return progress

    async def _apply(self, work: Work) -> None:
        sync = work.sync
        if await newer_full_file(work.session, sync, "applied"):
            await _become(work, "cancelled", ended_at=await _now(work))
            return
        whose = sync.id, sync.data_set, sync.organization_id
        await applying.apply(work.session, work.driver, *whose, removals=sync.removals)
        outcomes = "select outcome, count(*) from roster_changes where sync_id = $1 group by 1"
        found = dict(await work.driver.fetch(outcomes, sync.id))
        left = {name: found.get(name, 0) for name in ("left_out", "outdated")}
        if sync.mode == "full":
            await _supersede(work.session, sync)
        now = await _now(work)
        ended = {"applied_at": now, "ended_at": now}
        await _become(work, "applied", counts={**sync.counts, **left}, **ended)

    async def _fail(self, sync: RosterSync, problem: Problem) -> None:
        async with self._as_the_service() as session:
            failed = await session.get_one(RosterSync, sync.id, with_for_update=True)
            if failed.state not in BY_NOW[sync.state]:
                return  # cancelled meanwhile, or another worker was luckier
            failed.state, failed.problem = "failed", told(problem)
            failed.ended_at = func.clock_timestamp()
            await forget_payload(session, sync.id)
            publish(session, "roster_sync.failed", sync.id, sync.organization_id)


def scope_of(sync: RosterSync) -> Scope:
    """Of whoever asked for what is done now: it ends with their right to ask for it."""
    acts = sync.acts_as
    who = acts["subject"], acts["role"], acts["organization"], acts["scopes"]
    return Scope("enter_scope", (*who, None, None, f"roster-sync {sync.id}"), caller=acts["role"])


def told(problem: Problem) -> dict[str, Any]:
    """The problem, to be kept and shown in both languages."""
    said: dict[str, Any] = {"type": f"/problems/{problem.slug}"}
    for language in ("vi", "en"):
        title, detail = problem.template(language)
        said[f"title_{language}"] = title
        said[f"detail_{language}"] = detail.format(**problem.facts)
    said["facts"] = {name: problem.facts[name] for name in problem.members}
    return said


def counts(staged: Staged, planned: Planned) -> dict[str, int]:
    kinds = msgspec.json.decode(planned.kinds, type=dict[str, int])
    named = {name: kinds.get(kind, 0) for kind, name in COUNTED.items()}
    known = sum(number for kind, number in kinds.items() if kind != "missing")
    unchanged = staged.rows - known - planned.rejected
    return {
        "rows": staged.rows,
        "unchanged": unchanged,
        **named,
        "rejected": planned.rejected,
        "left_out": 0,
        "outdated": 0,
    }


COUNTED = {
    "create": "created",
    "update": "updated",
    "reactivate": "reactivated",
    "rekey": "rekeyed",
    "missing": "missing",
    "claim": "claimed",
    "transfer": "in_transfer",
    "match": "undecided",
}
"""What a kind of change is counted as."""


def held_for(staged: Staged, planned: Planned, missing: int, threshold: float) -> list[str]:
    """Why a full file waits for somebody to look at it: it may not be the roster that it says.

    An outage upstream must never read as everybody having left.
    """
    reasons = ["empty_file"] if staged.rows == 0 else []
    if not missing:
        return reasons
    if missing * 100 > threshold * planned.present:
        reasons.append("too_many_missing")
    if staged.unidentified:
        reasons.append("rows_without_id")
    return reasons


async def _content(driver: asyncpg.Connection, sync: UUID, size: int) -> bytearray:
    content, end = bytearray(size), 0  # of its size from the beginning: it may be large
    async for row in driver.cursor(_PARTS, sync, prefetch=1):
        start, end = end, end + len(row["content"])
        content[start:end] = row["content"]
    return content


async def _write(driver: asyncpg.Connection, sync: UUID, path: Path) -> None:
    with path.open("wb") as file:
        async for row in driver.cursor(_PARTS, sync, prefetch=1):
            file.write(row["content"])


async def _now(work: Work) -> Any:
    """The clock's time, not when the transaction began."""
    return await work.driver.fetchval("select clock_timestamp()")


async def _become(work: Work, state: str, **values: Any) -> None:
    """Raises OvertakenError, which takes the work back, when the sync is not what it was."""
    sync = work.sync
    as_it_was = RosterSync.id == sync.id, RosterSync.state.in_(BY_NOW[sync.state])
    changed = update(RosterSync).where(*as_it_was).values(state=state, **values)
    if (await work.session.execute(changed.returning(RosterSync.id))).first() is None:
        raise OvertakenError
    if state != "applying":
        publish(work.session, f"roster_sync.{state}", sync.id, sync.organization_id)


async def _supersede(session: AsyncSession, sync: RosterSync) -> None:
    """Plans that were made of older files wait for nobody any more."""
    older = (
        update(RosterSync)
        .where(
            RosterSync.data_set_id == sync.data_set_id,
            RosterSync.id < sync.id,
            RosterSync.state.in_(WAITING),
        )
        .values(state="cancelled", ended_at=func.clock_timestamp())
    )
    for cancelled in await session.scalars(older.returning(RosterSync.id)):
        publish(session, "roster_sync.cancelled", cancelled, sync.organization_id)
