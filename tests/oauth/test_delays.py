"""Whoever guesses waits longer each time; whoever does not is let in, and nobody is kept out."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
import time_machine

from app.access.models import User
from app.accounts.passwords import Passwords
from tests.oauth.browser import Browser, Page
from tests.oauth.conftest import Opening
from tests.oauth.people import PASSWORD, Person, execute, noted, prolong_delays
from tests.oauth.programs import Portal, SignedIn
from tests.world import World

AUTHORIZE = "/oauth/authorize"


class Guesser:
    """Somebody at one address who tries passwords of an account."""

    def __init__(self, world: World, browser: Browser, portal: Portal, person: Person) -> None:
        self.world, self.browser, self.portal, self.person = world, browser, portal, person

    async def tries(self, password: str = "wrong", email: str | None = None) -> int:
        """The seconds that the page says to wait; 0 when the attempt was judged, -1 if let in."""
        await self.browser.opens(AUTHORIZE, self.portal.request())
        who = Person(self.person.id, email or self.person.email)
        page = await self.browser.signs_in(who, password)
        if page.status == 429:
            seconds = int(page.response.headers["retry-after"])
            assert f"Wait {seconds} seconds" in page.said
            return seconds
        assert page.status in (200, 403), page.said
        return -1 if page.status == 200 else 0

    async def waits(self) -> None:
        """As if all delays were over, and nothing were forgotten."""
        await execute(self.world, "update sign_in_delays set retry_at = now() - interval '1 s'")

    async def fails(self, times: int) -> None:
        """And comes again before the delay is over, however slow the machine is."""
        for _ in range(times):
            await self.waits()
            assert await self.tries() == 0
        await prolong_delays(self.world)

    async def delay(self) -> int:
        """Seconds that the last failure set."""
        (row,) = await execute(
            self.world,
            "select extract(epoch from retry_at - failed_at)::integer from sign_in_delays"
            " where failed_at = (select max(failed_at) from sign_in_delays)"
            " and retry_at > failed_at",
        )
        return int(row[0])


@pytest.fixture
def guesser(world: World, browser: Browser, portal: Portal, linh: Person) -> Guesser:
    return Guesser(world, browser, portal, linh)


@pytest.fixture
def elsewhere(world: World, browsers: Opening, portal: Portal, linh: Person) -> Guesser:
    return Guesser(world, browsers(world, **{"Accept-Language": "en"}), portal, linh)


async def test_five_mistakes_are_free_and_then_each_wait_is_twice_the_last(guesser: Guesser):
    assert [await guesser.tries() for _ in range(5)] == [0] * 5
    waits = []
    for _ in range(12):
        assert await guesser.tries() == 0
        waits.append(await guesser.delay())
        await guesser.waits()
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


async def test_while_one_waits_even_the_right_password_lets_nobody_in(guesser: Guesser):
    """Or else a guess would be judged."""
    await guesser.fails(7)
    assert await guesser.tries(PASSWORD) > 0
    await guesser.waits()
    assert await guesser.tries(PASSWORD) == -1


async def test_what_comes_too_soon_makes_the_wait_no_longer(guesser: Guesser):
    await guesser.fails(8)
    first = await guesser.tries()
    assert first <= 3604
    for _ in range(5):
        assert 0 < await guesser.tries() <= first


async def test_a_success_forgets_the_mistakes(guesser: Guesser):
    await guesser.fails(6)
    await guesser.waits()
    assert await guesser.tries(PASSWORD) == -1
    guesser.browser.client.cookies.clear()
    assert [await guesser.tries() for _ in range(5)] == [0] * 5


async def test_a_day_forgets_the_mistakes(guesser: Guesser):
    await guesser.fails(9)
    a_day = "update sign_in_delays set failed_at = now() - interval '25 h', retry_at = now()"
    await execute(guesser.world, a_day)
    assert [await guesser.tries() for _ in range(5)] == [0] * 5


async def test_who_comes_from_elsewhere_is_not_slowed(guesser: Guesser, elsewhere: Guesser):
    await guesser.fails(9)
    assert await guesser.tries() > 0
    assert await elsewhere.tries(PASSWORD) == -1


async def test_other_accounts_are_not_slowed(world: World, guesser: Guesser, linh: Person):
    await guesser.fails(9)
    assert await guesser.tries(email=f"other-{linh.email}") == 0


async def test_one_account_has_one_count_however_its_address_is_written(
    guesser: Guesser, linh: Person
):
    """PostgreSQL takes a dotted capital I for an i, and Python for an i and a dot."""
    stem = linh.email.removesuffix("@test.example")
    async with guesser.world.session() as session:
        (await session.get_one(User, linh.id)).email = f"i{stem}ii@test.example"
    ways = ["i{}ii", "İ{}ii", "i{}İi", "i{}iİ", "İ{}İİ", "I{}II"]
    emails = [f"{way.format(stem)}@test.example" for way in ways]
    assert [await guesser.tries(email=email) for email in emails] == [0] * 6
    await prolong_delays(guesser.world)
    assert await guesser.tries(email=emails[1]) > 0
    await guesser.waits()
    assert await guesser.tries(PASSWORD, email=emails[1]) == -1


async def test_a_network_of_64_bits_is_one_place(
    world: World, browsers: Opening, portal: Portal, linh: Person
):
    place = "2001:db8:7:7"
    one = browsers(world, f"{place}::1", **{"Accept-Language": "en"})
    other = browsers(world, f"{place}::2", **{"Accept-Language": "en"})
    await Guesser(world, one, portal, linh).fails(7)
    assert await Guesser(world, other, portal, linh).tries() > 0


class TestKnownDevice:
    @pytest.fixture
    async def at_home(self, guesser: Guesser) -> Guesser:
        """Linh has signed in from this browser before."""
        assert await guesser.tries(PASSWORD) == -1
        return guesser

    async def test_is_not_slowed_by_who_guesses_elsewhere(
        self, at_home: Guesser, elsewhere: Guesser
    ):
        await elsewhere.fails(9)
        everywhere = "update sign_in_delays set failures = 1000, retry_at = now() + interval '1 h'"
        await execute(at_home.world, everywhere)
        assert await elsewhere.tries() > 0
        assert await at_home.tries(PASSWORD) == -1

    async def test_is_slowed_when_it_guesses_itself(self, at_home: Guesser):
        await at_home.fails(6)
        assert await at_home.tries() > 0

    async def test_is_known_for_its_own_account_alone(
        self, at_home: Guesser, elsewhere: Guesser, linh: Person
    ):
        """Whoever has an account of their own does not come nearer to another's with it."""
        other = f"other-{linh.email}"
        await elsewhere.fails(1)
        for _ in range(6):
            await at_home.tries(email=other)
        await prolong_delays(at_home.world)
        assert await at_home.tries(email=other) > 0
        assert await at_home.tries(PASSWORD) == -1

    async def test_is_not_made_up(self, at_home: Guesser, elsewhere: Guesser):
        for made_up in ("x", "é", "x" * 200, at_home.browser.page.flow):
            headers = {"Cookie": f"banggiao-device={made_up}".encode("latin-1")}
            answer = await elsewhere.browser.client.get("/oauth/account", headers=headers)
            assert answer.status_code == 200
        name = "banggiao-device"
        elsewhere.browser.client.cookies.set(name, at_home.browser.page.flow)
        await elsewhere.fails(6)
        assert await elsewhere.tries() > 0


async def test_guesses_from_many_places_slow_the_account_but_never_for_good(
    world: World, guesser: Guesser, elsewhere: Guesser
):
    await guesser.fails(1)
    many = "update sign_in_delays set failures = 100000, failed_at = now(), retry_at = now()"
    await execute(world, many)
    assert await elsewhere.tries() == 0
    assert 0 < await elsewhere.tries() <= 60, "a minute at most"
    for _ in range(6):
        assert 0 < await elsewhere.tries() <= 60
    await guesser.waits()
    assert await elsewhere.tries() == 0
    assert await elsewhere.tries() > 30, "the account's; the place's own would be shorter by far"
    await guesser.waits()
    assert await elsewhere.tries(PASSWORD) == -1


async def test_attempts_at_once_do_not_slip_through_together(
    world: World, guesser: Guesser, browsers: Opening, monkeypatch: pytest.MonkeyPatch
):
    judged = Counter[str]()
    verified = Passwords._verified

    def counted(self: Passwords, known: str, password: str) -> bool:
        judged[password] += 1
        return verified(self, known, password)

    monkeypatch.setattr(Passwords, "_verified", counted)
    await guesser.fails(9)
    await guesser.waits()
    judged.clear()
    browser = guesser.browser
    page = await browser.opens(AUTHORIZE, guesser.portal.request())
    form = {"flow": page.flow, "email": guesser.person.email}

    async def guess(n: int) -> Page:
        data = form | {"password": f"guess {n}"}
        return Page(await browser.client.post("/oauth/sign-in", data=data))

    pages = await asyncio.gather(*(guess(n) for n in range(20)))
    statuses = Counter(page.status for page in pages)
    assert judged.total() == statuses[403] == 1
    assert statuses[429] == 19


async def test_one_address_tries_only_so_often_whatever_accounts_it_tries(
    guesser: Guesser, linh: Person
):
    with time_machine.travel(datetime.now(UTC), tick=False):
        answers = [await guesser.tries(email=f"{n}-{linh.email}") for n in range(31)]
    assert answers[:30] == [0] * 30
    assert answers[30] > 0


async def test_refused_passwords_are_in_the_audit(guesser: Guesser, linh: Person):
    await guesser.fails(2)
    assert await noted(guesser.world, linh.id) == ["wrong password"] * 2


async def test_who_is_signed_in_goes_on_while_others_guess(
    linh_signed_in: SignedIn, elsewhere: Guesser
):
    await elsewhere.fails(9)
    assert await linh_signed_in.calls() == 200
    assert (await linh_signed_in.portal.refreshes(linh_signed_in.refresh)).status_code == 200
