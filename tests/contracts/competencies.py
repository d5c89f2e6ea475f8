"""Frameworks of each place: one that only they see, and one that others are asked about.

And of everybody on a roster: a position, evidence, and what they attain by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import text

from tests.competencies.steps import (
    area,
    change,
    competency,
    do,
    framework,
    made,
    next_version,
    scale,
    tree,
)
from tests.contracts.rights import Whose
from tests.world import Somebody, World

ASKED = {
    "academy": "region",
    "hanoi": "hue",
    "hue": "district",
    "ministry": "hanoi",
    "region": "ministry",
    "district": "hue",
}
"""Which organisation each place invites to comment."""
EXPERTS = {
    "learner": "hue",
    "instructor": "hue",
    "viewer of Hà Nội": "hue",
    "coordinator of a region": "ministry",
}
"""Who is invited by name, where their organisation is not."""
DESCRIBED = [{"level": 1, "text_vi": "Biết", "text_en": "Knows"}]
Targets = dict[str, dict[str, UUID]]


async def competencies(
    world: World,
    keepers: Mapping[str, Somebody],
    heir: UUID,
) -> Targets:
    tables = ("competency_frameworks", "framework_versions", "proficiency_scales", "competencies")
    tables += ("consultation_invitations", "consultation_comments", "consultation_changes")
    targets: Targets = {table: {} for table in tables}
    for place, keeper in keepers.items():
        await _of_their_own(keeper, place, heir, targets)
    for place, keeper in keepers.items():
        await _asked_about(keeper, place, keepers[ASKED[place]].organization, targets)
    await _of_people(world, keepers, targets)
    return targets


async def _of_their_own(keeper: Somebody, place: str, heir: UUID, targets: Targets) -> None:
    """A draft with a thread that is not resolved, and a log."""
    began = await framework(keeper)
    version = began["open_version_id"]
    targets["competency_frameworks"][place] = UUID(began["id"])
    targets["framework_versions"][place] = UUID(version)
    top = await _tree(keeper, version, place, targets)
    path = f"/framework-versions/{version}"
    invited = {"invited_organization_id": str(heir)}
    invitation = made(await keeper.post(f"{path}/invitations", json=invited))
    targets["consultation_invitations"][place] = UUID(invitation["id"])
    await _consult(keeper, version, top, place, targets)
    await do(keeper, version, "close-consultation")


async def _tree(keeper: Somebody, version: str, name: str, targets: Targets) -> dict[str, Any]:
    """An area that is not empty, and a scale that is in use."""
    steps = await scale(keeper, version)
    code = uuid4().hex[:8]
    top = await area(keeper, version, code=f"{code}.0", domain="conduct")
    await competency(
        keeper,
        version,
        code=f"{code}.1",
        parent_identifier=top["identifier"],
        scale_identifier=steps["identifier"],
        descriptors=DESCRIBED,
    )
    targets["competencies"][name] = UUID(top["id"])
    targets["proficiency_scales"][name] = UUID(steps["id"])
    return top


async def _consult(
    keeper: Somebody, version: str, top: dict[str, Any], name: str, targets: Targets
) -> None:
    await do(keeper, version, "open-consultation")
    said = {"text": "Rõ hơn", "competency_identifier": top["identifier"]}
    path = f"/framework-versions/{version}/comments"
    comment = made(await keeper.post(path, json=said))
    targets["consultation_comments"][name] = UUID(comment["id"])
    changed = await change(
        keeper, "competencies", top["id"], name_vi=name, because_of=comment["id"]
    )
    assert changed.status_code == 200, changed.text
    log = await keeper.get("/consultation-changes", params={"comment": comment["id"]})
    targets["consultation_changes"][name] = UUID(log.json()["items"][0]["id"])


async def _asked_about(keeper: Somebody, place: str, guest: UUID, targets: Targets) -> None:
    """A version in force, and the next one, which takes the place of something, in consultation."""
    began = await framework(keeper)
    first = began["open_version_id"]
    top = await _tree(keeper, first, f"{place} in force", targets)
    await do(keeper, first, "open-consultation")  # to which nobody is invited
    await change(keeper, "competencies", top["id"], name_vi=place)
    log = await keeper.get("/consultation-changes", params={"framework_version": first})
    targets["consultation_changes"][f"{place} in force"] = UUID(log.json()["items"][0]["id"])
    await do(keeper, first, "publish")
    second = (await next_version(keeper, began["id"]))["id"]
    copied = {c["identifier"]: c for c in (await tree(keeper, second))["competencies"]}
    top = copied[top["identifier"]]
    await change(keeper, "competencies", top["id"], replaces=[top["identifier"]])
    (steps,) = (await tree(keeper, second))["scales"]
    name = f"{place} consulted"
    targets["competency_frameworks"][name] = UUID(began["id"])
    targets["framework_versions"] |= {f"{place} in force": UUID(first), name: UUID(second)}
    targets["competencies"][name] = UUID(top["id"])
    targets["proficiency_scales"][name] = UUID(steps["id"])
    invited = {"invited_organization_id": str(guest)}
    path = f"/framework-versions/{second}/invitations"
    invitation = made(await keeper.post(path, json=invited))
    targets["consultation_invitations"][name] = UUID(invitation["id"])
    await _consult(keeper, second, top, name, targets)


_POSITIONS = """
with made as (
  insert into job_positions (organization_id, code, name_vi, name_en)
  values (:place, 'P', 'Vị trí', 'Position') returning id, organization_id
), titled as (
  insert into job_position_titles (organization_id, title, job_position_id)
  select organization_id, 'Chuyên viên', id from made
)
insert into job_position_requirements (organization_id, job_position_id, framework_id,
  framework_version_id, competency_identifier, scale_identifier, required_level, desired_level,
  since)
select m.organization_id, m.id, v.framework_id, v.id, c.identifier, c.scale_identifier, 2, 3,
  '2026-01-01'
from made m, framework_versions v join competencies c on c.framework_version_id = v.id
where v.id = :version and c.scale_identifier is not null
"""
_EVIDENCE = """
with recorded as (
  insert into evidence (organization_id, learner_id, framework_id, framework_version_id,
    competency_identifier, scale_identifier, type, level, achieved_on, recorded_by)
  select p.organization_id, p.learner_id, v.framework_id, v.id, c.identifier, c.scale_identifier,
    'self_declared', 2, '2026-01-01', 'test'
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
from recorded
"""
_ASSIGNMENTS = """
insert into job_position_assignments (organization_id, learner_id, position_since, job_position_id)
select l.organization_id, l.id, l.position_since, p.id
from learners l join job_positions p using (organization_id)
"""


async def _of_people(
    world: World,
    keepers: Mapping[str, Somebody],
    targets: Targets,
) -> None:
    """Evidence of where people are, and of where they were."""
    version = targets["framework_versions"]["academy in force"]
    async with world.session() as session:
        for keeper in keepers.values():
            values = {"place": keeper.organization, "version": version}
            await session.execute(text(_POSITIONS), values)
        await session.execute(text(_EVIDENCE), {"version": version})
        await session.execute(text(_ASSIGNMENTS))


async def ask_for_opinions(
    world: World, callers: Mapping[str, Any], invitations: dict[str, UUID]
) -> None:
    """Invites some who call by name, and lets each say something."""
    for name, place in EXPERTS.items():
        caller = callers[name]
        async with world.session() as session:
            values = {
                "user": UUID(caller.principal.subject),
                "actor": caller.principal.actor,
                "of": UUID(caller.principal.organization),
                "place": await world.organization(place),
            }
            invitations[name] = await session.scalar(text(_INVITE), values)
            await session.execute(text(_SAY), values)


_CONSULTED = "framework_versions v where v.organization_id = :place and v.state = 'consultation'"
_INVITE = f"""
insert into consultation_invitations (organization_id, framework_version_id, user_id)
select v.organization_id, v.id, :user from {_CONSULTED} returning id
"""
_SAY = f"""
insert into consultation_comments (organization_id, framework_version_id, author,
  author_organization_id, text)
select v.organization_id, v.id, :actor, :of, 'Nhất trí' from {_CONSULTED}
"""


@dataclass(frozen=True)
class Frameworks:
    """Which versions are everybody's, and whom the others are shown to."""

    academy: UUID | None
    published: frozenset[UUID]
    """Versions, and frameworks that have one."""
    open_to: Mapping[UUID, frozenset[UUID]]
    """Who is invited, by version and framework: while it is in consultation."""
    asked: Mapping[UUID, frozenset[UUID]]
    """The same of versions, at any time."""

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Frameworks":
        for table in ("framework_versions", "consultation_invitations", "organizations"):
            await owner.execute(f"alter table {table} no force row level security")
        academy = await owner.fetchval("select id from organizations where kind = 'academy'")
        versions = await owner.fetch("select * from framework_versions")
        invited: dict[UUID, frozenset[UUID]] = {}
        for row in await owner.fetch(
            "select framework_version_id, coalesce(invited_organization_id, user_id)"
            " from consultation_invitations where ended_at is null"
        ):
            invited[row[0]] = invited.get(row[0], frozenset()) | {row[1]}
        published = {v[name] for v in versions if v["published_on"] for name in _KEYS}
        open_to: dict[UUID, frozenset[UUID]] = {}
        for version in versions:
            if version["state"] == "consultation":
                guests = invited.get(version["id"], frozenset())
                open_to |= {version[name]: guests for name in _KEYS}
        return cls(academy, frozenset(published), open_to, invited)

    def shown(self, table: str, row: dict[str, Any], whose: Whose) -> Whose:
        """Whose a row is, with whom it is shown to."""
        if table in _CATALOGUE:
            return replace(whose, published=whose.organization == self.academy)
        if table == "consultation_invitations":
            guest = UUID(row["invited_organization_id"] or row["user_id"])
            return replace(whose, audience=frozenset({guest}))
        key = row.get("id") if table in _OF_THEMSELVES else row.get("framework_version_id")
        if table not in _SHOWN or key is None:
            return whose
        if table in ("consultation_comments", "consultation_changes"):
            return replace(whose, audience=self.asked.get(UUID(key), frozenset()))
        guests = self.open_to.get(UUID(key), frozenset())
        return replace(whose, published=UUID(key) in self.published, audience=guests)


_KEYS = ("id", "framework_id")
_CATALOGUE = {"job_positions", "job_position_titles", "job_position_requirements"}
_OF_THEMSELVES = {"competency_frameworks", "framework_versions"}
_SHOWN = _OF_THEMSELVES | {
    *("competencies", "competency_replacements", "level_descriptors", "proficiency_levels"),
    *("proficiency_scales", "consultation_comments", "consultation_changes"),
}
