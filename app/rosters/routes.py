from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Principal, changing, organization_of, reading, uploading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.jobs import ADVANCE_ROSTER, ask_for
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.uploads import Upload
from app.rosters import exports, queries, service, undoing
from app.rosters.documented import PAYLOAD, as_file, file_of
from app.rosters.models import DataSet, RosterMatch, RosterSync
from app.rosters.problems import (
    ApprovalRequired,
    DataSetCodeTaken,
    LaterChanges,
    MatchDecided,
    NotApplied,
    NotWaitingToBeApplied,
    RosterForgotten,
    Superseded,
    SyncEnded,
)
from app.rosters.schemas import (
    Approval,
    DataSetCreate,
    DataSetIn,
    DataSetOut,
    DataSetQuery,
    DecisionIn,
    MatchOut,
    MatchQuery,
    RosterChangeOut,
    RosterChangeQuery,
    RosterErrorOut,
    RosterErrorQuery,
    RosterFileQuery,
    RosterStatusOut,
    RosterStatusQuery,
    RosterSyncOut,
    RosterSyncQuery,
    SyncQuery,
    TemplateQuery,
)
from app.rosters.waiting import Awaited

router = routing.router("rosters")

FORMATS = {
    "application/json": ".json",
    "application/x-ndjson": ".ndjson",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

Reading = Annotated[Reader, reading(Permission.ROSTERS_READ)]
Sending = Annotated[AsyncSession, uploading(Permission.ROSTERS_WRITE, FORMATS)]
Changing = Annotated[AsyncSession, changing(Permission.ROSTERS_WRITE)]
Approving = Annotated[AsyncSession, changing(Permission.ROSTERS_APPROVE)]

SyncId = Annotated[UUID, Path(description="The sync's id", examples=[examples.ROSTER_SYNC])]
DataSetId = Annotated[UUID, Path(description="The data set's id", examples=[examples.DATA_SET])]
MatchId = Annotated[UUID, Path(description="The match's id", examples=[examples.MATCH])]

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
    responses=problems(NotFound, IdempotencyKeyReused),
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
    format = FORMATS[upload.media_type].removeprefix(".")
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
async def apply_roster_sync(session: Changing, request: Request, sync_id: SyncId) -> Response:
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
async def cancel_roster_sync(session: Changing, sync_id: SyncId, response: Response) -> RosterSync:
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
    session: Approving, request: Request, sync_id: SyncId, response: Response
) -> RosterSync:
    """Undo a sync.

    Everybody is as they were before it; who was new is gone again. When people have been changed
    since, nothing is undone, and the answer says who.
    """
    sync = await get_or_404(session, RosterSync, sync_id)
    kept = request.app.state.settings.roster_changes_kept.days
    return tagged(response, await undoing.undo(session, sync, kept))


@router.get("/roster-file", **file_of(RosterFileQuery))
async def get_roster_file(reader: Reading, request: Request) -> Response:
    """Take out a roster as a file.

    With the headings that are read when it is sent again: what is taken out of a data set and sent
    to it unchanged changes nothing. National ids are not in it, for only a hash of them is kept.
    """
    query = RosterFileQuery.of(request)
    organization = organization_of(request, query.organization)
    return await exports.roster(reader, request, query, organization)


@router.get("/roster-template", **file_of(TemplateQuery))
async def get_roster_template(reader: Reading, request: Request) -> Response:  # noqa: ARG001
    """Take out an empty workbook to fill in.

    With lists to choose from, and a sheet that explains each column.
    """
    return exports.empty(TemplateQuery.of(request))


@router.get("/roster-data-sets", **page_of(DataSetOut, DataSetQuery))
async def list_roster_data_sets(reader: Reading, request: Request) -> Response:
    """List data sets.

    A data set is one list that you keep and send. Only who came with it can be missing from it.
    """
    return await queries.data_sets.page(reader, request, DataSetQuery.of(request))


@router.post(
    "/roster-data-sets",
    status_code=201,
    response_model=DataSetOut,
    responses=problems(NotFound, DataSetCodeTaken, IdempotencyKeyReused),
)
async def create_roster_data_set(
    session: Approving, request: Request, data: DataSetCreate, response: Response
) -> DataSet:
    """Add a data set.

    To say what the headings of its files mean before the first one is sent; else the first file
    adds it.
    """
    organization = organization_of(request, data.organization_id)
    return tagged(response, await service.create_data_set(session, data, organization))


@router.get(
    "/roster-data-sets/{data_set_id}", response_model=DataSetOut, responses=problems(NotFound)
)
async def get_roster_data_set(
    reader: Reading, request: Request, data_set_id: DataSetId
) -> Response:
    """Read a data set."""
    return await queries.data_sets.row(reader, request, data_set_id)


@router.put(
    "/roster-data-sets/{data_set_id}",
    response_model=DataSetOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_roster_data_set(
    session: Approving,
    data_set_id: DataSetId,
    expected: IfMatch,
    data: DataSetIn,
    response: Response,
) -> DataSet:
    """Replace how a data set is read, and when it waits for approval."""
    data_set = await get_or_404(session, DataSet, data_set_id)
    expected.check(data_set)
    return tagged(response, await service.replace_data_set(session, data_set, data))


@router.get("/roster-matches", **page_of(MatchOut, MatchQuery))
async def list_roster_matches(reader: Reading, request: Request) -> Response:
    """List people in files who may be somebody known.

    Name and birth date are the same, but no id tells that it is one person. They are left out of
    syncs until somebody has decided.
    """
    return await queries.matches.page(reader, request, MatchQuery.of(request))


@router.post(
    "/roster-matches/{match_id}/decide",
    response_model=MatchOut,
    responses=problems(NotFound, MatchDecided, IdempotencyKeyReused),
)
async def decide_roster_match(
    session: Approving, request: Request, match_id: MatchId, data: DecisionIn, response: Response
) -> RosterMatch:
    """Decide whether two are one person.

    The next file goes by it: `same` gives the person on your roster the new external id, or asks
    the other organisation to release them; `different` adds somebody new.
    """
    match = await get_or_404(session, RosterMatch, match_id)
    actor = request.state.principal.actor
    return tagged(response, await service.decide(session, match, data.decision, actor))


@router.get("/roster-status", **page_of(RosterStatusOut, RosterStatusQuery))
async def list_roster_status(reader: Reading, request: Request) -> Response:
    """See how fresh rosters are.

    For each organisation and data set: when a file last went in, what was wrong with it, and what
    waits for somebody.
    """
    return await queries.status.page(reader, request, RosterStatusQuery.of(request))
