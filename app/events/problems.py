"""What the feed of changes may be refused for."""

from collections.abc import Mapping

from app.core.problems import Problem


class ChangesForgotten(Problem):
    status, title = 410, "Changes forgotten"
    detail = (
        "What changed after this cursor is no longer kept. Get a new cursor with `since=now` first,"
        " then read everything again (`/v1/learners`), then go on from that cursor."
    )
    headers: Mapping[str, str] = {
        "Link": '</v1/changes?since=now>; rel="start", </v1/learners>; rel="resync"'
    }
