"""What organisations add to a common part, and what becomes of it when that changes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from tests.competencies.steps import made
from tests.curricula.steps import (
    bring_into_force,
    change,
    curriculum,
    extend,
    held,
    in_force,
    next_version,
    publish,
    published_module,
    rules,
    set_state,
    version,
    whole,
)
from tests.world import Somebody, World, everything, problem

BOUNDS = {"extension_hours_min": 5, "extension_hours_max": 20}


class Common:
    """The Academy's common part, and what Hà Nội adds to it."""

    def __init__(self, academy: Somebody, hanoi: Somebody, world: World) -> None:
        self.academy, self.hanoi, self.world = academy, hanoi, world

    async def begin(self, **bounds: Any) -> None:
        self.module = await published_module(self.academy)
        given = BOUNDS | bounds
        self.root = await in_force(self.academy, self.world, self.module, **given)
        self.own = await published_module(self.hanoi)

    async def extension(self, *modules: dict[str, Any], state: str = "published") -> dict[str, Any]:
        began = made(await extend(self.hanoi, self.root["id"], *(modules or (self.own,))))
        await self.bring(began["open_version_id"], state)
        return made(await self.hanoi.get(f"/curricula/{began['id']}"), 200)

    async def bring(self, id: str, state: str) -> None:
        if state == "published":
            await publish(self.world, id)
        for step in {"in_review": ["in_review"], "approved": ["in_review", "approved"]}.get(
            state, []
        ):
            await set_state(self.world, id, step)

    async def renew(self, **changes: Any) -> str:
        """The next version of the common part, in force."""
        draft = (await next_version(self.academy, self.root["id"]))["id"]
        if changes:
            made(await change(self.academy, draft, **changes), 200)
        await publish(self.world, draft)
        return draft

    async def seen(self, extension: dict[str, Any]) -> dict[str, Any]:
        return made(await self.hanoi.get(f"/curricula/{extension['id']}"), 200)

    async def told(self, extension: dict[str, Any]) -> list[tuple[str, list[str]]]:
        """What its owner was told of it, by the feed of changes."""
        async with self.world.session() as session:
            rows = await session.execute(
                text("""select name, data -> 'rules' from events
                  where name like 'curriculum_extension.%' and organization_id = :organization
                  and data ->> 'curriculum_id' = :id order by id"""),
                {"id": extension["id"], "organization": self.hanoi.organization},
            )
            return [(name.partition(".")[2], said) for name, said in rows]


@pytest.fixture
async def common(academy: Somebody, hanoi: Somebody, world: World) -> Common:
    common = Common(academy, hanoi, world)
    await common.begin()
    return common


async def test_an_organisation_adds_its_part_to_a_common_one(common: Common, hue: Somebody):
    extension = await common.extension()
    assert (extension["year"], extension["kind"]) == (2026, "basic")
    assert extension["extends_curriculum_id"] == common.root["id"]
    read = await whole(hue, extension["in_force_version_id"])
    assert [(m["part"], m["module_id"]) for m in read["modules"]] == [
        ("common", common.module["module_id"]),
        ("own", common.own["module_id"]),
    ]
    assert read["common_part"]["id"] == common.root["in_force_version_id"]
    assert (read["version"]["hours"], read["hours"]) == (10, 20)
    listed = await everything(hue, "/curricula", extends=common.root["id"])
    assert [each["id"] for each in listed] == [extension["id"]]
    again = await extend(common.hanoi, common.root["id"], common.own)
    assert problem(again) == (409, "curriculum-already-extended")


async def test_the_common_part_stays_its_owners(common: Common):
    body = {"If-Match": "*"}
    path = f"/curriculum-versions/{common.root['in_force_version_id']}"
    for refused in (
        await common.hanoi.post(f"/curricula/{common.root['id']}/versions"),
        await common.hanoi.post(f"{path}/retire"),
        await common.hanoi.post(f"{path}/discard"),
        await common.hanoi.put(
            path, json={"title_vi": "x", "title_en": "x", "hours": 1}, headers=body
        ),
    ):
        assert problem(refused) == (404, "not-found")


async def test_what_may_not_be_extended_is_not(common: Common, hue: Somebody):
    without = await in_force(common.academy, common.world, common.module)
    refused = await extend(common.hanoi, without["id"], common.own)
    assert problem(refused) == (409, "extension-not-allowed")
    drafted = await curriculum(common.academy, common.module)
    assert problem(await extend(common.hanoi, drafted["id"])) == (404, "not-found")
    refused = await extend(common.academy, drafted["id"], common.own)
    assert problem(refused) == (409, "extended-version-not-in-force")
    extension = await common.extension()
    refused = await extend(hue, extension["id"], common.own)
    assert problem(refused) == (422, "extended-curriculum-unknown")
    draft = await next_version(common.hanoi, extension["id"])
    refused = await change(common.hanoi, draft["id"], **BOUNDS)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["code"] == "bounds_of_extension"


async def test_an_extension_keeps_within_its_bounds(common: Common):
    extension = await common.extension(state="draft")
    draft = extension["open_version_id"]
    assert await rules(common.hanoi, draft) == []
    long = await published_module(common.hanoi, theory_hours=20)
    both = {"modules": held(common.own, long), "hours": 36}
    made(await change(common.hanoi, draft, **both), 200)
    assert await rules(common.hanoi, draft) == ["extension_out_of_hours"]
    conduct = await published_module(common.hanoi, domain="conduct")
    twice = {"modules": held(common.module, conduct), "hours": 20}
    made(await change(common.hanoi, draft, **twice), 200)
    assert await rules(common.hanoi, draft) == ["module_in_common_part"]
    after = await published_module(common.hanoi, prerequisites=[common.module["module_id"]])
    made(await change(common.hanoi, draft, modules=held(after), hours=10), 200)
    assert await rules(common.hanoi, draft) == []  # it comes after the common part
    await common.renew(extension_domains=["conduct"])
    assert await rules(common.hanoi, draft) == ["extension_out_of_domains"]


async def test_an_extension_in_force_comes_along_with_the_common_part(
    common: Common, hue: Somebody
):
    extension = await common.extension()
    former = extension["in_force_version_id"]
    common_id = await common.renew(title_en="Anew")
    present = await version(hue, (await common.seen(extension))["in_force_version_id"])
    assert (present["number"], present["state"], present["carried_over"]) == (2, "published", True)
    assert (present["extends_version_id"], present["based_on_id"]) == (common_id, former)
    was = await version(hue, former)
    assert was["state"] == "retired"
    same = ("modules", "hours", "title_vi", "document_number", "issuing_body", "issued_on")
    assert {name: present[name] for name in same} == {name: was[name] for name in same}
    assert (await whole(hue, present["id"]))["common_part"]["title_en"] == "Anew"
    assert await common.told(extension) == [("carried_over", [])]
    assert (await common.seen(extension))["open_version_id"] is None


async def test_what_conflicts_with_the_new_common_part_waits_for_its_owner(common: Common):
    extension = await common.extension()
    former = extension["in_force_version_id"]
    both = {"modules": held(common.module, common.own), "hours": 20}
    common_id = await common.renew(**both)
    seen = await common.seen(extension)
    assert seen["in_force_version_id"] == former
    draft = await version(common.hanoi, seen["open_version_id"])
    assert (draft["state"], draft["extends_version_id"]) == ("draft", common_id)
    assert (draft["based_on_id"], draft["document_number"]) == (former, None)
    assert await rules(common.hanoi, draft["id"]) == ["module_in_common_part"]
    assert await rules(common.hanoi, former) == ["extended_version_not_in_force"]
    assert await common.told(extension) == [("in_conflict", ["module_in_common_part"])]
    another = await published_module(common.hanoi)
    made(await change(common.hanoi, draft["id"], modules=held(another)), 200)
    await publish(common.world, draft["id"])
    assert (await common.seen(extension))["in_force_version_id"] == draft["id"]


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
async def test_what_is_worked_on_moves_to_the_new_common_part(common: Common, state: str):
    extension = await common.extension(state=state)
    open_version = extension["open_version_id"]
    common_id = await common.renew()
    present = await version(common.hanoi, open_version)
    assert (present["extends_version_id"], present["state"]) == (common_id, state)
    assert await common.told(extension) == []
    await common.renew(extension_hours_max=6)
    present = await version(common.hanoi, open_version)
    assert (present["state"], present["document_number"]) == ("draft", None)
    conflict = [("in_conflict", ["extension_out_of_hours"])]
    assert await common.told(extension) == ([] if state == "draft" else conflict)
    assert await rules(common.hanoi, open_version) == ["extension_out_of_hours"]


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
async def test_what_is_in_force_comes_along_beside_what_is_worked_on(common: Common, state: str):
    extension = await common.extension()
    draft = (await next_version(common.hanoi, extension["id"]))["id"]
    await common.bring(draft, state)
    common_id = await common.renew()
    seen = await common.seen(extension)
    present = await version(common.hanoi, seen["in_force_version_id"])
    assert (present["number"], present["extends_version_id"]) == (3, common_id)
    assert seen["open_version_id"] == draft
    assert (await version(common.hanoi, draft))["extends_version_id"] == common_id


async def test_each_extension_comes_along_or_waits_by_itself(
    common: Common, hue: Somebody, world: World
):
    ours = await common.extension()
    theirs = made(await extend(hue, common.root["id"], await published_module(hue)))
    await publish(world, theirs["open_version_id"])
    await common.renew(modules=held(common.module, common.own), hours=20)
    assert await common.told(ours) == [("in_conflict", ["module_in_common_part"])]
    moved = made(await hue.get(f"/curricula/{theirs['id']}"), 200)
    assert (await version(hue, moved["in_force_version_id"]))["carried_over"] is True


async def test_a_common_part_of_a_ministry_takes_others_along(world: World, hanoi: Somebody):
    """Who publishes it may not change, nor see, what others draft."""
    ministry = await world.organization("ministry", kind="ministry")
    keeper = await world.somebody("coordinator", ministry)
    root = await in_force(keeper, world, await published_module(keeper), **BOUNDS)
    began = made(await extend(hanoi, root["id"], await published_module(hanoi)))
    await publish(world, began["open_version_id"])
    draft = (await next_version(keeper, root["id"]))["id"]
    await publish(world, draft, by=keeper)
    present = made(await hanoi.get(f"/curricula/{began['id']}"), 200)["in_force_version_id"]
    assert (await version(hanoi, present))["extends_version_id"] == draft


async def test_a_retired_common_part_is_extended_by_nothing_new(common: Common):
    extension = await common.extension()
    path = f"/curriculum-versions/{common.root['in_force_version_id']}/retire"
    administrator = await common.world.somebody("academy_admin")
    made(await administrator.post(path), 200)
    assert (await common.seen(extension))["in_force_version_id"] is not None
    refused = await common.hanoi.post(f"/curricula/{extension['id']}/versions")
    assert problem(refused) == (409, "extended-version-not-in-force")


async def test_an_extension_is_cloned_after_its_common_part(common: Common):
    extension = await common.extension()
    path = f"/curricula/{extension['id']}/clone"
    refused = await common.hanoi.post(path, json={"year": 2027})
    assert problem(refused) == (409, "common-part-not-cloned")
    cloned = f"/curricula/{common.root['id']}/clone"
    next_year = made(await common.academy.post(cloned, json={"year": 2027}))
    refused = await common.hanoi.post(path, json={"year": 2027})
    assert problem(refused) == (409, "common-part-not-cloned")
    await publish(common.world, next_year["open_version_id"])
    ours = made(await common.hanoi.post(path, json={"year": 2027}))
    assert ours["extends_curriculum_id"] == next_year["id"]
    draft = await version(common.hanoi, ours["open_version_id"])
    assert draft["extends_version_id"] == next_year["open_version_id"]
    assert await rules(common.hanoi, draft["id"]) == []


async def test_extending_and_publishing_at_once_leaves_nothing_behind(common: Common, world: World):
    """Whoever comes first: what is in force extends what is in force."""
    for number in range(4):
        organization = await world.organization(f"province {number}")
        keeper = await world.somebody("coordinator", organization)
        own = await published_module(keeper)
        began = made(await extend(keeper, common.root["id"], own))
        for state in ("in_review", "approved"):
            await set_state(world, began["open_version_id"], state)
        draft = (await next_version(common.academy, common.root["id"]))["id"]
        for state in ("in_review", "approved"):
            await set_state(world, draft, state)
        await asyncio.gather(
            bring_into_force(world, draft), bring_into_force(world, began["open_version_id"])
        )
        present = made(await keeper.get(f"/curricula/{began['id']}"), 200)["in_force_version_id"]
        assert (await version(keeper, present))["extends_version_id"] == draft
