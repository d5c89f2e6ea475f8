from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
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

_OWN: ColumnElement[Any] = literal_column(
    "(select nullif(current_setting('app.organization', true), '')::uuid)"
)


def learners_matching(query: LearnerQuery) -> Select[Any]:
    statement = _filtered(select(Learner), Learner, query)
    if query.status is not None:
        statement = statement.where(Learner.status == query.status)
    return _speaking(statement, query)


def roster_as_of(query: LearnerQuery) -> Select[Any]:
    """Positions held on a day. Personal details come from learners whom the scope shows now."""
    statement = select(PositionHeld).outerjoin(Learner, Learner.id == PositionHeld.learner_id)
    statement = _filtered(statement, PositionHeld, query)
    if query.as_of is not None:
        statement = statement.where(PositionHeld.held.contains(query.as_of))
    if query.status is not None:
        statement = statement.where(_status_then == query.status)
    return _speaking(statement, query)


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
        statement = statement.where(person.fields.any(query.field))
    if query.external_id is not None:
        statement = statement.where(person.external_id == query.external_id)
    if query.q is not None:
        statement = statement.where(person.search_text.like(query.q))
    return statement


def _speaking(statement: Select[Any], query: LearnerQuery) -> Select[Any]:
    if query.language is None:
        return statement
    skill = func.jsonb_to_recordset(Learner.languages).table_valued("language", "level")
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
        ours = Transfer.organization_id == _OWN
        statement = statement.where(ours == (literal("out") == query.direction))
    return statement


_still_held = and_(func.upper_inf(PositionHeld.held), Learner.id.is_not(None))
_status_then = case((_still_held, Learner.status), else_=literal_column("'active'"))

learners = View(
    Learner,
    LearnerOut,
    learners_matching,
    places={"full_name": Learner.sort_key},
    subjects="id",
)
learners_as_of = View(
    PositionHeld,
    LearnerOut,
    roster_as_of,
    columns={
        "id": PositionHeld.learner_id,
        "version": func.coalesce(Learner.version, 0),
        "updated_at": func.coalesce(Learner.updated_at, PositionHeld.updated_at),
        "birth_date": Learner.birth_date,
        "email": Learner.email,
        "phone": Learner.phone,
        "position_since": PositionHeld.held_from,
        "languages": func.coalesce(Learner.languages, text("'[]'::jsonb")),
        "recruited_on": Learner.recruited_on,
        "status": _status_then,
        "status_since": case((_still_held, Learner.status_since), else_=PositionHeld.held_from),
        "attributes": func.coalesce(Learner.attributes, text("'{}'::jsonb")),
        "national_id_tail": Learner.national_id_tail,
    },
    places={"full_name": PositionHeld.sort_key},
    subjects="id",
)
positions = View(PositionHeld, PositionOut, positions_of_learner, subjects="learner_id")
transfers = View(Transfer, TransferOut, transfers_matching, subjects="learner_id")
