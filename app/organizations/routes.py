from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.organizations import queries, service
from app.organizations.models import Organization, Unit
from app.organizations.problems import (
    OneAcademy,
    OrganizationBelowItself,
    OrganizationClosesBeforeOpening,
    OrganizationCodeTaken,
    ParentOrganizationUnknown,
    ParentUnitUnknown,
    UnitBelowItself,
    UnitCodeTaken,
)
from app.organizations.schemas import (
    OrganizationIn,
    OrganizationOut,
    OrganizationQuery,
    UnitCreate,
    UnitIn,
    UnitOut,
    UnitQuery,
)

router = routing.router("organizations")

Reading = Annotated[Reader, reading(Permission.ORGANIZATIONS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.ORGANIZATIONS_WRITE)]
ChangingUnits = Annotated[AsyncSession, changing(Permission.UNITS_WRITE)]

OrganizationId = Annotated[
    UUID, Path(description="The organisation's id", examples=[examples.ORGANIZATION])
]
UnitId = Annotated[UUID, Path(description="The unit's id", examples=[examples.UNIT])]


@router.get("/organizations", **page_of(OrganizationOut, OrganizationQuery))
async def list_organizations(reader: Reading, request: Request) -> Response:
    """List organisations.

    Those that are open today, or were on the day given as `as_of`: on 2025-06-30 there were 63
    provinces, the day after there are 34.
    """
    query = OrganizationQuery.of(request)
    return await queries.organizations.page(reader, request, query)


@router.post(
    "/organizations",
    status_code=201,
    response_model=OrganizationOut,
    responses=problems(
        OrganizationCodeTaken, OneAcademy, ParentOrganizationUnknown, IdempotencyKeyReused
    ),
)
async def create_organization(
    session: Changing, data: OrganizationIn, response: Response
) -> Organization:
    """Add an organisation.

    To put it in the place of others, add it first and then close each of them with a succession.
    """
    return tagged(response, await service.create_organization(session, data))


@router.get(
    "/organizations/{organization_id}",
    response_model=OrganizationOut,
    responses=problems(NotFound),
)
async def get_organization(
    reader: Reading, request: Request, organization_id: OrganizationId
) -> Response:
    """Read an organisation.

    Everybody may read every organisation; closed ones name their successors.
    """
    return await queries.organizations.row(reader, request, organization_id)


@router.put(
    "/organizations/{organization_id}",
    response_model=OrganizationOut,
    openapi_extra=examples.body(
        code="VN-01",
        name_vi="Thành phố Hà Nội",
        name_en="Ha Noi City",
        short_name_vi="Hà Nội",
        opened_on="2008-08-01",
    ),
    responses=problems(
        NotFound,
        OrganizationCodeTaken,
        OneAcademy,
        Outdated,
        OrganizationClosesBeforeOpening,
        OrganizationBelowItself,
        ParentOrganizationUnknown,
        VersionRequired,
    ),
)
async def replace_organization(
    session: Changing,
    organization_id: OrganizationId,
    expected: IfMatch,
    data: OrganizationIn,
    response: Response,
) -> Organization:
    """Replace an organisation's description.

    All of it: what you leave out is emptied. To close it in favour of others, use its succession.
    """
    organization = await get_or_404(session, Organization, organization_id)
    expected.check(organization)
    return tagged(response, await service.replace_organization(session, organization, data))


@router.get("/units", **page_of(UnitOut, UnitQuery))
async def list_units(reader: Reading, request: Request) -> Response:
    """List units.

    Those of your organisation and of the closed ones that it succeeded; the Academy's are all.
    """
    query = UnitQuery.of(request)
    return await queries.units.page(reader, request, query)


@router.post(
    "/units",
    status_code=201,
    response_model=UnitOut,
    responses=problems(NotFound, UnitCodeTaken, ParentUnitUnknown, IdempotencyKeyReused),
)
async def create_unit(session: ChangingUnits, data: UnitCreate, response: Response) -> Unit:
    """Add a unit to an organisation.

    Below another unit of the same organisation, or directly below the organisation.
    """
    return tagged(response, await service.create_unit(session, data))


@router.get("/units/{unit_id}", response_model=UnitOut, responses=problems(NotFound))
async def get_unit(reader: Reading, request: Request, unit_id: UnitId) -> Response:
    """Read a unit."""
    return await queries.units.row(reader, request, unit_id)


@router.put(
    "/units/{unit_id}",
    response_model=UnitOut,
    responses=problems(
        NotFound, UnitCodeTaken, Outdated, ParentUnitUnknown, UnitBelowItself, VersionRequired
    ),
)
async def replace_unit(
    session: ChangingUnits, unit_id: UnitId, expected: IfMatch, data: UnitIn, response: Response
) -> Unit:
    """Replace a unit's description.

    All of it: what you leave out is emptied. A unit stays with its organisation.
    """
    unit = await get_or_404(session, Unit, unit_id)
    expected.check(unit)
    return tagged(response, await service.replace_unit(session, unit, data))
