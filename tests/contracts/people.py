"""Of everybody on a roster: a job position, evidence, and what they attain by it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.core.schemas import today
from tests.world import Somebody, World

# Nobody is recorded to be at the highest level, so everybody lacks something.
_POSITIONS = """
with made as (
  insert into job_positions (organization_id, code, name_vi, name_en)
  values (:place, 'P', 'Vị trí', 'Position') returning id, organization_id
), titled as (
  insert into job_position_titles (organization_id, title, job_position_id)
  select organization_id, 'Chuyên viên', id from made returning id
), required as (
  insert into job_position_requirements (organization_id, job_position_id, framework_id,
    framework_version_id, competency_identifier, scale_identifier, required_level, desired_level,
    since)
  select m.organization_id, m.id, v.framework_id, v.id, c.identifier, c.scale_identifier, 5, 5,
    '2026-01-01'
  from made m, framework_versions v join competencies c on c.framework_version_id = v.id
  where v.id = :version and c.scale_identifier is not null
  returning id
)
select made.id, titled.id, required.id from made, titled, required
"""
_EVIDENCE = """
with recorded as (
  insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
    competency_identifier, scale_identifier, type, level, achieved_on, valid_until, recorded_by)
  select p.organization_id, p.learner_id, v.framework_id, v.id, c.identifier, c.scale_identifier,
    'self_declared', 2, '2026-01-01', cast(:lasts as date), 'test'
  from (
    select organization_id, id as learner_id from learners
    union
    select organization_id, learner_id from positions_held
  ) as p, framework_versions v join competencies c on c.framework_version_id = v.id
  where v.id = :version and c.scale_identifier is not null
  returning *
)
insert into evidence_reviews (organization_id, learner_id, framework_id, competency_identifier,
  scale_identifier, evidence_id, decision, reviewed_by)
select organization_id, learner_id, framework_id, competency_identifier, scale_identifier, id,
  'confirmed', 'test'
from recorded returning learner_id, evidence_id, id, organization_id
"""
_DECLARATION = """
insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
  competency_identifier, scale_identifier, type, level, achieved_on, recorded_by)
select organization_id, learner_id, framework_id, framework_version_id, competency_identifier,
  scale_identifier, type, level, achieved_on, :actor
from evidence where id = :like returning id
"""
_ASSIGNMENTS = """
insert into job_position_assignments (organization_id, learner_id, position_since, job_position_id)
select l.organization_id, l.id, l.position_since, p.id
from learners l join job_positions p using (organization_id) returning learner_id, id
"""
_EMPLOYERS = text("select id, organization_id from learners")
_IN_FORCE = text("""
  select v.framework_id, c.identifier, c.id from framework_versions v
  join competencies c on c.framework_version_id = v.id
  where v.id = :version and c.scale_identifier is not null
""")
Targets = dict[str, dict[str, UUID]]


async def of_people(world: World, keepers: Mapping[str, Somebody], known: Targets) -> Targets:
    """Evidence of where people are, and of where they were; one piece of it expires soon."""
    tables = ("job_positions", "job_position_titles", "job_position_requirements")
    targets: Targets = {table: {} for table in tables}
    versions, names = known["framework_versions"], {id: n for n, id in known["learners"].items()}
    async with world.session() as session:
        for place, keeper in keepers.items():
            values = {"place": keeper.organization, "version": versions["academy in force"]}
            made = (await session.execute(text(_POSITIONS), values)).one()
            for table, id in zip(tables, made, strict=True):
                targets[table][place] = id
        employers = dict((await session.execute(_EMPLOYERS)).all())
        evidence: dict[str, UUID] = {}
        reviews: dict[str, UUID] = {}
        for place, suffix, lasts in (("academy", "", None), ("hanoi", " lasting", _soon())):
            values = {"version": versions[f"{place} in force"], "lasts": lasts}
            for learner, id, review, where in await session.execute(text(_EVIDENCE), values):
                if learner in names:
                    before = "" if where == employers[learner] else " before"
                    name = f"{names[learner]}{before}{suffix}"
                    evidence[name], reviews[name] = id, review
        assigned = await session.execute(text(_ASSIGNMENTS))
        assignments = {names[learner]: id for learner, id in assigned if learner in names}
    await world.database.unscoped("select count_gaps()")
    targets |= {"evidence": evidence, "evidence_reviews": reviews}
    return targets | {"job_position_assignments": assignments}


async def declare(world: World, callers: Mapping[str, Any], evidence: dict[str, UUID]) -> None:
    """Something that a learner says of themselves."""
    values = {"actor": callers["learner"].principal.actor, "like": evidence["self"]}
    async with world.session() as session:
        evidence["declared"] = await session.scalar(text(_DECLARATION), values)


def _soon() -> date:
    return today() + timedelta(days=30)


async def in_force(world: World, version: UUID) -> tuple[UUID, UUID, UUID]:
    """A framework, and of a competency of it that has a scale the identifier and the id."""
    async with world.session() as session:
        found = (await session.execute(_IN_FORCE, {"version": version})).one()
    return found[0], found[1], found[2]
