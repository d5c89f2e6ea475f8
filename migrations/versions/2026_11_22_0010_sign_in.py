"""Sign-in: passwords, second factors, invitations, sign-ins with their codes and tokens."""

from importlib import import_module

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    INSTRUCTOR,
    ORGANIZATION,
    OWN_SUBJECT,
    PERSON,
    SERVICE,
    SUBTREE_ROLE,
    audited,
    guard,
    policy,
    run,
    versioned,
)

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHO_READS_THEIR_OWN_ACCOUNT = {
    "users": f"{ORGANIZATION}, {SUBTREE_ROLE}, {PERSON}, {INSTRUCTOR}",
    "clients": f"{ORGANIZATION}, {SUBTREE_ROLE}",
}
"""The others read everybody's."""
KEPT_BY_THE_SERVICE = {
    "passwords": "select, insert, update",
    "second_factors": "select, insert, update, delete",
    "recovery_codes": "select, insert, delete",
    "authorization_codes": "select, insert, update, delete",
    "refresh_tokens": "select, insert, update, delete",
    "sign_in_delays": "select, insert, update, delete",
}
"""Proofs, and what is worth as much: the service itself looks at them, and no request does."""

# What a request begins with: refuses whoever was disabled, removed or revoked, whose sign-in has
# ended, or whose token was signed by a key that is retired; then enters the reach of the role.
# Who is vouched for by an outside issuer comes without a key of ours and without a sign-in.
ENTER_SCOPE = """
create function enter_scope(
  subject uuid, as_role text, organization uuid, scopes text, signed_with text, sign_in uuid,
  request text
) returns void language plpgsql set search_path = public as $$
declare
  own_learner uuid;
  reach text;
  subtree uuid[];
begin
  if signed_with is not null then
    perform from signing_keys where kid = signed_with and state in ('active', 'retiring');
    if not found then
      raise invalid_authorization_specification using message = 'the signing key is retired';
    end if;
  end if;
  if as_role = 'client' then
    perform from clients c
    where c.id = subject and c.organization_id = organization and c.revoked_at is null
      and c.scopes @> string_to_array(enter_scope.scopes, ' ');
  else
    select m.learner_id into own_learner
    from memberships m join users u on u.id = m.user_id
    left join sign_ins s on s.id = sign_in and s.user_id = subject and s.ended_at is null
      and s.expires_at > now()
    where m.user_id = subject and m.role = as_role and m.organization_id = organization
      and m.ended_at is null and u.disabled_at is null
      and (s.id is not null or signed_with is null);
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

# A read in one round trip: see migration 0004.
ENTER_SCOPE_AND_READ = """
create function enter_scope_and_read(
  subject uuid, as_role text, organization uuid, scopes text, signed_with text, sign_in uuid,
  request text, prepared text, given text[], plan_anew boolean,
  out body bytea, out place text, out tag text, out whose text
) language plpgsql set search_path = public as $$
declare
  quoted text;
  value text;
begin
  perform enter_scope(subject, as_role, organization, scopes, signed_with, sign_in, request);
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

STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
"""


def upgrade() -> None:
    _extend_users_and_clients()
    _sign_ins()
    _proofs()
    _books()
    # Whoever serves yet with the former ones is out of date: their readiness says so.
    run(
        "-- squawk-ignore ban-drop-function\ndrop function enter_scope_and_read",
        "-- squawk-ignore ban-drop-function\ndrop function enter_scope",
    )
    _enter(ENTER_SCOPE, ENTER_SCOPE_AND_READ)


def _extend_users_and_clients() -> None:
    run(
        # A second factor set up before this moment counts no more: its owner lost it.
        "alter table users add second_factor_reset_at timestamptz",
        # Whatever of a user's began before this moment and is no sign-in yet becomes none.
        "alter table users add signed_out_at timestamptz",
        "alter table clients add redirect_uris text[] not null default '{}'",
        # Two of a kind, so that one is exchanged for another without an hour in which none works.
        "alter table client_keys add slot integer not null default 1"
        " constraint client_key_slot_unknown check (slot in (1, 2))",
        # The newest two stay good; row policies bind the owner too, who sees none otherwise.
        "alter table client_keys no force row level security",
        """
        update client_keys k set
          slot = case when n.nth = 2 then 2 else 1 end,
          revoked_at = case when n.nth > 2 then now() end
        from (
          select id, row_number() over (
            partition by client_id, secret_hash is null order by id desc) as nth
          from client_keys where revoked_at is null
        ) as n where n.id = k.id and n.nth > 1
        """,
        "alter table client_keys force row level security",
        # Answers are kept sealed from now on.
        "truncate idempotency_keys",
        "create unique index two_keys_at_most on client_keys (client_id, (secret_hash is null),"
        " slot) where revoked_at is null",
        """
        create function choose_key_slot() returns trigger
        language plpgsql set search_path = public as $$
        begin
          select min(free.slot) into new.slot from (values (1), (2)) as free (slot)
          where not exists (select from client_keys k where k.client_id = new.client_id
            and (k.secret_hash is null) = (new.secret_hash is null)
            and k.slot = free.slot and k.revoked_at is null);
          if new.slot is null then
            raise unique_violation using
              constraint = 'two_keys_at_most', message = 'two keys of a kind are enough';
          end if;
          return new;
        end $$
        """,
        "create trigger chosen_slot before insert on client_keys"
        " for each row execute function choose_key_slot()",
        """
        create function check_membership_role() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if new.role in ('academy_admin', 'academy_staff', 'auditor') and not exists (
            select from organizations o where o.id = new.organization_id and o.kind = 'academy'
          ) then
            raise check_violation using constraint = 'role_of_the_academy',
              message = 'who sees every organisation is a member of the Academy';
          end if;
          return new;
        end $$
        """,
        # Few accounts are learners' yet, so checking them all takes no time.
        "-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid\n"
        "alter table memberships add constraint memberships_learner_id_fkey"
        " foreign key (learner_id) references learners",
        "create trigger checked_role before insert or update of role, organization_id"
        " on memberships for each row execute function check_membership_role()",
    )
    audited("client_keys")  # tells of changes, and a proof never changes
    run(f"grant select on client_keys to {AUDITOR}")
    policy("auditor_reads", "client_keys", AUDITOR, "true", "select")
    for table, roles in WHO_READS_THEIR_OWN_ACCOUNT.items():
        run(f"grant select on {table} to {roles}")
        policy("own_account", table, roles, f"id = {OWN_SUBJECT}", "select")


def _sign_ins() -> None:
    run(
        f"""
        create table sign_ins ({STAMPS.format("sign_ins")}
          user_id uuid not null constraint sign_ins_user_id_fkey references users,
          membership_id uuid not null
            constraint sign_ins_membership_id_fkey references memberships,
          client text not null,
          scope text not null,
          method text not null,
          source text,
          user_agent text,
          expires_at timestamptz not null,
          ended_at timestamptz,
          ended_because text,
          constraint sign_in_method_unknown
            check (method in ('password', 'password_and_code', 'command_line')),
          constraint sign_in_end_unknown check (ended_because in ('signed_out',
            'ended_by_administrator', 'password_changed', 'code_reused', 'refresh_token_reused')),
          constraint sign_in_ends_for_a_reason
            check ((ended_at is null) = (ended_because is null))
        )
        """,
        "create index sign_ins_user_id_id_idx on sign_ins (user_id, id)",
        "create index sign_ins_membership_id_idx on sign_ins (membership_id)",
        "create index sign_ins_created_at_id_idx on sign_ins (created_at, id)",
        "create index sign_ins_client_idx on sign_ins (client) where ended_at is null",
        f"grant select, insert, update on sign_ins to {SERVICE}",
        f"grant select, update on sign_ins to {ACADEMY}",
        f"grant select on sign_ins to {AUDITOR}",
    )
    guard("sign_ins")
    policy("service_keeps", "sign_ins", SERVICE, "true")
    policy("academy_reads", "sign_ins", ACADEMY, "true", "select")
    policy("academy_ends", "sign_ins", ACADEMY, "true", "update")
    policy("auditor_reads", "sign_ins", AUDITOR, "true", "select")
    versioned("sign_ins")
    audited("sign_ins")


def _proofs() -> None:
    run(
        """
        create table passwords (
          user_id uuid constraint passwords_pkey primary key
            constraint passwords_user_id_fkey references users,
          hash text not null,
          changed_at timestamptz not null default now()
        )
        """,
        """
        create table second_factors (
          user_id uuid constraint second_factors_pkey primary key
            constraint second_factors_user_id_fkey references users,
          sealed_secret bytea not null,
          added_at timestamptz not null default now(),
          last_step bigint not null default 0
        )
        """,
        """
        create table recovery_codes (
          user_id uuid constraint recovery_codes_user_id_fkey references users,
          hash bytea,
          constraint recovery_codes_pkey primary key (user_id, hash)
        )
        """,
        """
        create table invitations (
          id uuid default uuidv7() constraint invitations_pkey primary key,
          token_hash bytea not null constraint invitation_token_taken unique,
          user_id uuid not null constraint invitations_user_id_fkey references users,
          expires_at timestamptz not null,
          used_at timestamptz
        )
        """,
        "create index invitations_user_id_id_idx on invitations (user_id, id)",
        f"grant select, insert, update, delete on invitations to {SERVICE}",
        f"grant insert on invitations to {ACADEMY}",
        """
        create table authorization_codes (
          hash bytea constraint authorization_codes_pkey primary key,
          membership_id uuid not null
            constraint authorization_codes_membership_id_fkey references memberships,
          client text not null,
          redirect_uri text not null,
          challenge text not null,
          scope text not null,
          method text not null,
          source text,
          user_agent text,
          approved_at timestamptz not null,
          password_set_at timestamptz,
          expires_at timestamptz not null,
          sign_in_id uuid constraint authorization_codes_sign_in_id_fkey references sign_ins
        )
        """,
        "create index authorization_codes_expires_at_idx on authorization_codes (expires_at)",
        """
        create table refresh_tokens (
          hash bytea constraint refresh_tokens_pkey primary key,
          sign_in_id uuid not null constraint refresh_tokens_sign_in_id_fkey references sign_ins,
          expires_at timestamptz not null,
          successor_hash bytea,
          replaced_at timestamptz,
          constraint refresh_token_replaced_by_one
            check ((successor_hash is null) = (replaced_at is null))
        )
        """,
        "create index refresh_tokens_sign_in_id_idx on refresh_tokens (sign_in_id)",
        "create index refresh_tokens_expires_at_idx on refresh_tokens (expires_at)",
        """
        create table sign_in_delays (
          key bytea constraint sign_in_delays_pkey primary key,
          failures integer not null default 1,
          failed_at timestamptz not null default now(),
          retry_at timestamptz not null default now()
        )
        """,
        "create index sign_in_delays_failed_at_idx on sign_in_delays (failed_at)",
    )
    for table, rights in KEPT_BY_THE_SERVICE.items():
        guard(table)
        run(f"grant {rights} on {table} to {SERVICE}")
        policy("service_keeps", table, SERVICE, "true")
    guard("invitations")
    policy("service_keeps", "invitations", SERVICE, "true")
    policy("academy_invites", "invitations", ACADEMY, "true", "insert")


def _books() -> None:
    """What the service writes down of itself, though nobody's request may."""
    run(
        # When a sign-in or a client's key was used last; apart, for it is no change of theirs.
        """
        create table last_uses (
          id uuid constraint last_uses_pkey primary key,
          used_at timestamptz not null
        )
        """,
        f"grant select, insert, update, delete on last_uses to {SERVICE}",
        f"grant select on last_uses to {ACADEMY}, {AUDITOR}",
        # A transaction of the service itself: no rows but its own, and the audit names who is
        # behind it.
        """
        create function enter_service(actor text, request text) returns void
        language sql set search_path = public
        begin atomic
          select set_config('app.actor', actor, true), set_config('app.request', request, true);
        end
        """,
        f"grant execute on function enter_service to {SERVICE}",
        # For the audit, of what is not a change of a row that everybody may see: a proof that was
        # changed or refused.
        """
        create function note_in_audit(operation text, table_name text, row_id uuid, reason text)
        returns void language sql security definer set search_path = public, pg_temp
        begin atomic
          insert into audit_entries (actor, request_id, operation, table_name, row_id, changes)
          values (coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            coalesce(current_setting('app.request', true), ''), operation, table_name, row_id,
            case when reason is null then '{}' else jsonb_build_object('reason',
              jsonb_build_array(null, reason)) end);
        end
        """,
        f"grant execute on function note_in_audit to {SERVICE}",
        # Who invites may not read what was handed out, so the audit is told by the table itself.
        """
        create function note_invitation() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform note_in_audit('insert', 'invitations', new.user_id, null);
          return null;
        end $$
        """,
        # One that is used up from the first only withdraws the others.
        "create trigger noted after insert on invitations for each row"
        " when (new.used_at is null) execute function note_invitation()",
    )
    guard("last_uses")
    policy("service_keeps", "last_uses", SERVICE, "true")
    policy("academy_reads", "last_uses", ACADEMY, "true", "select")
    policy("auditor_reads", "last_uses", AUDITOR, "true", "select")


def _enter(scope: str, scope_and_read: str) -> None:
    run(
        scope,
        f"grant execute on function enter_scope to {SERVICE}",
        scope_and_read,
        f"grant execute on function enter_scope_and_read to {SERVICE}",
    )


def downgrade() -> None:
    run("drop function enter_scope_and_read", "drop function enter_scope")
    access = import_module("migrations.versions.2026_11_22_0004_access")
    _enter(access.ENTER_SCOPE, access.ENTER_SCOPE_AND_READ)
    run(
        "drop table last_uses, invitations",
        "drop function note_invitation",
        "drop function note_in_audit",
        "drop function enter_service",
        f"drop table {', '.join(KEPT_BY_THE_SERVICE)}",
        "drop table sign_ins",
        f"revoke select on client_keys from {AUDITOR}",
        "drop policy auditor_reads on client_keys",
        *(f"drop trigger audited_{o} on client_keys" for o in ("insert", "update", "delete")),
        "alter table memberships drop constraint memberships_learner_id_fkey",
        "drop trigger checked_role on memberships",
        "drop function check_membership_role",
        "drop trigger chosen_slot on client_keys",
        "drop function choose_key_slot",
        "drop index two_keys_at_most",
        "alter table client_keys drop slot",
        "alter table clients drop redirect_uris",
        "alter table users drop signed_out_at, drop second_factor_reset_at",
    )
    for table, roles in WHO_READS_THEIR_OWN_ACCOUNT.items():
        run(f"drop policy own_account on {table}", f"revoke select on {table} from {roles}")
