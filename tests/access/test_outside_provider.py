"""A certified OpenID provider's tokens, got as a portal gets them, let its people in."""

import asyncio
import base64
import hashlib
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from app.core.config import Settings
from app.main import create_app
from tests.access.elsewhere import LOOK, assert_refused
from tests.world import World, running

HERE = Path(__file__).parent / "oidc_provider"
PORTAL = "https://portal.example/callback"
VOUCHED = {"groups": ["/staff", "/training/coordinators"], "unit": {"code": "01"}, "name": "An"}
ACCOUNTS = {
    "an": VOUCHED,
    "guest": {"groups": ["/staff"], "unit": {"code": "01"}},
    "robot": VOUCHED,
}

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js"),
    pytest.mark.skipif(
        not (HERE / "node_modules").is_dir(),
        reason="needs the provider: npm ci --ignore-scripts --prefix tests/access/oidc_provider",
    ),
]


@asynccontextmanager
async def provider() -> AsyncIterator[str]:
    """Its address, for as long as it runs."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", "provider.mjs", json.dumps(ACCOUNTS), cwd=HERE, stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()  # with which it ends
        await process.communicate()


class Portal:
    """A program of the provider's, in which people sign in, and the service that it calls."""

    def __init__(self, issuer: str, browser: AsyncClient, world: World) -> None:
        self.issuer, self.browser, self.world = issuer, browser, world

    async def sign_in(self, account: str, resource: str) -> dict[str, Any]:
        """Authorization code with PKCE, through the provider's own pages."""
        self.browser.cookies.clear()
        verifier = secrets.token_urlsafe(32)
        hashed = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "client_id": "portal",
            "response_type": "code",
            "redirect_uri": PORTAL,
            "scope": "openid",
            "resource": resource,
            "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        page = await self._follow(await self.browser.get(f"{self.issuer}/auth", params=asked))
        filled = {"prompt": "login", "login": account, "password": "any"}
        page = await self._follow(await self.browser.post(page, data=filled))
        back = await self._follow(await self.browser.post(page, data={"prompt": "consent"}))
        assert back.startswith(PORTAL), back
        return await self.token(
            client_id="portal",
            grant_type="authorization_code",
            code=parse_qs(urlsplit(back).query)["code"][0],
            redirect_uri=PORTAL,
            code_verifier=verifier,
            resource=resource,
        )

    async def _follow(self, response: Response) -> str:
        """Where redirections lead: to a page to fill in, or back to the portal."""
        while response.is_redirect:
            to = urljoin(str(response.url), response.headers["Location"])
            if to.startswith(PORTAL):
                return to
            response = await self.browser.get(to)
        assert response.status_code == 200, response.text
        return str(response.url)

    async def token(self, **form: str) -> dict[str, Any]:
        answer = await self.browser.post(f"{self.issuer}/token", data=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def call(self, token: str, path: str = LOOK) -> Response:
        headers = {"Authorization": f"Bearer {token}"}
        response: Response = await self.world.anonymous.get(path, headers=headers)
        return response


@pytest.fixture
async def hanoi_code(world: World) -> str:
    id = await world.organization("hanoi")
    async with world.session() as session:
        found = text("select code from organizations where id = :id")
        return str(await session.scalar(found, {"id": id}))


@pytest.fixture
async def portal(settings: Settings, hanoi_code: str) -> AsyncIterator[Portal]:
    async with provider() as issuer, AsyncClient() as browser:
        described = {
            "issuer": issuer,
            "audience": "banggiao",
            "role_claim": "groups",
            "organization_claim": "unit.code",
            "roles": {"/training/coordinators": "coordinator"},
            "organizations": {"01": hanoi_code},
        }
        issuers = Settings(issuers=[described]).issuers
        app = create_app(settings.model_copy(update={"issuers": issuers}))
        async with running(app), World(app) as world:
            yield Portal(issuer, browser, world)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_whoever_signed_in_there_is_let_in_here(portal: Portal, algorithm: str):
    got = await portal.sign_in("an", f"https://banggiao.example/{algorithm}")
    headers = {"Authorization": f"Bearer {got['access_token']}"}
    body = {"code": "P-1", "name_vi": "Phòng", "name_en": "Division"}
    made = await portal.world.anonymous.post("/units", json=body, headers=headers)
    assert made.status_code == 201, made.text
    async with portal.world.session() as session:
        row = (
            await session.execute(
                text(
                    "select u.id, u.name, m.role from users u"
                    " join identities i on i.user_id = u.id join memberships m on m.user_id = u.id"
                    " where i.issuer = :issuer and i.subject = 'an'"
                ),
                {"issuer": portal.issuer},
            )
        ).one()
        wrote = text("select actor from audit_entries where row_id = :id")
        actor = await session.scalar(wrote, {"id": UUID(made.json()["id"])})
    assert (row.name, row.role) == ("An", "coordinator")
    assert actor == f"coordinator:{row.id}"


async def test_what_it_issues_for_other_ends_lets_nobody_in(portal: Portal):
    got = await portal.sign_in("an", "https://banggiao.example/RS256")
    assert_refused(await portal.call(got["id_token"]))
    guest = await portal.sign_in("guest", "https://banggiao.example/RS256")
    assert_refused(await portal.call(guest["access_token"]))
    robot = await portal.token(
        grant_type="client_credentials",
        client_id="robot",
        client_secret="of a robot",
        resource="https://banggiao.example/RS256",
    )
    assert_refused(await portal.call(robot["access_token"]))
    assert (await portal.call(got["access_token"])).status_code == 200
