from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    ColumnElement,
    Date,
    Integer,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
)

from app.core.views import View
from app.learners.models import Learner, PositionHeld, Transfer
from app.learners.schemas import (
    LearnerOut,
    LearnerQuery,
    PositionOut,
    PositionQuery,
    TransferOut,
    TransferQuery,
)

_LONGEST_TRANSACTION: ColumnElement[Any] = literal_column("interval '15 minutes'")
"""Rows say when the transaction began that changed them. It commits later, by so much at most."""
_OWN: ColumnElement[Any] = literal_column(
    "(select nullif(current_setting('app.organization', true), '')::uuid)"
)
OURS: ColumnElement[Any] = literal_column("""(select case current_setting('role')
  when 'banggiao_organization' then array[current_setting('app.organization')::uuid]
  when 'banggiao_subtree' then current_setting('app.subtree')::uuid[] end)::uuid[]""")
"""The organisations whose coordinator reads; null for who reads of all, or of themselves."""


def learners_matching(query: LearnerQuery) -> Select[Any]:
    statement = _filtered(select(Learner), Learner, query)
    if query.status is not None:
        statement = statement.where(Learner.status == query.status)
    if query.updated_since is not None:
        since = cast(query.updated_since, TIMESTAMP(timezone=True)) - _LONGEST_TRANSACTION
        statement = statement.where(Learner.updated_at >= since)
    return speaking(statement, Learner.languages, query)


def roster_as_of(query: LearnerQuery) -> Select[Any]:
    """Positions held on a day. Personal details come from learners whom the scope shows now."""
    statement = select(PositionHeld).outerjoin(Learner, Learner.id == PositionHeld.learner_id)
    statement = _filtered(statement, PositionHeld, query)
    if query.as_of is not None:
        on_that_day = PositionHeld.held.op("@>", is_comparison=True)(cast(query.as_of, Date))
        # History follows a learner, but where they were before they were on others' rosters.
        ours = or_(OURS.is_(None), PositionHeld.organization_id == any_(OURS))
        statement = statement.where(on_that_day, ours)
    if query.status is not None:
        statement = statement.where(_status_then == query.status)
    return speaking(statement, Learner.languages, query)


def _filtered(statement: Select[Any], person: Any, query: LearnerQuery) -> Select[Any]:
    """The filters that a roster has at any date; `person` holds what was true then."""
    if query.organization is not None:
        statement = statement.where(person.organization_id == query.organization)
    if query.unit is not None:
        statement = statement.where(person.unit_id == query.unit)
    if query.leadership_level is not None:
        statement = statement.where(person.leadership_level == query.leadership_level)
    if query.category is not None:
        statement = statement.where(person.category == query.category)
    if query.field is not None:
        statement = statement.where(cast(query.field, Text) == any_(person.fields))
    if query.external_id is not None:
        statement = statement.where(person.external_id == query.external_id)
    return statement


def speaking(statement: Select[Any], languages: Any, query: Any) -> Select[Any]:
    """The filters `language` and `language_level`, over a column of `LanguageSkill`s."""
    if query.language is None:
        return statement
    skill = func.jsonb_to_recordset(languages).table_valued(
        column("language", Text), column("level", Integer)
    )
    skill = skill.render_derived(with_types=True)
    wanted = [skill.c.language == query.language]
    if query.language_level is not None:
        wanted.append(skill.c.level >= query.language_level)
    return statement.where(select(skill.c.language).where(*wanted).exists())


def positions_of_learner(_: PositionQuery) -> Select[Any]:
    return select(PositionHeld).where(PositionHeld.learner_id == bindparam("learner_id"))


def transfers_matching(query: TransferQuery) -> Select[Any]:
    statement = select(Transfer)
    if query.state is not None:
        statement = statement.where(Transfer.state == query.state)
    if query.learner is not None:
        statement = statement.where(Transfer.learner_id == query.learner)
    if query.direction is not None:
        out = cast(query.direction, Text) == "out"
        side = case((out, Transfer.organization_id), else_=Transfer.to_organization_id)
        statement = statement.where(side == _OWN)
    return statement


_still_held = and_(func.upper_inf(PositionHeld.held), Learner.id.is_not(None))
_status_now = and_(_still_held, Learner.status_since <= bindparam("as_of", type_=Date))
_status_then = case((_status_now, Learner.status), else_=literal_column("'active'"))
"""Who is suspended now was not yet on an earlier day. Of whoever moved on, nothing is known."""

learners = View(
    Learner,
    LearnerOut,
    learners_matching,
    places={"full_name": Learner.sort_key},
    searched=Learner.search_text,
    subjects="id",
)
learners_as_of = View(
    PositionHeld,
    LearnerOut,
    roster_as_of,
    columns={
        "id": PositionHeld.learner_id,
        "version": func.coalesce(Learner.version, 0),
        "created_at": func.coalesce(Learner.created_at, PositionHeld.created_at),
        "updated_at": func.coalesce(Learner.updated_at, PositionHeld.updated_at),
        "birth_date": Learner.birth_date,
        "email": Learner.email,
        "phone": Learner.phone,
        "position_since": PositionHeld.held_from,
        "languages": func.coalesce(Learner.languages, text("'[]'::jsonb")),
        "recruited_on": Learner.recruited_on,
        "status": _status_then,
        "status_since": case((_status_now, Learner.status_since), else_=PositionHeld.held_from),
        "attributes": func.coalesce(Learner.attributes, text("'{}'::jsonb")),
        "national_id_tail": Learner.national_id_tail,
        "data_set": Learner.data_set,
        "missing_since": Learner.missing_since,
        "protected_fields": func.coalesce(Learner.protected_fields, text("'{}'::text[]")),
    },
    places={"full_name": PositionHeld.sort_key},
    searched=PositionHeld.search_text,
    stamp=func.concat(Learner.version, ".", PositionHeld.version),
    subjects="id",
)
positions = View(PositionHeld, PositionOut, positions_of_learner, subjects="learner_id")
transfers = View(Transfer, TransferOut, transfers_matching, subjects="learner_id")
