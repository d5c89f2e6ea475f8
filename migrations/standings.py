"""How each learner stands in a course, against the rule that is stamped on it."""

from migrations.helpers import EVERYBODY, run

NOW = """
  create view attendance_now with (security_invoker = true) as
  select distinct on (e.nomination_id, e.session_id, e.aspect) e.*
  from attendance_entries e
  order by e.nomination_id, e.session_id, e.aspect, e.id desc
"""
"""What counts: of each aspect of somebody's attendance of a session, what was said last."""
STANDINGS = """
  create view standings with (security_invoker = true) as
  select n.id, n.created_at, n.organization_id, n.host_id, n.course_id, c.code as course_code,
    c.title_vi as course_title_vi, c.title_en as course_title_en, c.starts_on, c.ends_on,
    n.learner_id, n.full_name, n.sort_key, n.position_title, n.state,
    (c.completion_rule ->> 'attendance_share')::integer as required_share,
    c.completion_rule ->> 'participation' as required_participation,
    m.planned_minutes, m.past_minutes, m.attended_minutes, m.in_person_minutes, m.online_minutes,
    m.excused_minutes, m.late_sessions,
    m.planned_minutes - m.past_minutes as minutes_to_come,
    case when m.planned_minutes > 0
      then round(100.0 * m.attended_minutes / m.planned_minutes, 1)::float end as share,
    (array['passive', 'active', 'contributed'])[m.took_part] as participation,
    case
      when m.planned_minutes = 0 then 'on_track'
      when 100::bigint * (m.attended_minutes + m.planned_minutes - m.past_minutes)
          < r.share * m.planned_minutes
        or m.past_minutes = m.planned_minutes and coalesce(m.took_part, 0) < r.takes_part
        then 'can_no_longer_pass'
      when 100::bigint * m.attended_minutes < r.share * m.past_minutes
        or 2 * m.past_minutes >= m.planned_minutes and coalesce(m.took_part, 0) < r.takes_part
        then 'at_risk'
      else 'on_track'
    end as standing,
    case
      when m.planned_minutes = 0 or m.past_minutes < m.planned_minutes then null
      when 100::bigint * m.attended_minutes >= r.share * m.planned_minutes
        and coalesce(m.took_part, 0) >= r.takes_part then 'completed'
      when m.attended_minutes + m.excused_minutes = 0 then 'no_show'
      else 'failed'
    end as result
  from nominations n join courses c on c.id = n.course_id
  cross join lateral (
    select (c.completion_rule ->> 'attendance_share')::bigint as share,
      coalesce(array_position(array['passive', 'active', 'contributed'],
        c.completion_rule ->> 'participation'), 0) as takes_part
  ) as r
  cross join lateral (
    select coalesce(sum(s.planned_minutes), 0)::integer as planned_minutes,
      coalesce(sum(s.planned_minutes) filter (where s.past), 0)::integer as past_minutes,
      coalesce(sum(least(s.planned_minutes, a.counted)) filter (where s.past), 0)::integer
        as attended_minutes,
      coalesce(sum(a.in_person), 0)::integer as in_person_minutes,
      coalesce(sum(a.online), 0)::integer as online_minutes,
      coalesce(sum(s.planned_minutes) filter (where a.excused), 0)::integer as excused_minutes,
      count(*) filter (where a.late > 0)::integer as late_sessions,
      max(a.took_part) as took_part
    from (
      select s.id, s.planned_minutes, h.taken and (s.state = 'held' or s.ends_at <= now()) as past
      from course_sessions s join attendance_sheets h on h.id = s.id
      where s.course_id = n.course_id and s.state <> 'cancelled'
    ) as s
    left join (
      select e.session_id,
        sum(e.minutes) filter (where c.completion_rule -> 'modalities' ? e.aspect) as counted,
        sum(e.minutes) filter (where e.aspect = 'in_person') as in_person,
        sum(e.minutes) filter (where e.aspect = 'online') as online,
        bool_or(e.excused) as excused, max(e.late_minutes) as late,
        max(array_position(array['passive', 'active', 'contributed'], e.participation))
          as took_part
      from attendance_now e where e.nomination_id = n.id
      group by e.session_id
    ) as a on a.session_id = s.id
  ) as m
  where n.state in ('enrolled', 'completed', 'failed', 'no_show')
"""
"""Over all planned sessions, so that nobody has 100 % because only one session was held. What is
past is a session that is over and of which somebody's attendance is known: before that it may still
be attended by all. `result` is what somebody has earned once nothing is to come."""


def add() -> None:
    run(
        NOW,
        STANDINGS,
        f"grant select on attendance_now, standings to {EVERYBODY}",
    )


def remove() -> None:
    run("drop view standings, attendance_now")
