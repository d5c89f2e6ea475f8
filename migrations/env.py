"""Alembic's environment. `banggiao migrate` hands in a connection that owns the tables."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.database.metadata import metadata

LIBRARY_SCHEMA = "jobs"
"""Its tables are pgqueuer's, which makes and upgrades them itself."""


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata(),
        transaction_per_migration=True,
        compare_server_default=False,
        include_name=lambda name, kind, _: kind != "schema" or name != LIBRARY_SCHEMA,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect() -> None:
    url = make_url(os.environ["DATABASE_OWNER_URL"]).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("set role banggiao_owner")
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def write() -> None:
    """The statements, to be read rather than run."""
    context.configure(dialect_name="postgresql", target_metadata=metadata())
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    write()
elif given := context.config.attributes.get("connection"):
    run(given)
else:
    asyncio.run(connect())
