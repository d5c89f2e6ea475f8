from typing import Any

from sqlalchemy import JSON, Select, bindparam, func, literal_column, select

from app.competencies.consultation_models import Comment, ConsultationChange, Invitation
from app.competencies.consultation_schemas import (
    ConsultationChangeOut,
    ConsultationChangeQuery,
    ConsultationCommentOut,
    ConsultationCommentQuery,
    ConsultationInvitationOut,
    ConsultationInvitationQuery,
)
from app.competencies.models import Competency, Framework, FrameworkVersion
from app.competencies.scale_models import Scale
from app.competencies.scale_schemas import ScaleOut, ScaleQuery
from app.competencies.schemas import (
    CompetencyOut,
    CompetencyQuery,
    FrameworkOut,
    FrameworkQuery,
    FrameworkVersionOut,
    FrameworkVersionQuery,
)
from app.core.view_statements import document_statement
from app.core.views import View
from app.opinions.queries import comments_matching as said_matching


def frameworks_matching(query: FrameworkQuery) -> Select[Any]:
    statement = select(Framework)
    if query.organization is not None:
        statement = statement.where(Framework.organization_id == query.organization)
    if query.code is not None:
        statement = statement.where(Framework.code == query.code)
    return statement


def versions_matching(query: FrameworkVersionQuery) -> Select[Any]:
    statement = select(FrameworkVersion)
    if query.framework is not None:
        statement = statement.where(FrameworkVersion.framework_id == query.framework)
    if query.state is not None:
        statement = statement.where(FrameworkVersion.state == query.state)
    return statement


def scales_matching(query: ScaleQuery) -> Select[Any]:
    statement = select(Scale)
    if query.framework_version is not None:
        statement = statement.where(Scale.framework_version_id == query.framework_version)
    return statement


def competencies_matching(query: CompetencyQuery) -> Select[Any]:
    statement = select(Competency)
    if query.framework_version is not None:
        statement = statement.where(Competency.framework_version_id == query.framework_version)
    if query.parent is not None:
        statement = statement.where(Competency.parent_identifier == query.parent)
    if query.kind is not None:
        statement = statement.where(Competency.kind == query.kind)
    if query.domain is not None:
        statement = statement.where(Competency.domain == query.domain)
    if query.code is not None:
        statement = statement.where(Competency.code == query.code)
    return statement


def invitations_matching(query: ConsultationInvitationQuery) -> Select[Any]:
    statement = select(Invitation)
    if query.framework_version is not None:
        statement = statement.where(Invitation.framework_version_id == query.framework_version)
    return statement


def comments_matching(query: ConsultationCommentQuery) -> Select[Any]:
    statement = said_matching(Comment, thread=query.thread, unresolved=query.unresolved)
    if query.framework_version is not None:
        statement = statement.where(Comment.framework_version_id == query.framework_version)
    if query.competency is not None:
        statement = statement.where(Comment.competency_identifier == query.competency)
    return statement


def changes_matching(query: ConsultationChangeQuery) -> Select[Any]:
    statement = select(ConsultationChange)
    if query.framework_version is not None:
        version = ConsultationChange.framework_version_id
        statement = statement.where(version == query.framework_version)
    if query.comment is not None:
        statement = statement.where(ConsultationChange.comment_id == query.comment)
    if query.competency is not None:
        competency = ConsultationChange.competency_identifier
        statement = statement.where(competency == query.competency)
    return statement


_FIELDS: Any = literal_column(
    """(select json_agg(json_build_object('field', c.key, 'before', c.value -> 0,
      'after', c.value -> 1) order by c.key) from jsonb_each(consultation_changes.changes) as c)""",
    type_=JSON,
)
_OF_VERSIONS = (
    select(func.concat(func.count(), ".", func.sum(FrameworkVersion.version)))
    .where(FrameworkVersion.framework_id == Framework.id)
    .correlate_except(FrameworkVersion)
    .scalar_subquery()
)

frameworks = View(
    Framework,
    FrameworkOut,
    frameworks_matching,
    stamp=func.concat(Framework.version, ".", _OF_VERSIONS),
)
versions = View(FrameworkVersion, FrameworkVersionOut, versions_matching)
scales = View(Scale, ScaleOut, scales_matching)
competencies = View(
    Competency,
    CompetencyOut,
    competencies_matching,
    places={"place": Competency.sort_key},
    stamp=func.concat(Competency.version, ".", Competency.position),
)
invitations = View(Invitation, ConsultationInvitationOut, invitations_matching)
comments = View(Comment, ConsultationCommentOut, comments_matching)
changes = View(
    ConsultationChange, ConsultationChangeOut, changes_matching, columns={"fields": _FIELDS}
)

_VERSION: Any = bindparam("id")
_THE_VERSION = select(FrameworkVersion).where(FrameworkVersion.id == _VERSION)
_ONE: Any = versions.listed(_THE_VERSION)
whole_version = document_statement(
    {
        "version": _ONE.op("->", return_type=JSON)(literal_column("0")),
        "scales": scales.listed(
            select(Scale).where(Scale.framework_version_id == _VERSION), Scale.position, Scale.id
        ),
        "competencies": competencies.listed(
            select(Competency).where(Competency.framework_version_id == _VERSION),
            Competency.sort_key,
        ),
    },
    where=_THE_VERSION.exists(),
)
"""In one statement, and so as it was at one moment."""
