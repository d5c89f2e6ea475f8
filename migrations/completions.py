"""What results are decided by, and what follows from completing a course."""

from migrations.helpers import OWNER, TODAY, policy, run

AGAINST_RULE = """
  create function refuse_result_against_rule() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    if exists (
      select from new_rows n join old_rows o on o.id = n.id
      join standings s on s.id = n.id
      where o.state = 'enrolled' and n.state in ('completed', 'failed', 'no_show')
        and s.past_minutes > 0 and s.result is distinct from n.state
    ) then
      raise check_violation using constraint = 'completion_against_rule',
        message = 'a result is what the rule of the course makes of their attendance';
    end if;
    return null;
  end $$
"""
"""Where attendance was taken; of a course without any, nothing can be reckoned."""
LEARNT = f"""
  create function keep_what_was_learnt() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
      competency_identifier, scale_identifier, type, level, achieved_on, issuer, document)
    select l.organization_id, l.id, p.framework_id, p.framework_version_id, p.identifier,
      p.scale_identifier, 'course_completion', max(m.level), least(c.ends_on, {TODAY}), h.name_vi,
      c.code || ' ' || c.title_vi
    from new_rows n join old_rows o on o.id = n.id join learners l on l.id = n.learner_id
    join courses c on c.id = n.course_id join organizations h on h.id = c.organization_id
    join course_modules t on t.course_id = c.id
    join curriculum_modules u
      on u.curriculum_version_id = t.curriculum_version_id and u.module_id = t.module_id
    join module_competencies m on m.module_version_id = u.module_version_id
    join published_competencies p on p.framework_id = m.framework_id
      and p.identifier = m.competency_identifier and p.scale_identifier = m.scale_identifier
    join proficiency_levels v on v.framework_version_id = p.framework_version_id
      and v.scale_identifier = p.scale_identifier and v.level = m.level
    where o.state = 'enrolled' and n.state = 'completed'
    group by l.id, l.organization_id, p.framework_id, p.framework_version_id, p.identifier,
      p.scale_identifier, c.id, h.name_vi;
    with recorded as (
      insert into trainings (organization_id, learner_id, kind, title, curriculum_id, completed_on,
        document)
      select l.organization_id, l.id, r.kind, c.title_vi, r.id, least(c.ends_on, {TODAY}), c.code
      from new_rows n join old_rows o on o.id = n.id join learners l on l.id = n.learner_id
      join courses c on c.id = n.course_id
      join curriculum_versions v on v.id = c.curriculum_version_id
      join curricula r on r.id = v.curriculum_id
      where o.state = 'enrolled' and n.state = 'completed'
      on conflict do nothing returning id, organization_id, learner_id
    )
    insert into events (organization_id, name, subject_id, data)
    select organization_id, 'training.recorded', id, jsonb_build_object('learner_id', learner_id)
    from recorded;
    return null;
  end $$
"""
"""The levels that the modules of the course lead to, in the words of today; not what is measured on
another scale since the module was written. And that it was completed, which target groups ask."""


def add() -> None:
    run(AGAINST_RULE, LEARNT)
    for name, function in (
        ("by_rule", "refuse_result_against_rule"),
        ("learnt", "keep_what_was_learnt"),
    ):
        run(
            f"create trigger {name}_update after update on nominations"
            " referencing old table as old_rows new table as new_rows"
            f" for each statement execute function {function}()"
        )
    for table in ("module_competencies", "trainings"):
        policy("completion_reads", table, OWNER, "true", "select")
    for table in ("evidence", "trainings"):
        policy("completion_adds", table, OWNER, "true", "insert")


def remove() -> None:
    run(
        "drop trigger by_rule_update on nominations",
        "drop trigger learnt_update on nominations",
        "drop function refuse_result_against_rule, keep_what_was_learnt",
        *(f"drop policy completion_adds on {table}" for table in ("evidence", "trainings")),
        *(
            f"drop policy completion_reads on {table}"
            for table in ("module_competencies", "trainings")
        ),
    )
