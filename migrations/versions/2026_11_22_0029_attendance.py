"""Attendance: its ledger and sheets, reports of meetings, standings, what people learn alone."""

from migrations import attendance, completions, standings
from migrations.helpers import (
    ACADEMY,
    ADDED,
    AUDITOR,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_LEARNER,
    OWN_SUBJECT,
    OWNED,
    OWNER,
    PERSON,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OF_SESSION = """
  course_id uuid not null,
  session_id uuid not null,
  constraint {0}_session_id_fkey foreign key (organization_id, course_id, session_id)
    references course_sessions (organization_id, course_id, id)
"""
TAUGHT = "(select sessions_taught())"


def upgrade() -> None:
    _sheets()
    _entries()
    _meeting_logs()
    _learning_records()
    attendance.add()
    standings.add()
    completions.add()


def _sheets() -> None:
    """Each session's, to lock and to count what happens to it."""
    run(
        f"""
        create table attendance_sheets (
          id uuid constraint attendance_sheets_pkey primary key,
          created_at timestamptz not null default now(),
          {OWNED.format("attendance_sheets")},
          course_id uuid not null,
          changes integer not null default 1,
          taken boolean not null default false,
          constraint attendance_sheets_id_fkey foreign key (organization_id, course_id, id)
            references course_sessions (organization_id, course_id, id)
        )
        """,
        f"""
        create function sessions_taught() returns setof uuid
        language sql stable security definer set search_path = public, pg_temp as $$
          select s.session_id from session_instructors s
          join instructors i on i.id = s.instructor_id
          where i.user_id = {OWN_SUBJECT} and s.released_at is null
        $$
        """,
        f"grant execute on function sessions_taught to {INSTRUCTOR}",
    )
    guard("attendance_sheets")
    run(
        f"grant select, update on attendance_sheets to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        f"grant select, update (changes) on attendance_sheets to {INSTRUCTOR}",
        f"grant select on attendance_sheets to {AUDITOR}, {PERSON}",
    )
    policy("academy_everything", "attendance_sheets", ACADEMY, "true")
    policy("auditor_reads", "attendance_sheets", AUDITOR, "true", "select")
    for role in NARROW:
        visible = "course_id in (select c.id from courses c)"
        policy(f"course_visible_{role}", "attendance_sheets", role, visible, "select")
    # To be locked by who writes on it.
    for role, theirs in (
        (ORGANIZATION, f"organization_id = {OWN}"),
        (SUBTREE_ROLE, f"organization_id = any ({SUBTREE})"),
        (INSTRUCTOR, f"id in {TAUGHT}"),
    ):
        policy(f"own_{role}", "attendance_sheets", role, theirs, "update")
    policy("trigger_writes", "attendance_sheets", OWNER, "true")


def _entries() -> None:
    """Only added to: neither versioned nor audited, and each row tells of itself."""
    run(
        f"""
        create table attendance_entries ({ADDED.format("attendance_entries")}
          {OWNED.format("attendance_entries")},
          {OF_SESSION.format("attendance_entries")},
          nomination_id uuid not null,
          learner_id uuid not null constraint learner_has_attendance references learners,
          aspect text not null,
          minutes integer,
          late_minutes integer,
          participation text,
          excused boolean,
          document text,
          note text,
          source text not null,
          present_from timestamptz,
          code_step bigint,
          meeting_log_id uuid,
          recorded_by text not null default current_setting('app.actor'),
          constraint attendance_entries_nomination_id_fkey
            foreign key (organization_id, course_id, nomination_id)
            references nominations (host_id, course_id, id),
          constraint attendance_code_replayed
            unique (organization_id, session_id, learner_id, code_step),
          constraint attendance_aspect_unknown
            check (aspect in ('in_person', 'online', 'excused', 'participation')),
          constraint attendance_says_one_thing check (
            (minutes is not null) = (aspect in ('in_person', 'online'))
            and (excused is not null) = (aspect = 'excused')
            and (participation is null or aspect = 'participation')
            and (aspect in ('in_person', 'online')
              or num_nonnulls(late_minutes, present_from, code_step, meeting_log_id) = 0)
            and (document is null or aspect = 'excused')),
          constraint attendance_minutes_out_of_range
            check (least(minutes, late_minutes) >= 0),
          constraint attendance_participation_unknown
            check (participation in ('passive', 'active', 'contributed')),
          constraint attendance_source_unknown
            check (source in ('sheet', 'code', 'check_in', 'meeting_log')),
          constraint attendance_code_has_a_step check ((source = 'code') = (code_step is not null))
        )
        """,
        # What counts is the newest of each: three columns to find it by, and the order it came in.
        "create index attendance_entries_nomination_id_session_id_aspect_id_idx"
        " on attendance_entries (nomination_id, session_id, aspect, id desc)",
        "create index attendance_entries_session_id_id_idx on attendance_entries (session_id, id)",
        "create index attendance_entries_learner_id_id_idx on attendance_entries (learner_id, id)",
        "create index attendance_entries_meeting_log_id_idx on attendance_entries (meeting_log_id)"
        " where meeting_log_id is not null",
        "create index attendance_entries_created_at_id_idx on attendance_entries (created_at, id)",
    )
    guard("attendance_entries")
    run(
        f"grant select, insert on attendance_entries to {ACADEMY}, {', '.join(NARROW)}",
        f"grant select on attendance_entries to {AUDITOR}",
    )
    policy("academy_everything", "attendance_entries", ACADEMY, "true", "select")
    policy("academy_adds", "attendance_entries", ACADEMY, "true", "insert")
    policy("auditor_reads", "attendance_entries", AUDITOR, "true", "select")
    for role in NARROW:
        visible = "nomination_id in (select n.id from nominations n)"
        policy(f"nomination_visible_{role}", "attendance_entries", role, visible, "select")
    for role, theirs in (
        (ORGANIZATION, f"organization_id = {OWN}"),
        (SUBTREE_ROLE, f"organization_id = any ({SUBTREE})"),
        (INSTRUCTOR, f"session_id in {TAUGHT}"),
        (PERSON, f"learner_id = {OWN_LEARNER} and source = 'code'"),
    ):
        policy(f"adds_{role}", "attendance_entries", role, theirs, "insert")
    policy("trigger_reads", "attendance_entries", OWNER, "true", "select")


def _meeting_logs() -> None:
    run(
        f"""
        create table meeting_logs ({STAMPS.format("meeting_logs")}
          {OWNED.format("meeting_logs")},
          {OF_SESSION.format("meeting_logs")},
          provider text not null,
          zone text not null,
          file_name text,
          digest bytea not null,
          people jsonb not null,
          state text not null default 'planned',
          ended_at timestamptz,
          constraint meeting_logs_organization_id_id_key unique (organization_id, id),
          constraint meeting_log_provider_unknown check (provider in ('zoom', 'teams')),
          constraint meeting_log_state_unknown
            check (state in ('planned', 'applied', 'discarded')),
          constraint meeting_log_ends_once check ((state = 'planned') = (ended_at is null))
        )
        """,
        "create index meeting_logs_session_id_id_idx on meeting_logs (session_id, id)",
        "create index meeting_logs_created_at_id_idx on meeting_logs (created_at, id)",
        "alter table attendance_entries add constraint attendance_entries_meeting_log_id_fkey"
        " foreign key (organization_id, meeting_log_id) references meeting_logs"
        " (organization_id, id)",
    )
    own("meeting_logs")
    run(f"grant select, insert, update (state, ended_at) on meeting_logs to {INSTRUCTOR}")
    policy("taught", "meeting_logs", INSTRUCTOR, f"session_id in {TAUGHT}")
    versioned("meeting_logs")
    audited("meeting_logs")


def _learning_records() -> None:
    """What somebody learnt alone or at work. It belongs to the organisation where it was recorded,
    which confirms it, and goes with the person."""
    run(
        f"""
        create table learning_records ({STAMPS.format("learning_records")}
          {OWNED.format("learning_records")},
          learner_id uuid not null constraint learner_has_learning_records references learners,
          kind text not null,
          title text not null,
          description text,
          hours numeric(5, 1) not null,
          began_on date not null,
          ended_on date not null,
          evidence text,
          mentor text,
          recorded_by text not null default current_setting('app.actor'),
          state text not null default 'recorded',
          decided_by text,
          decided_at timestamptz,
          note text,
          constraint learning_kind_unknown check (kind in ('self_study', 'on_the_job')),
          constraint learning_hours_out_of_range check (hours > 0 and hours <= 2000),
          constraint learning_ends_before_it_begins check (ended_on >= began_on),
          constraint learning_state_unknown check (state in ('recorded', 'confirmed', 'refused')),
          constraint learning_decided_by_somebody check (
            (state = 'recorded') = (decided_by is null)
            and (decided_by is null) = (decided_at is null)),
          constraint learning_confirmed_by_oneself check (state <> 'confirmed'
            or split_part(decided_by, ':', 2) <> split_part(recorded_by, ':', 2)
            and decided_by not like 'learner:%')
        )
        """,
        "create index learning_records_organization_id_created_at_id_idx"
        " on learning_records (organization_id, created_at, id)",
        "create index learning_records_created_at_id_idx on learning_records (created_at, id)",
        "create index learning_records_learner_id_id_idx on learning_records (learner_id, id)",
    )
    own("learning_records")
    run(f"grant select, insert, update on learning_records to {PERSON}")
    policy("own_record", "learning_records", PERSON, f"learner_id = {OWN_LEARNER}", "select")
    at_work = "(select l.organization_id from learners l where l.id = learner_id)"
    said = f"learner_id = {OWN_LEARNER} and state = 'recorded' and organization_id = {at_work}"
    policy("own_words", "learning_records", PERSON, said, "insert")
    mine = f"{said} and recorded_by = current_setting('app.actor')"
    policy("own_correction", "learning_records", PERSON, mine, "update")
    for role in (ORGANIZATION, SUBTREE_ROLE):
        follows = "exists (select from learners l where l.id = learner_id)"
        policy(f"follows_the_learner_{role}", "learning_records", role, follows, "select")
    versioned("learning_records")
    audited("learning_records")
    run(
        """
        create function refuse_change_of_learning() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if old.state <> 'recorded' then
            raise check_violation using constraint = 'learning_decided',
              message = 'what was confirmed or refused stays as it was';
          end if;
          return null;
        end $$
        """,
        "create trigger decided after update on learning_records"
        " for each row execute function refuse_change_of_learning()",
    )


def downgrade() -> None:
    completions.remove()
    standings.remove()
    attendance.remove()
    run(
        "drop table learning_records, attendance_entries, meeting_logs, attendance_sheets",
        "drop function refuse_change_of_learning, sessions_taught",
    )
