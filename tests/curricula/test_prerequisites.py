"""Modules come before others, and never before themselves."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.competencies.steps import made
from tests.curricula.steps import (
    change_module,
    module,
    publish_module,
    published_module,
)
from tests.world import Somebody, problem


async def test_a_module_never_comes_before_itself(hanoi: Somebody, hue: Somebody):
    first = await published_module(hanoi)
    second = await published_module(hanoi, prerequisites=[first["module_id"]])
    third = await published_module(hue, prerequisites=[second["module_id"]])
    draft = made(await hanoi.post(f"/modules/{first['module_id']}/versions"))["id"]
    for one in (first, second, third):
        refused = await change_module(hanoi, draft, prerequisites=[one["module_id"]])
        assert problem(refused) == (422, "prerequisites-circular")
    made(await change_module(hanoi, draft, title_en="Still worked on"), 200)


async def test_a_circle_over_drafts_of_others_is_found_when_it_would_close(
    hanoi: Somebody, hue: Somebody
):
    """Nobody is told what others draft, so both may be drafted."""
    ours, theirs = await published_module(hanoi), await published_module(hue)
    after_theirs = made(await hanoi.post(f"/modules/{ours['module_id']}/versions"))["id"]
    after_ours = made(await hue.post(f"/modules/{theirs['module_id']}/versions"))["id"]
    made(await change_module(hanoi, after_theirs, prerequisites=[theirs["module_id"]]), 200)
    made(await change_module(hue, after_ours, prerequisites=[ours["module_id"]]), 200)
    await publish_module(hue, after_ours)
    refused = await hanoi.post(f"/module-versions/{after_theirs}/publish")
    assert problem(refused) == (422, "prerequisites-circular")


async def test_two_who_close_a_circle_at_once_are_not_both_taken(hanoi: Somebody):
    for _ in range(5):
        one, other = await module(hanoi), await module(hanoi)
        answers = await asyncio.gather(
            change_module(hanoi, one["open_version_id"], prerequisites=[other["id"]]),
            change_module(hanoi, other["open_version_id"], prerequisites=[one["id"]]),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 422]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wanted=st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(0, 4))), max_size=12))
async def test_whatever_is_drafted_no_circle_comes_of_it(hanoi: Somebody, wanted):
    """Against a model that knows the same graph."""
    drafts = [await module(hanoi) for _ in range(5)]
    required: dict[int, set[int]] = {number: set() for number in range(5)}
    for number, others in wanted:
        ids = [drafts[other]["id"] for other in sorted(others)]
        answer = await change_module(hanoi, drafts[number]["open_version_id"], prerequisites=ids)
        tried = required | {number: others}
        if _circular(tried):
            assert problem(answer) == (422, "prerequisites-circular")
        else:
            assert answer.status_code == 200, answer.text
            required = tried


def _circular(required: dict[int, set[int]]) -> bool:
    left = dict(required)
    while free := [number for number in left if not left[number] & left.keys()]:
        for number in free:
            del left[number]
    return bool(left)
