from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, organization_of, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.rosters import exports, queries, service
from app.rosters.documented import file_of
from app.rosters.models import DataSet, RosterMatch
from app.rosters.problems import DataSetCodeTaken, MatchDecided
from app.rosters.schemas import (
    DataSetCreate,
    DataSetIn,
    DataSetOut,
    DataSetQuery,
    DecisionIn,
    MatchOut,
    MatchQuery,
    RosterFileQuery,
    RosterStatusOut,
    RosterStatusQuery,
    TemplateQuery,
)

router = routing.router("rosters")

Reading = Annotated[Reader, reading(Permission.ROSTERS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.ROSTERS_WRITE)]
Approving = Annotated[AsyncSession, changing(Permission.ROSTERS_APPROVE)]

DataSetId = Annotated[UUID, Path(description="The data set's id", examples=[examples.DATA_SET])]
MatchId = Annotated[UUID, Path(description="The match's id", examples=[examples.MATCH])]


@router.get("/roster-file", **file_of(RosterFileQuery))
async def get_roster_file(reader: Reading, request: Request) -> Response:
    """Take out a roster as a file.

    With the headings that are read when it is sent again: what is taken out of a data set and sent
    to it unchanged changes nothing. National ids are not in it, for only a hash of them is kept.
    """
    query = RosterFileQuery.of(request)
    await reader.enter()
    organization = organization_of(request, query.organization)
    return await exports.roster(reader, request, query, organization)


@router.get("/roster-template", **file_of(TemplateQuery))
async def get_roster_template(reader: Reading, request: Request) -> Response:
    """Take out an empty workbook to fill in.

    With lists to choose from, and a sheet that explains each column.
    """
    await reader.enter()
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
