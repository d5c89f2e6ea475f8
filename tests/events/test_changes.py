"""The feed of changes: what is told, to whom, from where on."""

from uuid import UUID

import pytest

from app.core.pages import write_cursor
from app.events import queries
from tests.events.following import Follower, told
from tests.successions.steps import done
from tests.world import add_learner, problem, replace


@pytest.fixture
async def follower(hanoi):
    follower = Follower(hanoi)
    await follower.begin()
    return follower


async def test_a_new_learner_and_what_changes_of_them_is_told_with_their_key(hanoi, follower):
    learner = await add_learner(hanoi, external_id="CB-1")
    await replace(hanoi, f"/learners/{learner['id']}", position_title="Trưởng phòng")
    changes = await follower.catch_up()
    place = str(hanoi.organization)
    assert told(changes) == [
        ("learner.created", place, {"key": "CB-1"}),
        ("learner.changed", place, {"key": "CB-1"}),
    ]
    assert {change["subject_id"] for change in changes} == {learner["id"]}
    assert await follower.catch_up() == []


async def test_a_replacement_that_changes_nothing_is_no_news(hanoi, follower):
    learner = await add_learner(hanoi)
    await replace(hanoi, f"/learners/{learner['id']}")
    assert [change["type"] for change in await follower.catch_up()] == ["learner.created"]


async def test_a_key_that_changes_is_told_with_the_former_one(hanoi, follower):
    learner = await add_learner(hanoi, external_id="CB-1")
    await replace(hanoi, f"/learners/{learner['id']}", external_id="CB-2")
    assert (await follower.catch_up())[-1]["data"] == {"key": "CB-2", "former_key": "CB-1"}


async def test_who_moves_leaves_the_one_and_joins_the_other(academy, hanoi, hue, follower):
    overview, receiver = Follower(academy, types="learner.*"), Follower(hue)
    await overview.begin()
    await receiver.begin()
    learner = await add_learner(hanoi, external_id="CB-1")
    path, day = f"/learners/{learner['id']}/release", {"released_on": "2026-01-01"}
    first = (await hanoi.post(path, json=day)).json()
    await hanoi.post(f"/transfers/{first['id']}/cancel")
    code = (await hanoi.post(path, json=day)).json()["claim_code"]
    body = {"claim_code": code, "claimed_on": "2026-02-01", "external_id": "HUE-7"}
    claimed = await hue.post("/transfers/claim", json=body | {"position_title": "Chuyên viên"})
    assert claimed.status_code == 200, claimed.text
    key, places = {"key": "CB-1"}, (str(hanoi.organization), str(hue.organization))
    sent = [
        (f"learner.{verb}", places[0], key)
        for verb in ("created", "released", "release_cancelled", "released", "left")
    ]
    joined = ("learner.joined", places[1], {"key": "HUE-7", "former_key": "CB-1"})
    assert told(await follower.catch_up()) == sent
    assert told(await receiver.catch_up()) == [joined]
    of_theirs = [c for c in await overview.catch_up() if c["organization_id"] in places]
    assert told(of_theirs) == [*sent, joined]


async def test_a_succession_tells_of_everybody_who_moved_and_of_new_keys(academy, world, hanoi):
    former = await world.somebody("coordinator", await world.organization("former"))
    learners = [await add_learner(former, external_id=key) for key in ("A-1", "A-2")]
    await add_learner(hanoi, external_id="A-2")
    code = (await academy.get(f"/organizations/{former.organization}")).json()["code"]
    leaving, joining = Follower(former), Follower(hanoi, types="learner.joined")
    await leaving.begin()
    await joining.begin()
    await done(academy, former.organization, hanoi.organization)
    left = {change["subject_id"]: change for change in await leaving.catch_up()}
    assert sorted(told(list(left.values())), key=str) == [
        ("learner.left", str(former.organization), {"key": key}) for key in ("A-1", "A-2")
    ]
    joined = {change["subject_id"]: change["data"] for change in await joining.catch_up()}
    assert joined == {
        learners[0]["id"]: {"key": "A-1", "former_key": "A-1"},
        learners[1]["id"]: {"key": f"{code}/A-2", "former_key": "A-2"},
    }


async def test_a_succession_that_is_only_tried_tells_nothing(academy, world, hanoi):
    former = await world.somebody("coordinator", await world.organization("former"))
    await add_learner(former)
    follower = Follower(academy)
    await follower.begin()
    await done(academy, former.organization, hanoi.organization, dry_run=True)
    assert await follower.catch_up() == []


async def test_a_province_never_hears_of_another(hanoi, hue, follower):
    await add_learner(hue)
    mine = await add_learner(hanoi)
    assert [change["subject_id"] for change in await follower.catch_up()] == [mine["id"]]
    whole = Follower(hanoi, limit=1)
    await whole.catch_up()
    assert {change["organization_id"] for change in whole.seen.values()} == {
        str(hanoi.organization)
    }


async def test_a_cursor_of_another_organisation_shows_nothing_of_it(hanoi, hue):
    theirs = Follower(hue)
    await theirs.begin()
    await add_learner(hue)
    page = await Follower(hanoi).answer(since=theirs.cursor)
    assert page["items"] == []


async def test_only_the_types_that_are_asked_for_are_told(hanoi):
    narrow = Follower(hanoi, types="learner.changed,unit.*")
    await narrow.begin()
    learner = await add_learner(hanoi)
    await replace(hanoi, f"/learners/{learner['id']}", position_title="Trưởng phòng")
    body = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    await hanoi.post("/units", json=body)
    assert [c["type"] for c in await narrow.catch_up()] == ["learner.changed", "unit.created"]


@pytest.mark.parametrize("types", ["learner", "*", "learner.*,", "learner.(a|b)", "LEARNER.*", ""])
async def test_types_that_could_not_be_any_are_refused(hanoi, types):
    assert problem(await hanoi.get("/changes", params={"types": types})) == (422, "invalid-request")


async def test_an_answer_says_whether_there_is_more_and_where(hanoi, follower):
    for _ in range(3):
        await add_learner(hanoi)
    query = {"since": follower.cursor, "types": "learner.*", "limit": 2}
    first = await hanoi.get("/changes", params=query)
    assert first.json()["more"]
    link = first.headers["link"]
    assert link.endswith('>; rel="next"')
    assert "types=learner" in link
    rest = await hanoi.get(f"http://test{link[1:].partition('>')[0]}")
    assert len(rest.json()["items"]) == 1
    assert not rest.json()["more"]
    assert "link" not in rest.headers


async def test_who_has_the_answer_already_gets_it_no_more(hanoi):
    for _ in range(2):
        await add_learner(hanoi)
    first = await hanoi.get("/changes", params={"limit": 1})
    held = {"If-None-Match": first.headers["etag"]}
    again = await hanoi.get("/changes", params={"limit": 1}, headers=held)
    assert again.status_code == 304


NOBODYS = UUID(int=0)
BROKEN = [
    *("", "x", "NOW", "ư", "W10", "a" * 3000),
    write_cursor("000000000000", '"x",1,1'),
    write_cursor(queries._MARK, "[1,2]"),
    write_cursor(queries._MARK, f'["{NOBODYS}",-1,0]'),
    write_cursor(queries._MARK, f'["{NOBODYS}",{2**64},0]'),
]


@pytest.mark.parametrize("cursor", BROKEN)
async def test_a_broken_cursor_is_refused(hanoi, cursor):
    answer = await hanoi.get("/changes", params={"since": cursor})
    assert problem(answer) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 200), ("coordinator", 200), ("instructor", 403)],
)
async def test_who_may_read_rosters_may_follow_them(world, role, status):
    somebody = await world.somebody(role, await world.organization("hanoi"))
    assert (await somebody.get("/changes")).status_code == status


async def test_a_learner_may_not_follow(world, hanoi):
    record = await add_learner(hanoi)
    learner = await world.somebody("learner", hanoi.organization, record["id"])
    assert problem(await learner.get("/changes")) == (403, "forbidden")


async def test_a_program_follows_with_its_scope_alone(world):
    place = await world.organization("hanoi")
    assert (await (await world.program(place, "changes:read")).get("/changes")).status_code == 200
    other = await world.program(place, "learners:read")
    assert problem(await other.get("/changes")) == (403, "forbidden")
