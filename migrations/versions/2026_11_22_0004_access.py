"""Access: users, their memberships, machine clients, signing keys, and entering a scope."""

from migrations.helpers import ACADEMY, AUDITOR, SERVICE, audited, guard, policy, run, versioned

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
"""

# What a request begins with: refuses whoever was disabled, removed or revoked, or whose
# token was signed by a key that is retired; then enters the reach of the role.
ENTER_SCOPE = """
create function enter_scope(
  subject uuid, as_role text, organization uuid, scopes text, signed_with text, request text
) returns void language plpgsql set search_path = public as $$
declare
  own_learner uuid;
  reach text;
  subtree uuid[];
begin
  perform from signing_keys where kid = signed_with and state in ('active', 'retiring');
  if not found then
    raise invalid_authorization_specification using message = 'the signing key is retired';
  end if;
  if as_role = 'client' then
    perform from clients c
    where c.id = subject and c.organization_id = organization and c.revoked_at is null
      and c.scopes @> string_to_array(enter_scope.scopes, ' ');
  else
    select m.learner_id into own_learner
    from memberships m join users u on u.id = m.user_id
    where m.user_id = subject and m.role = as_role and m.organization_id = organization
      and m.ended_at is null and u.disabled_at is null;
  end if;
  if not found then
    raise invalid_authorization_specification using message = 'access was withdrawn';
  end if;
  select s.member_ids,
    case
      when as_role = 'auditor' then 'banggiao_auditor'
      when as_role = 'learner' then 'banggiao_person'
      when as_role = 'instructor' then 'banggiao_instructor'
      when o.kind = 'academy' then 'banggiao_academy'
      when cardinality(s.member_ids) = 1 then 'banggiao_organization'
      else 'banggiao_subtree'
    end
  into strict subtree, reach
  from organizations o join organization_subtrees s on s.organization_id = o.id
  where o.id = organization;
  perform
    set_config('app.organization', organization::text, true),
    set_config('app.learner', coalesce(own_learner::text, ''), true),
    set_config('app.subtree', case when reach = 'banggiao_subtree'
      then subtree::text else '' end, true),
    set_config('app.actor', as_role || ':' || subject::text, true),
    set_config('app.request', coalesce(request, ''), true),
    set_config('role', reach, true);
end $$
"""

# A read in one round trip: enters the scope, then executes a statement that this connection
# has prepared, with what its placeholders take as text. PL/pgSQL executes one after the
# other, and the statement is planned for the role that was entered: once for all values,
# or anew for these.
ENTER_SCOPE_AND_READ = """
create function enter_scope_and_read(
  subject uuid, as_role text, organization uuid, scopes text, signed_with text,
  request text, prepared text, given text[], plan_anew boolean,
  out body bytea, out place text, out tag text, out whose text
) language plpgsql set search_path = public as $$
declare
  quoted text;
  value text;
begin
  perform enter_scope(subject, as_role, organization, scopes, signed_with, request);
  foreach value in array given loop
    quoted := concat_ws(',', quoted, quote_nullable(value));
  end loop;
  if plan_anew then
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
  end if;
  execute format('execute %I %s', prepared, '(' || quoted || ')')
    into body, place, tag, whose;
end $$
"""


def upgrade() -> None:
    run(
        f"""
        create table users ({STAMPS.format("users")}
          email text not null,
          name text not null,
          disabled_at timestamptz
        )
        """,
        "create unique index email_taken on users (lower(email))",
        f"""
        create table memberships ({STAMPS.format("memberships")}
          user_id uuid not null constraint memberships_user_id_fkey references users,
          organization_id uuid not null
            constraint memberships_organization_id_fkey references organizations,
          role text not null,
          learner_id uuid,
          ended_at timestamptz,
          constraint membership_taken unique (user_id, role, organization_id),
          constraint role_unknown check (role in ('academy_admin', 'academy_staff', 'auditor',
            'instructor', 'coordinator', 'viewer', 'learner')),
          constraint learner_without_record check ((role = 'learner') = (learner_id is not null))
        )
        """,
        "create index memberships_organization_id_idx on memberships (organization_id)",
        f"""
        create table clients ({STAMPS.format("clients")}
          name text not null constraint client_name_taken unique,
          organization_id uuid not null
            constraint clients_organization_id_fkey references organizations,
          scopes text[] not null,
          revoked_at timestamptz
        )
        """,
        "create index clients_organization_id_idx on clients (organization_id)",
        f"""
        create table client_keys ({STAMPS.format("client_keys")}
          client_id uuid not null constraint client_keys_client_id_fkey references clients,
          secret_hash bytea,
          public_jwk jsonb,
          revoked_at timestamptz,
          constraint client_key_is_secret_or_public
            check ((secret_hash is null) <> (public_jwk is null))
        )
        """,
        "create index client_keys_client_id_idx on client_keys (client_id)",
        """
        create table used_assertions (
          client_id uuid not null constraint used_assertions_client_id_fkey references clients,
          jti text not null,
          expires_at timestamptz not null,
          constraint used_assertions_pkey primary key (client_id, jti)
        )
        """,
        """
        create table signing_keys (
          kid text constraint signing_keys_pkey primary key,
          state text not null,
          private_pem text not null,
          public_jwk jsonb not null,
          changed_at timestamptz not null default now(),
          constraint key_state_unknown
            check (state in ('next', 'active', 'retiring', 'retired'))
        )
        """,
        "create unique index one_key_signs on signing_keys (state) where state = 'active'",
        "create unique index one_key_is_next on signing_keys (state) where state = 'next'",
    )
    # Who is calling is looked up before any scope: by the service itself, and only these tables.
    for table in ("users", "memberships", "clients", "client_keys"):
        guard(table)
        run(
            f"grant select on {table} to {SERVICE}, {ACADEMY}",
            f"grant insert, update on {table} to {ACADEMY}",
        )
        policy("service_reads", table, SERVICE, "true", "select")
        policy("academy_everything", table, ACADEMY, "true")
        versioned(table)
    for table in ("users", "memberships", "clients"):
        run(f"grant select on {table} to {AUDITOR}")
        policy("auditor_reads", table, AUDITOR, "true", "select")
        audited(table)
    guard("used_assertions")
    run(f"grant select, insert, delete on used_assertions to {SERVICE}")
    policy("service_keeps", "used_assertions", SERVICE, "true")
    guard("signing_keys")
    run(f"grant select, insert, update on signing_keys to {SERVICE}")
    policy("service_keeps", "signing_keys", SERVICE, "true")

    run(
        ENTER_SCOPE,
        f"grant execute on function enter_scope to {SERVICE}",
        ENTER_SCOPE_AND_READ,
        f"grant execute on function enter_scope_and_read to {SERVICE}",
        # The next key becomes active, the active one retires; the first of `fresh` is next then.
        # Where there was no next key, the last of `fresh` becomes active at once.
        """
        create function rotate_signing_keys(fresh jsonb) returns void
        language plpgsql set search_path = public as $$
        begin
          lock table signing_keys in share row exclusive mode;
          update signing_keys set state = 'retiring', changed_at = now() where state = 'active';
          update signing_keys set state = 'active', changed_at = now() where state = 'next';
          insert into signing_keys (kid, state, private_pem, public_jwk)
          select key ->> 'kid', case nth when 1 then 'next' else 'active' end,
            key ->> 'private_pem', key -> 'public_jwk'
          from jsonb_array_elements(fresh) with ordinality as f (key, nth);
        end $$
        """,
        f"grant execute on function rotate_signing_keys to {SERVICE}",
    )


def downgrade() -> None:
    run(
        "drop function rotate_signing_keys",
        "drop function enter_scope_and_read",
        "drop function enter_scope",
        "drop table signing_keys, used_assertions, client_keys, clients, memberships, users",
    )
