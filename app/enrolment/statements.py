"""What is done to many nominations at once, each in one statement: it finds what stands against
it, and does it only if nothing does. Who executes it has waited for their turn (`take_turn`)."""

from app.enrolment.eligibility import not_eligible
from app.enrolment.vocabulary import STEPS

_IN_ORDER = ", ".join(
    f"('{was}', '{state}')" for was, states in STEPS.items() if was for state in sorted(states)
)
_WRITTEN = """json_build_object('rule', f.rule, 'data', f.data, 'fixed_by', f.fixed_by,
  'fixed_by_id', f.fixed_by_id)"""


def found(among: str, *, step: str, course: str = "$1::uuid") -> str:
    """Findings of all learners of the query `among`."""
    return f"""
      select f.* from nomination_findings({course}, array({among}), {step}) as f
      union all
      {not_eligible(among, course=course)}
    """  # noqa: S608 -- our own words


_LISTED = f"""
  coalesce((select json_agg({_WRITTEN} order by f.rule) from found f
    where f.learner_id = a.learner_id and f.accepted = {{0}}), '[]')
"""  # noqa: S608 -- our own words
_TOLD = f"""
  'findings', {_LISTED.format("false")}, 'warnings', {_LISTED.format("true")}
"""
_ANSWER = """
  select json_build_object(
    'unknown', (select json_agg(a.place - 1 order by a.place) from asked a where a.unknown),
    'refused', exists (select from found f where not f.accepted),
    'answer', json_build_object('course_id', $1::uuid,
      'applied', exists (select from done),
      'people', (select json_agg(json_build_object({person}) order by a.place)
        from {among} as a left join done d on d.learner_id = a.learner_id
        where not a.unknown)))::text
"""
_UNDISPUTED = """not exists (select from asked a where a.unknown)
  and not exists (select from found f where not f.accepted)"""

_OF_NOMINEES = found(
    "select a.learner_id from asked a where not a.unknown order by a.place", step="$11"
)
_NOMINEE = f"""'learner_id', a.learner_id, 'nomination_id', d.id, 'organization_id',
  a.organization_id, 'state', $3::text, 'rank', a.rank, {_TOLD}"""
NOMINATE = f"""
with asked as materialized (
  select d.place, l.id as learner_id, l.organization_id, l.id is null as unknown
  from unnest($2::uuid[]) with ordinality as d (learner_id, place)
  left join learners l on l.id = d.learner_id
), found as materialized (
  select f.*, f.rule = 'clash' and $9::boolean as accepted from ({_OF_NOMINEES}) as f
), ranked as (
  select a.*, coalesce(m.rank, 0)
    + row_number() over (partition by a.organization_id order by a.place) as rank
  from asked a left join (
    select n.organization_id, max(n.rank) as rank from nominations n
    where n.course_id = $1 and n.state not in ('declined', 'withdrawn', 'substituted')
    group by n.organization_id
  ) as m on m.organization_id = a.organization_id
), done as (
  insert into nominations (organization_id, host_id, course_id, learner_id, state, rank,
    letter_number, letter_date, letter_hash, reason, document, may_overlap)
  select r.organization_id, c.organization_id, c.id, r.learner_id, $3, r.rank, $4, $5::date, $6,
    $7, $8, $9
  from ranked r cross join courses c
  where c.id = $1 and not $10::boolean and {_UNDISPUTED}
  order by r.place
  returning id, learner_id
)
{_ANSWER.format(among="ranked", person=_NOMINEE)}
"""  # noqa: S608 -- our own words
"""$1 the course, $2 learners, $3 the state in which they begin, $4-$6 the letter, $7 a reason, $8 a
document, $9 whether overlaps are accepted, $10 whether to leave all as it is, $11 the step."""

_CONFIRMED = """select a.learner_id from asked a where a.to_state = 'confirmed' and not a.unknown
  order by a.place"""
_OTHERS = """select a.learner_id from asked a
  where a.to_state in ('checked', 'wait_listed', 'enrolled') and not a.unknown"""
_FIT = "select a.learner_id from asked a where a.to_state <> 'declined' and not a.unknown"
_DECIDED_ON = f"""'learner_id', a.learner_id, 'nomination_id', a.id, 'organization_id',
  a.organization_id, 'state', case when $3::boolean or d.id is not null then a.to_state
    else a.state end, 'rank', a.rank, {_TOLD}"""
DECIDE = f"""
with asked as materialized (
  select d.place, d.to_state, d.reason, d.document, n.id, n.learner_id, n.organization_id, n.state,
    n.rank, coalesce(d.may_overlap or n.may_overlap, false) as may_overlap, n.id is null as unknown
  from rows from (jsonb_to_recordset($2::jsonb) as (nomination_id uuid, to_state text, reason text,
    document text, may_overlap boolean)) with ordinality
    as d (nomination_id, to_state, reason, document, may_overlap, place)
  left join nominations n on n.id = d.nomination_id and n.course_id = $1
), found as materialized (
  select f.*, f.rule = 'clash' and a.may_overlap as accepted
  from (
    select f.* from nomination_findings($1::uuid, array({_CONFIRMED}), 'confirm') as f
    union all
    select f.* from nomination_findings($1::uuid, array({_OTHERS}), 'check') as f
    union all
    {not_eligible(_FIT, course="$1::uuid")}
    union all
    select a.learner_id, 'out_of_order', jsonb_build_object('state', a.state), 'nobody', null
    from asked a where not a.unknown and (a.state, a.to_state) not in ({_IN_ORDER})
  ) as f join asked a on a.learner_id = f.learner_id
), done as (
  update nominations n set state = a.to_state, reason = a.reason, document = a.document,
    may_overlap = a.may_overlap
  from asked a where n.id = a.id and not $3::boolean and {_UNDISPUTED}
  returning n.id, n.learner_id
)
{_ANSWER.format(among="asked", person=_DECIDED_ON)}
"""  # noqa: S608 -- our own words
"""$1 the course, $2 what is decided, $3 whether to leave all as it is."""

_OF_WAITING = found("select a.learner_id from asked a", step="'check'")
_WAITING = f"""
with asked as materialized (
  select row_number() over (order by n.rank, n.id) as place, n.id, n.learner_id, n.organization_id,
    n.rank, n.may_overlap, seat_pool_of(n.course_id, n.organization_id) as pool_id
  from nominations n where n.course_id = $1 and n.state = 'wait_listed'
), found as materialized (
  select f.*, f.rule = 'clash' and a.may_overlap as accepted
  from ({_OF_WAITING}) as f join asked a on a.learner_id = f.learner_id
), fit as (
  select a.*, row_number() over (partition by a.pool_id order by a.place) as turn
  from asked a
  where not exists (select from found f where f.learner_id = a.learner_id and not f.accepted)
)
"""  # noqa: S608 -- our own words
"""Who waits for a place in the course $1, and of them, who is fit for it."""
PROMOTE = f"""
{_WAITING}, chosen as (
  select f.* from fit f join seat_pools p on p.id = f.pool_id
  where coalesce(f.turn <= p.places + p.moved - p.taken, true)
), due as (
  -- Of those who are not fit, for whom it would be their turn: a place is free once those before
  -- them have theirs.
  select a.* from asked a join seat_pools p on p.id = a.pool_id
  where not exists (select from fit f where f.learner_id = a.learner_id)
    and coalesce(p.taken + (select count(*) from chosen c
      where c.pool_id = a.pool_id and c.place < a.place) < p.places + p.moved, true)
), done as (
  update nominations n set state = 'confirmed', reason = $2, document = null
  from chosen c where n.id = c.id returning n.id
)
select json_build_object('course_id', $1::uuid,
  'promoted', (select coalesce(json_agg(json_build_object('learner_id', a.learner_id,
      'nomination_id', a.id, 'organization_id', a.organization_id, 'state', 'confirmed',
      'rank', a.rank, {_TOLD}) order by a.place), '[]')
    from chosen a join done d on d.id = a.id),
  'skipped', (select coalesce(json_agg(json_build_object('learner_id', a.learner_id,
      'nomination_id', a.id, 'organization_id', a.organization_id, 'state', 'wait_listed',
      'rank', a.rank, {_TOLD}) order by a.place), '[]') from due a),
  'waiting', (select count(*) from asked) - (select count(*) from chosen)
)::text
"""  # noqa: S608 -- our own words
"""$1 the course, $2 a reason. Who waits gets a place in the order of ranks; of equals, who was
nominated first."""

POOLS = f"""
{_WAITING}
select p.id, p.places + p.moved - p.taken as free, (
    select count(*) from nominations n
    where n.course_id = $1 and n.state in ('nominated', 'checked')
      and seat_pool_of($1, n.organization_id) = p.id) as undecided,
  count(f.id) as waiting, min(f.rank) as rank
from seat_pools p left join fit f on f.pool_id = p.id
where p.course_id = $1 group by p.id order by p.id
"""  # noqa: S608 -- our own words
TAKE_TURNS = """
select learners_in_turn(array(
  select n.learner_id from nominations n where n.course_id = $1 and n.state = 'wait_listed'))
"""
"""Of all who wait for a place in the course $1: who gives places twice in one transaction would
wait the second time for whoever waits for those of the first."""
MOVE = """
insert into place_moves (organization_id, course_id, from_pool_id, to_pool_id, places)
select p.organization_id, p.course_id, p.id, m.to_pool_id, m.places
from jsonb_to_recordset($1::jsonb) as m (from_pool_id uuid, to_pool_id uuid, places integer)
join seat_pools p on p.id = m.from_pool_id
"""
FINDINGS = f"""
with found as ({found("select $2::uuid", step="$3")})
select coalesce(json_agg({_WRITTEN} order by f.rule), '[]')::text from found f
"""  # noqa: S608 -- our own words
"""Of the learner $2, for the course $1 and the step $3."""

_NEXT = """case n.state when 'nominated' then 'check' when 'checked' then 'confirm'
  when 'wait_listed' then 'confirm' when 'confirmed' then 'enrol' end"""
_OF_ONE = found(
    "select a.learner_id from asked a where a.step is not null",
    # Who has a place already looks for none.
    step="(select case a.step when 'enrol' then 'check' else a.step end from asked a)",
)
EXPLAIN = f"""
with asked as materialized (
  select coalesce(l.id, n.learner_id) as learner_id, n.id, n.state,
    case when n.id is null or n.state in ('declined', 'withdrawn', 'substituted')
      then 'nominate' else {_NEXT} end as step
  from courses c left join learners l on l.id = $2::uuid
  left join lateral (
    select n.* from nominations n where n.course_id = c.id and n.learner_id = $2::uuid
    order by n.id desc limit 1
  ) as n on true
  where c.id = $1::uuid and coalesce(l.id, n.learner_id) is not null
), found as ({_OF_ONE})
select convert_to(json_build_object('course_id', $1::uuid, 'learner_id', a.learner_id,
    'nomination_id', a.id, 'state', a.state, 'step', a.step, 'findings', (
      select coalesce(json_agg({_WRITTEN} order by f.rule), '[]') from found f))::text, 'UTF8'),
  null::text, null::text, array[a.learner_id]::text
from asked a
"""  # noqa: S608 -- our own words
"""$1 the course, $2 the learner: for whom sees one or the other's nomination."""

SEATS = """
select convert_to(json_build_object('course_id', c.id, 'max_places', c.max_places,
  'taken', (select coalesce(sum(p.taken), 0) from seat_pools p where p.course_id = c.id),
  'released_on', case when exists (select from course_quotas q where q.course_id = c.id)
    then working_days_before(coalesce(c.nominations_until, c.starts_on), c.release_days) end,
  'pools', (
    select coalesce(json_agg(json_build_object('id', p.id, 'quota_id', p.quota_id, 'code', q.code,
      'places', p.places, 'moved', p.moved, 'taken', p.taken, 'waiting', (
        select count(*) from nominations n where n.course_id = c.id and n.state = 'wait_listed'
          and seat_pool_of(c.id, n.organization_id) = p.id)) order by q.code nulls last), '[]')
    from seat_pools p left join course_quotas q on q.id = p.quota_id
    where p.course_id = c.id))::text, 'UTF8'),
  null::text, null::text, null::text
from courses c where c.id = $1::uuid
"""
