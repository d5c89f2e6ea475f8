"""How learners stand against the rule of their course, over all that is planned."""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.attendance.steps import (
    around_now,
    day,
    enrol,
    now,
    officers,
    present,
    roll,
    running,
    standing,
    there,
)
from tests.rooms.steps import made
from tests.world import World, everything

DAYS = {"starts_on": "2026-03-02", "ends_on": "2027-03-31"}


def ahead(number):
    """A session that is to come."""
    return {
        "starts_at": f"2027-03-{number:02}T01:00:00Z",
        "ends_at": f"2027-03-{number:02}T04:00:00Z",
    }


def rule(share=80, modalities=("in_person", "online"), participation=None):
    return {
        "completion_rule": {
            "attendance_share": share,
            "modalities": list(modalities),
            "participation": participation,
        }
    }


async def learning(academy, world, hanoi, *sessions, **more):
    course, planned = await running(academy, world, *sessions, **DAYS | more)
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    (nomination,) = await enrol(world, course, lan)
    return lan, nomination, planned


async def test_who_attended_the_first_of_ten_has_attended_a_tenth(academy, world, hanoi):
    sessions = (day(1), *(ahead(n) for n in range(1, 10)))
    lan, nomination, (first, *_) = await learning(academy, world, hanoi, *sessions)
    await present(academy, first, **{lan["id"]: 180})
    stands = await standing(academy, nomination)
    assert (stands["planned_minutes"], stands["past_minutes"], stands["attended_minutes"]) == (
        *(1800, 180),
        180,
    )
    assert (stands["share"], stands["standing"], stands["result"]) == (10, "on_track", None)


@pytest.mark.parametrize(
    ("attended", "expected"),
    [
        ((180, 180, 180), "on_track"),
        ((180, 180, 72), "on_track"),  # 80 % of what was
        ((180, 180, 71), "at_risk"),
        ((180, 0, 0), "can_no_longer_pass"),  # 540 of 900 at most
    ],
)
async def test_standing_is_reckoned_over_planned_sessions(
    academy, world, hanoi, attended, expected
):
    sessions = (day(1), day(2), day(3), ahead(1), ahead(2))
    lan, nomination, planned = await learning(academy, world, hanoi, *sessions)
    for session, minutes in zip(planned, attended, strict=False):
        await present(academy, session, **{lan["id"]: minutes})
    assert (await standing(academy, nomination))["standing"] == expected


async def test_a_session_nobody_was_marked_in_may_still_have_been_attended(academy, world, hanoi):
    lan, nomination, planned = await learning(academy, world, hanoi, day(1), day(2))
    await present(academy, planned[0], **{lan["id"]: 180})
    stands = await standing(academy, nomination)
    assert (stands["past_minutes"], stands["minutes_to_come"]) == (180, 180)
    assert (stands["standing"], stands["result"]) == ("on_track", None)


async def test_a_cancelled_session_is_not_planned(academy, world, hanoi):
    _, nomination, (_, second) = await learning(academy, world, hanoi, day(1), ahead(1))
    path = f"/course-sessions/{second['id']}/cancel"
    made(await academy.post(path, json={"reason": "Bão"}), 200)
    assert (await standing(academy, nomination))["planned_minutes"] == 180


async def test_only_what_the_rule_allows_counts(academy, world, hanoi):
    more = rule(modalities=["in_person"])
    lan, nomination, (first,) = await learning(academy, world, hanoi, day(1, mode="hybrid"), **more)
    made(await roll(academy, first, there(lan, 90, online_minutes=90)), 200)
    stands = await standing(academy, nomination)
    assert (stands["attended_minutes"], stands["online_minutes"]) == (90, 90)
    assert stands["result"] == "failed"


async def test_who_is_excused_has_not_attended_and_is_no_no_show(academy, world, hanoi):
    lan, nomination, (first,) = await learning(academy, world, hanoi, day(1))
    await present(academy, first, **{lan["id"]: 0})
    assert (await standing(academy, nomination))["result"] == "no_show"
    excused = {"learner_id": lan["id"], "excused": True, "document": "Giấy ra viện"}
    made(await roll(academy, first, excused), 200)
    stands = await standing(academy, nomination)
    assert (stands["result"], stands["excused_minutes"]) == ("failed", 180)


async def test_who_must_take_part_is_told_when_half_is_over(academy, world, hanoi):
    more = rule(50, participation="active")
    sessions = (day(1), day(2), ahead(1), ahead(2), ahead(3))
    lan, nomination, planned = await learning(academy, world, hanoi, *sessions, **more)
    row = there(lan, 180, participation="passive")
    seen = []
    for session in planned[:2]:
        made(await roll(academy, session, row), 200)
        seen.append((await standing(academy, nomination))["standing"])
    cancel = f"/course-sessions/{planned[4]['id']}/cancel"
    made(await academy.post(cancel, json={"reason": "Bão"}), 200)
    seen.append((await standing(academy, nomination))["standing"])
    row["participation"] = "contributed"
    made(await roll(academy, planned[1], row), 200)
    stands = await standing(academy, nomination)
    seen.append(stands["standing"])
    assert seen == ["on_track", "on_track", "at_risk", "on_track"]
    assert (stands["participation"], stands["required_participation"]) == ("contributed", "active")


async def test_a_session_that_goes_on_can_still_be_attended(academy, world, hanoi):
    course, (session,) = await running(academy, world, now(), **around_now())
    (lan,) = await officers(hanoi, "Trần Ngọc Lan")
    (nomination,) = await enrol(world, course, lan)
    await present(academy, session, **{lan["id"]: 0})
    stands = await standing(academy, nomination)
    assert (stands["past_minutes"], stands["standing"]) == (0, "on_track")


async def test_standings_are_listed_by_how_people_stand(academy, world, hanoi, hue):
    course, (first,) = await running(academy, world, day(1))
    ours, theirs = await officers(hanoi, "Trần Ngọc Lan"), await officers(hue, "Lê Văn Nam")
    await enrol(world, course, *ours, *theirs)
    await present(academy, first, **{ours[0]["id"]: 180, theirs[0]["id"]: 10})

    async def names(client, **query):
        rows = await everything(client, "/standings", course=course["id"], **query)
        return [row["full_name"] for row in rows]

    assert await names(academy, sort="full_name") == ["Trần Ngọc Lan", "Lê Văn Nam"]
    assert await names(academy, standing="can_no_longer_pass") == ["Lê Văn Nam"]
    assert await names(hue) == ["Lê Văn Nam"]
    assert await names(academy, learner=ours[0]["id"]) == ["Trần Ngọc Lan"]
    page = await academy.get("/standings", params={"course": course["id"]})
    again = {"If-None-Match": page.headers["ETag"]}
    assert (await academy.get(page.request.url, headers=again)).status_code == 304
    await present(academy, first, **{theirs[0]["id"]: 11})
    assert (await academy.get(page.request.url, headers=again)).status_code == 200


SESSIONS = st.lists(
    st.tuples(st.integers(1, 180), st.none() | st.integers(0, 180), st.booleans()),
    min_size=1,
    max_size=6,
)
"""Of each: planned minutes; attended, if it is known; whether it is to come."""


def reckoned(sessions):
    """By hand, where 80 % are asked for: the standing and the result."""
    planned = sum(minutes for minutes, _, _ in sessions)
    past = [(p, min(p, a)) for p, a, to_come in sessions if a is not None and not to_come]
    attended, so_far = sum(a for _, a in past), sum(p for p, _ in past)
    most = Fraction(attended + planned - so_far, planned)
    wanted = Fraction(80, 100)
    if most < wanted:
        stands = "can_no_longer_pass"
    elif so_far and Fraction(attended, so_far) < wanted:
        stands = "at_risk"
    else:
        stands = "on_track"
    if so_far < planned:
        return stands, None
    passed = Fraction(attended, planned) >= wanted
    return stands, "completed" if passed else "no_show" if not attended else "failed"


@pytest.fixture(scope="module")
async def prepared(app):
    """A course of six sessions, and somebody in it."""
    async with World(app) as world:
        academy = await world.somebody("academy_admin")
        hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
        sessions = [day(n) for n in range(1, 6)] + [day(5, "13-16")]
        lan, nomination, planned = await learning(academy, world, hanoi, *sessions)
        yield world, lan, nomination, planned


_SET = text("""
  update course_sessions s set planned_minutes = g.planned,
    state = case when g.nth > :count then 'cancelled' else s.state end,
    cancelled_because = case when g.nth > :count then 'x' end,
    starts_at = case when g.ahead then s.starts_at + interval '1 year' else s.starts_at end,
    ends_at = case when g.ahead then s.ends_at + interval '1 year' else s.ends_at end
  from unnest(cast(:ids as uuid[]), cast(:planned as integer[]), cast(:ahead as boolean[]))
    with ordinality as g (id, planned, ahead, nth)
  where s.id = g.id
""")
_STANDS = text("select standing, result from standings where id = :id")
_SAY = text("""
  insert into attendance_entries (organization_id, course_id, session_id, nomination_id, learner_id,
    aspect, minutes, source)
  select s.organization_id, s.course_id, s.id, :nomination, :learner, 'in_person', :minutes, 'sheet'
  from course_sessions s where s.id = :id
""")


@settings(max_examples=40, deadline=None)
@given(SESSIONS)
async def test_the_database_reckons_as_one_would_by_hand(prepared, sessions):
    world, lan, nomination, planned = prepared
    every = [*sessions, *[(1, None, False)] * (len(planned) - len(sessions))]
    changed = {
        "count": len(sessions),
        "ids": [UUID(each["id"]) for each in planned],
        "planned": [each[0] for each in every],
        "ahead": [each[2] for each in every],
    }
    async with world.session() as session, session.begin_nested() as taken_back:
        await session.execute(_SET, changed)
        for row, (_, attended, to_come) in zip(planned, sessions, strict=False):
            if attended is not None and not to_come:
                who = {"nomination": UUID(nomination), "learner": UUID(lan["id"])}
                said = {"id": UUID(row["id"]), "minutes": attended}
                await session.execute(_SAY, who | said)
        found = (await session.execute(_STANDS, {"id": UUID(nomination)})).one()
        await taken_back.rollback()
    assert tuple(found) == reckoned(sessions)
