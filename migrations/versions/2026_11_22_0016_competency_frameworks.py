"""Competency frameworks: what a version says, which stays as it was published."""

from migrations.competencies import CONTENT, EXCHANGEABLE, OF_VERSION, on_each
from migrations.helpers import (
    ADDED,
    CHANGERS,
    EVERYBODY,
    INSTRUCTOR,
    NARROW,
    OWNED,
    OWNER,
    PERSON,
    STAMPS,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

VISIBLE = "framework_version_id in (select v.id from framework_versions v)"
VERSIONED = ("competency_frameworks", "framework_versions", "proficiency_scales")
TABLES = tuple(dict.fromkeys((*VERSIONED, *CONTENT)))


def upgrade() -> None:
    _frameworks()
    _scales()
    _competencies()
    _details()
    _ownership()
    _visibility()
    _immutability()
    _tree()
    _publishing()


def _frameworks() -> None:
    run(
        f"""
        create table competency_frameworks ({STAMPS.format("competency_frameworks")}
          {OWNED.format("competency_frameworks")},
          code text not null,
          constraint framework_code_taken unique (organization_id, code),
          constraint competency_frameworks_organization_id_id_key unique (organization_id, id)
        )
        """,
        f"""
        create table framework_versions ({STAMPS.format("framework_versions")}
          {OWNED.format("framework_versions")},
          framework_id uuid not null,
          number integer not null,
          based_on_id uuid,
          identifier uuid not null default gen_random_uuid(),
          state text not null default 'draft',
          title_vi text not null,
          title_en text not null,
          description_vi text,
          description_en text,
          consultation_ends_on date,
          published_on date,
          retired_on date,
          exchanged jsonb not null default '{{}}',
          constraint framework_versions_organization_id_id_key unique (organization_id, id),
          constraint framework_versions_framework_id_id_key unique (framework_id, id),
          constraint framework_versions_id_based_on_id_key unique (id, based_on_id),
          constraint framework_versions_organization_id_framework_id_number_key
            unique (organization_id, framework_id, number),
          constraint framework_versions_framework_id_fkey
            foreign key (organization_id, framework_id)
            references competency_frameworks (organization_id, id),
          constraint framework_versions_based_on_id_fkey foreign key (framework_id, based_on_id)
            references framework_versions (framework_id, id),
          constraint framework_version_state_unknown
            check (state in ('draft', 'consultation', 'published', 'retired', 'discarded')),
          constraint framework_version_identifier_not_exchangeable check {EXCHANGEABLE},
          constraint framework_version_published_on_a_day
            check ((state in ('published', 'retired')) = (published_on is not null)),
          constraint framework_version_retired_on_a_day
            check ((state = 'retired') = (retired_on is not null))
        )
        """,
        # One is worked on at a time, so a version always follows the one before.
        "create unique index framework_version_already_open"
        " on framework_versions (organization_id, framework_id)"
        " where state in ('draft', 'consultation')",
        "create unique index one_framework_version_in_force"
        " on framework_versions (organization_id, framework_id) where state = 'published'",
    )


def _scales() -> None:
    run(
        f"""
        create table proficiency_scales ({STAMPS.format("proficiency_scales")}
          {OWNED.format("proficiency_scales")},
          {OF_VERSION.format("proficiency_scales")},
          identifier uuid not null default gen_random_uuid(),
          name_vi text not null,
          name_en text not null,
          proficient_level integer not null,
          position integer not null,
          exchanged jsonb not null default '{{}}',
          constraint scale_identifier_taken unique (framework_version_id, identifier),
          constraint scale_identifier_not_exchangeable check {EXCHANGEABLE}
        )
        """,
        f"""
        create table proficiency_levels ({ADDED.format("proficiency_levels")}
          {OWNED.format("proficiency_levels")},
          {OF_VERSION.format("proficiency_levels")},
          scale_identifier uuid not null,
          level integer not null,
          name_vi text not null,
          name_en text not null,
          description_vi text,
          description_en text,
          constraint proficiency_levels_level_key
            unique (framework_version_id, scale_identifier, level),
          constraint proficiency_levels_scale_identifier_fkey
            foreign key (framework_version_id, scale_identifier)
            references proficiency_scales (framework_version_id, identifier),
          constraint level_out_of_range check (level between 1 and 20)
        )
        """,
        # A scale comes before its levels, and names one of them: seen to at the commit.
        "alter table proficiency_scales add constraint proficient_level_unknown"
        " foreign key (framework_version_id, identifier, proficient_level)"
        " references proficiency_levels (framework_version_id, scale_identifier, level)"
        " deferrable initially deferred",
    )


def _competencies() -> None:
    run(
        f"""
        create table competencies ({STAMPS.format("competencies")}
          {OWNED.format("competencies")},
          {OF_VERSION.format("competencies")},
          identifier uuid not null default gen_random_uuid(),
          parent_identifier uuid,
          position integer not null,
          sort_key text collate "C" not null default '',
          kind text not null,
          domain text,
          code text,
          name_vi text not null,
          name_en text not null,
          description_vi text,
          description_en text,
          scale_identifier uuid,
          attainment_rule text not null default 'latest',
          association_identifier uuid not null default gen_random_uuid(),
          exchanged jsonb not null default '{{}}',
          constraint competency_identifier_taken unique (framework_version_id, identifier),
          constraint competency_code_taken unique (framework_version_id, code),
          constraint competencies_scale_identifier_key
            unique (framework_version_id, identifier, scale_identifier),
          constraint parent_competency_unknown
            foreign key (framework_version_id, parent_identifier)
            references competencies (framework_version_id, identifier),
          constraint scale_unknown foreign key (framework_version_id, scale_identifier)
            references proficiency_scales (framework_version_id, identifier),
          constraint competency_kind_unknown check (kind in ('area', 'competency', 'indicator')),
          constraint competency_domain_unknown check (domain in ('knowledge', 'skill', 'conduct')),
          constraint competency_without_domain check (kind = 'area' or domain is not null),
          constraint scale_of_no_competency check (kind = 'competency' or scale_identifier is null),
          constraint attainment_rule_unknown
            check (attainment_rule in ('best', 'latest', 'source_priority')),
          constraint competency_identifier_not_exchangeable check {EXCHANGEABLE}
        )
        """,
        "create index competencies_framework_version_id_sort_key_id_idx"
        " on competencies (framework_version_id, sort_key, id)",
        "create index competencies_framework_version_id_parent_identifier_idx"
        " on competencies (framework_version_id, parent_identifier)",
        # Whoever exchanges frameworks asks for one thing, and does not know the version.
        *(
            f"create index {table}_{column}_idx on {table} ({column})"
            for table, column in (
                ("framework_versions", "identifier"),
                ("proficiency_scales", "identifier"),
                ("competencies", "identifier"),
                ("competencies", "association_identifier"),
            )
        ),
    )


def _details() -> None:
    run(
        # What a version says of the one before it, which cannot be changed any more.
        f"""
        create table competency_replacements ({ADDED.format("competency_replacements")}
          {OWNED.format("competency_replacements")},
          {OF_VERSION.format("competency_replacements")},
          identifier uuid not null,
          former_version_id uuid not null,
          former_identifier uuid not null,
          association_identifier uuid not null default gen_random_uuid(),
          constraint competency_replacements_identifier_former_identifier_key
            unique (framework_version_id, identifier, former_identifier),
          constraint competency_replacements_identifier_fkey
            foreign key (framework_version_id, identifier)
            references competencies (framework_version_id, identifier),
          constraint competency_replacements_former_version_id_fkey
            foreign key (framework_version_id, former_version_id)
            references framework_versions (id, based_on_id),
          constraint replaced_competency_unknown
            foreign key (former_version_id, former_identifier)
            references competencies (framework_version_id, identifier)
        )
        """,
        f"""
        create table level_descriptors ({ADDED.format("level_descriptors")}
          {OWNED.format("level_descriptors")},
          {OF_VERSION.format("level_descriptors")},
          competency_identifier uuid not null,
          scale_identifier uuid not null,
          level integer not null,
          text_vi text not null,
          text_en text not null,
          constraint level_descriptors_competency_identifier_level_key
            unique (framework_version_id, competency_identifier, level),
          constraint level_descriptors_competency_identifier_fkey
            foreign key (framework_version_id, competency_identifier, scale_identifier)
            references competencies (framework_version_id, identifier, scale_identifier),
          constraint descriptor_of_no_level
            foreign key (framework_version_id, scale_identifier, level)
            references proficiency_levels (framework_version_id, scale_identifier, level)
        )
        """,
    )


def _ownership() -> None:
    for table in TABLES:
        own(table)
        audited(table)
    for table in VERSIONED:
        versioned(table)
    run(  # as `versioned`; who makes room for another has not changed
        "create trigger touched before update on competencies for each row"
        " when (old.sort_key = new.sort_key"
        " and to_jsonb(old) - 'position' is distinct from to_jsonb(new) - 'position')"
        " execute function touch()"
    )
    for table in CONTENT:
        run(f"grant delete on {table} to {CHANGERS}")


def _visibility() -> None:
    """Others read what is published."""
    for role in (PERSON, INSTRUCTOR):
        for table in TABLES:
            run(f"grant select on {table} to {role}")
    for role in NARROW:
        policy(f"in_force_{role}", "framework_versions", role, "published_on is not null", "select")
        policy(
            f"some_version_{role}",
            "competency_frameworks",
            role,
            "id in (select v.framework_id from framework_versions v)",
            "select",
        )
        for table in CONTENT:
            policy(f"version_visible_{role}", table, role, VISIBLE, "select")


def _immutability() -> None:
    policy("trigger_reads", "framework_versions", OWNER, "true", "select")
    run(  # to lock what it reads, which is as much as to update it
        f"create policy trigger_locks on framework_versions for update to {OWNER}"
        " using (true) with check (false)"
    )
    run(
        # Whoever changes a version locks it: against others who do, and against being published
        # meanwhile. Afterwards nobody changes it.
        """
        create function refuse_change_of_published_version() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          changed uuid[];
        begin
          case tg_op
            when 'INSERT' then
              select array_agg(distinct framework_version_id) into changed from new_rows;
            when 'DELETE' then
              select array_agg(distinct framework_version_id) into changed from old_rows;
            else
              select array_agg(distinct id) into changed from (
                select framework_version_id from old_rows
                union select framework_version_id from new_rows) as r (id);
          end case;
          perform from framework_versions where id = any (changed) order by id for no key update;
          if exists (
            select from framework_versions
            where id = any (changed) and state not in ('draft', 'consultation')
          ) then
            raise check_violation using constraint = 'published_version_changed',
              message = 'a published version does not change';
          end if;
          return null;
        end $$
        """,
        # The row of a version goes its way through the states, and nothing else of it changes once
        # it is published.
        """
        create function refuse_change_of_published_row() returns trigger
        language plpgsql set search_path = public as $$
        declare
          kept framework_versions := old;
        begin
          if (old.state, new.state) not in (('draft', 'draft'), ('draft', 'consultation'),
              ('draft', 'published'), ('draft', 'discarded'), ('consultation', 'consultation'),
              ('consultation', 'draft'), ('consultation', 'published'),
              ('consultation', 'discarded'), ('published', 'retired')) then
            raise check_violation using constraint = 'published_version_changed',
              message = 'a published version does not change';
          end if;
          if old.state = 'published' then
            kept.state := new.state;
            kept.retired_on := new.retired_on;
            kept.version := new.version;
            kept.updated_at := new.updated_at;
            if kept is distinct from new then
              raise check_violation using constraint = 'published_version_changed',
                message = 'a published version does not change';
            end if;
          end if;
          return null;
        end $$
        """,
        "create trigger published_kept after update on framework_versions"
        " for each row execute function refuse_change_of_published_row()",
    )
    for table in CONTENT:
        on_each(table, "published_kept", "refuse_change_of_published_version")


def _tree() -> None:
    policy("trigger_writes", "competencies", OWNER, "true")
    run(
        # The order of the whole tree is kept in each row, so that a page of it is read in order.
        # Who is not reached from above is below itself. The version is locked by then.
        """
        create function keep_tree() returns trigger language plpgsql security definer
        set search_path = public, pg_temp set enable_nestloop = off as $$
        declare
          changed uuid;
          deepest integer;
          reached integer;
        begin
          if pg_trigger_depth() > 1 then  -- its own change of what is sorted by
            return null;
          end if;
          for changed in select distinct framework_version_id from new_rows order by 1 loop
            with recursive ordered as (
              select id, identifier, parent_identifier, to_char(row_number() over (
                partition by parent_identifier order by position, identifier), 'FM000000') as nth
              from competencies where framework_version_id = changed
            ), tree (id, identifier, sort_key, depth) as (
              select id, identifier, nth, 1 from ordered where parent_identifier is null
              union all
              select o.id, o.identifier, t.sort_key || '.' || o.nth, t.depth + 1
              from ordered o join tree t on o.parent_identifier = t.identifier
              where t.depth <= 50
            ), sorted as (
              update competencies c set sort_key = t.sort_key from tree t
              where c.id = t.id and c.sort_key <> t.sort_key
            )
            select max(depth), count(*) into deepest, reached from tree;
            if deepest > 50 then
              raise check_violation using constraint = 'tree_too_deep',
                message = 'a tree has fifty levels at most';
            end if;
            if reached < (
              select count(*) from competencies where framework_version_id = changed
            ) then
              raise check_violation using constraint = 'competency_below_itself',
                message = 'a competency cannot be below itself';
            end if;
          end loop;
          return null;
        end $$
        """,
        # Named so that the version is locked before.
        "create trigger tree_kept_insert after insert on competencies"
        " referencing new table as new_rows for each statement execute function keep_tree()",
        "create trigger tree_kept_update after update on competencies"
        " referencing new table as new_rows for each statement execute function keep_tree()",
    )


def _publishing() -> None:
    run(
        """
        create table published_competencies (
          framework_id uuid constraint published_competencies_framework_id_fkey
            references competency_frameworks,
          identifier uuid,
          framework_version_id uuid not null,
          competency_id uuid not null
            constraint published_competencies_competency_id_fkey references competencies,
          domain text,
          code text,
          name_vi text not null,
          name_en text not null,
          scale_identifier uuid,
          attainment_rule text not null,
          constraint published_competencies_pkey primary key (framework_id, identifier),
          constraint published_competencies_framework_version_id_fkey
            foreign key (framework_version_id, identifier)
            references competencies (framework_version_id, identifier)
        )
        """,
        f"grant select on published_competencies to {EVERYBODY}",
    )
    guard("published_competencies")
    policy("everybody_reads", "published_competencies", EVERYBODY, "true", "select")
    policy("trigger_writes", "published_competencies", OWNER, "true")
    policy("trigger_reads", "proficiency_levels", OWNER, "true", "select")
    run(
        # A scale keeps its identifier as long as its levels mean the same, so a level that
        # somebody was given, or that a position asks for, is never read on another scale. What is
        # on a scale no more is judged by the last version that has it on one.
        """
        create function publish_competencies() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if not exists (select from competencies where framework_version_id = new.id) then
            raise check_violation using constraint = 'nothing_to_publish',
              message = 'the version has no competencies';
          end if;
          if exists (
            select from (
              select scale_identifier, array_agg(level order by level) as levels
              from proficiency_levels where framework_version_id = new.id group by 1
            ) as present join (
              select l.scale_identifier, l.framework_version_id,
                array_agg(l.level order by l.level) as levels
              from proficiency_levels l join framework_versions v on v.id = l.framework_version_id
              where v.framework_id = new.framework_id and v.published_on is not null
                and v.id <> new.id
              group by 1, 2
            ) as former using (scale_identifier)
            where present.levels <> former.levels
          ) then
            raise check_violation using constraint = 'published_scale_changed',
              message = 'a published scale keeps its levels';
          end if;
          insert into published_competencies (framework_id, identifier, framework_version_id,
            competency_id, domain, code, name_vi, name_en, scale_identifier, attainment_rule)
          select new.framework_id, identifier, new.id, id, domain, code, name_vi, name_en,
            scale_identifier, attainment_rule
          from competencies where framework_version_id = new.id
          on conflict (framework_id, identifier) do update set
            framework_version_id = excluded.framework_version_id,
            competency_id = excluded.competency_id, domain = excluded.domain,
            code = excluded.code, name_vi = excluded.name_vi, name_en = excluded.name_en,
            scale_identifier = excluded.scale_identifier,
            attainment_rule = excluded.attainment_rule
          where excluded.scale_identifier is not null
            or published_competencies.scale_identifier is null;
          return null;
        end $$
        """,
        "create trigger competencies_published after update of state on framework_versions"
        " for each row when (old.published_on is null and new.state = 'published')"
        " execute function publish_competencies()",
    )


def downgrade() -> None:
    run(
        "drop table published_competencies",
        "alter table proficiency_scales drop constraint proficient_level_unknown",
        "drop policy trigger_reads on framework_versions",
        "drop table level_descriptors, competency_replacements, competencies, proficiency_levels,"
        " proficiency_scales",
    )
    for role in NARROW:
        run(f"drop policy some_version_{role} on competency_frameworks")
    run(
        "drop table framework_versions, competency_frameworks",
        "drop function publish_competencies, keep_tree, refuse_change_of_published_row,"
        " refuse_change_of_published_version",
    )
