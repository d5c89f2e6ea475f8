"""Migrations: up, down and up again; one migrates while the others wait; nobody else may."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from app.core.database.migrating import (
    PATIENCE,
    ROOT,
    CannotMigrate,
    check,
    migrate,
    newest_revision,
)
from app.core.database.serving import Urls, ensure_database

REVISIONS = [r.revision for r in ScriptDirectory(ROOT / "migrations").walk_revisions()]


def at(url: str, **parts: str) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)


async def connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(at(url, drivername="postgresql"))


@pytest.fixture
async def scratch(urls: Urls) -> AsyncIterator[Urls]:
    """A database of the test's own, empty."""
    assert urls.owner is not None
    name = f"{make_url(urls.owner).database}_scratch"
    owner = await connect(at(urls.owner, database="postgres"))
    await owner.execute(f"drop database if exists {name} with (force)")
    scratch = Urls(at(urls.service, database=name), at(urls.owner, database=name))
    await ensure_database(scratch.owner or "")
    yield scratch
    await owner.execute(f"drop database {name} with (force)")
    await owner.close()


async def revision(urls: Urls) -> str | None:
    connection = await connect(urls.owner or "")
    try:
        return await connection.fetchval("select version_num from alembic_version")
    finally:
        await connection.close()


async def test_each_revision_goes_up_and_down_and_up(scratch: Urls):
    owner, service = scratch.owner or "", scratch.service
    for name in reversed(REVISIONS):
        await migrate(owner, service, name)
        await migrate(owner, service, "-1")
        await migrate(owner, service, name)
        assert await revision(scratch) == name
    await migrate(owner, service, "base")
    connection = await connect(owner)
    left = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'v', 'S') and relname <> 'alembic_version'"
    )
    await connection.close()
    assert left == []
    await migrate(owner, service)
    await check(owner, service)


async def test_of_four_that_migrate_at_once_one_does_it(scratch: Urls):
    owner, service = scratch.owner or "", scratch.service
    await asyncio.gather(*(migrate(owner, service) for _ in range(4)))
    assert await revision(scratch) == newest_revision()


async def test_who_may_not_make_roles_is_told_what_is_missing(scratch: Urls):
    owner = await connect(scratch.owner or "")
    await owner.execute("drop role if exists nobody_special")
    await owner.execute("create role nobody_special login password 'x'")
    try:
        humble = at(scratch.owner or "", username="nobody_special", password="x")
        with pytest.raises(CannotMigrate, match="may create roles"):
            await migrate(humble, scratch.service)
    finally:
        await owner.execute("drop role nobody_special")
        await owner.close()


async def test_a_login_above_row_policies_is_refused(scratch: Urls):
    with pytest.raises(CannotMigrate, match="bypass row policies"):
        await migrate(scratch.owner or "", scratch.owner or "")


def emitted() -> str:
    """The statements of all migrations, without those that other software brings."""
    sql = StringIO()
    config = Config(ROOT / "alembic.ini", output_buffer=sql)
    command.upgrade(config, "head", sql=True)
    return ";\n".join((*PATIENCE, sql.getvalue()))


def test_migrations_lock_nothing_for_long(tmp_path: Path):
    squawk = Path(sys.executable).with_name("squawk")
    file = tmp_path / "migrations.sql"
    file.write_text(re.sub(r"^INFO.*$", "", emitted(), flags=re.MULTILINE))
    found = subprocess.run(
        [squawk, "--config", ROOT / ".squawk.toml", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-4000:]
