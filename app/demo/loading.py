"""Loads the demonstration: real organisations, fictional officers, an account for each role.

Everything goes through what the service itself goes through: row policies, triggers, successions.
Officers are put where they were before the organisations merged, and then moved with them.
"""

import json
from base64 import b32encode
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Client, ClientKey, Membership, User
from app.access.permissions import Role
from app.accounts.models import Password
from app.accounts.passwords import Passwords
from app.competencies import keeping as competencies
from app.core.database.scopes import Reach, service, system
from app.core.database.sessions import Database
from app.core.examples import MEMBERSHIP, UNIT, USER
from app.core.secrets import Pepper, Seals
from app.demo import (
    attendance,
    courses,
    curricula,
    enrolment,
    evidence,
    examples,
    frameworks,
    materials,
    national,
    reviews,
    rooms,
    rosters,
    trainings,
)
from app.demo.accounts import ACCOUNTS, CLIENT, CLIENT_ORGANIZATION, CLIENT_SCOPES
from app.demo.models import Installation
from app.demo.people import AS_OF, Officer, officers, units_of
from app.learners.models import Learner
from app.learners.names import computed
from app.materials.storing import Store
from app.organizations.models import Unit
from app.successions import reference
from app.successions.reference import Reference

OFFICERS = 5_000
MERGERS_BEGAN = date(2025, 1, 1)
WEIGHTS = {"academy": 1.0, "ministry": 1.6, "province": 1.0}
"""How large a roster is beside another kind's; the Ministry of Foreign Affairs counts fivefold."""

Progress = Callable[[int], None]

_INSERT = text("""
  insert into learners (id, organization_id, external_id, full_name, sort_key, search_text,
    birth_date, email, phone, unit_id, position_title, rank, leadership_level, category,
    position_since, fields, languages, recruited_on, status, status_since, attributes,
    national_id_hash, national_id_tail)
  select coalesce(id, uuidv7()), :organization_id, external_id, full_name, sort_key, search_text,
    birth_date, email, phone, unit_id, position_title, rank, leadership_level, category,
    position_since, fields, languages, recruited_on, status, status_since, '{}',
    decode(national_id_hash, 'hex'), national_id_tail
  from jsonb_to_recordset(cast(:people as jsonb)) as p (id uuid, external_id text, full_name text,
    sort_key text, search_text text, birth_date date, email text, phone text, unit_id uuid,
    position_title text, rank text, leadership_level text, category text, position_since date,
    fields text[], languages jsonb, recruited_on date, status text, status_since date,
    national_id_hash text, national_id_tail text)
""")
_PROMOTE = text("""
  update learners l set position_title = p.position_title, rank = p.rank,
    leadership_level = p.leadership_level, position_since = p.position_since
  from jsonb_to_recordset(cast(:people as jsonb)) as p (external_id text, position_title text,
    rank text, leadership_level text, position_since date)
  where l.organization_id = :organization_id and l.external_id = p.external_id
    and p.position_since > l.position_since
""")


async def is_loaded(database: Database) -> bool:
    return bool(await database.unscoped("select from installations"))


async def load(database: Database, store: Store, secret: str, progress: Progress) -> None:
    """All in one transaction, and then files and passwords; `progress` is told how many officers
    were added."""
    async with database.session(system(Reach.EVERYTHING, "demo")) as session:
        ids = await reference.found(session, examples.ORGANIZATIONS)
        pepper = Pepper(secret)
        for line, count in _rosters():
            await _add_roster(session, line, ids[line.code], count, pepper)
            progress(count)
        await reference.succeed(session, ids)
        users = await _add_accounts(session, ids)
        await _add_client(session, ids[CLIENT_ORGANIZATION], secret)
        await national.add(session, ids["DAV"])
        await materials.add(session, store, ids)
        await curricula.add(session, ids)
        await reviews.add(session, ids["DAV"], ids["VN-46"])
        await evidence.add(session)
        await trainings.add(session)
        await frameworks.add(session, ids["DAV"], ids["VN-46"])
        await rooms.add(session, ids["DAV"])
        await courses.add(session, ids["DAV"])
        await enrolment.add(session, ids["DAV"])
        await attendance.add(session, ids["DAV"])
        await examples.add(session, ids["DAV"], pepper, Seals(secret).webhooks)
        session.add(Installation(demo_loaded_at=func.now()))
    await competencies.count(database)
    await rosters.send(database, pepper)
    hash = await Passwords().hash(password(secret))
    async with database.session(service("demo", "")) as session:
        session.add_all(Password(user_id=user, hash=hash) for user in users)
        await examples.sign_in(session)


def _rosters() -> Iterator[tuple[Reference, int]]:
    """Who had how many officers, on the map of before the mergers."""
    lines = list(reference.read())
    weights = [_weight(line) for line in lines]
    left, weight_left = OFFICERS, sum(weights)
    for line, weight in zip(lines, weights, strict=True):
        count = round(left * weight / weight_left) if weight else 0
        yield line, count
        left, weight_left = left - count, weight_left - weight


def _weight(line: Reference) -> float:
    """Nothing for organisations that are the successors of others: their people come later."""
    if line.opened_on >= MERGERS_BEGAN:
        return 0.0
    return WEIGHTS[line.kind] * (5 if line.code == "MOFA" else 1)


async def _add_roster(
    session: AsyncSession, line: Reference, organization_id: UUID, count: int, pepper: Pepper
) -> None:
    units: dict[str, UUID] = {}
    for code, name_vi, name_en, parent in units_of(line.kind):
        unit = Unit(
            organization_id=organization_id,
            code=code,
            name_vi=name_vi,
            name_en=name_en,
            parent_id=units[parent] if parent else None,
            **({"id": UNIT} if line.code == "VN-01" and not units else {}),
        )
        session.add(unit)
        await session.flush()
        units[code] = unit.id
    people = [_row(officer, units, pepper) for officer in officers(line.code, line.kind, count)]
    if line.closed_on is not None:  # so that two rosters that merge do not share keys
        former = line.code.removeprefix("VN-").removesuffix("-2004")
        for person in people:
            person["external_id"] = f"{former}-{person['external_id']}"
    if line.code in examples.LEARNERS:
        unchanged = (person for person in people if not person["earlier"])
        next(unchanged)["id"] = examples.LEARNERS[line.code]
        if line.code == examples.NOMINATING:
            serving = (person for person in unchanged if person["status"] == "active")
            for id, person in zip(examples.NOMINEES, serving, strict=False):
                person["id"] = id
    began = [person | person["earlier"] for person in people]
    await session.execute(_INSERT, _values(organization_id, began))
    await session.execute(_PROMOTE, _values(organization_id, people))


def _values(organization_id: UUID, people: list[dict[str, Any]]) -> dict[str, Any]:
    return {"organization_id": organization_id, "people": json.dumps(people, default=str)}


def _row(officer: Officer, units: dict[str, UUID], pepper: Pepper) -> dict[str, Any]:
    row = asdict(officer) | computed(officer.full_name)
    national_id, earlier = row.pop("national_id"), row.pop("earlier_position")
    row["unit_id"] = units[row.pop("unit_code")]
    row["status_since"] = officer.position_since if officer.status == "active" else AS_OF
    row["national_id_hash"] = pepper.hash(national_id).hex()
    row["national_id_tail"] = national_id[-3:]
    row["earlier"] = {}
    if earlier:
        del earlier["held_until"]
        row["earlier"] = earlier | {"position_since": earlier.pop("held_from")}
    return row


async def _add_accounts(session: AsyncSession, ids: dict[str, UUID]) -> list[UUID]:
    users = []
    for account in ACCOUNTS:
        shown = account.email == examples.INSTRUCTOR
        user = User(email=account.email, name=account.name, **({"id": USER} if shown else {}))
        session.add(user)
        await session.flush()
        own_record = None
        if account.role is Role.LEARNER:
            of_organization = select(Learner.id).where(
                Learner.organization_id == ids[account.organization], Learner.status == "active"
            )
            own_record = await session.scalar(of_organization.order_by(Learner.id.desc()).limit(1))
        membership = Membership(
            user_id=user.id,
            organization_id=ids[account.organization],
            role=account.role,
            learner_id=own_record,
            **({"id": MEMBERSHIP} if shown else {}),
        )
        session.add(membership)
        users.append(user.id)
    return users


async def _add_client(session: AsyncSession, organization_id: UUID, secret: str) -> None:
    client = Client(name=CLIENT, organization_id=organization_id, scopes=list(CLIENT_SCOPES))
    session.add(client)
    await session.flush()
    hashed = sha256(client_secret(secret).encode()).digest()
    session.add(ClientKey(client_id=client.id, secret_hash=hashed))


def client_secret(secret: str) -> str:
    """The demonstration client's, the same for as long as the installation's secret is."""
    return Pepper(secret).hash("demo client").hex()


def password(secret: str) -> str:
    """Of all accounts of the demonstration; alike."""
    letters = b32encode(Pepper(secret).hash("demo password")).decode().lower()
    return "-".join(letters[start : start + 5] for start in (0, 5, 10, 15))
