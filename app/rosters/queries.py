from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from app.core.views import View
from app.learners.models import Learner
from app.learners.queries import OURS
from app.organizations.models import Organization
from app.rosters.models import DataSet, RosterChange, RosterError, RosterMatch, RosterSync
from app.rosters.schemas import (
    DataSetOut,
    DataSetQuery,
    MatchOut,
    MatchQuery,
    RosterChangeOut,
    RosterChangeQuery,
    RosterErrorOut,
    RosterErrorQuery,
    RosterStatusOut,
    RosterStatusQuery,
    RosterSyncOut,
    RosterSyncQuery,
)


def syncs_matching(query: RosterSyncQuery) -> Select[Any]:
    statement = select(RosterSync)
    if query.organization is not None:
        statement = statement.where(RosterSync.organization_id == query.organization)
    if query.data_set is not None:
        statement = statement.where(RosterSync.data_set == query.data_set)
    if query.state is not None:
        statement = statement.where(RosterSync.state == query.state)
    return statement


def changes_of_sync(query: RosterChangeQuery) -> Select[Any]:
    statement = select(RosterChange).where(RosterChange.sync_id == bindparam("sync_id"))
    if query.kind is not None:
        statement = statement.where(RosterChange.kind == query.kind)
    return statement


def errors_of_sync(query: RosterErrorQuery) -> Select[Any]:
    statement = select(RosterError).where(RosterError.sync_id == bindparam("sync_id"))
    if query.field is not None:
        statement = statement.where(RosterError.field == query.field)
    if query.code is not None:
        statement = statement.where(RosterError.code == query.code)
    return statement


def data_sets_matching(query: DataSetQuery) -> Select[Any]:
    statement = select(DataSet)
    if query.organization is not None:
        statement = statement.where(DataSet.organization_id == query.organization)
    return statement


def matches_matching(query: MatchQuery) -> Select[Any]:
    statement = select(RosterMatch)
    if query.organization is not None:
        statement = statement.where(RosterMatch.organization_id == query.organization)
    if query.undecided is not None:
        statement = statement.where(RosterMatch.decision.is_(None) == query.undecided)
    return statement


def organizations_matching(query: RosterStatusQuery) -> Select[Any]:
    """Of the caller's reach: all may read of every organisation, but not how fresh it is."""
    statement = select(Organization).where(
        or_(OURS.is_(None), Organization.id == any_(OURS)),
        Organization.closed_on.is_(None),
    )
    if query.organization is not None:
        statement = statement.where(Organization.id == query.organization)
    return statement


_people = (
    select(func.count())
    .where(Learner.organization_id == Organization.id, Learner.status != "left")
    .correlate(Organization)
    .scalar_subquery()
)
_data_sets: ColumnElement[Any] = literal_column("roster_freshness(organizations.id)")

syncs = View(RosterSync, RosterSyncOut, syncs_matching)
changes = View(
    RosterChange,
    RosterChangeOut,
    changes_of_sync,
    columns={"fields": literal_column("roster_change_fields(roster_changes)")},
    stamp=func.coalesce(RosterChange.outcome, ""),
    subjects="learner_id",
)
errors = View(RosterError, RosterErrorOut, errors_of_sync)
data_sets = View(
    DataSet,
    DataSetOut,
    data_sets_matching,
    columns={"removal_threshold": cast(DataSet.removal_threshold, Float)},
)
matches = View(RosterMatch, MatchOut, matches_matching, subjects="learner_id")
status = View(
    Organization,
    RosterStatusOut,
    organizations_matching,
    columns={"people": _people, "data_sets": _data_sets},
    stamp=func.concat(_people, literal_column("roster_freshness(organizations.id)::text")),
)
