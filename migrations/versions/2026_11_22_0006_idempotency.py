"""Idempotency keys: what a POST answered, so that the same POST answers the same again."""

from migrations.helpers import (
    ACADEMY,
    INSTRUCTOR,
    ORGANIZATION,
    OWN_ACTOR,
    PERSON,
    SERVICE,
    SUBTREE_ROLE,
    guard,
    policy,
    run,
)

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WRITERS = f"{ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}, {PERSON}, {INSTRUCTOR}"


def upgrade() -> None:
    run(
        """
        create table idempotency_keys (
          actor text not null default current_setting('app.actor'),
          key text not null,
          fingerprint bytea not null,
          created_at timestamptz not null default now(),
          status integer,
          headers jsonb,
          body bytea,
          constraint idempotency_keys_pkey primary key (actor, key)
        )
        """,
        "create index idempotency_keys_created_at_idx on idempotency_keys (created_at)",
    )
    guard("idempotency_keys")
    run(
        f"grant select, insert, update on idempotency_keys to {WRITERS}",
        f"grant select, delete on idempotency_keys to {SERVICE}",
    )
    policy("own_keys", "idempotency_keys", WRITERS, f"actor = {OWN_ACTOR}")
    policy("service_reads", "idempotency_keys", SERVICE, "true", "select")
    policy("service_forgets", "idempotency_keys", SERVICE, "true", "delete")


def downgrade() -> None:
    run("drop table idempotency_keys")
