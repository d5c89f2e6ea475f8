from typing import Any

from sqlalchemy import Select, Uuid, cast, select
from sqlalchemy.dialects.postgresql import array

from app.audit.models import AuditEntry, PersonalDataRead
from app.audit.schemas import (
    AuditEntryOut,
    AuditQuery,
    PersonalDataReadOut,
    PersonalDataReadQuery,
)
from app.core.views import View


def entries_matching(query: AuditQuery) -> Select[Any]:
    statement = select(AuditEntry)
    if query.row is not None:
        statement = statement.where(AuditEntry.row_id == query.row)
    if query.table is not None:
        statement = statement.where(AuditEntry.table_name == query.table)
    if query.request_id is not None:
        statement = statement.where(AuditEntry.request_id == query.request_id)
    return _within(statement, AuditEntry, query)


def reads_matching(query: PersonalDataReadQuery) -> Select[Any]:
    statement = select(PersonalDataRead)
    if query.learner is not None:
        whose = array([cast(query.learner, Uuid)])
        statement = statement.where(PersonalDataRead.learner_ids.contains(whose))
    return _within(statement, PersonalDataRead, query)


def _within(
    statement: Select[Any], kind: Any, query: AuditQuery | PersonalDataReadQuery
) -> Select[Any]:
    if query.actor is not None:
        statement = statement.where(kind.actor == query.actor)
    if query.since is not None:
        statement = statement.where(kind.occurred_at >= query.since)
    if query.until is not None:
        statement = statement.where(kind.occurred_at < query.until)
    return statement


entries = View(AuditEntry, AuditEntryOut, entries_matching)
reads = View(PersonalDataRead, PersonalDataReadOut, reads_matching)
