"""Who is not in a full file: missing, never deleted, and only when it is certain."""

import pytest
from sqlalchemy import text

from app.core.database.sessions import Database
from app.rosters import keeping
from tests.rosters.sending import Sender, counted
from tests.world import World, everything, problem, replace


def missing_of(learners: dict) -> set[str]:
    return {key for key, row in learners.items() if row["missing_since"] is not None}


async def suspends(world: World) -> None:
    database: Database = world.database
    await keeping.suspend_missing(database)


async def long_ago(world: World, sender: Sender, days: int) -> None:
    """Everybody who is missing has been for so many days."""
    async with world.session() as session:
        await session.execute(
            text(
                "update learners set missing_since = now() - make_interval(days => :days)"
                " where organization_id = :whose and missing_since is not null"
            ),
            {"days": days, "whose": sender.client.organization},
        )


async def keeps(coordinator: Sender, **policy) -> None:
    [data_set] = await everything(coordinator.client, "/roster-data-sets")
    path = f"/roster-data-sets/{data_set['id']}"
    present = await coordinator.client.get(path)
    body = {"headings": {}, "encoding": None, **policy}
    done = await coordinator.client.put(
        path, json=body, headers={"If-Match": present.headers["ETag"]}
    )
    assert done.status_code == 200, done.text


async def test_who_is_absent_is_missing_and_comes_back(hr: Sender):
    people = hr.people(*range(20))
    await hr.sends(people)
    sync = await hr.sends(people[1:])
    assert counted(sync) == {"rows": 19, "unchanged": 19, "missing": 1}
    learners = await hr.learners()
    assert len(learners) == 20
    assert missing_of(learners) == {"CB-00000"}
    since = learners["CB-00000"]["missing_since"]

    assert counted(await hr.sends(people[1:])) == {"rows": 19, "unchanged": 19}
    assert (await hr.learners())["CB-00000"]["missing_since"] == since

    sync = await hr.sends(people)
    assert counted(sync) == {"rows": 20, "unchanged": 19, "reactivated": 1}
    assert missing_of(await hr.learners()) == set()


async def test_a_delta_makes_nobody_missing(hr: Sender):
    await hr.sends(hr.people(*range(20)))
    sync = await hr.sends(hr.people(1), mode="delta")
    assert counted(sync) == {"rows": 1, "unchanged": 1}
    assert missing_of(await hr.learners()) == set()


async def test_who_stays_missing_is_suspended_when_the_data_set_says_so(
    hr: Sender, coordinator: Sender, world: World
):
    people = hr.people(*range(20))
    await hr.sends(people)
    await hr.sends(people[1:])
    await long_ago(world, hr, 31)
    await suspends(world)
    assert (await hr.learners())["CB-00000"]["status"] == "active"

    await keeps(coordinator, suspend_after_days=30)
    await suspends(world)
    gone = (await hr.learners())["CB-00000"]
    assert gone["status"] == "suspended"
    assert counted(await hr.sends(people[1:])) == {"rows": 19, "unchanged": 19}

    back = await hr.sends(people)
    assert counted(back) == {"rows": 20, "unchanged": 19, "reactivated": 1}
    assert (await hr.learners())["CB-00000"]["status"] == "active"


async def test_a_file_that_lacks_many_is_held_until_a_coordinator_approves(
    hr: Sender, coordinator: Sender
):
    people = hr.people(*range(20))
    await hr.sends(people)
    sync = await hr.sends(people[3:])
    assert (sync["state"], sync["held_for"]) == ("held", ["too_many_missing"])
    assert missing_of(await hr.learners()) == set()
    assert problem(await hr.does(sync, "approve", removals=True)) == (403, "forbidden")
    assert problem(await hr.does(sync, "apply")) == (409, "approval-required")
    assert problem(await coordinator.does(sync, "apply")) == (409, "approval-required")

    approved = await coordinator.does(sync, "approve", removals=True)
    assert approved.json()["state"] == "applied", approved.text
    assert missing_of(await hr.learners()) == {"CB-00000", "CB-00001", "CB-00002"}


async def test_a_held_plan_can_be_approved_without_its_removals(hr: Sender, coordinator: Sender):
    people = hr.people(*range(20))
    await hr.sends(people)
    sync = await hr.sends([*people[5:], hr.person(30)])
    assert sync["state"] == "held"
    applied = (await coordinator.does(sync, "approve", removals=False)).json()
    assert (applied["state"], applied["removals"]) == ("applied", False)
    assert applied["counts"]["left_out"] == 5
    learners = await hr.learners()
    assert missing_of(learners) == set()
    assert "CB-00030" in learners


async def test_each_data_set_has_a_threshold_of_its_own(hr: Sender, coordinator: Sender):
    people = hr.people(*range(20))
    await hr.sends(people)
    await keeps(coordinator, removal_threshold="4.99")
    assert (await hr.sends(people[1:]))["state"] == "held"
    await keeps(coordinator, removal_threshold="5")
    assert (await hr.sends(people[1:]))["state"] == "applied"


@pytest.mark.parametrize("missing_before", [False, True])
async def test_an_empty_file_is_always_held(
    hr: Sender, coordinator: Sender, *, missing_before: bool
):
    await hr.sends(hr.people(1, 2))
    if missing_before:
        await coordinator.does(await hr.sends([]), "approve", removals=True)
    await keeps(coordinator, removal_threshold="100")
    sync = await hr.sends([])
    assert (sync["state"], sync["held_for"]) == ("held", ["empty_file"])
    learners = await hr.learners()
    assert len(learners) == 2
    assert missing_of(learners) == (set(learners) if missing_before else set())


@pytest.mark.parametrize("whose", [..., None, "", "CB 00000", 7, ["CB-00000"], "CB-00000\0"])
async def test_a_row_that_does_not_say_whose_it_is_holds_a_file_that_lacks_somebody(
    hr: Sender, whose: object
):
    people = hr.people(*range(20))
    await hr.sends(people)
    sync = await hr.sends([hr.person(0, external_id=whose), *people[1:]])
    assert (sync["state"], sync["held_for"]) == ("held", ["rows_without_id"])
    assert [wrong["field"] for wrong in await hr.errors(sync)] == ["external_id"]


WRONG = [
    {"email": "x"},
    {"recruited_on": "2021-01-01"},
    {"unit": "nowhere"},
    {"colour": "red"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_a_row_with_mistakes_makes_nobody_missing(hr: Sender, wrong: dict):
    people = hr.people(*range(20))
    people[0]["national_id"] = hr.national_id(0)
    await hr.sends(people)
    for row in (
        hr.person(0, **wrong),
        hr.person(0, external_id="CB-NEW", former_external_id="CB-00000", **wrong),
        hr.person(0, external_id="CB-NEW", national_id=hr.national_id(0), **wrong),
    ):
        sync = await hr.sends([row, *people[1:]])
        assert counted(sync) == {"rows": 20, "unchanged": 19, "rejected": 1}, row
    assert missing_of(await hr.learners()) == set()


async def test_rows_that_contradict_each_other_make_nobody_missing(hr: Sender):
    people = hr.people(*range(20))
    people[0]["national_id"] = hr.national_id(0)
    await hr.sends(people)
    by_former_id = {"former_external_id": "CB-00000"}
    by_national_id = {"national_id": hr.national_id(0)}
    for said in (by_former_id, by_national_id):
        pair = [hr.person(0, external_id=f"CB-NEW{n}", **said) for n in range(2)]
        sync = await hr.sends([*pair, *people[1:]])
        assert counted(sync) == {"rows": 21, "unchanged": 19, "rejected": 2}, said
        twice = [hr.person(0, external_id="CB-NEW", rank=str(n), **said) for n in range(2)]
        sync = await hr.sends([*twice, *people[1:]])
        assert counted(sync) == {"rows": 21, "unchanged": 19, "rejected": 2}, said
    assert missing_of(await hr.learners()) == set()


async def test_who_has_left_is_not_missed(hr: Sender):
    people = hr.people(*range(20))
    people[0] |= {"status": "left", "status_since": "2024-01-01"}
    await hr.sends(people)
    sync = await hr.sends(people[1:])
    assert counted(sync) == {"rows": 19, "unchanged": 19}


async def test_only_who_came_with_a_data_set_is_missing_from_it(hr: Sender, coordinator: Sender):
    await hr.sends(hr.people(*range(20)))
    await hr.sends(hr.people(30, 31), data_set="contractors")
    by_hand = {"external_id": "HAND-1", "full_name": "A B", "position_title": "C"}
    by_hand["position_since"] = "2020-01-01"
    assert (await coordinator.client.post("/learners", json=by_hand)).status_code == 201
    sync = await hr.sends(hr.people(*range(20)))
    assert counted(sync) == {"rows": 20, "unchanged": 20}

    sync = await hr.sends(hr.people(*range(20), 30))
    assert counted(sync) == {"rows": 21, "unchanged": 20, "rejected": 1}
    [wrong] = await hr.errors(sync)
    assert (wrong["code"], wrong["row_number"]) == ("of_another_data_set", 21)

    sync = await hr.sends([*hr.people(*range(20)), by_hand])
    assert counted(sync) == {"rows": 21, "unchanged": 20, "updated": 1}
    assert (await hr.learners())["HAND-1"]["data_set"] == "hr"


async def test_a_status_that_was_set_by_hand_is_not_suspended(
    hr: Sender, coordinator: Sender, world: World
):
    people = hr.people(*range(20))
    await hr.sends(people)
    await keeps(coordinator, suspend_after_days=30)
    await hr.sends(people[1:])
    gone = (await hr.learners())["CB-00000"]
    for status in ("suspended", "active"):
        assert (
            await replace(coordinator.client, f"/learners/{gone['id']}", status=status)
        ).status_code == 200
    await long_ago(world, hr, 31)
    await suspends(world)
    assert (await hr.learners())["CB-00000"]["status"] == "active"
