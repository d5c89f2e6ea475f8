"""Consultations on a version of a framework: who is invited, what they say, what changed."""

from migrations.competencies import CONTENT, OF_VERSION, on_each
from migrations.helpers import (
    ADDED,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_SUBJECT,
    OWNED,
    OWNER,
    PERSON,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    own,
    policy,
    run,
    versioned,
)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INVITED = """framework_version_id in (
  select i.framework_version_id from consultation_invitations i where i.ended_at is null)"""
TABLES = ("consultation_invitations", "consultation_comments")


def upgrade() -> None:
    _consultation()
    _ownership()
    _visibility()
    _log()


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
        versioned(table)
    own("consultation_changes", writable=False)


def _visibility() -> None:
    """Who is invited reads the version, and what others say of it."""
    for role in (PERSON, INSTRUCTOR):
        for table in (*TABLES, "consultation_changes"):
            run(f"grant select on {table} to {role}")
        run(f"grant insert on consultation_comments to {role}")
    for role in NARROW:
        policy(
            f"consulted_{role}",
            "framework_versions",
            role,
            "state = 'consultation' and id in (select i.framework_version_id"
            " from consultation_invitations i where i.ended_at is null)",
            "select",
        )
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


def _log() -> None:
    policy("trigger_writes", "consultation_changes", OWNER, "true", "insert")
    run(
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
        on_each(table, "consultation_logged", "log_consultation")


def downgrade() -> None:
    for role in NARROW:
        run(f"drop policy consulted_{role} on framework_versions")
    for table in CONTENT:
        for operation in ("insert", "update", "delete"):
            run(f"drop trigger consultation_logged_{operation} on {table}")
    run(
        "drop policy invitations_read on users",
        "drop table consultation_changes, consultation_comments, consultation_invitations",
        "drop function log_consultation, refuse_comment_out_of_time, find_invited_user",
    )
