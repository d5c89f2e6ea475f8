"""Invitations: a link by mail, with which a user chooses a password."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from app.accounts import mail
from tests.accounts.conftest import Mailing
from tests.accounts.post_office import (
    ELSEWHERE,
    HERE,
    LOGIN,
    PostOffice,
    answering,
    certificate,
    open_for_mail,
    text_of,
)
from tests.accounts.steps import add_user, at_a_browser, coordinator, give_role
from tests.oauth.browser import Browser
from tests.oauth.people import PASSWORD, Person, execute, invitation
from tests.service import free_port
from tests.world import Somebody, World, problem

NOT_TAKEN = (503, "mail-not-taken")


async def invites(world: World, user: object) -> tuple[int, str]:
    """Status, and the type of the refusal where it is one."""
    admin = await world.somebody("academy_admin")
    answer = await admin.post(f"/users/{user}/invite")
    return (200, "") if answer.status_code == 200 else problem(answer)


async def made(world: World, user: object) -> int:
    """How many invitations there are of the user."""
    (row,) = await execute(
        world, "select count(*) from invitations where user_id = cast(:id as uuid)", id=str(user)
    )
    return int(row[0])


@asynccontextmanager
async def down() -> AsyncIterator[int]:
    yield free_port()


class TestALetter:
    async def test_is_in_both_languages_and_leads_to_where_a_password_is_chosen(
        self, mailed: World, office: PostOffice
    ):
        admin = await mailed.somebody("academy_admin")
        user = await add_user(admin, name="Nguyễn Đức {Hoà} %s")
        await give_role(admin, user["id"], await mailed.organization("hanoi"))
        sent = await admin.post(f"/users/{user['id']}/invite")
        assert sent.json()["sent_to"] == user["email"]
        assert sent.json()["expires_at"] > user["created_at"]

        ((to, letter),) = office.letters
        assert to == [user["email"]] == [str(letter["To"])]
        assert letter["From"] == "Bang Giao <banggiao@academy.example>"
        assert letter["Subject"] == (
            "Bang Giao: đặt mật khẩu của bạn / Bang Giao: choose your password"
        )
        assert letter["Date"] is not None
        assert str(letter["Message-ID"]).endswith("@academy.example>")
        said = text_of(letter)
        assert "Chào Nguyễn Đức {Hoà} %s," in said
        assert "Dear Nguyễn Đức {Hoà} %s," in said
        assert said.count(f"http://127.0.0.1:8000{office.link()}") == 2

        async with Browser.somewhere(mailed.app) as browser:
            page = await browser.opens(office.link())
            assert (page.status, user["email"] in page.said) == (200, True)
            done = await browser.sends(office.link(), password=PASSWORD, again=PASSWORD)
            assert done.status == 200
            assert (await browser.opens(office.link())).status == 410, "it is good once"
        now = await at_a_browser(mailed, Person(user["id"], user["email"]))
        assert await now.calls() == 200

    async def test_is_in_seven_bits_as_every_server_takes_it(
        self, mailed: World, office: PostOffice
    ):
        linh = await coordinator(mailed)
        assert await invites(mailed, linh.id) == (200, "")
        office.letters[0][1].as_bytes().decode("ascii")

    async def test_makes_the_former_link_good_no_more(self, mailed: World, office: PostOffice):
        linh = await coordinator(mailed)
        links = []
        for _ in range(2):
            assert await invites(mailed, linh.id) == (200, "")
            links.append(f"http://test{office.link()}")
        opened = [(await mailed.anonymous.get(link)).status_code for link in links]
        assert opened == [410, 200]

    async def test_is_not_sent_again_when_the_request_is(self, mailed: World, office: PostOffice):
        admin, linh = await mailed.somebody("academy_admin"), await coordinator(mailed)
        key = {"Idempotency-Key": uuid4().hex}
        answers = [await admin.post(f"/users/{linh.id}/invite", headers=key) for _ in range(2)]
        assert answers[0].content == answers[1].content
        assert len(office.letters) == 1

    @pytest.mark.parametrize(
        "email",
        ["a,mallory@{}.example", "<mallory@{}.example", "\":[';@{}.example", "a(b@{}.exa)mple"],
    )
    async def test_goes_to_nobody_whose_address_could_be_read_as_anothers(
        self, mailed: World, office: PostOffice, email: str
    ):
        admin = await mailed.somebody("academy_admin")
        user = await add_user(admin, email=email.format(uuid4().hex))
        assert await invites(mailed, user["id"]) == NOT_TAKEN
        assert office.letters == []

    async def test_is_not_sent_to_who_is_kept_out(self, mailed: World, office: PostOffice):
        admin, linh = await mailed.somebody("academy_admin"), await coordinator(mailed)
        await admin.post(f"/users/{linh.id}/disable")
        assert await invites(mailed, linh.id) == (409, "user-disabled")
        assert office.letters == []


class TestAServer:
    @pytest.mark.parametrize(
        "answers",
        [
            {"MAIL": "530 5.7.0 Authentication required"},
            {"RCPT": "550 5.1.1 Unknown"},
            {"DATA": "451 4.3.0 Later"},
            {"DATA": "nonsense"},
        ],
        ids=str,
    )
    async def test_that_refuses_a_letter_leaves_everything_as_it_was(
        self, mailed: World, office: PostOffice, answers: dict[str, str]
    ):
        linh = await coordinator(mailed)
        former = await invitation(mailed, linh)
        office.answers = answers
        assert await invites(mailed, linh.id) == NOT_TAKEN
        assert await made(mailed, linh.id) == 1
        assert (await mailed.anonymous.get(f"http://test{former}")).status_code == 200
        office.answers = {}
        assert await invites(mailed, linh.id) == (200, "")

    @pytest.mark.parametrize(
        "line",
        [down(), answering(b""), answering(b"HTTP/1.1 400\r\n\r\n"), answering(b"554 No\r\n")],
        ids=["is down", "hangs up", "is something else", "wants nobody"],
    )
    async def test_that_cannot_be_used_leaves_everything_as_it_was(
        self, mailing: Mailing, line: AbstractAsyncContextManager[int]
    ):
        async with line as port, mailing(f"smtp://{HERE}:{port}") as world:
            linh = await coordinator(world)
            former = await invitation(world, linh)
            assert await invites(world, linh.id) == NOT_TAKEN
            assert await made(world, linh.id) == 1
            assert (await world.anonymous.get(f"http://test{former}")).status_code == 200

    async def test_that_says_nothing_is_not_waited_for_long(
        self, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(mail, "SECONDS", 0.2)
        async with answering(None) as port, mailing(f"smtp://{HERE}:{port}") as world:
            linh = await coordinator(world)
            assert await invites(world, linh.id) == NOT_TAKEN
            assert await made(world, linh.id) == 0

    @pytest.mark.parametrize(
        "url", ["smtp://nowhere.invalid", f"smtp://{HERE}:no", "smtp://a..b", "smtp://[::"]
    )
    async def test_that_is_nowhere_is_no_mistake_of_the_service(self, mailing: Mailing, url: str):
        async with mailing(url) as world:
            linh = await coordinator(world)
            assert await invites(world, linh.id) == NOT_TAKEN

    async def test_that_is_not_configured_leaves_it_to_the_command(
        self, world: World, academy: Somebody
    ):
        linh = await coordinator(world)
        for language in ("vi", "en"):
            refusal = await academy.post(
                f"/users/{linh.id}/invite", headers={"Accept-Language": language}
            )
            assert problem(refusal) == (409, "mail-not-configured")
            assert f"banggiao users invite {linh.email}" in refusal.json()["detail"]
        assert await made(world, linh.id) == 0


class TestAPassword:
    async def test_is_shown_to_a_server_on_the_same_machine(
        self, office: PostOffice, mailing: Mailing
    ):
        async with open_for_mail(office, auth_require_tls=False) as port:
            for host in (HERE, "localhost"):
                async with mailing(f"smtp://{LOGIN}{host}:{port}") as world:
                    assert await invites(world, (await coordinator(world)).id) == (200, "")
        assert set(office.passwords) == {b"p/ss:w rd"}

    async def test_that_is_wrong_sends_nothing(self, office: PostOffice, mailing: Mailing):
        for login in ("bang%40giao:wrong@", "bang%40giao:m%E1%BA%ADt@"):
            async with (
                open_for_mail(office, auth_require_tls=False) as port,
                mailing(f"smtp://{login}{HERE}:{port}") as world,
            ):
                assert await invites(world, (await coordinator(world)).id) == NOT_TAKEN
        assert office.letters == []

    async def test_never_goes_over_the_net_for_everybody_to_read(
        self, office: PostOffice, mailing: Mailing
    ):
        async with (
            open_for_mail(office, auth_require_tls=False) as port,
            mailing(f"smtp://{LOGIN}{ELSEWHERE}:{port}") as world,
        ):
            assert await invites(world, (await coordinator(world)).id) == NOT_TAKEN
        assert office.passwords == office.letters == []

    @pytest.mark.parametrize("scheme", ["smtp", "smtps"])
    async def test_goes_over_tls_to_the_server_that_the_certificate_names(
        self,
        office: PostOffice,
        mailing: Mailing,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        scheme: str,
    ):
        tls, believed = certificate(tmp_path, ELSEWHERE)
        first = scheme == "smtps"
        line = {"wrapped": tls, "auth_require_tls": False} if first else {"tls_context": tls}
        async with (
            open_for_mail(office, **line) as port,
            mailing(f"{scheme}://{LOGIN}{ELSEWHERE}:{port}") as world,
        ):
            linh = await coordinator(world)
            assert await invites(world, linh.id) == NOT_TAKEN, "nobody vouches for it"
            assert office.passwords == []
            monkeypatch.setenv("SSL_CERT_FILE", str(believed))
            assert await invites(world, linh.id) == (200, "")
        assert office.passwords == [b"p/ss:w rd"]

    async def test_is_shown_to_nobody_whose_certificate_is_anothers(
        self,
        office: PostOffice,
        mailing: Mailing,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ):
        tls, believed = certificate(tmp_path, "192.0.2.1")
        monkeypatch.setenv("SSL_CERT_FILE", str(believed))
        async with (
            open_for_mail(office, tls_context=tls) as port,
            mailing(f"smtp://{LOGIN}{ELSEWHERE}:{port}") as world,
        ):
            assert await invites(world, (await coordinator(world)).id) == NOT_TAKEN
        assert office.passwords == []

    async def test_reaches_a_server_on_the_same_machine_whatever_its_certificate_says(
        self, office: PostOffice, mailing: Mailing, tmp_path: Path
    ):
        tls, _ = certificate(tmp_path, "192.0.2.1")
        async with (
            open_for_mail(office, tls_context=tls, require_starttls=True) as port,
            mailing(f"smtp://{LOGIN}{HERE}:{port}") as world,
        ):
            assert await invites(world, (await coordinator(world)).id) == (200, "")
        assert office.passwords == [b"p/ss:w rd"]
