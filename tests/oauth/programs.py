"""Programs: those that call by themselves, and those that send people to sign in."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from httpx import Response
from jose import jwt

from app.access.models import Client, ClientKey
from app.access.tokens import SigningKey
from app.oauth.clients import ASSERTION_TYPE
from tests.oauth.browser import Browser, Page
from tests.oauth.people import Person
from tests.world import World

TOKEN = "http://test/oauth/token"
REVOKE = "http://test/oauth/revoke"
GRANT = {"grant_type": "client_credentials"}


class Program:
    """A client with a secret and a key of its own."""

    def __init__(self, world: World, name: str = "") -> None:
        self.world = world
        self.name = name or f"hr-{uuid4().hex}"
        self.secret = token_urlsafe(32)
        self.key = SigningKey.generate()

    async def register(self, organization: UUID, *scopes: str) -> None:
        async with self.world.session() as session:
            client = Client(name=self.name, organization_id=organization, scopes=list(scopes))
            session.add(client)
            await session.flush()
            self.id = client.id
            session.add(ClientKey(client_id=client.id, secret_hash=hash_of(self.secret)))
            session.add(ClientKey(client_id=client.id, public_jwk=self.key.public_jwk()))

    async def with_secret(self, secret: str | None = None, **form: str) -> Response:
        basic = (self.name, secret or self.secret)
        return await self.world.anonymous.post(TOKEN, data=GRANT | form, auth=basic)

    async def with_assertion(self, assertion: str, **form: str) -> Response:
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        return await self.world.anonymous.post(TOKEN, data=GRANT | proof | form)

    def assertion(self, key: SigningKey | None = None, **claims: Any) -> str:
        """Signed by the program's key, or by another, and right but for what is said."""
        key = key or self.key
        issuer = self.world.app.state.settings.public_url
        ours = {"iss": self.name, "sub": self.name, "aud": issuer, "jti": uuid4().hex}
        ours["exp"] = int(time()) + 60
        return str(jwt.encode(ours | claims, key.signer, "ES256", {"kid": key.kid}))


class Portal(Program):
    """A program that people use; `proof` is how it proves itself: "none", "secret" or "key"."""

    def __init__(self, world: World, proof: str = "none", name: str = "") -> None:
        super().__init__(world, name)
        self.proof = proof
        self.redirect_uri = f"https://{uuid4().hex}.example/signed-in"
        self.verifier = token_urlsafe(32)
        self._line = Browser.somewhere(world.app).client

    async def opened(self, organization: UUID | None = None) -> "Portal":
        """Registered for an organisation; for the Academy, and so for everybody, when unsaid."""
        organization = organization or await self.world.academy()
        async with self.world.session() as session:
            client = Client(name=self.name, organization_id=organization, scopes=[])
            client.redirect_uris = [self.redirect_uri, f"{self.redirect_uri}/too"]
            session.add(client)
            await session.flush()
            self.id = client.id
            if self.proof == "secret":
                session.add(ClientKey(client_id=client.id, secret_hash=hash_of(self.secret)))
            if self.proof == "key":
                session.add(ClientKey(client_id=client.id, public_jwk=self.key.public_jwk()))
        return self

    def request(self, **changed: str | None) -> dict[str, str]:
        """What it asks for with each person, but for what is changed, or left out by None."""
        asked = {
            "response_type": "code",
            "client_id": self.name,
            "redirect_uri": self.redirect_uri,
            "state": "back to page 7",
            "code_challenge": challenge(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (asked | changed).items() if value is not None}

    async def exchanges(self, code: str, **changed: str | None) -> Response:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        return await self.posts(TOKEN, form | changed)

    async def refreshes(self, token: str, **changed: str | None) -> Response:
        form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
        return await self.posts(TOKEN, form | changed)

    async def revokes(self, token: str, **changed: str | None) -> Response:
        return await self.posts(REVOKE, {"token": token, **changed})

    async def posts(self, address: str, form: dict[str, str | None]) -> Response:
        """With its proof."""
        proof: dict[str, str | None] = {}
        if self.proof == "key":
            proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        if self.proof == "none":
            proof = {"client_id": self.name}
        sent = {name: value for name, value in (proof | form).items() if value is not None}
        auth = (self.name, self.secret) if self.proof == "secret" else None
        return await self._line.post(address, data=sent, auth=auth)


class SignedIn(NamedTuple):
    """What a program got for somebody."""

    tokens: dict[str, Any]
    portal: Portal
    world: World

    @property
    def access(self) -> str:
        return str(self.tokens["access_token"])

    @property
    def refresh(self) -> str:
        return str(self.tokens["refresh_token"])

    async def calls(self, path: str = "/learners") -> int:
        """The status of a request with the access token."""
        return (await (await self.world.holding(self.access)).get(path)).status_code


async def code_of(browser: Browser, portal: Portal, person: Person, **asked: str) -> str:
    """A code, got by somebody who goes through the pages."""
    await browser.opens("/oauth/authorize", portal.request(**asked))
    await browser.signs_in(person)
    return (await browser.allows())["code"]


async def signed_in(browser: Browser, portal: Portal, person: Person, **asked: str) -> SignedIn:
    issued = await portal.exchanges(await code_of(browser, portal, person, **asked))
    assert issued.status_code == 200, issued.text
    return SignedIn(issued.json(), portal, portal.world)


async def sets(browser: Browser, link: str, password: str, again: str | None = None) -> Page:
    await browser.opens(link)
    return await browser.sends(link, password=password, again=password if again is None else again)


async def lets_in(browser: Browser, portal: Portal, person: Person, password: str) -> bool:
    await browser.opens("/oauth/authorize", portal.request())
    page = await browser.signs_in(person, password)
    assert page.status in (200, 403), page.said
    return page.status == 200


def hash_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def refused(response: Response) -> tuple[int, str]:
    """A refusal in OAuth's own shape."""
    body = response.json()
    assert set(body) == {"error", "error_description"}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return response.status_code, body["error"]
