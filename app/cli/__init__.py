"""The command line: every process that the service has, and what an operator does by hand."""

import asyncio
import json
import os
import sys
from contextlib import ExitStack
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from tempfile import mkdtemp
from typing import Annotated

import typer
import uvicorn

from app.access import keyring
from app.access.keyring import TooSoon
from app.attendance import invariants
from app.attendance.invariant_schemas import InvariantsOut
from app.cli.company import company
from app.cli.installation import installation, opened, say
from app.cli.users import users
from app.core import openapi as document
from app.core.config import Settings
from app.core.database.migrating import check
from app.core.database.migrating import migrate as bring_up_to_date
from app.core.database.scopes import Reach, system
from app.core.database.serving import ensure_database
from app.core.http import logs
from app.core.languages import Language
from app.core.secrets import secret_key
from app.demo import loading
from app.demo.accounts import ACCOUNTS, CLIENT
from app.doctor import findings
from app.main import create_app
from app.materials.storing import Store, location
from app.oauth import issuing
from app.oauth.clients import client_named
from app.oauth.errors import OAuthError
from app.successions import reference

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Bang Giao, the service.",
)
keys = typer.Typer(no_args_is_help=True, help="The keys that sign access tokens.")
cli.add_typer(keys, name="keys")
cli.add_typer(users, name="users")


@cli.command()
def serve(
    *,
    demo: Annotated[bool, typer.Option(help="Load the demonstration data once.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Serve the API. Without DATABASE_URL it starts a PostgreSQL of its own, and migrates it."""
    with ExitStack() as stack:
        settings, urls = stack.enter_context(installation(serving=True))
        _look_for_room(settings)
        if urls.owner is not None:
            asyncio.run(_migrated(urls.owner, urls.service))
        if demo:
            asyncio.run(_demo(settings))
        address = f"http://{settings.host}:{settings.port}"
        say.print(f"[bold]Bang Giao[/] serves on {address}  (Ctrl+C stops it)")
        logs.configure()
        if settings.worker:
            stack.enter_context(company())
        if workers > 1:  # each counts for itself, and any of them is asked for the sum
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", mkdtemp(prefix="banggiao-metrics-"))
        uvicorn.run(
            "app.main:served",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=settings.graceful_seconds,
        )


def _look_for_room(settings: Settings) -> None:
    with socket() as probe:
        probe.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            say.print(f"[red]Port {settings.port}: {error.strerror}. PORT=9000 takes another.")
            raise typer.Exit(1) from error


async def _migrated(owner_url: str, service_url: str, revision: str = "head") -> None:
    await ensure_database(owner_url)
    await bring_up_to_date(owner_url, service_url, revision)


@cli.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="A revision, -1, or base.")] = "head",
    *,
    compare: Annotated[
        bool, typer.Option("--check", help="Only tell whether models and tables agree.")
    ] = False,
) -> None:
    """Bring the database to the newest version; makes its roles on a fresh server."""
    with installation() as (_, urls):
        if urls.owner is None:
            say.print("[red]Set DATABASE_OWNER_URL to a user who may create roles and tables.")
            raise typer.Exit(1)
        asyncio.run(_migrated(urls.owner, urls.service, revision))
        if compare:
            asyncio.run(check(urls.owner, urls.service))
        say.print(f"The database is at {revision}.")


@cli.command(name="reference")
def load_reference() -> None:
    """Add the real organisations, those of today and their predecessors, where they are missing."""
    with installation() as (settings, _):
        added = asyncio.run(_reference(settings))
        say.print(f"{added} organisations are there.")


async def _reference(settings: Settings) -> int:
    async with opened(settings) as (database, _):
        async with database.session(system(Reach.EVERYTHING, "reference")) as session:
            ids = await reference.found(session)
            await reference.succeed(session, ids)
        return len(ids)


@cli.command()
def demo() -> None:
    """Load the demonstration: real organisations, fictional officers, an account for each role."""
    with installation() as (settings, urls):
        if urls.owner is not None:
            asyncio.run(_migrated(urls.owner, urls.service))
        asyncio.run(_demo(settings))


async def _demo(settings: Settings) -> None:
    secret = secret_key(settings)
    async with opened(settings) as (database, _):
        if not await loading.is_loaded(database):
            officers, label = loading.OFFICERS, "Demonstration data"
            with typer.progressbar(length=officers, label=label, file=sys.stderr) as bar:
                store = Store(location(settings))
                await loading.load(database, store, secret, bar.update)
    emails = "\n  ".join(account.email for account in ACCOUNTS)
    say.print(f"Accounts, with the password {loading.password(secret)}\n  {emails}")
    say.print(f"Client {CLIENT}, secret {loading.client_secret(secret)}")


@cli.command()
def token(
    email: Annotated[str | None, typer.Argument(help="A demonstration account.")] = None,
    client: Annotated[str | None, typer.Option(help="A demonstration client.")] = None,
) -> None:
    """Print an access token for a demonstration account, for scripts and curl."""
    with installation() as (settings, _):
        try:
            print(asyncio.run(_token(settings, email, client)))  # noqa: T201 -- the result
        except (LookupError, OAuthError) as error:
            say.print(f"[red]{error}")
            raise typer.Exit(1) from error


async def _token(settings: Settings, email: str | None, client: str | None) -> str:
    async with opened(settings) as (database, ring):
        if not await loading.is_loaded(database):
            raise LookupError("Tokens are handed out so only where the demonstration is loaded.")
        if client is not None:
            issued = issuing.client_token(
                settings, ring, await client_named(database, settings, client), None
            )
        elif email in {account.email for account in ACCOUNTS}:
            issued = await issuing.user_token(settings, database, ring, str(email))
        else:
            raise LookupError(f"Name a demonstration account, such as {ACCOUNTS[0].email}.")
        return str(issued["access_token"])


@cli.command()
def worker() -> None:
    """Do what requests leave to be done, and what is due by the clock. `serve` starts one of these
    beside itself unless BANGGIAO_WORKER is 0."""
    from app import worker as jobs  # noqa: PLC0415 -- the others need none of it

    with installation() as (settings, _):
        logs.configure()
        asyncio.run(jobs.supervised(settings))


@cli.command()
def doctor() -> None:
    """Look for what is wrong with this installation; exits 1 when something is."""
    with installation() as (_, urls):
        found = asyncio.run(findings(urls))
        for finding in found:
            mark = "[green]ok  " if finding.well else "[red]BAD "
            say.print(f"{mark}[/]{finding.what}: {finding.detail}")
        raise typer.Exit(0 if all(finding.well for finding in found) else 1)


@cli.command()
def audit() -> None:
    """Check what must always hold of courses: places, quotas, seats, clashes, attendance, results.
    It changes nothing, and exits 2 when anything does not hold."""
    with installation() as (settings, _):
        found = asyncio.run(_audited(settings))
        for each in found.invariants:
            mark = "[red]BAD " if each.broken else "[green]ok  "
            say.print(f"{mark}[/]{each.invariant}: {each.broken}")
        print(found.model_dump_json(indent=2))  # noqa: T201 -- the result
        raise typer.Exit(0 if found.sound else 2)


async def _audited(settings: Settings) -> InvariantsOut:
    async with opened(settings) as (database, _):
        return await invariants.checked(database)


@cli.command()
def openapi(lang: Annotated[Language, typer.Option(help="vi or en.")] = "en") -> None:
    """Print the OpenAPI document."""
    described = document.document(create_app(Settings()), lang)
    json.dump(described, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


@cli.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def sync(context: typer.Context) -> None:
    """Send a list of people, see what would change, and apply it: `banggiao sync --help`."""
    from app.client import banggiao_sync  # noqa: PLC0415 -- of no use to the service itself

    raise typer.Exit(banggiao_sync.main(context.args))


@keys.command()
def rotate() -> None:
    """Sign with the next key from now on. Tokens signed before stay good until they expire."""
    with installation() as (settings, _):
        try:
            kid = asyncio.run(_rotate(settings))
        except TooSoon as error:
            say.print("[red]The next key is only seconds old; every process must know it first.")
            raise typer.Exit(1) from error
        say.print(f"Tokens are signed with {kid} now.")


async def _rotate(settings: Settings) -> str:
    async with opened(settings) as (database, _):
        return await keyring.rotate(database, secret_key(settings))
