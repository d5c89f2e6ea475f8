"""Webhooks: where changes are told to, their secrets, and what was delivered."""

from migrations.helpers import (
    ACADEMY,
    ORGANIZATION,
    OWN,
    SERVICE,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWNED = """
  organization_id uuid not null
    default nullif(current_setting('app.organization', true), '')::uuid
    constraint {0}_organization_id_fkey references organizations
"""
OF_ENDPOINT = """
  constraint {0}_endpoint_id_fkey foreign key (organization_id, endpoint_id)
    references webhook_endpoints (organization_id, id)
"""
STATES = "('pending', 'delivered', 'failed')"


def upgrade() -> None:
    _endpoints()
    _secrets()
    _deliveries()


def _endpoints() -> None:
    run(
        f"""
        create table webhook_endpoints (
          id uuid default uuidv7() constraint webhook_endpoints_pkey primary key,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          {OWNED.format("webhook_endpoints")},
          url text not null,
          description text,
          types text[] not null,
          enabled boolean not null,
          enabled_at timestamptz not null default now(),
          disabled_because text,
          ended_at timestamptz,
          constraint webhook_endpoints_organization_id_id_key unique (organization_id, id),
          constraint webhook_endpoint_ended_is_disabled check (ended_at is null or not enabled),
          constraint webhook_endpoint_disabled_for_a_reason check (disabled_because is null
            or (disabled_because in ('gone', 'failing') and not enabled))
        )
        """,
        # Each gets every change, so a few multiply them enough.
        """
        create function refuse_more_webhook_endpoints() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if (select count(*) from webhook_endpoints
              where organization_id = new.organization_id and ended_at is null) >= 20 then
            raise check_violation using constraint = 'twenty_webhook_endpoints_at_most',
              message = 'an organization has twenty webhook endpoints at most';
          end if;
          return new;
        end $$
        """,
        "create trigger few_webhook_endpoints before insert on webhook_endpoints"
        " for each row execute function refuse_more_webhook_endpoints()",
        f"grant select on webhook_endpoints to {SERVICE}",
    )
    own("webhook_endpoints")
    policy("service_reads", "webhook_endpoints", SERVICE, "true", "select")
    versioned("webhook_endpoints")
    audited("webhook_endpoints")


def _secrets() -> None:
    """Requests add them, and read none: only the service itself opens what is sealed."""
    run(
        f"""
        create table webhook_secrets (
          id uuid default uuidv7() constraint webhook_secrets_pkey primary key,
          created_at timestamptz not null default now(),
          {OWNED.format("webhook_secrets")},
          endpoint_id uuid not null,
          sealed bytea not null,
          {OF_ENDPOINT.format("webhook_secrets")}
        )
        """,
        "create index webhook_secrets_endpoint_id_id_idx on webhook_secrets (endpoint_id, id)",
        f"grant insert on webhook_secrets to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        f"grant select on webhook_secrets to {SERVICE}",
    )
    guard("webhook_secrets")
    policy("academy_adds", "webhook_secrets", ACADEMY, "true", "insert")
    policy(
        "own_organization", "webhook_secrets", ORGANIZATION, f"organization_id = {OWN}", "insert"
    )
    rule = f"organization_id = any ({SUBTREE})"
    policy("own_subtree", "webhook_secrets", SUBTREE_ROLE, rule, "insert")
    policy("service_reads", "webhook_secrets", SERVICE, "true", "select")


def _deliveries() -> None:
    """Neither versioned nor audited: a hundred thousand come at once, and each tells of itself."""
    run(
        f"""
        create table webhook_deliveries (
          id uuid default uuidv7() constraint webhook_deliveries_pkey primary key,
          created_at timestamptz not null default now(),
          {OWNED.format("webhook_deliveries")},
          endpoint_id uuid not null,
          event_id uuid not null default uuidv7(),
          type text not null,
          payload text not null,
          state text not null default 'pending',
          attempts integer not null default 0,
          next_attempt_at timestamptz default now(),
          last_attempt_at timestamptz,
          last_status integer,
          last_error text,
          {OF_ENDPOINT.format("webhook_deliveries")},
          constraint webhook_deliveries_organization_id_endpoint_id_event_id_key
            unique (organization_id, endpoint_id, event_id),
          constraint webhook_delivery_state_unknown check (state in {STATES}),
          constraint webhook_delivery_attempted_while_pending
            check ((state = 'pending') = (next_attempt_at is not null))
        )
        """,
        "create index webhook_deliveries_endpoint_id_next_attempt_at_idx"
        " on webhook_deliveries (endpoint_id, next_attempt_at) where state = 'pending'",
        "create index webhook_deliveries_organization_id_created_at_id_idx"
        " on webhook_deliveries (organization_id, created_at, id)",
        "create index webhook_deliveries_created_at_id_idx on webhook_deliveries (created_at, id)",
        f"grant select, insert, update, delete on webhook_deliveries to {SERVICE}",
        # Since when an endpoint has taken nothing; apart, for it is no change of the endpoint.
        f"""
        create table webhook_failures (
          endpoint_id uuid constraint webhook_failures_pkey primary key,
          {OWNED.format("webhook_failures")},
          since timestamptz not null default now(),
          {OF_ENDPOINT.format("webhook_failures")}
        )
        """,
        f"grant select, insert, update, delete on webhook_failures to {SERVICE}",
        # Up to which event deliveries were made.
        """
        create table webhook_cursors (
          sole boolean default true constraint webhook_cursors_pkey primary key
            constraint one_webhook_cursor check (sole),
          lineage uuid,
          transaction xid8 not null default '0',
          sequence bigint not null default 0
        )
        """,
        "insert into webhook_cursors default values",
        f"grant select, update on webhook_cursors to {SERVICE}",
    )
    own("webhook_deliveries")
    own("webhook_failures", writable=False)
    guard("webhook_cursors")
    for table in ("webhook_deliveries", "webhook_failures", "webhook_cursors"):
        policy("service_keeps", table, SERVICE, "true")


def downgrade() -> None:
    run(
        "drop table webhook_cursors, webhook_failures, webhook_deliveries, webhook_secrets",
        "drop table webhook_endpoints",
        "drop function refuse_more_webhook_endpoints",
    )
