"""What learners, their positions and their transfers may be refused for."""

from app.core.problems import Problem


class ExternalIdTaken(Problem):
    status, title, constraint = 409, "External id taken", "external_id_taken"
    detail = "Somebody on this roster has this external id. Read them, or choose another id."


class NationalIdTaken(Problem):
    status, title, constraint = 409, "National id taken", "national_id_taken"
    detail = "Somebody on this roster has this national id: it is the same person. Change that one."


class UnitUnknown(Problem):
    status, title, constraint = 422, "Unit unknown", "unit_unknown"
    detail = "The organisation has no unit with this id. List its units, or leave it out."


class PositionBeforeRecruitment(Problem):
    status, title, constraint = 422, "Position before recruitment", "position_before_recruitment"
    detail = "`position_since` cannot lie before `recruited_on`. Correct one of them."


class PositionsOverlap(Problem):
    status, title, constraint = 409, "Positions overlap", "positions_overlap"
    detail = "An earlier position lasts longer than that. Give a later `position_since`."


class PositionEndsBeforeItBegins(Problem):
    status, title, constraint = 422, "Ends before it begins", "position_ends_before_it_begins"
    detail = "The present position began after that day. Give a later day."


class AlreadyReleased(Problem):
    status, title, constraint = 409, "Already released", "already_released"
    detail = "This learner is released already. Cancel that release first, or tell its claim code."


class ClaimedBeforeRelease(Problem):
    status, title, constraint = 422, "Claimed before release", "claimed_before_release"
    detail = "The claim cannot take effect before the release did. Give that day or a later one."


class NothingToClaim(Problem):
    status, title = 404, "Nothing to claim"
    detail = "Nobody released matches. Ask the sending organisation for the claim code."


class TransferEnded(Problem):
    status, title = 409, "Transfer ended"
    detail = "This transfer was claimed or cancelled already; nothing is left to do."
