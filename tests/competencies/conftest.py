from uuid import uuid4

import pytest

from tests.world import Somebody, World


@pytest.fixture
async def academy(world: World) -> Somebody:
    """Who runs training there; an administrator may do no more with competencies."""
    return await world.somebody("academy_staff")


@pytest.fixture
def title() -> str:
    """Of a position on rosters, which no other test has."""
    return f"Chuyên viên {uuid4().hex}"
