import pytest

from tests.curricula.review_steps import approved, draft, name, submit
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


@pytest.fixture
async def expert(world: World) -> Somebody:
    return await world.somebody("viewer", await world.organization("moit", "ministry"))


@pytest.fixture
async def deputy(world: World) -> Somebody:
    return await world.somebody("instructor", await world.organization("moh", "ministry"))


@pytest.fixture
async def reviewed(world: World, hanoi: Somebody, expert: Somebody) -> dict[str, str]:
    """A version of Hà Nội in review, of which an expert is the reviewer."""
    id = await draft(hanoi)
    invitation = await name(world, hanoi, id, expert)
    await submit(hanoi, id)
    return {"id": id, "invitation": invitation["id"]}


@pytest.fixture
async def waiting(world: World, hanoi: Somebody, expert: Somebody) -> str:
    """An approved version."""
    id = await draft(hanoi)
    await approved(world, hanoi, id, expert)
    return id
