"""A service that believes issuers of a test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from app.core.config import Settings
from app.main import create_app
from tests.access.elsewhere import Elsewhere, Serving
from tests.access.outside_issuer import OutsideIssuer
from tests.world import World, running


@pytest.fixture
async def codes(world: World) -> dict[str, str]:
    """Our codes of what the issuer calls by its own names."""
    places = {name: await world.organization(name) for name in ("ha-noi", "hue", "former")}
    places["academy"] = await world.academy()
    async with world.session() as session:
        closed = text("update organizations set closed_on = '2025-07-01' where id = :id")
        await session.execute(closed, {"id": places["former"]})
        rows = await session.execute(text("select id, code from organizations"))
        code = {row.id: row.code for row in rows}
    return {name: code[id] for name, id in places.items()} | {"nowhere": "T-NOWHERE"}


@pytest.fixture
def serving(settings: Settings, codes: dict[str, str]) -> Serving:
    """The service as it would run with these issuers configured."""

    @asynccontextmanager
    async def serving(*issuers: OutsideIssuer, **others: Any) -> AsyncIterator[World]:
        described = [one.settings(organizations=codes, **others) for one in issuers]
        given = Settings(issuers=described).issuers
        app = create_app(settings.model_copy(update={"issuers": given}))
        async with running(app), World(app) as world:
            yield world

    return serving


@pytest.fixture
async def elsewhere(serving: Serving) -> AsyncIterator[Elsewhere]:
    async with OutsideIssuer() as issuer, serving(issuer) as world:
        yield Elsewhere(issuer, world)
