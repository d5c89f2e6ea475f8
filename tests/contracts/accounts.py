"""Accounts of people and programs, and a row of everything that lets them in."""

from uuid import UUID, uuid4

from sqlalchemy import func, select, text

from app.access.models import ClientKey, Identity, LastUse, Membership, User
from app.accounts.models import Password, RecoveryCode, SecondFactor, SignIn
from app.core.database.scopes import service
from app.oauth.models import AuthorizationCode, RefreshToken, SignInDelay
from tests.world import World

HOLDERS = {"user of Hà Nội": "hanoi", "user of Huế": "hue"}
PROGRAMS = {"program of Huế": "hue", "program of the ministry": "ministry"}


async def newcomer(world: World) -> UUID:
    """A user without any role yet."""
    async with world.session() as session:
        session.add(user := User(email=f"{uuid4().hex}@test.example", name="Người Mới"))
    return user.id


async def accounts(world: World, places: dict[str, UUID]) -> dict[str, dict[str, UUID]]:
    """Rows that administrators' operations address, by table and name."""
    found: dict[str, dict[str, UUID]] = {
        table: {} for table in ("users", "memberships", "sign_ins", "clients", "client_keys")
    }
    for name, place in HOLDERS.items():
        user = (await world.somebody("viewer", places[place])).subject
        found["users"][name] = user
        async with world.session() as session:
            for table, kind in (("memberships", Membership), ("sign_ins", SignIn)):
                found[table][name] = await session.scalar(
                    select(kind.id).where(kind.user_id == user)
                )
    for name, place in PROGRAMS.items():
        program = (await world.program(places[place], "learners:read")).subject
        found["clients"][name] = program
        async with world.session() as session:
            session.add(key := ClientKey(client_id=program, secret_hash=uuid4().bytes * 2))
        found["client_keys"][name] = key.id
    await _proofs(world, found)
    return found


async def _proofs(world: World, found: dict[str, dict[str, UUID]]) -> None:
    user, membership, sign_in = (
        found[table]["user of Huế"] for table in ("users", "memberships", "sign_ins")
    )
    code = AuthorizationCode(
        hash=b"code",
        membership_id=membership,
        client="lms",
        redirect_uri="https://lms.example/signed-in",
        challenge="x" * 43,
        scope="",
        method="password",
        approved_at=func.now(),
        expires_at=func.now(),
    )
    async with world.database.session(service("contract", "contract")) as session:
        session.add_all(
            [
                code,
                RefreshToken(hash=b"token", sign_in_id=sign_in, expires_at=func.now()),
                SignInDelay(key=b"key"),
                Password(user_id=user, hash="none"),
                SecondFactor(user_id=user, sealed_secret=b"none"),
                RecoveryCode(user_id=user, hash=b"none"),
                LastUse(id=sign_in, used_at=func.now()),
            ]
        )
    async with world.session() as session:
        await session.execute(
            text(
                "insert into invitations (token_hash, user_id, expires_at)"
                " values ('none', :user, now())"
            ),
            {"user": user},
        )
        known_as = {"issuer": "https://sso.example", "subject": "1", "user_id": user}
        session.add(Identity(**known_as, newest_token_at=func.now()))
