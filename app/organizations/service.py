from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import replace
from app.events.outbox import publish
from app.organizations.models import Organization, Unit
from app.organizations.schemas import OrganizationIn, UnitCreate, UnitIn

_COMPUTED = ("successor_ids",)
"""What a flush leaves unread, and every answer shows."""


async def create_organization(session: AsyncSession, data: OrganizationIn) -> Organization:
    organization = Organization(**data.model_dump())
    session.add(organization)
    await session.flush()
    await session.refresh(organization, _COMPUTED)
    publish(session, "organization.created", organization.id, organization.id)
    return organization


async def replace_organization(
    session: AsyncSession, organization: Organization, data: OrganizationIn
) -> Organization:
    before = organization.version
    await replace(session, organization, data)
    await session.refresh(organization, _COMPUTED)
    if organization.version != before:
        publish(session, "organization.changed", organization.id, organization.id)
    return organization


async def create_unit(session: AsyncSession, data: UnitCreate) -> Unit:
    unit = Unit(**data.model_dump(exclude_none=True))
    session.add(unit)
    await session.flush()
    publish(session, "unit.created", unit.id, unit.organization_id)
    return unit


async def replace_unit(session: AsyncSession, unit: Unit, data: UnitIn) -> Unit:
    before = unit.version
    await replace(session, unit, data)
    if unit.version != before:
        publish(session, "unit.changed", unit.id, unit.organization_id)
    return unit
