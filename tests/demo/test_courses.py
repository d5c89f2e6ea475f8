"""Courses of the demonstration: as many as the report on the scheme counts, and each as its days
say."""

from collections import Counter

import pytest
from sqlalchemy import text

from app.core.database.scopes import Reach, system
from app.demo import loading
from tests.conftest import SECRET
from tests.world import app_of_its_own

PARTICIPATIONS = 7_030
OF_TWO_YEARS = "extract(year from c.starts_on) in (2025, 2026)"


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


async def test_there_are_as_many_courses_and_places_as_the_report_counts(rows):
    ((courses, senior, foreign),) = await rows(f"""
      select count(*), count(*) filter (where senior), count(*) filter (where foreign_experts)
      from courses c where {OF_TWO_YEARS}""")
    assert (courses, senior, foreign) == (60, 6, 4)
    ((places,),) = await rows(
        f"select sum(max_places) from courses c where {OF_TWO_YEARS} and starts_on <= current_date"
    )
    assert places >= PARTICIPATIONS


async def test_every_province_and_28_ministries_and_agencies_have_quotas(rows):
    kinds = await rows("""
      select o.kind, count(distinct o.id) from course_quota_members m
      join organizations o on o.id = m.member_id group by o.kind""")
    assert dict(map(tuple, kinds)) == {"province": 34, "ministry": 28}
    assert (
        await rows("""
      select c.code from courses c join course_quotas q on q.course_id = c.id
      group by c.id having sum(q.places) > c.max_places""")
        == []
    )


async def test_foreign_experts_teach_where_a_course_says_so(rows):
    taught = await rows("""
      select distinct c.code from courses c join session_instructors s on s.course_id = c.id
      join instructors i on i.id = s.instructor_id where i.kind = 'foreign_expert'""")
    said = await rows("select code from courses where foreign_experts")
    assert set(taught) == set(said)


async def test_every_course_is_where_its_days_say(rows):
    """But for those that are there to be started, completed, opened and closed."""
    states = Counter(
        dict(
            map(
                tuple,
                await rows("""
      select state, count(*) from courses where ends_on < current_date - 30 group by state"""),
            )
        )
    )
    assert states.keys() == {"completed"}
    to_come = await rows(
        f"select distinct c.state from courses c where {OF_TWO_YEARS} and starts_on > current_date"
    )
    assert {state for (state,) in to_come} <= {"open", "closed"}
    assert (
        await rows("""
      select s.id from course_sessions s join courses c on c.id = s.course_id
      where c.state = 'completed' and s.state not in ('held', 'cancelled')""")
        == []
    )


async def test_sessions_have_their_rooms_and_instructors_to_themselves(rows):
    """That nothing is booked twice, constraints hold; and here everything is booked."""
    assert (
        await rows("""
      select s.id from course_sessions s where s.state <> 'cancelled' and not (
        exists (select from instructor_bookings b where b.subject_id = s.id)
        and (s.mode = 'online' or exists (select from room_bookings b where b.subject_id = s.id)))
    """)
        == []
    )
    assert (
        await rows("""
      select s.id, w.* from course_sessions s
      cross join lateral json_array_elements(find_session_warnings(s.id)) w""")
        == []
    )
