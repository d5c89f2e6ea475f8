"""What is measured: 200,000 learners of the real organisations, in random order on disk.

Loaded once into an embedded PostgreSQL below `.banggiao`, as the Academy would load them, and kept
for the next run until a migration or this file changes.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import text

from app.access.keyring import Keyring
from app.access.models import Membership, User
from app.core.config import Settings
from app.core.database.embedded import EmbeddedPostgres
from app.core.database.migrating import migrate
from app.core.database.scopes import Reach, system
from app.core.database.serving import Urls, ensure_database, served_database
from app.core.database.sessions import Database
from app.core.secrets import secret_key
from app.demo.people import officers
from app.learners.names import computed
from app.oauth import issuing
from app.successions import reference
from benchmarks import competencies, courses, curricula, target_groups

LEARNERS = 200_000
PEOPLE = 20_000
"""Different ones; each stands on ten rosters, for making people up takes longer than loading."""
ACCOUNTS = {
    "academy": ("DAV", "academy_staff"),
    "province": ("VN-01", "coordinator"),
    "merged": ("VN-08", "coordinator"),
    "other": ("VN-04", "coordinator"),
    "sender": ("VN-46", "coordinator"),
}
"""Hà Nội is one organisation; Tuyên Quang has predecessors below it, so its scope is a subtree."""
PAST_DAY = date(2024, 6, 30)
ADDED = "BENCH-"
"""What the external ids of learners begin with whom a run adds."""
DIRECTORY = Path(".banggiao/bench")
MADE_FROM = (
    Path(__file__),
    *(Path(each.__file__) for each in (competencies, courses, curricula, target_groups)),
    *sorted(Path("migrations").rglob("*.py")),
)

_LOAD = text("""
  insert into learners (organization_id, external_id, full_name, sort_key, search_text, birth_date,
    email, phone, unit_id, position_title, rank, leadership_level, category, position_since,
    fields, languages, recruited_on, status, status_since, attributes, national_id_tail)
  select o.id, p.external_id || '-' || :turn, p.full_name, p.sort_key, p.search_text, p.birth_date,
    p.email, p.phone, o.unit_id, p.position_title, p.rank, p.leadership_level, p.category,
    p.position_since, p.fields, p.languages, p.recruited_on, p.status,
    case p.status when 'left' then current_date else p.position_since end, '{}', '123'
  from json_to_recordset(cast(:people as json)) as p (external_id text, full_name text,
    sort_key text, search_text text, birth_date date, email text, phone text, position_title text,
    rank text, leadership_level text, category text, position_since date, fields text[],
    languages jsonb, recruited_on date, status text, place float)
  join (
    select o.id, u.id as unit_id, row_number() over (order by o.id) - 1 as nth, count(*) over ()
    from organizations o join units u on u.organization_id = o.id where o.closed_on is null
  ) as o on o.nth = (hashtext(p.external_id || :turn) & 65535) % o.count
  order by random()
""")
_UNITS = text("""
  insert into units (organization_id, code, name_vi, name_en)
  select id, 'VP', 'Văn phòng', 'Office' from organizations
""")


class Bench(NamedTuple):
    """How to reach what is measured: logins, tokens by account, ids of organisations by code."""

    urls: Urls
    tokens: dict[str, str]
    public_jwk: str
    """Of the key that signed the tokens."""
    organizations: dict[str, UUID]


@contextmanager
def served() -> Iterator[tuple[Settings, Urls]]:
    """The server, as a fresh installation has it but for its counting of statements."""
    settings = Settings(data_directory=DIRECTORY)
    with served_database(settings) as urls:
        yield settings, urls


async def prepare() -> None:
    """Loads the data unless they are there, made by what would make them now."""
    mark, made_by = DIRECTORY / "made-by", blake2b(b"".join(f.read_bytes() for f in MADE_FROM))
    if mark.exists() and mark.read_text() == made_by.hexdigest():
        return
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    with EmbeddedPostgres(DIRECTORY / "postgres") as server:  # to be started again, as it asks for
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
        await connection.execute("alter system set pg_stat_statements.track_planning = on")
        await connection.close()
    with served() as (settings, urls):
        await ensure_database(str(urls.owner))
        await migrate(str(urls.owner), urls.service)
        await _load(Database(settings, urls.service))
        owner = await asyncpg.connect(urls.owner)
        await owner.execute("create extension pg_stat_statements")
        await competencies.load(owner)
        await curricula.load(owner, ACCOUNTS["province"][0])
        await target_groups.load(owner)
        await courses.load(owner)
        await owner.execute("vacuum (analyze)")
        await owner.close()
    mark.write_text(made_by.hexdigest())


async def _load(database: Database) -> None:
    people = [asdict(officer) for officer in officers("VN-01", "province", PEOPLE)]
    people = [person | computed(person["full_name"]) for person in people]
    values = {"people": json.dumps(people, default=str)}
    everything = system(Reach.EVERYTHING, "benchmark")
    async with database.session(everything) as session:
        ids = await reference.found(session)
        await session.execute(_UNITS)
        await reference.succeed(session, ids)
        for name, (code, role) in ACCOUNTS.items():
            user = User(email=f"{name}@bench.example", name=name)
            session.add(user)
            await session.flush()
            session.add(Membership(user_id=user.id, organization_id=ids[code], role=role))
    for turn in range(LEARNERS // PEOPLE):
        async with database.session(everything) as session:
            await session.execute(_LOAD, values | {"turn": str(turn)})
    await database.close()


async def opened(settings: Settings, urls: Urls) -> Bench:
    """Takes away what earlier runs left behind, and signs everybody in."""
    owner = await asyncpg.connect(urls.owner)
    await owner.execute(
        "truncate personal_data_reads;"
        f"delete from positions_held where external_id like '{ADDED}%';"
        f"delete from learners where external_id like '{ADDED}%' or data_set is not null;"
        "truncate roster_payloads, roster_changes, roster_errors, roster_matches;"
        "delete from roster_syncs;"
    )
    rows = await owner.fetch("select code, id from organizations where closed_on is null")
    database = Database(settings, urls.service)
    keyring = Keyring(settings, database, secret_key(settings))
    await keyring.open()
    tokens = {}
    lasting = settings.model_copy(update={"access_token_lifetime": timedelta(hours=2)})
    for name in (*ACCOUNTS, competencies.ACCOUNT):
        issued = await issuing.user_token(lasting, database, keyring, f"{name}@bench.example")
        tokens[name] = issued["access_token"]
    await keyring.close()
    await database.close()
    jwk = await owner.fetchval("select public_jwk from signing_keys where state = 'active'")
    await owner.close()
    return Bench(urls, tokens, jwk, {row["code"]: row["id"] for row in rows})
