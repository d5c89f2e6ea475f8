"""The file of real organisations, carried out: founded, succeeded, and only once."""

import pytest
from sqlalchemy import func, select

from app.core.database.scopes import Reach, system
from app.organizations.models import Organization, Succession
from app.successions import reference
from tests.world import World, add_learner, app_of_its_own, everything, replace

LAST_DAY_OF_63, FIRST_DAY_OF_34 = "2025-06-30", "2025-07-01"


@pytest.fixture(scope="module")
async def country(settings, urls):
    """The service where the file was loaded, with somebody at work in each predecessor."""
    async with app_of_its_own(settings, urls) as app, World(app) as world:
        async with founding(world) as session:
            ids = await reference.found(session)
        admin = await world.somebody("academy_admin")
        for line in reference.read():
            if line.closed_on is not None:
                await add_learner(admin, organization_id=str(ids[line.code]), external_id="CB-1")
        async with founding(world) as session:
            await reference.succeed(session, ids)
        yield world, ids


def founding(world):
    return world.database.session(system(Reach.EVERYTHING, "reference"))


@pytest.fixture
async def admin(country):
    world, _ = country
    return await world.somebody("academy_admin")


async def counted(world):
    async with world.session() as session:
        kinds = (Organization, Succession)
        return [await session.scalar(select(func.count()).select_from(kind)) for kind in kinds]


async def test_every_line_is_there_as_the_file_has_it(country, admin):
    _, ids = country
    for line in reference.read():
        (found,) = await everything(admin, "/organizations", code=line.code)
        assert found["id"] == str(ids[line.code])
        assert found["name_vi"] == line.name_vi
        assert found["opened_on"] == line.opened_on.isoformat()
        assert found["closed_on"] == (line.closed_on and line.closed_on.isoformat())
        assert found["successor_ids"] == [str(ids[code]) for code in line.successors[:1]]


async def test_63_provinces_became_34(admin):
    for day, number in ((LAST_DAY_OF_63, 63), (FIRST_DAY_OF_34, 34)):
        provinces = await everything(admin, "/organizations", kind="province", as_of=day, limit=200)
        assert len(provinces) == number


async def test_those_at_work_moved_to_the_successor_and_kept_their_past(country, admin):
    _, ids = country
    closed = [line for line in reference.read() if line.closed_on]
    assert len(closed) == 59
    (danang,) = [line for line in closed if line.code == "VN-49-2004"]
    assert (danang.short_name_vi, danang.successors) == ("Quảng Nam", ["VN-48"])
    now = await everything(admin, "/learners", organization=str(ids["VN-48"]))
    assert sorted(row["external_id"] for row in now) == ["CB-1", "VN-49-2004/CB-1"]
    then = await everything(
        admin, "/learners", as_of=LAST_DAY_OF_63, organization=str(ids[danang.code])
    )
    assert [row["external_id"] for row in then] == ["CB-1"]


async def test_loading_again_adds_nothing_and_undoes_no_change(country, admin):
    world, ids = country
    path = f"/organizations/{ids['VN-01']}"
    renamed = await replace(admin, path, name_en="Ha Noi")
    before = await counted(world)
    async with founding(world) as session:
        assert await reference.found(session) == ids
        await reference.succeed(session, ids)
    assert await counted(world) == before
    assert (await admin.get(path)).json() == renamed.json()


async def test_what_was_added_by_hand_stays(country, admin):
    world, ids = country
    body = {"code": "VN-99", "kind": "province", "opened_on": "2026-01-01"}
    body |= {"name_vi": "Tỉnh Thử", "name_en": "Test", "short_name_vi": "Thử"}
    made = (await admin.post("/organizations", json=body)).json()
    async with founding(world) as session:
        again = await reference.found(session)
    assert again.keys() - ids.keys() == {"VN-99"}
    assert (await admin.get(f"/organizations/{made['id']}")).json() == made
