"""What every command begins with: the settings, and the database that they lead to."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from app.access.keyring import Keyring
from app.core.config import Settings
from app.core.database.embedded import EmbeddedPostgresError
from app.core.database.migrating import CannotMigrate
from app.core.database.serving import Urls, served_database
from app.core.database.sessions import Database
from app.core.secrets import SecretMissing, secret_key

say = Console(stderr=True, highlight=False, soft_wrap=True)
"""Standard output is for results, which scripts read."""


@contextmanager
def installation(*, serving: bool = False) -> Iterator[tuple[Settings, Urls]]:
    """The settings, and the database that they lead to; what is wrong is told in a sentence."""
    # However a process is told to stop, it leaves in order: an embedded database is shut down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = _known_address(Settings(), serving=serving)
        with served_database(settings) as urls:
            # Processes that this one starts read the same.
            os.environ["DATABASE_URL"] = urls.service
            os.environ["BANGGIAO_SECRET_KEY"] = secret_key(settings)
            yield Settings(), urls
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(map(str, wrong["loc"]))
            name = f"BANGGIAO_{name.upper()}" if name.islower() else name
            say.print(f"[red]{name} in the environment: {wrong['msg']}")
        raise typer.Exit(1) from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = getattr(getattr(error, "orig", None), "driver_exception", None) or error
        say.print(f"[red]The database refuses: {cause}. Has `banggiao migrate` run?")
        raise typer.Exit(1) from error
    except (CannotMigrate, EmbeddedPostgresError, SecretMissing, OSError) as error:
        say.print(f"[red]{error}")
        raise typer.Exit(1) from error


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Database, Keyring]]:
    assert settings.database_url is not None  # noqa: S101 -- `installation` sets it
    database = Database(settings, settings.database_url.get_secret_value())
    ring = Keyring(settings, database, secret_key(settings))
    await ring.open()
    try:
        yield database, ring
    finally:
        await ring.close()
        await database.engine.dispose()


def _known_address(settings: Settings, *, serving: bool) -> Settings:
    """Beside an embedded database, `serve` writes down where it is reached, unless it is told; so
    that the other commands, and the links and tokens that they make, say the same."""
    if settings.database_url is not None or "BANGGIAO_PUBLIC_URL" in os.environ:
        return settings
    note = settings.data_directory / "public-url"
    if serving:
        note.parent.mkdir(parents=True, exist_ok=True)
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
        note.write_text(f"http://{host}:{settings.port}")
    if note.exists():
        os.environ["BANGGIAO_PUBLIC_URL"] = note.read_text()
    return Settings()
