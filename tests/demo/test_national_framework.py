"""The national framework of the demonstration: what it says, who needs what of it, and gaps."""

from collections import Counter

import pytest
from sqlalchemy import text

from app.competencies.exchange.case_writing import Writer, absolute
from app.core.database.scopes import Reach, system
from app.demo import loading, national
from app.demo.people import officers
from app.successions import reference
from tests.competencies.case_official import faults
from tests.conftest import SECRET
from tests.world import app_of_its_own

FIELDS = {
    *("KT.01", "KN.01", "KN.02", "KN.06", "KN.11", "KN.12", "KN.15", "KN.20", "KN.21", "KN.18"),
    *("KT.07", "KN.23", "KT.11", "KN.03", "KN.14", "KN.04", "NN.EN", "KN.26", "KN.27", "KT.15"),
    *("KT.16", "TP.01"),
}
"""One of each field that the sector names."""


@pytest.fixture(scope="module")
async def demo(settings, urls):
    async with app_of_its_own(settings, urls) as app:
        await loading.load(app.state.database, app.state.materials, SECRET, lambda _: None)
        yield app


@pytest.fixture
async def rows(demo):
    async def fetched(sql):
        async with demo.state.database.session(system(Reach.EVERYTHING, "test")) as session:
            return (await session.execute(text(sql))).all()

    return fetched


def competencies():
    return [item for item in national.said().items if item.kind == "competency"]


def test_sixty_competencies_and_more_are_described_at_every_level():
    found = competencies()
    assert len(found) >= 60
    levels = {scale.identifier: len(scale.levels) for scale in national.said().scales}
    assert sorted(levels.values()) == [5, 6]
    assert {item.code for item in found} >= FIELDS
    for item in found:
        assert len(item.descriptors) == levels[item.scale], item.code
        texts = [item.name_vi, item.name_en, *(t for d in item.descriptors.values() for t in d)]
        assert all(text and text == text.strip() for text in texts)
        assert len(set(texts)) == len(texts), item.code
    said = [
        vi
        for item in found
        if not item.code.startswith("NN")
        for vi, _ in item.descriptors.values()
    ]
    assert [text for text, count in Counter(said).items() if count > 1] == []


def test_conduct_is_a_domain_of_its_own_with_signs_that_can_be_observed():
    conduct = [item for item in national.said().items if item.domain == "conduct"]
    assert len([item for item in conduct if item.kind == "competency"]) >= 12
    signs = Counter(item.parent for item in conduct if item.kind == "indicator")
    assert all(signs[item.identifier] for item in conduct if item.kind == "competency")


def test_every_title_of_the_demonstration_leads_to_a_position():
    known = national.position_titles()
    assert len(set(known.values())) == 15
    for line in reference.read():
        for officer in officers(line.code, line.kind, 40):
            assert officer.position_title in known


async def test_everybody_is_in_a_position_that_requires_something(rows):
    ((without, within),) = await rows(
        "select count(*) filter (where job_position_id is null), count(*) from job_positions_held"
    )
    assert (without, within > 4_500) == (0, True)
    required = await rows(
        "select p.code, count(*) from job_positions p join job_position_requirements r"
        " on r.job_position_id = p.id group by 1"
    )
    assert len(required) == 15
    assert all(count >= 12 for _, count in required)


async def test_gaps_look_like_life(rows):
    """Nobody lacks all, nobody has all; conduct lacks most; something has expired."""
    shares = {
        domain: (met / count, unknown / count)
        for domain, count, met, unknown in await rows("""
          select c.domain, count(*), count(*) filter (where a.level >= r.required_level),
            count(*) filter (where a.level is null)
          from job_positions_held h join job_position_requirements r using (job_position_id)
          join competencies c on c.framework_version_id = r.framework_version_id
            and c.identifier = r.competency_identifier
          left join attainments a on a.learner_id = h.learner_id
            and a.competency_identifier = r.competency_identifier
          group by 1
        """)
    }
    for met, unknown in shares.values():
        assert 0.2 < met < 0.7
        assert 0.1 < unknown < 0.6
    assert shares["conduct"][0] == min(met for met, _ in shares.values())
    kinds = {kind for (kind,) in await rows("select distinct type from evidence")}
    assert len(kinds) == 6
    ((expired, soon),) = await rows(
        "select count(*) filter (where valid_until < '2026-06-30'), count(*) filter"
        " (where valid_until between '2026-06-30' and '2026-12-31') from evidence"
    )
    assert expired > 100
    assert soon > 100


async def test_evidence_is_the_same_everywhere(rows):
    """Chance is a digest: a hundred officers have what they have."""
    ((first, second),) = await rows("""
      select sum(hashtextextended(l.external_id || e.competency_identifier::text || e.type
        || coalesce(e.level::text, '') || e.achieved_on, 1)), count(*)
      from evidence e join learners l on l.id = e.learner_id
    """)
    assert second > 20_000
    assert first != 0


def test_the_framework_is_case():
    content = national.said()
    for number, item in enumerate(content.items):
        item.association = national.identifier(f"association {number}")
    assert (
        faults("CFPackageDType", absolute(_dated(Writer(content)).package(), "https://x.example"))
        == []
    )


def _dated(writer):
    at = "2026-01-15T00:00:00.000Z"
    writer.content.updated_at, writer.content.organization = at, "Học viện Ngoại giao"
    for each in (*writer.content.items, *writer.content.scales):
        each.updated_at = at
    return writer
