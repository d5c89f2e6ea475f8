"""What administrators do, and what tests arrange around it."""

from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import select

from app.access.models import User
from app.oauth import issuing
from tests.oauth.browser import Browser
from tests.oauth.people import Person, person
from tests.oauth.programs import Portal, SignedIn, signed_in
from tests.world import World

REFUSED = (401, "unauthenticated")


def address() -> str:
    return f"{uuid4().hex}@test.example"


async def add_user(admin: AsyncClient, **fields: str) -> dict[str, Any]:
    added = await admin.post("/users", json={"email": address(), "name": "Trần Thị Lan"} | fields)
    assert added.status_code == 201, added.text
    return dict(added.json())


async def give_role(
    admin: AsyncClient, user: str | UUID, organization: UUID, role: str = "viewer", **fields: Any
) -> Response:
    body = {"user_id": str(user), "organization_id": str(organization), "role": role}
    return await admin.post("/memberships", json=body | fields)


async def add_program(
    admin: AsyncClient, organization: UUID, *scopes: str, **fields: Any
) -> Response:
    body = {
        "name": f"hr-{uuid4().hex}",
        "organization_id": str(organization),
        "scopes": list(scopes),
    }
    return await admin.post("/clients", json=body | fields)


async def comes_in(world: World, user: str | UUID) -> AsyncClient:
    """The user, signed in anew in their first membership."""
    async with world.session() as session:
        email = await session.scalar(select(User.email).where(User.id == UUID(str(user))))
    state = world.app.state
    issued = await issuing.user_token(state.settings, state.database, state.keyring, str(email))
    return await world.holding(issued["access_token"])


async def at_a_browser(world: World, whom: Person, agent: str = "Mozilla/5.0") -> SignedIn:
    """Somebody who signs in with a password to a program of the Academy's."""
    portal = await Portal(world).opened()
    async with Browser.somewhere(world.app, **{"User-Agent": agent}) as browser:
        return await signed_in(browser, portal, whom)


async def coordinator(world: World, organization: str = "hanoi") -> Person:
    return await person(world, ("coordinator", await world.organization(organization)))
