"""Who works for the Academy shows a second proof, where an installation asks for it."""

from collections.abc import AsyncIterator

import pytest

from app.access.models import Membership
from app.core.config import Settings
from app.main import create_app
from tests.oauth.browser import Page
from tests.oauth.conftest import Opening
from tests.oauth.people import Authenticator, change, execute, person
from tests.oauth.programs import Portal, code_of
from tests.world import World, running

AUTHORIZE = "/oauth/authorize"


class TestWhereItIsRequired:
    @pytest.fixture
    async def strict(self, settings: Settings, world: World) -> AsyncIterator[World]:
        """A service that asks who works for the Academy for a code."""
        app = create_app(settings.model_copy(update={"second_factor_required": True}))
        async with running(app), World(app) as strict:
            yield strict

    @pytest.mark.parametrize("role", ["academy_admin", "academy_staff", "auditor"])
    async def test_who_works_for_the_academy_sets_it_up_before_anything_else(
        self, strict: World, browsers: Opening, role: str
    ):
        portal = await Portal(strict).opened()
        staff = await person(strict, (role, await strict.academy()))
        browser = browsers(strict, **{"Accept-Language": "en"})
        await browser.opens(AUTHORIZE, portal.request())
        page = await browser.signs_in(staff)
        assert "/oauth/authenticator" in page.forms
        sent = {"flow": page.flow, "membership": str(staff.memberships[0]), "decision": "allow"}
        for step in ("consent", "continue"):
            assert Page(await browser.client.post(f"/oauth/{step}", data=sent)).status == 400

        key = page.key
        page = await browser.sends("/oauth/authenticator", code="000000")
        assert (page.status, page.key) == (403, key), "the key stays while one mistypes"
        page = await browser.sends("/oauth/authenticator", code=Authenticator(key).shows())
        assert len(page.recovery_codes) == 10
        await browser.sends("/oauth/continue")
        issued = await portal.exchanges((await browser.allows())["code"])
        assert issued.status_code == 200
        (row,) = await execute(
            strict, "select method from sign_ins where user_id = :id", id=staff.id
        )
        assert row.method == "password_and_code"

    @pytest.mark.parametrize("role", ["coordinator", "viewer", "instructor"])
    async def test_others_go_on_with_their_password(
        self, strict: World, browsers: Opening, role: str
    ):
        portal = await Portal(strict).opened()
        somebody = await person(strict, (role, await strict.organization("hanoi")))
        code = await code_of(browsers(strict), portal, somebody)
        assert (await portal.exchanges(code)).status_code == 200

    async def test_who_joins_the_academy_after_the_approval_is_asked_too(
        self, strict: World, browsers: Opening
    ):
        portal = await Portal(strict).opened()
        somebody = await person(strict, ("viewer", await strict.academy()))
        code = await code_of(browsers(strict), portal, somebody)
        mine = Membership.id == somebody.memberships[0]
        await change(strict, Membership, mine, role="academy_staff")
        assert (await portal.exchanges(code)).status_code == 400
