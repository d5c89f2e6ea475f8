"""Passwords as NIST SP 800-63B-4 has them, set by a link that is good once, and changed at will."""

from collections import Counter
from unicodedata import normalize

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.access.models import User
from app.accounts.passwords import Passwords
from tests.oauth.browser import Browser, Page
from tests.oauth.people import (
    FRESH,
    PASSWORD,
    Person,
    ends,
    execute,
    hashed,
    invitation,
    noted,
    person,
    prolong_delays,
)
from tests.oauth.programs import Portal, SignedIn, lets_in, refused, sets
from tests.world import World

AUTHORIZE = "/oauth/authorize"


class TestRules:
    @pytest.mark.parametrize(
        "password",
        [
            "mèo vàng gió 7z",
            "Zq8#vLw2!xKp9@R",
            "   quả   lê   rơi   xuống   giếng   ",
            "🦉🍋🚲🌋🧦🪁🎻🧂🦔🌂🪵🧲🥝🛶🪐",
            "пятнадцать сов летят",
            "正確的馬電池訂書釘三月雨後彩虹",
            f"{FRESH} {'và một con cá bơi ngược dòng ' * 3}",
            "quả lê rơi xuống " + "".join(chr(0x4E00 + 97 * n) for n in range(200)),
        ],
        ids=["15", "signs", "spaces", "pictures", "Cyrillic", "Chinese", "long", "very long"],
    )
    async def test_whatever_is_long_and_hard_to_guess_is_taken(
        self, browser: Browser, portal: Portal, linh: Person, link: str, password: str
    ):
        page = await sets(browser, link, password)
        assert (page.status, "The password is set" in page.said) == (200, True)
        assert await lets_in(browser, portal, linh, password)
        assert not await lets_in(browser, portal, linh, password[:-1])
        assert not await lets_in(browser, portal, linh, PASSWORD)

    async def test_of_two_ways_to_write_a_letter_either_will_do(
        self, browser: Browser, portal: Portal, linh: Person, link: str
    ):
        """Keyboards differ in how they write Vietnamese."""
        composed, decomposed = normalize("NFC", FRESH), normalize("NFD", FRESH)
        assert composed != decomposed
        assert (await sets(browser, link, decomposed)).status == 200
        assert await lets_in(browser, portal, linh, composed)
        assert await lets_in(browser, portal, linh, decomposed)

    @pytest.mark.parametrize("password", ["", "x", "mèo vàng gió 7", normalize("NFD", "ế" * 14)])
    async def test_fewer_than_fifteen_characters_are_refused(
        self, browser: Browser, portal: Portal, linh: Person, link: str, password: str
    ):
        page = await sets(browser, link, password)
        assert page.status == 422
        assert "too short: use at least 15 characters" in page.said
        assert await lets_in(browser, portal, linh, PASSWORD), "the former one is still good"

    async def test_more_than_256_characters_are_refused_and_never_cut(
        self, browser: Browser, portal: Portal, linh: Person, link: str
    ):
        long = FRESH + "".join(chr(0x4E00 + 97 * n) for n in range(256 - len(FRESH)))
        page = await sets(browser, link, f"{long}x")
        assert (page.status, "too long" in page.said) == (422, True)
        assert (await sets(browser, link, long)).status == 200
        assert not await lets_in(browser, portal, linh, f"{long[:-1]}x")
        assert await lets_in(browser, portal, linh, long)

    @pytest.mark.parametrize(
        "password",
        [
            "aaaaaaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabcabc",
            "123456789012345678",
            "passwordpassword",
            "Password123456789",
            "qwertyuiopasdfgh",
            "học viện ngoại giao",
            "HocVienNgoaiGiao2026",
            "Học viện Ngoại giao Việt Nam",
            "Bộ Ngoại giao Hà Nội",
            "Diplomatic Academy 1",
            "banggiao banggiao",
            "Nguyễn Thị Phương Thảo",
            "nguyenthiphuongthao1",
            "phuongthao.nguyen@{}.example",
            "mật khẩu mật khẩu",
            "               ",
        ],
    )
    async def test_what_others_think_of_first_is_refused(
        self, world: World, browser: Browser, password: str
    ):
        hanoi = await world.organization("hanoi")
        thao = await person(
            world,
            ("coordinator", hanoi),
            name="Nguyễn Thị Phương Thảo",
            email=f"phuongthao.nguyen@{hanoi}.example",
        )
        password = password.format(hanoi)
        page = await sets(browser, await invitation(world, thao), password)
        assert (page.status, "too easy to guess" in page.said) == (422, True)

    async def test_both_must_be_the_same(self, browser: Browser, link: str):
        page = await sets(browser, link, FRESH, f"{FRESH} ")
        assert (page.status, "not the same" in page.said) == (422, True)


class TestChange:
    @pytest.fixture
    async def at_account(self, browser: Browser, linh: Person) -> Page:
        await browser.opens("/oauth/account")
        return await browser.signs_in(linh)

    async def test_ends_every_sign_in(
        self,
        world: World,
        browser: Browser,
        linh: Person,
        linh_signed_in: SignedIn,
        at_account: Page,
    ):
        form = {"present": PASSWORD, "password": FRESH, "again": FRESH}
        page = await browser.sends("/oauth/account/password", at_account, **form)
        assert "The password is changed" in page.said
        assert await linh_signed_in.calls() == 401
        refusal = await linh_signed_in.portal.refreshes(linh_signed_in.refresh)
        assert refused(refusal) == (400, "invalid_grant")
        assert await ends(world, linh) == ["password_changed"]
        portal = linh_signed_in.portal
        assert not await lets_in(browser, portal, linh, PASSWORD)
        assert await lets_in(browser, portal, linh, FRESH)

    async def test_can_be_followed_by_another(self, browser: Browser, at_account: Page):
        """Whoever changed it goes on from the same page."""
        form = {"present": PASSWORD, "password": FRESH, "again": FRESH}
        await browser.sends("/oauth/account/password", at_account, **form)
        form = {"present": FRESH, "password": f"{FRESH} xa", "again": f"{FRESH} xa"}
        page = await browser.sends("/oauth/account/password", **form)
        assert "The password is changed" in page.said

    async def test_needs_the_present_password(
        self, world: World, browser: Browser, portal: Portal, linh: Person, at_account: Page
    ):
        form = {"present": "wrong", "password": FRESH, "again": FRESH}
        page = await browser.sends("/oauth/account/password", at_account, **form)
        assert page.status == 403
        assert "The current password is not right" in page.said
        assert await noted(world, linh.id) == ["wrong password"]
        assert await lets_in(browser, portal, linh, PASSWORD)

    async def test_is_slowed_for_who_guesses_the_present_one(
        self, world: World, browser: Browser, at_account: Page
    ):
        """Somebody left their browser open."""
        guess = {"password": FRESH, "again": FRESH}
        for n in range(6):
            await browser.sends("/oauth/account/password", at_account, present=f"{n}", **guess)
        await prolong_delays(world)
        page = await browser.sends("/oauth/account/password", at_account, present=PASSWORD, **guess)
        assert page.status in (403, 429)
        assert "is changed" not in page.said

    async def test_keeps_the_rules(self, browser: Browser, at_account: Page):
        form = {"present": PASSWORD, "password": "short", "again": "short"}
        page = await browser.sends("/oauth/account/password", at_account, **form)
        assert (page.status, "too short" in page.said) == (422, True)


class TestSignIn:
    async def test_an_unknown_account_and_a_wrong_password_are_answered_alike(
        self, world: World, browser: Browser, portal: Portal, linh: Person, monkeypatch
    ):
        disabled = await person(world)
        async with world.session() as session:
            user = await session.get_one(User, disabled.id)
            user.disabled_at = user.created_at
        hashes = Counter[bool]()
        verified = Passwords._verified

        def counted(self: Passwords, known: str, password: str) -> bool:
            hashes[known == hashed()] += 1
            return verified(self, known, password)

        monkeypatch.setattr(Passwords, "_verified", counted)
        nobody = Person(linh.id, f"nobody-{linh.email}")
        answers = []
        for who, password in ((linh, "wrong"), (nobody, "wrong"), (disabled, PASSWORD)):
            await browser.opens(AUTHORIZE, portal.request())
            page = await browser.signs_in(who, password)
            said = page.html.replace(who.email, "").replace(page.flow, "")
            answers.append((page.status, said, sorted(page.response.headers.keys())))
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == 403
        assert hashes == {True: 1, False: 2}, "each takes the time of one hash"

    async def test_who_was_invited_and_has_no_password_yet_is_not_let_in(
        self, world: World, browser: Browser, portal: Portal, linh: Person
    ):
        async with world.session() as session:
            newcomer = User(email=f"new-{linh.email}", name="Mới")
            session.add(newcomer)
        for password in ("", "x", "None"):
            new = Person(linh.id, f"new-{linh.email}")
            assert not await lets_in(browser, portal, new, password)

    async def test_the_address_is_written_as_one_likes(self, browser, portal, linh):
        for email in (linh.email.upper(), f"  {linh.email} ", linh.email.title()):
            assert await lets_in(browser, portal, Person(linh.id, email), PASSWORD)

    async def test_a_hash_of_former_parameters_is_made_anew_when_it_is_used(
        self, world: World, browser: Browser, portal: Portal, linh: Person, linh_signed_in
    ):
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        change = "update passwords set hash = :hash where user_id = :id"
        await execute(world, change, hash=weak, id=linh.id)
        assert not await lets_in(browser, portal, linh, "wrong")
        assert await hash_of(world, linh) == weak
        assert await lets_in(browser, portal, linh, PASSWORD)
        fresh = extract_parameters(await hash_of(world, linh))
        assert (fresh.time_cost, fresh.memory_cost, fresh.parallelism) == (2, 19 * 1024, 1)
        assert await linh_signed_in.calls() == 200, "it is the same password"
        again = await hash_of(world, linh)
        assert await lets_in(browser, portal, linh, PASSWORD)
        assert await hash_of(world, linh) == again

    async def test_passwords_are_not_in_the_audit(self, world: World, browser, linh, academy, link):
        await sets(browser, link, FRESH)
        entries = await academy.get(f"/audit-entries?row={linh.id}")
        assert entries.status_code == 200
        (told,) = [e for e in entries.json()["items"] if e["table_name"] == "passwords"]
        assert told["operation"] == "update"
        assert "argon2" not in entries.text
        assert FRESH not in entries.text


async def hash_of(world: World, person: Person) -> str:
    (row,) = await execute(world, "select hash from passwords where user_id = :i", i=person.id)
    return str(row.hash)
