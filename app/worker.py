"""The service's own work, by the clock: jobs of pgqueuer, on PostgreSQL.

Any number of workers may run; of each job one worker takes each turn.
"""

import asyncio
import gc
import os
import signal
import sys
from datetime import timedelta
from uuid import UUID

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.models import Job, Schedule
from sqlalchemy import make_url
from structlog import get_logger

from app.access.keyring import retire_old
from app.competencies import keeping as competencies
from app.core import scratch
from app.core.config import Settings
from app.core.database.metadata import metadata
from app.core.database.sessions import Database
from app.core.failures import unavailable
from app.core.http import logs
from app.core.jobs import ADVANCE_ROSTER, EXAMINE_MATERIAL
from app.core.secrets import Pepper, Seals, secret_key
from app.curricula import keeping as curricula
from app.enrolment import keeping as enrolment
from app.events import keeping as events
from app.materials import keeping as materials
from app.materials.examining import Examining
from app.materials.storing import Store, location
from app.rosters import keeping as rosters
from app.rosters.syncing import Syncing
from app.webhooks import delivering

log = get_logger()

KEPT = timedelta(days=1)
"""How long an Idempotency-Key is remembered."""
LOOKS_EVERY = timedelta(seconds=5)
"""For jobs of which no notice came."""
MISSED_AFTER = timedelta(seconds=15)
"""After so long without a sign of it, a worker's job is another's."""
STOPS_WITHIN = 2
"""Seconds for a job under way, once the worker is told to stop; the next one does it again."""
PAUSE = 5
"""Seconds before a worker that lost the database tries again."""


async def supervised(settings: Settings) -> None:
    """Works, and begins again when the database was lost."""
    while True:
        try:
            await run(settings)
        except Exception:
            log.exception("worker_stopped", again_in_seconds=PAUSE)
        await asyncio.sleep(PAUSE)


async def run(settings: Settings) -> None:
    """Works until it is stopped."""
    assert settings.database_url is not None  # noqa: S101 -- the command line sees to it
    metadata()  # a row is written with all that its table refers to
    url = settings.database_url.get_secret_value()
    # Work on a whole roster takes longer than anybody would wait for an answer.
    patient = settings.model_copy(
        update={
            "statement_timeout": settings.job_timeout,
            "connections": max(settings.connections, 3),  # one tells how far another is
        }
    )
    database = Database(patient, url)
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    # pgqueuer's tables are in a schema of their own, which its connection looks in first.
    connection = await asyncpg.connect(plain, server_settings={"search_path": "jobs, public"})
    seals = Seals(secret_key(settings))
    webhooks = asyncio.create_task(delivering.deliver(database, settings, seals))
    try:
        queue = PgQueuer.from_asyncpg_connection(connection)
        _schedule(queue, database, settings)
        _take_rosters(queue, database, settings)
        _take_materials(queue, database, settings)
        # Few at once, so that other workers get the rest.
        await queue.run(
            dequeue_timeout=LOOKS_EVERY,
            heartbeat_timeout=MISSED_AFTER,
            batch_size=1,
            max_concurrent_tasks=2,
        )
    finally:
        webhooks.cancel()
        await asyncio.gather(webhooks, return_exceptions=True)
        await connection.close()
        await database.engine.dispose()


def _schedule(queue: PgQueuer, database: Database, settings: Settings) -> None:
    @queue.schedule("forget_idempotency_keys", "*/10 * * * *")
    async def forget_idempotency_keys(_: Schedule) -> None:
        await forget_keys(database)

    @queue.schedule("forget_used_assertions", "*/10 * * * *")
    async def forget_used_assertions(_: Schedule) -> None:
        await database.unscoped("delete from used_assertions where expires_at < now()")

    @queue.schedule("keep_events", "*/10 * * * *")
    async def keep_events(_: Schedule) -> None:
        await events.renumber(database)
        await events.forget(database, settings.events_kept)
        await delivering.forget(database, settings.webhook_deliveries_kept)

    @queue.schedule("forget_sign_ins", "*/10 * * * *")
    async def forget_sign_ins(_: Schedule) -> None:
        await forget_what_expired(database)

    @queue.schedule("renew_attainments", "20 * * * *")
    async def renew_attainments(_: Schedule) -> None:
        await competencies.renew(database)
        await competencies.count(database)

    @queue.schedule("fill_seats", "*/5 * * * *")
    async def fill_seats(_: Schedule) -> None:
        await enrolment.fill(database)

    @queue.schedule("publish_due_curricula", "* * * * *")
    async def publish_due_curricula(_: Schedule) -> None:
        await curricula.publish_due(database)

    @queue.schedule("retire_signing_keys", "* * * * *")
    async def retire_signing_keys(_: Schedule) -> None:
        await retire_old(database, settings.access_token_lifetime.total_seconds() + 60)


def _take_rosters(queue: PgQueuer, database: Database, settings: Settings) -> None:
    """What requests have left to a worker."""
    syncing = Syncing(settings, database, Pepper(secret_key(settings)))

    one_at_a_time = asyncio.Semaphore(1)  # in this process: a roster may be large, memory is not

    @queue.entrypoint(ADVANCE_ROSTER)
    async def advance_roster(job: Job) -> None:
        assert job.payload is not None  # noqa: S101 -- `ask_for` gives it
        data_set = UUID(bytes=job.payload)
        while True:
            try:
                async with one_at_a_time:
                    return await syncing.advance(data_set)
            except Exception as error:
                if not unavailable(error):
                    raise
                log.warning("roster_sync_waits", again_in_seconds=PAUSE)
            await asyncio.sleep(PAUSE)

    @queue.schedule("resume_roster_syncs", "* * * * *")
    async def resume_roster_syncs(_: Schedule) -> None:
        await rosters.resume(database)

    @queue.schedule("suspend_missing_learners", "30 17 * * *")  # half past midnight in Viet Nam
    async def suspend_missing_learners(_: Schedule) -> None:
        await rosters.suspend_missing(database)

    @queue.schedule("forget_rosters", "45 * * * *")
    async def forget_rosters(_: Schedule) -> None:
        await rosters.forget(database, settings.roster_changes_kept)
        await asyncio.to_thread(scratch.sweep)


def _take_materials(queue: PgQueuer, database: Database, settings: Settings) -> None:
    store = Store(location(settings))
    examining = Examining(settings, database, store)

    @queue.entrypoint(EXAMINE_MATERIAL)
    async def examine_material(job: Job) -> None:
        assert job.payload is not None  # noqa: S101 -- `ask_for` gives it
        await examining.examine(UUID(bytes=job.payload))

    @queue.schedule("resume_materials", "* * * * *")
    async def resume_materials(_: Schedule) -> None:
        await materials.resume(database)

    @queue.schedule("sweep_materials", "15 18 * * *")  # a quarter past one at night in Viet Nam
    async def sweep_materials(_: Schedule) -> None:
        await materials.sweep(database, store)


async def forget_keys(database: Database) -> None:
    """Those older than a day."""
    forget = "delete from idempotency_keys where created_at < now() - $1::interval"
    await database.unscoped(forget, KEPT)


async def forget_what_expired(database: Database) -> None:
    """Codes and tokens stay a while longer than they are good, to be known when they are shown
    again; sign-ins stay, for the audit."""
    forget = "delete from sign_in_delays where failed_at < now() - $1::interval"
    await database.unscoped(forget, KEPT)
    for table in ("authorization_codes", "invitations", "refresh_tokens"):
        forget = f"delete from {table} where expires_at < now() - $1::interval"  # noqa: S608
        await database.unscoped(forget, KEPT)


async def attached(settings: Settings, parent: int) -> None:
    """Works beside the process that started it, and ends with it, however that ends."""
    work = asyncio.create_task(supervised(settings))
    # What lies on the disk goes with the work; whoever is ended by a signal leaves it.
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    while os.getppid() == parent and not told.is_set():  # noqa: ASYNC110 -- of parents nobody tells
        await asyncio.sleep(0.2)
    while not work.done():
        work.cancel()  # at first pgqueuer waits for the jobs under way; the next time they end too
        await asyncio.wait({work}, timeout=STOPS_WITHIN)


if __name__ == "__main__":
    logs.configure()
    os.nice(5)  # whoever waits for an answer goes before
    # Rows come by the hundred thousand, and none refers to another: to look for circles among them
    # as often as Python does takes a fifth of the time.
    gc.set_threshold(50_000)
    asyncio.run(attached(Settings(), int(sys.argv[1])))
