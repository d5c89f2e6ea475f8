"""What stands against a version: found, told in words, and in the way of every statement."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.competencies.steps import made
from tests.curricula.steps import (
    change,
    curriculum,
    extend,
    held,
    in_force,
    module_draft,
    next_module,
    published_module,
    rules,
    set_state,
)
from tests.world import Somebody, World


async def test_hours_lie_between_mandatory_ones_and_all(hanoi: Somebody):
    one, other = await published_module(hanoi), await published_module(hanoi)
    draft = (await curriculum(hanoi, one, other))["open_version_id"]
    assert await rules(hanoi, draft) == []
    await change(hanoi, draft, hours=15)
    assert await rules(hanoi, draft) == ["hours_do_not_add_up"]
    elective = held(one) + held(other, elective=True)
    await change(hanoi, draft, modules=elective)
    assert await rules(hanoi, draft) == []
    for hours in (9.5, 20.5):
        await change(hanoi, draft, hours=hours)
        found = made(await hanoi.get(f"/curriculum-versions/{draft}/findings"), 200)
        (finding,) = found["findings"]
        assert finding["figures"] == {"hours": hours, "mandatory_hours": 10, "all_hours": 20}
        assert f"{hours}" in finding["message_en"]
        assert f"{hours}".replace(".", ",") in finding["message_vi"]


async def test_a_curriculum_consists_of_published_modules(hanoi: Somebody):
    draft_module = (await hanoi.get(f"/module-versions/{await module_draft(hanoi)}")).json()
    draft = (await curriculum(hanoi, draft_module))["open_version_id"]
    assert await rules(hanoi, draft) == ["module_not_published"]
    made(await hanoi.post(f"/module-versions/{draft_module['id']}/publish"), 200)
    assert await rules(hanoi, draft) == []
    newer = await next_module(hanoi, draft_module)
    assert await rules(hanoi, draft) == []  # of which a newer one is in force
    made(await hanoi.post(f"/module-versions/{newer['id']}/retire"), 200)
    assert await rules(hanoi, draft) == ["module_not_in_force"]
    empty = (await curriculum(hanoi))["open_version_id"]
    assert await rules(hanoi, empty) == ["curriculum_without_modules"]


async def test_what_comes_before_stands_before(hanoi: Somebody):
    first = await published_module(hanoi, code="M.1", title_en="First")
    second = await published_module(hanoi, code="M.2", prerequisites=[first["module_id"]])
    draft = (await curriculum(hanoi, second))["open_version_id"]
    found = made(await hanoi.get(f"/curriculum-versions/{draft}/findings"), 200)
    (finding,) = found["findings"]
    assert finding["rule"] == "prerequisite_missing"
    assert (finding["module_id"], finding["code"]) == (second["module_id"], "M.2")
    assert "M.1 “First”" in finding["message_en"]
    made(await change(hanoi, draft, modules=held(second, first), hours=20), 200)
    assert await rules(hanoi, draft) == ["prerequisite_missing"]
    made(await change(hanoi, draft, modules=held(first, second)), 200)
    assert await rules(hanoi, draft) == []
    elective = held(first, elective=True) + held(second)
    made(await change(hanoi, draft, modules=elective), 200)
    assert await rules(hanoi, draft) == ["prerequisite_missing"]


async def test_what_participants_completed_before_need_not_be_repeated(
    hanoi: Somebody, world: World
):
    first = await published_module(hanoi)
    await in_force(hanoi, world, first, kind="basic")
    second = await published_module(hanoi, prerequisites=[first["module_id"]])
    draft = (await curriculum(hanoi, second, kind="advanced"))["open_version_id"]
    assert await rules(hanoi, draft) == ["prerequisite_missing"]
    await _is_for(world, draft, '{"trained": {"kinds": ["basic"]}}')
    assert await rules(hanoi, draft) == []
    await _is_for(world, draft, '{"trained": {"kinds": ["senior"]}}')
    assert await rules(hanoi, draft) == ["prerequisite_missing"]


async def test_an_extension_counts_on_what_participants_of_the_common_part_completed(
    academy: Somebody, hanoi: Somebody, world: World
):
    first = await published_module(academy)
    await in_force(academy, world, first, kind="basic")
    common = await in_force(
        academy,
        world,
        await published_module(academy),
        kind="advanced",
        extension_hours_min=5,
        extension_hours_max=20,
        target_group={"trained": {"kinds": ["basic"]}},
    )
    second = await published_module(hanoi, prerequisites=[first["module_id"]])
    began = made(await extend(hanoi, common["id"], second))
    draft = began["open_version_id"]
    assert await rules(hanoi, draft) == []
    own = {"trained": {"kinds": ["senior"]}}
    made(await change(hanoi, draft, target_group=own), 200)
    assert await rules(hanoi, draft) == ["prerequisite_missing"]


async def _is_for(world: World, id: str, group: str) -> None:
    async with world.session() as session:
        changed = "update curriculum_versions set target_group = cast(:group as jsonb)"
        await session.execute(text(f"{changed} where id = :id"), {"id": id, "group": group})


@pytest.mark.parametrize("state", ["in_review", "published"])
async def test_with_findings_no_statement_brings_it_further(
    hanoi: Somebody, world: World, state: str
):
    one = await published_module(hanoi)
    draft = (await curriculum(hanoi, one))["open_version_id"]
    if state == "published":
        await set_state(world, draft, "in_review")
        await set_state(world, draft, "approved")
        made(await hanoi.post(f"/module-versions/{one['id']}/retire"), 200)
    else:
        await change(hanoi, draft, hours=99)
    step = text("""update curriculum_versions set state = :state, quorum = 1,
      published_on = case :state when 'published' then now() end where id = :id""")
    with pytest.raises(IntegrityError, match="there are findings against the version"):
        async with world.session() as session:
            await session.execute(step, {"id": draft, "state": state})
