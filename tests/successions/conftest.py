import pytest


@pytest.fixture
async def hatay(world):
    """The coordinator of a province that will end."""
    return await world.somebody("coordinator", await world.organization("hatay"))
