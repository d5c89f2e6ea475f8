"""Gaps: of somebody, of a unit, an organisation, and of the country, which tells of nobody."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from app.competencies import keeping
from app.core.database.serving import Urls
from app.core.schemas import today
from tests.competencies.people import Catalogue, officers, profile
from tests.competencies.steps import do, made, next_version, tree
from tests.world import Somebody, World, add_learner, everything, problem, replace

LEVELS = [5, 5, 5, 5, 5, 1, 1, 1, 1, 1]
"""Of a cell that is shown: five who meet what is required, and five who do not."""


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    rules = {"Know": "best knowledge", "Do": "latest skill", "Behave": "best conduct"}
    return await Catalogue.of(academy, **rules)


@pytest.fixture
def title() -> str:
    return f"Chuyên viên {uuid4().hex}"


async def gaps(client: AsyncClient, **query: str) -> dict[str, Any]:
    return made(await client.get("/gaps", params=query), 200)


def cells(found: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(cell[name] for name in names) for cell in found["cells"]]


async def test_a_gap_is_what_lacks_to_what_the_position_requires(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    position = await catalogue.position(title, Know=3, Do=4)
    await catalogue.require(position["id"], "Behave", 2, weight=3)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 5)
    await catalogue.record(hanoi, officer["id"], "Do", 1)
    shown = await profile(hanoi, officer["id"])
    assert shown["job_position"]["id"] == position["id"]
    assert shown["job_position"]["held"] is True
    named = ("name_en", "required_level", "desired_level", "weight", "attained_level", "gap")
    assert [tuple(each[name] for name in named) for each in shown["competencies"]] == [
        ("Do", 4, 5, 1, 1, 3),
        ("Behave", 2, 3, 3, None, 2),
        ("Know", 3, 4, 1, 5, 0),
    ]
    assert [(each["domain"], each["mean_gap"], each["unknown"]) for each in shown["domains"]] == [
        ("knowledge", 0, 0),
        ("skill", 3, 0),
        ("conduct", 2, 1),
    ]


async def test_somebody_may_be_compared_with_any_position(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, title: str
):
    """What would I need to be a consul?"""
    await catalogue.position(title, Know=1)
    consul = await catalogue.position(Know=5, Behave=4)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 3)
    shown = await profile(hanoi, officer["id"], position=consul["id"])
    assert shown["job_position"]["held"] is False
    assert {each["name_en"]: each["gap"] for each in shown["competencies"]} == {
        "Behave": 4,
        "Know": 2,
    }
    theirs = await catalogue.position(client=hue, Know=5)
    for position in (theirs["id"], str(uuid4())):
        path = f"/learners/{officer['id']}/competency-profile"
        assert problem(await hanoi.get(path, params={"position": position}))[0] == 404
        assert problem(await hanoi.get("/gaps", params={"position": position}))[0] == 404


async def test_gaps_of_an_organisation_add_up_whatever_they_are_counted_by(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    await catalogue.position(title, Know=3, Do=4, Behave=2)
    unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    unit_id = made(await hanoi.post("/units", json=unit))["id"]
    people = await officers(hanoi, 2, title, unit_id=unit_id) + await officers(hanoi, 1, title)
    await officers(hanoi, 1, "Không rõ")
    left = await add_learner(hanoi, position_title=title)
    assert (await replace(hanoi, f"/learners/{left['id']}", status="left")).status_code == 200
    for person, level in zip(people, (1, 3, 5), strict=True):
        await catalogue.record(hanoi, person["id"], "Know", level)
    found = await gaps(hanoi)
    assert (found["people"], found["people_without_position"]) == (4, 1)
    counted = ("people", "people_below", "met", "below", "desired", "unknown", "mean_gap")
    assert cells(found, "domain", *counted) == [
        ("knowledge", 3, 1, 2, 1, 1, 0, 0.67),
        ("skill", 3, 3, 0, 3, 0, 3, 4),
        ("conduct", 3, 3, 0, 3, 0, 3, 2),
    ]
    by_competency = await gaps(hanoi, by="competency")
    assert cells(by_competency, "domain", *counted) == cells(found, "domain", *counted)
    assert cells(by_competency, "name_en") == [("Know",), ("Do",), ("Behave",)]
    of_units = await gaps(hanoi, by="unit")
    assert cells(of_units, "unit_id", "domain", "people", "below") == [
        (unit_id, "knowledge", 2, 1),
        (unit_id, "skill", 2, 2),
        (unit_id, "conduct", 2, 2),
        (None, "knowledge", 1, 0),
        (None, "skill", 1, 1),
        (None, "conduct", 1, 1),
    ]
    of_unit = await gaps(hanoi, unit=unit_id)
    assert cells(of_unit, "domain", "people", "below") == [
        ("knowledge", 2, 1),
        ("skill", 2, 2),
        ("conduct", 2, 2),
    ]
    as_consuls = await gaps(hanoi, position=(await catalogue.position(Know=5))["id"])
    assert cells(as_consuls, "domain", "people", "met", "below") == [("knowledge", 4, 1, 3)]


async def test_what_is_a_competency_no_more_is_judged_as_it_was(
    catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    """As what a new version lacks: nobody rewrites what positions require."""
    await catalogue.position(title, Know=3)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 4)
    before = await gaps(hanoi)
    later = (await next_version(academy, catalogue.framework_id))["id"]
    items = {each["name_en"]: each for each in (await tree(academy, later))["competencies"]}
    area = {"kind": "area", "name_vi": "Kiến thức", "name_en": "Know"}
    path, anyhow = f"/competencies/{items['Know']['id']}", {"If-Match": "*"}
    made(await academy.put(path, json=area, headers=anyhow), 200)
    await do(academy, later, "publish")
    assert await gaps(hanoi) == before
    assert (await catalogue.explained(hanoi, officer["id"], "Know"))["level"] == 4


async def test_a_coordinator_sees_gaps_of_the_own_people_only(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, academy: Somebody, title: str
):
    await catalogue.position(title, Know=3)
    (ours,) = await officers(hanoi, 1, title)
    await officers(hue, 2, title)
    assert cells(await gaps(hanoi, by="organization"), "organization_id", "people") == [
        (str(hanoi.organization), 1)
    ]
    for query in ({"organization": str(hue.organization)}, {"unit": str(uuid4())}):
        nobody = await gaps(hanoi, **query)
        assert (nobody["people"], nobody["cells"]) == (0, [])
    assert problem(await hue.get(f"/learners/{ours['id']}/competency-profile"))[0] == 404
    item = catalogue.items["Know"]["id"]
    path = f"/learners/{ours['id']}/competencies/{item}/explain"
    assert problem(await hue.get(path))[0] == 404
    whole = await gaps(academy, by="organization")
    counted = dict(cells(whole, "organization_id", "people"))
    assert (counted[str(hanoi.organization)], counted[str(hue.organization)]) == (1, 2)


async def test_who_will_soon_lose_a_level_is_told_in_time(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody
):
    officer = await add_learner(hanoi)
    first = {"achieved_on": "2024-01-01"}
    day = today()
    soon = await catalogue.record(
        hanoi, officer["id"], "Know", 4, **first, valid_until=str(day + timedelta(60))
    )
    await catalogue.record(
        hanoi, officer["id"], "Know", 2, **first, valid_until=str(day + timedelta(10))
    )
    await catalogue.record(hanoi, officer["id"], "Do", 3, **first)
    listed = await everything(hanoi, "/expiring-evidence")
    assert [(each["id"], each["learner_id"], each["level"]) for each in listed] == [
        (soon["id"], officer["id"], 4)
    ], "what does not count expires without any loss"
    assert await everything(hanoi, "/expiring-evidence", within=59) == []
    assert len(await everything(hanoi, "/expiring-evidence", within=60)) == 1
    assert await everything(hue, "/expiring-evidence") == []
    left = await replace(hanoi, f"/learners/{officer['id']}", status="left")
    assert left.status_code == 200
    assert await everything(hanoi, "/expiring-evidence") == []


async def test_who_may_only_read_figures_is_told_of_nobody(
    world: World, catalogue: Catalogue, hanoi: Somebody
):
    officer = await add_learner(hanoi)
    soon = {"valid_until": str(today() + timedelta(30))}
    await catalogue.record(hanoi, officer["id"], "Know", 4, **soon)
    program = await world.program(hanoi.organization, "gaps:read")
    made(await program.get("/gaps"), 200)
    assert problem(await program.get("/expiring-evidence")) == (403, "forbidden")


async def with_levels(
    catalogue: Catalogue, client: Somebody, title: str, levels: list[int], name: str = "Know"
) -> list[dict[str, Any]]:
    people = await officers(client, len(levels), title)
    for person, level in zip(people, levels, strict=True):
        await catalogue.record(client, person["id"], name, level)
    return people


@pytest.fixture
async def a_month_goes_by(urls: Urls, world: World) -> Callable[[], Awaitable[None]]:
    """The figures of the country are counted, as on the first of a month."""

    async def counted() -> None:
        owner = await asyncpg.connect(urls.owner)
        await owner.execute("delete from gap_figures")
        await owner.close()
        await keeping.count(world.database)

    return counted


Passing = Callable[[], Awaitable[None]]


async def national(client: AsyncClient, catalogue: Catalogue) -> dict[str, tuple[int, int]]:
    """What is told of others, by competency: how many people, and how many are below."""
    found = made(await client.get("/national-gaps"), 200)
    return {
        each["name_en"]: (each["people"], each["below"])
        for each in found["competencies"]
        if each["framework_id"] == catalogue.framework_id
    }


async def third(world: World) -> Somebody:
    return await world.somebody("coordinator", await world.organization("danang"))


async def test_figures_of_the_country_tell_of_others_together(
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
    a_month_goes_by: Passing,
):
    await catalogue.position(title, Know=3)
    danang = await third(world)
    await with_levels(catalogue, hue, title, LEVELS)
    await with_levels(catalogue, danang, title, [1, 1, 1])
    await a_month_goes_by()
    assert await national(hanoi, catalogue) == {"Know": (15, 10)}
    await with_levels(catalogue, hanoi, title, LEVELS)
    await a_month_goes_by()
    assert await national(hanoi, catalogue) == {"Know": (15, 10)}, "own people are not in it"
    assert await national(danang, catalogue) == {"Know": (20, 10)}
    assert await national(catalogue.client, catalogue) == {"Know": (25, 15)}
    found = made(await hanoi.get("/national-gaps"), 200)
    assert found["as_of"] == str(today())
    for domain in found["domains"]:
        shown = [each for each in found["competencies"] if each["domain"] == domain["domain"]]
        assert domain["requirements"] == sum(each["people"] for each in shown)
        assert domain["below"] == sum(each["below"] for each in shown)


@pytest.mark.parametrize(
    ("theirs", "elsewhere"),
    [
        pytest.param([1, 5], [1, 5], id="four people"),
        pytest.param(LEVELS, [], id="of one organisation"),
        pytest.param(LEVELS[:5], [5] * 5, id="nobody lacks anything"),
        pytest.param(LEVELS[5:], [1] * 5, id="everybody does"),
        pytest.param([5] * 20, [5, 1, 1, 1, 1], id="four do"),
        pytest.param([1] * 20, [1, 5, 5, 5, 5], id="four do not"),
    ],
)
async def test_small_cells_are_not_shown_across_organisations(
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
    a_month_goes_by: Passing,
    theirs: list[int],
    elsewhere: list[int],
):
    """Neither is what all of them have in common, for that would be told of each."""
    await catalogue.position(title, Know=3)
    danang = await third(world)
    await with_levels(catalogue, hue, title, theirs)
    await with_levels(catalogue, danang, title, elsewhere)
    await with_levels(catalogue, hanoi, title, LEVELS)
    await a_month_goes_by()
    assert await national(hanoi, catalogue) == {}
    assert await national(danang, catalogue) != {}, "of others than these there are enough"


async def test_no_number_tells_of_one_person_by_what_it_was_before(
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
    a_month_goes_by: Passing,
):
    """An onlooker knows that just one of the others is assessed, and when. They look before and
    after at everything that there is to ask."""
    await catalogue.position(title, Know=3)
    await with_levels(catalogue, await third(world), title, LEVELS)
    (victim, *_) = await with_levels(catalogue, hue, title, [1, 1, 1, *LEVELS])
    await a_month_goes_by()

    async def all_that_is_told() -> list[Any]:
        asked = [made(await hanoi.get("/national-gaps"), 200)]
        for query in ({}, {"organization": str(hue.organization)}):
            for by in ("domain", "competency", "unit", "organization"):
                asked += [await gaps(hanoi, by=by, **query)]
        asked += [await everything(hanoi, "/expiring-evidence", within=3650)]
        return [*asked, await everything(hanoi, "/evidence")]

    before = await all_that_is_told()
    assert await national(hanoi, catalogue) == {"Know": (25, 15)}
    await catalogue.record(hue, victim["id"], "Know", 5, achieved_on="2026-03-01")
    await keeping.count(world.database)
    assert await all_that_is_told() == before
    await a_month_goes_by()
    assert await national(hanoi, catalogue) == {"Know": (25, 10)}, "until it is one of many"


async def test_nobody_finds_where_figures_are_rounded_by_adding_people_of_their_own(
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
    a_month_goes_by: Passing,
):
    await catalogue.position(title, Know=3)
    await with_levels(catalogue, hue, title, LEVELS)
    await with_levels(catalogue, await third(world), title, LEVELS)
    for level in (1, 1, 1, 5, 5):
        await with_levels(catalogue, hanoi, title, [level])
        await a_month_goes_by()
        assert await national(hanoi, catalogue) == {"Know": (20, 10)}


async def test_figures_of_the_country_take_no_filter(hanoi: Somebody):
    """By which two answers could be taken from each other."""
    for name in ("organization", "unit", "position", "by", "domain", "as_of"):
        answer = await hanoi.get("/national-gaps", params={name: str(uuid4())})
        assert problem(answer) == (422, "invalid-request")


async def test_no_position_of_ones_own_divides_the_people_of_others(
    world: World,
    catalogue: Catalogue,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
    a_month_goes_by: Passing,
):
    """Its levels would be a ruler to measure everybody by, and its titles a sieve."""
    await catalogue.position(title, Know=3)
    await with_levels(catalogue, hue, title, LEVELS)
    await with_levels(catalogue, await third(world), title, LEVELS)
    for level in (1, 5):
        await catalogue.position(f"{title} {level}", client=hanoi, Know=level, Do=level)
    await catalogue.position(title, client=hanoi, Know=5, Behave=1)
    await a_month_goes_by()
    assert await national(hanoi, catalogue) == {"Know": (20, 10)}


async def test_what_is_kept_of_attainments_is_renewed(
    urls: Urls, world: World, catalogue: Catalogue, hanoi: Somebody
):
    """So that who reads need not reckon it each time."""
    officer = (await add_learner(hanoi))["id"]
    expired = {"achieved_on": "2020-01-01", "valid_until": str(today())}
    await catalogue.record(hanoi, officer, "Know", 2, achieved_on="2019-01-01")
    await catalogue.record(hanoi, officer, "Know", 4, **expired)
    owner = await asyncpg.connect(urls.owner)
    kept = "select level, rule, changes_on from attainments where learner_id = $1"
    for spoilt in ("changes_on = date '2020-01-01'", "rule = 'latest'"):
        query = f"update attainments set level = 4, {spoilt} where learner_id = $1"
        await owner.execute(query, UUID(officer))
        await keeping.renew(world.database)
        assert tuple(await owner.fetchrow(kept, UUID(officer))) == (2, "best", None)
    await owner.close()
