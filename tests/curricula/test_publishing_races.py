"""Who publishes, returns, decides and comments at once: one wins, and nothing slips in."""

import asyncio
from typing import Any

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.serving import Urls
from app.curricula import keeping
from tests.competencies.steps import made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    ask,
    decide,
    draft,
    due,
    name,
    stand_in,
    states,
    submit,
    trail,
    try_to,
    try_to_decide,
)
from tests.world import Somebody, World, everything, problem

_HOLD_USER = text("select from users where id = :id for update")


_WAITING = text("select count(distinct pid) from pg_locks where not granted")


async def _blocked(
    session: AsyncSession, number: int, unless: asyncio.Task[Any] | None = None
) -> None:
    """Until so many wait for what others have locked; or one did not have to wait."""
    for _ in range(500):
        if await session.scalar(_WAITING) >= number or (unless and unless.done()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(number)


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

    async def test_standing_in_for_who_is_asked_no_more(
        self, hanoi: Somebody, deputy: Somebody, world: World, reviewed: dict[str, str]
    ):
        """Who ends the invitation has ended all delegations that they see; this one waits."""
        path = f"/curriculum-versions/{reviewed['id']}"
        end = text("update review_invitations set ended_at = now() where id = :id")
        async with asyncio.timeout(20):
            async with world.session() as session:
                await session.execute(end, {"id": reviewed["invitation"]})
                late = asyncio.create_task(stand_in(world, hanoi, reviewed["invitation"], deputy))
                await _blocked(session, 1, unless=late)
            assert problem(await late) == (409, "delegation-of-no-reviewer")
        assert problem(await deputy.get(path)) == (404, "not-found")
