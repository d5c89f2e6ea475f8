"""The demonstration: real organisations, five thousand officers, an account for each role."""

from collections import Counter
from hashlib import sha256
from typing import get_args

import pytest
from sqlalchemy import text

from app.core import examples
from app.core.database.scopes import Reach, system
from app.demo import loading
from app.demo.accounts import ACCOUNTS, CLIENT
from app.oauth import issuing
from app.rooms.vocabulary import Expertise, InstructorKind
from tests.conftest import SECRET
from tests.demo.conftest import demonstration
from tests.world import World, everything, problem

LAST_DAY_OF_63 = "2025-06-30"

_PEOPLE = text("""
  select o.code || ' ' || (to_jsonb(l) - '{id,created_at,updated_at,organization_id,unit_id}'
    ::text[])::text || coalesce(u.code, '')
  from learners l join organizations o on o.id = l.organization_id
  left join units u on u.id = l.unit_id order by o.code, l.external_id
""")
_HISTORY = text("""
  select o.code || ' ' || p.external_id || ' ' || p.held::text || ' ' || p.position_title
  from positions_held p join organizations o on o.id = p.organization_id
  order by o.code, p.external_id, p.held
""")


@pytest.fixture
async def people(demo):
    """By their address."""
    async with World(demo) as world:

        async def somebody(email):
            state = demo.state
            issued = await issuing.user_token(state.settings, state.database, state.keyring, email)
            return await world.holding(issued["access_token"])

        yield somebody


@pytest.fixture
async def admin(people):
    return await people("admin@academy.example")


async def _digest(app):
    digest = sha256()
    async with app.state.database.session(system(Reach.EVERYTHING, "test")) as session:
        for rows in (_PEOPLE, _HISTORY):
            for row in await session.scalars(rows):
                digest.update(row.encode())
    return digest.digest()


async def test_is_the_same_everywhere(demo, settings, urls):
    async with demonstration(settings, urls) as elsewhere:
        assert await _digest(elsewhere) == await _digest(demo)


async def test_five_thousand_officers_have_a_present_and_a_past(admin):
    now = await everything(admin, "/learners", fields="id,status,position_since", limit=200)
    assert len(now) == loading.OFFICERS
    then = await everything(admin, "/learners", as_of=LAST_DAY_OF_63, fields="id", limit=200)
    assert 0.8 * len(now) < len(then) < len(now), "recruited since, or not yet gone"
    left = [row for row in now if row["status"] == "left"]
    assert left
    today = await everything(admin, "/learners", as_of="2026-07-01", fields="id", limit=200)
    assert len(today) == len(now) - len(left)


async def test_63_provinces_became_34_and_each_had_its_people(admin):
    provinces = {
        day: await everything(admin, "/organizations", kind="province", as_of=day, limit=200)
        for day in (LAST_DAY_OF_63, "2025-07-01")
    }
    assert {day: len(there) for day, there in provinces.items()} == {
        LAST_DAY_OF_63: 63,
        "2025-07-01": 34,
    }
    for day, there in provinces.items():
        rows = await everything(admin, "/learners", as_of=day, fields="organization_id", limit=200)
        assert {row["organization_id"] for row in rows} >= {province["id"] for province in there}


async def test_a_merged_province_reads_what_its_predecessors_were(people, admin):
    (danang,) = await everything(admin, "/organizations", code="VN-48")
    before = await everything(admin, "/organizations", as_of=LAST_DAY_OF_63, limit=200)
    former = [row for row in before if row["successor_ids"] == [danang["id"]]]
    assert {row["short_name_vi"] for row in former} == {"Đà Nẵng", "Quảng Nam"}
    for row in former:
        roster = await everything(
            admin, "/learners", as_of=LAST_DAY_OF_63, organization=row["id"], limit=200
        )
        assert roster
        positions = await everything(admin, f"/learners/{roster[0]['id']}/positions")
        assert row["id"] in {position["organization_id"] for position in positions}


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.email)
async def test_every_account_sees_what_its_role_shows(people, account):
    client = await people(account.email)
    assert len(await everything(client, "/organizations", kind="province", limit=200)) == 34
    learners = await client.get("/learners", params={"limit": 200})
    if account.role == "instructor":
        assert problem(learners) == (403, "forbidden")
        return
    assert learners.status_code == 200
    if account.role == "learner":
        (own,) = learners.json()["items"]
        assert own["status"] == "active"
    elif account.role == "coordinator":
        assert len({row["organization_id"] for row in learners.json()["items"]}) == 1


async def test_the_client_gets_a_token_with_its_secret(demo):
    async with World(demo) as world:
        issued = await world.anonymous.post(
            "http://test/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT, loading.client_secret(SECRET)),
        )
        assert issued.status_code == 200
        client = await world.holding(issued.json()["access_token"])
        assert (await client.get("/learners")).json()["items"]


async def test_files_of_hanoi_went_in_are_held_and_wait_to_be_looked_at(people):
    coordinator = await people("coordinator@hanoi.example")
    syncs = await everything(coordinator, "/roster-syncs", sort="created_at")
    assert [sync["state"] for sync in syncs] == ["applied", "held", "planned", "planned"]
    held = syncs[1]
    assert held["held_for"] == ["too_many_missing"]
    counts = held["counts"]
    assert (counts["updated"], counts["created"], counts["rejected"]) == (3, 1, 1)
    assert (counts["undecided"], counts["missing"] > 10) == (1, True)
    wrong = await everything(coordinator, f"/roster-syncs/{held['id']}/errors")
    assert [(error["field"], error["value"]) for error in wrong] == [("birth_date", "31/02/1990")]
    (match,) = await everything(coordinator, "/roster-matches", undecided=True)
    assert match["on_our_roster"]


async def test_the_academy_has_rooms_and_a_pool_of_instructors(admin, people):
    halls = await everything(admin, "/rooms", capacity=100, equipment="interpretation_booths")
    assert [hall["code"] for hall in halls] == ["HT-A"]
    pool = await everything(admin, "/instructors")
    kinds = Counter(one["kind"] for one in pool)
    assert kinds.keys() == set(get_args(get_args(InstructorKind)[0]))
    assert kinds.total() == 40
    assert {field for one in pool for field in one["expertise"]} == set(get_args(Expertise))
    instructor = await people("instructor@academy.example")
    seen = await everything(instructor, "/instructors")  # who teaches beside them, too
    (own,) = [one for one in seen if one["user_id"] == str(examples.USER)]
    booked = await everything(instructor, "/instructor-bookings")
    assert {row["instructor_id"] for row in booked} == {own["id"]}
    tentative = await everything(admin, "/room-bookings", tentative=True)
    assert [len(booking["warnings"]) for booking in tentative] == [1]
