from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.audit import queries
from app.audit.schemas import (
    AuditEntryOut,
    AuditQuery,
    PersonalDataReadOut,
    PersonalDataReadQuery,
)
from app.core.database.sessions import Reader
from app.core.pages import Page

router = APIRouter(tags=["audit"])

Reading = Annotated[Reader, reading(Permission.AUDIT_READ)]


@router.get("/audit-entries", response_model=Page[AuditEntryOut])
async def list_audit_entries(
    reader: Reading, request: Request, query: Annotated[AuditQuery, Query()]
) -> Response:
    """List who changed what.

    The newest first, of your organisation. Each entry is one change of one row, whoever made it.
    """
    return await queries.entries.page(reader, request, query)


@router.get("/personal-data-reads", response_model=Page[PersonalDataReadOut])
async def list_personal_data_reads(
    reader: Reading, request: Request, query: Annotated[PersonalDataReadQuery, Query()]
) -> Response:
    """List who read whose personal data.

    The newest first, by readers of your organisation. An entry appears a moment after the reading.
    """
    return await queries.reads.page(reader, request, query)
