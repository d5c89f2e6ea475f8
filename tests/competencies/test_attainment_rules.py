"""What is attained is what the rules say, reckoned once more by hand from the same evidence."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.core.database.serving import Urls
from app.core.schemas import today
from tests.competencies.people import Catalogue, profile
from tests.competencies.steps import made
from tests.world import Somebody, World, add_learner

SOURCES = ["assessment", "supervisor_rating", "mentored_work", "course_completion"]
SOURCES += ["prior_learning", "self_declared"]
RULES = {"Best": "best", "Latest": "latest", "Sources": "source_priority"}


@dataclass(frozen=True)
class Piece:
    type: str
    level: int | None
    achieved: int
    """Days from today."""
    lasts: int | None
    """Days from then on."""
    reviews: tuple[str, ...]
    correction: "Piece | None" = field(default=None)
    """What takes its place, of the same type; without a level it only takes it back."""

    def why_not(self, day: int) -> str | None:
        """Why it does not count on a day, by the rules; the first reason."""
        decision = self.reviews[-1] if self.reviews else None
        needs_review = self.type in ("prior_learning", "mentored_work")
        reasons = {
            "superseded": self.correction is not None,
            "withdrawn": self.level is None,
            "refused": decision == "refused",
            "not_reviewed": decision is None and needs_review,
            "not_yet": self.achieved > day,
            "expired": self.lasts is not None and self.achieved + self.lasts <= day,
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    @property
    def all_of_it(self) -> "list[Piece]":
        return [self, *(self.correction.all_of_it if self.correction else [])]


def expected(pieces: list[Piece], rule: str, day: int) -> int | None:
    """Pieces in the order in which they were recorded."""
    counting = [(n, p) for n, p in enumerate(pieces) if p.why_not(day) is None]
    said_by_others = [(n, p) for n, p in counting if p.type != "self_declared"]
    among = said_by_others or counting
    if not among:
        return None
    if rule == "best":
        return max(p.level for _, p in among if p.level is not None)
    if rule == "source_priority":
        weightiest = min(SOURCES.index(p.type) for _, p in among)
        among = [(n, p) for n, p in among if SOURCES.index(p.type) == weightiest]
    _, latest = max(among, key=lambda each: (each[1].achieved, each[1].level, each[0]))
    return latest.level


_DAYS = st.integers(-4, 4)
_BARE = st.builds(
    Piece,
    type=st.sampled_from(SOURCES),
    level=st.integers(1, 5),
    achieved=_DAYS,
    lasts=st.none() | st.integers(1, 6),
    reviews=st.lists(st.sampled_from(["confirmed", "refused"]), max_size=2).map(tuple),
)


def _corrected(pieces: tuple[Piece, Piece], *, taken_back: bool) -> Piece:
    first, second = pieces
    if taken_back:
        second = replace(second, level=None, achieved=0, lasts=None, reviews=())
    return replace(first, correction=replace(second, type=first.type))


_PIECES = _BARE | st.builds(_corrected, st.tuples(_BARE, _BARE), taken_back=st.booleans())


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    return await Catalogue.of(academy, **RULES)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.reuse, Phase.generate),  # to make a failure smaller takes many minutes
)
@given(pieces=st.lists(_PIECES, max_size=6), shift=st.integers(0, 8))
async def test_attainment_is_what_the_rules_say(
    urls: Urls,
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    pieces: list[Piece],
    shift: int,
):
    """On the day on which it is recorded, and on another one, as if it were kept since then."""
    officer = str((await add_learner(hanoi))["id"])
    recorded = []
    for piece in pieces:
        recorded += await _record(catalogue, hanoi, officer, piece)
    await _check(catalogue, hanoi, officer, recorded, 0)
    await _let_days_go_by(urls, officer, shift)
    await _check(catalogue, hanoi, officer, recorded, shift)


async def _check(
    catalogue: Catalogue, hanoi: Somebody, officer: str, pieces: list[Piece], day: int
) -> None:
    shown = (await profile(hanoi, officer))["competencies"]
    attained = {each["name_en"]: each["attained_level"] for each in shown}
    for name, rule in RULES.items():
        level = expected(pieces, rule, day)
        assert attained.get(name) == level, (name, day)
        explained = await catalogue.explained(hanoi, officer, name)
        assert explained["level"] == level
        used = [each["level"] for each in explained["evidence"] if each["used"]]
        assert used == ([] if level is None else [level])
        left_out = sorted(each["reason"] for each in explained["evidence"] if not each["used"])
        why = [piece.why_not(day) for piece in pieces]
        assert sorted(filter(None, why)) == [r for r in left_out if not r.startswith("outranked")]
        _check_change(explained, pieces, rule, day)


def _check_change(explained: dict[str, Any], pieces: list[Piece], rule: str, day: int) -> None:
    """Until the day that is told, nothing changes by itself."""
    until = 20
    if explained["changes_on"] is not None:
        until = (date.fromisoformat(explained["changes_on"]) - today()).days + day
    assert {expected(pieces, rule, later) for later in range(day, until)} <= {explained["level"]}


async def _record(catalogue: Catalogue, hanoi: Somebody, officer: str, piece: Piece) -> list[Piece]:
    """For each of the competencies."""
    for name in RULES:
        said = {"type": piece.type, "document": "x", **_days(piece)}
        made_of = await catalogue.record(hanoi, officer, name, piece.level or 1, **said)
        await _review(hanoi, made_of["id"], piece)
        path = f"/evidence/{made_of['id']}"
        match piece.correction:
            case Piece(level=None):
                made(await hanoi.post(f"{path}/withdraw", json={}))
            case Piece() as second:
                body = {"level": second.level, "document": "x", **_days(second)}
                corrected = made(await hanoi.post(f"{path}/correct", json=body))
                await _review(hanoi, corrected["id"], second)
    return piece.all_of_it


def _days(piece: Piece) -> dict[str, str | None]:
    achieved = today() + timedelta(piece.achieved)
    until = None if piece.lasts is None else str(achieved + timedelta(piece.lasts))
    return {"achieved_on": str(achieved), "valid_until": until}


async def _review(hanoi: Somebody, id: str, piece: Piece) -> None:
    for decision in piece.reviews:
        made(await hanoi.post(f"/evidence/{id}/review", json={"decision": decision}))


async def _let_days_go_by(urls: Urls, officer: str, days: int) -> None:
    """Everything of them happened so many days earlier, and what is kept is kept since then."""
    owner = await asyncpg.connect(urls.owner)
    await owner.execute("set session_replication_role = replica")
    for table, columns in (
        ("evidence", ("achieved_on", "valid_until")),
        ("attainments", ("changes_on", "reckoned_on")),
    ):
        earlier = ", ".join(f"{column} = {column} - $1::integer" for column in columns)
        await owner.execute(
            f"update {table} set {earlier} where learner_id = $2", days, UUID(officer)
        )
    await owner.close()
