"""The curricula of the demonstration: both schemes, two years, common and specific parts."""

import pytest
from sqlalchemy import text

from app.core.database.scopes import Reach, system
from app.demo import loading
from tests.conftest import SECRET
from tests.world import app_of_its_own


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


async def test_forty_modules_and_more_lead_to_competencies_at_levels(rows):
    modules = await rows("""
      select v.id, (select count(*) from module_competencies c where c.module_version_id = v.id),
        (select count(*) from module_outcomes o where o.module_version_id = v.id)
      from module_versions v where v.state = 'published'""")
    assert len(modules) >= 40
    assert all(competencies and outcomes for _, competencies, outcomes in modules)
    domains = await rows("select distinct domain from module_versions")
    assert {domain for (domain,) in domains} == {"knowledge", "skill", "conduct"}


async def test_both_schemes_have_their_curricula_in_both_years(rows):
    found = await rows("""
      select left(c.code, 4), c.year, c.extends_curriculum_id is not null, count(*)
      from curricula c join curriculum_versions v on v.curriculum_id = c.id
      where v.state = 'published' group by 1, 2, 3""")
    counted = {(scheme, year, extends): count for scheme, year, extends, count in found}
    for year in (2026, 2027):
        assert counted["1275", year, False] == 10
        assert counted["2007", year, False] == 2
        assert counted["1275", year, True] == 5
    assert (counted["2007", 2026, True], counted["2007", 2027, True]) == (2, 1)


async def test_nothing_stands_against_what_is_in_force(rows):
    assert (
        await rows("""
      select c.code, c.year, f.* from curricula c
      join curriculum_versions v on v.curriculum_id = c.id and v.state = 'published'
      cross join lateral curriculum_findings(v.id) as f""")
        == []
    )


async def test_conduct_grows_from_year_to_year(rows):
    shares = await rows("""
      select c.year, sum(m.theory_hours + m.practice_hours) filter (where m.domain = 'conduct')
      from curricula c join curriculum_versions v on v.curriculum_id = c.id
      join curriculum_modules cm on cm.curriculum_version_id = v.id
      join module_versions m on m.id = cm.module_version_id
      where v.state = 'published' and c.code = '1275-CB' group by c.year order by c.year""")
    (_, before), (_, after) = shares
    assert after > before
