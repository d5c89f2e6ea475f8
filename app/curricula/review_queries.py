from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core.view_statements import document_statement
from app.core.views import View
from app.curricula.models import CurriculumVersion
from app.curricula.review_models import (
    CurriculumStep,
    ReviewComment,
    ReviewDecision,
    ReviewDelegation,
    ReviewInvitation,
)
from app.curricula.review_schemas import (
    CurriculumStepOut,
    ReviewCommentOut,
    ReviewCommentQuery,
    ReviewDecisionOut,
    ReviewDecisionQuery,
    ReviewDelegationOut,
    ReviewDelegationQuery,
    ReviewInvitationOut,
    ReviewInvitationQuery,
)
from app.opinions.queries import comments_matching as said_matching


def invitations_matching(query: ReviewInvitationQuery) -> Select[Any]:
    statement = select(ReviewInvitation)
    if query.curriculum_version is not None:
        version = ReviewInvitation.curriculum_version_id
        statement = statement.where(version == query.curriculum_version)
    return statement


def delegations_matching(query: ReviewDelegationQuery) -> Select[Any]:
    statement = select(ReviewDelegation)
    if query.curriculum_version is not None:
        version = ReviewDelegation.curriculum_version_id
        statement = statement.where(version == query.curriculum_version)
    return statement


def comments_matching(query: ReviewCommentQuery) -> Select[Any]:
    statement = said_matching(ReviewComment, thread=query.thread, unresolved=query.unresolved)
    if query.curriculum_version is not None:
        version = ReviewComment.curriculum_version_id
        statement = statement.where(version == query.curriculum_version)
    if query.module is not None:
        statement = statement.where(ReviewComment.module_id == query.module)
    return statement


def decisions_matching(query: ReviewDecisionQuery) -> Select[Any]:
    statement = select(ReviewDecision)
    if query.curriculum_version is not None:
        version = ReviewDecision.curriculum_version_id
        statement = statement.where(version == query.curriculum_version)
    if query.round is not None:
        statement = statement.where(ReviewDecision.round == query.round)
    return statement


invitations = View(ReviewInvitation, ReviewInvitationOut, invitations_matching)
delegations = View(ReviewDelegation, ReviewDelegationOut, delegations_matching)
comments = View(ReviewComment, ReviewCommentOut, comments_matching)
decisions = View(ReviewDecision, ReviewDecisionOut, decisions_matching)
steps = View(CurriculumStep, CurriculumStepOut)

_VERSION: Any = bindparam("id")
_THE_VERSION = select(CurriculumVersion).where(CurriculumVersion.id == _VERSION)
_KINDS: dict[str, tuple[Any, View[Any]]] = {
    "step": (CurriculumStep, steps),
    "decision": (ReviewDecision, decisions),
    "comment": (ReviewComment, comments),
}


def _entries() -> ColumnElement[Any]:
    """Rows of all kinds in one order: their keys grow with the time at which they were added."""
    parts = []
    for name, (kind, view) in _KINDS.items():
        listed = view.listed(select(kind).where(kind.curriculum_version_id == _VERSION))
        each = func.json_array_elements(listed).column_valued(f"{name}_row")
        parts.append(select(literal_column(f"'{name}'").label("kind"), each.label("row")))
    entry = union_all(*parts).subquery("entry")
    row = entry.c.row
    members: list[Any] = ["kind", entry.c.kind, "at", row.op("->")("created_at")]
    for name in _KINDS:
        members += [name, case((entry.c.kind == literal_column(f"'{name}'"), row))]
    named = [literal_column(f"'{each}'") if isinstance(each, str) else each for each in members]
    in_order = aggregate_order_by(func.json_build_object(*named), row.op("->>")("id"))
    return select(func.json_agg(in_order, type_=JSON)).scalar_subquery()


def _of_it(column: Any) -> Any:
    chosen = select(column).where(CurriculumVersion.id == _VERSION)
    return chosen.correlate(None).scalar_subquery()


def _standing(column: str) -> Any:
    named = ("approvals", "changes_requested", "unresolved_threads")
    standing = func.review_standing(_VERSION).table_valued(*named)
    return select(standing.c[column]).scalar_subquery()


trail = document_statement(
    {
        "curriculum_version_id": _of_it(CurriculumVersion.id),
        "state": _of_it(CurriculumVersion.state),
        "round": _of_it(CurriculumVersion.round),
        "quorum": _of_it(CurriculumVersion.quorum),
        "review_due_on": _of_it(CurriculumVersion.review_due_on),
        "approvals": _standing("approvals"),
        "changes_requested": _standing("changes_requested"),
        "unresolved_threads": _standing("unresolved_threads"),
        "entries": func.coalesce(_entries(), literal_column("'[]'::json", type_=JSON)),
    },
    where=_THE_VERSION.exists(),
)
"""In one statement, and so as it was at one moment."""
