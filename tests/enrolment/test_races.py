"""Many at once: no seat is given twice, none is lost, and nobody waits for ever."""

import asyncio
from collections import Counter

from sqlalchemy import text

from tests.courses.steps import within
from tests.enrolment.steps import (
    checked,
    confirmed,
    decide,
    decided,
    nominate,
    opened,
    people,
    rules,
    states,
    taken,
)
from tests.rooms.steps import made
from tests.world import problem

CALLERS, SEATS, ROUNDS = 100, 30, 2

_ROSTER = text("""
  insert into learners (organization_id, external_id, full_name, sort_key, search_text,
    position_title, leadership_level, category, position_since, fields, languages, status,
    status_since, attributes)
  select :organization, 'R-' || n || '-' || gen_random_uuid(), 'Nguyễn Văn ' || n, 'van nguyen',
    'nguyen van', 'Chuyên viên', 'none', 'civil_servant', '2024-01-01', '{}', '[]', 'active',
    '2024-01-01', '{}'
  from generate_series(1, :people) n returning id
""")


async def roster(world, who, count):
    async with world.session() as session:
        values = {"organization": who.organization, "people": count}
        return [str(id) for id in await session.scalars(_ROSTER, values)]


async def test_of_a_hundred_callers_for_thirty_seats_thirty_get_one(academy, hanoi, world):
    learners = await roster(world, hanoi, CALLERS)
    for _ in range(ROUNDS):
        course = await opened(academy, world, (hanoi, SEATS), max_places=SEATS, hours="08-09")
        ids = await checked(hanoi, academy, course, learners)
        async with within(60):
            answers = await asyncio.gather(
                *(decide(academy, course, "confirm", [id], may_overlap=True) for id in ids)
            )
        assert Counter(a.status_code for a in answers) == {200: SEATS, 409: CALLERS - SEATS}
        assert all(rules(a) == [{"no_place_left"}] for a in answers if a.status_code == 409)
        assert await taken(academy, course) == [("Q0", SEATS, SEATS), (None, 0, 0)]
        assert Counter(await states(academy, course))["confirmed"] == SEATS


async def test_of_many_who_nominate_the_same_person_one_does(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 2))
    learners = await people(hanoi, 2)
    async with within(60):
        answers = await asyncio.gather(
            *(nominate(hanoi, course, learners[:: 1 if n % 2 else -1]) for n in range(10))
        )
    assert Counter(a.status_code for a in answers) == {200: 1, 409: 9}


async def test_who_is_confirmed_for_two_courses_at_once_has_one_seat(academy, hanoi, world):
    learners = await people(hanoi, 6)
    courses = [await opened(academy, world, (hanoi, 6)) for _ in range(2)]
    given = [await checked(hanoi, academy, course, learners) for course in courses]
    async with within(60):
        answers = await asyncio.gather(
            *(
                decide(academy, course, "confirm", ids[::order])
                for course, ids, order in zip(courses, given, (1, -1), strict=True)
            )
        )
    assert sorted(a.status_code for a in answers) == [200, 409]
    (refused,) = (a for a in answers if a.status_code == 409)
    assert problem(refused)[1] in ("nominations-refused", "learner-double-booked")


async def test_promoting_withdrawing_and_substituting_wait_for_each_other(academy, hanoi, world):
    for _ in range(3):
        course = await opened(academy, world, (hanoi, 3), max_places=3)
        learners = await people(hanoi, 6)
        seated = await confirmed(hanoi, academy, course, learners[:3])
        waiting = await checked(hanoi, academy, course, learners[3:])
        await decided(academy, course, waiting, "wait_list")
        spare = await people(hanoi, 3)
        away = {"reason": "Ốm"}
        async with within(60):
            answers = await asyncio.gather(
                *(hanoi.post(f"/nominations/{id}/withdraw", json=away) for id in seated),
                *(
                    hanoi.post(f"/nominations/{id}/substitute", json=away | {"learner_id": learner})
                    for id, learner in zip([*seated, *waiting], spare * 2, strict=True)
                ),
                *(academy.post(f"/courses/{course['id']}/promote", json={}) for _ in range(4)),
                *(academy.post(f"/courses/{course['id']}/release", json={}) for _ in range(2)),
            )
        assert {a.status_code for a in answers} <= {200, 201, 409}
        made(await academy.post(f"/courses/{course['id']}/promote", json={}), 200)
        ((_, places, seats), _) = await taken(academy, course)
        told = Counter(await states(academy, course))
        assert seats == told["confirmed"] <= places == 3
        assert told["confirmed"] == 3 or told["wait_listed"] == 0


async def test_courses_that_give_the_same_people_places_wait_for_each_other(
    academy, hanoi, hue, world
):
    for _ in range(3):
        waiting = [(hanoi, await people(hanoi, 1)), (hue, await people(hue, 1))]
        courses = []
        for (places, others), hours in (((1, 0), "08-09"), ((0, 1), "10-11")):
            given = ((hanoi, places), (hue, others))
            course = await opened(academy, world, *given, max_places=2, hours=hours)
            for who, learners in waiting:
                ids = await checked(who, academy, course, learners)
                await decided(academy, course, ids, "wait_list")
            courses.append(course)
        async with within(30):
            answers = await asyncio.gather(
                *(academy.post(f"/courses/{c['id']}/release", json={}) for c in courses)
            )
        for answer in answers:
            assert len(made(answer, 200)["promoted"]) == 2
