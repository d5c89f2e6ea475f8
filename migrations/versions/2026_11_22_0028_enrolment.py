"""Enrolment: nominations to seats, what is booked for learners, and which days are worked."""

from migrations import enrolment, enrolment_rights, enrolment_seats, working_days
from migrations.helpers import ADDED, OWNED, STAMPS, run

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OF_COURSE = """
  course_id uuid not null,
  constraint {0}_course_id_fkey foreign key ({1}, course_id)
    references courses (organization_id, id)
"""
OF_NOMINATION = """
  nomination_id uuid not null,
  constraint {0}_nomination_id_fkey foreign key ({1}, course_id, nomination_id)
    references nominations (host_id, course_id, id)
"""


def upgrade() -> None:
    _pools()
    _nominations()
    _steps()
    _bookings()
    working_days.add()
    enrolment_rights.rights()
    enrolment_seats.pools()
    enrolment_seats.bookings()
    enrolment.order()
    enrolment.findings()


def _pools() -> None:
    run(
        f"""
        create table seat_pools ({ADDED.format("seat_pools")}
          {OWNED.format("seat_pools")},
          {OF_COURSE.format("seat_pools", "organization_id")},
          quota_id uuid,
          places integer,
          moved integer not null default 0,
          taken integer not null default 0,
          constraint seat_pools_quota_id_fkey foreign key (organization_id, course_id, quota_id)
            references course_quotas (organization_id, course_id, id) on delete cascade,
          constraint seat_pools_organization_id_course_id_id_key
            unique (organization_id, course_id, id),
          constraint seat_pools_course_id_quota_id_key
            unique nulls not distinct (course_id, quota_id),
          constraint seats_exceed_places check (taken >= 0 and taken <= places + moved)
        )
        """,
        "create index seat_pools_quota_id_idx on seat_pools (quota_id)",
        f"""
        create table place_moves ({ADDED.format("place_moves")}
          {OWNED.format("place_moves")},
          {OF_COURSE.format("place_moves", "organization_id")},
          from_pool_id uuid not null,
          to_pool_id uuid not null,
          places integer not null,
          actor text not null default current_setting('app.actor'),
          constraint places_of_quota_were_given foreign key
            (organization_id, course_id, from_pool_id)
            references seat_pools (organization_id, course_id, id),
          constraint places_were_given_to_quota foreign key
            (organization_id, course_id, to_pool_id)
            references seat_pools (organization_id, course_id, id),
          constraint no_places_moved check (places > 0 and from_pool_id <> to_pool_id)
        )
        """,
        "create index place_moves_course_id_idx on place_moves (course_id)",
        "create index place_moves_from_pool_id_idx on place_moves (from_pool_id)",
        "create index place_moves_to_pool_id_idx on place_moves (to_pool_id)",
    )


def _nominations() -> None:
    run(
        f"""
        create table nominations ({STAMPS.format("nominations")}
          {OWNED.format("nominations")},
          host_id uuid not null constraint nominations_host_id_fkey references organizations,
          {OF_COURSE.format("nominations", "host_id")},
          learner_id uuid not null constraint learner_has_nominations references learners,
          full_name text not null,
          sort_key text collate "C" not null,
          position_title text not null,
          state text not null default 'nominated',
          rank integer not null,
          letter_number text,
          letter_date date,
          letter_hash text,
          reason text,
          document text,
          may_overlap boolean not null default false,
          substitutes_id uuid,
          pool_id uuid,
          constraint nominations_host_id_course_id_id_key unique (host_id, course_id, id),
          constraint nominations_substitutes_id_fkey
            foreign key (host_id, course_id, substitutes_id)
            references nominations (host_id, course_id, id),
          constraint quota_has_seats foreign key (host_id, course_id, pool_id)
            references seat_pools (organization_id, course_id, id),
          constraint nomination_state_unknown check (state in {enrolment.STATES}),
          constraint nomination_rank_out_of_range check (rank between 1 and 100000),
          constraint nomination_seat_out_of_order
            check ((state in {enrolment.SEATED}) = (pool_id is not null)),
          constraint nomination_letter_incomplete
            check ((letter_number is null) = (letter_date is null)),
          constraint nomination_letter_hash_unknown check (letter_hash ~ '^[0-9a-f]{{64}}$'),
          constraint nomination_declined_without_reason
            check (state <> 'declined' or reason is not null)
        )
        """,
        "create unique index nomination_twice on nominations (course_id, learner_id)"
        f" where state not in {enrolment.GONE}",
        "create index nominations_course_id_organization_id_rank_id_idx"
        " on nominations (course_id, organization_id, rank, id)",
        "create index nominations_organization_id_created_at_id_idx"
        " on nominations (organization_id, created_at, id)",
        "create index nominations_created_at_id_idx on nominations (created_at, id)",
        "create index nominations_learner_id_idx on nominations (learner_id)",
        "create index nominations_pool_id_idx on nominations (pool_id)",
        "create index nominations_substitutes_id_idx on nominations (substitutes_id)",
    )


def _steps() -> None:
    run(
        f"""
        create table nomination_steps ({ADDED.format("nomination_steps")}
          {OWNED.format("nomination_steps")},
          host_id uuid not null constraint nomination_steps_host_id_fkey references organizations,
          course_id uuid not null,
          {OF_NOMINATION.format("nomination_steps", "host_id")},
          actor text not null default current_setting('app.actor'),
          from_state text,
          to_state text not null,
          reason text,
          document text
        )
        """,
        "create index nomination_steps_nomination_id_id_idx"
        " on nomination_steps (nomination_id, id)",
        "create index nomination_steps_created_at_id_idx on nomination_steps (created_at, id)",
    )


def _bookings() -> None:
    run(
        f"""
        create table learner_bookings ({ADDED.format("learner_bookings")}
          {OWNED.format("learner_bookings")},
          course_id uuid not null,
          {OF_NOMINATION.format("learner_bookings", "organization_id")},
          learner_id uuid not null constraint learner_bookings_learner_id_fkey references learners,
          session_id uuid not null,
          starts_at timestamptz not null,
          ends_at timestamptz not null,
          tentative boolean not null,
          may_overlap boolean not null,
          constraint learner_bookings_session_id_fkey
            foreign key (organization_id, session_id, starts_at, ends_at, tentative)
            references course_sessions (organization_id, id, starts_at, ends_at, tentative)
            on update cascade,
          constraint learner_booked_twice unique (session_id, nomination_id),
          constraint learner_double_booked exclude using gist
            (learner_id with =, tstzrange(starts_at, ends_at) with &&)
            where (not tentative and not may_overlap)
        )
        """,
        "create index learner_bookings_during_idx on learner_bookings"
        " using gist (learner_id, tstzrange(starts_at, ends_at))",
        "create index learner_bookings_nomination_id_idx on learner_bookings (nomination_id)",
    )


def downgrade() -> None:
    enrolment_seats.remove()
    enrolment_rights.remove()
    run(
        "drop table learner_bookings, nomination_steps, nominations, place_moves, seat_pools",
        "drop function keep_nomination_in_order, refuse_nomination_that_does_not_begin,"
        " follow_nominations_insert,"
        " follow_nominations_update, end_nominations, hosts, nomination_findings,"
        " take_turn",
    )
    working_days.remove()
