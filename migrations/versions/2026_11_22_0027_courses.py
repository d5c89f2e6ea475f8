"""Courses: their states, modules and quotas; sessions, who teaches them and where; calendars."""

from migrations import calendars, course_rights, course_rules
from migrations.helpers import (
    ADDED,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWNED,
    PERSON,
    STAMPS,
    SUBTREE_ROLE,
    run,
)

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OF_COURSE = """
  course_id uuid not null,
  constraint {0}_course_id_fkey foreign key (organization_id, course_id)
    references courses (organization_id, id)
"""
OF_SESSION = """
  course_id uuid not null,
  session_id uuid not null,
  constraint {0}_session_id_fkey foreign key (organization_id, course_id, session_id)
    references course_sessions (organization_id, course_id, id)
"""
MODES = "('in_person', 'online', 'hybrid')"
DURING = "tstzrange(starts_at, ends_at)"


def upgrade() -> None:
    _courses()
    _modules()
    _quotas()
    _sessions()
    _parts_of_sessions()
    _bookings()
    course_rights.rights()
    course_rules.states()
    course_rules.curricula()
    course_rules.content()
    course_rules.places()
    course_rules.times()
    calendars.add()


def _courses() -> None:
    run(
        f"""
        create table courses ({STAMPS.format("courses")}
          {OWNED.format("courses")},
          code text not null,
          title_vi text not null,
          title_en text not null,
          year integer not null,
          curriculum_version_id uuid not null
            constraint course_curriculum_not_in_force references curriculum_versions,
          extension_version_id uuid
            constraint course_extension_of_another references curriculum_versions,
          starts_on date not null,
          ends_on date not null,
          mode text not null,
          senior boolean not null default false,
          foreign_experts boolean not null default false,
          min_places integer not null default 0,
          max_places integer,
          nominations_until date,
          release_days integer not null default 0,
          completion_rule jsonb not null,
          state text not null default 'planned',
          opened_at timestamptz,
          cancelled_because text,
          constraint course_code_taken unique (organization_id, code),
          constraint courses_organization_id_id_key unique (organization_id, id),
          constraint course_ends_before_it_begins check (ends_on >= starts_on),
          constraint course_year_out_of_range check (year between 2000 and 2100),
          constraint course_mode_unknown check (mode in {MODES}),
          constraint course_places_out_of_order
            check (min_places >= 0 and max_places >= min_places),
          constraint nominations_after_beginning check (nominations_until <= starts_on),
          constraint release_days_out_of_range check (release_days between 0 and 60),
          constraint course_state_unknown check (state in ('planned', 'open', 'closed', 'running',
            'completed', 'cancelled')),
          constraint course_opened_at_a_moment
            check (state in ('planned', 'cancelled') or opened_at is not null),
          constraint course_cancelled_for_a_reason
            check ((state = 'cancelled') = (cancelled_because is not null))
        )
        """,
        "create index courses_starts_on_id_idx on courses (starts_on, id)",
        "create index courses_curriculum_version_id_idx on courses (curriculum_version_id)",
        "create index courses_extension_version_id_idx on courses (extension_version_id)",
    )


def _modules() -> None:
    run(
        f"""
        create table course_modules ({ADDED.format("course_modules")}
          {OWNED.format("course_modules")},
          {OF_COURSE.format("course_modules")},
          curriculum_version_id uuid not null,
          module_id uuid not null,
          constraint course_module_twice unique (organization_id, course_id, module_id),
          constraint module_not_of_curriculum foreign key (curriculum_version_id, module_id)
            references curriculum_modules (curriculum_version_id, module_id)
        )
        """,
        "create index course_modules_curriculum_version_id_module_id_idx"
        " on course_modules (curriculum_version_id, module_id)",
    )


def _quotas() -> None:
    run(
        f"""
        create table course_quotas ({STAMPS.format("course_quotas")}
          {OWNED.format("course_quotas")},
          {OF_COURSE.format("course_quotas")},
          code text not null,
          places integer not null,
          constraint quota_code_taken unique (organization_id, course_id, code),
          constraint course_quotas_organization_id_course_id_id_key
            unique (organization_id, course_id, id),
          constraint quota_places_out_of_range check (places >= 0)
        )
        """,
        f"""
        create table course_quota_members ({ADDED.format("course_quota_members")}
          {OWNED.format("course_quota_members")},
          course_id uuid not null,
          quota_id uuid not null,
          member_id uuid not null
            constraint quota_member_unknown references organizations,
          constraint course_quota_members_quota_id_fkey
            foreign key (organization_id, course_id, quota_id)
            references course_quotas (organization_id, course_id, id),
          constraint quota_member_taken unique (organization_id, course_id, member_id)
        )
        """,
        "create index course_quota_members_member_id_idx on course_quota_members (member_id)",
        "create index course_quota_members_quota_id_idx on course_quota_members (quota_id)",
    )


def _sessions() -> None:
    run(
        f"""
        create table course_sessions ({STAMPS.format("course_sessions")}
          {OWNED.format("course_sessions")},
          {OF_COURSE.format("course_sessions")},
          module_id uuid,
          title_vi text not null,
          title_en text not null,
          starts_at timestamptz not null,
          ends_at timestamptz not null,
          zone text not null,
          mode text not null,
          planned_minutes integer not null,
          tentative boolean not null default false,
          state text not null default 'planned',
          sequence integer not null default 0,
          cancelled_because text,
          constraint course_sessions_organization_id_course_id_id_key
            unique (organization_id, course_id, id),
          constraint course_sessions_time_key
            unique (organization_id, id, starts_at, ends_at, tentative),
          constraint session_module_unknown foreign key (organization_id, course_id, module_id)
            references course_modules (organization_id, course_id, module_id),
          constraint session_ends_before_it_begins check (ends_at > starts_at),
          constraint session_minutes_out_of_range check (planned_minutes > 0
            and planned_minutes <= extract(epoch from ends_at - starts_at) / 60
            and ends_at - starts_at <= interval '10000 minutes'),
          constraint session_zone_unknown
            check (timezone(zone, timestamp '2000-01-01') is not null),
          constraint session_mode_unknown check (mode in {MODES}),
          constraint session_state_unknown
            check (state in ('planned', 'moved', 'cancelled', 'held')),
          constraint session_cancelled_for_a_reason
            check ((state = 'cancelled') = (cancelled_because is not null))
        )
        """,
        "create index course_sessions_starts_at_id_idx on course_sessions (starts_at, id)",
        "create index course_sessions_course_id_starts_at_id_idx"
        " on course_sessions (course_id, starts_at, id)",
        "create index course_sessions_module_id_idx on course_sessions (module_id)",
        f"create index course_sessions_during_idx on course_sessions using gist ({DURING})",
    )


def _parts_of_sessions() -> None:
    run(
        # What is given up stays, for calendars tell whoever had it that it is cancelled for them.
        f"""
        create table session_rooms ({ADDED.format("session_rooms")}
          {OWNED.format("session_rooms")},
          {OF_SESSION.format("session_rooms")},
          room_organization_id uuid not null,
          room_id uuid not null,
          released_at timestamptz,
          constraint session_rooms_room_id_fkey foreign key (room_organization_id, room_id)
            references rooms (organization_id, id)
        )
        """,
        "create unique index session_room_twice on session_rooms"
        " (organization_id, session_id, room_id) where released_at is null",
        "create index session_rooms_session_id_idx on session_rooms (session_id)",
        "create index session_rooms_room_id_idx on session_rooms (room_id)",
        f"""
        create table session_instructors ({ADDED.format("session_instructors")}
          {OWNED.format("session_instructors")},
          {OF_SESSION.format("session_instructors")},
          instructor_id uuid not null
            constraint session_instructors_instructor_id_fkey references instructors,
          released_at timestamptz
        )
        """,
        "create unique index session_instructor_twice on session_instructors"
        " (organization_id, session_id, instructor_id) where released_at is null",
        "create index session_instructors_session_id_idx on session_instructors (session_id)",
        "create index session_instructors_instructor_id_course_id_idx"
        " on session_instructors (instructor_id, course_id)",
        # Apart, for whoever sees a session is not let into its meeting by that.
        f"""
        create table session_meetings (
          id uuid constraint session_meetings_pkey primary key,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          {OWNED.format("session_meetings")},
          course_id uuid not null,
          provider text,
          url text,
          meeting_number text,
          dial_in text,
          constraint session_meetings_id_fkey foreign key (organization_id, course_id, id)
            references course_sessions (organization_id, course_id, id)
        )
        """,
    )


def _bookings() -> None:
    """Nothing is booked for a session at another time than its own: a session that moves takes its
    bookings along."""
    for table in ("room_bookings", "instructor_bookings"):
        run(
            f"alter table {table} add constraint {table}_session_fkey foreign key"
            " (subject_organization_id, subject_id, starts_at, ends_at, tentative)"
            " references course_sessions (organization_id, id, starts_at, ends_at, tentative)"
            " on update cascade"
        )


def downgrade() -> None:
    for table in ("rooms", "instructors"):
        for role in NARROW:
            run(f"drop policy of_session_{role} on {table}")
    calendars.remove()
    run(
        f"revoke select on rooms from {PERSON}, {INSTRUCTOR}",
        f"revoke select on instructors from {ORGANIZATION}, {SUBTREE_ROLE}, {PERSON}",
        "alter table room_bookings drop constraint room_bookings_session_fkey",
        "alter table instructor_bookings drop constraint instructor_bookings_session_fkey",
        "drop policy taught on courses",
        "drop function courses_taught, course_findings, session_warnings, find_session_warnings",
        "drop policy trigger_reads on room_bookings",
        "drop policy trigger_reads on instructor_bookings",
        "drop table session_meetings, session_instructors, session_rooms, course_sessions,"
        " course_quota_members, course_quotas, course_modules, courses",
        "drop function refuse_change_of_course, refuse_change_of_session,"
        " refuse_course_of_no_curriculum, refuse_change_of_course_content,"
        " refuse_module_of_another_curriculum, refuse_quotas_beyond_places,"
        " refuse_session_outside_course, refuse_course_beside_sessions, number_session",
    )
