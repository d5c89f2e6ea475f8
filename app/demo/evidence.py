"""What officers of the demonstration can show: enough that their gaps look like life.

Chance is a digest of who they are and of the competency, so it is the same in every installation.
"""

import json
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples
from app.demo.national import languages
from app.demo.people import AS_OF

PARTS = 8
"""Of the officers, so that a slow machine takes no longer for one than a statement may take."""

# Of what a position requires, a part is shown by nothing: more of conduct than of the rest. Levels
# lie around the required one. Assessments are good for two years, courses for five, so that some
# have expired. `chance` and `luck` are from 0 to 99. What this transaction has added has no
# statistics, so what is joined is written down first.
_OF_POSITIONS = text("""
  with held as materialized (
    select h.organization_id, h.learner_id, h.job_position_id, l.recruited_on,
      o.code || l.external_id as whose
    from job_positions_held h join learners l on l.id = h.learner_id
    join organizations o on o.id = h.organization_id
    where (hashtext(h.learner_id::text) & 2147483647) % :parts = :part
  ), required as materialized (
    select r.*, c.code, c.domain, s.highest
    from job_position_requirements r
    join competencies c on c.framework_version_id = r.framework_version_id
      and c.identifier = r.competency_identifier
    join (select scale_identifier, framework_version_id, max(level) as highest
      from proficiency_levels group by 1, 2) s
      on s.framework_version_id = r.framework_version_id
        and s.scale_identifier = r.scale_identifier
    where r.scale_identifier <> :languages
  )
  insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
    competency_identifier, scale_identifier, type, level, achieved_on, valid_until, issuer,
    document)
  select e.organization_id, e.learner_id, e.framework_id, e.framework_version_id,
    e.competency_identifier, e.scale_identifier, e.type, e.level, e.achieved_on,
    case e.type when 'assessment' then e.achieved_on + 730
      when 'course_completion' then e.achieved_on + 1826 end,
    case when e.type in ('course_completion', 'assessment') then 'Học viện Ngoại giao' end,
    case when e.type in ('course_completion', 'prior_learning')
      then 'GCN-' || to_char(e.achieved_on, 'YYYY') || '-' || lpad((e.mark % 10000)::text, 4, '0')
    end
  from (
    select h.organization_id, h.learner_id, r.framework_id, r.framework_version_id,
      r.competency_identifier, r.scale_identifier, drawn.mark,
      case when drawn.chance < 34 then 'supervisor_rating' when drawn.chance < 56 then 'assessment'
        when drawn.chance < 82 then 'course_completion' when drawn.chance < 89 then 'mentored_work'
        when drawn.chance < 94 then 'prior_learning' else 'self_declared' end as type,
      greatest(1, least(r.highest, r.required_level + case when drawn.luck < 10 then -2
        when drawn.luck < 36 then -1 when drawn.luck < 82 then 0 else 1 end)) as level,
      greatest(cast(:as_of as date) - (drawn.mark / 100 % 1500)::integer, h.recruited_on + 60)
        as achieved_on
    from held h join required r using (job_position_id)
    cross join (values ('first', 48, 64), ('second', 3, 6)) as p (part, conduct, others)
    cross join lateral (select
      hashtextextended(h.whose || r.code || p.part, 7) & 9007199254740991 as mark
    ) as digest
    cross join lateral (select digest.mark, digest.mark % 100 as chance,
      digest.mark / 7919 % 100 as luck, digest.mark / 104729 % 100 as shown) as drawn
    where drawn.shown < case r.domain when 'conduct' then p.conduct else p.others end
  ) as e
  where e.achieved_on <= cast(:as_of as date)
""")
_OF_LANGUAGES = text("""
  insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
    competency_identifier, scale_identifier, type, level, achieved_on, valid_until, issuer,
    document)
  select l.organization_id, l.id, v.framework_id, v.id, c.identifier, c.scale_identifier,
    case when k ->> 'evidence' is null then 'self_declared' else 'assessment' end,
    (k ->> 'level')::integer, d.day, case when k ->> 'evidence' is not null then d.day + 1461 end,
    null, k ->> 'evidence'
  from learners l cross join lateral jsonb_array_elements(l.languages) as k
  join jsonb_each_text(cast(:languages as jsonb)) as n on n.key = k ->> 'language'
  join framework_versions v on v.id = :version
  join competencies c on c.framework_version_id = v.id and c.identifier = n.value::uuid
  cross join lateral (select coalesce(make_date(
      substring(k ->> 'evidence' from '([0-9]{4})$')::integer, 5, 15), l.recruited_on) as day) as d
  where l.status <> 'left' and d.day <= cast(:as_of as date)
""")
_REVIEWS = text("""
  insert into evidence_reviews (organization_id, learner_id, framework_id, competency_identifier,
    scale_identifier, evidence_id, decision, note)
  select e.organization_id, e.learner_id, e.framework_id, e.competency_identifier,
    e.scale_identifier, e.id, case when d.chance < 80 then 'confirmed' else 'refused' end,
    case when d.chance >= 80 then 'Minh chứng chưa đủ rõ' end
  from evidence e join learners l on l.id = e.learner_id
  cross join lateral (select (hashtextextended(l.external_id || e.competency_identifier::text, 11)
    & 9007199254740991) % 100 as chance) as d
  where e.type in ('mentored_work', 'prior_learning') and d.chance < 88
""")
_OF_THE_EXAMPLE = text("""
  insert into evidence (id, organization_id, learner_id, framework_id, framework_version_id,
    competency_identifier, scale_identifier, type, level, achieved_on, issuer, document)
  select n.id, l.organization_id, l.id, v.framework_id, v.id, c.identifier, c.scale_identifier,
    n.type, n.level, n.day, 'Học viện Ngoại giao', n.document
  from learners l join framework_versions v on v.id = :version
  join competencies c on c.framework_version_id = v.id and c.identifier = :competency
  cross join (values
    (cast(:one as uuid), 'prior_learning', 2, date '2024-03-15', 'GCN-2024-0142'),
    (cast(:two as uuid), 'supervisor_rating', 4, date '2025-05-20', null),
    (cast(:three as uuid), 'assessment', 3, date '2026-02-10', null)
  ) as n (id, type, level, day, document)
  where l.id = :learner
""")
_ASSIGN = text("""
  insert into job_position_assignments (id, organization_id, learner_id, position_since,
    job_position_id)
  select :id, l.organization_id, l.id, l.position_since, p.id
  from learners l, job_positions p
  where p.code = 'VT-03' and l.organization_id = :organization and l.id <> :learner
    and l.status = 'active'
  order by l.external_id limit 1
""")


async def add(session: AsyncSession) -> None:
    """Once everybody is where they are now."""
    version = examples.VERSION_IN_FORCE
    await session.execute(
        _ASSIGN,
        {
            "id": examples.JOB_POSITION_ASSIGNMENT,
            "organization": examples.ORGANIZATION,
            "learner": examples.LEARNER,
        },
    )
    six = await session.scalar(_SCALE_OF_LANGUAGES, {"one": UUID(languages()["en"])})
    await session.execute(
        _OF_THE_EXAMPLE,
        {
            "version": version,
            "competency": examples.REQUIRED_IDENTIFIER,
            "learner": examples.LEARNER,
            "one": examples.EVIDENCE,
            "two": examples.MISTAKEN_EVIDENCE,
            "three": examples.UNWANTED_EVIDENCE,
        },
    )
    for part in range(PARTS):
        of_part = {"languages": six, "as_of": AS_OF, "parts": PARTS, "part": part}
        await session.execute(_OF_POSITIONS, of_part)
    await session.execute(
        _OF_LANGUAGES,
        {"languages": json.dumps(languages()), "version": version, "as_of": AS_OF},
    )
    await session.execute(_REVIEWS)


_SCALE_OF_LANGUAGES = text(
    "select scale_identifier from competencies where identifier = :one limit 1"
)
