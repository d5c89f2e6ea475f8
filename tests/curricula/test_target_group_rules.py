"""A rule means in SQL what it means when it is read aloud, for generated rules and learners."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.position_models import JobPosition, JobPositionTitle
from app.core.schemas import today
from app.curricula import target_group_queries as queries
from app.curricula.target_groups import TargetGroup, stored
from app.curricula.training_models import Training
from app.learners.models import Learner
from app.learners.names import computed
from tests.world import World

KINDS = ["basic", "advanced", "specialised"]
FIELDS = ["consular", "cultural_diplomacy", "protocol_and_events"]
LEVELS = ["none", "division", "department"]
CATEGORIES = ["official", "civil_servant"]
TITLES = ["Chuyên viên", "Lãnh sự", "Lễ tân"]
PLACES = {"hanoi": "province", "moit": "ministry"}
POSITIONS = [uuid4(), uuid4()]
"""What the second and the third title mean."""


@dataclass(frozen=True)
class Officer:
    place: str
    leadership_level: str
    category: str
    title: str
    fields: list[str]
    recruited: int | None
    """Days before today."""
    languages: dict[str, int]
    status: str
    trainings: list[tuple[str, str | None, int]] = field(default_factory=list)
    """Kind, field, and days before today."""


def trained(asked: dict[str, Any], officer: Officer) -> bool:
    since = date.fromisoformat(asked.get("since", "1900-01-01"))
    return any(
        kind in asked.get("kinds", KINDS)
        and ("fields" not in asked or about in asked["fields"])
        and today() - timedelta(days) >= since
        for kind, about, days in officer.trainings
    )


def years(officer: Officer) -> int | None:
    if officer.recruited is None:
        return None
    day, then = today(), today() - timedelta(officer.recruited)
    return day.year - then.year - ((day.month, day.day) < (then.month, then.day))


def fits(rule: dict[str, Any], officer: Officer) -> bool:
    """The rule as somebody would read it to somebody else."""
    served, held = years(officer), None
    if officer.title != TITLES[0]:
        held = str(POSITIONS[TITLES.index(officer.title) - 1])
    least, most = (rule.get(f"{bound}_years_in_service") for bound in ("min", "max"))
    spoken = rule.get("languages", [])
    return all(
        (
            officer.status != "left",
            PLACES[officer.place] in rule.get("organization_kinds", PLACES.values()),
            officer.leadership_level in rule.get("leadership_levels", LEVELS),
            officer.category in rule.get("categories", CATEGORIES),
            "fields" not in rule or set(officer.fields) & set(rule["fields"]),
            "job_position_ids" not in rule or held in rule["job_position_ids"],
            least is None or (served is not None and served >= least),
            most is None or (served is not None and served <= most),
            not spoken
            or any(officer.languages.get(s["language"], 0) >= s["min_level"] for s in spoken),
            "trained" not in rule or trained(rule["trained"], officer),
            "not_trained" not in rule or not trained(rule["not_trained"], officer),
        )
    )


def _some(values: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2)


_DAYS = st.integers(0, 3 * 366) | st.sampled_from([365, 366, 730, 731, 1095, 1096])
_OFFICERS = st.builds(
    Officer,
    place=st.sampled_from(list(PLACES)),
    leadership_level=st.sampled_from(LEVELS),
    category=st.sampled_from(CATEGORIES),
    title=st.sampled_from(TITLES),
    fields=_some(FIELDS),
    recruited=st.none() | _DAYS,
    languages=st.dictionaries(st.sampled_from(["en", "fr"]), st.integers(1, 6)),
    status=st.sampled_from(["active", "active", "suspended", "left"]),
    trainings=st.lists(
        st.tuples(st.sampled_from(KINDS), st.none() | st.sampled_from(FIELDS), _DAYS),
        max_size=2,
        unique=True,
    ),
)
_ASKED_TRAINING = st.fixed_dictionaries(
    {},
    optional={
        "kinds": _some(KINDS),
        "fields": _some(FIELDS),
        "since": _DAYS.map(lambda days: str(today() - timedelta(days))),
    },
)
_RULES = st.fixed_dictionaries(
    {},
    optional={
        "organization_kinds": _some(list(PLACES.values())),
        "leadership_levels": _some(LEVELS),
        "categories": _some(CATEGORIES),
        "fields": _some(FIELDS),
        "job_position_ids": _some([str(id) for id in POSITIONS]),
        "min_years_in_service": st.integers(0, 2),
        "max_years_in_service": st.integers(2, 3),
        "languages": st.lists(
            st.fixed_dictionaries(
                {"language": st.sampled_from(["en", "fr"]), "min_level": st.integers(1, 6)}
            ),
            unique_by=lambda asked: asked["language"],
            max_size=2,
        ),
        "trained": _ASKED_TRAINING,
        "not_trained": _ASKED_TRAINING,
    },
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(officers=st.lists(_OFFICERS, min_size=1, max_size=5), rules=st.lists(_RULES, min_size=1))
async def test_sql_and_a_plain_reading_of_the_rule_agree(
    world: World, officers: list[Officer], rules: list[dict[str, Any]]
):
    places = {name: await world.organization(name, kind=kind) for name, kind in PLACES.items()}
    async with world.session() as session:
        await _titles(session, places)
        known = {await _add(session, places, officer): officer for officer in officers}
        for asked in rules:
            rule = stored(TargetGroup.model_validate(asked))
            expected = {id for id, officer in known.items() if fits(rule, officer)}
            assert await _by_condition(session, rule) & known.keys() == expected, rule
            assert await _by_parts(session, rule) & known.keys() == expected, rule
        await session.rollback()


async def _titles(session: AsyncSession, places: dict[str, UUID]) -> None:
    academy = "select id from organizations where kind = 'academy'"
    owner = await session.scalar(text(academy))
    for id, title in zip(POSITIONS, TITLES[1:], strict=True):
        code = f"P-{uuid4().hex[:8]}"
        names = {"code": code, "name_vi": title, "name_en": title}
        session.add(JobPosition(id=id, organization_id=owner, **names))
        await session.flush()
        for place in places.values():
            session.add(JobPositionTitle(organization_id=place, title=title, job_position_id=id))
    await session.flush()


async def _add(session: AsyncSession, places: dict[str, UUID], officer: Officer) -> UUID:
    day = today()
    then = None if officer.recruited is None else day - timedelta(officer.recruited)
    learner = Learner(
        organization_id=places[officer.place],
        external_id=uuid4().hex,
        full_name="Ai Đó",
        position_title=officer.title,
        leadership_level=officer.leadership_level,
        category=officer.category,
        position_since=day,
        fields=officer.fields,
        languages=[{"language": n, "level": level} for n, level in officer.languages.items()],
        recruited_on=then,
        status=officer.status,
        status_since=day + timedelta(1),
        attributes={},
        **computed("Ai Đó"),
    )
    session.add(learner)
    await session.flush()
    for kind, about, days in officer.trainings:
        done = {"kind": kind, "field": about, "completed_on": day - timedelta(days)}
        of = {"organization_id": learner.organization_id, "learner_id": learner.id}
        session.add(Training(**of, **done, title="Bồi dưỡng"))
    await session.flush()
    return learner.id


async def _by_condition(session: AsyncSession, rule: dict[str, Any]) -> set[UUID]:
    """As lists of learners and their numbers are found."""
    asked = {
        name: f"'{value}'::{queries.GIVEN[name]}" for name, value in queries.literals(rule).items()
    }
    found = text(f"select learners.id from learners where {queries.condition(asked)}")
    return set(await session.scalars(found))


async def _by_parts(session: AsyncSession, rule: dict[str, Any]) -> set[UUID]:
    """As eligibility and recommendations are."""
    record = f"jsonb_to_record(cast(:rule as jsonb)) as r ({queries.RECORD})"
    found = text(f"select learners.id from learners, {record} where {queries.FITS}")
    return set(await session.scalars(found, {"rule": json.dumps(rule)}))
