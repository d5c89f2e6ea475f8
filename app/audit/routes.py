from typing import Annotated

from fastapi import Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.audit import queries
from app.audit.schemas import (
    AuditEntryOut,
    AuditQuery,
    PersonalDataReadOut,
    PersonalDataReadQuery,
)
from app.core import routing
from app.core.database.readers import Reader
from app.core.pages import page_of

router = routing.router("audit")

Reading = Annotated[Reader, reading(Permission.AUDIT_READ)]


@router.get("/audit-entries", **page_of(AuditEntryOut, AuditQuery))
async def list_audit_entries(reader: Reading, request: Request) -> Response:
    """List who changed what.

    The newest first, of your organisation. Each entry is one change of one row, whoever made it.
    """
    query = AuditQuery.of(request)
    return await queries.entries.page(reader, request, query)


@router.get("/personal-data-reads", **page_of(PersonalDataReadOut, PersonalDataReadQuery))
async def list_personal_data_reads(reader: Reading, request: Request) -> Response:
    """List who read whose personal data.

    The newest first, by readers of your organisation. An entry appears a moment after the reading.
    """
    query = PersonalDataReadQuery.of(request)
    return await queries.reads.page(reader, request, query)
