"""What officers of the demonstration have completed, and what is watched in curricula.

Chance is a digest of who they are, so it is the same in every installation.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples
from app.curricula.balance.models import BalanceThreshold
from app.curricula.trainings.models import Training
from app.demo.people import AS_OF
from app.learners.models import Learner

# Six of ten completed a basic course since 2016, some of them went on; each after some months.
_TRAININGS = text("""
  insert into trainings (organization_id, learner_id, kind, field, title, completed_on, document)
  select l.organization_id, l.id, k.kind, case k.kind when 'specialised' then l.fields[1] end,
    k.title, d.day, 'GCN-' || to_char(d.day, 'YYYY') || '-' || lpad((d.mark % 10000)::text, 4, '0')
  from learners l cross join (values
    ('basic', 'Bồi dưỡng kiến thức, kỹ năng đối ngoại cơ bản', 60, 0),
    ('advanced', 'Cập nhật, nâng cao về đối ngoại', 22, 700),
    ('specialised', 'Bồi dưỡng chuyên sâu nghiệp vụ đối ngoại', 18, 1100),
    ('language', 'Bồi dưỡng tiếng Anh đối ngoại', 12, 400)
  ) as k (kind, title, share, later)
  cross join lateral (
    select hashtextextended(l.external_id, 23) & 9007199254740991 as who,
      hashtextextended(l.external_id || k.kind, 23) & 9007199254740991 as mark
  ) as digest
  cross join lateral (select digest.mark, digest.who % 100 as chance,
    greatest(l.recruited_on + 150, date '2016-03-01') + k.later + (digest.mark % 1500)::integer
      as day
  ) as d
  where d.day <= :as_of and case k.kind when 'basic' then d.chance < k.share
      when 'language' then d.mark / 7919 % 100 < k.share else d.chance < k.share end
    and (k.kind <> 'specialised' or cardinality(l.fields) > 0)
""")

_OF_NOMINEES = text("""
  insert into trainings (organization_id, learner_id, kind, title, completed_on)
  select l.organization_id, l.id, 'basic', 'Bồi dưỡng kiến thức, kỹ năng đối ngoại cơ bản',
    date '2019-06-14'
  from learners l where l.id = any (:ids) and not exists (
    select from trainings t where t.learner_id = l.id and t.kind = 'basic')
""")
"""Whom examples nominate for a course that goes on from there."""


async def add(session: AsyncSession) -> None:
    """Once everybody is where they are now."""
    await session.execute(_TRAININGS, {"as_of": AS_OF})
    nominees = [examples.SUBSTITUTE, examples.NOMINEE, examples.BY_HAND]
    await session.execute(_OF_NOMINEES, {"ids": nominees})
    shown = await session.get_one(Learner, examples.LEARNER)
    for id, title, day in (
        (examples.TRAINING, "Bồi dưỡng nghiệp vụ lễ tân đối ngoại", date(2023, 10, 20)),
        (examples.UNWANTED_TRAINING, "Tập huấn công tác lãnh sự", date(2024, 4, 12)),
    ):
        of = {"organization_id": shown.organization_id, "learner_id": shown.id}
        session.add(Training(id=id, kind="specialised", title=title, completed_on=day, **of))
    session.add(
        BalanceThreshold(
            id=examples.BALANCE_THRESHOLD, domain="skill", minimum_percent=30, must_grow=True
        )
    )
    session.add(
        BalanceThreshold(
            id=examples.UNWANTED_THRESHOLD, domain="conduct", minimum_percent=10, must_grow=True
        )
    )
    await session.flush()
