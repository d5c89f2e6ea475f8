"""An approved version comes into force today or on its day, once."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from app.core.schemas import today
from app.curricula import keeping, publishing, versions
from app.curricula.reviews import service as reviewing
from tests.competencies.steps import made
from tests.curricula.review_steps import (
    approved,
    do,
    draft,
    due,
    states,
    try_to,
)
from tests.curricula.steps import next_version, version
from tests.world import Somebody, World


class TestOnADay:
    async def test_it_waits_for_its_day(self, hanoi: Somebody, world: World, waiting: str):
        tomorrow = today() + timedelta(days=1)
        scheduled = await do(hanoi, waiting, "publish", on=str(tomorrow))
        assert (scheduled["state"], scheduled["publish_on"]) == ("approved", str(tomorrow))
        await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "approved"
        await do(hanoi, waiting, "publish", on=str(tomorrow + timedelta(days=1)))
        await due(world, waiting)
        for _ in range(2):
            await keeping.publish_due(world.database)
        published = await version(hanoi, waiting)
        assert (published["state"], published["published_on"]) == ("published", str(today()))
        assert (await states(hanoi, waiting)).count("published") == 1

    async def test_past_days_are_no_days(self, hanoi: Somebody, waiting: str):
        refused = await try_to(hanoi, waiting, "publish", on=str(today() - timedelta(days=1)))
        assert [each["code"] for each in refused.json()["errors"]] == ["day_past"]

    async def test_returning_it_calls_it_off(self, hanoi: Somebody, world: World, waiting: str):
        await do(hanoi, waiting, "publish", on=str(today() + timedelta(days=1)))
        await do(hanoi, waiting, "return", note="Hoãn.")
        await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "draft"

    async def test_the_version_before_is_retired_in_the_same_moment(
        self, hanoi: Somebody, world: World, expert: Somebody, waiting: str
    ):
        first = await do(hanoi, waiting, "publish")
        second = (await next_version(hanoi, first["curriculum_id"]))["id"]
        assert (await version(hanoi, second))["round"] == 0
        await approved(world, hanoi, second, expert)
        await due(world, second)
        await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "retired"
        assert (await version(hanoi, second))["state"] == "published"

    async def test_what_stands_against_one_keeps_no_other_waiting(
        self, hanoi: Somebody, hue: Somebody, world: World, expert: Somebody, waiting: str
    ):
        (module,) = (await version(hanoi, waiting))["modules"]
        other = await draft(hue)
        await approved(world, hue, other, expert)
        await due(world, waiting, today() - timedelta(days=1))
        await due(world, other)
        retire = f"/module-versions/{module['module_version_id']}/retire"
        made(await hanoi.post(retire), 200)
        await keeping.publish_due(world.database)
        left = await version(hanoi, waiting)
        assert (left["state"], left["publish_on"]) == ("approved", None)
        assert (await version(hue, other))["state"] == "published"
        changes = (await hanoi.get("/changes", params={"limit": 200})).json()["items"]
        assert changes[-1]["type"] == "curriculum_version.not_published"
        assert changes[-1]["subject_id"] == waiting

    async def test_a_day_that_was_said_meanwhile_stays(
        self, hanoi: Somebody, world: World, waiting: str
    ):
        """A worker could not publish it, and somebody else was faster to say another day."""
        later = str(today() + timedelta(days=2))
        await do(hanoi, waiting, "publish", on=later)
        async with world.session() as session:
            await reviewing.postpone(session, await versions.held(session, UUID(waiting)))
        assert (await version(hanoi, waiting))["publish_on"] == later
        await do(hanoi, waiting, "publish")
        async with world.session() as session:  # or to publish it
            await reviewing.postpone(session, await versions.held(session, UUID(waiting)))

    async def test_a_mistake_of_ours_keeps_no_other_waiting_either(
        self,
        hanoi: Somebody,
        hue: Somebody,
        world: World,
        expert: Somebody,
        waiting: str,
        monkeypatch: pytest.MonkeyPatch,
    ):
        other = await draft(hue)
        await approved(world, hue, other, expert)
        await due(world, waiting, today() - timedelta(days=1))
        await due(world, other)
        carried_over = publishing.carry_over

        async def mistaken(session: Any, version: Any) -> None:
            if str(version.id) == waiting:
                raise RuntimeError
            await carried_over(session, version)

        monkeypatch.setattr(publishing, "carry_over", mistaken)
        await keeping.publish_due(world.database)
        left = await version(hanoi, waiting)
        assert (left["state"], left["publish_on"]) != ("approved", None)  # tried again
        assert left["state"] == "approved"
        assert (await version(hue, other))["state"] == "published"

    async def test_whoever_is_ended_half_way_leaves_nothing(
        self, hanoi: Somebody, world: World, waiting: str, monkeypatch: pytest.MonkeyPatch
    ):
        await due(world, waiting)
        published = publishing.carry_over

        async def ended(*_: object) -> None:
            raise SystemExit

        monkeypatch.setattr(publishing, "carry_over", ended)
        with pytest.raises(SystemExit):
            await keeping.publish_due(world.database)
        left = await version(hanoi, waiting)
        assert (left["state"], left["publish_on"]) == ("approved", str(today()))
        monkeypatch.setattr(publishing, "carry_over", published)
        await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "published"

    async def test_a_day_begins_in_viet_nam(self, hanoi: Somebody, world: World, waiting: str):
        midnight = "2031-03-01T00:00:00+07:00"
        await due(world, waiting, date(2031, 3, 1))
        with time_machine.travel("2031-02-28T23:59:59+07:00", tick=False):
            await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "approved"
        with time_machine.travel(midnight, tick=False):
            await keeping.publish_due(world.database)
        assert (await version(hanoi, waiting))["state"] == "published"
