"""Gaps: of somebody, of a unit and of an organisation; and who will soon have one."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from app.competencies import keeping
from app.core.database.serving import Urls
from app.core.schemas import today
from tests.competencies.people import Catalogue, gaps, officers, profile
from tests.competencies.steps import do, made, next_version, tree
from tests.world import Somebody, World, add_learner, everything, problem, replace


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    rules = {"Know": "best knowledge", "Do": "latest skill", "Behave": "best conduct"}
    return await Catalogue.of(academy, **rules)


def cells(found: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(cell[name] for name in names) for cell in found["cells"]]


async def test_a_gap_is_what_lacks_to_what_the_position_requires(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    position = await catalogue.position(title, Know=3, Do=4)
    await catalogue.require(position["id"], "Behave", 2, weight=3)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 5)
    await catalogue.record(hanoi, officer["id"], "Do", 1)
    shown = await profile(hanoi, officer["id"])
    assert shown["job_position"]["id"] == position["id"]
    assert shown["job_position"]["held"] is True
    named = ("name_en", "required_level", "desired_level", "weight", "attained_level", "gap")
    assert [tuple(each[name] for name in named) for each in shown["competencies"]] == [
        ("Do", 4, 5, 1, 1, 3),
        ("Behave", 2, 3, 3, None, 2),
        ("Know", 3, 4, 1, 5, 0),
    ]
    assert [(each["domain"], each["mean_gap"], each["unknown"]) for each in shown["domains"]] == [
        ("knowledge", 0, 0),
        ("skill", 3, 0),
        ("conduct", 2, 1),
    ]


async def test_somebody_may_be_compared_with_any_position(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, title: str
):
    """What would I need to be a consul?"""
    await catalogue.position(title, Know=1)
    consul = await catalogue.position(Know=5, Behave=4)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 3)
    shown = await profile(hanoi, officer["id"], job_position=consul["id"])
    assert shown["job_position"]["held"] is False
    assert {each["name_en"]: each["gap"] for each in shown["competencies"]} == {
        "Behave": 4,
        "Know": 2,
    }
    theirs = await catalogue.position(client=hue, Know=5)
    for position in (theirs["id"], str(uuid4())):
        path = f"/learners/{officer['id']}/competency-profile"
        assert problem(await hanoi.get(path, params={"job_position": position}))[0] == 404
        assert problem(await hanoi.get("/gaps", params={"job_position": position}))[0] == 404


async def test_gaps_of_an_organisation_add_up_whatever_they_are_counted_by(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    await catalogue.position(title, Know=3, Do=4, Behave=2)
    unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    unit_id = made(await hanoi.post("/units", json=unit))["id"]
    people = await officers(hanoi, 2, title, unit_id=unit_id) + await officers(hanoi, 1, title)
    await officers(hanoi, 1, "Không rõ")
    left = await add_learner(hanoi, position_title=title)
    assert (await replace(hanoi, f"/learners/{left['id']}", status="left")).status_code == 200
    for person, level in zip(people, (1, 3, 5), strict=True):
        await catalogue.record(hanoi, person["id"], "Know", level)
    found = await gaps(hanoi)
    assert (found["people"], found["people_without_position"]) == (4, 1)
    counted = ("people", "people_below", "met", "below", "desired", "unknown", "mean_gap")
    assert cells(found, "domain", *counted) == [
        ("knowledge", 3, 1, 2, 1, 1, 0, 0.67),
        ("skill", 3, 3, 0, 3, 0, 3, 4),
        ("conduct", 3, 3, 0, 3, 0, 3, 2),
    ]
    by_competency = await gaps(hanoi, by="competency")
    assert cells(by_competency, "domain", *counted) == cells(found, "domain", *counted)
    assert cells(by_competency, "name_en") == [("Know",), ("Do",), ("Behave",)]
    of_units = await gaps(hanoi, by="unit")
    assert cells(of_units, "unit_id", "domain", "people", "below") == [
        (unit_id, "knowledge", 2, 1),
        (unit_id, "skill", 2, 2),
        (unit_id, "conduct", 2, 2),
        (None, "knowledge", 1, 0),
        (None, "skill", 1, 1),
        (None, "conduct", 1, 1),
    ]
    of_unit = await gaps(hanoi, unit=unit_id)
    assert cells(of_unit, "domain", "people", "below") == [
        ("knowledge", 2, 1),
        ("skill", 2, 2),
        ("conduct", 2, 2),
    ]
    as_consuls = await gaps(hanoi, job_position=(await catalogue.position(Know=5))["id"])
    assert cells(as_consuls, "domain", "people", "met", "below") == [("knowledge", 4, 1, 3)]


async def test_who_has_nothing_that_counts_any_more_lacks_all_levels(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    """As who never had anything; whatever the gaps are counted by."""
    await catalogue.position(title, Know=3)
    officer = await add_learner(hanoi, position_title=title)
    mistaken = await catalogue.record(hanoi, officer["id"], "Know", 5)
    counted = ("met", "unknown", "mean_gap")
    for by in ("domain", "competency", "unit", "organization"):
        assert cells(await gaps(hanoi, by=by), *counted) == [(1, 0, 0)]
    made(await hanoi.post(f"/evidence/{mistaken['id']}/withdraw", json={}))
    assert (await profile(hanoi, officer["id"]))["domains"][0]["mean_gap"] == 3
    for by in ("domain", "competency", "unit", "organization"):
        assert cells(await gaps(hanoi, by=by), *counted) == [(0, 1, 3)]


async def test_a_coordinator_finds_who_lacks_what_and_sees_why(
    catalogue: Catalogue, hanoi: Somebody, title: str
):
    """From the figures of the organisation to one person's evidence."""
    await catalogue.position(title, Know=3, Behave=2)
    binh, hoa, lan = [
        await add_learner(hanoi, position_title=title, full_name=name)
        for name in ("Trần Văn Bình", "Lê Thị Hoà", "Phạm Thị Lan")
    ]
    for officer, level in ((binh, 3), (hoa, 2), (lan, 3)):
        await catalogue.record(hanoi, officer["id"], "Know", level)
    await catalogue.record(hanoi, lan["id"], "Behave", 2)
    mentored = {"type": "mentored_work"}
    await catalogue.record(hanoi, hoa["id"], "Know", 3, **mentored)
    (cell,) = [c for c in (await gaps(hanoi, by="competency"))["cells"] if c["name_en"] == "Know"]
    assert (cell["people"], cell["people_below"]) == (3, 1)
    of_cell = {"competency": cell["competency_identifier"]}
    (found,) = await everything(hanoi, "/learner-gaps", **of_cell)
    assert (found["full_name"], found["requirements"], found["below"]) == ("Lê Thị Hoà", 1, 1)
    shown = await profile(hanoi, found["id"])
    (gap,) = [c for c in shown["competencies"] if c["competency_id"] == cell["competency_id"]]
    assert (gap["required_level"], gap["attained_level"], gap["gap"]) == (3, 2, 1)
    path = f"/learners/{found['id']}/competencies/{gap['competency_id']}/explain"
    why = made(await hanoi.get(path), 200)
    assert [(each["level"], each["reason"]) for each in why["evidence"]] == [
        (2, "counts"),
        (3, "not_reviewed"),
    ]


async def lacking(client: AsyncClient, **query: Any) -> list[tuple[Any, ...]]:
    named = ("id", "requirements", "below", "unknown", "mean_gap")
    listed = await everything(client, "/learner-gaps", **query)
    return [tuple(each[name] for name in named) for each in listed]


async def test_who_lacks_most_is_listed_first_and_who_lacks_nothing_is_not(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, title: str
):
    await catalogue.position(title, Know=3, Do=4, Behave=2)
    unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    unit_id = made(await hanoi.post("/units", json=unit))["id"]
    here = {"unit_id": unit_id, "full_name": "An"}
    a, b, c = [each["id"] for each in await officers(hanoi, 3, title, **here)]
    left = await add_learner(hanoi, position_title=title)
    assert (await replace(hanoi, f"/learners/{left['id']}", status="left")).status_code == 200
    (unknown,) = [each["id"] for each in await officers(hanoi, 1, "Không rõ")]
    for person, name, level in (
        *((a, "Know", 3), (a, "Do", 4), (a, "Behave", 5)),
        *((b, "Know", 5), (b, "Do", 2)),
        (c, "Know", 1),
    ):
        await catalogue.record(hanoi, person, name, level)
    assert await lacking(hanoi) == [(c, 3, 3, 2, 2.67), (b, 3, 2, 1, 1.33)]
    assert await lacking(hanoi, limit=1) == await lacking(hanoi), "page by page"
    assert [each[0] for each in await lacking(hanoi, sort="mean_gap", limit=1)] == [b, c]
    assert await lacking(hanoi, domain="skill") == [(c, 1, 1, 1, 4), (b, 1, 1, 0, 2)]
    only = {"competency": catalogue.items["Know"]["identifier"]}
    assert await lacking(hanoi, **only) == [(c, 1, 1, 0, 2)]
    assert len(await lacking(hanoi, unit=unit_id)) == 2
    for nobody in (
        *({"unit": str(uuid4())}, {"organization": str(hue.organization)}),
        *({"job_position": str(uuid4())}, {"competency": str(uuid4())}),
    ):
        assert await lacking(hanoi, **nobody) == []
    consul = (await catalogue.position(Know=5))["id"]
    as_consuls = await everything(hanoi, "/learner-gaps", job_position=consul, sort="-mean_gap")
    assert [(each["id"], each["mean_gap"]) for each in as_consuls] == [
        *((unknown, 5), (c, 4), (a, 2)),
    ]
    assert {each["job_position_id"] for each in as_consuls} == {consul}
    assert await lacking(hue) == []


async def test_a_learner_reads_what_they_lack_themselves_and_no_figures(
    world: World, catalogue: Catalogue, hanoi: Somebody, title: str
):
    await catalogue.position(title, Know=3)
    themselves, _ = [each["id"] for each in await officers(hanoi, 2, title)]
    learner = await world.somebody("learner", hanoi.organization, UUID(themselves))
    assert [each[0] for each in await lacking(learner)] == [themselves]
    assert problem(await learner.get("/gaps")) == (403, "forbidden")


async def test_the_list_of_who_lacks_something_is_read_anew_when_somebody_lacks_less(
    world: World, catalogue: Catalogue, hanoi: Somebody, title: str
):
    await catalogue.position(title, Know=3, Do=4)
    (officer,) = await officers(hanoi, 1, title)
    held = {"If-None-Match": (await hanoi.get("/learner-gaps")).headers["ETag"]}
    assert (await hanoi.get("/learner-gaps", headers=held)).status_code == 304
    await catalogue.record(hanoi, officer["id"], "Know", 2)
    assert (await hanoi.get("/learner-gaps", headers=held)).json()["items"][0]["mean_gap"] == 2.5
    await world.app.state.read_log.write()
    reads = await everything(hanoi, "/personal-data-reads", learner=officer["id"])
    assert "list_learner_gaps" in {each["operation"] for each in reads}


async def test_what_is_a_competency_no_more_is_judged_as_it_was(
    catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    """As what a new version lacks: nobody rewrites what positions require."""
    await catalogue.position(title, Know=3)
    officer = await add_learner(hanoi, position_title=title)
    await catalogue.record(hanoi, officer["id"], "Know", 4)
    before = await gaps(hanoi)
    later = (await next_version(academy, catalogue.framework_id))["id"]
    items = {each["name_en"]: each for each in (await tree(academy, later))["competencies"]}
    area = {"kind": "area", "name_vi": "Kiến thức", "name_en": "Know"}
    path, anyhow = f"/competencies/{items['Know']['id']}", {"If-Match": "*"}
    made(await academy.put(path, json=area, headers=anyhow), 200)
    await do(academy, later, "publish")
    assert await gaps(hanoi) == before
    assert (await catalogue.explained(hanoi, officer["id"], "Know"))["level"] == 4


async def test_a_coordinator_sees_gaps_of_the_own_people_only(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, academy: Somebody, title: str
):
    await catalogue.position(title, Know=3)
    (ours,) = await officers(hanoi, 1, title)
    await officers(hue, 2, title)
    assert cells(await gaps(hanoi, by="organization"), "organization_id", "people") == [
        (str(hanoi.organization), 1)
    ]
    for query in ({"organization": str(hue.organization)}, {"unit": str(uuid4())}):
        nobody = await gaps(hanoi, **query)
        assert (nobody["people"], nobody["cells"]) == (0, [])
    assert problem(await hue.get(f"/learners/{ours['id']}/competency-profile"))[0] == 404
    item = catalogue.items["Know"]["id"]
    path = f"/learners/{ours['id']}/competencies/{item}/explain"
    assert problem(await hue.get(path))[0] == 404
    whole = await gaps(academy, by="organization")
    counted = dict(cells(whole, "organization_id", "people"))
    assert (counted[str(hanoi.organization)], counted[str(hue.organization)]) == (1, 2)


async def test_who_will_soon_lose_a_level_is_told_in_time(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody
):
    officer = await add_learner(hanoi)
    first = {"achieved_on": "2024-01-01"}
    day = today()
    soon = await catalogue.record(
        hanoi, officer["id"], "Know", 4, **first, valid_until=str(day + timedelta(60))
    )
    await catalogue.record(
        hanoi, officer["id"], "Know", 2, **first, valid_until=str(day + timedelta(10))
    )
    await catalogue.record(hanoi, officer["id"], "Do", 3, **first)
    listed = await everything(hanoi, "/expiring-evidence")
    assert [(each["id"], each["learner_id"], each["level"]) for each in listed] == [
        (soon["id"], officer["id"], 4)
    ], "what does not count expires without any loss"
    assert await everything(hanoi, "/expiring-evidence", within=59) == []
    assert len(await everything(hanoi, "/expiring-evidence", within=60)) == 1
    assert len(await everything(hanoi, "/expiring-evidence", learner=officer["id"])) == 1
    assert await everything(hanoi, "/expiring-evidence", learner=str(uuid4())) == []
    assert await everything(hue, "/expiring-evidence") == []
    left = await replace(hanoi, f"/learners/{officer['id']}", status="left")
    assert left.status_code == 200
    assert await everything(hanoi, "/expiring-evidence") == []


async def test_who_may_only_read_figures_is_told_of_nobody(
    world: World, catalogue: Catalogue, hanoi: Somebody
):
    officer = await add_learner(hanoi)
    soon = {"valid_until": str(today() + timedelta(30))}
    await catalogue.record(hanoi, officer["id"], "Know", 4, **soon)
    program = await world.program(hanoi.organization, "gaps:read")
    made(await program.get("/gaps"), 200)
    assert problem(await program.get("/expiring-evidence")) == (403, "forbidden")


async def test_what_is_known_of_who_will_lose_a_level_is_read_anew_when_they_change(
    catalogue: Catalogue, hanoi: Somebody
):
    officer = await add_learner(hanoi, full_name="Trần Văn Bình")
    lasting = {"achieved_on": "2024-01-01", "valid_until": str(today() + timedelta(30))}
    await catalogue.record(hanoi, officer["id"], "Know", 4, **lasting)
    first = await hanoi.get("/expiring-evidence")
    held = {"If-None-Match": first.headers["ETag"]}
    assert (await hanoi.get("/expiring-evidence", headers=held)).status_code == 304
    renamed = await replace(hanoi, f"/learners/{officer['id']}", full_name="Trần Thị Bình")
    assert renamed.status_code == 200
    again = made(await hanoi.get("/expiring-evidence", headers=held), 200)
    assert [each["full_name"] for each in again["items"]] == ["Trần Thị Bình"]


async def test_what_is_kept_of_attainments_is_renewed(
    urls: Urls, world: World, catalogue: Catalogue, hanoi: Somebody
):
    """So that who reads need not reckon it each time."""
    officer = (await add_learner(hanoi))["id"]
    expired = {"achieved_on": "2020-01-01", "valid_until": str(today())}
    await catalogue.record(hanoi, officer, "Know", 2, achieved_on="2019-01-01")
    await catalogue.record(hanoi, officer, "Know", 4, **expired)
    owner = await asyncpg.connect(urls.owner)
    kept = "select level, rule, changes_on from attainments where learner_id = $1"
    for spoilt in ("changes_on = date '2020-01-01'", "rule = 'latest'"):
        query = f"update attainments set level = 4, {spoilt} where learner_id = $1"
        await owner.execute(query, UUID(officer))
        await keeping.renew(world.database)
        assert tuple(await owner.fetchrow(kept, UUID(officer))) == (2, "best", None)
    await owner.close()
