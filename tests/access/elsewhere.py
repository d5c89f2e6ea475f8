"""What tests of outside issuers ask: the service, and the tables behind it."""

from collections.abc import Callable
from typing import Any

from httpx import Response
from sqlalchemy import select, text

from app.access.models import Identity, User
from tests.access.outside_issuer import OutsideIssuer
from tests.world import World, problem

REFUSED = (401, "unauthenticated")
LOOK = "/organizations?limit=1"
Serving = Callable[..., Any]
"""Enters the service as it would run with these issuers configured; gives its World."""


class Elsewhere:
    """An issuer, and the service that believes it."""

    def __init__(self, issuer: OutsideIssuer, world: World) -> None:
        self.issuer, self.world = issuer, world

    async def get(self, token: str, path: str = LOOK) -> Response:
        headers = {"Authorization": f"Bearer {token}"}
        response: Response = await self.world.anonymous.get(path, headers=headers)
        return response

    async def user(self, subject: str, issuer: str | None = None) -> User | None:
        known = select(Identity.user_id).where(
            Identity.issuer == (issuer or self.issuer.url), Identity.subject == subject
        )
        async with self.world.session() as session:
            user: User | None = await session.scalar(select(User).where(User.id.in_(known)))
            return user

    async def standing(self, subject: str) -> list[tuple[str, str]]:
        """The roles that they hold, and the code of where."""
        user = await self.user(subject)
        assert user is not None
        async with self.world.session() as session:
            rows = await session.execute(
                text(
                    "select m.role, o.code from memberships m"
                    " join organizations o on o.id = m.organization_id"
                    " where m.user_id = :id and m.ended_at is null"
                ),
                {"id": user.id},
            )
            return [(row.role, row.code) for row in rows]


def assert_refused(response: Response) -> None:
    assert problem(response) == REFUSED
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
