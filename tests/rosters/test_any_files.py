"""Whatever files come, in whatever order: the roster is what a simple model says it is."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rosters import behind
from tests.rosters.model import Roster
from tests.rosters.sending import Sender, counted
from tests.world import World, replace

PEOPLE = st.integers(0, 5)
DAYS = st.sampled_from(["2019-03-01", "2020-01-01", "2021-06-15", "2024-02-29"])


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Somebody, under their old key or their new one. `colour` is no field: the row is wrong."""
    number = draw(PEOPLE)
    row: dict[str, Any] = {"number": number, "external_id": f"OLD-{number}"}
    if draw(st.booleans()) and draw(st.booleans()):
        row |= {"external_id": f"NEW-{number}"}
        if draw(st.booleans()):
            row["former_external_id"] = f"OLD-{number}"
    optional = {
        "position_title": st.sampled_from(["Chuyên viên", "Trưởng phòng", "Vụ trưởng"]),
        "position_since": DAYS,
        "phone": st.sampled_from([None, "024 0000 0001", "024 0000 0002"]),
        "rank": st.sampled_from([None, "Chuyên viên"]),
        "status": st.sampled_from(["active", "suspended"]),
        "attributes": st.sampled_from([{}, {"a": 1}, {"a": 1, "b": None}]),
    }
    said = draw(st.fixed_dictionaries({}, optional=optional))
    wrong = {"colour": "red"} if draw(st.integers(0, 9)) == 9 else {}
    return row | said | wrong


FILES = st.fixed_dictionaries(
    {
        "rows": st.lists(rows(), max_size=6, unique_by=lambda row: row["external_id"]),
        "full": st.booleans(),
        "order": st.permutations(range(6)),
        "removals": st.booleans(),
        "by_hand": st.one_of(st.none(), st.tuples(PEOPLE, st.sampled_from(["024 9999 9999"]))),
    }
)


class Province:
    """One that is sent these files: its programs send, its coordinator approves."""

    def __init__(self, world: World, coordinator: Sender) -> None:
        self.world, self.coordinator = world, coordinator
        self.organization = coordinator.client.organization

    def file(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same people, and nobody whom another province has."""
        named = [self.coordinator.person(row["number"]) for row in rows]
        return [
            {name: person[name] for name in ("full_name", "birth_date")}
            | {name: value for name, value in row.items() if name != "number"}
            for row, person in zip(rows, named, strict=True)
        ]

    async def goes_on(self, sync: dict[str, Any], file: dict[str, Any]) -> dict[str, Any]:
        if sync["state"] == "planned":
            applied = await self.coordinator.does(sync, "apply")
            if applied.status_code == 409:
                sync = await self.coordinator.sees(sync) | {"state": "held"}
            else:
                sync = applied.json()
        if sync["state"] == "held":
            approved = await self.coordinator.does(sync, "approve", removals=file["removals"])
            sync = approved.json()
        assert sync["state"] == "applied", sync
        return sync

    async def sends(self, file: dict[str, Any], **query: Any) -> dict[str, Any]:
        mode = "full" if file["full"] else "delta"
        sync = await self.coordinator.sends(self.file(file["rows"]), mode=mode, **query)
        return await self.goes_on(sync, file)

    async def by_hand(self, number: int, phone: str) -> None:
        found = (await self.coordinator.learners()).get(f"OLD-{number}")
        if found is not None:
            client = self.coordinator.client
            await replace(client, f"/learners/{found['id']}", phone=phone)

    async def described(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for row in await behind.described(self.world, self.organization):
            if row["table"] == "learners":
                names = ("full_name", "phone", "rank", "attributes", "status", "missing")
                told[row["whose"]] = {name: row[name] for name in names} | {
                    "protected": row["protected_fields"],
                    "held": [],
                }
        for row in await behind.described(self.world, self.organization):
            if row["table"] == "positions_held":
                since, _, until = row["held"].strip("[)").partition(",")
                told[row["whose"]]["held"].append([row["position_title"], since, until or None])
        for person in told.values():
            person["held"].sort(key=lambda period: period[1])
        return told


async def _follow(world: World, number: int, files: list[dict[str, Any]]) -> None:
    async def province(name: str) -> Province:
        place = await world.organization(f"{name} {number}")
        return Province(world, Sender(await world.somebody("coordinator", place)))

    plain, careful = await province("plain"), await province("careful")
    plain_model, careful_model = Roster(), Roster()
    for file in files:
        if file["by_hand"]:
            who, phone = file["by_hand"]
            for one, model in ((plain, plain_model), (careful, careful_model)):
                await one.by_hand(who, phone)
                model.by_hand(f"OLD-{who}", phone)
        await _at_once(world, plain, plain_model, file)
        shuffled = file | {
            "rows": sorted(file["rows"], key=lambda row: file["order"][row["number"]])
        }
        await _step_by_step(world, careful, shuffled)
        careful_model.takes(
            careful.file(file["rows"]), full=file["full"], removals=file["removals"]
        )
        assert await careful.described() == careful_model.described()


async def _at_once(world: World, one: Province, model: Roster, file: dict[str, Any]) -> None:
    """Sent, applied, and sent again, which changes nothing."""
    sync = await one.sends(file)
    removals = bool(sync["removals"])
    file["removals"] = removals  # as they were, when nobody had to approve
    model.takes(one.file(file["rows"]), full=file["full"], removals=removals)
    assert await one.described() == model.described()
    if not removals:
        return
    before = await behind.tables(world, one.organization)
    again = await one.sends(file)
    quiet = {"rows", "unchanged", "rejected", "undecided"}
    assert counted(again).keys() <= quiet, again
    after = await behind.tables(world, one.organization)
    for table in (before, after):
        for learner in table["learners"]:
            learner.pop("row_digest")
    assert after == before


async def _step_by_step(world: World, one: Province, file: dict[str, Any]) -> None:
    """Looked at first, applied, undone, and sent anew."""
    before = await behind.roster(world, one.organization)
    plan = await one.sends(file, dry_run=True)
    undone = await one.coordinator.does(plan, "undo")
    assert undone.status_code == 200, undone.text
    assert await behind.roster(world, one.organization) == before
    await one.sends(file, dry_run=True)


@pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # another thread does
async def test_the_roster_is_what_the_files_say(world: World):
    loop = asyncio.get_running_loop()
    number = 0

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(st.lists(FILES, min_size=1, max_size=4))
    def follow(files: list[dict[str, Any]]) -> None:
        nonlocal number
        number += 1
        work = _follow(world, number, [dict(file) for file in files])
        asyncio.run_coroutine_threadsafe(work, loop).result(300)

    await asyncio.to_thread(follow)
