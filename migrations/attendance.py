"""What the ledger of attendance takes, and what follows from it."""

from migrations.helpers import CHANGERS, INSTRUCTOR, PERSON, run

KEEP = """
  create function keep_attendance() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    -- Before anything is looked at: whoever decides on results holds the sheets, too.
    update attendance_sheets h set changes = h.changes + 1, taken = h.taken or n.present
    from (
      select session_id, bool_or(minutes is not null) as present from new_rows group by session_id
    ) as n
    where h.id = n.session_id;
    if exists (
      select from new_rows n left join nominations m
        on m.id = n.nomination_id and m.learner_id = n.learner_id
      where m.state is null or m.state not in ('enrolled', 'completed', 'failed', 'no_show')
    ) then
      raise check_violation using constraint = 'attendance_of_stranger',
        message = 'nobody attends who is not enrolled';
    end if;
    if exists (
      select from standings s where s.state <> 'enrolled' and s.result is distinct from s.state
        and s.id in (select nomination_id from new_rows)
    ) then
      raise check_violation using constraint = 'attendance_settled',
        message = 'attendance would make another result of a course than was decided';
    end if;
    if exists (
      select from new_rows n join course_sessions s on s.id = n.session_id
      where s.state = 'cancelled'
    ) then
      raise check_violation using constraint = 'attendance_of_cancelled_session',
        message = 'nobody attends a session that was cancelled';
    end if;
    if exists (
      select from new_rows n join course_sessions s on s.id = n.session_id
      where n.aspect <> 'excused' and (s.starts_at - interval '1 hour' > now()
        or s.ends_at < now() and (n.source = 'code' or n.present_from is not null))
    ) then
      raise check_violation using constraint = 'attendance_out_of_time',
        message = 'nobody attends what has not begun, or arrives after its end';
    end if;
    if exists (
      select from new_rows n join course_sessions s on s.id = n.session_id
      where (s.mode, n.aspect) in (('in_person', 'online'), ('online', 'in_person'))
    ) then
      raise check_violation using constraint = 'modality_not_of_session',
        message = 'the session is not held in this way';
    end if;
    if exists (
      select from new_rows n join course_sessions s on s.id = n.session_id
      where greatest(n.minutes, n.late_minutes)
        > ceil(extract(epoch from s.ends_at - s.starts_at) / 60)
    ) then
      raise check_violation using constraint = 'attendance_longer_than_session',
        message = 'nobody attends for longer than the session lasts';
    end if;
    return null;
  end $$
"""

COUNTED = "{0}.starts_at, {0}.ends_at, {0}.planned_minutes, {0}.state"
SETTLED = f"""
  create function refuse_session_that_changes_results() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    changed uuid[];
  begin
    if tg_op = 'INSERT' then
      select array_agg(distinct n.course_id) into changed from new_rows n;
    else
      select array_agg(distinct n.course_id) into changed
      from new_rows n join old_rows o on o.id = n.id
      where ({COUNTED.format("n")}) is distinct from ({COUNTED.format("o")});
    end if;
    if exists (
      select from standings s where s.course_id = any (changed) and s.state <> 'enrolled'
        and s.result is distinct from s.state and exists (
          select from attendance_sheets h where h.course_id = s.course_id and h.taken)
    ) then
      raise check_violation using constraint = 'results_decided',
        message = 'the session would make other results of a course than were decided';
    end if;
    return null;
  end $$
"""
"""What is planned is what attendance is a share of. Where none was taken, nothing was reckoned."""


def add() -> None:
    run(
        KEEP,
        # Whoever reads what is known before they add to it, waits for others who do.
        """
        create function take_sheet(of_session uuid) returns void
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from attendance_sheets where id = of_session for no key update;
        end $$
        """,
        f"grant execute on function take_sheet to {PERSON}",
        SETTLED,
        # After it has a sheet, by the names of the triggers.
        "create trigger results_stay_insert after insert on course_sessions"
        " referencing new table as new_rows"
        " for each statement execute function refuse_session_that_changes_results()",
        "create trigger results_stay_update after update on course_sessions"
        " referencing old table as old_rows new table as new_rows"
        " for each statement execute function refuse_session_that_changes_results()",
        "create trigger kept after insert on attendance_entries referencing new table as new_rows"
        " for each statement execute function keep_attendance()",
        """
        create function keep_attendance_sheets() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          insert into attendance_sheets (id, organization_id, course_id)
          select id, organization_id, course_id from new_rows;
          return null;
        end $$
        """,
        "create trigger has_a_sheet after insert on course_sessions"
        " referencing new table as new_rows"
        " for each statement execute function keep_attendance_sheets()",
        "insert into attendance_sheets (id, organization_id, course_id)"
        " select id, organization_id, course_id from course_sessions",
        # Whom a report of a meeting may be of, for who enters it: names and addresses.
        f"""
        create function people_of_session(of_session uuid)
        returns table (learner_id uuid, full_name text, email text)
        language sql stable security definer set search_path = public, pg_temp as $$
          select n.learner_id, n.full_name, l.email
          from course_sessions s join nominations n on n.course_id = s.course_id
          join learners l on l.id = n.learner_id
          where s.id = of_session
            and n.state in ('enrolled', 'completed', 'failed', 'no_show')
            and (hosts(s.organization_id) or current_setting('role') = '{INSTRUCTOR}'
              and s.id in (select sessions_taught()))
        $$
        """,
        f"grant execute on function people_of_session to {CHANGERS}, {INSTRUCTOR}",
    )


def remove() -> None:
    run(
        "drop trigger has_a_sheet on course_sessions",
        "drop trigger results_stay_insert on course_sessions",
        "drop trigger results_stay_update on course_sessions",
        "drop trigger kept on attendance_entries",
        "drop function keep_attendance, keep_attendance_sheets, people_of_session, take_sheet,"
        " refuse_session_that_changes_results",
    )
