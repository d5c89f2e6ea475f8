"""A POST that is sent again has one effect, and the same answer."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from app.access.models import Membership, User
from app.oauth import issuing
from app.worker import forget_keys
from tests.world import add_learner, everything, problem, replace

BODY = {
    "external_id": "CB-1",
    "full_name": "Đặng Thị Hoà",
    "position_title": "Chuyên viên",
    "position_since": "2020-01-01",
}
SAME = ("content-type", "etag", "cache-control")


@pytest.fixture
def key():
    return {"Idempotency-Key": uuid4().hex}


async def test_the_same_again_has_one_effect_and_the_same_answer(hanoi, key):
    first = await hanoi.post("/learners", json=BODY, headers=key)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    for _ in range(2):
        again = await hanoi.post("/learners", json=BODY, headers=key)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert [again.headers[name] for name in SAME] == [first.headers[name] for name in SAME]
        assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
    assert await everything(hanoi, "/learners") == [first.json()]

    await replace(hanoi, f"/learners/{first.json()['id']}", full_name="Lê An")
    again = await hanoi.post("/learners", json=BODY, headers=key)
    assert again.content == first.content, "it answers what it answered, not what is there now"


async def test_a_code_shown_only_once_is_not_lost_with_the_connection(hanoi, key):
    learner = await add_learner(hanoi)
    path, body = f"/learners/{learner['id']}/release", {"released_on": "2025-01-01"}
    lost = (await hanoi.post(path, json=body, headers=key)).json()["claim_code"]
    assert (await hanoi.post(path, json=body, headers=key)).json()["claim_code"] == lost
    assert len(await everything(hanoi, "/transfers")) == 1


async def test_another_request_with_the_key_is_refused(hanoi, key):
    first = await hanoi.post("/learners", json=BODY, headers=key)
    unit = {"code": "U", "name_vi": "Phòng", "name_en": "Division"}
    for path, body in (
        ("/learners", BODY | {"external_id": "CB-2"}),
        ("/learners", {}),
        ("/units", unit),
    ):
        refusal = await hanoi.post(path, json=body, headers=key)
        assert problem(refusal)[0] == 422
    other = await hanoi.post("/learners", json=BODY | {"external_id": "CB-2"}, headers=key)
    assert problem(other) == (422, "idempotency-key-reused")
    assert await everything(hanoi, "/learners") == [first.json()]
    assert await everything(hanoi, "/units") == []


async def test_a_refused_request_leaves_its_key_free(hanoi, key):
    taken = await add_learner(hanoi, external_id="CB-1")
    refusal = await hanoi.post("/learners", json=BODY, headers=key)
    assert problem(refusal) == (409, "external-id-taken")
    refusal = await hanoi.post("/learners", json=BODY | {"email": "x"}, headers=key)
    assert problem(refusal) == (422, "invalid-request")

    await replace(hanoi, f"/learners/{taken['id']}", external_id="CB-2")
    assert (await hanoi.post("/learners", json=BODY, headers=key)).status_code == 201


async def test_a_key_is_the_callers_own(world, hanoi, hue, key):
    colleague = await world.somebody("coordinator", hanoi.organization)
    program = await world.program(hanoi.organization, "learners:write", "learners:read")
    answers = [
        await client.post("/learners", json=BODY | {"external_id": f"CB-{n}"}, headers=key)
        for n, client in enumerate((hanoi, colleague, program, hue))
    ]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 4


async def test_thirty_at_once_make_one(hanoi, key):
    answers = await asyncio.gather(
        *(hanoi.post("/learners", json=BODY, headers=key) for _ in range(30))
    )
    assert [answer.status_code for answer in answers] == [201] * 30
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
    assert len(replayed) == 29
    assert len(await everything(hanoi, "/learners")) == 1


@pytest.mark.parametrize("bad", ["", "x" * 256, "\x7f", "a\tb"])
async def test_a_key_is_short_and_printable(hanoi, bad):
    refusal = await hanoi.post("/learners", json=BODY, headers={"Idempotency-Key": bad})
    assert problem(refusal) == (422, "invalid-request")
    (error,) = refusal.json()["errors"]
    assert (error["in"], error["pointer"]) == ("header", "/Idempotency-Key")


async def test_a_dry_run_and_the_real_thing_are_two_requests(academy, world, key):
    old, new = await world.organization("old"), await world.organization("new")
    body = {"effective_on": "2025-07-01", "document": "NQ", "successor_id": str(new)}
    path = f"/organizations/{old}/succeed"
    assert (await academy.post(f"{path}?dry_run=true", json=body, headers=key)).status_code == 200
    refusal = await academy.post(path, json=body, headers=key)
    assert problem(refusal) == (422, "idempotency-key-reused")


async def test_keys_are_forgotten_after_a_day(world, hanoi, key):
    first = (await hanoi.post("/learners", json=BODY, headers=key)).json()
    recent = {"Idempotency-Key": uuid4().hex}
    kept = await hanoi.post("/learners", json=BODY | {"external_id": "CB-2"}, headers=recent)
    await replace(hanoi, f"/learners/{first['id']}", external_id="CB-0")
    async with world.session() as session:
        age = text(
            "update idempotency_keys set created_at = now() - make_interval(hours => :hours)"
            " where key = :key"
        )
        await session.execute(text("select set_config('app.actor', :a, true)"), {"a": actor(hanoi)})
        await session.execute(age, {"hours": 25, "key": key["Idempotency-Key"]})
        await session.execute(age, {"hours": 23, "key": recent["Idempotency-Key"]})
    await forget_keys(world.database)

    anew = await hanoi.post("/learners", json=BODY, headers=key)
    assert anew.status_code == 201
    assert anew.json()["id"] != first["id"]
    again = await hanoi.post("/learners", json=BODY | {"external_id": "CB-2"}, headers=recent)
    assert again.json() == kept.json()


def actor(client):
    return f"coordinator:{client.subject}"


async def test_who_moved_to_another_organization_is_not_shown_what_they_got_before(
    world, hanoi, hue, key
):
    first = await hanoi.post("/learners", json=BODY, headers=key)
    assert first.status_code == 201
    async with world.session() as session:
        moved = update(Membership).where(Membership.user_id == hanoi.subject)
        await session.execute(moved.values(organization_id=hue.organization))
        email = await session.scalar(select(User.email).where(User.id == hanoi.subject))
    state = world.app.state
    issued = await issuing.user_token(state.settings, state.database, state.keyring, email)
    there = await world.holding(issued["access_token"])
    refusal = await there.post("/learners", json=BODY, headers=key)
    assert problem(refusal) == (422, "idempotency-key-reused")
