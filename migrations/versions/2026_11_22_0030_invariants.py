"""What must always hold of courses, asked of what the tables have, whatever let it in."""

from migrations.helpers import ACADEMY, AUDITOR, run

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SEATED = "('confirmed', 'enrolled', 'completed', 'failed', 'no_show')"
OVERBOOKED = f"""
  select 'overbooked', c.organization_id, c.id, null::uuid, null::uuid,
    count(*) || ' of ' || c.max_places || ' places'
  from courses c join nominations n on n.course_id = c.id and n.state in {SEATED}
  group by c.id having count(*) > c.max_places
"""
OVERSPENT = f"""
  select 'quota_overspent', p.organization_id, p.course_id, null, null,
    n.seats || ' of ' || g.places || ' places of quota '
      || coalesce(q.code, 'without an organisation')
  from seat_pools p join courses c on c.id = p.course_id
  left join course_quotas q on q.id = p.quota_id
  cross join lateral (
    select count(*) as seats from nominations n join seat_pools o on o.id = n.pool_id
    left join course_quota_members m
      on m.course_id = n.course_id and m.member_id = n.organization_id
    where n.course_id = p.course_id and n.state in {SEATED}
      and coalesce(m.quota_id, o.quota_id) is not distinct from p.quota_id
  ) as n
  cross join lateral (
    select least(p.places + p.moved, coalesce(q.places, c.max_places - (
        select coalesce(sum(o.places), 0) from course_quotas o where o.course_id = c.id))
      + coalesce((select sum(case p.id when m.to_pool_id then m.places else -m.places end)
          from place_moves m where p.id in (m.to_pool_id, m.from_pool_id)), 0)) as places
  ) as g
  where n.seats > g.places
"""
"""By what the quota says now, and what was moved; and by what was counted."""
WITHOUT_NOMINATION = f"""
  select 'seat_without_nomination', p.organization_id, p.course_id, null, null,
    p.taken || ' seats are counted, ' || n.seated || ' people have one'
  from seat_pools p cross join lateral (
    select count(*) as seated from nominations n where n.pool_id = p.id and n.state in {SEATED}
  ) as n where p.taken <> n.seated
  union all
  select 'seat_without_nomination', b.organization_id, b.course_id, b.session_id, b.learner_id,
    'a session is booked for somebody who has no seat'
  from learner_bookings b
  where not exists (
    select from nominations n where n.id = b.nomination_id and n.learner_id = b.learner_id
      and n.state in {SEATED})
"""
_CLASH = """
  select 'clash', s.organization_id, s.course_id, s.id, {learner},
    '{what} is at two sessions at once; the other one is ' || o.id
  from {booked} a join {booked} b on b.{who} = a.{who} and b.session_id > a.session_id {both}
  join course_sessions s on s.id = a.session_id join course_sessions o on o.id = b.session_id
  where tstzrange(s.starts_at, s.ends_at) && tstzrange(o.starts_at, o.ends_at)
    and 'cancelled' not in (s.state, o.state) and not s.tentative and not o.tentative {free}
"""
COMES = f"""
  select b.learner_id, b.session_id, b.may_overlap from learner_bookings b
  union
  select n.learner_id, s.id, n.may_overlap
  from nominations n join course_sessions s on s.course_id = n.course_id
  where n.state in {SEATED} and s.ends_at > now()
"""
"""Who is in which session: of what was over when somebody got their seat there is no booking."""
_HELD = "and a.released_at is null and b.released_at is null"
CLASH = " union all ".join(
    (
        _CLASH.format(
            learner="a.learner_id",
            what="somebody",
            booked="comes",
            who="learner_id",
            both="",
            free="and not a.may_overlap and not b.may_overlap",
        ),
        _CLASH.format(
            learner="null",
            what="a room",
            booked="session_rooms",
            who="room_id",
            both=_HELD,
            free="",
        ),
        _CLASH.format(
            learner="null",
            what="an instructor",
            booked="session_instructors",
            who="instructor_id",
            both=_HELD,
            free="",
        ),
    )
)
STRANGERS = """
  select 'attendance_of_stranger', e.organization_id, e.course_id, e.session_id, e.learner_id,
    'attendance of somebody who is not enrolled'
  from attendance_entries e
  where not exists (
    select from nominations n where n.id = e.nomination_id and n.learner_id = e.learner_id
      and n.course_id = e.course_id
      and (n.state in ('enrolled', 'completed', 'failed', 'no_show') or exists (
        select from nomination_steps p
        where p.nomination_id = n.id and p.from_state = 'enrolled' and p.id > e.id)))
  group by e.organization_id, e.course_id, e.session_id, e.learner_id
"""
"""What somebody attended before they withdrew, they attended."""
AGAINST_RULE = """
  select 'completion_against_rule', s.host_id, s.course_id, null, s.learner_id,
    s.state || ', where the rule says ' || coalesce(s.result, 'nothing yet')
  from standings s where s.state <> 'enrolled' and s.result is distinct from s.state
"""


def upgrade() -> None:
    asked = (OVERBOOKED, OVERSPENT, WITHOUT_NOMINATION, CLASH, STRANGERS, AGAINST_RULE)
    run(
        f"""
        create function broken_invariants() returns table (invariant text, organization_id uuid,
          course_id uuid, session_id uuid, learner_id uuid, detail text)
        language sql stable set search_path = public as $$
          with comes as materialized ({COMES})
          {" union all ".join(asked)}
        $$
        """,
        f"grant execute on function broken_invariants to {ACADEMY}, {AUDITOR}",
    )


def downgrade() -> None:
    run("drop function broken_invariants")
