"""Job positions: the catalogue, who is in which, and what each requires."""

from migrations.competencies import STATED
from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    CHANGERS,
    INSTRUCTOR,
    NARROW,
    NATIONAL,
    ORGANIZATION,
    OWN_LEARNER,
    OWNED,
    PERSON,
    STAMPS,
    SUBTREE_ROLE,
    TODAY,
    audited,
    own,
    own_person,
    policy,
    run,
    versioned,
)

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TITLE = 'lower({0} collate "pg_c_utf8")'
"""Titles are compared without case, in any language and whatever the database collates by."""
EMPLOYER = f"(select l.organization_id from learners l where l.id = {OWN_LEARNER})"
"""On whose roster a learner is now; their membership may be older."""


def upgrade() -> None:
    _catalogue()
    _requirements()
    _ownership()
    _held()
    _rules()


def _catalogue() -> None:
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
    )


def _requirements() -> None:
    run(
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


def _ownership() -> None:
    """An organisation's positions are its own; everybody reads the national ones."""
    catalogue = ("job_positions", "job_position_titles", "job_position_requirements")
    for table in (*catalogue, "job_position_assignments"):
        own(table)
        versioned(table)
        audited(table)
    for table in catalogue:
        for role in NARROW:
            policy(f"national_{role}", table, role, f"organization_id = {NATIONAL}", "select")
        run(f"grant select on {table} to {PERSON}, {INSTRUCTOR}")
        policy("position_of_ours", table, PERSON, f"organization_id = {EMPLOYER}", "select")
    for table in ("job_position_titles", "job_position_assignments", "job_position_requirements"):
        run(f"grant delete on {table} to {CHANGERS}")
    own_person("job_position_assignments", "learner_id")


def _held() -> None:
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
    )


def _rules() -> None:
    run(
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
        *(
            f"create trigger published_{operation} after {operation} on job_position_requirements"
            " referencing new table as new_rows"
            " for each statement execute function refuse_unpublished_statement()"
            for operation in ("insert", "update")
        ),
    )


def downgrade() -> None:
    run(
        "drop view job_positions_held",
        "drop table job_position_requirements, job_position_assignments, job_position_titles,"
        " job_positions",
        "drop function refuse_unpublished_statement, refuse_foreign_position",
    )
