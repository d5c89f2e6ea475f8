"""Consultations on a version of a framework: who is invited, what they say, what changed."""

from migrations.competencies import CONTENT, OF_VERSION, on_each
from migrations.helpers import ADDED, NARROW, OWNED, OWNER, policy, run
from migrations.opinions import (
    FIND_USER,
    comments,
    comments_in_time,
    invitations,
    invited,
    shown_to_invited,
)

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _consultation()
    shown_to_invited(
        "consultation",
        "framework",
        during="state = 'consultation'",
        versions=invited("consultation", "framework"),
        logs=("consultation_changes",),
    )
    _log()


def _consultation() -> None:
    policy("invitations_read", "users", OWNER, "true", "select")
    invitations("consultation", "framework", OF_VERSION)
    run(
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
        FIND_USER.format("consultation_invitations"),
    )
    comments("consultation", "framework", OF_VERSION, "competency_identifier")
    run(
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


def _log() -> None:
    policy("trigger_writes", "consultation_changes", OWNER, "true", "insert")
    comments_in_time(
        "consultation",
        "framework",
        function="refuse_comment_out_of_time",
        state="consultation",
        refusal="in_consultation",
        item="competency",
        items="""n.competency_identifier is not null and n.thread_id is null
              and not exists (select from competencies c
                where c.framework_version_id = n.framework_version_id
                  and c.identifier = n.competency_identifier)""",
    )
    run(
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
