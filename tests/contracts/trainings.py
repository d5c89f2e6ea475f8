"""Trainings of everybody, where they are and where they were; and what is watched in curricula."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from tests.world import World

_TRAININGS = text("""
  insert into trainings (organization_id, learner_id, kind, field, title, curriculum_id,
    completed_on, document)
  select p.organization_id, p.learner_id, 'specialised', 'consular', 'Nghiệp vụ lãnh sự',
    :curriculum, '2022-06-30', 'Số 1'
  from (
    select organization_id, id as learner_id from learners
    union
    select organization_id, learner_id from positions_held
  ) as p
  returning learner_id, id, organization_id
""")
_THRESHOLDS = text("""
  insert into balance_thresholds (domain, minimum_percent, must_grow)
  values ('knowledge', 20, false), ('skill', 30, true), ('conduct', null, true)
  returning domain, id
""")
_EMPLOYERS = text("select id, organization_id from learners")


async def trainings(world: World, known: Mapping[str, Mapping[str, UUID]]) -> dict[str, dict]:
    names = {id: name for name, id in known["learners"].items()}
    values = {"curriculum": known["curricula"]["academy in force"]}
    made: dict[str, UUID] = {}
    async with world.session() as session:
        await session.execute(text("delete from balance_thresholds"))
        employers = dict((await session.execute(_EMPLOYERS)).all())
        for learner, id, where in await session.execute(_TRAININGS, values):
            if learner in names:
                before = "" if where == employers[learner] else " before"
                made[f"{names[learner]}{before}"] = id
        thresholds = dict((await session.execute(_THRESHOLDS)).all())
    order = [*names.values(), *(f"{name} before" for name in names.values())]
    in_order = {name: made[name] for name in order if name in made}
    return {"trainings": in_order, "balance_thresholds": thresholds}
