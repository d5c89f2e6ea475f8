"""Rooms and instructors: what each is booked for, and that nothing is booked twice at once."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    CHANGERS,
    INSTRUCTOR,
    OWN_SUBJECT,
    OWNED,
    OWNER,
    STAMPS,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KINDS = "('ministry_official', 'visiting', 'foreign_expert', 'language_expert')"
BOOKED = """
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  tentative boolean not null default false,
  reason text,
  subject_organization_id uuid
    constraint {0}s_subject_organization_id_fkey references organizations,
  subject_id uuid,
  constraint {0}_ends_before_it_begins check (ends_at > starts_at),
  constraint {0}_for_nothing check (subject_id is not null or reason is not null),
  constraint {0}_subject_of_nobody
    check ((subject_id is null) = (subject_organization_id is null))
"""
"""When something is held, and for what: a subject of a package above, or a reason in words."""
DURING = "tstzrange(starts_at, ends_at)"
"""Half-open: one booking may begin when another ends."""
OWN_INSTRUCTOR = f"(select i.id from instructors i where i.user_id = {OWN_SUBJECT})"
CORRECTED = "expertise, languages, biography_vi, biography_en"
"""What instructors say of themselves; all else the Academy says."""


def upgrade() -> None:
    _rooms()
    _instructors()
    _rights()
    _turns()
    _ends()


def _rooms() -> None:
    run(
        f"""
        create table rooms ({STAMPS.format("rooms")}
          {OWNED.format("rooms")},
          code text not null,
          name_vi text not null,
          name_en text not null,
          address text not null,
          capacity integer not null,
          equipment text[] not null,
          zone text not null,
          closed_on date,
          constraint room_code_taken unique (organization_id, code),
          constraint rooms_organization_id_id_key unique (organization_id, id),
          constraint room_capacity_out_of_range check (capacity > 0),
          constraint room_zone_unknown
            check (timezone(zone, timestamp '2000-01-01') is not null)
        )
        """,
        "create index rooms_organization_id_code_id_idx on rooms (organization_id, code, id)",
        f"""
        create table room_bookings ({STAMPS.format("room_bookings")}
          {OWNED.format("room_bookings")},
          room_id uuid not null,
          {BOOKED.format("room_booking")},
          constraint room_bookings_room_id_fkey foreign key (organization_id, room_id)
            references rooms (organization_id, id),
          constraint room_double_booked exclude using gist
            (organization_id with =, room_id with =, {DURING} with &&) where (not tentative)
        )
        """,
        f"create index room_bookings_during_idx on room_bookings using gist (room_id, {DURING})",
        "create index room_bookings_starts_at_id_idx on room_bookings (starts_at, id)",
        "create index room_bookings_subject_idx"
        " on room_bookings (subject_organization_id, subject_id)",
    )


def _instructors() -> None:
    run(
        f"""
        create table instructors ({STAMPS.format("instructors")}
          user_id uuid constraint instructor_account_unknown references users,
          learner_id uuid constraint instructor_learner_unknown
            references learners on delete set null,
          kind text not null,
          full_name text not null,
          sort_key text collate "C" not null,
          search_text text not null,
          affiliation text not null,
          expertise text[] not null,
          languages jsonb not null,
          biography_vi text,
          biography_en text,
          active_until date,
          constraint instructor_account_taken unique (user_id),
          constraint instructor_learner_taken unique (learner_id),
          constraint instructor_kind_unknown check (kind in {KINDS})
        )
        """,
        "create index instructors_sort_key_id_idx on instructors (sort_key, id)",
        # Apart, for whoever gets to see an instructor by a course sees the row, and not this one.
        """
        create table instructor_contacts (
          id uuid constraint instructor_contacts_pkey primary key
            constraint instructor_contacts_id_fkey references instructors,
          version integer not null default 1,
          created_at timestamptz not null default now(),
          updated_at timestamptz not null default now(),
          email text,
          phone text
        )
        """,
        f"""
        create table instructor_unavailability ({STAMPS.format("instructor_unavailability")}
          instructor_id uuid not null
            constraint instructor_unavailability_instructor_id_fkey references instructors,
          starts_at timestamptz not null,
          ends_at timestamptz not null,
          reason text,
          constraint unavailability_ends_before_it_begins check (ends_at > starts_at)
        )
        """,
        "create index instructor_unavailability_during_idx on instructor_unavailability"
        f" using gist (instructor_id, {DURING})",
        f"""
        create table instructor_bookings ({STAMPS.format("instructor_bookings")}
          instructor_id uuid not null
            constraint instructor_bookings_instructor_id_fkey references instructors,
          {BOOKED.format("instructor_booking")},
          constraint instructor_double_booked exclude using gist
            (instructor_id with =, {DURING} with &&) where (not tentative)
        )
        """,
        "create index instructor_bookings_during_idx on instructor_bookings"
        f" using gist (instructor_id, {DURING})",
        "create index instructor_bookings_starts_at_id_idx on instructor_bookings (starts_at, id)",
        "create index instructor_bookings_subject_idx"
        " on instructor_bookings (subject_organization_id, subject_id)",
    )


def _rights() -> None:
    for table in ("rooms", "room_bookings"):
        own(table)
    run(f"grant delete on room_bookings to {CHANGERS}")
    # The pool is the Academy's. Instructors see what is said of them, and nothing of others.
    of_pool = {
        "instructors": f"user_id = {OWN_SUBJECT}",
        "instructor_contacts": f"id = {OWN_INSTRUCTOR}",
        "instructor_unavailability": f"instructor_id = {OWN_INSTRUCTOR}",
        "instructor_bookings": f"instructor_id = {OWN_INSTRUCTOR}",
    }
    for table in of_pool:
        guard(table)
        run(
            f"grant select, insert, update on {table} to {ACADEMY}",
            f"grant select on {table} to {AUDITOR}, {INSTRUCTOR}",
        )
        policy("academy_everything", table, ACADEMY, "true")
        policy("auditor_reads", table, AUDITOR, "true", "select")
    policy("their_own", "instructor_bookings", INSTRUCTOR, of_pool["instructor_bookings"], "select")
    away = "instructor_unavailability"
    policy("their_own", away, INSTRUCTOR, of_pool[away])
    for table in ("instructors", "instructor_contacts"):
        run(  # what they may change does not say whose it is, so there is nothing more to check
            f"create policy their_own on {table} for all to {INSTRUCTOR}"
            f" using ({of_pool[table]}) with check (true)"
        )
    run(
        f"grant delete on instructor_unavailability, instructor_bookings to {ACADEMY}",
        f"grant update ({CORRECTED}) on instructors to {INSTRUCTOR}",
        f"grant update (email, phone) on instructor_contacts to {INSTRUCTOR}",
        f"grant insert, update, delete on instructor_unavailability to {INSTRUCTOR}",
    )
    for table in ("rooms", "room_bookings", *of_pool):
        versioned(table)
        audited(table)
    for table in ("rooms", "instructors", "instructor_unavailability"):
        policy("trigger_reads", table, OWNER, "true", "select")
    for table in ("rooms", "instructors"):
        run(
            f"create policy trigger_locks on {table} for update to {OWNER}"
            " using (true) with check (false)"
        )


def _turns() -> None:
    """Of two that book the same at once, each would find the other's entry in the index of the
    exclusion constraint and wait for it. So they wait for the room before, or the instructor."""
    for what, whats in (("room", "rooms"), ("instructor", "instructors")):
        run(
            f"""
            create function wait_for_{what}() returns trigger
            language plpgsql security definer set search_path = public, pg_temp as $$
            begin
              if tg_op = 'DELETE' then
                perform from {whats} where id = old.{what}_id for no key update;
                return old;
              end if;
              perform from {whats} where id in (old.{what}_id, new.{what}_id) order by id
              for no key update;
              return new;
            end $$
            """,
            f"create trigger one_after_the_other before insert or update or delete"
            f" on {what}_bookings for each row execute function wait_for_{what}()",
        )


def _ends() -> None:
    """Nothing is booked when it is there no more, nor ended before what it is booked for."""
    run(
        """
        create function refuse_closed_room() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from rooms r where r.id = new.room_id
              and new.ends_at > r.closed_on::timestamp at time zone r.zone
          ) then
            raise check_violation using constraint = 'room_closed',
              message = 'the room is closed by then';
          end if;
          return null;
        end $$
        """,
        """
        create function refuse_closing_of_booked_room() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if exists (
            select from room_bookings b where b.room_id = new.id
              and b.ends_at > new.closed_on::timestamp at time zone new.zone
          ) then
            raise check_violation using constraint = 'room_booked_after_closing',
              message = 'the room is booked after that day';
          end if;
          return null;
        end $$
        """,
        # Of who says that they are unavailable, what they are booked for already stands.
        """
        create function refuse_absent_instructor() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from instructors i where i.id = new.instructor_id
              and new.ends_at > i.active_until::timestamp at time zone 'Asia/Ho_Chi_Minh'
          ) then
            raise check_violation using constraint = 'instructor_inactive',
              message = 'the instructor teaches no more by then';
          end if;
          if not new.tentative and exists (
            select from instructor_unavailability u where u.instructor_id = new.instructor_id
              and tstzrange(u.starts_at, u.ends_at) && tstzrange(new.starts_at, new.ends_at)
          ) then
            raise check_violation using constraint = 'instructor_unavailable',
              message = 'the instructor is unavailable then';
          end if;
          return null;
        end $$
        """,
        """
        create function refuse_end_of_booked_instructor() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if exists (
            select from instructor_bookings b where b.instructor_id = new.id
              and b.ends_at > new.active_until::timestamp at time zone 'Asia/Ho_Chi_Minh'
          ) then
            raise check_violation using constraint = 'instructor_booked_later',
              message = 'the instructor is booked after that day';
          end if;
          return null;
        end $$
        """,
        *_on_booking("room", "refuse_closed_room"),
        *_on_booking("instructor", "refuse_absent_instructor"),
        "create trigger booked_no_longer after update on rooms for each row when"
        " ((old.closed_on, old.zone) is distinct from (new.closed_on, new.zone))"
        " execute function refuse_closing_of_booked_room()",
        "create trigger booked_no_longer after update on instructors for each row when"
        " (old.active_until is distinct from new.active_until)"
        " execute function refuse_end_of_booked_instructor()",
    )


def _on_booking(what: str, function: str) -> list[str]:
    said = f"{{0}}.{what}_id, {{0}}.starts_at, {{0}}.ends_at, {{0}}.tentative"
    changed = f"({said.format('old')}) is distinct from ({said.format('new')})"
    return [
        f"create trigger there_then_{operation} after {operation} on {what}_bookings"
        f" for each row {when} execute function {function}()"
        for operation, when in (("insert", ""), ("update", f"when ({changed})"))
    ]


def downgrade() -> None:
    run(
        "drop table instructor_bookings, instructor_unavailability, instructor_contacts,"
        " instructors, room_bookings, rooms",
        "drop function wait_for_room, wait_for_instructor, refuse_closed_room,"
        " refuse_closing_of_booked_room, refuse_absent_instructor,"
        " refuse_end_of_booked_instructor",
    )
