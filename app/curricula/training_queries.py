"""What filters of lists of trainings mean."""

from typing import Any

from sqlalchemy import Select, select

from app.core.views import View
from app.curricula.training_models import Training
from app.curricula.training_schemas import TrainingOut, TrainingQuery


def trainings_matching(query: TrainingQuery) -> Select[Any]:
    statement = select(Training)
    if query.organization is not None:
        statement = statement.where(Training.organization_id == query.organization)
    if query.learner is not None:
        statement = statement.where(Training.learner_id == query.learner)
    if query.kind is not None:
        statement = statement.where(Training.kind == query.kind)
    if query.field is not None:
        statement = statement.where(Training.field == query.field)
    if query.curriculum is not None:
        statement = statement.where(Training.curriculum_id == query.curriculum)
    return statement


trainings = View(Training, TrainingOut, trainings_matching, subjects="learner_id")
