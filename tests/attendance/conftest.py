import pytest

from tests.attendance.steps import day, enrol, officers, running


@pytest.fixture
async def hoa_and_lan(hanoi):
    return await officers(hanoi, "Nguyễn Thị Minh Hoà", "Trần Ngọc Lan")


@pytest.fixture
async def held(academy, world, hoa_and_lan):
    """A course with one session that is over, and two people enrolled."""
    course, (session,) = await running(academy, world, day(1))
    await enrol(world, course, *hoa_and_lan)
    return course, session
