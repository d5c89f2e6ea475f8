"""What stands against a nomination and each step after it, told all at once, and by whom."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.enrolment import keeping
from app.enrolment.promoting import Move, Pool, planned
from app.enrolment.vocabulary import STEPS
from tests.courses.steps import add_course, curriculum, quotas, step
from tests.courses.steps import planned as session_planned
from tests.curricula import steps as curricula
from tests.enrolment.steps import (
    checked,
    confirmed,
    decide,
    decided,
    finished,
    in_state,
    nominate,
    nominated,
    nomination,
    opened,
    opened_of,
    people,
    rules,
    states,
    taken,
)
from tests.rooms.steps import made
from tests.world import add_learner, everything, problem, replace


async def for_whom(academy, world, **group):
    """A version of a curriculum in force, with that target group."""
    module = await curricula.published_module(academy)
    chosen = {"modules": curricula.held(module), "hours": 10, "target_group": group}
    began = await curricula.curriculum(academy, module, **chosen)
    await curricula.publish(world, began["open_version_id"])
    return await curricula.version(academy, began["open_version_id"])


async def explained(client, course, learner):
    path = f"/courses/{course['id']}/explain"
    return made(await client.get(path, params={"learner_id": learner}), 200)


async def test_all_failing_rules_of_each_are_told_at_once_and_nobody_is_nominated(
    academy, hanoi, world
):
    version = await for_whom(academy, world, categories=["official"], fields=["consular"])
    earlier = await opened_of(academy, await curriculum(academy, world), (hanoi, 2))
    fit = await add_learner(hanoi, category="official", fields=["consular"])
    unfit = await add_learner(hanoi, category="civil_servant", fields=["consular"])
    for learner in (fit, unfit):
        await confirmed(hanoi, academy, earlier, [learner["id"]])
    left = await add_learner(hanoi, category="official", fields=["consular"])
    await replace(hanoi, f"/learners/{left['id']}", status="left", status_since="2026-02-01")
    course = await opened_of(academy, version, (hanoi, 3))
    other = await add_learner(hanoi, category="official", fields=["consular"])
    ids = [other["id"], fit["id"], unfit["id"], left["id"]]
    refused = await nominate(hanoi, course, ids)
    assert problem(refused) == (409, "nominations-refused")
    told = {each["learner_id"]: each["findings"] for each in refused.json()["people"]}
    assert {id: {f["rule"] for f in found} for id, found in told.items()} == {
        fit["id"]: {"clash"},
        unfit["id"]: {"clash", "not_eligible"},
        left["id"]: {"not_employed"},
    }
    (eligible,) = (f for f in told[unfit["id"]] if f["rule"] == "not_eligible")
    assert eligible["data"]["parts"] == {"categories": {"category": "civil_servant"}}
    assert (eligible["fixed_by"], eligible["fixed_by_id"]) == ("employer", str(hanoi.organization))
    (clash,) = told[fit["id"]]
    assert clash["data"]["sessions"][0]["other_course_id"] == earlier["id"]
    assert await everything(hanoi, "/nominations", course=course["id"]) == []
    preview = await nominate(hanoi, course, ids, dry_run=True)
    assert rules(preview) == [set(), {"clash"}, {"clash", "not_eligible"}, {"not_employed"}]


async def test_who_has_completed_the_curriculum_does_not_come_again(academy, hanoi, world):
    version = await curriculum(academy, world)
    (learner,) = await people(hanoi, 1)
    first = await opened_of(academy, version, (hanoi, 1))
    ids = await confirmed(hanoi, academy, first, [learner])
    await decided(academy, first, ids, "enrol")
    await finished(world, first, ids[0], "completed")
    again = await opened_of(academy, version, (hanoi, 1), hours="13-15")
    refused = await nominate(hanoi, again, [learner])
    assert rules(refused) == [{"already_completed"}]
    (found,) = refused.json()["people"][0]["findings"]
    assert found["data"]["course_id"] == first["id"]
    assert (found["fixed_by"], found["fixed_by_id"]) == ("nobody", None)


async def test_nobody_is_nominated_twice_before_the_opening_or_after_the_last_day(
    academy, hanoi, world
):
    (learner,) = await people(hanoi, 1)
    over = await opened(academy, world, (hanoi, 1), nominations_until="2026-01-05")
    assert rules(await nominate(hanoi, over, [learner])) == [{"nominations_closed"}]
    assert rules(await nominate(academy, over, [learner], dry_run=True)) == [set()]
    course = await opened(academy, world, (hanoi, 1))
    await nominated(hanoi, course, [learner])
    assert rules(await nominate(hanoi, course, [learner])) == [{"already_nominated"}]
    made(await step(academy, course, "close"), 200)
    (other,) = await people(hanoi, 1)
    assert rules(await nominate(hanoi, course, [other])) == [{"nominations_closed"}]
    planning = await add_course(academy, await curriculum(academy, world))
    assert rules(await nominate(academy, planning, [other])) == [{"course_not_open"}]
    assert problem(await nominate(hanoi, planning, [other])) == (404, "not-found")


async def test_people_of_others_are_unknown(academy, hanoi, hue, world):
    course = await opened(academy, world, (hanoi, 1))
    (own,), (foreign,) = await people(hanoi, 1), await people(hue, 1)
    refused = await nominate(hanoi, course, [own, foreign, str(uuid4())])
    assert problem(refused) == (422, "invalid-request")
    pointers = [each["pointer"] for each in refused.json()["errors"]]
    assert pointers == ["/learners/1/learner_id", "/learners/2/learner_id"]


async def test_decisions_are_those_of_the_host_and_all_or_nothing(academy, hanoi, hue, world):
    course = await opened(academy, world, (hanoi, 1), max_places=1)
    first, second = await checked(hanoi, academy, course, await people(hanoi, 2))
    assert problem(await decide(hanoi, course, "confirm", [first])) == (404, "not-found")
    refused = await decide(academy, course, "confirm", [first, second])
    assert problem(refused) == (409, "nominations-refused")
    assert rules(refused) == [{"no_place_left"}]
    assert await states(academy, course) == ["checked", "checked"]
    assert rules(await decide(academy, course, "enrol", [first])) == [{"out_of_order"}]
    assert problem(await decide(academy, course, "decline", [first])) == (422, "invalid-request")
    refused = await decide(academy, course, "confirm", [first, str(uuid4())])
    assert refused.json()["errors"][0]["pointer"] == "/decisions/1/nomination_id"


async def test_an_overlap_is_accepted_where_the_host_says_so(academy, hanoi, world):
    learners = await people(hanoi, 1)
    first = await opened(academy, world, (hanoi, 1))
    second = await opened(academy, world, (hanoi, 1))
    ids = await nominated(hanoi, second, learners)
    await confirmed(hanoi, academy, first, learners)
    assert rules(await decide(academy, second, "check", ids)) == [{"clash"}]
    told = made(await decide(academy, second, "check", ids, may_overlap=True), 200)
    assert [w["rule"] for w in told["people"][0]["warnings"]] == ["clash"]
    await decided(academy, second, ids, "confirm")
    assert (await nomination(hanoi, ids[0]))["may_overlap"] is True


async def test_tentative_sessions_keep_nobody_out(academy, hanoi, world):
    learners = await people(hanoi, 1)
    version = await curriculum(academy, world)
    first = await add_course(academy, version)
    await session_planned(academy, first, tentative=True)
    made(await step(academy, first, "open"), 200)
    await confirmed(hanoi, academy, first, learners)
    await confirmed(hanoi, academy, await opened(academy, world), learners)


async def test_a_substitute_is_of_the_same_organisation_and_fit(academy, hanoi, hue, world):
    course = await opened(academy, world, (hanoi, 2))
    first, second, third = await people(hanoi, 3)
    (foreign,) = await people(hue, 1)
    ids = await confirmed(hanoi, academy, course, [first, second])
    path = f"/nominations/{ids[0]}/substitute"

    async def instead(learner, client=hanoi):
        return await client.post(path, json={"learner_id": learner, "reason": "Ốm"})

    assert rules(await instead(second)) == [{"already_nominated"}]
    assert problem(await instead(foreign)) == (409, "nominated-of-another-organization")
    assert problem(await instead(third, hue)) == (404, "not-found")
    assert (await nomination(hanoi, ids[0]))["state"] == "confirmed"
    made(await instead(third))
    (fourth,) = await people(hanoi, 1)
    assert problem(await instead(fourth)) == (409, "nomination-out-of-order")


async def test_nobody_is_substituted_after_the_last_day(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 1), nominations_until="2026-01-05")
    first, second = await people(hanoi, 2)
    told = made(await nominate(academy, course, [first]), 200)
    path = f"/nominations/{told['people'][0]['nomination_id']}/substitute"
    refused = await hanoi.post(path, json={"learner_id": second, "reason": "Ốm"})
    assert problem(refused) == (409, "nominations-closed")


async def test_promotion_checks_again_and_tells_whom_it_skips(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 1), max_places=1)
    elsewhere = await opened(academy, world)
    learners = await people(hanoi, 4)
    ids = await checked(hanoi, academy, course, learners)
    await decided(academy, course, ids[:1], "confirm")
    await decided(academy, course, ids[1:], "wait_list")
    await confirmed(hanoi, academy, elsewhere, learners[1:2])
    promote = f"/courses/{course['id']}/promote"
    told = made(await academy.post(promote, json={}), 200)
    assert (told["promoted"], told["skipped"], told["waiting"]) == ([], [], 3)
    made(await hanoi.post(f"/nominations/{ids[0]}/withdraw", json={"reason": "Ốm"}), 200)
    for dry in (True, False):
        told = made(await academy.post(promote, json={"dry_run": dry}), 200)
        assert told["applied"] is not dry
        assert [each["nomination_id"] for each in told["promoted"]] == [ids[2]]
        assert [each["nomination_id"] for each in told["skipped"]] == [ids[1]]
        assert [f["rule"] for f in told["skipped"][0]["findings"]] == ["clash"]
    assert await states(academy, course) == ["withdrawn", "wait_listed", "confirmed", "wait_listed"]
    assert problem(await hanoi.post(promote, json={})) == (404, "not-found")


async def test_unused_places_go_where_people_wait(academy, hanoi, hue, world):
    ministry = await world.organization("ministry", kind="ministry")
    bo = await world.somebody("coordinator", ministry)
    course = await opened(academy, world, (hanoi, 1), (hue, 1), (bo, 4), max_places=6)
    for who, count in ((hanoi, 5), (hue, 3), (bo, 1)):
        ids = await checked(who, academy, course, await people(who, count))
        if who is not bo:
            await decided(academy, course, ids[:1], "confirm")
            await decided(academy, course, ids[1:], "wait_list")
    path = f"/courses/{course['id']}/release"
    preview = made(await academy.post(path, json={"dry_run": True}), 200)
    before = [("Q0", 1, 1), ("Q1", 1, 1), ("Q2", 4, 0), (None, 0, 0)]
    assert await taken(academy, course) == before
    told = made(await academy.post(path, json={}), 200)
    # One place is kept for whom nothing is decided on; 4 wait at the one, 2 at the other.
    assert sorted(move["places"] for move in told["moves"]) == [1, 2]
    assert preview["moves"] == told["moves"]
    assert await taken(academy, course) == [("Q0", 3, 3), ("Q1", 2, 2), ("Q2", 1, 0), (None, 0, 0)]
    assert [each["rank"] for each in told["promoted"]] == [2, 2, 3]
    assert told["waiting"] == 3
    refused = await quotas(academy, course, ("Q0", 1, [hanoi.organization]))
    assert problem(refused) == (409, "places-were-given-to-quota")


async def test_a_worker_fills_free_places_and_releases_quotas_in_time(academy, hanoi, hue, world):
    early = await opened(academy, world, (hanoi, 1), (hue, 2), max_places=3)
    due = await opened(
        academy, world, (hanoi, 1), (hue, 2), max_places=3, nominations_until="2026-01-05"
    )
    for course in (early, due):
        told = made(await nominate(academy, course, await people(hanoi, 3)), 200)
        ids = [each["nomination_id"] for each in told["people"]]
        await decided(academy, course, ids, "check", "wait_list")
    await keeping.fill(world.database)
    assert await states(academy, early) == ["confirmed", "wait_listed", "wait_listed"]
    assert await states(academy, due) == ["confirmed"] * 3
    assert await taken(academy, early) == [("Q0", 1, 1), ("Q1", 2, 0), (None, 0, 0)]
    assert await taken(academy, due) == [("Q0", 3, 3), ("Q1", 0, 0), (None, 0, 0)]


async def test_a_quota_keeps_its_seats(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 2), max_places=3)
    await confirmed(hanoi, academy, course, await people(hanoi, 2))
    refused = await quotas(academy, course, ("Q0", 1, [hanoi.organization]))
    assert problem(refused) == (409, "seats-exceed-places")
    refused = await quotas(academy, course)
    assert problem(refused) == (409, "quota-has-seats")
    made(await quotas(academy, course, ("Q0", 3, [hanoi.organization])), 200)
    assert await taken(academy, course) == [("Q0", 3, 2), (None, 0, 0)]


async def test_it_is_explained_to_who_nominates_to_the_host_and_to_the_learner(
    academy, hanoi, hue, world
):
    version = await for_whom(academy, world, fields=["consular"])
    course = await opened_of(academy, version, (hanoi, 1))
    (learner,) = await people(hanoi, 1)
    themselves = await world.somebody("learner", hanoi.organization, UUID(learner))
    for who in (hanoi, academy, themselves):
        told = await explained(who, course, learner)
        assert (told["step"], told["state"]) == ("nominate", None)
        assert [f["rule"] for f in told["findings"]] == ["not_eligible"]
    refused = await hue.get(f"/courses/{course['id']}/explain", params={"learner_id": learner})
    assert problem(refused) == (404, "not-found")
    await replace(hanoi, f"/learners/{learner}", fields=["consular"])
    assert (await explained(hanoi, course, learner))["findings"] == []
    ids = await checked(hanoi, academy, course, [learner])
    (other,) = await people(hanoi, 1, fields=["consular"])
    await confirmed(hanoi, academy, course, [other])
    told = await explained(hanoi, course, learner)
    assert (told["step"], told["nomination_id"]) == ("confirm", ids[0])
    assert [f["rule"] for f in told["findings"]] == ["no_place_left"]
    assert told["findings"][0]["data"]["taken"] == 1


def pool(n, free, waiting=0, undecided=0, rank=1):
    return Pool(UUID(int=n), free, undecided, waiting, rank if waiting else None)


@pytest.mark.parametrize(
    ("pools", "moves"),
    [
        ([pool(1, 5), pool(2, 0, 2)], {2: 2}),
        ([pool(1, 2), pool(2, 0, 6), pool(3, 0, 3)], {2: 1, 3: 1}),
        ([pool(1, 3), pool(2, 0, 6), pool(3, 0, 3)], {2: 2, 3: 1}),
        ([pool(1, 1), pool(2, 0, 1, rank=7), pool(3, 0, 1, rank=2)], {3: 1}),
        ([pool(1, 3, undecided=2), pool(2, 0, 4)], {2: 1}),
        ([pool(1, None), pool(2, 0, 4)], {2: 4}),
        ([pool(1, 2), pool(2, 1)], {}),
    ],
)
def test_places_are_given_in_proportion_to_how_many_wait(pools, moves):
    given = {}
    for move in planned(pools):
        assert isinstance(move, Move)
        given[move.to_pool_id.int] = given.get(move.to_pool_id.int, 0) + move.places
    assert given == moves


@pytest.mark.parametrize(
    ("last", "days", "day"),
    [
        ("2025-02-05", 3, "2025-01-24"),  # over Tết Ất Tỵ: 4 and 3 February, then 24 January
        ("2026-02-24", 2, "2026-02-13"),  # over Tết Bính Ngọ
        ("2026-01-12", 1, "2026-01-10"),  # a Saturday that is worked
        ("2027-02-15", 1, "2027-02-12"),
        ("2027-02-12", 2, "2027-02-03"),
        ("2026-11-16", 0, "2026-11-16"),
    ],
)
async def test_working_days_are_counted_back_over_holidays(world, last, days, day):
    async with world.session() as session:
        found = await session.scalar(
            text("select working_days_before(cast(:last as date), :days)::text"),
            {"last": date.fromisoformat(last), "days": days},
        )
    assert found == day


async def test_every_other_step_is_refused_by_the_database(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 20))
    for state, allowed in STEPS.items():
        if state is None:
            continue
        id = await in_state(world, hanoi, academy, course, state)
        for to in STEPS:
            if to is None or to == state:
                continue
            async with world.session() as session:
                trial = await session.begin_nested()
                reason = {"id": id, "state": to}
                change = text("update nominations set state = :state, reason = 'x' where id = :id")
                try:
                    await session.execute(change, reason)
                    went = True
                except DBAPIError as error:
                    went = "a nomination does not go" not in str(error)
                await trial.rollback()
            assert went == (to in allowed), (state, to)


async def test_seats_are_of_the_quota_that_their_organisation_is_in_now(academy, hanoi, hue, world):
    course = await opened(academy, world, max_places=6)
    await confirmed(hanoi, academy, course, await people(hanoi, 2))
    assert await taken(academy, course) == [(None, 6, 2)]
    made(await quotas(academy, course, ("A", 3, [hanoi.organization])), 200)
    assert await taken(academy, course) == [("A", 3, 2), (None, 3, 0)]
    kept = ("A", 3, [hue.organization])
    refused = await quotas(academy, course, kept, ("B", 1, [hanoi.organization]))
    assert problem(refused) == (409, "seats-exceed-places")
    assert await taken(academy, course) == [("A", 3, 2), (None, 3, 0)]
    made(await quotas(academy, course, kept, ("B", 2, [hanoi.organization])), 200)
    assert await taken(academy, course) == [("A", 3, 0), ("B", 2, 2), (None, 1, 0)]
    ids = await checked(hanoi, academy, course, await people(hanoi, 1))
    assert rules(await decide(academy, course, "confirm", ids)) == [{"no_place_left"}]


async def test_ranks_are_counted_among_those_who_are_still_nominated(academy, hanoi, world):
    course = await opened(academy, world)
    first, second = await people(hanoi, 2)
    async with world.session() as session:
        last = text("""
          insert into nominations (organization_id, host_id, course_id, learner_id, rank)
          select l.organization_id, c.organization_id, c.id, l.id, 100000
          from learners l, courses c where l.id = :learner and c.id = :course returning id
        """)
        id = await session.scalar(last, {"learner": UUID(first), "course": UUID(course["id"])})
    made(await hanoi.post(f"/nominations/{id}/withdraw", json={"reason": "Ốm"}), 200)
    (anew,) = made(await nominate(hanoi, course, [second]), 200)["people"]
    assert anew["rank"] == 1
