import pytest

from tests.world import Somebody, World


@pytest.fixture
async def hanoi(world: World) -> Somebody:
    return await world.somebody("coordinator", await world.organization("hanoi"))


@pytest.fixture
async def hue(world: World) -> Somebody:
    return await world.somebody("coordinator", await world.organization("hue"))


@pytest.fixture
async def academy(world: World) -> Somebody:
    return await world.somebody("academy_staff")
