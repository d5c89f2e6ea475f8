"""What somebody attains, by the rules that the database keeps: whoever records the evidence."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url, text

from app.core.database.scopes import Reach, Scope
from app.core.database.serving import Urls
from app.core.database.sessions import driver_of
from tests.competencies.steps import competency, do, draft, framework, next_version, scale, tree
from tests.world import Somebody, World, add_learner

LATE, EARLY, PAST = "2026-06-01", "2026-01-01", "2026-02-01"


@dataclass
class Records:
    """Somebody, a competency, and what is recorded of the two, as a coordinator's program would."""

    world: World
    of: Mapping[str, Any]
    learner: UUID
    organization: UUID

    def scope(self) -> Scope:
        of = (Reach.ORGANIZATION, str(self.organization), None, "coordinator:test", None)
        return Scope("enter_reach", of)

    async def add(self, kind: str, level: int | None, on: str = EARLY, **more: Any) -> UUID:
        values = {
            **self.of,
            "learner_id": self.learner,
            "type": kind,
            "level": level,
            "achieved_on": on,
            "document": "Số 1",
            **more,
        }
        return await self._insert("evidence", values)

    async def review(self, evidence: UUID, decision: str) -> None:
        values = {**self.of, "learner_id": self.learner, "evidence_id": evidence}
        values |= {"decision": decision}
        values.pop("framework_version_id")
        await self._insert("evidence_reviews", values)

    async def _insert(self, table: str, values: Mapping[str, Any]) -> UUID:
        statement = (
            f"insert into {table} ({', '.join(values)}) select {', '.join(values)}"
            f" from jsonb_populate_record(null::{table}, :row) returning id"
        )
        async with self.world.database.session(self.scope()) as session:
            row = {name: None if v is None else str(v) for name, v in values.items()}
            found: UUID = await session.scalar(
                text(statement.replace(":row", "cast(:row as jsonb)")), {"row": json.dumps(row)}
            )
            return found

    async def kept(self) -> Any:
        """What is kept of them: the level, and when it may change."""
        async with self.world.database.session(self.scope()) as session:
            rows = await session.execute(
                text("select level, changes_on from attainments where learner_id = :id"),
                {"id": self.learner},
            )
            return [(level, on and on.isoformat()) for level, on in rows]

    async def weighed(self, rule: str, day: str = LATE) -> list[tuple[int | None, str | None, Any]]:
        """Each piece: its level, why it is left out, and its place."""
        async with self.world.database.session(self.scope()) as session:
            driver = await driver_of(session)
            rows = await driver.fetch(
                "select level, left_out, place"
                " from weigh_evidence($1, $2, $3, $4, $5, $6::text::date)"
                " order by place, left_out, level",
                self.learner,
                *(UUID(self.of[n]) for n in ("framework_id", "competency_identifier")),
                UUID(self.of["scale_identifier"]),
                rule,
                day,
            )
            return [tuple(row) for row in rows]


@pytest.fixture
async def records(world: World, hanoi: Somebody) -> Records:
    began = await framework(hanoi)
    version = began["open_version_id"]
    steps = await scale(hanoi, version)
    item = await competency(hanoi, version, scale_identifier=steps["identifier"])
    await do(hanoi, version, "publish")
    of = {
        "framework_id": began["id"],
        "framework_version_id": version,
        "competency_identifier": item["identifier"],
        "scale_identifier": steps["identifier"],
    }
    learner = await add_learner(hanoi)
    return Records(world, of, UUID(learner["id"]), hanoi.organization)


async def test_the_latest_counts_while_it_is_valid(records: Records):
    await records.add("assessment", 4)
    assert await records.kept() == [(4, None)]
    await records.add("assessment", 2, PAST, valid_until="2999-01-01")
    assert await records.kept() == [(2, "2999-01-01")]
    await records.add("assessment", 5, PAST, valid_until="2026-03-01")
    assert await records.kept() == [(2, "2999-01-01")]


async def test_each_rule_chooses_in_its_own_way(records: Records):
    await records.add("course_completion", 5, EARLY)
    await records.add("supervisor_rating", 3, PAST)
    await records.add("assessment", 2, EARLY, valid_until="2026-05-01")
    await records.add("self_declared", 5, LATE)
    for rule, order in {
        "best": [5, 3, 5],
        "latest": [3, 5, 5],
        "source_priority": [3, 5, 5],
    }.items():
        assert await records.weighed(rule) == [
            *((level, None, place) for place, level in enumerate(order, 1)),
            (2, "expired", None),
        ]
    assert (await records.weighed("source_priority", "2026-04-30"))[0] == (2, None, 1)
    assert (5, "not_yet", None) in await records.weighed("best", "2026-04-30")


async def test_what_is_corrected_withdrawn_or_refused_counts_no_more(records: Records):
    wrong = await records.add("assessment", 5)
    right = await records.add("assessment", 3, supersedes_id=wrong)
    assert await records.kept() == [(3, None)]
    with pytest.raises(Exception, match="already_superseded"):
        await records.add("assessment", 4, supersedes_id=wrong)
    await records.add("assessment", None, supersedes_id=right)
    assert await records.kept() == [(None, None)]
    prior = await records.add("prior_learning", 4)
    assert await records.kept() == [(None, None)]
    await records.review(prior, "confirmed")
    assert await records.kept() == [(4, None)]
    await records.review(prior, "refused")
    assert await records.kept() == [(None, None)]
    left_out = [why for _, why, _ in await records.weighed("best")]
    assert sorted(map(str, left_out)) == ["refused", "superseded", "superseded", "withdrawn"]


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("evidence_without_document", {"kind": "prior_learning", "document": None}),
        ("evidence_without_document", {"kind": "course_completion", "document": None}),
        ("evidence_without_level", {"level": None}),
        ("evidence_level_unknown", {"level": 6}),
        ("evidence_expires_before_it_counts", {"valid_until": EARLY}),
        ("evidence_type_unknown", {"kind": "hearsay"}),
    ],
)
async def test_rules_of_evidence_are_the_databases(records: Records, rule: str, more: dict):
    with pytest.raises(Exception, match=rule):
        await records.add(**{"kind": "assessment", "level": 3, **more})


async def test_evidence_is_neither_changed_nor_deleted(records: Records):
    await records.add("assessment", 3)
    for statement in ("update evidence set level = 5", "delete from evidence"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with records.world.database.session(records.scope()) as session:
                await (await driver_of(session)).execute(statement)


async def test_levels_are_given_in_the_words_of_a_published_version(
    records: Records, hanoi: Somebody
):
    later = (await next_version(hanoi, records.of["framework_id"]))["id"]
    records.of = {**records.of, "framework_version_id": later}
    with pytest.raises(Exception, match="published version"):
        await records.add("assessment", 3)
    other = await draft(hanoi)
    assert (await tree(hanoi, other))["competencies"] == []


async def test_another_rule_of_a_later_version_is_told_from_what_is_kept(
    records: Records, hanoi: Somebody
):
    """Who reads compares `rule`, and reckons anew what was reckoned by another."""
    await records.add("assessment", 5)
    await records.add("assessment", 2, PAST)
    later = (await next_version(hanoi, records.of["framework_id"]))["id"]
    (copied,) = (await tree(hanoi, later))["competencies"]
    put = {"If-Match": "*"}
    body = {name: copied[name] for name in ("kind", "domain", "name_vi", "name_en")}
    body |= {"scale_identifier": copied["scale_identifier"], "attainment_rule": "best"}
    await hanoi.put(f"/competencies/{copied['id']}", json=body, headers=put)
    await do(hanoi, later, "publish")
    assert await records.kept() == [(2, None)]
    await records.add("assessment", 1, LATE)  # in the words of the version before
    assert await records.kept() == [(5, None)]


async def test_of_two_pieces_recorded_at_once_neither_is_missed(records: Records, urls: Urls):
    """Both wait for the same row, so none has reckoned before the other's is there."""
    await records.add("assessment", 1, "2025-01-01")
    url = make_url(urls.owner).set(drivername="postgresql")
    holder = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        async with asyncio.TaskGroup() as group, holder.transaction():
            await holder.execute(
                "select from attainments where learner_id = $1 for share", records.learner
            )
            for number, (level, on) in enumerate([(5, LATE), (2, EARLY)], 1):
                group.create_task(records.add("assessment", level, on))
                await _waiting(holder, number)
    finally:
        await holder.close()
    assert await records.kept() == [(5, None)]


async def _waiting(holder: asyncpg.Connection, number: int) -> None:
    for _ in range(600):
        if await holder.fetchval("select count(*) from pg_locks where not granted") >= number:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(number)


_ONCE_MORE = """
insert into evidence (learner_id, framework_id, framework_version_id, competency_identifier,
  scale_identifier, type, level, achieved_on)
select learner_id, framework_id, framework_version_id, competency_identifier, scale_identifier,
  type, level, achieved_on
from evidence
"""


async def test_evidence_follows_who_moves_and_stays_where_it_was_recorded(
    records: Records, hanoi: Somebody, hue: Somebody
):
    await records.add("assessment", 3)
    path = f"/learners/{records.learner}/release"
    code = (await hanoi.post(path, json={"released_on": "2026-01-01"})).json()["claim_code"]
    claim = {"claim_code": code, "claimed_on": LATE, "external_id": "HUE-1"}
    claimed = await hue.post("/transfers/claim", json=claim | {"position_title": "Chuyên viên"})
    assert claimed.status_code == 200, claimed.text
    assert await records.kept() == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with records.world.database.session(records.scope()) as session:
            await (await driver_of(session)).execute(_ONCE_MORE)
    there = Records(records.world, records.of, records.learner, hue.organization)
    assert await there.kept() == [(3, None)]
    await there.add("assessment", 4, LATE)
    assert await there.kept() == [(4, None)]
    for organization, count in ((records, 1), (there, 2)):
        assert len(await organization.weighed("best")) == count
