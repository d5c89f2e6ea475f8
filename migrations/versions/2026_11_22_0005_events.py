"""Events: the outbox. A change and the news of it commit together, or not at all."""

from migrations.helpers import ACADEMY, ORGANIZATION, SUBTREE_ROLE, own, run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        create table events (
          id uuid default uuidv7() constraint events_pkey primary key,
          organization_id uuid not null
            default nullif(current_setting('app.organization', true), '')::uuid
            constraint events_organization_id_fkey references organizations,
          transaction xid8 not null default pg_current_xact_id(),
          sequence bigint not null generated always as identity,
          occurred_at timestamptz not null default now(),
          name text not null,
          subject_id uuid not null,
          actor text not null default current_setting('app.actor'),
          data jsonb not null
        )
        """,
        # The feed's order: transactions as they began, what they did in its order.
        "create unique index events_transaction_sequence_idx on events (transaction, sequence)",
        "create index events_organization_id_idx"
        " on events (organization_id, transaction, sequence)",
    )
    own("events")
    # News are not taken back.
    run(f"revoke update on events from {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}")


def downgrade() -> None:
    run("drop table events")
