"""Organisations in a tree, their units, and who succeeded whom."""

from migrations.helpers import (
    ACADEMY,
    EVERYBODY,
    INSTRUCTOR,
    OWN,
    OWNER,
    PERSON,
    SERVICE,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        """
        create table organizations (
          id uuid default uuidv7() constraint organizations_pkey primary key,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          code text not null constraint organization_code_taken unique,
          kind text not null,
          name_vi text not null,
          name_en text not null,
          short_name_vi text not null,
          parent_id uuid constraint parent_organization_unknown references organizations,
          opened_on date not null,
          closed_on date,
          constraint organization_kind_unknown check (kind in ('academy', 'ministry', 'province')),
          constraint organization_closes_before_opening check (closed_on > opened_on)
        )
        """,
        "create unique index one_academy on organizations ((true)) where kind = 'academy'",
        "create index organizations_parent_id_idx on organizations (parent_id)",
        """
        create table successions (
          id uuid default uuidv7() constraint successions_pkey primary key,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          organization_id uuid not null
            constraint successions_organization_id_fkey references organizations,
          successor_id uuid not null constraint successor_unknown references organizations,
          effective_on date not null,
          document text not null,
          people_moved integer not null,
          constraint already_succeeded unique (organization_id, successor_id),
          constraint succeeds_itself check (organization_id <> successor_id)
        )
        """,
        "create index successions_successor_id_idx on successions (successor_id)",
        """
        create table organization_subtrees (
          organization_id uuid constraint organization_subtrees_pkey primary key
            constraint organization_subtrees_organization_id_fkey references organizations,
          member_ids uuid[] not null
        )
        """,
        """
        create table units (
          id uuid default uuidv7() constraint units_pkey primary key,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          organization_id uuid not null
            default nullif(current_setting('app.organization', true), '')::uuid
            constraint units_organization_id_fkey references organizations,
          code text not null,
          name_vi text not null,
          name_en text not null,
          parent_id uuid,
          constraint unit_code_taken unique (organization_id, code),
          constraint units_organization_id_id_key unique (organization_id, id),
          constraint parent_unit_unknown foreign key (organization_id, parent_id)
            references units (organization_id, id)
        )
        """,
        "create index units_organization_id_parent_id_idx on units (organization_id, parent_id)",
    )

    # Who is below whom is kept for each organisation, so that entering a scope looks up one row.
    run(
        """
        create function keep_subtrees() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            with recursive above (id, parent_id) as (
              select id, parent_id from new_rows
              union
              select o.id, o.parent_id from organizations o join above on o.id = above.parent_id
            ) cycle id set looped using path
            select from above where looped
          ) then
            raise check_violation using constraint = 'organization_below_itself',
              message = 'an organization cannot be below itself';
          end if;
          merge into organization_subtrees kept using (
            with recursive below (root, id) as (
              select id, id from organizations
              union
              select below.root, o.id from organizations o join below on o.parent_id = below.id
            )
            select root, array_agg(id order by id) as member_ids from below group by root
          ) as present on kept.organization_id = present.root
          when matched and kept.member_ids <> present.member_ids
            then update set member_ids = present.member_ids
          when not matched then insert values (present.root, present.member_ids);
          return null;
        end $$
        """,
        "create trigger subtrees_kept_insert after insert on organizations"
        " referencing new table as new_rows for each statement execute function keep_subtrees()",
        "create trigger subtrees_kept_update after update on organizations"
        " referencing new table as new_rows for each statement execute function keep_subtrees()",
    )

    run(
        """
        create function refuse_unit_below_itself() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if exists (
            with recursive above (id, parent_id) as (
              select id, parent_id from new_rows
              union
              select u.id, u.parent_id from units u join above on u.id = above.parent_id
            ) cycle id set looped using path
            select from above where looped
          ) then
            raise check_violation using constraint = 'unit_below_itself',
              message = 'a unit cannot be below itself';
          end if;
          return null;
        end $$
        """,
        "create trigger unit_tree_insert after insert on units referencing new table as new_rows"
        " for each statement execute function refuse_unit_below_itself()",
        "create trigger unit_tree_update after update on units referencing new table as new_rows"
        " for each statement execute function refuse_unit_below_itself()",
    )

    # Organisations and their successions are known to everybody who may sign in.
    for table in ("organizations", "successions"):
        guard(table)
        run(
            f"grant select on {table} to {EVERYBODY}",
            f"grant insert, update on {table} to {ACADEMY}",
        )
        policy("everybody_reads", table, EVERYBODY, "true", "select")
        policy("academy_adds", table, ACADEMY, "true", "insert")
        policy("academy_changes", table, ACADEMY, "true", "update")
        versioned(table)
        audited(table)
    policy("trigger_reads", "organizations", OWNER, "true", "select")
    run(  # to lock what it reads, which is as much as to update it
        f"create policy trigger_locks on organizations for update to {OWNER}"
        " using (true) with check (false)"
    )
    run(f"grant select on organizations to {SERVICE}")
    policy("service_reads", "organizations", SERVICE, "true", "select")

    guard("organization_subtrees")
    run(f"grant select on organization_subtrees to {SERVICE}")
    policy("service_reads", "organization_subtrees", SERVICE, "true", "select")
    policy("trigger_writes", "organization_subtrees", OWNER, "true")

    own("units")
    for role in (PERSON, INSTRUCTOR):
        run(f"grant select on units to {role}")
        policy(f"own_organization_{role}", "units", role, f"organization_id = {OWN}", "select")
    versioned("units")
    audited("units")


def downgrade() -> None:
    run(
        "drop table units, organization_subtrees, successions, organizations",
        "drop function keep_subtrees, refuse_unit_below_itself",
    )
