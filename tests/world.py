"""What tests are made of: organisations, people with roles there, and clients that call as them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Client, Membership, User
from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.scopes import Reach, system
from app.core.database.serving import Urls, ensure_database
from app.main import create_app
from app.oauth import issuing
from app.oauth.clients import client_named
from app.organizations.models import Organization

OPENED = date(2008, 8, 1)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """The application between its start and its stop."""
    async with app.router.lifespan_context(app):
        yield


@asynccontextmanager
async def app_of_its_own(settings: Settings, urls: Urls) -> AsyncIterator[FastAPI]:
    """The service on an empty database, for what fills a whole one. It is dropped afterwards."""
    assert urls.owner is not None
    name = f"test_{uuid4().hex}"
    service, owner = (make_url(url).set(database=name) for url in (urls.service, urls.owner))
    service_url = service.render_as_string(hide_password=False)
    owner_url = owner.render_as_string(hide_password=False)
    await ensure_database(owner_url)
    try:
        await migrate(owner_url, service_url)
        app = create_app(settings.model_copy(update={"database_url": SecretStr(service_url)}))
        async with running(app):
            yield app
    finally:
        server = owner.set(drivername="postgresql", database="postgres")
        connection = await asyncpg.connect(server.render_as_string(hide_password=False))
        await connection.execute(f"drop database {name} with (force)")
        await connection.close()


class Somebody(AsyncClient):
    """A client of the API that calls as somebody; paths are relative to /v1."""

    organization: UUID
    subject: UUID


class World:
    """Organisations and people of one test."""

    tokens_last = timedelta(hours=12)
    """As long as a slow machine takes for everybody's every request."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.database = app.state.database
        self._open = AsyncExitStack()
        self._organizations: dict[str, UUID] = {}

    async def __aenter__(self) -> Self:
        self.anonymous = await self._client(AsyncClient)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def _client(self, kind: type[AsyncClient], token: str | None = None) -> Any:
        client = kind(
            transport=ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://test/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        return await self._open.enter_async_context(client)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Sees everything, to arrange and to look behind the API; commits."""
        async with self.database.session(system(Reach.EVERYTHING, "test")) as session:
            yield session

    async def academy(self) -> UUID:
        """There is one Academy, for all tests."""
        async with self.session() as session:
            known = await session.scalar(
                select(Organization.id).where(Organization.kind == "academy")
            )
        return known or await self.organization("academy", kind="academy", parent=None)

    async def organization(
        self, name: str, kind: str = "province", parent: UUID | str | None = "academy"
    ) -> UUID:
        """The test's own organisation of that name, made when it is first asked for."""
        if name not in self._organizations:
            above = await self.academy() if parent == "academy" else parent
            async with self.session() as session:
                made = Organization(
                    code=f"T-{uuid4().hex[:12]}",
                    kind=kind,
                    name_vi=f"Đơn vị {name}",
                    name_en=name,
                    short_name_vi=name,
                    parent_id=above,
                    opened_on=OPENED,
                )
                session.add(made)
                await session.flush()
                self._organizations[name] = made.id
        return self._organizations[name]

    async def somebody(
        self, role: str, organization: UUID | None = None, learner: UUID | None = None
    ) -> Somebody:
        """A user with that role there; at the Academy when no organisation is given."""
        organization = organization or await self.academy()
        email = f"{uuid4().hex}@test.example"
        async with self.session() as session:
            user = User(email=email, name="Ai Đó")
            session.add(user)
            await session.flush()
            session.add(
                Membership(
                    user_id=user.id, organization_id=organization, role=role, learner_id=learner
                )
            )
        state = self.app.state
        issued = await issuing.user_token(self._settings, state.database, state.keyring, email)
        return await self._calling(issued["access_token"], organization, user.id)

    async def program(self, organization: UUID, *scopes: str) -> Somebody:
        """A machine client of the organisation with these scopes."""
        name = f"client-{uuid4().hex}"
        async with self.session() as session:
            made = Client(name=name, organization_id=organization, scopes=list(scopes))
            session.add(made)
        state = self.app.state
        client = await client_named(state.database, state.settings, name)
        issued = issuing.client_token(self._settings, state.keyring, client, None)
        return await self._calling(issued["access_token"], organization, made.id)

    @property
    def _settings(self) -> Settings:
        settings: Settings = self.app.state.settings
        return settings.model_copy(update={"access_token_lifetime": self.tokens_last})

    async def holding(self, token: str) -> AsyncClient:
        """A client that sends this token, whatever it is."""
        client: AsyncClient = await self._client(AsyncClient, token)
        return client

    async def _calling(self, token: str, organization: UUID, subject: UUID) -> Somebody:
        client: Somebody = await self._client(Somebody, token)
        client.organization, client.subject = organization, subject
        return client


def problem(response: Response) -> tuple[int, str]:
    """Status and type of a refusal, which is always a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["status"] == response.status_code
    return response.status_code, body["type"].removeprefix("/problems/")


async def add_learner(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """A learner on the caller's roster, described by what matters to the test."""
    body = {
        "external_id": f"CB-{uuid4().hex[:8]}",
        "full_name": "Nguyễn Thị Minh Hoà",
        "position_title": "Chuyên viên",
        "position_since": "2020-01-01",
    }
    response = await client.post("/learners", json=body | fields)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def everything(client: AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        response = await client.get(path, params=query)
        assert response.status_code == 200, response.text
        page = response.json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        query["after"] = page["next"]


async def replace(client: AsyncClient, path: str, **changes: Any) -> Response:
    """PUT of what is there, with some fields changed, under its present ETag."""
    present = await client.get(path)
    assert present.status_code == 200, present.text
    read_only = {"id", "version", "created_at", "updated_at", "organization_id", "closed_on"}
    read_only |= {"national_id_tail", "successor_ids"}
    read_only |= {"data_set", "missing_since", "protected_fields"}
    read_only |= {"tentatively_booked", "booked_minutes", "taught_minutes"}
    body = {name: value for name, value in present.json().items() if name not in read_only}
    headers = {"If-Match": present.headers["ETag"]}
    return await client.put(path, json=body | changes, headers=headers)
