"""Changes: how far back the feed of changes goes, and events that are forgotten in time."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    ORGANIZATION,
    SERVICE,
    SUBTREE_ROLE,
    guard,
    policy,
    run,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FOLLOWERS = f"{ACADEMY}, {AUDITOR}, {ORGANIZATION}, {SUBTREE_ROLE}"


def upgrade() -> None:
    run(
        # Everything at or before this place is forgotten. Transactions are numbered by a cluster:
        # in another one, where a backup was restored, a new lineage begins.
        """
        create table change_horizons (
          sole boolean default true constraint change_horizons_pkey primary key
            constraint one_change_horizon check (sole),
          lineage uuid not null default gen_random_uuid(),
          cluster bigint not null,
          transaction xid8 not null default '0',
          sequence bigint not null default 0
        )
        """,
        "insert into change_horizons (cluster) select system_identifier from pg_control_system()",
        f"grant select on change_horizons to {FOLLOWERS}",
        f"grant select, update on change_horizons to {SERVICE}",
        f"grant select, update, delete on events to {SERVICE}",
    )
    guard("change_horizons")
    policy("followers_read", "change_horizons", FOLLOWERS, "true", "select")
    policy("service_reads", "change_horizons", SERVICE, "true", "select")
    policy("service_moves", "change_horizons", SERVICE, "true", "update")
    policy("service_reads", "events", SERVICE, "true", "select")
    policy("service_renumbers", "events", SERVICE, "true", "update")
    policy("service_forgets", "events", SERVICE, "true", "delete")


def downgrade() -> None:
    for name in ("service_reads", "service_renumbers", "service_forgets"):
        run(f"drop policy {name} on events")
    run(
        f"revoke select, update, delete on events from {SERVICE}",
        "drop table change_horizons",
    )
