"""What can be wrong with an installation, looked at one by one."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import httpx
from sqlalchemy import make_url

from app.access.outside_keys import Unreadable, read_keys
from app.core.config import Settings
from app.core.database.migrating import newest_revision
from app.core.database.serving import Urls
from app.core.issuers import IssuerSettings

_OLDEST = 180000


class Finding(NamedTuple):
    what: str
    well: bool
    detail: str


async def findings(urls: Urls) -> list[Finding]:
    """Everything that was looked at; what cannot be looked at ends the list."""
    url = make_url(urls.service).set(drivername="postgresql")
    try:
        connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        return [Finding("database", well=False, detail=f"{error}; has `banggiao migrate` run?")]
    try:
        found = [await _server(connection), await _login(connection), await _tables(connection)]
    finally:
        await connection.close()
    return [*found, *await _issuers(Settings().issuers)]


async def _server(connection: asyncpg.Connection) -> Finding:
    number = int(await connection.fetchval("show server_version_num"))
    version = await connection.fetchval("show server_version")
    detail = version if number >= _OLDEST else f"{version}; 18 or newer is needed"
    return Finding("PostgreSQL", well=number >= _OLDEST, detail=detail)


async def _login(connection: asyncpg.Connection) -> Finding:
    row = await connection.fetchrow(
        "select r.rolname, r.rolsuper or r.rolbypassrls as above,"
        " exists (select from pg_class where relowner = r.oid) as owns"
        " from pg_roles r where r.rolname = current_user"
    )
    well = not row["above"] and not row["owns"]
    detail = f"{row['rolname']} is bound by row policies"
    if not well:
        detail = f"{row['rolname']} is above row policies; let `banggiao migrate` make another"
    return Finding("login", well=well, detail=detail)


async def _tables(connection: asyncpg.Connection) -> Finding:
    try:
        revision = await connection.fetchval("select version_num from alembic_version")
    except asyncpg.PostgresError:
        revision = "nothing"
    well = revision == newest_revision()
    detail = f"at {revision}" if well else f"at {revision}; run `banggiao migrate`"
    return Finding("tables", well=well, detail=detail)


async def _issuers(issuers: Sequence[IssuerSettings]) -> list[Finding]:
    if not issuers:
        return []
    async with httpx.AsyncClient(follow_redirects=False) as http:
        return [await _issuer(http, one) for one in issuers]


async def _issuer(http: httpx.AsyncClient, issuer: IssuerSettings) -> Finding:
    what = f"keys of {issuer.issuer}"
    try:
        keys = await read_keys(http, issuer)
    except Unreadable as error:
        return Finding(what, well=False, detail=f"cannot be read: {error}")
    detail = f"{len(keys)} to verify with" if keys else "none that this service could verify with"
    return Finding(what, well=bool(keys), detail=detail)
