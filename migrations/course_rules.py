"""What a course, its parts and its sessions may not become, whoever changes them."""

from migrations.competencies import on_each
from migrations.helpers import EVERYBODY, run

ENDED = "('completed', 'cancelled')"
STEPS = """
  ('planned', 'planned'), ('planned', 'open'), ('planned', 'cancelled'),
  ('open', 'open'), ('open', 'closed'), ('open', 'cancelled'),
  ('closed', 'closed'), ('closed', 'running'), ('closed', 'cancelled'),
  ('running', 'running'), ('running', 'completed'), ('running', 'cancelled'),
  ('completed', 'completed'), ('cancelled', 'cancelled')
"""
SESSION_STEPS = """
  ('planned', 'planned'), ('planned', 'moved'), ('planned', 'held'), ('planned', 'cancelled'),
  ('moved', 'moved'), ('moved', 'held'), ('moved', 'cancelled'),
  ('held', 'held'), ('cancelled', 'cancelled')
"""
FINDINGS = """
  create function course_findings(of_course uuid, next_state text)
  returns table (rule text, module_id uuid, session_id uuid)
  language sql stable set search_path = public as $$
    with present as (
      select * from courses where id = of_course
    )
    select 'mandatory_module_missing', m.module_id, null::uuid
    from present join curriculum_modules m on m.mandatory
      and m.curriculum_version_id in (present.curriculum_version_id, present.extension_version_id)
    where next_state = 'open' and not exists (
      select from course_modules c where c.course_id = of_course and c.module_id = m.module_id)
    union all
    select 'course_without_sessions', null, null
    from present where next_state = 'open' and not exists (
      select from course_sessions s where s.course_id = of_course and s.state <> 'cancelled')
    union all
    select 'course_not_begun', null, null
    from present where next_state = 'running'
      and present.starts_on > (now() at time zone 'Asia/Ho_Chi_Minh')::date
    union all
    select 'session_not_held', null, s.id
    from course_sessions s
    where next_state = 'completed' and s.course_id = of_course and s.state in ('planned', 'moved')
  $$
"""
"""All that stands against the next state of a course, under the policies of who asks."""


def states() -> None:
    run(
        FINDINGS,
        f"grant execute on function course_findings to {EVERYBODY}",
        f"""
        create function refuse_change_of_course() returns trigger
        language plpgsql set search_path = public as $$
        declare
          kept courses := old;
        begin
          if (old.state, new.state) not in ({STEPS}) then
            raise check_violation using constraint = 'course_state_out_of_order',
              message = 'a course does not go from that state to this one';
          end if;
          kept.version := new.version;
          kept.updated_at := new.updated_at;
          if old.state in {ENDED} and kept is distinct from new then
            raise check_violation using constraint = 'course_ended',
              message = 'a course that is over does not change';
          end if;
          if old.opened_at is not null and (old.curriculum_version_id, old.extension_version_id,
              old.completion_rule, old.opened_at) is distinct from (new.curriculum_version_id,
              new.extension_version_id, new.completion_rule, new.opened_at) then
            raise check_violation using constraint = 'course_fixed_at_opening',
              message = 'what those who come rely on does not change';
          end if;
          if old.state <> new.state and exists (select from course_findings(new.id, new.state))
          then
            raise check_violation using constraint = 'course_not_ready',
              message = 'there are findings against the next state of the course';
          end if;
          return null;
        end $$
        """,
        "create trigger in_order after update on courses"
        " for each row execute function refuse_change_of_course()",
        f"""
        create function refuse_change_of_session() returns trigger
        language plpgsql set search_path = public as $$
        declare
          kept course_sessions := old;
        begin
          if (old.state, new.state) not in ({SESSION_STEPS}) then
            raise check_violation using constraint = 'session_state_out_of_order',
              message = 'a session does not go from that state to this one';
          end if;
          kept.version := new.version;
          kept.updated_at := new.updated_at;
          kept.sequence := new.sequence;
          if old.state in ('held', 'cancelled') and kept is distinct from new then
            raise check_violation using constraint = 'session_over',
              message = 'a session that was held or cancelled does not change';
          end if;
          if new.state = 'held' and old.state <> 'held' and new.starts_at > now() then
            raise check_violation using constraint = 'session_not_begun',
              message = 'a session is held when it has begun';
          end if;
          return null;
        end $$
        """,
        "create trigger in_order after update on course_sessions"
        " for each row execute function refuse_change_of_session()",
    )


def curricula() -> None:
    """A course has what is published when it is planned, under the policies of who plans it."""
    run(
        """
        create function refuse_course_of_no_curriculum() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if not exists (
            select from curriculum_versions v where v.id = new.curriculum_version_id
              and v.state = 'published' and v.extends_version_id is null
          ) then
            raise foreign_key_violation using constraint = 'course_curriculum_not_in_force',
              message = 'there is no such curriculum in force';
          end if;
          if new.extension_version_id is not null and not exists (
            select from curriculum_versions v where v.id = new.extension_version_id
              and v.state = 'published' and v.extends_version_id = new.curriculum_version_id
          ) then
            raise foreign_key_violation using constraint = 'course_extension_of_another',
              message = 'it does not extend the curriculum of the course';
          end if;
          return null;
        end $$
        """,
        "create trigger of_curriculum_insert after insert on courses"
        " for each row execute function refuse_course_of_no_curriculum()",
        "create trigger of_curriculum_update after update on courses for each row"
        " when ((old.curriculum_version_id, old.extension_version_id) is distinct from"
        " (new.curriculum_version_id, new.extension_version_id))"
        " execute function refuse_course_of_no_curriculum()",
    )


def content() -> None:
    """Whoever changes a part of a course locks the course, and sees its state."""
    run(
        f"""
        create function refuse_change_of_course_content() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          changed uuid[];
        begin
          case tg_op
            when 'INSERT' then select array_agg(distinct course_id) into changed from new_rows;
            when 'DELETE' then select array_agg(distinct course_id) into changed from old_rows;
            else select array_agg(distinct course_id) into changed from (
              select course_id from old_rows union select course_id from new_rows) as r;
          end case;
          perform from courses where id = any (changed) order by id for share;
          if exists (select from courses where id = any (changed) and state in {ENDED}) then
            raise check_violation using constraint = 'course_ended',
              message = 'a course that is over does not change';
          end if;
          if tg_table_name = 'course_modules' and exists (
            select from courses where id = any (changed) and opened_at is not null
          ) then
            raise check_violation using constraint = 'course_fixed_at_opening',
              message = 'what those who come rely on does not change';
          end if;
          return null;
        end $$
        """
    )
    for table in (
        *("course_modules", "course_quotas", "course_quota_members", "course_sessions"),
        *("session_rooms", "session_instructors", "session_meetings"),
    ):
        on_each(table, "course_goes_on", "refuse_change_of_course_content")
    run(
        """
        create function refuse_module_of_another_curriculum() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from courses c join course_modules m on m.course_id = c.id
            where c.id = new.course_id and m.curriculum_version_id <> c.curriculum_version_id
              and m.curriculum_version_id is distinct from c.extension_version_id
          ) then
            raise foreign_key_violation using constraint = 'module_not_of_curriculum',
              message = 'the module is of another curriculum than the course';
          end if;
          return null;
        end $$
        """,
        "create trigger of_course after insert or update on course_modules"
        " for each row execute function refuse_module_of_another_curriculum()",
    )


def places() -> None:
    """Before the other triggers of quotas, by their names: who has shared a lock on the course and
    wants it alone waits for another one who does, in vain."""
    run(
        """
        create function refuse_quotas_beyond_places() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          changed uuid[];
        begin
          select array_agg(distinct case tg_table_name when 'courses' then id
            else (to_jsonb(n) ->> 'course_id')::uuid end) into changed from new_rows n;
          perform from courses where id = any (changed) order by id for no key update;
          if exists (
            select from courses c join course_quotas q on q.course_id = c.id
            where c.id = any (changed)
            group by c.id, c.max_places having sum(q.places) > c.max_places
          ) then
            raise check_violation using constraint = 'quotas_exceed_places',
              message = 'the quotas give more places than the course has';
          end if;
          return null;
        end $$
        """,
        *(
            f"create trigger at_most_places_{operation} after {operation} on {table}"
            " referencing new table as new_rows"
            " for each statement execute function refuse_quotas_beyond_places()"
            for table, operation in (
                *(("courses", "update"), ("course_quotas", "insert")),
                ("course_quotas", "update"),
            )
        ),
    )


def times() -> None:
    seen = "{0}.title_vi, {0}.title_en, {0}.module_id, {0}.starts_at, {0}.ends_at, {0}.zone,"
    seen += " {0}.mode, {0}.tentative, {0}.state"
    outside = """(
      select from course_sessions s join courses c on c.id = s.course_id
      where {0} and s.state <> 'cancelled' and (
        timezone(s.zone, s.starts_at) < c.starts_on
        or timezone(s.zone, s.ends_at) > c.ends_on + 1)
    )"""
    refused = (
        "raise check_violation using constraint = 'session_outside_course',"
        " message = 'a session lies within the days of its course'"
    )
    run(
        f"""
        create function refuse_session_outside_course() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from courses where id = new.course_id for share;
          if exists {outside.format("s.id = new.id")} then
            {refused};
          end if;
          return null;
        end $$
        """,
        f"""
        create function refuse_course_beside_sessions() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists {outside.format("c.id = new.id")} then
            {refused};
          end if;
          return null;
        end $$
        """,
        "create trigger within_course after insert or update of starts_at, ends_at, zone"
        " on course_sessions for each row execute function refuse_session_outside_course()",
        "create trigger around_sessions after update on courses for each row when"
        " ((old.starts_on, old.ends_on) is distinct from (new.starts_on, new.ends_on))"
        " execute function refuse_course_beside_sessions()",
        # What a calendar shows of a session has another number each time (RFC 5545, 3.8.7.4).
        """
        create function number_session() returns trigger
        language plpgsql set search_path = public as $$
        begin
          new.sequence := old.sequence + 1;
          return new;
        end $$
        """,
        "create trigger numbered before update on course_sessions for each row when"
        f" (old.sequence = new.sequence and ({seen.format('old')})"
        f" is distinct from ({seen.format('new')})) execute function number_session()",
    )
