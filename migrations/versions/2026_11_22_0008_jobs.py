"""Jobs: pgqueuer's tables, in a schema of their own."""

from typing import Any

from alembic import op
from pgqueuer.adapters.persistence.qb import DBSettings, QueryBuilderEnvironment

from migrations.helpers import SERVICE, run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    install = QueryBuilderEnvironment(DBSettings(db_schema="jobs")).build_install_query()
    run("create schema jobs")  # and so the transaction has begun before the driver is used itself
    if op.get_context().as_sql:
        return  # the library's own statements
    driver: Any = op.get_bind().connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(install))
    run(
        f"grant usage on schema jobs to {SERVICE}",
        f"grant select, insert, update, delete on all tables in schema jobs to {SERVICE}",
        f"grant usage on all sequences in schema jobs to {SERVICE}",
        f"grant execute on all functions in schema jobs to {SERVICE}",
    )


def downgrade() -> None:
    run("drop schema jobs cascade")
