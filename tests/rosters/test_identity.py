"""Who is who: keys that change, people who come from elsewhere, and those who only look alike."""

from typing import Any

import pytest

from tests.rosters import behind
from tests.rosters.sending import Sender, counted
from tests.world import Somebody, World, everything, problem


@pytest.fixture
async def other(world: World) -> Sender:
    """The HR system of another province."""
    place = await world.organization("hue")
    return Sender(await world.program(place, "rosters:read", "rosters:write", "learners:read"))


@pytest.fixture
async def sender_side(hue: Somebody) -> Sender:
    """The coordinator there."""
    return Sender(hue)


async def matches(sender: Sender, **query: Any) -> list[dict[str, Any]]:
    return await everything(sender.client, "/roster-matches", **query)


async def decides(sender: Sender, match: dict[str, Any], decision: str) -> None:
    path = f"/roster-matches/{match['id']}/decide"
    done = await sender.client.post(path, json={"decision": decision})
    assert done.status_code == 200, done.text


@pytest.mark.parametrize("by", ["former id", "national id"])
async def test_a_changed_key_is_the_same_person(hr: Sender, by: str):
    people = hr.people(*range(5))
    people[0]["national_id"] = hr.national_id(0)
    await hr.sends(people)
    before = (await hr.learners())["CB-00000"]
    people[0]["external_id"] = "NEW-0"
    if by == "former id":
        people[0]["former_external_id"] = "CB-00000"
        del people[0]["national_id"]
    sync = await hr.sends(people)
    assert counted(sync) == {"rows": 5, "unchanged": 4, "rekeyed": 1}
    learners = await hr.learners()
    assert len(learners) == 5
    assert learners["NEW-0"]["id"] == before["id"]
    [change] = await hr.changes(sync)
    assert change["kind"] == "rekey"
    assert {"field": "external_id", "before": "CB-00000", "after": "NEW-0"} in change["fields"]
    assert counted(await hr.sends(people)) == {"rows": 5, "unchanged": 5}


async def test_a_former_id_that_somebody_still_has_changes_no_key(hr: Sender):
    people = hr.people(0, 1)
    await hr.sends(people)
    newcomer = hr.person(7, former_external_id="CB-00000")
    sync = await hr.sends([*people, newcomer])
    assert counted(sync) == {"rows": 3, "unchanged": 2, "created": 1}


async def test_a_national_id_of_somebody_else_in_the_file_is_a_mistake(hr: Sender):
    people = hr.people(*range(12))
    people[0]["national_id"] = hr.national_id(0)
    await hr.sends(people)
    sync = await hr.sends([*people, hr.person(20, national_id=hr.national_id(0))])
    assert counted(sync) == {"rows": 13, "unchanged": 12, "rejected": 1}
    [wrong] = await hr.errors(sync)
    assert (wrong["code"], wrong["row_number"]) == ("national_id_of_another", 13)
    assert wrong["value"] == "…" + hr.national_id(0)[-3:]


async def test_somebody_of_another_organisation_is_asked_for_and_then_comes_with_their_history(
    hr: Sender, other: Sender, sender_side: Sender, coordinator: Sender
):
    known = other.person(0, national_id=other.national_id(0), phone="024 0000 0001")
    await other.sends([known])
    there = (await other.learners())["CB-00000"]

    row = hr.person(5, full_name=known["full_name"], position_since="2024-05-01")
    row |= {
        "national_id": known["national_id"],
        "rank": "Chuyên viên",
        "recruited_on": "2019-01-01",
    }
    row |= {"fields": ["protocol_and_events"], "attributes": {"file_number": "HS-1"}}
    for _ in range(2):
        sync = await hr.sends([row])
        assert counted(sync) == {"rows": 1, "in_transfer": 1}
        assert await hr.learners() == {}
    [asked] = await everything(sender_side.client, "/transfers", direction="out")
    assert asked["state"] == "requested"
    assert asked["learner_id"] == there["id"]

    path = f"/learners/{there['id']}/release"
    released = await sender_side.client.post(path, json={"released_on": "2024-04-01"})
    assert released.status_code == 201, released.text
    sync = await hr.sends([row])
    assert counted(sync) == {"rows": 1, "claimed": 1}
    here = (await hr.learners())["CB-00005"]
    assert here["id"] == there["id"]
    assert (here["data_set"], here["position_since"]) == ("hr", "2024-05-01")
    assert (here["recruited_on"], here["fields"]) == ("2019-01-01", ["protocol_and_events"])
    assert here["phone"] == "024 0000 0001"
    assert await other.learners() == {}
    held = await everything(coordinator.client, f"/learners/{here['id']}/positions")
    assert [period["held_from"] for period in held] == ["2024-05-01", "2020-01-01"]
    assert counted(await hr.sends([row])) == {"rows": 1, "unchanged": 1}

    refused = await coordinator.does(sync, "undo")
    assert problem(refused) == (409, "later-changes")
    assert "CB-00005" in refused.json()["detail"]


@pytest.mark.parametrize("since", ["2024-03-31", "2019-12-31", "2020-01-01"])
async def test_who_cannot_be_claimed_yet_is_left_out_and_the_rest_goes_through(
    hr: Sender, other: Sender, sender_side: Sender, since: str
):
    await other.sends([other.person(0, national_id=other.national_id(0))])
    there = (await other.learners())["CB-00000"]
    row = hr.person(5, national_id=other.national_id(0), position_since=since)
    path = f"/learners/{there['id']}/release"
    await sender_side.client.post(path, json={"released_on": "2024-04-01"})
    sync = await hr.sends([row, hr.person(6)])
    assert sync["state"] == "applied", sync
    assert counted(sync) == {"rows": 2, "claimed": 1, "created": 1, "left_out": 1}
    assert (await hr.learners()).keys() == {"CB-00006"}
    assert (await other.learners()).keys() == {"CB-00000"}


async def test_who_was_released_to_one_organisation_does_not_come_to_another(
    hr: Sender, other: Sender, sender_side: Sender, world: World
):
    await other.sends([other.person(0, national_id=other.national_id(0))])
    there = (await other.learners())["CB-00000"]
    row = hr.person(5, national_id=other.national_id(0), position_since="2024-05-01")
    await hr.sends([row])
    third = Sender(await world.somebody("coordinator", await world.organization("danang")))
    theirs = third.person(5, national_id=other.national_id(0), position_since="2024-05-01")
    assert counted(await third.sends([theirs])) == {"rows": 1, "in_transfer": 1}
    path = f"/learners/{there['id']}/release"
    released = await sender_side.client.post(path, json={"released_on": "2024-04-01"})
    assert released.json()["to_organization_id"] == str(hr.client.organization)

    assert counted(await third.sends([theirs])) == {"rows": 1, "in_transfer": 1}
    body = {"claimed_on": "2024-05-01", "external_id": "A-1", "position_title": "Chuyên viên"}
    body["national_id"] = other.national_id(0)
    claimed = await third.client.post("/transfers/claim", json=body)
    assert problem(claimed) == (404, "nothing-to-claim")
    assert counted(await hr.sends([row])) == {"rows": 1, "claimed": 1}
    # What the third one asked for is nobody's to answer any more, where they were.
    asked = await everything(sender_side.client, "/transfers", direction="out")
    assert sorted(each["state"] for each in asked) == ["cancelled", "claimed"]
    assert counted(await third.sends([theirs])) == {"rows": 1, "in_transfer": 1}


async def test_a_name_and_a_birth_date_take_nobody_over_who_was_not_released_to_that_roster(
    hr: Sender, coordinator: Sender, other: Sender, sender_side: Sender
):
    await other.sends([other.person(0, email="a@b.example")])
    there = (await other.learners())["CB-00000"]
    path = f"/learners/{there['id']}/release"
    await sender_side.client.post(path, json={"released_on": "2024-04-01"})
    row = hr.person(0, full_name=there["full_name"], position_since="2024-05-01")
    await hr.sends([row | {"email": "a@b.example"}])
    [match] = await matches(coordinator)
    assert match["score"] == 80  # no more than was known: whether the rest is right, it tells not
    await decides(coordinator, match, "same")
    assert counted(await hr.sends([row])) == {"rows": 1, "in_transfer": 1}
    assert (await other.learners()).keys() == {"CB-00000"}
    [release, asked] = sorted(
        await everything(sender_side.client, "/transfers", direction="out"),
        key=lambda each: each["created_at"],
    )
    for each in (release, asked):
        assert each["state"] == {release["id"]: "released", asked["id"]: "requested"}[each["id"]]
    await sender_side.client.post(f"/transfers/{release['id']}/cancel")
    await sender_side.client.post(path, json={"released_on": "2024-04-01"})
    assert counted(await hr.sends([row])) == {"rows": 1, "claimed": 1}


async def test_undoing_takes_back_only_what_that_sync_asked_for(
    hr: Sender, coordinator: Sender, other: Sender, sender_side: Sender
):
    await other.sends([other.person(0, national_id=other.national_id(0))])
    row = hr.person(5, national_id=other.national_id(0))

    async def state() -> str:
        [asked] = await everything(sender_side.client, "/transfers", direction="out")
        return str(asked["state"])

    first = await hr.sends([row])
    second = await hr.sends([row, hr.person(6)])
    assert (await coordinator.does(second, "undo")).status_code == 200
    assert await state() == "requested"
    assert (await coordinator.does(first, "undo")).status_code == 200
    assert await state() == "cancelled"
    # It was not refused, so another file asks again.
    await hr.sends([row])
    asked = await everything(sender_side.client, "/transfers", direction="out")
    assert sorted(each["state"] for each in asked) == ["cancelled", "requested"]


async def test_whom_the_other_organisation_refused_is_not_asked_for_again(
    hr: Sender, other: Sender, sender_side: Sender
):
    await other.sends([other.person(0, national_id=other.national_id(0))])
    row = hr.person(5, national_id=other.national_id(0))
    await hr.sends([row])
    [asked] = await everything(sender_side.client, "/transfers", direction="out")
    cancelled = await sender_side.client.post(f"/transfers/{asked['id']}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    await hr.sends([row])
    [asked] = await everything(sender_side.client, "/transfers", direction="out")
    assert asked["state"] == "cancelled"
    assert await hr.learners() == {}


@pytest.mark.parametrize("decision", ["same", "different"])
async def test_who_looks_alike_waits_for_a_decision(hr: Sender, coordinator: Sender, decision: str):
    people = hr.people(*range(12))
    await hr.sends(people)
    before = (await hr.learners())["CB-00000"]
    people[0]["external_id"] = "NEW-0"
    for _ in range(2):
        sync = await hr.sends(people)
        assert counted(sync) == {"rows": 12, "unchanged": 11, "undecided": 1}
    assert await hr.learners() == {
        key: row for key, row in (await hr.learners()).items() if row["missing_since"] is None
    }
    [match] = await matches(coordinator)
    assert (match["external_id"], match["learner_id"]) == ("NEW-0", before["id"])
    assert match["on_our_roster"] is True
    refused = await hr.client.post(
        f"/roster-matches/{match['id']}/decide", json={"decision": "same"}
    )
    assert problem(refused) == (403, "forbidden")

    await decides(coordinator, match, decision)
    other_one = {"same": "different", "different": "same"}[decision]
    path = f"/roster-matches/{match['id']}/decide"
    again = await coordinator.client.post(path, json={"decision": other_one})
    assert problem(again) == (409, "match-decided")
    sync = await hr.sends(people)
    learners = await hr.learners()
    if decision == "same":
        assert counted(sync) == {"rows": 12, "unchanged": 11, "rekeyed": 1}
        assert learners["NEW-0"]["id"] == before["id"]
    else:
        assert counted(sync) == {"rows": 12, "unchanged": 11, "created": 1, "missing": 1}
        assert learners["NEW-0"]["id"] != before["id"]
    assert counted(await hr.sends(people)) == {"rows": 12, "unchanged": 12}


async def test_somebody_alike_elsewhere_is_asked_for_once_they_are_the_same(
    hr: Sender, coordinator: Sender, other: Sender, sender_side: Sender
):
    await other.sends([other.person(0)])
    row = hr.person(0, full_name=other.person(0)["full_name"].upper())
    sync = await hr.sends([row])
    assert counted(sync) == {"rows": 1, "undecided": 1}
    assert await everything(sender_side.client, "/transfers", direction="out") == []
    [match] = await matches(coordinator)
    assert match["on_our_roster"] is False
    assert await matches(sender_side) == []
    assert problem(
        await sender_side.client.post(
            f"/roster-matches/{match['id']}/decide", json={"decision": "same"}
        )
    ) == (404, "not-found")
    await decides(coordinator, match, "same")
    assert counted(await hr.sends([row])) == {"rows": 1, "in_transfer": 1}
    [asked] = await everything(sender_side.client, "/transfers", direction="out")
    assert asked["state"] == "requested"


async def test_two_rows_that_are_said_to_be_one_person_are_both_mistakes(
    hr: Sender, coordinator: Sender, world: World
):
    people = hr.people(*range(12))
    await hr.sends(people)
    twins = [hr.person(0, external_id=f"NEW-{n}") for n in range(2)]
    await hr.sends([*twins, *people[1:]])
    for match in await matches(coordinator):
        await decides(coordinator, match, "same")
    before = await behind.roster(world, hr.client.organization)
    for rows in ([*twins, *people[1:]], [*people[1:], *reversed(twins)]):
        sync = await hr.sends(rows)
        assert counted(sync) == {"rows": 13, "unchanged": 11, "rejected": 2}
        assert {wrong["code"] for wrong in await hr.errors(sync)} == {"one_person_twice"}
    assert await behind.roster(world, hr.client.organization) == before
