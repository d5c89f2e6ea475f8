"""What a succession may be refused for."""

from app.core.problems import Problem


class SuccessorUnknown(Problem):
    status, title, constraint = 422, "Successor unknown", "successor_unknown"
    detail = "Name successors that exist and are open on the day."


class SucceedsItself(Problem):
    status, title, constraint = 422, "Succeeds itself", "succeeds_itself"
    detail = "An organisation cannot be its own successor. Name another one."


class AlreadySucceeded(Problem):
    status, title, constraint = 409, "Already succeeded", "already_succeeded"
    detail = "This organisation is closed already; read it to see its successors."


class UnitNotThere(Problem):
    status, title = 422, "Unit not there"
    detail = "Each of `units` must be a unit of the organisation that is succeeded."
