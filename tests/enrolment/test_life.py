"""A course's seats from nomination to the end, as organisations, the host and learners see it."""

from uuid import UUID

from app.enrolment.service import Outcome, finish
from tests.courses.steps import ANY_VERSION, by, calendar, feed, instructor_of, planned, step
from tests.enrolment.steps import (
    LETTER,
    checked,
    confirmed,
    decide,
    decided,
    nominate,
    nominated,
    nomination,
    opened,
    people,
    rules,
    states,
    taken,
)
from tests.rooms.steps import add_instructor, at, made
from tests.world import everything, problem


async def test_the_life_of_a_nomination(academy, hanoi, hue, world):
    course = await opened(academy, world, (hanoi, 2), (hue, 1), max_places=4)
    minh, lan, nam = await people(hanoi, 3)
    preview = made(await nominate(hanoi, course, [minh, lan, nam], dry_run=True), 200)
    assert (preview["applied"], [p["rank"] for p in preview["people"]]) == (False, [1, 2, 3])
    assert await everything(hanoi, "/nominations", course=course["id"]) == []
    ids = await nominated(hanoi, course, [minh, lan, nam])
    row = await nomination(hanoi, ids[0])
    assert (row["state"], row["rank"], row["letter_number"]) == ("nominated", 1, LETTER["number"])
    assert row["full_name"] == "Nguyễn Thị Minh Hoà"
    assert (await hue.get(f"/nominations/{ids[0]}")).status_code == 404

    await decided(academy, course, ids, "check")
    await decided(academy, course, ids[:2], "confirm")
    await decided(academy, course, ids[2:], "wait_list")
    assert await states(academy, course) == ["confirmed", "confirmed", "wait_listed"]
    assert await taken(academy, course) == [("Q0", 2, 2), ("Q1", 1, 0), (None, 1, 0)]
    assert await taken(hanoi, course) == [("Q0", 2, 2), (None, 1, 0)]

    away = {"reason": "Đi công tác"}
    made(await hanoi.post(f"/nominations/{ids[1]}/withdraw", json=away), 200)
    told = made(await academy.post(f"/courses/{course['id']}/promote", json={}), 200)
    assert [each["nomination_id"] for each in told["promoted"]] == [ids[2]]
    hung = (await people(hanoi, 1))[0]
    instead = {"learner_id": hung, "reason": "Ốm"}
    answer = made(await hanoi.post(f"/nominations/{ids[0]}/substitute", json=instead))
    assert (answer["state"], answer["rank"], answer["substitutes_id"]) == ("confirmed", 1, ids[0])
    assert await taken(academy, course) == [("Q0", 2, 2), ("Q1", 1, 0), (None, 1, 0)]

    seated = [answer["id"], ids[2]]
    await decided(academy, course, seated, "enrol")
    async with world.session() as session:
        outcomes = [Outcome(UUID(seated[0]), "completed"), Outcome(UUID(seated[1]), "no_show")]
        await finish(session, UUID(course["id"]), outcomes)
    assert [(await nomination(hanoi, id))["state"] for id in seated] == ["completed", "no_show"]

    steps = await everything(hanoi, "/nomination-steps", nomination=ids[2])
    assert [each["to_state"] for each in steps] == [
        *("nominated", "checked", "wait_listed", "confirmed", "enrolled", "no_show")
    ]
    assert [each["from_state"] for each in steps[1:]] == [each["to_state"] for each in steps[:-1]]
    assert steps[0]["actor"] == f"coordinator:{hanoi.subject}"
    assert steps[0]["document"] == LETTER["number"]


async def test_each_step_is_news_for_who_nominated(academy, hanoi, hue, world):
    cursor = made(await hanoi.get("/changes", params={"since": "now"}), 200)["next"]
    course = await opened(academy, world, (hanoi, 2))
    ids = await confirmed(hanoi, academy, course, await people(hanoi, 1))
    news = await hanoi.get("/changes", params={"since": cursor, "types": "nomination.*"})
    assert [(each["type"], each["subject_id"]) for each in news.json()["items"]] == [
        ("nomination.nominated", ids[0]),
        ("nomination.checked", ids[0]),
        ("nomination.confirmed", ids[0]),
    ]
    news = await hue.get("/changes", params={"types": "nomination.*"})
    assert ids[0] not in news.text


async def test_who_nominated_is_told_that_a_session_moves_or_is_cancelled(
    academy, hanoi, hue, world
):
    course = await opened(academy, world, (hanoi, 2))
    held = await planned(academy, course, "13-15")
    kept, gone = await nominated(hanoi, course, await people(hanoi, 2))
    (elsewhere,) = await nominated(hue, course, await people(hue, 1))
    for client, id in ((hanoi, gone), (hue, elsewhere)):
        made(await client.post(f"/nominations/{id}/withdraw", json={"reason": "Ốm"}), 200)
    made(await step(academy, held, "move", **at("15-17")), 200)
    made(await step(academy, held, "move", **at("16-18")), 200)
    made(await step(academy, held, "cancel", reason="Bão"), 200)

    async def told(client):
        query = {"types": "course_session.*", "limit": 200}
        page = made(await client.get("/changes", params=query), 200)
        return [each["type"] for each in page["items"] if each["subject_id"] == held["id"]]

    assert await told(hanoi) == ["course_session.moved"] * 2 + ["course_session.cancelled"]
    assert await told(hue) == []  # nobody of theirs comes
    assert (await nomination(hanoi, kept))["state"] == "nominated"


async def test_a_learner_reads_their_own_and_has_it_in_a_calendar(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 2))
    first, second = await people(hanoi, 2)
    ids = await confirmed(hanoi, academy, course, [first, second])
    learner = await world.somebody("learner", hanoi.organization, UUID(first))
    assert [row["id"] for row in await everything(learner, "/nominations")] == ids[:1]
    address = await calendar(learner, learner_id=first)
    assert (await feed(world, address)).text.count("BEGIN:VEVENT") == 1
    await planned(academy, course, "13-15")
    assert (await feed(world, address)).text.count("BEGIN:VEVENT") == 2
    made(await hanoi.post(f"/nominations/{ids[0]}/withdraw", json={"reason": "Ốm"}), 200)
    assert (await feed(world, address)).text.count("STATUS:CANCELLED") == 2


async def test_whoever_teaches_sees_who_comes(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 2))
    ids = await nominated(hanoi, course, await people(hanoi, 1))
    instructor = await add_instructor(academy)
    teacher = await instructor_of(world, academy, instructor)
    assert await everything(teacher, "/nominations") == []
    await planned(academy, course, "13-15", instructors=by(instructor))
    assert [row["id"] for row in await everything(teacher, "/nominations")] == ids


async def test_whoever_has_a_seat_is_told_how_to_join(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 2))
    held = await planned(academy, course, "13-15", mode="online")
    path, link = f"/course-sessions/{held['id']}/meeting", {"url": "https://meet.example/j/1"}
    made(await academy.put(path, json=link, headers=ANY_VERSION), 200)
    (learner,) = await people(hanoi, 1)
    herself = await world.somebody("learner", hanoi.organization, UUID(learner))
    ids = await checked(hanoi, academy, course, [learner])
    assert problem(await herself.get(path)) == (404, "not-found")
    await decided(academy, course, ids, "confirm")
    assert made(await herself.get(path), 200)["url"] == link["url"]
    assert problem(await hanoi.get(path)) == (404, "not-found")
    made(await hanoi.post(f"/nominations/{ids[0]}/withdraw", json={"reason": "Ốm"}), 200)
    assert problem(await herself.get(path)) == (404, "not-found")


async def test_by_hand_too_a_seat_is_one_of_the_right_quota(academy, hanoi, hue, world):
    course = await opened(academy, world, (hanoi, 1), max_places=2)
    (first, second), (other,) = await people(hanoi, 2), await people(hue, 1)

    async def by_hand(*ids):
        body = {"learners": [{"learner_id": id} for id in ids], "document": "45/QĐ-HVNG"}
        return await academy.post(f"/courses/{course['id']}/enrolments", json=body)

    refused = await by_hand(first, second, other)
    assert problem(refused) == (409, "nominations-refused")
    assert rules(refused) == [{"no_place_left"}]
    assert refused.json()["people"][0]["learner_id"] == second
    assert await taken(academy, course) == [("Q0", 1, 0), (None, 1, 0)]
    told = made(await by_hand(first, other), 200)
    assert [each["state"] for each in told["people"]] == ["enrolled"] * 2
    assert await taken(academy, course) == [("Q0", 1, 1), (None, 1, 1)]
    assert (await by_hand(second)).status_code == 409
    body = {"learners": [{"learner_id": second}]}
    refused = await hanoi.post(f"/courses/{course['id']}/enrolments", json=body)
    assert problem(refused) == (404, "not-found")


async def test_people_of_an_organisation_below_take_places_of_the_quota_above(academy, world):
    region = await world.somebody("coordinator", await world.organization("region"))
    below = await world.organization("district", parent=region.organization)
    district = await world.somebody("coordinator", below)
    course = await opened(academy, world, (region, 1), max_places=1)
    ids = await checked(district, academy, course, await people(district, 1))
    await decided(academy, course, ids, "confirm")
    assert await taken(academy, course) == [("Q0", 1, 1), (None, 0, 0)]


async def test_a_course_that_is_cancelled_ends_its_nominations(academy, hanoi, world):
    course = await opened(academy, world, (hanoi, 1))
    ids = await confirmed(hanoi, academy, course, await people(hanoi, 1))
    made(await step(academy, course, "cancel", reason="Bão"), 200)
    row = await nomination(hanoi, ids[0])
    assert (row["state"], row["reason"], row["pool_id"]) == ("withdrawn", "Bão", None)
    assert await taken(academy, course) == [("Q0", 1, 0), (None, None, 0)]
    refused = await decide(academy, course, "check", ids)
    assert rules(refused) == [{"course_not_open", "out_of_order"}]


async def test_sessions_planned_later_are_booked_and_none_twice(academy, hanoi, world):
    first = await opened(academy, world, (hanoi, 2))
    second = await opened(academy, world, (hanoi, 2), hours="13-15")
    learners = await people(hanoi, 1)
    for course in (first, second):
        await confirmed(hanoi, academy, course, learners)
    refused = await academy.post(
        f"/courses/{second['id']}/sessions",
        json={"title_vi": "Thêm", "title_en": "More", "mode": "in_person"} | at("10-12"),
    )
    assert problem(refused) == (409, "learner-double-booked")
    await planned(academy, second, "10-12", tentative=True)
