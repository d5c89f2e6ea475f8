from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.idempotency import IdempotencyKeyReused
from app.core.problems import NotFound, problems
from app.learners.problems import ExternalIdTaken
from app.organizations.models import Organization
from app.organizations.problems import OrganizationBelowItself, OrganizationClosesBeforeOpening
from app.successions import service
from app.successions.problems import (
    AlreadySucceeded,
    SucceedsItself,
    SuccessorUnknown,
    UnitNotThere,
)
from app.successions.schemas import SuccessionIn, SuccessionOut

router = routing.router("organizations")


@router.post(
    "/organizations/{organization_id}/succeed",
    responses=problems(
        NotFound,
        AlreadySucceeded,
        ExternalIdTaken,
        OrganizationBelowItself,
        SuccessorUnknown,
        SucceedsItself,
        UnitNotThere,
        OrganizationClosesBeforeOpening,
        IdempotencyKeyReused,
    ),
)
async def succeed_organization(
    session: Annotated[AsyncSession, changing(Permission.ORGANIZATIONS_WRITE)],
    organization_id: Annotated[
        UUID, Path(description="The organisation's id", examples=[examples.ORGANIZATION])
    ],
    data: SuccessionIn,
    *,
    dry_run: Annotated[
        bool, Query(description="Tell what would happen, and change nothing")
    ] = False,
) -> SuccessionOut:
    """Merge an organisation into others, or split it among them, on a day.

    Everyone moves to `successor_id`, except the people of the units listed, who move where it is
    said there. What happened before stays where it happened; the successor can read it. Look at
    the plan with `dry_run=true` first.
    """
    organization = await get_or_404(session, Organization, organization_id)
    return await service.succeed(session, organization, data, dry_run=dry_run)
