"""Whatever is done to nominations, and in whatever order: seats are those of who has one, and no
more than there are places."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

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
from sqlalchemy import text

from app.enrolment.vocabulary import DECIDED, GONE, SEATED, STEPS
from tests.courses.steps import quotas
from tests.enrolment.steps import finished, nominate, opened, people
from tests.rooms.steps import made
from tests.world import World, everything, problem

PLACES, QUOTA = 4, 2
SIDES = st.sampled_from(["hanoi", "hue"])
WHO = st.integers(0, 20)
ENDS = st.sampled_from(["completed", "failed", "no_show"])
_BROKEN = text("""
  select 'pool', p.id from seat_pools p where p.course_id = :course and (
    p.taken > p.places + p.moved or p.taken <> (
      select count(*) from nominations n where n.pool_id = p.id))
  union all
  select 'places', null from seat_pools p where p.course_id = :course
  having sum(p.places + p.moved) <> :places or sum(p.taken) > :places or sum(p.moved) <> 0
  union all
  select 'wrong pool', n.id from nominations n
  where n.course_id = :course and n.pool_id <> seat_pool_of(n.course_id, n.organization_id)
  union all
  select 'step', n.id from nominations n where n.course_id = :course and n.state <> (
    select s.to_state from nomination_steps s where s.nomination_id = n.id
    order by s.id desc limit 1)
  union all
  select 'booking', n.id from nominations n where n.course_id = :course
    and (n.pool_id is not null) <> exists (
      select from learner_bookings b where b.nomination_id = n.id)
""")


class Seats(RuleBasedStateMachine):
    """Drives the real service from a thread of its own. Hà Nội has a quota, Huế what is left."""

    world: World
    loop: asyncio.AbstractEventLoop

    def wait(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(30)

    @initialize()
    def a_course_is_open(self) -> None:
        self.states: dict[str, str] = {}
        self.of: dict[str, str] = {}
        self.learner: dict[str, str] = {}
        self.academy = self.wait(self.world.somebody("academy_staff"))
        self.clients = {}
        for place in ("hanoi", "hue"):
            organization = self.wait(self.world.organization(f"{place} {id(self)}"))
            self.clients[place] = self.wait(self.world.somebody("coordinator", organization))
        given = (self.clients["hanoi"], QUOTA)
        self.course = self.wait(opened(self.academy, self.world, given, max_places=PLACES))

    def free(self, place: str) -> int:
        taken = sum(self.of[id] == place for id, state in self.states.items() if state in SEATED)
        told = self.wait(self.academy.get(f"/courses/{self.course['id']}/seats")).json()
        (pool,) = (p for p in told["pools"] if (p["code"] is not None) == (place == "hanoi"))
        assert pool["taken"] == taken
        return int(pool["places"] + pool["moved"] - taken)

    def one(self, who: int) -> str:
        return list(self.states)[who % len(self.states)]

    def keep(self, id: str, place: str, learner: str, state: str) -> None:
        self.states[id], self.of[id], self.learner[id] = state, place, learner

    @precondition(lambda self: len(self.states) < 10)
    @rule(place=SIDES)
    def is_nominated(self, place: str) -> None:
        client = self.clients[place]
        (learner,) = self.wait(people(client, 1))
        told = made(self.wait(nominate(client, self.course, [learner])), 200)
        self.keep(told["people"][0]["nomination_id"], place, learner, "nominated")

    @precondition(lambda self: len(self.states) < 10)
    @rule(place=SIDES)
    def is_enrolled_by_hand(self, place: str) -> None:
        (learner,) = self.wait(people(self.clients[place], 1))
        free, body = self.free(place), {"learners": [{"learner_id": learner}]}
        path = f"/courses/{self.course['id']}/enrolments"
        answer = self.wait(self.academy.post(path, json=body))
        assert answer.status_code == (200 if free else 409), answer.text
        if free:
            self.keep(answer.json()["people"][0]["nomination_id"], place, learner, "enrolled")

    @precondition(lambda self: self.states)
    @rule(who=WHO, decision=st.sampled_from(sorted(DECIDED)))
    def is_decided_on(self, who: int, decision: str) -> None:
        id = self.one(who)
        possible = DECIDED[decision] in STEPS[self.states[id]]
        if decision == "confirm":
            possible = possible and self.free(self.of[id]) > 0
        said = {"nomination_id": id, "decision": decision, "reason": "Theo quyết định"}
        path = f"/courses/{self.course['id']}/decisions"
        answer = self.wait(self.academy.post(path, json={"decisions": [said]}))
        assert answer.status_code == (200 if possible else 409), (self.states[id], answer.text)
        if possible:
            self.states[id] = DECIDED[decision]

    @precondition(lambda self: self.states)
    @rule(who=WHO)
    def is_withdrawn(self, who: int) -> None:
        id = self.one(who)
        client = self.clients[self.of[id]]
        answer = self.wait(client.post(f"/nominations/{id}/withdraw", json={"reason": "Ốm"}))
        if "withdrawn" in STEPS[self.states[id]]:
            assert answer.status_code == 200, answer.text
            self.states[id] = "withdrawn"
        elif self.states[id] != "withdrawn":
            assert problem(answer) == (409, "nomination-out-of-order")

    @precondition(lambda self: self.states)
    @rule(who=WHO)
    def is_substituted(self, who: int) -> None:
        id = self.one(who)
        client = self.clients[self.of[id]]
        (learner,) = self.wait(people(client, 1))
        body = {"learner_id": learner, "reason": "Ốm"}
        answer = self.wait(client.post(f"/nominations/{id}/substitute", json=body))
        if "substituted" in STEPS[self.states[id]]:
            self.keep(made(answer)["id"], self.of[id], learner, self.states[id])
            self.states[id] = "substituted"
        else:
            assert problem(answer) == (409, "nomination-out-of-order")

    @precondition(lambda self: "enrolled" in self.states.values())
    @rule(end=ENDS)
    def ends(self, end: str) -> None:
        id = next(id for id, state in self.states.items() if state == "enrolled")
        self.wait(finished(self.world, self.course, id, end))
        self.states[id] = end

    @rule(verb=st.sampled_from(["promote", "release"]), dry=st.booleans())
    def free_places_are_filled(self, verb: str, *, dry: bool) -> None:
        path = f"/courses/{self.course['id']}/{verb}"
        told = made(self.wait(self.academy.post(path, json={"dry_run": dry})), 200)
        assert told["skipped"] == []
        if not dry:
            for each in told["promoted"]:
                assert self.states[each["nomination_id"]] == "wait_listed"
                self.states[each["nomination_id"]] = "confirmed"

    @rule(places=st.integers(0, PLACES))
    def the_quota_is_changed(self, places: int) -> None:
        given = ("Q0", places, [self.clients["hanoi"].organization])
        answer = self.wait(quotas(self.academy, self.course, given))
        assert answer.status_code == 200 or problem(answer) == (409, "seats-exceed-places")

    @invariant()
    def seats_are_those_of_who_has_one(self) -> None:
        values = {"course": self.course["id"], "places": PLACES}

        async def looked() -> list[Any]:
            async with self.world.session() as session:
                return list(await session.execute(_BROKEN, values))

        assert self.wait(looked()) == []
        rows = self.wait(everything(self.academy, "/nominations", course=self.course["id"]))
        assert {row["id"]: row["state"] for row in rows} == self.states
        here = Counter(r["learner_id"] for r in rows if r["state"] not in GONE)
        assert all(count == 1 for count in here.values())


async def test_seats_are_counted_whatever_happens(world: World) -> None:
    Seats.world, Seats.loop = world, asyncio.get_running_loop()
    few = settings(
        max_examples=12,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    async with asyncio.timeout(300):
        await asyncio.to_thread(run_state_machine_as_test, Seats, settings=few)
