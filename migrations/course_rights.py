"""Who sees courses, their parts and their sessions."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    CHANGERS,
    EVERYBODY,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_SUBJECT,
    OWNER,
    PERSON,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    own,
    policy,
    run,
    versioned,
)

_BOOKED = """
  select 'overlaps', b.{0}_id from {0}_bookings b join {0}_bookings o on o.{0}_id = b.{0}_id
    and o.id <> b.id and tstzrange(o.starts_at, o.ends_at) && tstzrange(b.starts_at, b.ends_at)
  where b.subject_organization_id = s.organization_id and b.subject_id = s.id"""
_HOST = f"""(
  current_setting('role') in ('{ACADEMY}', '{AUDITOR}')
  or current_setting('role') = '{ORGANIZATION}' and {{0}} = {OWN}
  or current_setting('role') = '{SUBTREE_ROLE}' and {{0}} = any ({SUBTREE}))"""
WARNINGS = f"""
  create function find_session_warnings(of_session uuid) returns json
  language sql stable security definer set search_path = public, pg_temp
  set plan_cache_mode = force_generic_plan as $$
    select coalesce((
      select json_agg(distinct jsonb_build_object('code', w.code, 'id', w.id))
      from course_sessions s join courses c on c.id = s.course_id
      cross join lateral (
        {_BOOKED.format("room")}
        union all {_BOOKED.format("instructor")}
        union all select 'unavailable', u.instructor_id
        from session_instructors p join instructor_unavailability u
          on u.instructor_id = p.instructor_id
          and tstzrange(u.starts_at, u.ends_at) && tstzrange(s.starts_at, s.ends_at)
        where p.session_id = s.id and p.released_at is null
        union all select 'without_room', null where s.mode <> 'online' and not exists (
          select from session_rooms p where p.session_id = s.id and p.released_at is null)
        union all select 'without_meeting', null from session_meetings m
        where m.id = s.id and s.mode <> 'in_person' and m.url is null and m.dial_in is null
        union all select 'room_too_small', null
        from session_rooms p join rooms r on r.id = p.room_id
        where p.session_id = s.id and p.released_at is null and s.mode = 'in_person'
        having sum(r.capacity) < c.max_places
      ) as w (code, id)
      where s.id = of_session and s.state in ('planned', 'moved')
        and {_HOST.format("s.organization_id")}
    ), '[]')
  $$
"""
"""For who plans the session, who need not see the bookings in its way. Others are told of none.
Lists that are planned anew would otherwise have this planned anew for each of their rows."""
ASKED = f"""
  create function session_warnings(of_session uuid, host uuid, state text) returns json
  language sql stable
  return case when state in ('planned', 'moved') and {_HOST.format("host").replace("(select ", "(")}
    then find_session_warnings(of_session) else '[]'::json end
"""
"""The same, which PostgreSQL puts into the statement that asks, for there is no subquery in it:
most sessions need not be looked at."""
READ_BY_TRIGGERS = [
    *(
        f"create policy trigger_reads on {table} for select to {OWNER} using (true)"
        for table in (
            *("courses", "course_modules", "course_quotas", "course_sessions"),
            *("session_instructors", "session_rooms", "session_meetings"),
            *("room_bookings", "instructor_bookings"),
        )
    ),
    # To lock what it reads, which is as much as to update it.
    f"create policy trigger_locks on courses for update to {OWNER} using (true) with check (false)",
]


def rights() -> None:
    tables = ("courses", "course_sessions", "course_quotas", "session_meetings")
    parts = ("course_modules", "course_quota_members", "session_rooms", "session_instructors")
    for table in (*tables, *parts):
        own(table)
        audited(table)
    for table in tables:
        versioned(table)
    for table in parts:
        run(f"grant delete on {table} to {CHANGERS}")
    run(f"grant delete on course_quotas to {CHANGERS}", *READ_BY_TRIGGERS)
    for role in (ORGANIZATION, SUBTREE_ROLE, PERSON):
        policy(f"opened_{role}", "courses", role, "opened_at is not null", "select")
    run(
        *(WARNINGS, ASKED),
        f"grant execute on function find_session_warnings, session_warnings to {EVERYBODY}",
    )
    run(
        # Past the policies of sessions, which ask those of courses.
        f"""
        create function courses_taught() returns setof uuid
        language sql stable security definer set search_path = public, pg_temp as $$
          select s.course_id from session_instructors s
          join instructors i on i.id = s.instructor_id
          where i.user_id = {OWN_SUBJECT} and s.released_at is null
        $$
        """,
        f"grant execute on function courses_taught to {INSTRUCTOR}",
        f"grant select on courses to {PERSON}, {INSTRUCTOR}",
        f"grant select on session_meetings to {INSTRUCTOR}",
    )
    policy("taught", "courses", INSTRUCTOR, "id in (select courses_taught())", "select")
    for table in ("course_modules", "course_sessions", "session_rooms", "session_instructors"):
        _seen_with_course(table)
    theirs = "select s.session_id from session_instructors s join instructors i"
    theirs += f" on i.id = s.instructor_id where i.user_id = {OWN_SUBJECT}"
    taught = f"id in ({theirs} and s.released_at is null)"
    policy("taught", "session_meetings", INSTRUCTOR, taught, "select")
    visible = "course_id in (select c.id from courses c)"
    for role, member in ((ORGANIZATION, f"= {OWN}"), (SUBTREE_ROLE, f"= any ({SUBTREE})")):
        rule = f"member_id {member} and {visible}"
        policy(f"for_{role}", "course_quota_members", role, rule, "select")
        given = f"id in (select m.quota_id from course_quota_members m) and {visible}"
        policy(f"for_{role}", "course_quotas", role, given, "select")
    _shown_by_sessions()


def _shown_by_sessions() -> None:
    """Whoever sees a session, sees its rooms, and who teaches it."""
    run(
        f"grant select on rooms to {PERSON}, {INSTRUCTOR}",
        f"grant select on instructors to {ORGANIZATION}, {SUBTREE_ROLE}, {PERSON}",
    )
    for table, key in (("rooms", "room_id"), ("instructors", "instructor_id")):
        of_session = f"select s.{key} from session_{table} s where s.released_at is null"
        for role in NARROW:
            policy(f"of_session_{role}", table, role, f"id in ({of_session})", "select")


def _seen_with_course(table: str) -> None:
    """A part of a course, for whoever sees the course."""
    run(f"grant select on {table} to {PERSON}, {INSTRUCTOR}")
    visible = "course_id in (select c.id from courses c)"
    for role in NARROW:
        policy(f"course_visible_{role}", table, role, visible, "select")
