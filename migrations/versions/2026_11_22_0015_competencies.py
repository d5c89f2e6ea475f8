"""Competencies: versions of frameworks, consultation, job positions, evidence, attainment."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    EVERYBODY,
    INSTRUCTOR,
    ORGANIZATION,
    OWN,
    OWN_LEARNER,
    OWN_SUBJECT,
    OWNER,
    PERSON,
    SERVICE,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own,
    own_person,
    policy,
    run,
    versioned,
)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NARROW = (ORGANIZATION, SUBTREE_ROLE, PERSON, INSTRUCTOR)
CHANGERS = f"{ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}"
NATIONAL = "(select o.id from organizations o where o.kind = 'academy')"
"""Whose catalogue is everybody's."""
VISIBLE = "framework_version_id in (select v.id from framework_versions v)"
INVITED = """framework_version_id in (
  select i.framework_version_id from consultation_invitations i where i.ended_at is null)"""
TODAY = "(now() at time zone 'Asia/Ho_Chi_Minh')::date"
TITLE = 'lower({0} collate "pg_c_utf8")'
"""Titles are compared without case, in any language and whatever the database collates by."""
EXCHANGEABLE = "(coalesce(uuid_extract_version(identifier), 0) between 1 and 5)"
"""CASE 1.1 takes no identifiers of later versions than 5."""

OWNED = """
  organization_id uuid not null
    default nullif(current_setting('app.organization', true), '')::uuid
    constraint {0}_organization_id_fkey references organizations
"""
STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
"""
ADDED = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  created_at timestamptz not null default now(),
"""
OF_VERSION = """
  framework_version_id uuid not null,
  constraint {0}_framework_version_id_fkey foreign key (organization_id, framework_version_id)
    references framework_versions (organization_id, id)
"""
STATED = """
  framework_id uuid not null,
  framework_version_id uuid not null,
  competency_identifier uuid not null,
  scale_identifier uuid not null,
  constraint {0}_framework_version_id_fkey foreign key (framework_id, framework_version_id)
    references framework_versions (framework_id, id),
  constraint {0}_published_fkey foreign key (framework_id, competency_identifier)
    references published_competencies (framework_id, identifier),
  constraint {0}_competency_fkey
    foreign key (framework_version_id, competency_identifier, scale_identifier)
    references competencies (framework_version_id, identifier, scale_identifier)
"""
"""A statement of a level: in the words of the version that was in force when it was made."""

CONTENT = (
    "competencies",
    "competency_replacements",
    "proficiency_scales",
    "proficiency_levels",
    "level_descriptors",
)
"""What a version says, and never says otherwise once it is published."""

WITH_VERSIONS = (
    "competency_frameworks",
    "framework_versions",
    "proficiency_scales",
    "consultation_invitations",
    "consultation_comments",
)
TABLES = tuple(dict.fromkeys((*WITH_VERSIONS, *CONTENT)))


def upgrade() -> None:
    _frameworks()
    _content()
    _consultation()
    _ownership()
    _visibility()
    _immutability()
    _tree()
    _publishing()
    _positions()
    _evidence()
    _attainment()
    _figures()


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


def _content() -> None:
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
          exchanged jsonb not null default '{{}}',
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
          exchanged jsonb not null default '{{}}',
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


def _consultation() -> None:
    policy("invitations_read", "users", OWNER, "true", "select")
    run(
        f"""
        create table consultation_invitations ({STAMPS.format("consultation_invitations")}
          {OWNED.format("consultation_invitations")},
          {OF_VERSION.format("consultation_invitations")},
          invited_organization_id uuid
            constraint invited_organization_unknown references organizations,
          user_id uuid constraint invited_user_unknown references users,
          email text,
          ended_at timestamptz,
          constraint invitation_of_one
            check ((invited_organization_id is null) <> (user_id is null))
        )
        """,
        "create unique index organization_already_invited on consultation_invitations"
        " (framework_version_id, invited_organization_id) where ended_at is null",
        "create unique index user_already_invited on consultation_invitations"
        " (framework_version_id, user_id) where ended_at is null",
        # Who invites knows addresses, and does not read the users of others.
        """
        create function find_invited_user() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          select u.id into new.user_id from users u where lower(u.email) = lower(new.email);
          if new.user_id is null then
            raise foreign_key_violation using constraint = 'invited_user_unknown',
              message = 'nobody has this address';
          end if;
          return new;
        end $$
        """,
        "create trigger user_found before insert on consultation_invitations for each row"
        " when (new.email is not null) execute function find_invited_user()",
        # An item that is commented on may be taken out, so its identifier is kept, not looked up.
        f"""
        create table consultation_comments ({STAMPS.format("consultation_comments")}
          {OWNED.format("consultation_comments")},
          {OF_VERSION.format("consultation_comments")},
          competency_identifier uuid,
          thread_id uuid,
          author text not null default current_setting('app.actor'),
          author_name text,
          author_organization_id uuid
            default nullif(current_setting('app.organization', true), '')::uuid
            constraint comment_author_unknown references organizations,
          text text not null,
          resolution text,
          resolved_at timestamptz,
          resolved_by text,
          constraint consultation_comments_framework_version_id_id_key
            unique (framework_version_id, id),
          constraint thread_unknown foreign key (framework_version_id, thread_id)
            references consultation_comments (framework_version_id, id),
          constraint comment_resolution_unknown
            check (resolution in ('accepted', 'declined', 'noted')),
          constraint comment_resolved_by_somebody check ((resolution is null)
            = (resolved_at is null) and (resolution is null) = (resolved_by is null)),
          constraint answer_resolved check (thread_id is null or resolution is null)
        )
        """,
        "create index consultation_comments_framework_version_id_thread_id_idx"
        " on consultation_comments (framework_version_id, thread_id)",
        f"""
        create table consultation_changes ({ADDED.format("consultation_changes")}
          {OWNED.format("consultation_changes")},
          {OF_VERSION.format("consultation_changes")},
          comment_id uuid,
          subject text not null,
          operation text not null,
          competency_identifier uuid,
          scale_identifier uuid,
          changes jsonb not null,
          changed_by text not null
            default coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
          constraint cause_unknown foreign key (framework_version_id, comment_id)
            references consultation_comments (framework_version_id, id)
        )
        """,
        "create index consultation_changes_framework_version_id_id_idx"
        " on consultation_changes (framework_version_id, id)",
    )


def _ownership() -> None:
    for table in TABLES:
        own(table)
        audited(table)
    for table in WITH_VERSIONS:
        versioned(table)
    run(  # as `versioned`; who makes room for another has not changed
        "create trigger touched before update on competencies for each row"
        " when (old.sort_key = new.sort_key"
        " and to_jsonb(old) - 'position' is distinct from to_jsonb(new) - 'position')"
        " execute function touch()"
    )
    own("consultation_changes", writable=False)
    for table in CONTENT:
        run(f"grant delete on {table} to {CHANGERS}")


def _visibility() -> None:
    """Others read what is published, or shown to them."""
    for role in (PERSON, INSTRUCTOR):
        for table in TABLES:
            run(f"grant select on {table} to {role}")
        run(
            f"grant select on consultation_changes to {role}",
            f"grant insert on consultation_comments to {role}",
        )
    for role in NARROW:
        policy(f"in_force_{role}", "framework_versions", role, "published_on is not null", "select")
        policy(
            f"consulted_{role}",
            "framework_versions",
            role,
            "state = 'consultation' and id in (select i.framework_version_id"
            " from consultation_invitations i where i.ended_at is null)",
            "select",
        )
        policy(
            f"some_version_{role}",
            "competency_frameworks",
            role,
            "id in (select v.framework_id from framework_versions v)",
            "select",
        )
        for table in CONTENT:
            policy(f"version_visible_{role}", table, role, VISIBLE, "select")
        policy(
            f"invited_user_{role}",
            "consultation_invitations",
            role,
            f"user_id = {OWN_SUBJECT}",
            "select",
        )
        for table in ("consultation_comments", "consultation_changes"):
            policy(f"invited_reads_{role}", table, role, INVITED, "select")
        policy(
            f"invited_comments_{role}",
            "consultation_comments",
            role,
            f"{INVITED} and author = current_setting('app.actor')"
            f" and author_organization_id = {OWN} and resolution is null",
            "insert",
        )
    for role, theirs in ((ORGANIZATION, f"= {OWN}"), (SUBTREE_ROLE, f"= any ({SUBTREE})")):
        policy(
            f"invited_organization_{role}",
            "consultation_invitations",
            role,
            f"invited_organization_id {theirs}",
            "select",
        )


def _on_each(table: str, name: str, function: str) -> None:
    """Statement triggers with what was there before and what is there now."""
    for operation, rows in (
        ("insert", "new table as new_rows"),
        ("update", "old table as old_rows new table as new_rows"),
        ("delete", "old table as old_rows"),
    ):
        run(
            f"create trigger {name}_{operation} after {operation} on {table} referencing {rows}"
            f" for each statement execute function {function}()"
        )


def _immutability() -> None:
    policy("trigger_reads", "framework_versions", OWNER, "true", "select")
    run(  # to lock what it reads, which is as much as to update it
        f"create policy trigger_locks on framework_versions for update to {OWNER}"
        " using (true) with check (false)"
    )
    policy("trigger_writes", "consultation_changes", OWNER, "true", "insert")
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
        # Comments are made while a version is in consultation, and of what it says.
        """
        create function refuse_comment_out_of_time() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from framework_versions
          where id in (select framework_version_id from new_rows) order by id for share;
          if exists (
            select from new_rows n join framework_versions v on v.id = n.framework_version_id
            where v.state <> 'consultation'
          ) then
            raise check_violation using constraint = 'not_in_consultation',
              message = 'the version is not in consultation';
          end if;
          if exists (
            select from new_rows n where n.competency_identifier is not null and n.thread_id is null
              and not exists (select from competencies c
                where c.framework_version_id = n.framework_version_id
                  and c.identifier = n.competency_identifier)
          ) then
            raise check_violation using constraint = 'comment_on_unknown_competency',
              message = 'the version has no such competency';
          end if;
          return null;
        end $$
        """,
        "create trigger in_time after insert on consultation_comments"
        " referencing new table as new_rows"
        " for each statement execute function refuse_comment_out_of_time()",
        # What was changed during a consultation, or later because of what was said in it
        # (app.because_of). Siblings that make room are not changed, nor is what is sorted anew.
        """
        create function log_consultation() returns trigger language plpgsql security definer
        set search_path = public, pg_temp set enable_nestloop = off as $$
        declare
          cause uuid := nullif(current_setting('app.because_of', true), '')::uuid;
          said jsonb;
        begin
          if pg_trigger_depth() > 1 or current_setting('app.making_room', true) = 'yes' then
            return null;
          end if;
          case tg_op
            when 'INSERT' then
              select jsonb_agg(jsonb_build_array('{}'::jsonb, to_jsonb(n))) into said
              from new_rows n join framework_versions v on v.id = n.framework_version_id
              where v.state = 'consultation' or cause is not null;
            when 'DELETE' then
              select jsonb_agg(jsonb_build_array(to_jsonb(o), '{}'::jsonb)) into said
              from old_rows o join framework_versions v on v.id = o.framework_version_id
              where v.state = 'consultation' or cause is not null;
            else
              select jsonb_agg(jsonb_build_array(to_jsonb(o), to_jsonb(n))) into said
              from new_rows n join old_rows o using (id)
              join framework_versions v on v.id = n.framework_version_id
              where v.state = 'consultation' or cause is not null;
          end case;
          insert into consultation_changes (organization_id, framework_version_id, comment_id,
            subject, operation, competency_identifier, scale_identifier, changes)
          select (r.either ->> 'organization_id')::uuid,
            (r.either ->> 'framework_version_id')::uuid, cause, tg_table_name, lower(tg_op),
            case tg_table_name
              when 'level_descriptors' then r.either ->> 'competency_identifier'
              when 'competencies' then r.either ->> 'identifier'
              when 'competency_replacements' then r.either ->> 'identifier' end::uuid,
            case tg_table_name
              when 'proficiency_scales' then r.either ->> 'identifier'
              else r.either ->> 'scale_identifier' end::uuid,
            d.fields
          from jsonb_array_elements(said) as s (pair)
          cross join lateral (select s.pair -> 0 || (s.pair -> 1) as either) as r
          cross join lateral (
            select jsonb_object_agg(e.key,
              jsonb_build_array(s.pair -> 0 -> e.key, s.pair -> 1 -> e.key)) as fields
            from jsonb_object_keys(r.either) as e (key)
            where e.key not in ('id', 'version', 'created_at', 'updated_at', 'sort_key',
                'organization_id', 'framework_version_id', 'association_identifier', 'exchanged')
              and s.pair -> 0 -> e.key is distinct from s.pair -> 1 -> e.key
          ) as d
          where d.fields is not null;
          return null;
        end $$
        """,
    )
    for table in CONTENT:
        _on_each(table, "published_kept", "refuse_change_of_published_version")
        _on_each(table, "consultation_logged", "log_consultation")


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
        # somebody was given, or that a position asks for, is never read on another scale.
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
            attainment_rule = excluded.attainment_rule;
          return null;
        end $$
        """,
        "create trigger competencies_published after update of state on framework_versions"
        " for each row when (old.published_on is null and new.state = 'published')"
        " execute function publish_competencies()",
    )


def _positions() -> None:
    run(
        f"""
        create table job_positions ({STAMPS.format("job_positions")}
          {OWNED.format("job_positions")},
          code text not null,
          name_vi text not null,
          name_en text not null,
          description_vi text,
          description_en text,
          ended_on date,
          constraint job_position_code_taken unique (organization_id, code),
          constraint job_positions_organization_id_id_key unique (organization_id, id)
        )
        """,
        # Who has this title, in this unit or in any, is in this position.
        f"""
        create table job_position_titles ({STAMPS.format("job_position_titles")}
          {OWNED.format("job_position_titles")},
          title text not null,
          unit_id uuid,
          job_position_id uuid not null
            constraint title_of_unknown_position references job_positions,
          constraint title_of_unknown_unit foreign key (organization_id, unit_id)
            references units (organization_id, id)
        )
        """,
        "create unique index job_position_title_taken on job_position_titles"
        f" (organization_id, {TITLE.format('title')}, unit_id) nulls not distinct",
        "create index job_position_titles_job_position_id_idx"
        " on job_position_titles (job_position_id)",
        # And who is in another one than the title says, for as long as they hold the position
        # that began on that day.
        f"""
        create table job_position_assignments ({STAMPS.format("job_position_assignments")}
          {OWNED.format("job_position_assignments")},
          learner_id uuid not null
            constraint job_position_assignments_learner_id_fkey
            references learners on delete cascade,
          position_since date not null,
          job_position_id uuid not null
            constraint assigned_position_unknown references job_positions,
          constraint job_position_already_assigned
            unique (organization_id, learner_id, position_since)
        )
        """,
        "create index job_position_assignments_learner_id_idx"
        " on job_position_assignments (learner_id)",
        "create index job_position_assignments_job_position_id_idx"
        " on job_position_assignments (job_position_id)",
        f"""
        create table job_position_requirements ({STAMPS.format("job_position_requirements")}
          {OWNED.format("job_position_requirements")},
          job_position_id uuid not null,
          {STATED.format("job_position_requirements")},
          required_level integer not null,
          desired_level integer not null,
          weight integer not null default 1,
          since date not null,
          until date,
          constraint job_position_requirements_job_position_id_fkey
            foreign key (organization_id, job_position_id)
            references job_positions (organization_id, id),
          constraint required_level_unknown
            foreign key (framework_version_id, scale_identifier, required_level)
            references proficiency_levels (framework_version_id, scale_identifier, level),
          constraint desired_level_unknown
            foreign key (framework_version_id, scale_identifier, desired_level)
            references proficiency_levels (framework_version_id, scale_identifier, level),
          constraint desired_below_required check (desired_level >= required_level),
          constraint weight_out_of_range check (weight between 1 and 100),
          constraint requirement_ends_before_it_begins check (until > since),
          constraint requirements_overlap exclude using gist (organization_id with =,
            job_position_id with =, framework_id with =, competency_identifier with =,
            daterange(since, until) with &&)
        )
        """,
        "create index job_position_requirements_job_position_id_idx"
        " on job_position_requirements (job_position_id)",
    )
    catalogue = ("job_positions", "job_position_titles", "job_position_requirements")
    for table in (*catalogue, "job_position_assignments"):
        own(table)
        versioned(table)
        audited(table)
    for table in catalogue:
        for role in NARROW:
            policy(f"national_{role}", table, role, f"organization_id = {NATIONAL}", "select")
        run(f"grant select on {table} to {PERSON}, {INSTRUCTOR}")
        policy("position_of_ours", table, PERSON, f"organization_id = {OWN}", "select")
    for table in ("job_position_titles", "job_position_assignments", "job_position_requirements"):
        run(f"grant delete on {table} to {CHANGERS}")
    own_person("job_position_assignments", "learner_id")
    for table in (*catalogue, "job_position_assignments"):
        policy("figures_read", table, OWNER, "true", "select")
    run(
        # Who holds which position now: as assigned; else by the title, the organisation's own
        # reading of it first, in the unit before anywhere. Under the policies of who asks.
        f"""
        create view job_positions_held with (security_invoker = true) as
        select l.id as learner_id, l.organization_id, l.unit_id, l.position_since,
          p.id as job_position_id, p.id is not null and a.id is not null as assigned
        from learners l
        left join job_position_assignments a on a.organization_id = l.organization_id
          and a.learner_id = l.id and a.position_since = l.position_since
        left join job_position_titles u on u.organization_id = l.organization_id
          and {TITLE.format("u.title")} = {TITLE.format("l.position_title")}
          and u.unit_id = l.unit_id
        left join job_position_titles t on t.organization_id = l.organization_id
          and {TITLE.format("t.title")} = {TITLE.format("l.position_title")} and t.unit_id is null
        left join job_position_titles n on n.organization_id = {NATIONAL}
          and {TITLE.format("n.title")} = {TITLE.format("l.position_title")} and n.unit_id is null
        left join job_positions p on p.id = coalesce(a.job_position_id, u.job_position_id,
            t.job_position_id, n.job_position_id)
          and (p.ended_on is null or p.ended_on > {TODAY})
        where l.status <> 'left'
        """,
        f"grant select on job_positions_held to {ACADEMY}, {AUDITOR}, {ORGANIZATION},"
        f" {SUBTREE_ROLE}, {PERSON}",
        # Of others' positions nobody reads what they require, nor that they exist.
        f"""
        create function refuse_foreign_position() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join job_positions p on p.id = n.job_position_id
            where p.organization_id not in (n.organization_id, {NATIONAL})
          ) then
            raise foreign_key_violation using
              constraint = case tg_table_name when 'job_position_titles'
                then 'title_of_unknown_position' else 'assigned_position_unknown' end,
              message = 'the position is of another organisation';
          end if;
          return null;
        end $$
        """,
        *(
            f"create trigger of_own_position_{operation} after {operation} on {table}"
            " referencing new table as new_rows"
            " for each statement execute function refuse_foreign_position()"
            for table in ("job_position_titles", "job_position_assignments")
            for operation in ("insert", "update")
        ),
        """
        create function refuse_unpublished_statement() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join framework_versions v on v.id = n.framework_version_id
            where v.published_on is null
          ) then
            raise check_violation using constraint = 'level_of_unpublished_version',
              message = 'levels are stated in the words of a published version';
          end if;
          return null;
        end $$
        """,
        "create trigger published_insert after insert on job_position_requirements"
        " referencing new table as new_rows"
        " for each statement execute function refuse_unpublished_statement()",
        "create trigger published_update after update on job_position_requirements"
        " referencing new table as new_rows"
        " for each statement execute function refuse_unpublished_statement()",
    )


def _evidence() -> None:
    """Neither versioned nor audited: nothing of it changes, and each row tells of itself."""
    of_evidence = """
      foreign key (learner_id, framework_id, competency_identifier, scale_identifier, {0})
        references evidence (learner_id, framework_id, competency_identifier, scale_identifier, id)
    """
    run(
        f"""
        create table evidence ({ADDED.format("evidence")}
          {OWNED.format("evidence")},
          learner_id uuid not null constraint learner_has_evidence references learners,
          {STATED.format("evidence")},
          type text not null,
          level integer,
          achieved_on date not null,
          valid_until date,
          issuer text,
          document text,
          note text,
          recorded_by text not null default current_setting('app.actor'),
          supersedes_id uuid,
          constraint evidence_of_learner_key unique
            (learner_id, framework_id, competency_identifier, scale_identifier, id),
          constraint superseded_evidence_unknown {of_evidence.format("supersedes_id")},
          constraint already_superseded unique (supersedes_id),
          constraint evidence_level_unknown
            foreign key (framework_version_id, scale_identifier, level)
            references proficiency_levels (framework_version_id, scale_identifier, level),
          constraint evidence_without_level check (level is not null or supersedes_id is not null),
          constraint evidence_type_unknown check (type in ('assessment', 'course_completion',
            'supervisor_rating', 'mentored_work', 'prior_learning', 'self_declared')),
          constraint evidence_without_document check (document is not null
            or type not in ('course_completion', 'prior_learning')),
          constraint evidence_expires_before_it_counts check (valid_until > achieved_on)
        )
        """,
        "create index evidence_organization_id_id_idx on evidence (organization_id, id)",
        "create index evidence_learner_id_id_idx on evidence (learner_id, id)",
        f"""
        create table evidence_reviews ({ADDED.format("evidence_reviews")}
          {OWNED.format("evidence_reviews")},
          learner_id uuid not null,
          framework_id uuid not null,
          competency_identifier uuid not null,
          scale_identifier uuid not null,
          evidence_id uuid not null,
          decision text not null,
          note text,
          reviewed_by text not null default current_setting('app.actor'),
          constraint evidence_reviews_evidence_id_fkey {of_evidence.format("evidence_id")},
          constraint review_decision_unknown check (decision in ('confirmed', 'refused'))
        )
        """,
        "create index evidence_reviews_evidence_id_id_idx on evidence_reviews (evidence_id, id)",
    )
    for table in ("evidence", "evidence_reviews"):
        guard(table)
        run(
            f"grant select, insert on {table} to {CHANGERS}",
            f"grant select on {table} to {AUDITOR}",
        )
        policy("academy_everything", table, ACADEMY, "true")
        policy("auditor_reads", table, AUDITOR, "true", "select")
        own_person(table, "learner_id")
        # As positions do, it belongs to the organisation where it was recorded, and stays there;
        # whoever has the learner now sees all of it, and adds to it.
        on_roster = (
            "exists (select from learners l where l.id = learner_id"
            f" and l.organization_id = {table}.organization_id)"
        )
        for role, theirs in (
            (ORGANIZATION, f"organization_id = {OWN}"),
            (SUBTREE_ROLE, f"organization_id = any ({SUBTREE})"),
        ):
            policy(f"own_{role}", table, role, theirs, "select")
            policy(
                f"follows_the_learner_{role}",
                table,
                role,
                "exists (select from learners l where l.id = learner_id)",
                "select",
            )
            policy(f"on_our_roster_{role}", table, role, f"{theirs} and {on_roster}", "insert")
    run(f"grant insert on evidence to {PERSON}")
    policy(
        "own_declaration",
        "evidence",
        PERSON,
        f"learner_id = {OWN_LEARNER} and type in ('self_declared', 'prior_learning')"
        " and organization_id = (select l.organization_id from learners l"
        f" where l.id = {OWN_LEARNER})",
        "insert",
    )
    run(
        "create trigger published_insert after insert on evidence"
        " referencing new table as new_rows"
        " for each statement execute function refuse_unpublished_statement()",
        # Or a learner could put their own word in the place of what others say of them.
        """
        create function refuse_foreign_correction() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join evidence e on e.id = n.supersedes_id
            where n.type <> e.type
          ) then
            raise check_violation using constraint = 'correction_of_another_type',
              message = 'a correction is of the type of what it corrects';
          end if;
          if exists (
            select from new_rows n join evidence e on e.id = n.supersedes_id
            where n.recorded_by like 'learner:%' and n.recorded_by <> e.recorded_by
          ) then
            raise check_violation using constraint = 'evidence_of_others',
              message = 'learners take back what they recorded themselves';
          end if;
          return null;
        end $$
        """,
        "create trigger corrections_fit after insert on evidence"
        " referencing new table as new_rows"
        " for each statement execute function refuse_foreign_correction()",
    )


def _attainment() -> None:
    """What somebody attains is kept, with the rule and the days that it is true for."""
    run(
        """
        create table attainments (
          learner_id uuid constraint attainments_learner_id_fkey
            references learners on delete cascade,
          framework_id uuid,
          competency_identifier uuid,
          scale_identifier uuid,
          organization_id uuid not null
            constraint attainments_organization_id_fkey references organizations,
          rule text not null,
          level integer,
          evidence_id uuid constraint attainments_evidence_id_fkey references evidence,
          reckoned_on date,
          changes_on date,
          constraint attainments_pkey
            primary key (learner_id, framework_id, competency_identifier, scale_identifier),
          constraint attainments_framework_id_fkey
            foreign key (framework_id, competency_identifier)
            references published_competencies (framework_id, identifier)
        )
        """,
        "create index attainments_organization_id_idx on attainments (organization_id)",
    )
    own("attainments", writable=False)
    own_person("attainments", "learner_id")
    policy("trigger_writes", "attainments", OWNER, "true")
    for table in ("evidence", "evidence_reviews", "learners"):
        policy("trigger_reads", table, OWNER, "true", "select")
    run(
        # The rules, in one place: each piece of evidence of somebody for a competency as of a day,
        # why it is left out, and its place among those that count. The first is what they attain.
        """
        create function weigh_evidence(
          learner uuid, framework uuid, competency uuid, scale uuid, rule text, day date
        ) returns table (
          evidence_id uuid, level integer, achieved_on date, valid_until date,
          left_out text, place bigint
        ) language sql stable set search_path = public as $$
          select w.id, w.level, w.achieved_on, w.valid_until, w.left_out,
            case when w.left_out is null then row_number() over (
              partition by w.left_out is null
              order by w.type = 'self_declared',
                case rule when 'best' then -w.level
                  when 'source_priority' then array_position(array['assessment',
                    'supervisor_rating', 'mentored_work', 'course_completion',
                    'prior_learning'], w.type) end,
                w.achieved_on desc, w.level desc, w.id desc) end
          from (
            select e.*, case
              when exists (select from evidence s where s.supersedes_id = e.id) then 'superseded'
              when e.level is null then 'withdrawn'
              when e.scale_identifier <> scale then 'other_scale'
              when r.decision = 'refused' then 'refused'
              when r.decision is null and e.type in ('prior_learning', 'mentored_work')
                then 'not_reviewed'
              when e.achieved_on > day then 'not_yet'
              when e.valid_until <= day then 'expired' end as left_out
            from evidence e left join lateral (
              select decision from evidence_reviews r where r.evidence_id = e.id
              order by r.id desc limit 1
            ) as r on true
            where e.learner_id = learner and e.framework_id = framework
              and e.competency_identifier = competency
          ) as w
        $$
        """,
        """
        create function attained(
          learner uuid, framework uuid, competency uuid, scale uuid, rule text, day date,
          out level integer, out evidence_id uuid, out changes_on date
        ) language sql stable set search_path = public as $$
          select min(w.level) filter (where w.place = 1),
            (array_agg(w.evidence_id) filter (where w.place = 1))[1],
            least(min(w.valid_until) filter (where w.place = 1),
              min(w.achieved_on) filter (where w.left_out = 'not_yet'))
          from weigh_evidence(learner, framework, competency, scale, rule, day) as w
        $$
        """,
        f"grant execute on function weigh_evidence, attained to {EVERYBODY}",
        # Rows are made and locked first, so that of two pieces recorded at once neither is missed.
        f"""
        create function keep_attainments() returns trigger language plpgsql security definer
        set search_path = public, pg_temp
        set enable_hashjoin = off set enable_mergejoin = off as $$
        begin
          insert into attainments (learner_id, framework_id, competency_identifier,
            scale_identifier, organization_id, rule)
          select distinct n.learner_id, n.framework_id, n.competency_identifier,
            n.scale_identifier, l.organization_id, p.attainment_rule
          from new_rows n join learners l on l.id = n.learner_id
          join published_competencies p on p.framework_id = n.framework_id
            and p.identifier = n.competency_identifier
          order by 1, 2, 3, 4
          on conflict do nothing;
          perform from attainments a
          where (a.learner_id, a.framework_id, a.competency_identifier, a.scale_identifier) in (
            select learner_id, framework_id, competency_identifier, scale_identifier from new_rows)
          order by a.learner_id, a.framework_id, a.competency_identifier, a.scale_identifier
          for update;
          update attainments a set rule = k.rule, level = k.level, evidence_id = k.evidence_id,
            changes_on = k.changes_on, reckoned_on = {TODAY}
          from (
            select n.*, p.attainment_rule as rule, t.*
            from (select distinct learner_id, framework_id, competency_identifier, scale_identifier
              from new_rows) as n
            join published_competencies p on p.framework_id = n.framework_id
              and p.identifier = n.competency_identifier
            cross join lateral attained(n.learner_id, n.framework_id, n.competency_identifier,
              n.scale_identifier, p.attainment_rule, {TODAY}) as t
          ) as k
          where (a.learner_id, a.framework_id, a.competency_identifier, a.scale_identifier)
            = (k.learner_id, k.framework_id, k.competency_identifier, k.scale_identifier);
          return null;
        end $$
        """,
        *(
            f"create trigger attainments_kept after insert on {table}"
            " referencing new table as new_rows"
            " for each statement execute function keep_attainments()"
            for table in ("evidence", "evidence_reviews")
        ),
        # What somebody attained goes with them; where they were it is seen no more.
        """
        create function carry_attainments_over() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          update attainments set organization_id = new.organization_id where learner_id = new.id;
          return null;
        end $$
        """,
        "create trigger attainments_carried_over after update of organization_id on learners"
        " for each row when (old.organization_id <> new.organization_id)"
        " execute function carry_attainments_over()",
    )


def _figures() -> None:
    """What others have together: all that is told of people whom nobody who asks may see."""
    run(
        # Counted once a month: of figures that followed each change, who knows when somebody is
        # assessed would take one from the other.
        """
        create table gap_figures (
          organization_id uuid constraint gap_figures_organization_id_fkey references organizations,
          framework_id uuid,
          competency_identifier uuid,
          people bigint not null,
          below bigint not null,
          counted_on date not null,
          constraint gap_figures_pkey
            primary key (organization_id, framework_id, competency_identifier),
          constraint gap_figures_framework_id_fkey
            foreign key (framework_id, competency_identifier)
            references published_competencies (framework_id, identifier)
        )
        """,
    )
    guard("gap_figures")
    policy("figures_kept", "gap_figures", OWNER, "true")
    run(
        f"""
        create function count_gaps() returns void
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          today constant date := {TODAY};
        begin
          lock table gap_figures in share row exclusive mode;
          if exists (select from gap_figures where counted_on >= date_trunc('month', today)) then
            return;
          end if;
          delete from gap_figures;
          insert into gap_figures (organization_id, framework_id, competency_identifier, people,
            below, counted_on)
          with required as materialized (
            select r.*, p.attainment_rule
            from job_position_requirements r
            join published_competencies p on p.framework_id = r.framework_id
              and p.identifier = r.competency_identifier
            where r.since <= today and (r.until is null or r.until > today)
          ), person as materialized (
            select learner_id, organization_id, job_position_id from job_positions_held
          ), needed as (
            select q.framework_id, q.competency_identifier, h.organization_id,
              sum(h.people)::bigint as people
            from required q join (
              select job_position_id, organization_id, count(*) as people from person group by 1, 2
            ) as h using (job_position_id)
            group by 1, 2, 3
          ), met as (
            select framework_id, competency_identifier, organization_id, count(*) as people
            from (
              select c.framework_id, c.competency_identifier, a.organization_id, c.required_level,
                case when a.rule = c.attainment_rule
                    and (a.changes_on is null or a.changes_on > today) then a.level
                  else (select k.level from attained(a.learner_id, a.framework_id,
                    a.competency_identifier, a.scale_identifier, c.attainment_rule, today) as k)
                end as level
              from (
                select person.job_position_id, a.* from attainments a
                join person using (learner_id) offset 0
              ) as a
              join required c using (job_position_id, framework_id, competency_identifier,
                scale_identifier)
              offset 0
            ) as m
            where level >= required_level
            group by 1, 2, 3
          )
          select n.organization_id, n.framework_id, n.competency_identifier, n.people,
            n.people - coalesce(m.people, 0), today
          from needed n
          left join met m using (framework_id, competency_identifier, organization_id);
        end $$
        """,
        # Who asks knows their own, so they are not in it: nothing of theirs moves these figures.
        # A cell is shown if there are people of two organisations in it, five of them below what
        # is required and five not. Rounded, one person more or less is not to be seen.
        f"""
        create function gaps_elsewhere() returns table (
          framework_id uuid, competency_identifier uuid, people bigint, below bigint,
          counted_on date
        ) language sql stable security definer set search_path = public, pg_temp as $$
          select f.framework_id, f.competency_identifier, (round(sum(f.people) / 5) * 5)::bigint,
            (round(sum(f.below) / 5) * 5)::bigint, min(f.counted_on)
          from gap_figures f
          where f.organization_id <> all (case current_setting('role')
            when '{ACADEMY}' then '{{}}' when '{AUDITOR}' then '{{}}'
            when '{ORGANIZATION}' then array[current_setting('app.organization')::uuid]
            when '{SUBTREE_ROLE}' then current_setting('app.subtree')::uuid[]
            end::uuid[])
          group by f.framework_id, f.competency_identifier
          having count(*) >= 2 and sum(f.below) >= 5 and sum(f.people - f.below) >= 5
        $$
        """,
        "grant execute on function gaps_elsewhere"
        f" to {ACADEMY}, {AUDITOR}, {ORGANIZATION}, {SUBTREE_ROLE}",
        # Reading does without, yet each time reckons what is not true any more.
        f"""
        create function renew_attainments(most integer) returns bigint
        language sql security definer set search_path = public, pg_temp as $$
          with stale as (
            select a.learner_id, a.framework_id, a.competency_identifier, a.scale_identifier,
              p.attainment_rule
            from attainments a
            join published_competencies p on p.framework_id = a.framework_id
              and p.identifier = a.competency_identifier
            where a.rule <> p.attainment_rule or a.changes_on <= {TODAY}
            order by 1, 2, 3, 4 limit most
            for update of a skip locked
          ), renewed as (
            update attainments a set rule = s.attainment_rule, level = t.level,
              evidence_id = t.evidence_id, changes_on = t.changes_on, reckoned_on = {TODAY}
            from stale s cross join lateral attained(s.learner_id, s.framework_id,
              s.competency_identifier, s.scale_identifier, s.attainment_rule, {TODAY}) as t
            where (a.learner_id, a.framework_id, a.competency_identifier, a.scale_identifier)
              = (s.learner_id, s.framework_id, s.competency_identifier, s.scale_identifier)
            returning 1
          )
          select count(*) from renewed
        $$
        """,
        f"grant execute on function count_gaps, renew_attainments to {SERVICE}",
    )


def downgrade() -> None:
    run(
        "drop function gaps_elsewhere, count_gaps, renew_attainments",
        "drop table gap_figures",
        "drop trigger attainments_carried_over on learners",
        "drop policy trigger_reads on learners",
        "drop view job_positions_held",
        "drop table attainments, evidence_reviews, evidence",
        "drop function carry_attainments_over, keep_attainments, attained, weigh_evidence",
        "drop table job_position_requirements, job_position_assignments, job_position_titles,"
        " job_positions",
        "drop function refuse_unpublished_statement, refuse_foreign_position,"
        " refuse_foreign_correction",
        "drop table published_competencies",
        "alter table proficiency_scales drop constraint proficient_level_unknown",
        "drop policy invitations_read on users",
        "drop policy trigger_reads on framework_versions",
        "drop table consultation_changes, consultation_comments, level_descriptors,"
        " competency_replacements, competencies, proficiency_levels, proficiency_scales",
    )
    for role in NARROW:
        run(
            f"drop policy some_version_{role} on competency_frameworks",
            f"drop policy consulted_{role} on framework_versions",
        )
    run(
        "drop table consultation_invitations, framework_versions, competency_frameworks",
        "drop function publish_competencies, keep_tree, log_consultation, find_invited_user,"
        " refuse_comment_out_of_time, refuse_change_of_published_row,"
        " refuse_change_of_published_version, find_invited_user",
    )
