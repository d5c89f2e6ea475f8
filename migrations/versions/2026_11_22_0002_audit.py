"""Audit: who changed what, and who read whose personal data."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    ORGANIZATION,
    OWN,
    OWNER,
    SERVICE,
    SUBTREE,
    SUBTREE_ROLE,
    guard,
    policy,
    run,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HIDDEN = "'{version,updated_at,sort_key,search_text,national_id_hash}'"
"""Columns that are derived, or that nobody should read twice."""


def upgrade() -> None:
    run(
        """
        create table audit_entries (
          id uuid default uuidv7() constraint audit_entries_pkey primary key,
          occurred_at timestamptz not null default now(),
          transaction xid8 not null default pg_current_xact_id(),
          organization_id uuid,
          actor text not null,
          request_id text not null,
          operation text not null,
          table_name text not null,
          row_id uuid,
          changes jsonb not null
        )
        """,
        "create index audit_entries_row_id_id_idx on audit_entries (row_id, id)",
        "create index audit_entries_organization_id_id_idx on audit_entries (organization_id, id)",
        """
        create table personal_data_reads (
          id uuid default uuidv7() constraint personal_data_reads_pkey primary key,
          occurred_at timestamptz not null,
          organization_id uuid not null,
          actor text not null,
          request_id text not null,
          operation text not null,
          learner_ids uuid[] not null
        )
        """,
        "create index personal_data_reads_learner_ids_idx"
        " on personal_data_reads using gin (learner_ids)",
        "create index personal_data_reads_organization_id_id_idx"
        " on personal_data_reads (organization_id, id)",
    )
    for table in ("audit_entries", "personal_data_reads"):
        guard(table)
        run(
            f"grant select on {table} to {ACADEMY}, {AUDITOR}, {ORGANIZATION}, {SUBTREE_ROLE}",
        )
        policy("academy_reads", table, ACADEMY, "true", "select")
        policy("auditor_reads", table, AUDITOR, "true", "select")
        policy("own_organization", table, ORGANIZATION, f"organization_id = {OWN}", "select")
        policy("own_subtree", table, SUBTREE_ROLE, f"organization_id = any ({SUBTREE})", "select")
    # Changes are written by the owner's trigger functions, reads by the service: nobody else can.
    policy("trigger_writes", "audit_entries", OWNER, "true", "insert")
    policy("service_writes", "personal_data_reads", SERVICE, "true", "insert")
    run(f"grant insert on personal_data_reads to {SERVICE}")

    for operation, rows, changes in (
        ("insert", "new_rows as r", "'{}'::jsonb"),
        ("delete", "old_rows as r", f"to_jsonb(r) - {HIDDEN}::text[]"),
        (
            "update",
            "new_rows as r join old_rows as o using (id)",
            f"""coalesce((
              select jsonb_object_agg(n.key, jsonb_build_array(b.value, n.value))
              from jsonb_each(to_jsonb(r) - {HIDDEN}::text[]) as n
              join jsonb_each(to_jsonb(o)) as b using (key)
              where n.value is distinct from b.value), '{{}}')""",
        ),
    ):
        run(
            f"""
            create function audit_{operation}() returns trigger
            language plpgsql security definer set search_path = public, pg_temp as $$
            begin
              insert into audit_entries
                (organization_id, actor, request_id, operation, table_name, row_id, changes)
              select
                case when tg_table_name = 'organizations' then r.id
                  else (to_jsonb(r) ->> 'organization_id')::uuid end,
                coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
                coalesce(current_setting('app.request', true), ''),
                '{operation}', tg_table_name, r.id, {changes}
              from {rows};
              return null;
            end $$
            """
        )


def downgrade() -> None:
    run(
        "drop function audit_insert",
        "drop function audit_update",
        "drop function audit_delete",
        "drop table personal_data_reads",
        "drop table audit_entries",
    )
