"""What filters of lists of evidence mean."""

from typing import Any

from sqlalchemy import Boolean, Integer, Select, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from app.competencies.attainment_queries import TODAY, attained_today
from app.competencies.evidence_models import Attainment, Evidence, EvidenceReview
from app.competencies.evidence_schemas import (
    EvidenceOut,
    EvidenceQuery,
    EvidenceReviewOut,
    EvidenceReviewQuery,
    ExpiringEvidenceOut,
    ExpiringEvidenceQuery,
)
from app.competencies.models import PublishedCompetency
from app.core.views import View
from app.learners.models import Learner

_WAITING = (
    ((Evidence.type == "prior_learning") | (Evidence.type == "mentored_work"))
    & Evidence.level.is_not(None)
    & Evidence.decision.is_(None)
    & Evidence.superseded_by_id.is_(None)
)


def evidence_matching(query: EvidenceQuery) -> Select[Any]:
    statement = select(Evidence)
    if query.organization is not None:
        statement = statement.where(Evidence.organization_id == query.organization)
    if query.learner is not None:
        statement = statement.where(Evidence.learner_id == query.learner)
    if query.framework is not None:
        statement = statement.where(Evidence.framework_id == query.framework)
    if query.competency is not None:
        statement = statement.where(Evidence.competency_identifier == query.competency)
    if query.type is not None:
        statement = statement.where(Evidence.type == query.type)
    if query.waiting is not None:
        statement = statement.where(cast(query.waiting, Boolean) == _WAITING)
    return statement


evidence = View(
    Evidence,
    EvidenceOut,
    evidence_matching,
    stamp=func.concat(Evidence.superseded_by_id, ".", Evidence.reviewed_at),
    subjects="learner_id",
)


def reviews_matching(query: EvidenceReviewQuery) -> Select[Any]:
    statement = select(EvidenceReview)
    if query.evidence is not None:
        statement = statement.where(EvidenceReview.evidence_id == query.evidence)
    if query.learner is not None:
        statement = statement.where(EvidenceReview.learner_id == query.learner)
    return statement


reviews = View(EvidenceReview, EvidenceReviewOut, reviews_matching, subjects="learner_id")


_TODAY: Any = literal_column(TODAY, Evidence.valid_until.type)
_ATTAINED, _COMPETENCY = aliased(Attainment, name="a"), aliased(PublishedCompetency, name="c")
_IS_USED: Any = literal_column(f"{attained_today('evidence_id')} = evidence.id")


def expiring_matching(query: ExpiringEvidenceQuery) -> Select[Any]:
    """What people attain something by now, and will not for long. Days are counted from today."""
    days = func.coalesce(cast(query.within, Integer), 90)
    statement = (
        select(Evidence)
        .join(Learner, Learner.id == Evidence.learner_id)
        .join(
            _ATTAINED,
            (_ATTAINED.learner_id == Evidence.learner_id)
            & (_ATTAINED.framework_id == Evidence.framework_id)
            & (_ATTAINED.competency_identifier == Evidence.competency_identifier)
            & (_ATTAINED.scale_identifier == Evidence.scale_identifier),
        )
        .join(
            _COMPETENCY,
            (_COMPETENCY.framework_id == Evidence.framework_id)
            & (_COMPETENCY.identifier == Evidence.competency_identifier),
        )
        .where(
            Learner.status != "left",
            Evidence.valid_until > _TODAY,
            Evidence.valid_until <= _TODAY + days,
            _IS_USED,
        )
    )
    if query.organization is not None:
        statement = statement.where(Learner.organization_id == query.organization)
    if query.unit is not None:
        statement = statement.where(Learner.unit_id == query.unit)
    if query.learner is not None:
        statement = statement.where(Evidence.learner_id == query.learner)
    if query.competency is not None:
        statement = statement.where(Evidence.competency_identifier == query.competency)
    return statement


expiring = View(
    Evidence,
    ExpiringEvidenceOut,
    expiring_matching,
    columns={
        "full_name": Learner.full_name,
        "organization_id": Learner.organization_id,
        "unit_id": Learner.unit_id,
        "competency_id": _COMPETENCY.competency_id,
        "code": _COMPETENCY.code,
        "name_vi": _COMPETENCY.name_vi,
        "name_en": _COMPETENCY.name_en,
        "domain": _COMPETENCY.domain,
    },
    stamp=func.concat(Learner.version, ".", _COMPETENCY.framework_version_id),
    subjects="learner_id",
)
