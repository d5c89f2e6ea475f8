"""What seats are counted in, and what is booked for those who have one."""

from migrations.calendars import LEARNERS
from migrations.enrolment import GONE, SEATED
from migrations.helpers import EVERYBODY, run

POOLS = """
  create function keep_seat_pools() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    changed uuid[];
  begin
    if tg_table_name = 'courses' then
      select array_agg(id) into changed from new_rows;
    elsif tg_op = 'DELETE' then
      select array_agg(distinct course_id) into changed from old_rows;
    else
      select array_agg(distinct course_id) into changed from new_rows;
    end if;
    perform from courses where id = any (changed) order by id for no key update;
    merge into seat_pools p
    using (
      select q.organization_id, q.course_id, q.id as quota_id, q.places
      from course_quotas q where q.course_id = any (changed)
      union all
      select c.organization_id, c.id, null, c.max_places - coalesce((
        select sum(q.places) from course_quotas q where q.course_id = c.id), 0)
      from courses c where c.id = any (changed)
    ) as w on p.course_id = w.course_id and p.quota_id is not distinct from w.quota_id
    when matched and p.places is distinct from w.places then update set places = w.places
    when not matched then insert (organization_id, course_id, quota_id, places)
      values (w.organization_id, w.course_id, w.quota_id, w.places);
    return null;
  end $$
"""
"""One for each quota, and one for the places that the quotas leave over."""
POOL_OF = """
  create function seat_pool_of(of_course uuid, of_organization uuid) returns uuid
  language plpgsql stable security definer set search_path = public, pg_temp as $$
  declare
    host uuid;
    rest uuid;
    pool uuid;
    place uuid := of_organization;
  begin
    select p.organization_id, p.id into host, rest from seat_pools p
    where p.course_id = of_course and p.quota_id is null;
    for height in 1..10 loop
      select p.id into pool from course_quota_members m
      join seat_pools p on p.course_id = of_course and p.quota_id = m.quota_id
      where m.organization_id = host and m.course_id = of_course and m.member_id = place;
      exit when found;
      select o.parent_id into place from organizations o where o.id = place;
      exit when place is null;
    end loop;
    return coalesce(pool, rest);
  end $$
"""
"""The quota that an organisation is in, or else the nearest above it; or else what they leave."""

FOLLOW = f"""
  create function move_seats_with_quotas() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    if not exists (select from course_quotas q where q.course_id = new.id) then
      return null;
    end if;
    with due as materialized (
      select n.id, n.pool_id as former_id, seat_pool_of(n.course_id, n.organization_id) as pool_id
      from nominations n where n.course_id = new.id and n.state in {SEATED}
    ), moved as (
      update nominations n set pool_id = d.pool_id from due d
      where n.id = d.id and d.pool_id <> d.former_id
      returning d.pool_id, d.former_id
    )
    update seat_pools p set taken = p.taken + t.seats
    from (
      select each.id, sum(each.seats) as seats from (
        select m.pool_id as id, 1 as seats from moved m
        union all select m.former_id, -1 from moved m
      ) as each group by each.id
    ) as t where p.id = t.id;
    return null;
  end $$
"""
"""Whoever changes quotas changes the course after that: then each seat is one of the quota in which
its organisation is now."""


def pools() -> None:
    """After the rule of what quotas come to, by the names of the triggers, and before what shares a
    lock on the course."""
    run(
        POOLS,
        POOL_OF,
        FOLLOW,
        f"grant execute on function seat_pool_of to {EVERYBODY}",
        *(
            f"create trigger at_pools_kept_{operation} after {operation} on {table}"
            f" referencing {rows} for each statement execute function keep_seat_pools()"
            for table, operation, rows in (
                ("courses", "insert", "new table as new_rows"),
                ("courses", "update", "new table as new_rows"),
                ("course_quotas", "insert", "new table as new_rows"),
                ("course_quotas", "update", "new table as new_rows"),
                ("course_quotas", "delete", "old table as old_rows"),
            )
        ),
        "create trigger at_seats_moved after update on courses for each row"
        " when (old.state = new.state) execute function move_seats_with_quotas()",
        """
        create function count_moved_places() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from courses where id in (select course_id from new_rows)
          order by id for no key update;
          update seat_pools p set moved = p.moved + m.places
          from (
            select pool_id, sum(places) as places from (
              select to_pool_id as pool_id, places from new_rows
              union all select from_pool_id, -places from new_rows) as each
            group by pool_id) as m
          where p.id = m.pool_id;
          return null;
        end $$
        """,
        "create trigger counted after insert on place_moves referencing new table as new_rows"
        " for each statement execute function count_moved_places()",
        # Of the courses that are there already.
        """
        insert into seat_pools (organization_id, course_id, quota_id, places)
        select q.organization_id, q.course_id, q.id, q.places from course_quotas q
        union all
        select c.organization_id, c.id, null, c.max_places - coalesce((
          select sum(q.places) from course_quotas q where q.course_id = c.id), 0)
        from courses c
        """,
    )


CALENDAR = f"""
  create or replace function learner_sessions(of_learner uuid)
  returns table (session_id uuid, held boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
    select s.id, bool_or(n.state in {SEATED})
    from nominations n join course_sessions s on s.course_id = n.course_id
    where n.learner_id = of_learner and (n.state in {SEATED} or exists (
      select from nomination_steps p where p.nomination_id = n.id and p.to_state in {SEATED}))
    group by s.id
  $$
"""
"""Who had a place in a session, is told that it is cancelled for them."""


TELL = f"""
  create function tell_who_nominated() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
  begin
    insert into events (organization_id, name, subject_id, data)
    select n.organization_id, 'course_session.' || new.state, new.id,
      jsonb_build_object('course_id', new.course_id, 'sequence', new.sequence)
    from nominations n
    where n.course_id = new.course_id and n.organization_id <> new.organization_id
      and n.state not in {GONE}
    group by n.organization_id order by n.organization_id;
    return null;
  end $$
"""
"""The host is told by the service, which knows why."""


def bookings() -> None:
    """Sessions that are planned later are booked as well; those that are cancelled, no longer."""
    run(
        CALENDAR,
        f"""
        create function keep_learner_bookings() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if tg_op = 'UPDATE' then
            delete from learner_bookings where session_id = new.id;
            return null;
          end if;
          perform learners_in_turn(array(select n.learner_id from nominations n
            where n.course_id = new.course_id and n.state in {SEATED}));
          insert into learner_bookings (organization_id, course_id, nomination_id, learner_id,
            session_id, starts_at, ends_at, tentative, may_overlap)
          select new.organization_id, new.course_id, n.id, n.learner_id, new.id, new.starts_at,
            new.ends_at, new.tentative, n.may_overlap
          from nominations n where n.course_id = new.course_id and n.state in {SEATED};
          return null;
        end $$
        """,
        # Of two that book the same at once, each would find the other's entry in the index of the
        # exclusion constraint and wait for it. Locking learners would keep rosters waiting.
        """
        create function learners_in_turn(learners uuid[]) returns void
        language plpgsql set search_path = public as $$
        declare
          key integer;
        begin
          for key in select distinct hashtext(l::text) from unnest(learners) as l order by 1 loop
            perform pg_advisory_xact_lock(28, key);
          end loop;
        end $$
        """,
        f"grant execute on function learners_in_turn to {EVERYBODY}",
        """
        create function wait_for_booked_learners() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform learners_in_turn(array(
            select b.learner_id from learner_bookings b where b.session_id = new.id));
          return new;
        end $$
        """,
        "create trigger learners_booked after insert on course_sessions for each row"
        " when (new.state <> 'cancelled') execute function keep_learner_bookings()",
        "create trigger learners_released after update on course_sessions for each row"
        " when (old.state <> 'cancelled' and new.state = 'cancelled')"
        " execute function keep_learner_bookings()",
        TELL,
        "create trigger told_elsewhere after update on course_sessions for each row when"
        " (new.state in ('moved', 'cancelled') and (old.state, old.starts_at, old.ends_at,"
        " old.zone) is distinct from (new.state, new.starts_at, new.ends_at, new.zone))"
        " execute function tell_who_nominated()",
        "create trigger learners_in_turn before update on course_sessions for each row when"
        " ((old.starts_at, old.ends_at, old.tentative)"
        " is distinct from (new.starts_at, new.ends_at, new.tentative))"
        " execute function wait_for_booked_learners()",
    )


def remove() -> None:
    run(LEARNERS.replace("create function", "create or replace function"))
    for table in ("courses", "course_quotas"):
        for operation in ("insert", "update", "delete"):
            run(f"drop trigger if exists at_pools_kept_{operation} on {table}")
    run("drop trigger at_seats_moved on courses")
    for trigger in ("learners_booked", "learners_released", "told_elsewhere", "learners_in_turn"):
        run(f"drop trigger {trigger} on course_sessions")
    run(
        "drop trigger nominations_end on courses",
        "drop trigger counted on place_moves",
        "drop function keep_seat_pools, seat_pool_of, count_moved_places, keep_learner_bookings,"
        " learners_in_turn, wait_for_booked_learners, tell_who_nominated, move_seats_with_quotas",
    )
