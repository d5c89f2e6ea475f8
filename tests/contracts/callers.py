"""Everybody who calls: each role from each reach, and those who may no longer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from httpx import AsyncClient
from sqlalchemy import text

from app.access.caller import Principal
from app.access.permissions import ALWAYS, P, Permission, Role
from app.access.tokens import sign_access_token
from app.core.database.scopes import Reach
from tests.contracts.attendance import attend
from tests.contracts.competencies import ask_for_opinions
from tests.contracts.courses import subscribe
from tests.contracts.people import declare
from tests.contracts.population import Population
from tests.contracts.reviews import ask_for_reviews
from tests.contracts.rights import Seat
from tests.contracts.rooms import join_the_pool
from tests.world import Somebody, World


@dataclass(frozen=True)
class Caller:
    """What a caller's token says, and from where they look; both None when nobody signed in."""

    name: str
    http: AsyncClient
    principal: Principal | None = None
    seat: Seat | None = None
    withdrawn: bool = False
    """The token is good, but they were disabled, removed or revoked since."""

    def granted(self, grants: Mapping[Role, frozenset[Permission]]) -> frozenset[str]:
        """What the page of permissions gives them; of a program's, what its scopes name."""
        assert self.principal is not None
        role = self.principal.role
        named = self.principal.scopes.split() if role is Role.CLIENT else Permission
        return frozenset(grants[role]) & (ALWAYS | frozenset(map(str, named)))


PEOPLE: tuple[tuple[str, Role, str, Reach, str | None], ...] = (
    ("Academy administrator", Role.ACADEMY_ADMIN, "academy", Reach.EVERYTHING, None),
    ("Academy staff", Role.ACADEMY_STAFF, "academy", Reach.EVERYTHING, None),
    ("auditor", Role.AUDITOR, "academy", Reach.EVERYTHING_TO_READ, None),
    ("instructor", Role.INSTRUCTOR, "academy", Reach.COURSES, None),
    ("coordinator of Hà Nội", Role.COORDINATOR, "hanoi", Reach.ORGANIZATION, None),
    ("viewer of Hà Nội", Role.VIEWER, "hanoi", Reach.ORGANIZATION, None),
    ("coordinator of Huế", Role.COORDINATOR, "hue", Reach.ORGANIZATION, None),
    ("coordinator of a ministry", Role.COORDINATOR, "ministry", Reach.ORGANIZATION, None),
    ("coordinator of a region", Role.COORDINATOR, "region", Reach.SUBTREE, None),
    ("learner", Role.LEARNER, "hanoi", Reach.PERSON, "self"),
    ("another learner", Role.LEARNER, "hanoi", Reach.PERSON, "colleague"),
)
PROGRAMS: tuple[tuple[str, str, Reach, tuple[Permission, ...]], ...] = (
    ("program of Hà Nội", "hanoi", Reach.ORGANIZATION, tuple(Permission)),
    ("program of a region", "region", Reach.SUBTREE, tuple(Permission)),
    ("program that may only look around", "hanoi", Reach.ORGANIZATION, (P.ORGANIZATIONS_READ,)),
    ("program without scopes", "hanoi", Reach.ORGANIZATION, ()),
)


async def everybody(world: World, population: Population) -> list[Caller]:
    places, learners = population.places, population.targets["learners"]
    callers = []
    for name, role, place, reach, person in PEOPLE:
        learner = learners[person] if person else None
        somebody = await world.somebody(role, places[place], learner)
        seat = _seat(reach, places[place], places, learner)
        callers.append(_caller(world, name, somebody, seat))
    for name, place, reach, scopes in PROGRAMS:
        program = await world.program(places[place], *scopes)
        seat = _seat(reach, places[place], places)
        callers.append(_caller(world, name, program, seat))
    await _each_sends_a_key(world, callers)
    by_name = {caller.name: caller for caller in callers}
    await ask_for_opinions(world, by_name, population.targets["consultation_invitations"])
    await ask_for_reviews(world, by_name, population.targets)
    await declare(world, by_name, population.targets["evidence"])
    await join_the_pool(world, by_name["instructor"].http, population.targets["instructors"])
    await subscribe(by_name, population.targets)
    await attend(world, by_name, population.targets)
    await population.tell_owners()
    return [*callers, *await _withdrawn(world, places), *await _strangers(world, callers[0])]


def _seat(
    reach: Reach, place: UUID, places: Mapping[str, UUID], learner: UUID | None = None
) -> Seat:
    below = {
        Reach.ORGANIZATION: frozenset({place}),
        Reach.SUBTREE: frozenset({places["region"], places["district"]}),
    }
    return Seat(reach, place, below.get(reach, frozenset()), learner)


def _caller(world: World, name: str, http: Somebody, seat: Seat, **more: bool) -> Caller:
    verified = world.app.state.keyring.verifier.verify(_token(http))
    principal = Principal.of(verified.claims, verified.kid)
    return Caller(name, http, principal, replace(seat, actor=principal.actor), **more)


def _token(http: AsyncClient) -> str:
    return http.headers["Authorization"].removeprefix("Bearer ")


_A_KEY = "insert into idempotency_keys (key, fingerprint) values ('once', '')"


async def _each_sends_a_key(world: World, callers: list[Caller]) -> None:
    """Whoever may change something has idempotency keys; some have no operation for it yet."""
    for caller in callers:
        if caller.principal and caller.principal.role is not Role.AUDITOR:
            async with world.database.session(caller.principal.scope("contract")) as session:
                await session.execute(text(_A_KEY))


async def _withdrawn(world: World, places: Mapping[str, UUID]) -> list[Caller]:
    """Each could do what their token says, a moment ago."""
    taken = {
        "disabled administrator": "update users set disabled_at = now() where id = :id",
        "removed administrator": "update memberships set ended_at = now() where user_id = :id",
        "administrator no more": "update memberships set role = 'auditor' where user_id = :id",
        "coordinator gone elsewhere": "update memberships set organization_id = :hue"
        " where user_id = :id",
        "administrator signed out": "update sign_ins set ended_at = now(),"
        " ended_because = 'ended_by_administrator' where user_id = :id",
        "administrator whose sign-in is over": "update sign_ins set expires_at = now()"
        " where user_id = :id",
        "revoked program": "update clients set revoked_at = now() where id = :id",
        "narrowed program": "update clients set scopes = '{}' where id = :id",
        "program gone elsewhere": "update clients set organization_id = :hue where id = :id",
    }
    callers = []
    for name, change in taken.items():
        if "update clients" in change:
            somebody = await world.program(places["hanoi"], *Permission)
        elif name.startswith("coordinator"):
            somebody = await world.somebody("coordinator", places["hanoi"])
        else:
            somebody = await world.somebody("academy_admin", places["academy"])
        callers.append(_caller(world, name, somebody, Seat("nowhere"), withdrawn=True))
        async with world.session() as session:
            values = {"id": somebody.subject, "hue": places["hue"]}
            await session.execute(text(change), values)
    return callers


async def _strangers(world: World, somebody: Caller) -> list[Caller]:
    """Who is not signed in, though some pretend to be."""
    settings, keyring = world.app.state.settings, world.app.state.keyring
    claims = dict(keyring.verifier.verify(_token(somebody.http)).claims)
    for ours in ("iss", "aud", "iat", "nbf", "exp", "jti"):
        del claims[ours]
    expired = sign_access_token(
        keyring.active,
        claims,
        issuer=settings.public_url,
        audience=settings.public_url,
        lifetime=timedelta(minutes=-5),
    )
    return [
        Caller("nobody", world.anonymous),
        Caller("expired token", await world.holding(expired)),
        Caller("made-up token", await world.holding("x" * 40)),
    ]
