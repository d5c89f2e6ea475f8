"""How the hours of curricula are shared out, and what curricula leave out."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.competencies.people import Catalogue
from tests.competencies.steps import made
from tests.curricula.steps import (
    curriculum,
    extend,
    in_force,
    next_module,
    next_version,
    publish,
    published_module,
)
from tests.world import Somebody, World, everything, problem


@pytest.fixture
async def academy(world: World) -> Somebody:
    """Whom thresholds of other tests do not trouble."""
    async with world.session() as session:
        await session.execute(text("delete from balance_thresholds"))
    return await world.somebody("academy_staff")


async def balance(client: Somebody, **query: Any) -> list[dict[str, Any]]:
    found = made(await client.get("/curriculum-balance", params=query), 200)
    return list(found["rows"])


def shares(row: dict[str, Any], of: str) -> dict[str, tuple[Any, ...]]:
    name = of.removesuffix("s")
    return {each[name]: (each["hours"], each["percent"], each["change"]) for each in row[of]}


async def modules(client: Somebody, **hours: float) -> list[dict[str, Any]]:
    """One in each domain, of theory alone."""
    said = {"practice_hours": 0}
    return [
        await published_module(client, domain=domain, theory_hours=theory, **said)
        for domain, theory in hours.items()
    ]


async def test_hours_are_shared_out_in_every_way(world: World, hanoi: Somebody):
    code = f"C-{uuid4().hex[:8]}"
    conduct = {"theory_hours": 2, "practice_hours": 3, "self_study_hours": 4.5}
    one = await published_module(hanoi, domain="conduct", **conduct, on_the_job_hours=0.5)
    other = await published_module(hanoi, domain="knowledge", mode="online")
    await in_force(hanoi, world, one, other, code=code)
    (row,) = await balance(hanoi, code=code)
    assert (row["hours"], row["hours_before"], row["year"]) == (20, None, 2026)
    assert shares(row, "domains") == {
        "knowledge": (10, 50, None),
        "skill": (0, 0, None),
        "conduct": (10, 50, None),
    }
    assert shares(row, "modes")["online"] == (10, 50, None)
    assert shares(row, "kinds") == {"common": (0, 0, None), "specific": (20, 100, None)}
    assert shares(row, "forms") == {
        "theory": (6, 30, None),
        "practice": (9, 45, None),
        "self_study": (4.5, 22.5, None),
        "on_the_job": (0.5, 2.5, None),
    }


async def test_a_year_is_told_beside_the_one_before_and_warned_of(
    world: World, academy: Somebody, hanoi: Somebody
):
    watched = {"domain": "conduct", "minimum_percent": 20, "must_grow": True}
    made(await academy.post("/balance-thresholds", json=watched))
    made(await academy.post("/balance-thresholds", json={"domain": "skill", "must_grow": True}))
    code = f"C-{uuid4().hex[:8]}"
    first = await modules(hanoi, knowledge=80, skill=10, conduct=10)
    second = await modules(hanoi, knowledge=60, skill=30, conduct=8)
    await in_force(hanoi, world, *first, code=code, year=2026)
    await in_force(hanoi, world, *second, code=code, year=2027)
    for by in ("curriculum", "code"):
        newer, older = await balance(hanoi, code=code, by=by)
        assert (newer["hours"], newer["hours_before"]) == (98, 100)
        assert shares(newer, "domains")["skill"] == (30, 30.6, 20.6)
        assert shares(newer, "domains")["conduct"] == (8, 8.2, -1.8)
        assert [(each["rule"], each["domain"]) for each in newer["warnings"]] == [
            ("below_minimum", "conduct"),
            ("not_growing", "conduct"),
        ]
        assert [each["message_vi"] for each in newer["warnings"]] == [
            "Tác phong đối ngoại chỉ chiếm 8,2% số giờ, dưới mức 20%.",
            "Tác phong đối ngoại chiếm 8,2% số giờ, không tăng so với 10% của năm trước.",
        ]
        assert [each["rule"] for each in older["warnings"]] == ["below_minimum"]
        assert await balance(hanoi, code=code, by=by, year=2027) == [newer]


async def test_an_extension_is_told_whole_and_each_part_counts_once_in_a_year(
    world: World, academy: Somebody, hanoi: Somebody
):
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    year = {"year": 2091}
    common = await in_force(academy, world, *await modules(academy, knowledge=30), **bounds, **year)
    own = await modules(hanoi, conduct=10)
    extension = made(await extend(hanoi, common["id"], *own))
    await publish(world, extension["open_version_id"])
    (row,) = await balance(hanoi, code=extension["code"])
    assert (row["curriculum_id"], row["hours"]) == (extension["id"], 40)
    assert shares(row, "domains")["conduct"] == (10, 25, None)
    (total,) = await balance(hanoi, by="year", **year)
    assert (total["hours"], total["code"]) == (40, None)


async def test_drafts_do_not_count_and_what_was_in_force_does(world: World, hanoi: Somebody):
    code = f"C-{uuid4().hex[:8]}"
    began = await curriculum(hanoi, *await modules(hanoi, skill=10), code=code)
    assert await balance(hanoi, code=code) == []
    await publish(world, began["open_version_id"])
    await next_version(hanoi, began["id"])
    retire = f"/curriculum-versions/{began['open_version_id']}/retire"
    made(await hanoi.post(retire), 200)
    (row,) = await balance(hanoi, code=code)
    assert row["hours"] == 10


async def test_the_academy_alone_says_what_is_watched(academy: Somebody, hanoi: Somebody):
    body = {"domain": "conduct", "minimum_percent": 10, "must_grow": True}
    assert problem(await hanoi.post("/balance-thresholds", json=body)) == (404, "not-found")
    watched = made(await academy.post("/balance-thresholds", json=body))
    again = await academy.post("/balance-thresholds", json=body)
    assert problem(again) == (409, "balance-threshold-taken")
    assert await everything(hanoi, "/balance-thresholds") == [watched]
    path, any_version = f"/balance-thresholds/{watched['id']}", {"If-Match": "*"}
    for changed in (
        hanoi.put(path, json=body, headers=any_version),
        hanoi.delete(path, headers=any_version),
    ):
        assert problem(await changed) == (404, "not-found")
    more = body | {"minimum_percent": 15}
    assert made(await academy.put(path, json=more, headers=any_version), 200)["version"] == 2
    assert (await academy.delete(path, headers=any_version)).status_code == 204
    assert await everything(hanoi, "/balance-thresholds") == []


async def test_what_curricula_leave_out_is_told(
    world: World, academy: Somebody, hanoi: Somebody, hue: Somebody
):
    rules = {"Taught": "best", "Too low": "best", "Left out": "best"}
    catalogue = await Catalogue.of(academy, **rules)
    position = await catalogue.position(**{"Taught": 3, "Too low": 4, "Left out": 2})
    own = await catalogue.position(client=hue, **{"Left out": 1})

    def leads(name: str, level: int) -> dict[str, Any]:
        return {"competencies": [catalogue.named(name) | {"level": level}]}

    taught = await published_module(hanoi, **leads("Taught", 3))
    low = await published_module(hanoi, **leads("Too low", 2))
    alone = await published_module(hanoi, **leads("Left out", 5))
    assert await _left_out(hanoi, catalogue) == {"Taught", "Too low", "Left out"}
    await in_force(hanoi, world, taught, low, year=2026)
    assert await _left_out(hanoi, catalogue) == {"Left out"}
    assert await _left_out(hanoi, catalogue, year=2027) == {"Taught", "Too low", "Left out"}
    found = await _requirements(hanoi, catalogue)
    assert found == {
        (position["id"], "Too low"): (4, 2),
        (position["id"], "Left out"): (2, None),
    }
    assert (own["id"], "Left out") in await _requirements(hue, catalogue)
    again = await next_module(hanoi, low, **leads("Too low", 4))
    await in_force(hanoi, world, again, alone, year=2026)
    assert await _requirements(hanoi, catalogue) == {}


async def _coverage(client: Somebody, catalogue: Catalogue, of: str, **query: Any) -> Any:
    found = made(await client.get("/curriculum-coverage", params=query), 200)[of]
    return [each for each in found if each["framework_id"] == catalogue.framework_id]


async def _left_out(client: Somebody, catalogue: Catalogue, **query: Any) -> set[str]:
    return {each["name_en"] for each in await _coverage(client, catalogue, "competencies", **query)}


async def _requirements(client: Somebody, catalogue: Catalogue) -> dict[Any, Any]:
    found = await _coverage(client, catalogue, "requirements")
    return {
        (each["job_position_id"], each["name_en"]): (each["required_level"], each["best_level"])
        for each in found
    }
