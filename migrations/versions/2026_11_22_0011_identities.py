"""Identities: as whom outside issuers know our users."""

from migrations.helpers import ACADEMY, AUDITOR, SERVICE, guard, policy, run

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        # Neither versioned nor audited: a row is made with its user, whom the audit tells of, and
        # what changes in it is the time of each new token.
        """
        create table identities (
          issuer text not null,
          subject text not null,
          user_id uuid not null constraint identities_user_id_fkey references users,
          newest_token_at timestamptz not null,
          constraint identities_pkey primary key (issuer, subject)
        )
        """,
        "create index identities_user_id_idx on identities (user_id)",
        f"grant select on identities to {SERVICE}, {ACADEMY}, {AUDITOR}",
        f"grant insert, update on identities to {ACADEMY}",
    )
    guard("identities")
    policy("service_reads", "identities", SERVICE, "true", "select")
    policy("academy_everything", "identities", ACADEMY, "true")
    policy("auditor_reads", "identities", AUDITOR, "true", "select")


def downgrade() -> None:
    run("drop table identities")
