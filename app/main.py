"""The application: which routers it has, and what it opens and closes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from app.access import routes as access
from app.access.keyring import Keyring
from app.access.outside import Issuers
from app.accounts import client_routes as clients
from app.accounts import routes as accounts
from app.accounts.passwords import Passwords
from app.attendance import invariant_routes as invariants
from app.attendance import learning_routes as learning
from app.attendance import log_routes as meeting_logs
from app.attendance import routes as attendance
from app.attendance.codes import Codes
from app.attendance.logs.texts import LONGEST as LONGEST_MEETING_LOG
from app.audit import routes as audit
from app.audit.reads import ReadLog
from app.competencies import consultation_routes as consultations
from app.competencies import editing_routes as competencies
from app.competencies import evidence_routes as evidence
from app.competencies import gap_routes as gaps
from app.competencies import holder_routes as holders
from app.competencies import position_routes as job_positions
from app.competencies import routes as frameworks
from app.competencies.exchange import case_routes as case
from app.competencies.exchange import routes as framework_files
from app.core import openapi
from app.core.config import Settings, revealed
from app.core.database.migrating import newest_revision
from app.core.database.sessions import Database
from app.core.failures import handle_failures, unavailable
from app.core.http import cors, health, logs
from app.core.http.edge import Edge
from app.core.http.limits import BodyLimits
from app.core.http.rates import Rates
from app.core.http.traffic import Traffic
from app.core.secrets import Pepper, Seals, secret_key
from app.core.swagger import routes as swagger
from app.courses import calendar_routes as calendars
from app.courses import routes as courses
from app.courses import session_routes as course_sessions
from app.curricula import routes as curricula
from app.curricula import version_routes as curriculum_versions
from app.curricula.balance import routes as balance
from app.curricula.modules import routes as modules
from app.curricula.recommendations import routes as recommendations
from app.curricula.reviews import decision_routes as review_decisions
from app.curricula.reviews import routes as reviews
from app.curricula.target_groups import routes as target_groups
from app.curricula.trainings import routes as trainings
from app.enrolment import routes as nominations
from app.enrolment import seat_routes as seats
from app.events import routes as changes
from app.learners import routes as learners
from app.materials import routes as materials
from app.materials.storing import Store, location
from app.oauth import errors as oauth_errors
from app.oauth import routes as oauth
from app.oauth.pages import routes as pages
from app.oauth.pages.flow import Lost
from app.organizations import routes as organizations
from app.rooms import engagement_routes as engagements
from app.rooms import instructor_routes as instructors
from app.rooms import routes as rooms
from app.rosters import routes as rosters
from app.rosters import sync_routes as roster_syncs
from app.successions import routes as successions
from app.webhooks import routes as webhooks

VERSION = "0.1.0"
FRAMEWORK = 32 * 1024 * 1024
"""Bytes of a framework that is sent: 10,000 items, all with descriptors, take 25 million."""
ANNOUNCED = 1.0
"""Seconds between failing readiness and closing the door, for load balancers to notice."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    settings: Settings = state.settings
    assert settings.database_url is not None  # noqa: S101 -- `banggiao serve` sees to it
    secret = secret_key(settings)
    state.pepper, state.seals = Pepper(secret), Seals(secret)
    state.passwords, state.codes = Passwords(), Codes(secret)
    state.materials = Store(location(settings))
    url, replica_url = settings.database_url, settings.database_replica_url
    state.database = Database(settings, url.get_secret_value(), revealed(replica_url))
    state.keyring = Keyring(settings, state.database, secret)
    state.issuers = Issuers(settings.issuers, state.database)
    state.read_log = ReadLog(state.database)
    state.rates = Rates(settings)
    await state.keyring.open()
    state.issuers.open()
    state.read_log.open()
    with health.announced_stop(state.traffic, ANNOUNCED):
        yield
    await state.issuers.close()
    await state.keyring.close()
    await state.read_log.close()
    await state.rates.close()
    await state.database.close()
    state.traffic.tell()


async def readiness(app: FastAPI) -> dict[str, str | None]:
    """What this process lacks to be of use, by name; None where it lacks nothing."""
    try:
        revision = await app.state.database.unscoped("select version_num from alembic_version")
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is the answer
        return {"database": type(error).__name__}
    behind = [row["version_num"] for row in revision] != [newest_revision()]
    keys = None if app.state.keyring.has_active else "no signing key"
    return {"migrations": "run `banggiao migrate`" if behind else None, "keys": keys}


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(
        title="Bang Giao",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the address of a redirection would be as the client's Host says
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the edge tells of it all
    )
    app.state.settings = settings
    app.state.traffic = Traffic()
    app.state.readiness = partial(readiness, app)
    handle_failures(app)
    app.add_exception_handler(oauth_errors.OAuthError, oauth_errors.refuse)
    app.add_exception_handler(Lost, pages.lost)
    # Routes are tried one after the other, so the busiest stand first; and each one itself, for
    # FastAPI looks into an included router twice.
    for domain in (
        *(learners, organizations, successions, roster_syncs, rosters, changes, webhooks, audit),
        *(frameworks, competencies, consultations, job_positions, holders, gaps, evidence),
        *(curricula, curriculum_versions, modules, review_decisions, reviews, target_groups),
        *(recommendations, trainings, balance),
        *(framework_files, case, materials, rooms, instructors, engagements),
        *(courses, course_sessions, calendars, nominations, seats),
        *(attendance, meeting_logs, learning, invariants),
        *(accounts, clients, oauth, access, pages, health, openapi, swagger),
    ):
        app.routes.extend(domain.router.routes)
    app.routes.extend(calendars.feeds.routes)
    app.openapi = lambda: openapi.document(app, "en")  # type: ignore[method-assign]
    # The last one added is the outermost.
    uploads = {
        "/v1/roster-syncs": settings.largest_upload,
        "/v1/framework-imports": FRAMEWORK,
        "/v1/materials/*/files": settings.largest_material,
        "/v1/course-sessions/*/meeting-logs": LONGEST_MEETING_LOG,
    }
    app.add_middleware(BodyLimits, limit=settings.largest_body, uploads=uploads)
    cors.open_to(app, settings.cors_origins)
    app.add_middleware(Edge, traffic=app.state.traffic, unavailable=unavailable)
    return app


def served() -> FastAPI:
    """For the server's worker processes: `uvicorn --factory app.main:served`."""
    logs.configure()
    return create_app(Settings())
