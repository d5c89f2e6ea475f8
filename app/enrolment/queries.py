"""What filters of lists of nominations mean; seats of a course; what stands against somebody."""

from typing import Any

from sqlalchemy import Select, select

from app.core.view_statements import Statement
from app.core.views import View
from app.enrolment.models import Nomination, NominationStep
from app.enrolment.schemas import (
    NominationOut,
    NominationQuery,
    NominationStepOut,
    NominationStepQuery,
)
from app.enrolment.statements import EXPLAIN, SEATS


def nominations_matching(query: NominationQuery) -> Select[Any]:
    statement = select(Nomination)
    for name in ("course", "organization", "learner"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(Nomination, f"{name}_id") == value)
    if query.state is not None:
        statement = statement.where(Nomination.state == query.state)
    if query.letter is not None:
        statement = statement.where(Nomination.letter_number == query.letter)
    return statement


def steps_matching(query: NominationStepQuery) -> Select[Any]:
    statement = select(NominationStep)
    for name in ("nomination", "course"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(NominationStep, f"{name}_id") == value)
    return statement


nominations = View(Nomination, NominationOut, nominations_matching, subjects="learner_id")
steps = View(NominationStep, NominationStepOut, steps_matching)
seats = Statement(SEATS, [("id", None)])
explanation = Statement(EXPLAIN, [("course", None), ("learner", None)])
