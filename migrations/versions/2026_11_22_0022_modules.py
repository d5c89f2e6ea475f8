"""Modules: what a version teaches, and what it needs to be taught before."""

from migrations.competencies import STATED
from migrations.curricula import (
    NUMBERED,
    OF_MODULE_VERSION,
    drafts_alone_change,
    shown_once_published,
)
from migrations.helpers import (
    ADDED,
    NARROW,
    NATIONAL,
    OWNED,
    OWNER,
    STAMPS,
    policy,
    run,
)

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CONTENT = (
    "module_outcomes",
    "module_competencies",
    "module_prerequisites",
    "module_materials",
)
"""What a version says beside its own row."""


def upgrade() -> None:
    _modules()
    _content()
    drafts_alone_change(
        "module_versions",
        "module",
        steps="('draft', 'draft'), ('draft', 'published'), ('draft', 'discarded'),"
        " ('published', 'retired')",
        said="title_vi title_en description_vi description_en domain theory_hours practice_hours"
        " self_study_hours on_the_job_hours mode expertise",
    )
    shown_once_published("modules", "module_versions", "module", CONTENT)
    _ownership()
    _prerequisites()


def _modules() -> None:
    run(
        f"""
        create table modules ({STAMPS.format("modules")}
          {OWNED.format("modules")},
          code text not null,
          kind text not null,
          constraint module_code_taken unique (organization_id, code),
          constraint modules_organization_id_id_key unique (organization_id, id),
          constraint module_kind_unknown check (kind in ('common', 'specific'))
        )
        """,
        f"""
        create table module_versions ({STAMPS.format("module_versions")}
          {OWNED.format("module_versions")},
          module_id uuid not null,
          {NUMBERED.format("module_versions", "module")},
          domain text not null,
          theory_hours numeric(5, 1) not null default 0,
          practice_hours numeric(5, 1) not null default 0,
          self_study_hours numeric(5, 1) not null default 0,
          on_the_job_hours numeric(5, 1) not null default 0,
          mode text not null,
          expertise text[] not null default '{{}}',
          constraint module_versions_module_id_fkey foreign key (organization_id, module_id)
            references modules (organization_id, id),
          constraint module_version_state_unknown
            check (state in ('draft', 'published', 'retired', 'discarded')),
          constraint module_domain_unknown check (domain in ('knowledge', 'skill', 'conduct')),
          constraint module_mode_unknown check (mode in ('in_person', 'online', 'either')),
          constraint module_hours_negative check (least(theory_hours, practice_hours,
            self_study_hours, on_the_job_hours) >= 0),
          constraint module_without_hours
            check (theory_hours + practice_hours + self_study_hours + on_the_job_hours > 0)
        )
        """,
        "create unique index module_version_already_open"
        " on module_versions (organization_id, module_id) where state = 'draft'",
        "create unique index one_module_version_in_force"
        " on module_versions (organization_id, module_id) where state = 'published'",
        # What everybody is taught is one thing in the whole country.
        f"""
        create function refuse_common_module_of_others() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if new.organization_id <> {NATIONAL} then
            raise check_violation using constraint = 'common_module_of_academy',
              message = 'common modules are the Academy''s';
          end if;
          return null;
        end $$
        """,
        "create trigger common_of_academy after insert or update on modules for each row"
        " when (new.kind = 'common') execute function refuse_common_module_of_others()",
    )


def _content() -> None:
    run(
        f"""
        create table module_outcomes ({ADDED.format("module_outcomes")}
          {OWNED.format("module_outcomes")},
          {OF_MODULE_VERSION.format("module_outcomes")},
          position integer not null,
          text_vi text not null,
          text_en text not null,
          constraint module_outcomes_position_key unique (module_version_id, position)
        )
        """,
        f"""
        create table module_competencies ({ADDED.format("module_competencies")}
          {OWNED.format("module_competencies")},
          {OF_MODULE_VERSION.format("module_competencies")},
          {STATED.format("module_competencies")},
          level integer not null,
          constraint module_competencies_competency_identifier_key
            unique (module_version_id, framework_id, competency_identifier),
          constraint module_competencies_level_fkey
            foreign key (framework_version_id, scale_identifier, level)
            references proficiency_levels (framework_version_id, scale_identifier, level)
        )
        """,
        "create index module_competencies_framework_id_competency_identifier_idx"
        " on module_competencies (framework_id, competency_identifier)",
        f"""
        create table module_prerequisites ({ADDED.format("module_prerequisites")}
          {OWNED.format("module_prerequisites")},
          {OF_MODULE_VERSION.format("module_prerequisites")},
          required_module_id uuid not null
            constraint required_module_unknown references modules,
          constraint module_prerequisites_required_module_id_key
            unique (module_version_id, required_module_id)
        )
        """,
        "create index module_prerequisites_required_module_id_idx"
        " on module_prerequisites (required_module_id)",
        f"""
        create table module_materials ({ADDED.format("module_materials")}
          {OWNED.format("module_materials")},
          {OF_MODULE_VERSION.format("module_materials")},
          material_version_id uuid not null
            constraint module_material_unknown references material_versions,
          position integer not null,
          constraint module_materials_position_key unique (module_version_id, position),
          constraint module_materials_material_version_id_key
            unique (module_version_id, material_version_id)
        )
        """,
        "create index module_materials_material_version_id_idx"
        " on module_materials (material_version_id)",
    )


def _ownership() -> None:
    run(
        *(
            f"create trigger published_{operation} after {operation} on module_competencies"
            " referencing new table as new_rows"
            " for each statement execute function refuse_unpublished_statement()"
            for operation in ("insert", "update")
        ),
        # What others work on is nobody's to build on, nor to know of.
        """
        create function refuse_unseen_module() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join modules m on m.id = n.required_module_id
            where m.organization_id <> n.organization_id and not exists (
              select from module_versions v where v.module_id = m.id and v.published_on is not null)
          ) then
            raise foreign_key_violation using constraint = 'required_module_unknown',
              message = 'the module is of another organisation, and not published';
          end if;
          return null;
        end $$
        """,
        """
        create function refuse_unseen_material() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join material_versions v on v.id = n.material_version_id
            join materials m on m.id = v.material_id
            where m.organization_id <> n.organization_id and m.visibility <> 'public'
          ) then
            raise foreign_key_violation using constraint = 'module_material_unknown',
              message = 'the material is of another organisation, and not public';
          end if;
          return null;
        end $$
        """,
        *(
            f"create trigger seen_{operation} after {operation} on {table}"
            " referencing new table as new_rows"
            f" for each statement execute function {function}()"
            for table, function in (
                ("module_prerequisites", "refuse_unseen_module"),
                ("module_materials", "refuse_unseen_material"),
            )
            for operation in ("insert", "update")
        ),
    )


def _prerequisites() -> None:
    """No circle of what is published, nor together with what the same organisation drafts. Of
    others' drafts nothing is told, so publishing looks again."""
    policy("trigger_reads", "module_prerequisites", OWNER, "true", "select")
    run(
        # One at a time in the whole country, so that two cannot close a circle.
        """
        create function refuse_circle(changed uuid[], owner uuid) returns void
        language plpgsql set search_path = public as $$
        begin
          perform pg_advisory_xact_lock('module_prerequisites'::regclass::oid::bigint);
          if exists (
            with recursive required (by_id, id) as (
              select v.module_id, p.required_module_id
              from module_prerequisites p join module_versions v on v.id = p.module_version_id
              where v.state = 'published' or (v.state = 'draft' and v.organization_id = owner)
            ), reached (start, id) as (
              select by_id, id from required where by_id = any (changed)
              union
              select c.start, r.id from reached c join required r on r.by_id = c.id
            )
            select from reached where start = id
          ) then
            raise check_violation using constraint = 'prerequisites_circular',
              message = 'a module cannot require itself';
          end if;
        end $$
        """,
        """
        create function refuse_circular_prerequisites() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          each record;
        begin
          for each in
            select n.organization_id, array_agg(v.module_id) as modules
            from new_rows n join module_versions v on v.id = n.module_version_id group by 1
          loop
            perform refuse_circle(each.modules, each.organization_id);
          end loop;
          return null;
        end $$
        """,
        """
        create function refuse_publishing_a_circle() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (select from module_prerequisites where module_version_id = new.id) then
            perform refuse_circle(array[new.module_id], new.organization_id);
          end if;
          return null;
        end $$
        """,
        # Named so that the version is locked before.
        *(
            f"create trigger no_circle_{operation} after {operation} on module_prerequisites"
            " referencing new table as new_rows"
            " for each statement execute function refuse_circular_prerequisites()"
            for operation in ("insert", "update")
        ),
        "create trigger no_circle after update of state on module_versions for each row"
        " when (new.state = 'published') execute function refuse_publishing_a_circle()",
    )


def downgrade() -> None:
    for role in NARROW:
        run(f"drop policy some_version_{role} on modules")
    run(
        "drop table module_materials, module_prerequisites, module_competencies, module_outcomes",
        "drop table module_versions, modules",
        "drop function refuse_publishing_a_circle, refuse_circular_prerequisites, refuse_circle,"
        " refuse_unseen_material, refuse_unseen_module, refuse_common_module_of_others,"
        " refuse_change_of_module_version, refuse_change_of_module_content",
    )
