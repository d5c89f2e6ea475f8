"""What filters of lists of evidence mean."""

from typing import Any

from sqlalchemy import Boolean, Integer, Select, cast, func, literal_column, select

from app.competencies.attainment_queries import TODAY
from app.competencies.evidence_models import Attainment, Evidence
from app.competencies.evidence_schemas import (
    EvidenceOut,
    EvidenceQuery,
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


_TODAY: Any = literal_column(TODAY, Evidence.valid_until.type)
_IS_USED: Any = literal_column(f"""case
  when attainments.rule = published_competencies.attainment_rule
    and (attainments.changes_on is null or attainments.changes_on > {TODAY})
    then attainments.evidence_id
  else (select t.evidence_id from attained(evidence.learner_id, evidence.framework_id,
    evidence.competency_identifier, evidence.scale_identifier,
    published_competencies.attainment_rule, {TODAY}) as t) end = evidence.id""")


def expiring_matching(query: ExpiringEvidenceQuery) -> Select[Any]:
    """What people attain something by now, and will not for long. Days are counted from today."""
    days = func.coalesce(cast(query.within, Integer), 90)
    statement = (
        select(Evidence)
        .join(Learner, Learner.id == Evidence.learner_id)
        .join(
            Attainment,
            (Attainment.learner_id == Evidence.learner_id)
            & (Attainment.framework_id == Evidence.framework_id)
            & (Attainment.competency_identifier == Evidence.competency_identifier)
            & (Attainment.scale_identifier == Evidence.scale_identifier),
        )
        .join(
            PublishedCompetency,
            (PublishedCompetency.framework_id == Evidence.framework_id)
            & (PublishedCompetency.identifier == Evidence.competency_identifier),
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
        "competency_id": PublishedCompetency.competency_id,
        "code": PublishedCompetency.code,
        "name_vi": PublishedCompetency.name_vi,
        "name_en": PublishedCompetency.name_en,
        "domain": PublishedCompetency.domain,
    },
    subjects="learner_id",
)
