"""Addresses of calendars: who made them, of what, and what they tell."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_ACTOR,
    OWN_LEARNER,
    OWN_SUBJECT,
    OWNED,
    PERSON,
    SERVICE,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    policy,
    run,
    versioned,
)

CONTENT = """
  create function calendar_content(
    of_course uuid, of_room uuid, of_instructor uuid, of_learner uuid, reader text)
  returns jsonb
  language sql stable security definer set search_path = public, pg_temp as $$
    with theirs as (
      select s.id, true as held from course_sessions s where s.course_id = of_course
      union all
      select r.session_id, bool_or(r.released_at is null)
      from session_rooms r where r.room_id = of_room group by r.session_id
      union all
      select i.session_id, bool_or(i.released_at is null)
      from session_instructors i where i.instructor_id = of_instructor group by i.session_id
      union all
      select l.session_id, l.held from learner_sessions(of_learner) l
    )
    select jsonb_build_object(
      'name_vi', coalesce(c.title_vi, r.name_vi, i.full_name, 'Lịch học'),
      'name_en', coalesce(c.title_en, r.name_en, i.full_name, 'My courses'),
      'events', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', s.id, 'sequence', s.sequence, 'created_at', s.created_at,
          'updated_at', s.updated_at, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
          'zone', s.zone, 'mode', s.mode, 'tentative', s.tentative,
          'cancelled', s.state = 'cancelled' or not theirs.held,
          'because', s.cancelled_because,
          'title_vi', s.title_vi, 'title_en', s.title_en,
          'course_code', c.code, 'course_vi', c.title_vi, 'course_en', c.title_en,
          'rooms', (
            select coalesce(jsonb_agg(jsonb_build_array(r.name_vi, r.name_en, r.address)
              order by r.code), '[]')
            from session_rooms p join rooms r on r.id = p.room_id
            where p.session_id = s.id and p.released_at is null),
          'instructors', (
            select coalesce(jsonb_agg(i.full_name order by i.sort_key), '[]')
            from session_instructors p join instructors i on i.id = p.instructor_id
            where p.session_id = s.id and p.released_at is null),
          'meeting', (
            select jsonb_build_array(m.url, m.dial_in) from session_meetings m
            where m.id = s.id and theirs.held
              and coalesce(of_instructor, of_learner) is not null)
        ) order by s.starts_at, s.id), '[]')
        from theirs join course_sessions s on s.id = theirs.id
        join courses c on c.id = s.course_id
      ))
    from (values (1)) as one
    left join courses c on c.id = of_course
    left join rooms r on r.id = of_room
    left join instructors i on i.id = of_instructor
    where of_instructor is null or reader not like 'instructor:%'
      or reader = 'instructor:' || i.user_id
  $$
"""
"""What a calendar tells; null to an account that is no longer the instructor's. Who teaches a
session, or has a place in it, is told how to join it: the address is theirs. Of a course or of a
room it may hang on a wall."""
LEARNERS = """
  create function learner_sessions(of_learner uuid) returns table (session_id uuid, held boolean)
  language sql stable security definer set search_path = public, pg_temp as $$
    select null::uuid, null::boolean where false
  $$
"""
"""In which sessions a learner has a place, and in which they had one. Replaced by whoever gives
places away; of courses alone nobody has one."""


def add() -> None:
    run(
        f"""
        create table calendars ({STAMPS.format("calendars")}
          {OWNED.format("calendars")},
          actor text not null default current_setting('app.actor'),
          course_id uuid constraint calendars_course_id_fkey references courses,
          room_id uuid constraint calendars_room_id_fkey references rooms,
          instructor_id uuid constraint calendars_instructor_id_fkey references instructors,
          learner_id uuid constraint calendars_learner_id_fkey
            references learners on delete cascade,
          language text not null,
          token_hash bytea not null,
          constraint calendar_token_taken unique (token_hash),
          constraint calendar_of_one_thing
            check (num_nonnulls(course_id, room_id, instructor_id, learner_id) = 1),
          constraint calendar_language_unknown check (language in ('vi', 'en'))
        )
        """,
        "create index calendars_actor_created_at_id_idx on calendars (actor, created_at, id)",
        "create index calendars_created_at_id_idx on calendars (created_at, id)",
        "create index calendars_course_id_idx on calendars (course_id)",
        "create index calendars_room_id_idx on calendars (room_id)",
        "create index calendars_instructor_id_idx on calendars (instructor_id)",
        "create index calendars_learner_id_idx on calendars (learner_id)",
        f"grant select, insert, update, delete on calendars to {ACADEMY}, {', '.join(NARROW)}",
        f"grant select on calendars to {AUDITOR}, {SERVICE}",
    )
    guard("calendars")
    versioned("calendars")
    audited("calendars")
    policy("academy_everything", "calendars", ACADEMY, "true")
    policy("auditor_reads", "calendars", AUDITOR, "true", "select")
    policy("service_reads", "calendars", SERVICE, "true", "select")
    _own_calendars()
    run(LEARNERS, CONTENT, f"grant execute on function calendar_content to {SERVICE}")


def _own_calendars() -> None:
    """Each has their own: of courses that they see, of their rooms, of themselves."""
    made = f"actor = {OWN_ACTOR} and organization_id = {OWN}"
    course = "(course_id is null or course_id in (select c.id from courses c))"
    rooms = "room_id is null or room_id in (select r.id from rooms r where r.organization_id {})"
    themselves = f"(select i.id from instructors i where i.user_id = {OWN_SUBJECT})"
    nobody_else = f"(instructor_id is null or instructor_id = {themselves})"
    nobody = "instructor_id is null and learner_id is null"
    of = {
        ORGANIZATION: f"({rooms.format(f'= {OWN}')}) and {nobody}",
        SUBTREE_ROLE: f"({rooms.format(f'= any ({SUBTREE})')}) and {nobody}",
        PERSON: "room_id is null and instructor_id is null"
        f" and (learner_id is null or learner_id = {OWN_LEARNER})",
        INSTRUCTOR: f"room_id is null and {nobody_else} and learner_id is null",
    }
    for role, theirs in of.items():
        run(
            f"create policy their_own_{role} on calendars for all to {role} using ({made})"
            f" with check ({made} and {course} and {theirs})"
        )


def remove() -> None:
    run("drop function calendar_content, learner_sessions", "drop table calendars")
