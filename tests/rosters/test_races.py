"""What happens at once, happens one after the other."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text

from app.core.database.serving import Urls
from app.rosters.syncing import Syncing
from tests.rosters import behind
from tests.rosters.sending import Sender, counted
from tests.world import World, everything, problem, replace

SLOW = 30


@pytest.fixture
def holding(urls: Urls):
    """Others wait meanwhile for what the statement locks."""

    @asynccontextmanager
    async def held(statement: str):
        url = make_url(urls.owner).set(drivername="postgresql")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            async with connection.transaction():
                await connection.execute(statement)
                yield connection
        finally:
            await connection.close()

    return held


PLANNING_STOPS = "lock table roster_errors in exclusive mode"
"""It writes what is wrong with rows last."""
APPLYING_STOPS = "lock table events in exclusive mode"
"""It tells of changes when they are made."""


async def waits(connection: asyncpg.Connection, on: str, *, row: bool = False) -> None:
    """Until somebody waits for the lock on this table, or, with `row`, on a row of it."""
    asked = (
        "select count(*) from pg_locks where relation = $1::regclass"
        " and (not granted or $2 and locktype = 'tuple')"
    )
    for _ in range(SLOW * 20):
        if await connection.fetchval(asked, on, row):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(on)


async def ends(sender: Sender, sync: dict) -> dict:
    for _ in range(SLOW * 10):
        found = await sender.sees(sync)
        if found["state"] not in ("received", "staged", "applying"):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def test_files_of_one_data_set_are_applied_in_the_order_in_which_they_came(hr: Sender):
    sent = [
        await hr.sends([hr.person(1, rank=str(n)), hr.person(10 + n)], wait=0, mode="delta")
        for n in range(8)
    ]
    ended = [await ends(hr, sync) for sync in sent]
    assert {sync["state"] for sync in ended} == {"applied"}
    applied = [sync["applied_at"] for sync in ended]
    assert applied == sorted(applied)
    learners = await hr.learners()
    assert learners["CB-00001"]["rank"] == "7"
    assert len(learners) == 9


async def test_full_files_that_come_at_once_leave_one_of_them(hr: Sender, coordinator: Sender):
    people = hr.people(*range(40))
    await hr.sends(people)
    files = [[row | {"rank": str(n)} for row in people[n:]] for n in range(4)]
    answers = await asyncio.gather(*(hr.sends(rows, wait=0) for rows in files))
    ended = [await ends(hr, sync) for sync in answers]
    assert {sync["state"] for sync in ended} == {"applied"}
    last = max(range(4), key=lambda n: ended[n]["applied_at"])
    assert max(range(4), key=lambda n: ended[n]["id"]) == last
    learners = await hr.learners()
    assert {learners[row["external_id"]]["rank"] for row in files[last]} == {str(last)}
    there = {key for key, row in learners.items() if row["missing_since"] is None}
    assert there == {row["external_id"] for row in files[last]}


async def test_a_file_can_be_sent_while_another_is_worked_on(hr: Sender, holding):
    async with holding(PLANNING_STOPS) as lock:
        first = await hr.sends(hr.people(1), wait=0)
        await waits(lock, "roster_errors")
        second = await hr.sends(hr.people(1, 2), wait=0)
        assert second["state"] == "received"
    assert (await ends(hr, first))["state"] == "applied"
    assert (await ends(hr, second))["state"] == "applied"
    assert len(await hr.learners()) == 2


@pytest.mark.parametrize("threshold", [10, 0], ids=["applied", "held"])
async def test_a_worker_that_comes_late_does_not_undo_what_another_did(
    app: FastAPI, hr: Sender, world: World, holding, threshold: int
):
    await hr.sends(hr.people(*range(20)))
    settings = app.state.settings.model_copy(update={"removal_threshold": threshold})
    late = Syncing(settings, app.state.database, app.state.pepper)
    async with holding(PLANNING_STOPS) as lock:
        sync = await hr.sends(hr.people(*range(2 if threshold == 0 else 20)), wait=0)
        await waits(lock, "roster_errors")
        [row] = await behind.rows(world, "roster_data_sets", hr.client.organization)
        coming = asyncio.create_task(late.advance(UUID(row["id"])))
        await waits(lock, "roster_data_sets", row=True)
    await coming
    ended = await ends(hr, sync)
    assert ended["state"] == ("held" if threshold == 0 else "applied"), ended
    assert ended["problem"] is None


async def test_who_was_changed_after_the_plan_is_left_alone(hr: Sender, coordinator: Sender):
    people = hr.people(*range(20))
    await hr.sends(people)
    rows = [row | {"rank": "Chuyên viên"} for row in people[:-2]] + [hr.person(30)]
    plan = await hr.sends(rows, dry_run=True)
    learners = await hr.learners()
    for key in ("CB-00000", "CB-00019"):
        path = f"/learners/{learners[key]['id']}"
        assert (await replace(coordinator.client, path, email="a@b.example")).status_code == 200
    added = {"external_id": "CB-00030", "full_name": "A B", "position_title": "C"}
    added["position_since"] = "2020-01-01"
    assert (await coordinator.client.post("/learners", json=added)).status_code == 201
    applied = (await hr.does(plan, "apply")).json()
    assert (applied["state"], applied["counts"]["outdated"]) == ("applied", 3)
    outdated = [c["external_id"] for c in await hr.changes(applied) if c["outcome"] == "outdated"]
    assert sorted(outdated) == ["CB-00000", "CB-00019", "CB-00030"]
    after = await hr.learners()
    assert (after["CB-00000"]["email"], after["CB-00000"]["rank"]) == ("a@b.example", None)
    assert after["CB-00001"]["rank"] == "Chuyên viên"
    assert after["CB-00030"]["full_name"] == "A B"
    missing = {key for key, row in after.items() if row["missing_since"]}
    assert missing == {"CB-00018"}


async def test_a_national_id_that_somebody_else_has_got_meanwhile_is_left_out_alone(
    hr: Sender, coordinator: Sender
):
    await hr.sends(hr.people(0, 1))
    said = {"national_id": hr.national_id(0)}
    plan = await hr.sends([hr.person(0, **said), hr.person(1, rank="A")], dry_run=True)
    added = {"external_id": "CB-9", "full_name": "A B", "position_title": "C"}
    added |= {"position_since": "2020-01-01", **said}
    assert (await coordinator.client.post("/learners", json=added)).status_code == 201
    applied = (await hr.does(plan, "apply")).json()
    assert (applied["state"], applied["counts"]["outdated"]) == ("applied", 1), applied
    assert (await hr.learners())["CB-00001"]["rank"] == "A"


async def test_a_change_while_a_plan_is_applied_waits_and_is_told_to_look_again(
    hr: Sender, coordinator: Sender, holding
):
    await hr.sends(hr.people(1))
    learner = (await hr.learners())["CB-00001"]
    async with holding(APPLYING_STOPS) as lock:
        sync = await hr.sends([hr.person(1, rank="Chuyên viên")], wait=0)
        await waits(lock, "events")
        path = f"/learners/{learner['id']}"
        change = asyncio.create_task(replace(coordinator.client, path, email="a@b.example"))
        await asyncio.sleep(0.2)
        assert not change.done()
    assert problem(await change)[0] == 412
    assert (await ends(hr, sync))["state"] == "applied"
    assert (await hr.learners())["CB-00001"]["rank"] == "Chuyên viên"


async def test_what_is_cancelled_while_it_is_planned_changes_nothing(
    hr: Sender, world: World, holding
):
    await hr.sends(hr.people(1))
    before = await behind.tables(world, hr.client.organization)
    async with holding(PLANNING_STOPS) as lock:
        sync = await hr.sends(hr.people(1, 2), wait=0)
        await waits(lock, "roster_errors")
        assert (await hr.does(sync, "cancel")).json()["state"] == "cancelled"
    assert counted(await hr.sends(hr.people(1))) == {"rows": 1, "unchanged": 1}
    assert (await hr.sees(sync))["state"] == "cancelled"
    assert await behind.rows(world, "roster_payloads", hr.client.organization) == []
    assert await hr.changes(sync) == []
    after = await behind.tables(world, hr.client.organization)
    for table in (before, after):
        for learner in table["learners"]:
            learner.pop("row_digest")
    assert after == before
    assert problem(await hr.does(sync, "cancel")) == (409, "sync-ended")


async def test_of_two_approvals_at_once_one_counts(hr: Sender, coordinator: Sender):
    people = hr.people(*range(10))
    await hr.sends(people)
    sync = await hr.sends(people[5:])
    answers = await asyncio.gather(
        *(coordinator.does(sync, "approve", removals=n % 2 == 0) for n in range(6))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, 409, 409, 409, 409, 409]
    ended = await ends(hr, sync)
    missing = {key for key, row in (await hr.learners()).items() if row["missing_since"]}
    assert len(missing) == (5 if ended["removals"] else 0)


async def test_of_two_undoings_at_once_one_counts(hr: Sender, coordinator: Sender, world: World):
    await hr.sends(hr.people(1))
    before = await behind.roster(world, hr.client.organization)
    sync = await hr.sends([hr.person(1, rank="Chuyên viên"), hr.person(2)])
    answers = await asyncio.gather(*(coordinator.does(sync, "undo") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await behind.roster(world, hr.client.organization) == before


async def test_undoing_waits_for_what_is_applied_and_then_names_whom_that_changed(
    hr: Sender, coordinator: Sender, holding
):
    people = hr.people(*range(5))
    await hr.sends(people)
    first = await hr.sends([row | {"rank": "Chuyên viên"} for row in people])
    async with holding(APPLYING_STOPS) as lock:
        second = await hr.sends([hr.person(2, rank="Chuyên viên chính")], mode="delta", wait=0)
        await waits(lock, "events")
        undoing = asyncio.create_task(coordinator.does(first, "undo"))
        await asyncio.sleep(0.2)
        assert not undoing.done()
    refused = await undoing
    assert problem(refused) == (409, "later-changes")
    assert refused.json()["detail"].count("CB-0000") == 1
    assert "CB-00002" in refused.json()["detail"]
    assert (await ends(hr, second))["state"] == "applied"
    learners = await hr.learners()
    assert {row["rank"] for row in learners.values()} == {"Chuyên viên", "Chuyên viên chính"}
    assert (await coordinator.does(second, "undo")).status_code == 200
    assert {row["rank"] for row in (await hr.learners()).values()} == {"Chuyên viên"}


async def test_a_newer_full_file_takes_the_place_of_plans_that_wait(
    hr: Sender, coordinator: Sender
):
    people = hr.people(*range(20))
    await hr.sends(people)
    held = await hr.sends(people[5:])
    plan = await hr.sends(hr.people(30), mode="delta", dry_run=True)
    newer = await hr.sends(people[1:])
    assert newer["state"] == "applied"
    for old in (held, plan):
        assert (await hr.sees(old))["state"] == "cancelled"
    assert problem(await coordinator.does(held, "approve", removals=True)) == (
        409,
        "not-waiting-to-be-applied",
    )


async def test_it_ends_with_the_rights_of_who_asked(coordinator: Sender, world: World, holding):
    async with holding(PLANNING_STOPS) as lock:
        blocker = await coordinator.sends(coordinator.people(1), wait=0)
        await waits(lock, "roster_errors")
        sync = await coordinator.sends(coordinator.people(1, 2), wait=0)
        async with world.session() as session:
            await session.execute(
                text("update users set disabled_at = now() where id = :id"),
                {"id": coordinator.client.subject},
            )
    reader = Sender(await world.somebody("coordinator", coordinator.client.organization))
    ended = await ends(reader, sync)
    assert (ended["state"], ended["problem"]["type"]) == ("failed", "/problems/unauthenticated")
    assert (await ends(reader, blocker))["state"] in ("applied", "failed")
    assert "CB-00002" not in await reader.learners()


async def test_what_one_may_not_see_is_not_there(hr: Sender, world: World):
    sync = await hr.sends(hr.people(1), dry_run=True)
    stranger = Sender(await world.somebody("coordinator", await world.organization("hue")))
    base = f"/roster-syncs/{sync['id']}"
    assert problem(await stranger.client.get(base)) == (404, "not-found")
    for verb in ("apply", "approve", "cancel", "undo"):
        body = {"removals": True} if verb == "approve" else None
        refused = await stranger.client.post(f"{base}/{verb}", json=body)
        assert problem(refused) == (404, "not-found"), verb
    assert await stranger.changes(sync) == await stranger.errors(sync) == []
    named = await stranger.post(hr.people(1), organization=str(hr.client.organization))
    assert problem(named) == (404, "not-found")
    assert await everything(stranger.client, "/roster-syncs") == []
