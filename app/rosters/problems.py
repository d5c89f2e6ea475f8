"""What rosters may be refused for."""

from app.core.problems import Problem
from app.rosters.files import problems as of_headings

__all__ = ["of_headings"]
"""Told wherever the others are, though a worker meets them."""


class JsonUnreadable(Problem):
    status, title = 422, "JSON not readable"
    detail = (
        "The file is not what its media type says: {error}. JSON is an array of objects, and NDJSON"
        " an object in each line. Nothing was changed."
    )


class TooManyRows(Problem):
    status, title = 422, "Too many rows"
    detail = "A file may have at most {limit} rows. Divide it, and send its parts as deltas."


class TooManyWaiting(Problem):
    status, title = 409, "Too many files wait"
    detail = (
        "{limit} files of this data set wait to be read. Send the next when one of them is done."
    )


class DataSetCodeTaken(Problem):
    status, title, constraint = 409, "Data set there already", "data_set_code_taken"
    detail = "The organisation has a data set with this code. Change that one, or choose another."


class NotWaitingToBeApplied(Problem):
    status, title = 409, "Not waiting to be applied"
    detail = "The sync is {state}. Only a plan that is `planned` or `held` can be applied."


class ApprovalRequired(Problem):
    status, title = 409, "Approval required"
    detail = "The plan is held. A coordinator has to look at it and approve it."


class SyncEnded(Problem):
    status, title = 409, "Sync ended"
    detail = "The sync is {state}; there is nothing to cancel any more."


class Superseded(Problem):
    status, title = 409, "Superseded"
    detail = "A newer full file of this data set was applied since. Send the present roster anew."


class NotApplied(Problem):
    status, title = 409, "Not applied"
    detail = "The sync is {state}. Only one that is `applied` can be undone."


class LaterChanges(Problem):
    status, title = 409, "Later changes"
    detail = (
        "{count} of the people it changed were changed again since, or have moved on: {people}."
        " Nothing was undone. Take these changes back first, or correct the rest by a new file."
    )


class RosterForgotten(Problem):
    status, title = 409, "Details forgotten"
    detail = "What this file said of each person is kept for {days} days, and is gone by now."


class MatchDecided(Problem):
    status, title = 409, "Decided already"
    detail = "Somebody has decided this match as {decision}. The next sync goes by that."
