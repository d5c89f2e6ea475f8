from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Principal, changing, organization_of, reading, uploading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.jobs import ADVANCE_ROSTER, ask_for
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.core.uploads import Upload
from app.rosters import exports, queries, service, undoing
from app.rosters.documented import PAYLOAD, as_file
from app.rosters.models import RosterSync
from app.rosters.problems import (
    ApprovalRequired,
    LaterChanges,
    NotApplied,
    NotWaitingToBeApplied,
    RosterForgotten,
    Superseded,
    SyncEnded,
    TooManyWaiting,
)
from app.rosters.schemas import (
    Approval,
    RosterChangeOut,
    RosterChangeQuery,
    RosterErrorOut,
    RosterErrorQuery,
    RosterSyncOut,
    RosterSyncQuery,
    SyncQuery,
)
from app.rosters.vocabulary import MEDIA_TYPES
from app.rosters.waiting import Awaited

router = routing.router("rosters")

Reading = Annotated[Reader, reading(Permission.ROSTERS_READ)]
Sending = Annotated[AsyncSession, uploading(Permission.ROSTERS_WRITE, MEDIA_TYPES)]
Changing = Annotated[AsyncSession, changing(Permission.ROSTERS_WRITE)]
Approving = Annotated[AsyncSession, changing(Permission.ROSTERS_APPROVE)]


def _sync(example: UUID) -> Any:
    return Path(description="The sync's id", examples=[example])


SyncId = Annotated[UUID, _sync(examples.ROSTER_SYNC)]
AppliedId = Annotated[UUID, _sync(examples.APPLIED_SYNC)]
PlannedId = Annotated[UUID, _sync(examples.PLANNED_SYNC)]
UnwantedId = Annotated[UUID, _sync(examples.UNWANTED_SYNC)]
"""Each names one that the demonstration holds in the right state."""

_GOES_ON = (NotFound, NotWaitingToBeApplied, Superseded, IdempotencyKeyReused)


def acts_as(request: Request) -> dict[str, Any]:
    """Whose the work is that this request leaves to a worker."""
    who: Principal = request.state.principal
    return {
        "subject": who.subject,
        "role": str(who.role),
        "organization": who.organization,
        "scopes": who.scopes,
    }


@router.post(
    "/roster-syncs",
    status_code=202,
    response_model=RosterSyncOut,
    responses=problems(NotFound, TooManyWaiting, IdempotencyKeyReused),
    openapi_extra=PAYLOAD,
)
async def create_roster_sync(session: Sending, request: Request) -> Response:
    """Send a file of people.

    It is compared with the roster, and what differs becomes a plan: read it under `changes`, and
    what is wrong with rows under `errors`. A plan that lacks too many people waits for a
    coordinator's approval; any other is applied at once, unless it is a `dry_run`. With
    `Prefer: wait=60` the answer comes when that is done, or after 60 seconds.
    """
    query, upload = SyncQuery.of(request), request.state.upload
    assert isinstance(upload, Upload)  # noqa: S101 -- `uploading` sees to it
    organization = organization_of(request, query.organization)
    format = MEDIA_TYPES[upload.media_type].removeprefix(".")
    whose = organization, acts_as(request)
    sync = await service.receive(session, upload, format, query, *whose)
    return await _going_on(session, request, sync)


async def _going_on(session: AsyncSession, request: Request, sync: RosterSync) -> Response:
    """The sync as it is, and a worker on its way."""
    await ask_for(session, ADVANCE_ROSTER, sync.data_set_id)
    body = RosterSyncOut.model_validate(sync).model_dump_json()
    principal: Principal = request.state.principal
    reader = request.app.state.database.reader(principal.scope(request.state.request_id))
    headers = {"Location": f"/v1/roster-syncs/{sync.id}", "ETag": f'"{sync.version}"'}
    answer = Awaited(reader, request, sync.id, body, 202, headers)
    answer.headers["Content-Type"] = "application/json"
    return answer


@router.get("/roster-syncs", **page_of(RosterSyncOut, RosterSyncQuery))
async def list_roster_syncs(reader: Reading, request: Request) -> Response:
    """List syncs.

    The newest first, with what became of each.
    """
    return await queries.syncs.page(reader, request, RosterSyncQuery.of(request))


@router.get("/roster-syncs/{sync_id}", response_model=RosterSyncOut, responses=problems(NotFound))
async def get_roster_sync(reader: Reading, request: Request, sync_id: SyncId) -> Response:
    """Read a sync.

    Its state, how far it came, and how many people it concerns.
    """
    return await queries.syncs.row(reader, request, sync_id)


@router.get("/roster-syncs/{sync_id}/changes", **as_file(RosterChangeOut, RosterChangeQuery))
async def list_roster_changes(reader: Reading, request: Request, sync_id: SyncId) -> Response:
    """List what a sync changes.

    Each person once, field by field, before and after. It is the plan before it is applied, and
    what was done afterwards. With `format` it is one file, which Excel opens.
    """
    query = RosterChangeQuery.of(request)
    if query.format != "json":
        return await exports.changes(reader, request, query, sync_id)
    return await queries.changes.page(reader, request, query, sync_id=sync_id)


@router.get("/roster-syncs/{sync_id}/errors", **as_file(RosterErrorOut, RosterErrorQuery))
async def list_roster_errors(reader: Reading, request: Request, sync_id: SyncId) -> Response:
    """List what is wrong with the rows of a file.

    All of it, by the row numbers of the file. Rows that are listed here were left out; the people
    they are about stay as they were.
    """
    query = RosterErrorQuery.of(request)
    if query.format != "json":
        return await exports.errors(reader, request, query, sync_id)
    return await queries.errors.page(reader, request, query, sync_id=sync_id)


@router.post(
    "/roster-syncs/{sync_id}/apply",
    status_code=202,
    response_model=RosterSyncOut,
    responses=problems(*_GOES_ON, ApprovalRequired),
)
async def apply_roster_sync(session: Changing, request: Request, sync_id: PlannedId) -> Response:
    """Apply the plan of a dry run.

    Just what was shown: whoever was changed meanwhile is left as they are.
    """
    sync = await get_or_404(session, RosterSync, sync_id)
    await service.apply(session, sync, acts_as(request))
    return await _going_on(session, request, sync)


@router.post(
    "/roster-syncs/{sync_id}/approve",
    status_code=202,
    response_model=RosterSyncOut,
    responses=problems(*_GOES_ON),
)
async def approve_roster_sync(
    session: Approving, request: Request, sync_id: SyncId, data: Approval
) -> Response:
    """Approve a plan that is held, and apply it.

    Whole, or, with `removals` false, without marking anybody as missing.
    """
    sync = await get_or_404(session, RosterSync, sync_id)
    await service.approve(session, sync, acts_as(request), removals=data.removals)
    return await _going_on(session, request, sync)


@router.post(
    "/roster-syncs/{sync_id}/cancel",
    response_model=RosterSyncOut,
    responses=problems(NotFound, SyncEnded, IdempotencyKeyReused),
)
async def cancel_roster_sync(
    session: Changing, sync_id: UnwantedId, response: Response
) -> RosterSync:
    """Cancel a sync that is not applied yet.

    Nothing of it was, and nothing will be.
    """
    sync = await get_or_404(session, RosterSync, sync_id)
    return tagged(response, await service.cancel(session, sync))


@router.post(
    "/roster-syncs/{sync_id}/undo",
    response_model=RosterSyncOut,
    responses=problems(NotFound, NotApplied, LaterChanges, RosterForgotten, IdempotencyKeyReused),
)
async def undo_roster_sync(
    session: Approving, request: Request, sync_id: AppliedId, response: Response
) -> RosterSync:
    """Undo a sync.

    Everybody is as they were before it; who was new is gone again. When people have been changed
    since, nothing is undone, and the answer says who.
    """
    sync = await get_or_404(session, RosterSync, sync_id)
    kept = request.app.state.settings.roster_changes_kept.days
    return tagged(response, await undoing.undo(session, sync, kept))
