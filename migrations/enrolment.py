"""The order in which a nomination goes on, what follows from each step, and what stands against
one."""

from migrations.helpers import (
    AUDITOR,
    EVERYBODY,
    INSTRUCTOR,
    ORGANIZATION,
    OWN,
    PERSON,
    SUBTREE,
    SUBTREE_ROLE,
    TODAY,
    run,
)

STATES = """('nominated', 'checked', 'confirmed', 'wait_listed', 'declined', 'withdrawn',
  'substituted', 'enrolled', 'completed', 'failed', 'no_show')"""
SEATED = "('confirmed', 'enrolled', 'completed', 'failed', 'no_show')"
"""Who has a seat, or had one to the end."""
GONE = "('declined', 'withdrawn', 'substituted')"
"""Who does not come, and may be nominated anew."""
STEPS = """
  ('nominated', 'checked'), ('nominated', 'declined'), ('nominated', 'withdrawn'),
  ('nominated', 'substituted'),
  ('checked', 'confirmed'), ('checked', 'wait_listed'), ('checked', 'declined'),
  ('checked', 'withdrawn'), ('checked', 'substituted'),
  ('wait_listed', 'confirmed'), ('wait_listed', 'declined'), ('wait_listed', 'withdrawn'),
  ('wait_listed', 'substituted'),
  ('confirmed', 'enrolled'), ('confirmed', 'withdrawn'), ('confirmed', 'substituted'),
  ('enrolled', 'completed'), ('enrolled', 'failed'), ('enrolled', 'no_show'),
  ('enrolled', 'withdrawn'), ('enrolled', 'substituted')
"""
BY_WHOM_THEY_ARE_OF = "('nominated', 'withdrawn', 'substituted')"
"""All else the host decides."""
HOSTS = f"""
  create function hosts(host uuid) returns boolean
  language sql stable set search_path = public as $$
    select case current_setting('role')
      when '{ORGANIZATION}' then host = {OWN}
      when '{SUBTREE_ROLE}' then host = any ({SUBTREE})
      else current_setting('role') not in ('{PERSON}', '{INSTRUCTOR}', '{AUDITOR}')
    end
  $$
"""
"""Whether who asks decides for that host; policies keep others than organisations from asking."""
ORDER = f"""
  create function keep_nomination_in_order() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    if tg_op = 'INSERT' then
      select l.full_name, l.sort_key, l.position_title
      into new.full_name, new.sort_key, new.position_title
      from learners l where l.id = new.learner_id;
    else
      if (old.host_id, old.course_id, old.organization_id, old.learner_id, old.substitutes_id)
          is distinct from
          (new.host_id, new.course_id, new.organization_id, new.learner_id, new.substitutes_id) then
        raise check_violation using constraint = 'nomination_of_another',
          message = 'a nomination stays that of the same learner for the same course';
      end if;
      if old.state <> new.state and (old.state, new.state) not in ({STEPS}) then
        raise check_violation using constraint = 'nomination_out_of_order',
          message = 'a nomination does not go from that state to this one';
      end if;
      if old.state <> new.state and new.state not in {BY_WHOM_THEY_ARE_OF}
          and not hosts(new.host_id) then
        raise check_violation using constraint = 'host_decides',
          message = 'the host of the course decides';
      end if;
    end if;
    if new.state not in {SEATED} then
      new.pool_id := null;
    elsif tg_op = 'INSERT' or old.pool_id is distinct from new.pool_id or old.pool_id is null then
      new.pool_id := seat_pool_of(new.course_id, new.organization_id);
    end if;
    return new;
  end $$
"""
"""Whoever takes a step, a seat is one of the quota that it should be of."""
BEGINNING = """
  create function refuse_nomination_that_does_not_begin() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    former nominations;
  begin
    if not exists (select from learners l
        where l.id = new.learner_id and l.organization_id = new.organization_id) then
      raise foreign_key_violation using constraint = 'nominated_of_another_organization',
        message = 'the learner is on the roster of another organisation';
    end if;
    if new.substitutes_id is not null then
      select n.* into former from nominations n where n.id = new.substitutes_id;
      if former.state is distinct from 'substituted'
          or (former.organization_id, former.rank)
            is distinct from (new.organization_id, new.rank)
          or exists (select from nominations n
            where n.substitutes_id = former.id and n.id <> new.id)
          or new.state is distinct from (select s.from_state from nomination_steps s
            where s.nomination_id = former.id order by s.id desc limit 1) then
        raise check_violation using constraint = 'nomination_out_of_order',
          message = 'a substitute takes the place of who gave it up, as it was';
      end if;
    elsif new.state not in ('nominated', 'enrolled', 'completed', 'failed', 'no_show') then
      raise check_violation using constraint = 'nomination_out_of_order',
        message = 'a nomination begins as one, or the host enrols by hand';
    elsif new.state <> 'nominated' and not hosts(new.host_id) then
      raise check_violation using constraint = 'host_decides',
        message = 'the host of the course decides';
    end if;
    return null;
  end $$
"""
"""After policies have had their say."""
_STEPPED = {
    "insert": "(select n.*, null::text as was, null::uuid as former_pool_id from new_rows n)",
    "update": """(select n.*, o.state as was, o.pool_id as former_pool_id
      from new_rows n join old_rows o on o.id = n.id where o.state <> n.state)""",
}
UNTIL = "coalesce(c.nominations_until, c.starts_on)"


def _following(operation: str) -> str:
    """All that a step brings with it, for all that take one at once."""
    stepped = _STEPPED[operation]
    return f"""
      create function follow_nominations_{operation}() returns trigger
      language plpgsql security definer set search_path = public, pg_temp as $$
      declare
        given uuid[];
      begin
        if not exists (select from {stepped} as n) then
          return null;
        end if;
        perform from courses c where c.id in (select n.course_id from {stepped} as n)
        order by c.id for no key update;
        if exists (
          select from {stepped} as n join courses c on c.id = n.course_id
          where n.state in ('nominated', 'checked', 'confirmed', 'wait_listed', 'enrolled')
            and c.state not in ('open', 'closed', 'running')
        ) then
          raise check_violation using constraint = 'course_not_open',
            message = 'the course is not open yet, or over';
        end if;
        if exists (
          select from {stepped} as n join courses c on c.id = n.course_id
          where (n.state = 'nominated' and not hosts(n.host_id)
              and (c.state <> 'open' or {UNTIL} < {TODAY}))
            or (n.state = 'substituted' and (c.state not in ('open', 'closed')
              or {UNTIL} < {TODAY}))
        ) then
          raise check_violation using constraint = 'nominations_closed',
            message = 'nominations for the course are closed';
        end if;
        insert into nomination_steps (organization_id, host_id, course_id, nomination_id,
          from_state, to_state, reason, document)
        select n.organization_id, n.host_id, n.course_id, n.id, n.was, n.state, n.reason,
          coalesce(n.document, case when n.was is null then n.letter_number end)
        from {stepped} as n order by n.rank, n.id;
        insert into events (organization_id, name, subject_id, data)
        select n.organization_id, 'nomination.' || n.state, n.id, jsonb_build_object(
          'course_id', n.course_id, 'host_id', n.host_id, 'learner_id', n.learner_id,
          'from_state', n.was)
        from {stepped} as n order by n.rank, n.id;
        update seat_pools p set taken = p.taken + t.seats
        from (
          select each.pool_id, sum(each.seats) as seats from (
            select n.pool_id, 1 as seats from {stepped} as n where n.pool_id is not null
            union all
            select n.former_pool_id, -1 from {stepped} as n where n.former_pool_id is not null
          ) as each group by each.pool_id having sum(each.seats) <> 0
        ) as t where p.id = t.pool_id;
        delete from learner_bookings b using {stepped} as n
        where b.nomination_id = n.id and n.former_pool_id is not null and n.pool_id is null;
        select array_agg(n.learner_id) into given from {stepped} as n
        where n.former_pool_id is null and n.pool_id is not null;
        if given is null then
          return null;
        end if;
        perform learners_in_turn(given);
        insert into learner_bookings (organization_id, course_id, nomination_id, learner_id,
          session_id, starts_at, ends_at, tentative, may_overlap)
        select s.organization_id, s.course_id, n.id, n.learner_id, s.id, s.starts_at, s.ends_at,
          s.tentative, n.may_overlap
        from {stepped} as n join course_sessions s on s.course_id = n.course_id
        where n.former_pool_id is null and n.pool_id is not null and s.state <> 'cancelled'
          and s.ends_at > now();
        return null;
      end $$
    """


def order() -> None:
    run(
        HOSTS,
        f"grant execute on function hosts to {EVERYBODY}",
        ORDER,
        BEGINNING,
        "create trigger in_order before insert or update on nominations"
        " for each row execute function keep_nomination_in_order()",
        "create trigger begins after insert on nominations"
        " for each row execute function refuse_nomination_that_does_not_begin()",
        _following("insert"),
        _following("update"),
        "create trigger followed_insert after insert on nominations referencing new table as"
        " new_rows for each statement execute function follow_nominations_insert()",
        "create trigger followed_update after update on nominations referencing old table as"
        " old_rows new table as new_rows for each statement"
        " execute function follow_nominations_update()",
        # Whoever was to come to a course that is cancelled, comes to none.
        """
        create function end_nominations() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          update nominations set state = 'withdrawn', reason = new.cancelled_because,
            document = null
          where course_id = new.id
            and state in ('nominated', 'checked', 'confirmed', 'wait_listed', 'enrolled');
          return null;
        end $$
        """,
        "create trigger nominations_end after update on courses for each row"
        " when (old.state <> 'cancelled' and new.state = 'cancelled')"
        " execute function end_nominations()",
    )


FINDINGS = f"""
  create function nomination_findings(of_course uuid, learners uuid[], step text)
  returns table (learner_id uuid, rule text, data jsonb, fixed_by text, fixed_by_id uuid)
  language sql stable security definer set search_path = public, pg_temp as $$
    with c as (
      select c.*, v.curriculum_id from courses c
      join curriculum_versions v on v.id = c.curriculum_version_id where c.id = of_course
    ), l as (
      select l.id, l.organization_id, l.status, l.status_since, u.place,
        n.id as nomination_id, n.state, n.organization_id as nominated_by
      from unnest(learners) with ordinality as u (id, place) join learners l on l.id = u.id
      left join nominations n on n.course_id = of_course and n.learner_id = l.id
        and n.state not in {GONE}
    ), places as (
      select l.id, p.id as pool_id, p.quota_id, p.places + p.moved as places, p.taken,
        row_number() over (partition by p.id order by l.place) as turn
      from l join seat_pools p on p.id = seat_pool_of(of_course,
        coalesce(l.nominated_by, l.organization_id))
      where step in ('confirm', 'enrol')
    )
    select l.id, 'course_not_open', jsonb_build_object('state', c.state), 'host',
      c.organization_id
    from l, c where c.state not in ('open', 'closed', 'running')
    union all
    select l.id, 'nominations_closed', jsonb_build_object('state', c.state,
      'nominations_until', {UNTIL}), 'host', c.organization_id
    from l, c where (c.state <> 'open' or {UNTIL} < {TODAY}) and (
      step = 'nominate' and not hosts(c.organization_id)
      or step = 'substitute' and (c.state not in ('open', 'closed') or {UNTIL} < {TODAY}))
    union all
    select l.id, 'already_nominated', jsonb_build_object('nomination_id', l.nomination_id,
      'state', l.state), 'employer', l.nominated_by
    from l where l.nomination_id is not null and step in ('nominate', 'enrol', 'substitute')
    union all
    select l.id, 'not_employed', jsonb_build_object('status', l.status,
      'status_since', l.status_since), 'employer', l.organization_id
    from l where l.status = 'left'
    union all
    select l.id, 'transferred', '{{}}', 'employer', l.nominated_by
    from l where l.nominated_by <> l.organization_id and step in ('check', 'confirm')
    union all
    select l.id, 'already_completed', jsonb_build_object('course_id', o.course_id,
      'nomination_id', o.id), 'nobody', null
    from l join nominations o on o.learner_id = l.id and o.state = 'completed'
      and o.course_id <> of_course
    join courses d on d.id = o.course_id
    join curriculum_versions v on v.id = d.curriculum_version_id
    join c on c.curriculum_id = v.curriculum_id
    union all
    select l.id, 'clash', jsonb_build_object('sessions', jsonb_agg(jsonb_build_object(
      'session_id', s.id, 'other_session_id', b.session_id, 'other_course_id', b.course_id)
      order by s.starts_at, s.id)), 'host', c.organization_id
    from l cross join c join course_sessions s on s.course_id = of_course
      and s.state <> 'cancelled' and not s.tentative
    join learner_bookings b on b.learner_id = l.id and b.course_id <> of_course
      and not b.tentative and not b.may_overlap
      and tstzrange(b.starts_at, b.ends_at) && tstzrange(s.starts_at, s.ends_at)
    group by l.id, c.organization_id
    union all
    select p.id, 'no_place_left', jsonb_build_object('pool_id', p.pool_id,
      'quota_id', p.quota_id, 'places', p.places, 'taken', p.taken), 'host', c.organization_id
    from places p, c where p.turn > p.places - p.taken
  $$
"""
"""All that stands against a step, of each. Its callers show it to who sees the learner, or decides
on the nomination; the target group is asked beside it."""


def findings() -> None:
    run(
        FINDINGS,
        f"grant execute on function nomination_findings to {EVERYBODY}",
        # Whoever changes who comes to a course waits for others who do: course, nominations,
        # seats, learners, in this order, so that nobody waits in a circle.
        """
        create function take_turn(of_course uuid) returns boolean
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          -- Statements that ask much take longer to be planned than to be executed.
          perform set_config('plan_cache_mode', 'force_generic_plan', true);
          perform from courses where id = of_course for no key update;
          return found;
        end $$
        """,
        f"grant execute on function take_turn to {EVERYBODY}",
    )
