"""Gaps of others: all that is told of people whom nobody who asks may see."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    ORGANIZATION,
    OWNER,
    SERVICE,
    SUBTREE_ROLE,
    TODAY,
    guard,
    policy,
    run,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COUNTED = (
    "job_positions",
    "job_position_titles",
    "job_position_requirements",
    "job_position_assignments",
)


def upgrade() -> None:
    for table in COUNTED:
        policy("figures_read", table, OWNER, "true", "select")
    _figures()
    _counting()
    _telling()


def _figures() -> None:
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


def _counting() -> None:
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
        f"grant execute on function count_gaps to {SERVICE}",
    )


def _telling() -> None:
    run(
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
    )


def downgrade() -> None:
    for table in COUNTED:
        run(f"drop policy figures_read on {table}")
    run("drop function gaps_elsewhere, count_gaps", "drop table gap_figures")
