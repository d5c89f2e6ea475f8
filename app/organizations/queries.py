from typing import Any

from sqlalchemy import Select, or_, select

from app.core.views import View
from app.organizations.models import Organization, Succession, Unit
from app.organizations.schemas import OrganizationOut, OrganizationQuery, UnitOut, UnitQuery


def organizations_matching(query: OrganizationQuery) -> Select[Any]:
    statement = select(Organization)
    if query.as_of is not None:
        statement = statement.where(
            Organization.opened_on <= query.as_of,
            or_(Organization.closed_on.is_(None), Organization.closed_on > query.as_of),
        )
    if query.kind is not None:
        statement = statement.where(Organization.kind == query.kind)
    if query.code is not None:
        statement = statement.where(Organization.code == query.code)
    if query.successor_of is not None:
        taken_over = select(Succession.successor_id).where(
            Succession.organization_id == query.successor_of
        )
        statement = statement.where(Organization.id.in_(taken_over))
    return statement


def units_matching(query: UnitQuery) -> Select[Any]:
    statement = select(Unit)
    if query.organization is not None:
        statement = statement.where(Unit.organization_id == query.organization)
    if query.parent is not None:
        statement = statement.where(Unit.parent_id == query.parent)
    return statement


organizations = View(Organization, OrganizationOut, organizations_matching)
units = View(Unit, UnitOut, units_matching)
