"""Which database this installation uses: the one it was given, or one of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import NamedTuple

import asyncpg
from sqlalchemy import make_url

from app.core.config import Settings, revealed
from app.core.database.embedded import EmbeddedPostgres
from app.core.secrets import secret_key

DATABASE = "banggiao"


class Urls(NamedTuple):
    """How the service logs in, and how its tables' owner does (None: not known here)."""

    service: str
    owner: str | None


@contextmanager
def served_database(settings: Settings) -> Iterator[Urls]:
    """The database, for as long as it is needed; an embedded one is started, or joined."""
    if settings.database_url is not None:
        yield Urls(settings.database_url.get_secret_value(), revealed(settings.database_owner_url))
        return
    secret = secret_key(settings)
    with EmbeddedPostgres(settings.data_directory / "postgres") as server:
        password = blake2b(secret.encode(), person=b"banggiao-login", digest_size=24).hexdigest()
        owner_url = make_url(server.dsn(DATABASE))
        service_url = owner_url.set(username="banggiao_login", password=password)
        yield Urls(
            service_url.render_as_string(hide_password=False),
            owner_url.render_as_string(hide_password=False),
        )


async def ensure_database(owner_url: str) -> None:
    """Creates the database that the URL names, on a server where it is not there yet."""
    url = make_url(owner_url).set(drivername="postgresql")
    try:
        await (await asyncpg.connect(url.render_as_string(hide_password=False))).close()
    except asyncpg.InvalidCatalogNameError:
        server = url.set(database="postgres").render_as_string(hide_password=False)
        connection = await asyncpg.connect(server)
        try:
            name = str(url.database).replace('"', '""')
            await connection.execute(f'create database "{name}"')
        except asyncpg.DuplicateDatabaseError:
            pass  # another process was faster
        finally:
            await connection.close()
