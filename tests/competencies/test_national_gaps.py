"""Gaps of the other organisations together, which tell of nobody."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from app.competencies import keeping
from app.core.database.serving import Urls
from app.core.schemas import today
from tests.competencies.people import Catalogue, gaps, officers
from tests.competencies.steps import made
from tests.world import Somebody, World, everything, problem

LEVELS = [5, 5, 5, 5, 5, 1, 1, 1, 1, 1]
"""Of a cell that is shown: five who meet what is required, and five who do not."""


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    rules = {"Know": "best knowledge", "Do": "latest skill", "Behave": "best conduct"}
    return await Catalogue.of(academy, **rules)


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


async def two_shown(catalogue: Catalogue, title: str, *clients: Somebody) -> None:
    """A position that requires 3, and of each organisation a cell that is shown."""
    await catalogue.position(title, Know=3)
    for client in clients:
        await with_levels(catalogue, client, title, LEVELS)


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
    await two_shown(catalogue, title, hue, await third(world))
    for level in (1, 1, 1, 5, 5):
        await with_levels(catalogue, hanoi, title, [level])
        await a_month_goes_by()
        assert await national(hanoi, catalogue) == {"Know": (20, 10)}


async def test_figures_of_the_country_take_no_filter(hanoi: Somebody):
    """By which two answers could be taken from each other."""
    for name in ("organization", "unit", "job_position", "by", "domain", "as_of"):
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
