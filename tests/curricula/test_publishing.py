"""An approved version comes into force today or on its day, once; and races are won by one."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import time_machine
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.serving import Urls
from app.core.schemas import today
from app.curricula import keeping, publishing
from tests.competencies.steps import made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    approved,
    ask,
    decide,
    do,
    draft,
    name,
    stand_in,
    submit,
    trail,
    try_to,
    try_to_decide,
)
from tests.curricula.steps import next_version, version
from tests.world import Somebody, World, everything, problem

_HOLD_USER = text("select from users where id = :id for update")
_WAITING = text("select count(distinct pid) from pg_locks where not granted")


@pytest.fixture
async def expert(world: World) -> Somebody:
    return await world.somebody("viewer", await world.organization("moit", "ministry"))


@pytest.fixture
async def waiting(world: World, hanoi: Somebody, expert: Somebody) -> str:
    """An approved version."""
    id = await draft(hanoi)
    await approved(world, hanoi, id, expert)
    return id


async def due(world: World, id: str, day: date | None = None) -> None:
    """As if its day had come."""
    async with world.session() as session:
        set_ = text("update curriculum_versions set publish_on = :day where id = :id")
        await session.execute(set_, {"day": day or today(), "id": UUID(id)})


async def _blocked(session: AsyncSession, number: int) -> None:
    """Until so many wait for what others have locked."""
    for _ in range(500):
        if await session.scalar(_WAITING) >= number:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(number)


async def states(client: Somebody, id: str) -> list[str]:
    entries = (await trail(client, id))["entries"]
    return [each["step"]["state"] for each in entries if each["kind"] == "step"]


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


class TestRaces:
    async def test_two_workers_publish_once(self, hanoi: Somebody, world: World, waiting: str):
        await due(world, waiting)
        async with asyncio.timeout(20):
            await asyncio.gather(*(keeping.publish_due(world.database) for _ in range(4)))
        assert (await states(hanoi, waiting)).count("published") == 1

    async def test_publishing_against_returning(self, hanoi: Somebody, waiting: str):
        async with asyncio.timeout(20):
            published, returned = await asyncio.gather(
                try_to(hanoi, waiting, "publish"), try_to(hanoi, waiting, "return", note="?")
            )
        if published.status_code == 200:
            assert problem(returned) == (409, "nothing-to-return")
        else:
            assert problem(published) == (409, "not-approved")
            assert returned.json()["state"] == "draft"

    async def test_one_person_deciding_for_two_at_once(
        self, hanoi: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        own = await world.somebody("viewer", await world.organization("moh", "ministry"))
        seat = await name(world, hanoi, id, expert)
        await name(world, hanoi, id, own)
        await submit(hanoi, id, quorum=2)
        by = made(await stand_in(world, hanoi, seat["id"], own))["id"]
        bodies = [APPROVE, APPROVE | {"delegation_id": by}]
        async with asyncio.timeout(20):
            async with world.session() as session:  # each refers to who decides, and waits there
                await session.execute(_HOLD_USER, {"id": own.subject})
                decisions = [asyncio.create_task(try_to_decide(own, id, **b)) for b in bodies]
                await _blocked(session, len(decisions))
            answers = await asyncio.gather(*decisions)
        assert sorted(each.status_code for each in answers) == [201, 409]
        assert (await trail(hanoi, id))["approvals"] == 1

    async def test_two_last_decisions_at_once(
        self, hanoi: Somebody, world: World, expert: Somebody
    ):
        """The reviewer's and their deputy's: the one that was let in last counts for all."""
        id = await draft(hanoi)
        deputy = await world.somebody("viewer", await world.organization("moh", "ministry"))
        seat = await name(world, hanoi, id, expert)
        await submit(hanoi, id)
        by = made(await stand_in(world, hanoi, seat["id"], deputy))["id"]
        async with asyncio.timeout(20):
            for each in await asyncio.gather(
                try_to_decide(expert, id, **OBJECT),
                try_to_decide(deputy, id, **APPROVE, delegation_id=by),
            ):
                made(each)
        last = (await everything(hanoi, "/review-decisions", curriculum_version=id))[-1]
        told = await trail(hanoi, id)
        assert (told["approvals"] == 1) == (last["decision"] == "approve")
        assert told["approvals"] + told["changes_requested"] == 1
        answer = await try_to(hanoi, id, "approve", **DOCUMENT)
        assert (answer.status_code == 200) == (last["decision"] == "approve")

    async def test_approving_against_a_change_of_mind(
        self, hanoi: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        await name(world, hanoi, id, expert)
        await submit(hanoi, id)
        await decide(expert, id, **APPROVE)
        async with asyncio.timeout(20):
            approval, objection = await asyncio.gather(
                try_to(hanoi, id, "approve", **DOCUMENT), try_to_decide(expert, id, **OBJECT)
            )
        if approval.status_code == 200:
            assert problem(objection) == (409, "not-in-review")
        else:
            assert problem(approval) == (409, "changes-requested")
            made(objection)

    async def test_deciding_against_returning(
        self, hanoi: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        await name(world, hanoi, id, expert)
        await submit(hanoi, id)
        async with asyncio.timeout(20):
            returned, *decided = await asyncio.gather(
                try_to(hanoi, id, "return", note="?"),
                *(try_to_decide(expert, id, **APPROVE) for _ in range(6)),
            )
        made(returned, 200)
        for late in (each for each in decided if each.status_code != 201):
            assert problem(late) in {(409, "not-in-review"), (404, "not-found")}
        told = [each["kind"] for each in (await trail(hanoi, id))["entries"]]
        assert told[-1] == "step"  # nobody decided after that

    async def test_no_comment_slips_in_while_it_is_approved(
        self, hanoi: Somebody, hue: Somebody, world: World, expert: Somebody, urls: Urls
    ):
        """The approval is held where it is told, after its rules were looked at."""
        id = await draft(hanoi)
        await name(world, hanoi, id, expert)
        await ask(hanoi, id, invited_organization_id=str(hue.organization))
        await submit(hanoi, id)
        await decide(expert, id, **APPROVE)
        path = f"/curriculum-versions/{id}/comments"
        assert urls.owner is not None
        url = make_url(urls.owner).set(drivername="postgresql")
        owner = await asyncpg.connect(url.render_as_string(hide_password=False))
        async with asyncio.timeout(20), world.session() as session:
            async with owner.transaction():
                await owner.execute("lock table events in exclusive mode")
                approval = asyncio.create_task(try_to(hanoi, id, "approve", **DOCUMENT))
                await _blocked(session, 1)
                late = asyncio.create_task(hue.post(path, json={"text": "?"}))
                await _blocked(session, 2)
            made(await approval, 200)
            assert problem(await late) == (409, "not-in-review")
        await owner.close()

    async def test_comments_and_an_approval_at_once(
        self, hanoi: Somebody, hue: Somebody, world: World, expert: Somebody
    ):
        id = await draft(hanoi)
        await name(world, hanoi, id, expert)
        await ask(hanoi, id, invited_organization_id=str(hue.organization))
        await submit(hanoi, id)
        await decide(expert, id, **APPROVE)
        path = f"/curriculum-versions/{id}/comments"
        async with asyncio.timeout(20):
            approval, *answers = await asyncio.gather(
                try_to(hanoi, id, "approve", **DOCUMENT),
                *(hue.post(path, json={"text": f"{n}"}) for n in range(8)),
            )
        taken = [each for each in answers if each.status_code == 201]
        assert (approval.status_code == 409) == bool(taken)
        for late in set(answers) - set(taken):
            assert problem(late) == (409, "not-in-review")
