"""Courses of the demonstration: as many as the report on the scheme counts, and each as its days
say."""

from app.attendance import invariants

PARTICIPATIONS = 7_030
OF_TWO_YEARS = "extract(year from c.starts_on) in (2025, 2026)"


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


async def test_as_many_took_part_as_the_report_counts_from_everywhere(rows):
    ((people, ministries, provinces),) = await rows("""
      select count(*), count(distinct o.id) filter (where o.kind = 'ministry'),
        count(distinct o.id) filter (where o.kind = 'province')
      from nominations n join organizations o on o.id = n.organization_id
      where n.state in ('enrolled', 'completed', 'failed', 'no_show')""")
    assert (people, ministries, provinces) == (PARTICIPATIONS, 28, 34)


async def test_what_must_always_hold_of_courses_holds_here(demo):
    found = await invariants.checked(demo.state.database)
    assert [each for each in found.invariants if each.broken] == []


async def test_reports_of_meetings_are_known_by_the_numbers_of_sessions(rows):
    odd = await rows("""
      select m.meeting_number from session_meetings m join course_sessions s on s.id = m.id
      where (s.mode = 'in_person') <> (m.meeting_number is null) or m.meeting_number !~ '^[0-9]+$'
    """)
    assert odd == []


async def test_foreign_experts_teach_where_a_course_says_so(rows):
    taught = await rows("""
      select distinct c.code from courses c join session_instructors s on s.course_id = c.id
      join instructors i on i.id = s.instructor_id where i.kind = 'foreign_expert'""")
    said = await rows("select code from courses where foreign_experts")
    assert set(taught) == set(said)


async def test_every_course_is_where_its_days_say(rows):
    """But for those that are there to be started, completed, opened and closed."""
    over = await rows("select distinct state from courses where ends_on < current_date - 30")
    assert {state for (state,) in over} == {"completed"}
    to_come = await rows(
        f"select distinct c.state from courses c where {OF_TWO_YEARS} and starts_on > current_date"
    )
    assert {state for (state,) in to_come} <= {"open", "closed"}
    unsettled = await rows("""
      select s.id from course_sessions s join courses c on c.id = s.course_id
      where c.state = 'completed' and s.state not in ('held', 'cancelled')""")
    assert unsettled == []


async def test_sessions_have_their_rooms_and_instructors_to_themselves(rows):
    """That nothing is booked twice, constraints hold; and here everything is booked."""
    without = await rows("""
      select s.id from course_sessions s where s.state <> 'cancelled' and not (
        exists (select from instructor_bookings b where b.subject_id = s.id)
        and (s.mode = 'online' or exists (select from room_bookings b where b.subject_id = s.id)))
    """)
    assert without == []
    warned = await rows("""
      select s.id, w.* from course_sessions s
      cross join lateral json_array_elements(find_session_warnings(s.id)) w""")
    assert warned == []
