"""Whatever is done in whatever order, a version goes through its states by its rules alone."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.curricula import review_steps as steps
from tests.curricula.review_steps import APPROVE, DOCUMENT, OBJECT, draft, name, trail, try_to
from tests.world import Somebody, World, problem

QUORUM = 2
REVIEWERS = ("first", "second")
TAKEN = None


@dataclass
class Model:
    """What the rules say, once more."""

    state: str = "draft"
    decided: dict[str, str] = field(default_factory=dict)
    """The last decision of each reviewer in this round."""
    open_threads: int = 0
    rounds: int = 0
    states: list[str] = field(default_factory=lambda: ["draft"])

    def submit(self) -> str | None:
        return self._go("in_review", self.state == "draft", "curriculum-version-not-draft")

    def give_back(self) -> str | None:
        return self._go("draft", self.state in ("in_review", "approved"), "nothing-to-return")

    def approve(self) -> str | None:
        if self.state == "in_review" and (missing := self._missing()):
            return missing
        return self._go("approved", self.state == "in_review", "not-in-review")

    def _missing(self) -> str | None:
        if "request_changes" in self.decided.values():
            return "changes-requested"
        if len(self.decided) < QUORUM:
            return "quorum-missing"
        if self.open_threads:
            return "threads-unresolved"
        return None

    def publish(self) -> str | None:
        return self._go("published", self.state == "approved", "not-approved")

    def discard(self) -> str | None:
        open_ = self.state in ("draft", "in_review", "approved")
        return self._go("discarded", open_, "curriculum-version-not-draft")

    def decide(self, reviewer: str, decision: str) -> str | None:
        if self.state in ("draft", "discarded"):
            return "not-found"  # is not shown to them
        if self.state != "in_review":
            return "not-in-review"
        self.decided[reviewer] = decision
        return TAKEN

    def comment(self) -> str | None:
        if self.state != "in_review":
            return "not-in-review"
        self.open_threads += 1
        return TAKEN

    def resolve(self) -> str | None:
        """One of the threads, if there is any."""
        if self.state not in ("draft", "in_review", "approved"):
            return "review-closed"
        self.open_threads -= 1
        return TAKEN

    def _go(self, state: str, allowed: object, refusal: str) -> str | None:
        if not allowed:
            return refusal
        if state == "in_review":
            self.decided, self.rounds = {}, self.rounds + 1
        self.state = state
        self.states.append(state)
        return TAKEN


class Reviewed:
    """A version, and the same in the model."""

    def __init__(self, owner: Somebody, id: str, reviewers: dict[str, Somebody]) -> None:
        self.owner, self.id, self.reviewers = owner, id, reviewers
        self.model, self.threads = Model(), list[str]()

    async def take(self, step: str) -> None:
        verb, _, whose = step.partition(" ")
        bodies = {
            "submit": {"quorum": QUORUM},
            "return": {"note": "?"},
            "approve": DOCUMENT,
            "publish": {},
            "discard": {},
        }
        if verb == "resolve":
            await self._resolve()
            return
        if verb in bodies:
            answer = await try_to(self.owner, self.id, verb, **bodies[verb])
            expected = self._does(verb)()
        elif verb == "say":
            path = f"/curriculum-versions/{self.id}/comments"
            answer = await self.owner.post(path, json={"text": "?"})
            expected = self.model.comment()
            if answer.status_code == 201:
                self.threads.append(answer.json()["id"])
        else:
            body = APPROVE if verb == "agree" else OBJECT
            answer = await steps.try_to_decide(self.reviewers[whose], self.id, **body)
            expected = self.model.decide(whose, body["decision"])
        got = TAKEN if answer.status_code < 300 else problem(answer)[1]
        assert got == expected, (step, self.model)

    async def _resolve(self) -> None:
        if not self.threads:
            return
        path = f"/review-comments/{self.threads[-1]}/resolve"
        answer = await self.owner.post(path, json={"resolution": "noted"})
        expected = self.model.resolve()
        got = TAKEN if answer.status_code < 300 else problem(answer)[1]
        assert got == expected, self.model
        if expected is TAKEN:
            self.threads.pop()

    def _does(self, verb: str) -> Callable[[], str | None]:
        return getattr(self.model, "give_back" if verb == "return" else verb)  # type: ignore[no-any-return]


STEPS = (
    *("submit", "return", "approve", "publish", "discard", "say", "resolve"),
    *(f"{verb} {reviewer}" for verb in ("agree", "object") for reviewer in REVIEWERS),
)
LIKELY = st.sampled_from([step for step in STEPS for _ in range(1 if step == "discard" else 4)])


@pytest.fixture
async def reviewers(world: World) -> dict[str, Somebody]:
    place = await world.organization("moit", "ministry")
    return {each: await world.somebody("viewer", place) for each in REVIEWERS}


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(taken=st.lists(LIKELY, min_size=5, max_size=25))
async def test_any_steps_in_any_order(
    taken: list[str], world: World, hanoi: Somebody, reviewers: dict[str, Somebody]
):
    await _walk(taken, world, hanoi, reviewers)


async def test_the_way_to_being_in_force(
    world: World, hanoi: Somebody, reviewers: dict[str, Somebody]
):
    way = "submit, say, agree first, object second, approve, return, resolve, submit, agree first"
    way += ", approve, agree second, approve, publish, publish, agree first, say, return"
    await _walk(way.split(", "), world, hanoi, reviewers)


async def _walk(
    taken: list[str], world: World, owner: Somebody, reviewers: dict[str, Somebody]
) -> None:
    id = await draft(owner)
    for reviewer in reviewers.values():
        await name(world, owner, id, reviewer)
    reviewed = Reviewed(owner, id, reviewers)
    for step in taken:
        await reviewed.take(step)
    told, model = await trail(owner, id), reviewed.model
    assert [e["step"]["state"] for e in told["entries"] if e["step"]] == model.states
    assert (told["state"], told["round"]) == (model.state, model.rounds)
    assert told["unresolved_threads"] == model.open_threads
    assert told["approvals"] == list(model.decided.values()).count("approve")
