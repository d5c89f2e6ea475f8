"""Who came to the courses of the demonstration, and who is nominated for those to come: as many
participations in two years as the report on the scheme counts.

Each organisation fills its quotas from its roster, and sends nobody to the same curriculum twice
before everybody has been there.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples

PARTICIPATIONS = 7_030
"""In courses that have begun."""

# A pool's places are shared by the organisations that take from it: all provinces, and as many
# ministries and agencies as the report counts. Each names two more than that, for who is elsewhere;
# to what has begun, no more came than had a place.
_NOMINATED = text("""
  with course as materialized (
    select c.id, c.organization_id as host_id, c.code, c.state, c.starts_on, c.ends_on,
      c.nominations_until, v.curriculum_id, c.state in ('running', 'completed') as begun
    from courses c join curriculum_versions v on v.id = c.curriculum_version_id
    where c.organization_id = :academy and c.state in ('open', 'closed', 'running', 'completed')
  ), shares as materialized (
    select c.*, o.id as organization_id, o.kind, p.id as pool_id,
      p.places / count(*) over pool + (row_number() over (pool order by
        hashtextextended(c.code || o.code, 7)) <= p.places % count(*) over pool)::integer
        + 2 as share, p.places
    from course c join (
      select id, code, kind, row_number() over (partition by kind order by code) as place
      from organizations o where closed_on is null and exists (
        select from learners l where l.organization_id = o.id and l.status = 'active')
    ) as o on o.place <= case o.kind when 'province' then 34 else 28 end
      and o.kind = case when c.code like '1275-%' then 'province' else 'ministry' end
    left join course_quota_members m on m.course_id = c.id and m.member_id = o.id
    join seat_pools p on p.course_id = c.id and p.quota_id is not distinct from m.quota_id
    window pool as (partition by p.id)
  ), slices as (
    select s.*, sum(s.share) over (partition by s.curriculum_id, s.organization_id
      order by s.starts_on, s.id) as until
    from shares s where s.share > 0
  ), people as (
    select l.id, l.organization_id, g.curriculum_id, row_number() over (
        partition by g.curriculum_id, l.organization_id
        order by hashtextextended(g.curriculum_id::text || l.external_id, 11)) as place,
      count(*) over (partition by g.curriculum_id, l.organization_id) as people
    from learners l cross join (select distinct curriculum_id from course) as g
    where l.status = 'active' and l.id <> all (cast(:kept as uuid[]))
  ), candidates as (
    select s.*, p.id as learner_id, p.place,
      hashtextextended(s.code || p.place || s.organization_id::text, 13) as draw,
      max(s.ends_on) over (partition by p.id order by s.starts_on, s.id
        rows between unbounded preceding and 1 preceding) as busy_until
    from slices s join people p on p.organization_id = s.organization_id
      and p.curriculum_id = s.curriculum_id
      and (p.place - 1 - (s.until - s.share)) % p.people + case
        when (p.place - 1 - (s.until - s.share)) % p.people < 0 then p.people else 0 end < s.share
  ), free as (
    select c.*, row_number() over (partition by c.pool_id order by c.draw) as turn
    from candidates c where coalesce(c.busy_until < c.starts_on, true)
  ), seated as (
    select f.*, row_number() over (partition by f.begun order by f.draw) as drawn
    from free f where not f.begun or f.turn <= f.places
  )
  insert into nominations (organization_id, host_id, course_id, learner_id, state, rank,
    letter_number, letter_date)
  select f.organization_id, f.host_id, f.id, f.learner_id,
    case when f.state = 'running' then 'enrolled' when not f.begun then 'nominated'
      when abs(f.draw % 100) < 93 then 'completed' when abs(f.draw % 100) < 97 then 'failed'
      else 'no_show' end,
    row_number() over (partition by f.id, f.organization_id order by f.place),
    100 + abs(hashtextextended(f.code || f.organization_id::text, 17) % 900)
      || case f.kind when 'province' then '/SNgV-VP' else '/VP-TCCB' end,
    f.nominations_until - 5
  from seated f where not f.begun or f.drawn <= :participations
  order by f.starts_on, f.id, f.organization_id, f.place
""")
_CHECKED = text("""
  update nominations n set state = 'checked' from courses c
  where c.id = n.course_id and c.organization_id = :academy and n.state = 'nominated'
    and (c.state = 'closed' or hashtextextended(n.id::text, 19) % 10 <> 0)
""")
_DECIDED = text("""
  update nominations n set state = case when d.turn <= d.places then 'confirmed'
    else 'wait_listed' end, document = '45/QĐ-HVNG'
  from (
    select n.id, row_number() over (partition by p.id order by n.rank, n.id) as turn,
      p.places + p.moved as places
    from nominations n join courses c on c.id = n.course_id and c.organization_id = :academy
    join seat_pools p on p.id = seat_pool_of(c.id, n.organization_id)
    where n.state = 'checked' and (c.state = 'closed' or c.id = :half_decided)
  ) as d
  where d.id = n.id
""")
_KNOWN = text("""
  insert into nominations (id, organization_id, host_id, course_id, learner_id, rank,
    letter_number, letter_date)
  select k.id, l.organization_id, c.organization_id, c.id, l.id, 900 + k.place, '123/SNgV-VP',
    c.nominations_until - 5
  from unnest(cast(:ids as uuid[])) with ordinality as k (id, place)
  join courses c on c.id = :course
  join lateral (
    select l.*, row_number() over (order by l.external_id desc) as place from learners l
    where l.organization_id = :organization and l.status = 'active'
      and l.id <> all (cast(:kept as uuid[])) and not exists (
        select from nominations n join courses o on o.id = n.course_id
        where n.learner_id = l.id and o.starts_on <= c.ends_on and o.ends_on >= c.starts_on)
    limit 10
  ) as l on l.place = k.place
""")
KEPT = (examples.LEARNER, examples.SUBSTITUTE, examples.NOMINEE, examples.BY_HAND)
"""Nominated for nothing, so that examples may do it."""


async def add(session: AsyncSession, academy: object) -> None:
    """After courses, each in the state that its days say."""
    values = {
        "academy": academy,
        "kept": list(KEPT),
        "participations": PARTICIPATIONS,
        "half_decided": examples.COURSE,
        "course": examples.OPEN_COURSE,
        "organization": examples.ORGANIZATION,
        "ids": [
            examples.NOMINATION,
            examples.UNWANTED_NOMINATION,
            examples.REPLACED_NOMINATION,
        ],
    }
    for statement in (_NOMINATED, _CHECKED, _DECIDED, _KNOWN):
        await session.execute(statement, values)
