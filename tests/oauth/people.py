"""People who have a password, and what tests arrange behind the service's back."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache
from time import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from pyotp import TOTP
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Membership, User
from app.accounts import invitations
from app.accounts.models import Password
from app.core.database.scopes import service
from tests.world import World

FRESH = "tám chiếc thuyền giấy trôi về phía đông"
"""A password that nobody has yet."""
PASSWORD = "bảy con ngựa trắng gặm cỏ bên suối"


@cache
def hashed() -> str:
    """One for everybody: hashing is slow."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    return hasher.hash(PASSWORD)


@dataclass
class Person:
    id: UUID
    email: str
    memberships: list[UUID] = field(default_factory=list)


async def person(
    world: World, *roles: tuple[str, UUID], name: str = "Trần Thị Bích", email: str = ""
) -> Person:
    """Somebody with a password and these roles there."""
    somebody = Person(UUID(int=0), email or f"{uuid4().hex}@test.example")
    async with world.session() as session:
        user = User(email=somebody.email, name=name)
        session.add(user)
        await session.flush()
        somebody.id = user.id
        for role, organization in roles:
            held = Membership(user_id=user.id, organization_id=organization, role=role)
            session.add(held)
            await session.flush()
            somebody.memberships.append(held.id)
    async with books(world) as session:
        session.add(Password(user_id=somebody.id, hash=hashed()))
    return somebody


def books(world: World) -> AbstractAsyncContextManager[AsyncSession]:
    """The service's own tables, to look into and to move times in."""
    session: AbstractAsyncContextManager[AsyncSession] = world.database.session(service("test", ""))
    return session


async def execute(world: World, statement: str, **values: Any) -> list[Any]:
    async with books(world) as session:
        found = await session.execute(text(statement), values)
        return list(found.all()) if found.returns_rows else []


async def prolong_delays(world: World) -> None:
    """Those that hold now last an hour longer: a slow machine would not be back in a second."""
    longer = "update sign_in_delays set retry_at = retry_at + interval '1 h'"
    await execute(world, f"{longer} where retry_at > failed_at")


async def change(world: World, kind: type, of: Any, **values: Any) -> None:
    """Changes what administrators see to."""
    async with world.session() as session:
        row = (await session.execute(select(kind).where(of))).scalar_one()
        for name, value in values.items():
            setattr(row, name, value)


async def noted(world: World, row: UUID) -> list[str]:
    """Why the audit says that something of this row was refused, in order."""
    async with world.session() as session:
        found = await session.execute(
            text(
                "select changes -> 'reason' ->> 1 from audit_entries"
                " where row_id = :row and operation = 'refuse' order by id"
            ),
            {"row": row},
        )
        return list(found.scalars())


async def ends(world: World, person: Person) -> list[str | None]:
    """Why each of their sign-ins ended, the oldest first; None for one that goes on."""
    rows = await execute(
        world, "select ended_because from sign_ins where user_id = :id order by id", id=person.id
    )
    return [row[0] for row in rows]


async def invitation(world: World, person: Person) -> str:
    """The path of a link that somebody was sent."""
    async with world.session() as session:
        user = await session.get_one(User, person.id)
    async with books(world) as session:
        link = await invitations.invite(session, world.app.state.settings, user)
    return urlsplit(link).path


class Authenticator:
    """On somebody's telephone."""

    def __init__(self, key: str) -> None:
        self.totp = TOTP(key)

    def shows(self, steps: int = 0) -> str:
        """The code of now, or of some steps of 30 seconds before or after."""
        return self.totp.at(int(time()) + 30 * steps)
