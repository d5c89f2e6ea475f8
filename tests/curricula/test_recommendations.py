"""What somebody should be taught next, and why."""

from typing import Any
from uuid import uuid4

import pytest

from tests.competencies.people import Catalogue
from tests.competencies.steps import made
from tests.curricula.people import train
from tests.curricula.steps import curriculum, extend, in_force, publish, published_module
from tests.world import Somebody, World, add_learner, problem


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    return await Catalogue.of(academy, Protocol="best", Consular="best", Law="best")


@pytest.fixture
def title() -> str:
    return f"Chuyên viên {uuid4().hex}"


def leading(catalogue: Catalogue, **levels: int) -> dict[str, Any]:
    stated = [catalogue.named(name) | {"level": level} for name, level in levels.items()]
    return {"competencies": stated}


async def recommended(client: Somebody, learner: str, **query: str) -> dict[str, Any]:
    return made(await client.get(f"/learners/{learner}/recommendations", params=query), 200)


def ids(items: list[dict[str, Any]], name: str = "module_id") -> list[str]:
    return [each[name] for each in items]


async def test_modules_are_ranked_by_what_they_close_in_an_hour(
    catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    position = await catalogue.position(title, Protocol=4)
    await catalogue.require(position["id"], "Consular", 3, weight=3)
    officer = (await add_learner(hanoi, position_title=title))["id"]
    await catalogue.record(hanoi, officer, "Protocol", 2)
    weighty = await published_module(academy, **leading(catalogue, Consular=3))
    light = await published_module(academy, **leading(catalogue, Protocol=5))
    short = {"theory_hours": 1, "practice_hours": 0}
    quick = await published_module(academy, **leading(catalogue, Protocol=3), **short)
    await published_module(academy, **leading(catalogue, Protocol=2))
    await published_module(academy, **leading(catalogue, Law=5))
    found = await recommended(hanoi, officer)
    assert (found["gaps"], found["job_position"]["held"]) == (2, True)
    assert ids(found["modules"]) == [each["module_id"] for each in (quick, weighty, light)]
    assert [each["score"] for each in found["modules"]] == [1, 0.9, 0.2]
    assert [each["reason_vi"] for each in found["modules"]] == [
        "Đưa “Lễ tân” từ bậc 2 lên bậc 3 (yêu cầu bậc 4); trong 1 giờ; đủ điều kiện học ngay.",
        (
            "Đưa “Lễ tân”, nay chưa có minh chứng, lên bậc 3 (yêu cầu bậc 3); trong 10 giờ;"
            " đủ điều kiện học ngay."
        ),
        "Đưa “Lễ tân” từ bậc 2 lên bậc 4 (yêu cầu bậc 4); trong 10 giờ; đủ điều kiện học ngay.",
    ]
    assert found["modules"][0]["reason_en"] == (
        "Takes “Protocol” from level 2 to 3 (required: 4); in 1 h; nothing has to come before."
    )


async def test_what_is_attained_is_recommended_no_more_and_any_position_may_be_asked_for(
    catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    await catalogue.position(title, Protocol=3)
    consul = await catalogue.position(Consular=2)
    officer = (await add_learner(hanoi, position_title=title))["id"]
    protocol = await published_module(academy, **leading(catalogue, Protocol=4))
    consular = await published_module(academy, **leading(catalogue, Consular=2))
    assert ids((await recommended(hanoi, officer))["modules"]) == [protocol["module_id"]]
    as_consul = await recommended(hanoi, officer, position=consul["id"])
    assert as_consul["job_position"]["held"] is False
    assert ids(as_consul["modules"]) == [consular["module_id"]]
    await catalogue.record(hanoi, officer, "Protocol", 3)
    done = await recommended(hanoi, officer)
    assert (done["gaps"], done["modules"], done["curricula"]) == (0, [], [])


async def test_who_holds_no_position_is_recommended_nothing(hanoi: Somebody, hue: Somebody):
    officer = (await add_learner(hanoi, position_title=uuid4().hex))["id"]
    found = await recommended(hanoi, officer)
    assert (found["job_position"], found["gaps"], found["modules"]) == (None, 0, [])
    path = f"/learners/{officer}/recommendations"
    assert problem(await hue.get(path)) == (404, "not-found")
    unknown = await hanoi.get(path, params={"position": str(uuid4())})
    assert problem(unknown) == (404, "not-found")


async def test_what_comes_before_is_completed_or_attained_first(
    world: World, catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    await catalogue.position(title, Protocol=3)
    basics = await published_module(
        academy, title_vi="Nhập môn", title_en="Basics", **leading(catalogue, Law=2)
    )
    first = {"prerequisites": [basics["module_id"]]}
    advanced = await published_module(academy, **leading(catalogue, Protocol=3), **first)
    long = {"theory_hours": 90}
    slow = await published_module(academy, **leading(catalogue, Protocol=3), **long)
    trained, attained, neither = [
        (await add_learner(hanoi, position_title=title))["id"] for _ in range(3)
    ]
    run = await in_force(academy, world, basics)
    await train(hanoi, trained, curriculum_id=run["id"])
    await catalogue.record(hanoi, attained, "Law", 2)
    best, other = advanced["module_id"], slow["module_id"]
    for ready in (trained, attained):
        assert ids((await recommended(hanoi, ready))["modules"]) == [best, other]
    found = (await recommended(hanoi, neither))["modules"]
    assert [(each["module_id"], each["ready"]) for each in found] == [(other, True), (best, False)]
    assert ids(found[1]["missing"]) == [basics["module_id"]]
    assert found[1]["reason_en"].endswith("in 10 h; to be taken before: “Basics”.")


async def test_curricula_whose_target_group_they_are_of_come_first(
    world: World, catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    await catalogue.position(title, Protocol=3, Consular=3)
    officer = (await add_learner(hanoi, position_title=title, fields=["consular"]))["id"]
    both = await published_module(academy, **leading(catalogue, Protocol=3, Consular=3))
    one = await published_module(academy, **leading(catalogue, Consular=3), theory_hours=14)
    made_of = {}
    for name, module, rule in (
        ("for others", both, {"fields": ["overseas_vietnamese"], "min_years_in_service": 2}),
        ("for them", one, {"fields": ["consular"]}),
    ):
        began = await curriculum(academy, module, target_group=rule)
        await publish(world, began["open_version_id"])
        made_of[name] = began["id"]
    found = (await recommended(hanoi, officer))["curricula"]
    assert ids(found, "curriculum_id") == [made_of["for them"], made_of["for others"]]
    assert [each["in_target_group"] for each in found] == [True, False]
    assert [each["score"] for each in found] == [0.15, 0.6]
    assert found[1]["reason_vi"].endswith(
        "chưa thuộc đối tượng, vì chương trình cần người: có từ 2 năm công tác trở lên;"
        " làm công tác người Việt Nam ở nước ngoài."
    )
    await train(hanoi, officer, curriculum_id=made_of["for them"])
    later = (await recommended(hanoi, officer))["curricula"]
    assert ids(later, "curriculum_id") == [made_of["for others"]]


async def test_an_extension_is_for_its_own_people_and_a_new_year_takes_the_place_of_the_former(
    world: World,
    catalogue: Catalogue,
    academy: Somebody,
    hanoi: Somebody,
    hue: Somebody,
    title: str,
):
    await catalogue.position(title, Protocol=3, Consular=3)
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    common = await published_module(academy, **leading(catalogue, Protocol=3))
    code = f"C-{uuid4().hex[:8]}"
    former = await in_force(academy, world, common, code=code, year=2026)
    newer = await in_force(academy, world, common, code=code, year=2027, **bounds)
    own = await published_module(hanoi, **leading(catalogue, Consular=3))
    extension = made(await extend(hanoi, newer["id"], own))
    await publish(world, extension["open_version_id"])
    ours = (await add_learner(hanoi, position_title=title))["id"]
    theirs = (await add_learner(hue, position_title=title))["id"]
    alone = ids((await recommended(hanoi, ours))["modules"])
    assert set(alone) == {common["module_id"], own["module_id"]}
    assert ids((await recommended(hue, theirs))["modules"]) == [common["module_id"]]
    found = (await recommended(hanoi, ours))["curricula"]
    assert set(ids(found, "curriculum_id")) == {extension["id"], newer["id"]}
    whole = next(each for each in found if each["curriculum_id"] == extension["id"])
    assert (whole["hours"], len(whole["closes"])) == (20, 2)
    elsewhere = (await recommended(hue, theirs))["curricula"]
    assert ids(elsewhere, "curriculum_id") == [newer["id"]]
    assert former["id"] not in ids(found, "curriculum_id")


async def test_a_learner_reads_what_is_recommended_to_them(
    world: World, catalogue: Catalogue, academy: Somebody, hanoi: Somebody, title: str
):
    await catalogue.position(title, Protocol=3)
    officer = (await add_learner(hanoi, position_title=title))["id"]
    module = await published_module(academy, **leading(catalogue, Protocol=3))
    themselves = await world.somebody("learner", hanoi.organization, officer)
    assert ids((await recommended(themselves, officer))["modules"]) == [module["module_id"]]
