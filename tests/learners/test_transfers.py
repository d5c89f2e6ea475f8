"""From one organisation to another: released by the one, claimed by the other."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.events.models import Event
from tests.world import add_learner, everything, problem, replace

NATIONAL_ID = "001188012345"


async def release(client, learner, day="2025-03-01", **fields):
    response = await client.post(
        f"/learners/{learner['id']}/release", json={"released_on": day, **fields}
    )
    assert response.status_code == 201, response.text
    return response.json()


def claim(client, *, day="2025-03-01", key="HUE-1", **fields):
    """By `claim_code` or `national_id`; the position is always the same."""
    body = {"claimed_on": day, "external_id": key, "position_title": "Phó Trưởng phòng"}
    return client.post("/transfers/claim", json=body | fields)


async def positions(client, learner):
    rows = await everything(client, f"/learners/{learner['id']}/positions", sort="held_from")
    return [(row["organization_id"], row["held_from"], row["held_until"]) for row in rows]


async def roster(client, **query):
    return [row["full_name"] for row in await everything(client, "/learners", **query)]


@pytest.fixture
async def officer(hanoi):
    """With a past at Hà Nội, and everything that a record may hold."""
    learner = await add_learner(
        hanoi,
        full_name="Lê Thị Mai",
        position_since="2018-01-01",
        birth_date="1990-05-17",
        email="mai@hanoi.example",
        phone="024 0000 0001",
        languages=[{"language": "en", "level": 5}],
        recruited_on="2018-01-01",
        national_id=f"{uuid4().int % 10**12:012}",
        attributes={"cpv": True},
    )
    path = f"/learners/{learner['id']}"
    await replace(hanoi, path, position_title="Chuyên viên chính", position_since="2021-01-01")
    return (await hanoi.get(path)).json()


@pytest.fixture
async def moved(hanoi, hue, officer):
    """Who has moved from Hà Nội to Huế."""
    released = await release(hanoi, officer)
    claimed = await claim(hue, claim_code=released["claim_code"])
    assert claimed.status_code == 200, claimed.text
    return claimed.json()


class TestReleasing:
    async def test_gives_a_code_that_is_shown_once(self, hanoi, officer):
        released = await release(hanoi, officer, reason="Điều động")
        code = released.pop("claim_code")
        assert len(code.replace("-", "")) == 16
        assert released["state"] == "released"
        assert released["reason"] == "Điều động"
        again = await hanoi.get(f"/transfers/{released['id']}")
        assert again.json() == released
        assert code not in (await hanoi.get("/transfers")).text

    async def test_leaves_the_officer_on_the_roster_until_somebody_claims(self, hanoi, officer):
        await release(hanoi, officer)
        assert (await hanoi.get(f"/learners/{officer['id']}")).json() == officer

    async def test_twice_is_refused_until_the_first_is_cancelled(self, hanoi, officer):
        first = await release(hanoi, officer)
        path = f"/learners/{officer['id']}/release"
        twice = await hanoi.post(path, json={"released_on": "2025-04-01"})
        assert problem(twice) == (409, "already-released")

        cancelled = await hanoi.post(f"/transfers/{first['id']}/cancel")
        assert cancelled.json()["state"] == "cancelled"
        assert (await hanoi.post(path, json={"released_on": "2025-04-01"})).status_code == 201

    async def test_somebody_elses_officer_is_not_found(self, hanoi, hue, officer):
        path = f"/learners/{officer['id']}/release"
        assert problem(await hue.post(path, json={"released_on": "2025-03-01"})) == (
            404,
            "not-found",
        )

    async def test_a_cancelled_release_cannot_be_claimed_or_cancelled_again(
        self, hanoi, hue, officer
    ):
        released = await release(hanoi, officer)
        path = f"/transfers/{released['id']}/cancel"
        assert problem(await hue.post(path)) == (404, "not-found")
        assert (await hanoi.post(path)).status_code == 200
        assert problem(await hanoi.post(path)) == (409, "transfer-ended")
        late = await claim(hue, claim_code=released["claim_code"])
        assert problem(late) == (404, "nothing-to-claim")


class TestClaiming:
    async def test_moves_the_officer_into_the_position_that_waits(self, hanoi, hue, officer, moved):
        assert moved["state"] == "claimed"
        assert moved["to_organization_id"] == str(hue.organization)

        path = f"/learners/{officer['id']}"
        there = (await hue.get(path)).json()
        assert there["organization_id"] == str(hue.organization)
        assert (there["external_id"], there["position_title"]) == ("HUE-1", "Phó Trưởng phòng")
        assert there["position_since"] == "2025-03-01"
        for kept in ("full_name", "birth_date", "email", "languages", "attributes"):
            assert there[kept] == officer[kept]
        assert problem(await hanoi.get(path)) == (404, "not-found")

    @pytest.mark.parametrize("spell", [str, str.lower, lambda code: code.replace("-", " ")])
    async def test_takes_the_code_however_it_was_written_down(self, hanoi, hue, officer, spell):
        released = await release(hanoi, officer)
        claimed = await claim(hue, claim_code=spell(released["claim_code"]))
        assert claimed.status_code == 200, claimed.text

    async def test_takes_the_national_id_in_place_of_the_code(self, hanoi, hue):
        number = f"{uuid4().int % 10**12:012}"
        officer = await add_learner(hanoi, national_id=number)
        early = await claim(hue, national_id=number)
        assert problem(early) == (404, "nothing-to-claim")
        await release(hanoi, officer)
        assert (await claim(hue, national_id=number)).status_code == 200
        assert (await hue.get(f"/learners/{officer['id']}")).status_code == 200

    async def test_once_only_even_by_two_at_the_same_moment(self, world, hanoi, hue, officer):
        danang = await world.somebody("coordinator", await world.organization("danang"))
        code = (await release(hanoi, officer))["claim_code"]
        answers = await asyncio.gather(*(claim(c, claim_code=code) for c in (hue, danang, hue)))
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404]
        owners = [c for c in (hue, danang) if "Lê Thị Mai" in await roster(c)]
        assert len(owners) == 1

    async def test_is_refused_to_the_side_that_released(self, hanoi, officer):
        code = (await release(hanoi, officer))["claim_code"]
        assert problem(await claim(hanoi, claim_code=code)) == (404, "nothing-to-claim")

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"day": "2025-02-28"}, (422, "claimed-before-release")),
            ({"key": "TAKEN"}, (409, "external-id-taken")),
            ({"unit_id": str(uuid4())}, (422, "unit-unknown")),
            ({"organization_id": str(uuid4())}, (404, "not-found")),
            ({"national_id": NATIONAL_ID}, (422, "invalid-request")),
        ],
    )
    async def test_refused_for_a_mistake_can_be_repeated_without_it(
        self, hanoi, hue, officer, changes, refusal
    ):
        await add_learner(hue, external_id="TAKEN")
        code = (await release(hanoi, officer))["claim_code"]
        assert problem(await claim(hue, claim_code=code, **changes)) == refusal
        assert (await hanoi.get(f"/learners/{officer['id']}")).status_code == 200
        assert (await claim(hue, claim_code=code)).status_code == 200

    async def test_cannot_take_effect_before_the_present_position_began(self, hanoi, hue, officer):
        code = (await release(hanoi, officer, day="2019-01-01"))["claim_code"]
        early = await claim(hue, claim_code=code, day="2020-01-01")
        assert problem(early) == (422, "position-ends-before-it-begins")

    async def test_one_of_code_and_national_id_is_needed(self, hue):
        assert problem(await claim(hue)) == (422, "invalid-request")

    async def test_puts_who_was_marked_as_left_meanwhile_back_in_office(self, hanoi, hue, officer):
        """The sender's HR system says that they left, as they have."""
        code = (await release(hanoi, officer))["claim_code"]
        path = f"/learners/{officer['id']}"
        await replace(hanoi, path, status="left", status_since="2025-03-01")
        await claim(hue, claim_code=code, day="2025-04-01")
        there = (await hue.get(path)).json()
        assert (there["status"], there["status_since"]) == ("active", "2025-04-01")
        assert await positions(hue, officer) == [
            (str(hanoi.organization), "2018-01-01", "2021-01-01"),
            (str(hanoi.organization), "2021-01-01", "2025-03-01"),
            (str(hue.organization), "2025-04-01", None),
        ]

    async def test_later_than_the_release_leaves_a_gap_between_the_two(self, hanoi, hue, officer):
        code = (await release(hanoi, officer, day="2025-03-01"))["claim_code"]
        await claim(hue, claim_code=code, day="2025-04-15")
        there = (await hue.get(f"/learners/{officer['id']}")).json()
        assert (there["status"], there["position_since"]) == ("active", "2025-04-15")
        *_, last_there, here = await positions(hue, officer)
        assert last_there == (str(hanoi.organization), "2021-01-01", "2025-03-01")
        assert here == (str(hue.organization), "2025-04-15", None)

    async def test_of_who_took_another_position_after_the_release_ends_that(
        self, hanoi, hue, officer
    ):
        code = (await release(hanoi, officer, day="2025-03-01"))["claim_code"]
        await replace(hanoi, f"/learners/{officer['id']}", position_since="2025-06-01")
        await claim(hue, claim_code=code, day="2026-01-01")
        *_, last_there, here = await positions(hue, officer)
        assert last_there == (str(hanoi.organization), "2025-06-01", "2026-01-01")
        assert here == (str(hue.organization), "2026-01-01", None)

    async def test_may_be_done_by_the_academy_for_an_organization(
        self, academy, hanoi, hue, officer
    ):
        code = (await release(hanoi, officer))["claim_code"]
        for_hue = {"claim_code": code, "organization_id": str(hue.organization)}
        nobody = await claim(academy, **for_hue | {"organization_id": str(uuid4())})
        assert problem(nobody) == (404, "not-found")
        assert (await claim(academy, **for_hue)).status_code == 200
        assert (await hue.get(f"/learners/{officer['id']}")).status_code == 200


class TestHistory:
    async def test_follows_the_officer_and_the_sender_keeps_its_own_period(
        self, hanoi, hue, officer, moved
    ):
        here, there = str(hanoi.organization), str(hue.organization)
        first, second = (here, "2018-01-01", "2021-01-01"), (here, "2021-01-01", "2025-03-01")
        assert await positions(hanoi, officer) == [first, second]
        assert await positions(hue, officer) == [first, second, (there, "2025-03-01", None)]

        await replace(hue, f"/learners/{officer['id']}", position_since="2026-01-01")
        assert await positions(hanoi, officer) == [first, second]

    async def test_stays_on_the_rosters_of_then_where_it_happened(self, hanoi, hue, officer, moved):
        assert await roster(hanoi, as_of="2025-02-28") == ["Lê Thị Mai"]
        assert await roster(hanoi, as_of="2025-03-01") == []
        assert await roster(hue, as_of="2025-02-28") == []
        assert await roster(hue, as_of="2025-03-01") == ["Lê Thị Mai"]

    async def test_tells_the_sender_nothing_personal_any_more(self, hanoi, officer, moved):
        (then,) = await everything(hanoi, "/learners", as_of="2022-01-01")
        assert then["position_title"] == "Chuyên viên chính"
        assert then["external_id"] == officer["external_id"]
        for hidden in ("birth_date", "email", "phone", "recruited_on", "national_id_tail"):
            assert officer[hidden] is not None
            assert then[hidden] is None
        assert (then["languages"], then["attributes"]) == ([], {})
        assert (then["status"], then["status_since"]) == ("active", "2021-01-01")

    async def test_of_the_transfer_itself_is_there_for_both_sides(self, hanoi, hue, moved):
        for client in (hanoi, hue):
            assert (await client.get(f"/transfers/{moved['id']}")).json() == moved
            assert await everything(client, "/transfers", state="claimed") == [moved]
        assert await everything(hanoi, "/transfers", direction="out") == [moved]
        assert await everything(hanoi, "/transfers", direction="in") == []
        assert await everything(hue, "/transfers", direction="in") == [moved]
        assert await everything(hue, "/transfers", direction="out") == []

    async def test_the_academy_is_a_side_only_of_its_own_transfers(self, academy, hue, moved):
        learner = moved["learner_id"]
        assert await everything(academy, "/transfers", learner=learner) == [moved]
        for direction in ("in", "out"):
            listed = await everything(academy, "/transfers", learner=learner, direction=direction)
            assert listed == []

    async def test_may_be_released_onwards_by_the_receiver_only(self, hanoi, hue, moved):
        path = f"/learners/{moved['learner_id']}/release"
        body = {"released_on": "2026-01-01"}
        assert problem(await hanoi.post(path, json=body)) == (404, "not-found")
        released = await hue.post(path, json=body)
        back = await claim(hanoi, claim_code=released.json()["claim_code"], day="2026-01-01")
        assert back.status_code == 200, back.text
        assert await roster(hanoi) == ["Lê Thị Mai"]


async def test_each_side_gets_its_own_news(world, hanoi, hue, officer, moved):
    async with world.session() as session:
        rows = await session.execute(
            select(Event.organization_id, Event.name, Event.data)
            .where(Event.subject_id == officer["id"])
            .order_by(Event.transaction, Event.sequence)
        )
        news = [tuple(row) for row in rows]
    former = {"key": officer["external_id"]}
    assert news[2:] == [
        (hanoi.organization, "learner.released", former),
        (hanoi.organization, "learner.left", former),
        (hue.organization, "learner.joined", {"key": "HUE-1", "former_key": former["key"]}),
    ]
