"""Evidence of what somebody is able to do, and what they attain by it."""

from migrations.competencies import STATED
from migrations.helpers import (
    ACADEMY,
    ADDED,
    AUDITOR,
    CHANGERS,
    EVERYBODY,
    ORGANIZATION,
    OWN,
    OWN_LEARNER,
    OWNED,
    OWNER,
    PERSON,
    SERVICE,
    SUBTREE,
    SUBTREE_ROLE,
    TODAY,
    guard,
    own,
    own_person,
    policy,
    run,
)

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _evidence()
    _recording()
    _corrections()
    _attainments()
    _weighing()
    _keeping()
    _renewing()


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


def _recording() -> None:
    """Who reads it, and who adds to it; nobody else does anything with it."""
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


def _corrections() -> None:
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


def _attainments() -> None:
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


def _weighing() -> None:
    run(
        # The rules, in one place: each piece of evidence of somebody for a competency as of a day,
        # why it is left out, and its place among those that count. The first is what they attain.
        # Without a search path of their own, these two become part of the statement that asks, so
        # many people's are reckoned in half the time.
        """
        create function weigh_evidence(
          learner uuid, framework uuid, competency uuid, scale uuid, rule text, day date
        ) returns table (
          evidence_id uuid, level integer, achieved_on date, valid_until date,
          left_out text, place bigint
        ) language sql stable begin atomic
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
          ) as w;
        end
        """,
        """
        create function attained(
          learner uuid, framework uuid, competency uuid, scale uuid, rule text, day date
        ) returns table (level integer, evidence_id uuid, changes_on date)
        language sql stable rows 1 begin atomic
          select min(w.level) filter (where w.place = 1),
            (array_agg(w.evidence_id) filter (where w.place = 1))[1],
            least(min(w.valid_until) filter (where w.place = 1),
              min(w.achieved_on) filter (where w.left_out = 'not_yet'))
          from weigh_evidence(learner, framework, competency, scale, rule, day) as w;
        end
        """,
        f"grant execute on function weigh_evidence, attained to {EVERYBODY}",
    )


def _keeping() -> None:
    run(
        # Rows are made and locked first, so that of two pieces recorded at once neither is missed:
        # `where false` locks what is there, and leaves it. Plans are kept for the session, so they
        # must do for one piece and for thousands; only nested loops do.
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
          on conflict (learner_id, framework_id, competency_identifier, scale_identifier)
            do update set rule = excluded.rule where false;
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


def _renewing() -> None:
    run(
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
        f"grant execute on function renew_attainments to {SERVICE}",
    )


def downgrade() -> None:
    run(
        "drop trigger attainments_carried_over on learners",
        "drop policy trigger_reads on learners",
        "drop function attained, weigh_evidence",
        "drop table attainments, evidence_reviews, evidence",
        "drop function renew_attainments, carry_attainments_over, keep_attainments,"
        " refuse_foreign_correction",
    )
