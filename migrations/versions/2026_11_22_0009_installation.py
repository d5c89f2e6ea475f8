"""Installation: what this database is. One row, made when there is something to say."""

from migrations.helpers import ACADEMY, SERVICE, guard, policy, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        create table installations (
          sole boolean default true constraint installations_pkey primary key
            constraint one_installation check (sole),
          demo_loaded_at timestamptz not null
        )
        """,
    )
    guard("installations")
    run(
        f"grant select on installations to {SERVICE}",
        f"grant select, insert on installations to {ACADEMY}",
    )
    policy("service_reads", "installations", SERVICE, "true", "select")
    policy("academy_founds", "installations", ACADEMY, "true")


def downgrade() -> None:
    run("drop table installations")
