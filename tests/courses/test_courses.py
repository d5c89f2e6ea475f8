"""Courses: planned from a curriculum, opened when they are ready, and fixed from then on."""

import asyncio
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.courses.steps import (
    COURSE,
    add_course,
    change,
    course,
    curriculum,
    instructor_of,
    opened,
    plan,
    planned,
    quotas,
    step,
)
from tests.curricula import steps
from tests.rooms.steps import add_instructor, add_room, at, made
from tests.world import everything, problem

ORDER = ("open", "close", "start", "complete")


@pytest.fixture
async def version(academy, world):
    """Of a curriculum in force."""
    return await curriculum(academy, world)


async def rules(client, of):
    found = made(await client.get(f"/courses/{of['id']}/findings"), 200)
    return [finding["rule"] for finding in found["findings"]]


async def test_a_course_is_told_as_it_was_planned(academy, world):
    rule = {"attendance_share": 75, "modalities": ["online"], "participation": "active"}
    version = await curriculum(academy, world)
    said = {"senior": True, "max_places": 0, "nominations_until": "2027-02-12", "release_days": 5}
    began = await add_course(academy, version, completion_rule=rule, **said)
    assert began["completion_rule"] == rule
    assert (began["state"], began["opened_at"], began["max_places"]) == ("planned", None, 0)
    assert (await academy.get(f"/courses/{began['id']}")).json() == began
    assert began in await everything(academy, "/courses", year=2027, senior="true")


async def test_every_mandatory_module_is_taught_and_of_the_others_those_chosen(academy, world):
    version = await curriculum(academy, world, elective=True)
    mandatory, elective = (each["module_id"] for each in version["modules"])
    began = await add_course(academy, version)
    assert [(m["module_id"], m["mandatory"]) for m in began["modules"]] == [(mandatory, True)]
    changed = made(await change(academy, began, modules=[{"module_id": elective}]), 200)
    assert [m["module_id"] for m in changed["modules"]] == [mandatory, elective]
    assert changed["version"] > began["version"]


async def test_a_module_of_another_curriculum_is_not_taught(academy, world):
    version, other = await curriculum(academy, world), await curriculum(academy, world)
    foreign = [{"module_id": other["modules"][0]["module_id"]}]
    body = COURSE | {"code": "K", "curriculum_version_id": version["id"], "modules": foreign}
    refused = await academy.post("/courses", json=body)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["pointer"] == "/modules/0/module_id"


async def test_only_what_is_published_is_run(academy, world):
    module = await steps.published_module(academy)
    draft = (await steps.curriculum(academy, module))["open_version_id"]
    for id in (draft, str(uuid4())):
        body = COURSE | {"code": "K", "curriculum_version_id": id}
        refused = await academy.post("/courses", json=body)
        assert problem(refused) == (422, "course-curriculum-not-in-force")


async def test_an_extension_is_taught_beside_the_curriculum_that_it_extends(academy, hanoi, world):
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    common = await steps.in_force(academy, world, await steps.published_module(academy), **bounds)
    local = await steps.published_module(hanoi)
    extension = made(await steps.extend(hanoi, common["id"], local))
    await steps.publish(world, extension["open_version_id"])
    version = {"id": common["in_force_version_id"]}
    added = extension["open_version_id"]
    began = await add_course(academy, version, extension_version_id=added)
    assert began["modules"][1]["module_id"] == local["module_id"]
    other = await curriculum(academy, world)
    for curriculum_id, extension_id in ((other["id"], added), (added, None)):
        body = COURSE | {"code": "K", "curriculum_version_id": curriculum_id}
        refused = await academy.post("/courses", json=body | {"extension_version_id": extension_id})
        assert refused.status_code == 422
        assert problem(refused)[1] in (
            "course-extension-of-another",
            "course-curriculum-not-in-force",
        )


async def test_what_cannot_be_is_refused_all_at_once(academy, world):
    body = COURSE | {"code": "ô", "curriculum_version_id": "x", "min_places": -1, "year": 1}
    refused = await academy.post("/courses", json=body)
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert pointers == {"/code", "/curriculum_version_id", "/min_places", "/year"}
    version = await curriculum(academy, world)
    for wrong in (
        {"ends_on": "2027-02-28"},
        {"min_places": 5, "max_places": 4},
        {"nominations_until": "2027-03-02"},
    ):
        body = COURSE | {"code": "K", "curriculum_version_id": version["id"]} | wrong
        assert problem(await academy.post("/courses", json=body)) == (422, "invalid-request")


async def test_a_code_names_one_course_of_an_organisation(academy, hanoi, world):
    version = await curriculum(academy, world)
    began = await add_course(academy, version)
    body = COURSE | {"code": began["code"], "curriculum_version_id": version["id"]}
    assert problem(await academy.post("/courses", json=body)) == (409, "course-code-taken")
    await add_course(hanoi, version, code=began["code"])


async def test_a_course_opens_when_nothing_stands_against_it(academy, world):
    began = await course(academy, world)
    assert await rules(academy, began) == ["course_without_sessions"]
    refused = await step(academy, began, "open")
    assert problem(refused) == (409, "course-not-ready")
    assert [found["rule"] for found in refused.json()["findings"]] == ["course_without_sessions"]
    await planned(academy, began)
    assert await rules(academy, began) == []
    now = made(await step(academy, began, "open"), 200)
    assert (now["state"], now["opened_at"] is not None) == ("open", True)


async def test_others_see_a_course_when_it_is_opened_and_instructors_when_they_teach(
    academy, hanoi, world
):
    began = await course(academy, world)
    instructor = await add_instructor(academy)
    await planned(academy, began, instructors=[{"instructor_id": instructor["id"]}])
    teacher = await instructor_of(world, academy, instructor)
    stranger = await instructor_of(world, academy, await add_instructor(academy))
    path = f"/courses/{began['id']}"
    assert (await teacher.get(path)).status_code == 200
    assert (await hanoi.get(path)).status_code == 404
    made(await step(academy, began, "open"), 200)
    assert (await hanoi.get(path)).status_code == 200
    assert (await stranger.get(path)).status_code == 404
    assert (await teacher.get("/courses")).json()["items"][0]["id"] == began["id"]
    assert (await stranger.get("/courses")).json()["items"] == []
    for somebody in (hanoi, teacher):  # who see it, and do not host it
        assert problem(await step(somebody, began, "close"))[0] in (403, 404)


async def test_what_who_comes_relies_on_is_fixed_at_the_opening(academy, world):
    version = await curriculum(academy, world, elective=True)
    began = await add_course(academy, version)
    await planned(academy, began)
    made(await step(academy, began, "open"), 200)
    easier = {"attendance_share": 1, "modalities": ["online"], "participation": None}
    more = [{"module_id": each["module_id"]} for each in version["modules"]]
    for wrong in ({"completion_rule": easier}, {"modules": more}):
        refused = await change(academy, began, **wrong)
        assert problem(refused) == (409, "course-fixed-at-opening")
    assert (await change(academy, began, title_vi="Khóa 1", max_places=30)).status_code == 200


async def test_a_course_goes_through_its_states_in_order_and_then_stays(academy, world):
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-06"}
    began = await course(academy, world, **days)
    hold = [await planned(academy, began, **at(h, "2026-03-02")) for h in ("08-10", "13-15")]
    for verb in ("open", "close", "start"):
        made(await step(academy, began, verb), 200)
    assert await rules(academy, began) == ["session_not_held"] * 2
    assert problem(await step(academy, began, "complete")) == (409, "course-not-ready")
    made(await step(academy, hold[0], "hold"), 200)
    made(await step(academy, hold[1], "cancel", reason="Bão"), 200)
    made(await step(academy, began, "complete"), 200)
    assert problem(await change(academy, began, title_vi="?")) == (409, "course-ended")
    assert problem(await step(academy, began, "cancel", reason="?")) == (
        409,
        "course-state-out-of-order",
    )
    refused = await plan(academy, began, **at("08-10", "2026-03-03"))
    assert problem(refused) == (409, "course-ended")
    assert problem(await quotas(academy, began)) == (409, "course-ended")


async def test_a_course_does_not_start_before_its_first_day(academy, world):
    began = await opened(academy, world)
    made(await step(academy, began, "close"), 200)
    refused = await step(academy, began, "start")
    assert problem(refused) == (409, "course-not-ready")
    assert [found["rule"] for found in refused.json()["findings"]] == ["course_not_begun"]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(verbs=st.lists(st.sampled_from((*ORDER, "cancel")), min_size=1, max_size=6))
async def test_states_follow_each_other_whatever_is_asked_in_whatever_order(
    academy, version, verbs
):
    began = await add_course(academy, version, starts_on="2026-03-02", ends_on="2026-03-06")
    held = await planned(academy, began, **at("08-10", "2026-03-02"))
    made(await step(academy, held, "hold"), 200)
    names = ["planned", "open", "closed", "running", "completed"]
    state = "planned"
    for verb in verbs:
        body = {"reason": "?"} if verb == "cancel" else {}
        answer = await step(academy, began, verb, **body)
        over = state in ("completed", "cancelled")
        if not over and (verb == "cancel" or names.index(state) == ORDER.index(verb)):
            state = "cancelled" if verb == "cancel" else names[names.index(state) + 1]
            assert made(answer, 200)["state"] == state
        else:
            assert problem(answer) == (409, "course-state-out-of-order")


async def test_cancelling_a_course_frees_what_its_sessions_hold(academy, world):
    room, instructor = await add_room(academy), await add_instructor(academy)
    began = await course(academy, world)
    place = {
        "rooms": [{"room_id": room["id"]}],
        "instructors": [{"instructor_id": instructor["id"]}],
    }
    held = await planned(academy, began, **place)
    made(await step(academy, began, "cancel", reason="Không đủ học viên"), 200)
    session = made(await academy.get(f"/course-sessions/{held['id']}"), 200)
    assert (session["state"], session["cancelled_because"]) == ("cancelled", "Không đủ học viên")
    assert await everything(academy, "/room-bookings", room=room["id"]) == []
    assert await everything(academy, "/instructor-bookings", instructor=instructor["id"]) == []
    assert (await academy.get(f"/courses/{began['id']}")).json()["opened_at"] is None


async def test_quotas_give_no_more_places_than_there_are(academy, hanoi, hue, world):
    began = await course(academy, world, max_places=10)
    both = [("HN", 6, [hanoi.organization]), ("HUE", 4, [hue.organization])]
    first = made(await quotas(academy, began, *both), 200)
    assert [(q["code"], q["places"]) for q in first["quotas"]] == [("HN", 6), ("HUE", 4)]
    more = [("HN", 6, [hanoi.organization]), ("HUE", 5, [hue.organization])]
    assert problem(await quotas(academy, began, *more)) == (409, "quotas-exceed-places")
    assert problem(await change(academy, began, max_places=9)) == (409, "quotas-exceed-places")
    traded = [("HN", 4, [hanoi.organization]), ("HUE", 6, [hue.organization])]
    second = made(await quotas(academy, began, *traded), 200)
    assert [q["id"] for q in second["quotas"]] == [q["id"] for q in first["quotas"]]
    assert second["version"] > first["version"]
    unlimited = made(await change(academy, began, max_places=None), 200)
    assert unlimited["max_places"] is None
    assert (await quotas(academy, began, ("HN", 1000, [hanoi.organization]))).status_code == 200


async def test_an_organisation_has_one_quota_in_a_course_and_sees_no_others(
    academy, hanoi, hue, world
):
    began = await opened(academy, world, max_places=10)
    group = [
        ("HN", 2, [hanoi.organization]),
        ("TRUNG", 3, [hue.organization, academy.organization]),
    ]
    made(await quotas(academy, began, *group), 200)
    path = f"/courses/{began['id']}/quotas"
    for somebody, code, places in ((hanoi, "HN", 2), (hue, "TRUNG", 3)):
        (own,) = made(await somebody.get(path), 200)["quotas"]
        assert (own["code"], own["places"]) == (code, places)
        assert own["organization_ids"] == [str(somebody.organization)]
    twice = [("A", 1, [hanoi.organization]), ("B", 1, [hanoi.organization])]
    assert problem(await quotas(academy, began, *twice)) == (422, "invalid-request")
    unknown = await quotas(academy, began, ("A", 1, [uuid4()]))
    assert problem(unknown) == (422, "invalid-request")
    moved = [("A", 1, [hue.organization, hanoi.organization]), ("HN", 2, [academy.organization])]
    made(await quotas(academy, began, *moved), 200)
    etag = (await academy.get(path)).headers["ETag"]
    assert (
        await academy.put(path, json={"quotas": []}, headers={"If-Match": etag})
    ).status_code == 200
    assert problem(await academy.put(path, json={"quotas": []}, headers={"If-Match": etag})) == (
        412,
        "outdated",
    )


async def test_quotas_and_places_that_change_at_once_never_give_more_than_there_are(
    academy, hanoi, hue, world
):
    began = await course(academy, world, max_places=10)
    shares = [(6, 4), (4, 6), (8, 2), (7, 4)]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(
            *(
                quotas(
                    academy, began, ("HN", a, [hanoi.organization]), ("HUE", b, [hue.organization])
                )
                for a, b in shares * 3
            ),
            *(change(academy, began, max_places=places) for places in (9, 11)),
        )
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    now = made(await academy.get(f"/courses/{began['id']}/quotas"), 200)
    given_away = sum(quota["places"] for quota in now["quotas"])
    assert 0 < given_away <= now["max_places"]


async def test_of_two_quotas_for_the_last_places_one_is_refused_past_the_service_too(
    academy, world
):
    began = await course(academy, world, max_places=10)
    add = text("""
        insert into course_quotas (organization_id, course_id, code, places)
        select organization_id, id, :code, 6 from courses where id = :course
    """)

    async def give(code):
        async with world.session() as session:
            await session.execute(add, {"code": code, "course": UUID(began["id"])})
            await asyncio.sleep(0.05)  # so that the other one comes in between

    async with asyncio.timeout(60):
        ends = await asyncio.gather(give("A"), give("B"), return_exceptions=True)
    (refused,) = [end for end in ends if end is not None]
    assert isinstance(refused, IntegrityError)
    assert "more places than the course has" in str(refused)
