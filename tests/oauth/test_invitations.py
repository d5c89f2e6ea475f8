"""The link with which somebody sets a password: good once, for three days, until the next."""

import asyncio
from collections import Counter

import pytest

from app.access.models import User
from tests.oauth.browser import Browser, Page
from tests.oauth.people import (
    FRESH,
    PASSWORD,
    Person,
    ends,
    execute,
    invitation,
)
from tests.oauth.programs import Portal, SignedIn, lets_in, refused, sets
from tests.world import World


class TestLink:
    async def test_is_good_once(self, browser: Browser, link: str):
        assert (await sets(browser, link, FRESH)).status == 200
        assert (await browser.opens(link)).status == 410
        again = Page(await browser.client.post(link, data={"password": PASSWORD}))
        assert (again.status, "used up" in again.said) == (410, True)

    async def test_is_not_used_up_by_looking_at_it_or_by_a_mistake(
        self, browser: Browser, link: str
    ):
        for _ in range(3):
            assert (await browser.opens(link)).status == 200
        assert (await sets(browser, link, "short")).status == 422
        assert (await sets(browser, link, FRESH)).status == 200

    async def test_is_good_for_three_days(self, world: World, browser: Browser, linh, link):
        days = "update invitations set expires_at = expires_at - cast(:d as interval)"
        for passed, status in (("2 d 23 h", 200), ("2 h", 410)):
            moved = days.replace(":d", f"'{passed}'")
            await execute(world, f"{moved} where user_id = :id", id=linh.id)
            assert (await browser.opens(link)).status == status
        assert Page(await browser.client.post(link, data={})).status == 410

    async def test_is_replaced_by_a_newer_one(self, world, browser, linh, link):
        newer = await invitation(world, linh)
        assert (await browser.opens(link)).status == 410
        assert (await sets(browser, newer, FRESH)).status == 200
        assert (await browser.opens(link)).status == 410, "the older one does not come back"

    async def test_is_worth_nothing_to_who_is_disabled(self, world, browser, linh, link):
        async with world.session() as session:
            user = await session.get_one(User, linh.id)
            user.disabled_at = user.created_at
        assert (await browser.opens(link)).status == 410
        sent = {"password": FRESH, "again": FRESH}
        assert Page(await browser.client.post(link, data=sent)).status == 410

    @pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "..%2f..", "é", "x" * 4000])
    async def test_that_was_made_up_is_worth_nothing(self, browser: Browser, token: str):
        answer = await browser.client.get(f"/oauth/invitations/{token}")
        assert answer.status_code in (404, 410, 422)

    async def test_of_several_who_use_it_at_once_one_succeeds(
        self, browser: Browser, portal: Portal, linh: Person, link: str
    ):
        chosen = [f"{FRESH} {word}" for word in ("một", "hai", "ba", "bốn", "năm")]
        answers = await asyncio.gather(
            *(browser.client.post(link, data={"password": one, "again": one}) for one in chosen)
        )
        statuses = [answer.status_code for answer in answers]
        assert Counter(statuses) == {200: 1, 410: 4}
        winner = chosen[statuses.index(200)]
        assert await lets_in(browser, portal, linh, winner)

    async def test_ends_what_was_begun_with_the_former_password(
        self, world: World, browser: Browser, linh: Person, link: str, linh_signed_in: SignedIn
    ):
        await sets(browser, link, FRESH)
        assert await linh_signed_in.calls() == 401
        refusal = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(refusal) == (400, "invalid_grant")
        assert await ends(world, linh) == ["password_changed"]

    async def test_is_kept_as_a_hash(self, world: World, link: str, linh: Person):
        (row,) = await execute(
            world, "select token_hash from invitations where user_id = :id", id=linh.id
        )
        assert link.rsplit("/", 1)[1].encode() not in bytes(row.token_hash)
        assert len(row.token_hash) == 32
