"""What the migrations of modules and curricula say in the same words."""

from migrations.competencies import on_each
from migrations.helpers import (
    CHANGERS,
    INSTRUCTOR,
    NARROW,
    OWNER,
    PERSON,
    audited,
    own,
    policy,
    run,
    versioned,
)

OF_MODULE_VERSION = """
  module_version_id uuid not null,
  constraint {0}_module_version_id_fkey foreign key (organization_id, module_version_id)
    references module_versions (organization_id, id)
"""
OF_CURRICULUM_VERSION = """
  curriculum_version_id uuid not null,
  constraint {0}_curriculum_version_id_fkey foreign key (organization_id, curriculum_version_id)
    references curriculum_versions (organization_id, id)
"""
NUMBERED = """
  number integer not null,
  based_on_id uuid,
  state text not null default 'draft',
  title_vi text not null,
  title_en text not null,
  description_vi text,
  description_en text,
  published_on date,
  retired_on date,
  constraint {0}_organization_id_id_key unique (organization_id, id),
  constraint {0}_{1}_id_id_key unique ({1}_id, id),
  constraint {0}_organization_id_{1}_id_number_key unique (organization_id, {1}_id, number),
  constraint {0}_based_on_id_fkey foreign key ({1}_id, based_on_id) references {0} ({1}_id, id),
  constraint {1}_version_published_on_a_day
    check ((state in ('published', 'retired')) = (published_on is not null)),
  constraint {1}_version_retired_on_a_day check ((state = 'retired') = (retired_on is not null))
"""
"""The columns and rules of versions of a module or of a curriculum."""


def shown_once_published(roots: str, versions: str, of: str, content: tuple[str, ...]) -> None:
    """Organisations work on their own; whoever is signed in reads what was ever published."""
    for table in (roots, versions):
        own(table)
        versioned(table)
        audited(table)
        run(f"grant select on {table} to {PERSON}, {INSTRUCTOR}")
    for role in NARROW:
        policy(f"published_{role}", versions, role, "published_on is not null", "select")
        some_version = f"id in (select v.{of}_id from {versions} v)"
        policy(f"some_version_{role}", roots, role, some_version, "select")
    policy("trigger_reads", roots, OWNER, "true", "select")
    policy("trigger_reads", versions, OWNER, "true", "select")
    for table in (roots, versions):
        locks(table)
    for table in content:
        content_of(table, versions, of)


def locks(table: str) -> None:
    """Triggers lock what they read, which takes a policy as if they updated it."""
    run(
        f"create policy trigger_locks on {table} for update to {OWNER}"
        " using (true) with check (false)"
    )


def content_of(table: str, versions: str, of: str) -> None:
    """A part of what versions say: seen with the version, and changed while that is a draft."""
    own(table)
    audited(table)
    run(
        f"grant delete on {table} to {CHANGERS}",
        f"grant select on {table} to {PERSON}, {INSTRUCTOR}",
    )
    visible = f"{of}_version_id in (select v.id from {versions} v)"
    for role in NARROW:
        policy(f"version_visible_{role}", table, role, visible, "select")
    on_each(table, "draft_alone", f"refuse_change_of_{of}_content")


def drafts_alone_change(versions: str, of: str, *, steps: str, said: str) -> None:
    """Only drafts change, and a version goes through its states by `steps`, pairs of them.

    Whoever changes a version locks it: against others who do, and against its next state
    meanwhile. `said` are the columns that only a draft changes; once published, none does.
    """
    refused = (
        f"raise check_violation using constraint = '{of}_version_not_draft',"
        " message = 'only a draft changes'"
    )
    then = ", ".join(f"new.{column}" for column in said.split())
    before = ", ".join(f"old.{column}" for column in said.split())
    run(
        f"""
        create function refuse_change_of_{of}_content() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          changed uuid[];
        begin
          case tg_op
            when 'INSERT' then
              select array_agg(distinct {of}_version_id) into changed from new_rows;
            when 'DELETE' then
              select array_agg(distinct {of}_version_id) into changed from old_rows;
            else
              select array_agg(distinct id) into changed from (
                select {of}_version_id from old_rows
                union select {of}_version_id from new_rows) as r (id);
          end case;
          perform from {versions} where id = any (changed) order by id for no key update;
          if exists (select from {versions} where id = any (changed) and state <> 'draft') then
            {refused};
          end if;
          return null;
        end $$
        """,
        f"""
        create function refuse_change_of_{of}_version() returns trigger
        language plpgsql set search_path = public as $$
        declare
          kept {versions} := old;
        begin
          if (old.state, new.state) not in ({steps}) then
            {refused};
          end if;
          if (old.state, new.state) <> ('draft', 'draft') and ({before}) is distinct from ({then})
          then
            {refused};
          end if;
          if old.published_on is not null then
            kept.state := new.state;
            kept.retired_on := new.retired_on;
            kept.version := new.version;
            kept.updated_at := new.updated_at;
            if kept is distinct from new then
              {refused};
            end if;
          end if;
          return null;
        end $$
        """,
        f"create trigger draft_alone after update on {versions}"
        f" for each row execute function refuse_change_of_{of}_version()",
    )
