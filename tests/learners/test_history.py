"""Whatever happens to an officer, and in whatever order: their history stays one that happened."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.world import World, add_learner, everything, problem, replace

FIRST_DAY = date(2020, 1, 1)
DAYS = st.integers(0, 40).map(lambda n: FIRST_DAY + timedelta(n))
TITLES = st.sampled_from(["Chuyên viên", "Phó Trưởng phòng", "Trưởng phòng"])
SIDES = st.sampled_from(["hanoi", "hue"])
WHO = st.integers(0, 3)


@dataclass
class Period:
    """A position as it should be remembered."""

    place: str
    title: str
    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class Officer:
    """What should be known of one: where they are now, and their positions, oldest first."""

    id: str
    place: str
    held: list[Period]
    since: date
    left_on: date | None = None
    """What their record says now."""

    @property
    def last(self) -> Period:
        return self.held[-1]

    def takes(self, title: str, since: date) -> bool:
        """Whether a replacement with this position is possible; if so it is remembered."""
        if since > self.last.since:
            self.last.until = since
            self.held.append(Period(self.place, title, since))
        elif since < self.since and any(since < p.until for p in self.held[:-1] if p.until):
            return False
        else:
            self.last.title = title
            self.last.since = since if since < self.since else self.last.since
        self.since = since
        return True


def in_office(run: "Rosters") -> bool:
    return any(officer.left_on is None for officer in run.known)


def gone(run: "Rosters") -> bool:
    return any(officer.left_on is not None for officer in run.known)


class Rosters(RuleBasedStateMachine):
    """Drives the real service from a thread of its own; each run has two organisations."""

    world: World
    loop: asyncio.AbstractEventLoop

    def wait(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(30)

    @initialize()
    def two_provinces_open(self) -> None:
        self.known: list[Officer] = []
        self.places: dict[UUID, str] = {}
        self.clients: dict[str, Any] = {}
        for place in ("hanoi", "hue"):
            organization = self.wait(self.world.organization(f"{place} {id(self)}"))
            self.places[organization] = place
            self.clients[place] = self.wait(self.world.somebody("coordinator", organization))

    def change(self, officer: Officer, **changes: Any) -> Any:
        path = f"/learners/{officer.id}"
        return self.wait(replace(self.clients[officer.place], path, **changes))

    def somebody(self, who: int, *, left: bool) -> Officer:
        there = [officer for officer in self.known if (officer.left_on is not None) == left]
        return there[who % len(there)]

    @precondition(lambda self: len(self.known) < 4)
    @rule(place=SIDES, title=TITLES, since=DAYS)
    def joins(self, place: str, title: str, since: date) -> None:
        body = {"position_title": title, "position_since": since.isoformat()}
        made = self.wait(add_learner(self.clients[place], status_since="2020-01-01", **body))
        self.known.append(Officer(made["id"], place, [Period(place, title, since)], since))

    @precondition(in_office)
    @rule(who=WHO, title=TITLES, since=DAYS)
    def is_replaced(self, who: int, title: str, since: date) -> None:
        officer = self.somebody(who, left=False)
        possible = officer.takes(title, since)
        answer = self.change(officer, position_title=title, position_since=since.isoformat())
        if possible:
            assert answer.status_code == 200, answer.text
        else:
            assert problem(answer) == (409, "positions-overlap")

    @precondition(in_office)
    @rule(who=WHO, day=DAYS)
    def leaves(self, who: int, day: date) -> None:
        self.has_left(self.somebody(who, left=False), day)

    @precondition(gone)
    @rule(who=WHO, day=DAYS)
    def left_on_another_day(self, who: int, day: date) -> None:
        self.has_left(self.somebody(who, left=True), day)

    def has_left(self, officer: Officer, day: date) -> None:
        answer = self.change(officer, status="left", status_since=day.isoformat())
        if day <= officer.last.since:
            assert problem(answer) == (422, "position-ends-before-it-begins")
        else:
            assert answer.status_code == 200, answer.text
            officer.left_on = officer.last.until = day

    @precondition(gone)
    @rule(who=WHO, day=DAYS)
    def comes_back(self, who: int, day: date) -> None:
        officer = self.somebody(who, left=True)
        answer = self.change(officer, status="active", status_since=day.isoformat())
        assert answer.status_code == 200, answer.text
        if max(day, officer.since) > officer.left_on:
            officer.held.append(Period(officer.place, officer.last.title, max(day, officer.since)))
        else:
            officer.last.until = None
        officer.left_on = None

    @precondition(lambda self: self.known)
    @rule(who=WHO, left=st.booleans(), title=TITLES, days=st.tuples(DAYS, DAYS))
    def transfers(self, who: int, title: str, days: tuple[date, date], *, left: bool) -> None:
        released_on, day = sorted(days)
        officer = self.somebody(who, left=left if in_office(self) and gone(self) else gone(self))
        sender = self.clients[officer.place]
        place = "hue" if officer.place == "hanoi" else "hanoi"
        release = {"released_on": released_on.isoformat()}
        path = f"/learners/{officer.id}/release"
        released = self.wait(sender.post(path, json=release)).json()
        claim = {
            "claim_code": released["claim_code"],
            "claimed_on": day.isoformat(),
            "external_id": f"{place}-{officer.id}"[:40],
            "position_title": title,
        }
        claimed = self.wait(self.clients[place].post("/transfers/claim", json=claim))
        if day <= officer.last.since:
            assert problem(claimed) == (422, "position-ends-before-it-begins")
            self.wait(sender.post(f"/transfers/{released['id']}/cancel"))
            return
        assert claimed.status_code == 200, claimed.text
        if officer.left_on is None:
            stayed = officer.last.since >= released_on
            officer.last.until = day if stayed else released_on
        else:
            officer.last.until = min(day, officer.left_on)
        officer.place, officer.since, officer.left_on = place, day, None
        officer.held.append(Period(place, title, day))

    @invariant()
    def positions_are_those_remembered_and_never_overlap(self) -> None:
        for officer in self.known:
            path = f"/learners/{officer.id}/positions"
            rows = self.wait(everything(self.clients[officer.place], path, sort="held_from"))
            held = [self.period(row) for row in rows]
            assert held == officer.held
            for former, later in pairwise(held):
                assert former.until is not None
                assert former.until <= later.since

    @invariant()
    def the_newest_position_is_the_one_of_the_record(self) -> None:
        for officer in self.known:
            client = self.clients[officer.place]
            record = self.wait(client.get(f"/learners/{officer.id}")).json()
            assert self.places[UUID(record["organization_id"])] == officer.place
            assert record["position_title"] == officer.last.title
            assert (record["status"] == "left") == (officer.last.until is not None)
            assert date.fromisoformat(record["position_since"]) <= officer.last.since

    @rule(place=SIDES, day=DAYS)
    def roster_of_a_day_is_who_held_a_position_there(self, place: str, day: date) -> None:
        rows = self.wait(everything(self.clients[place], "/learners", as_of=day.isoformat()))
        held = [
            (officer.id, period.title)
            for officer in self.known
            for period in officer.held
            if period.place == place and period.covers(day)
        ]
        assert sorted((row["id"], row["position_title"]) for row in rows) == sorted(held)

    def period(self, row: dict[str, Any]) -> Period:
        until = row["held_until"]
        return Period(
            self.places[UUID(row["organization_id"])],
            row["position_title"],
            date.fromisoformat(row["held_from"]),
            date.fromisoformat(until) if until else None,
        )


async def test_history_is_what_happened(world: World) -> None:
    Rosters.world, Rosters.loop = world, asyncio.get_running_loop()
    effort = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Rosters, settings=effort)
