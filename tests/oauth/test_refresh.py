"""A refresh token is good once; shown again later it was stolen, and the sign-in ends."""

import asyncio

import pytest
from jose import jwt

from app.access.models import Client, ClientKey, Membership, User
from app.core.config import Settings
from app.main import create_app
from tests.oauth.browser import Browser
from tests.oauth.people import Person, change, ends, execute, noted, person
from tests.oauth.programs import Portal, SignedIn, refused, signed_in
from tests.world import World, problem, running

NOT_GOOD = (400, "invalid_grant")


async def later(world: World, person: Person, interval: str, column: str = "replaced_at") -> None:
    """As if so much time had passed since the tokens of the person were replaced, or issued."""
    moved = (
        f"update refresh_tokens t set {column} = t.{column}"
        " - cast(cast(:ago as text) as interval)"
        " from sign_ins s where s.id = t.sign_in_id and s.user_id = :id"
    )
    await execute(world, moved, ago=interval, id=person.id)


async def alive(world: World, person: Person) -> int:
    """Refresh tokens that are good now."""
    (row,) = await execute(
        world,
        "select count(*) from refresh_tokens t join sign_ins s on s.id = t.sign_in_id"
        " where s.user_id = :id and s.ended_at is null and s.expires_at > now()"
        " and t.successor_hash is null and t.expires_at > now()",
        id=person.id,
    )
    return int(row[0])


async def next_of(signed_in: SignedIn) -> SignedIn:
    answer = await signed_in.portal.refreshes(signed_in.refresh)
    assert answer.status_code == 200, answer.text
    return signed_in._replace(tokens=answer.json())


async def test_each_refresh_token_is_exchanged_for_the_next(
    world: World, linh: Person, linh_signed_in: SignedIn
):
    second = await next_of(linh_signed_in)
    third = await next_of(second)
    assert len({linh_signed_in.refresh, second.refresh, third.refresh}) == 3
    assert len({linh_signed_in.access, second.access, third.access}) == 3
    sids = {jwt.get_unverified_claims(one.access)["sid"] for one in (linh_signed_in, third)}
    assert len(sids) == 1
    assert await third.calls() == 200
    assert await alive(world, linh) == 1


@pytest.mark.parametrize("proof", ["secret", "key"])
async def test_a_program_that_keeps_a_secret_refreshes_with_its_proof(
    world: World, browser: Browser, linh: Person, proof: str
):
    portal = await Portal(world, proof).opened()
    linhs = await next_of(await signed_in(browser, portal, linh))
    portal.proof = "none"
    assert refused(await portal.refreshes(linhs.refresh)) == (401, "invalid_client")
    portal.proof = proof
    await next_of(linhs)


class TestGrace:
    async def test_gives_the_same_successor_to_whoever_asks_at_once(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        """A browser with several tabs, or a client whose answer was lost on the way."""
        token, portal = linh_signed_in.refresh, linh_signed_in.portal
        answers = await asyncio.gather(*(portal.refreshes(token) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        successors = {answer.json()["refresh_token"] for answer in answers}
        assert len(successors) == 1
        assert await alive(world, linh) == 1

        going_on = linh_signed_in._replace(tokens=answers[-1].json())
        assert await going_on.calls() == 200
        assert await (await next_of(going_on)).calls() == 200
        assert await ends(world, linh) == [None]

    async def test_is_over_after_ten_seconds_and_then_the_sign_in_ends(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        second = await next_of(linh_signed_in)
        await later(world, linh, "11 s")
        replayed = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(replayed) == NOT_GOOD
        assert await alive(world, linh) == 0
        for one in (linh_signed_in, second):
            assert await one.calls() == 401, "at the very next request"
        assert refused(await second.portal.refreshes(second.refresh)) == NOT_GOOD
        assert await ends(world, linh) == ["refresh_token_reused"]
        (sign_in,) = await execute(world, "select id from sign_ins where user_id=:i", i=linh.id)
        assert await noted(world, sign_in.id) == ["used before", "the sign-in has ended"]

    async def test_holds_on_for_nine_seconds(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        second = await next_of(linh_signed_in)
        await later(world, linh, "9 s")
        assert (await next_of(linh_signed_in)).refresh == second.refresh

    async def test_never_covers_an_older_generation(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        third = await next_of(await next_of(linh_signed_in))
        assert refused(await third.portal.refreshes(linh_signed_in.refresh)) == NOT_GOOD
        assert await third.calls() == 401
        assert await alive(world, linh) == 0

    async def test_does_not_grow_with_each_answer(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        await next_of(linh_signed_in)
        for _ in range(2):
            await later(world, linh, "6 s")
            answer = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(answer) == NOT_GOOD

    async def test_makes_no_successor_that_could_be_guessed_from_the_token(
        self, settings: Settings, linh_signed_in: SignedIn
    ):
        """Only whoever knows the installation's secret could."""
        second = await next_of(linh_signed_in)
        assert linh_signed_in.refresh not in second.refresh
        assert len(second.refresh) >= 43


class TestTime:
    async def test_ends_a_sign_in_that_is_not_used_for_a_week(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        await later(world, linh, "7 d", "expires_at")
        refusal = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(refusal) == NOT_GOOD

    async def test_starts_anew_with_each_use(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        for _ in range(3):
            await later(world, linh, "6 d", "expires_at")
            linh_signed_in = await next_of(linh_signed_in)
        assert await linh_signed_in.calls() == 200

    async def test_ends_every_sign_in_after_a_month_however_it_is_used(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        to_its_end = "update sign_ins set expires_at = now() + interval '1 h' where user_id = :id"
        await execute(world, to_its_end, id=linh.id)
        last = await next_of(linh_signed_in)
        (row,) = await execute(
            world,
            "select max(t.expires_at) <= max(s.expires_at) from sign_ins s"
            " join refresh_tokens t on t.sign_in_id = s.id and t.successor_hash is null"
            " where s.user_id = :id",
            id=linh.id,
        )
        assert row[0], "no token outlives the sign-in"
        over = "update sign_ins set expires_at = now() - interval '1 s' where user_id = :id"
        await execute(world, over, id=linh.id)
        assert refused(await last.portal.refreshes(last.refresh)) == NOT_GOOD
        assert await last.calls() == 401


class TestWithdrawal:
    """Refuses the next refresh, and the next request."""

    async def test_of_a_user(self, world: World, linh: Person, linh_signed_in: SignedIn):
        async with world.session() as session:
            user = await session.get_one(User, linh.id)
            user.disabled_at = user.created_at
        await self.is_felt(linh_signed_in)

    async def test_of_a_membership(self, world: World, linh: Person, linh_signed_in: SignedIn):
        async with world.session() as session:
            held = await session.get_one(Membership, linh.memberships[0])
            held.ended_at = held.created_at
        await self.is_felt(linh_signed_in)

    async def test_of_a_program(self, world: World, linh_signed_in: SignedIn):
        async with world.session() as session:
            client = await session.get_one(Client, linh_signed_in.portal.id)
            client.revoked_at = client.created_at
        refusal = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(refusal) == (401, "invalid_client")

    async def test_of_a_programs_last_key_leaves_it_without_proof(
        self, world: World, browser: Browser, linh: Person
    ):
        """A program whose secret leaked must not become one that needs none."""
        portal = await Portal(world, "secret").opened()
        linhs = await signed_in(browser, portal, linh)
        async with world.session() as session:
            client = await session.get_one(Client, portal.id)
        await change(
            world, ClientKey, ClientKey.client_id == portal.id, revoked_at=client.created_at
        )
        for portal.proof in ("secret", "none"):
            assert refused(await portal.refreshes(linhs.refresh)) == (401, "invalid_client")
            assert refused(await portal.revokes(linhs.refresh)) == (401, "invalid_client")

    async def test_of_a_role_brings_the_new_one_with_the_next_token(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        mine = Membership.id == linh.memberships[0]
        await change(world, Membership, mine, role="viewer")
        assert await linh_signed_in.calls() == 401, "the former role is gone at once"
        later = await next_of(linh_signed_in)
        assert jwt.get_unverified_claims(later.access)["role"] == "viewer"
        calling = await world.holding(later.access)
        assert (await calling.get("/learners")).status_code == 200
        assert problem(await calling.post("/learners", json={})) == (403, "forbidden")

    async def is_felt(self, linhs: SignedIn) -> None:
        assert await linhs.calls() == 401
        assert refused(await linhs.portal.refreshes(linhs.refresh)) == NOT_GOOD


class TestForeigners:
    async def test_get_nothing_and_harm_nobody(
        self, world: World, linh: Person, linh_signed_in: SignedIn, other_portal: Portal
    ):
        second = await next_of(linh_signed_in)
        await later(world, linh, "11 s")
        for stolen in (linh_signed_in.refresh, second.refresh):
            assert refused(await other_portal.refreshes(stolen)) == NOT_GOOD
        assert await ends(world, linh) == [None]
        assert await (await next_of(second)).calls() == 200

    @pytest.mark.parametrize("token", ["", "x", "x" * 5000, "a.b.c", "mã"])
    async def test_with_what_is_no_token_are_refused(self, portal: Portal, token: str):
        assert refused(await portal.refreshes(token))[0] == 400

    async def test_cannot_refresh_with_an_access_token(self, linh_signed_in: SignedIn):
        refusal = await linh_signed_in.portal.refreshes(linh_signed_in.access)
        assert refused(refusal) == NOT_GOOD


async def test_who_signed_in_without_a_code_signs_in_again_once_one_is_asked_for(
    world: World, settings: Settings, browser: Browser, portal: Portal
):
    """Of those for whom it is: others go on."""
    admin = await person(world, ("academy_admin", await world.academy()))
    linh = await person(world, ("coordinator", await world.organization("hanoi")))
    admins = await signed_in(browser, portal, admin)
    linhs = await signed_in(browser, portal, linh)
    stricter = create_app(settings.model_copy(update={"second_factor_required": True}))
    async with running(stricter):
        line = Browser.somewhere(stricter)
        async with line:
            form = {"grant_type": "refresh_token", "client_id": portal.name}
            asked = form | {"refresh_token": admins.refresh}
            assert refused(await line.client.post("/oauth/token", data=asked)) == NOT_GOOD
            asked = form | {"refresh_token": linhs.refresh}
            assert (await line.client.post("/oauth/token", data=asked)).status_code == 200
