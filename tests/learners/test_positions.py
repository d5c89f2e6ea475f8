"""The positions an officer held: what corrects one, what begins another, what ends it."""

import pytest

from tests.world import add_learner, problem, replace

EXPERT, HEAD = "Chuyên viên", "Trưởng phòng"


async def positions(client, learner):
    """Oldest first, as (title, from, until)."""
    listed = await client.get(f"/learners/{learner['id']}/positions?sort=held_from")
    assert listed.status_code == 200, listed.text
    return [(p["position_title"], p["held_from"], p["held_until"]) for p in listed.json()["items"]]


async def change(client, learner, **changes):
    """Carries out a change that must succeed."""
    changed = await replace(client, f"/learners/{learner['id']}", **changes)
    assert changed.status_code == 200, changed.text
    return changed.json()


async def refused(client, learner, **changes):
    before = await positions(client, learner)
    refusal = problem(await replace(client, f"/learners/{learner['id']}", **changes))
    assert await positions(client, learner) == before
    return refusal


@pytest.fixture
async def expert(hanoi):
    """In a first position since 2020."""
    return await add_learner(hanoi, position_title=EXPERT, position_since="2020-01-01")


@pytest.fixture
async def head(hanoi, expert):
    """Who became head of a division in May 2024."""
    return await change(hanoi, expert, position_title=HEAD, position_since="2024-05-01")


@pytest.fixture
async def gone(hanoi, expert):
    """Who left on the first of June 2024."""
    return await change(hanoi, expert, status="left", status_since="2024-06-01")


class TestInOffice:
    async def test_the_same_day_corrects_the_present_position(self, hanoi, head):
        await change(hanoi, head, position_title="Phó Trưởng phòng", leadership_level="division")
        assert await positions(hanoi, head) == [
            (EXPERT, "2020-01-01", "2024-05-01"),
            ("Phó Trưởng phòng", "2024-05-01", None),
        ]

    async def test_a_later_day_begins_another_position(self, hanoi, head):
        await change(hanoi, head, position_title="Phó Giám đốc", position_since="2025-01-01")
        assert await positions(hanoi, head) == [
            (EXPERT, "2020-01-01", "2024-05-01"),
            (HEAD, "2024-05-01", "2025-01-01"),
            ("Phó Giám đốc", "2025-01-01", None),
        ]

    async def test_an_earlier_day_corrects_when_the_position_began(self, hanoi, expert):
        await change(hanoi, expert, position_since="2019-03-01")
        assert await positions(hanoi, expert) == [(EXPERT, "2019-03-01", None)]

    async def test_no_one_holds_two_positions_on_one_day(self, hanoi, head):
        refusal = await refused(hanoi, head, position_since="2023-01-01")
        assert refusal == (409, "positions-overlap")

    async def test_nobody_holds_a_position_before_they_were_recruited(self, hanoi, expert):
        refusal = await refused(hanoi, expert, recruited_on="2021-01-01")
        assert refusal == (422, "position-before-recruitment")

    async def test_a_suspension_ends_no_position(self, hanoi, expert):
        await change(hanoi, expert, status="suspended", status_since="2024-03-01")
        assert await positions(hanoi, expert) == [(EXPERT, "2020-01-01", None)]

    async def test_a_former_name_stays_with_the_position_held_under_it(self, hanoi, expert):
        await change(hanoi, expert, full_name="Nguyễn Thị Hoa", position_since="2024-05-01")
        listed = (await hanoi.get(f"/learners/{expert['id']}/positions")).json()["items"]
        assert [p["full_name"] for p in listed] == ["Nguyễn Thị Hoa", expert["full_name"]]


class TestLeaving:
    async def test_ends_the_position_on_that_day(self, hanoi, gone):
        assert await positions(hanoi, gone) == [(EXPERT, "2020-01-01", "2024-06-01")]

    @pytest.mark.parametrize("day", ["2020-01-01", "2019-12-31"])
    async def test_cannot_come_before_the_position_began(self, hanoi, expert, day):
        refusal = await refused(hanoi, expert, status="left", status_since=day)
        assert refusal == (422, "position-ends-before-it-begins")

    async def test_from_a_position_not_told_before_records_that_too(self, hanoi, expert):
        """A nightly sync sees only the latest state of a busy week."""
        news = {"position_title": HEAD, "position_since": "2024-05-01"}
        await change(hanoi, expert, **news, status="left", status_since="2024-06-01")
        assert await positions(hanoi, expert) == [
            (EXPERT, "2020-01-01", "2024-05-01"),
            (HEAD, "2024-05-01", "2024-06-01"),
        ]

    async def test_on_another_day_than_first_told_corrects_the_end(self, hanoi, gone):
        await change(hanoi, gone, status_since="2024-09-01")
        assert await positions(hanoi, gone) == [(EXPERT, "2020-01-01", "2024-09-01")]

    async def test_keeps_its_day_when_the_record_is_sent_again_without_one(self, hanoi, gone):
        path = f"/learners/{gone['id']}"
        body = {name: gone[name] for name in ("external_id", "full_name", "position_title")}
        body |= {"position_since": gone["position_since"], "status": "left"}
        headers = {"If-Match": (await hanoi.get(path)).headers["ETag"]}
        again = await hanoi.put(path, json=body, headers=headers)
        assert again.json()["status_since"] == "2024-06-01"
        assert await positions(hanoi, gone) == [(EXPERT, "2020-01-01", "2024-06-01")]

    async def test_who_has_left_before_they_are_added_has_a_history_too(self, hanoi):
        past = await add_learner(
            hanoi, position_since="2010-01-01", status="left", status_since="2015-01-01"
        )
        assert await positions(hanoi, past) == [("Chuyên viên", "2010-01-01", "2015-01-01")]


class TestComingBack:
    async def test_begins_another_position(self, hanoi, gone):
        back = {"status": "active", "status_since": "2025-02-01", "position_since": "2025-02-01"}
        await change(hanoi, gone, **back, position_title=HEAD)
        assert await positions(hanoi, gone) == [
            (EXPERT, "2020-01-01", "2024-06-01"),
            (HEAD, "2025-02-01", None),
        ]

    async def test_is_taken_back_by_who_has_left_as_before(self, hanoi, gone):
        """Told by mistake, by a system that goes on giving the old day of the position."""
        await change(hanoi, gone, status="active", status_since="2025-02-01")
        await change(hanoi, gone, status="left", status_since="2024-06-01")
        assert await positions(hanoi, gone) == [(EXPERT, "2020-01-01", "2024-06-01")]

    async def test_leaves_the_gap_even_if_position_since_is_the_old_day(self, hanoi, gone):
        """As an HR system says it that does not know of gaps; and it may go on doing so."""
        await change(hanoi, gone, status="active", status_since="2025-02-01")
        await change(hanoi, gone, full_name="Nguyễn Thị Hoa")
        assert await positions(hanoi, gone) == [
            (EXPERT, "2020-01-01", "2024-06-01"),
            (EXPERT, "2025-02-01", None),
        ]
        await change(hanoi, gone, position_since="2025-02-01")
        await change(hanoi, gone, position_title=HEAD, position_since="2025-07-01")
        assert (await positions(hanoi, gone))[1:] == [
            (EXPERT, "2025-02-01", "2025-07-01"),
            (HEAD, "2025-07-01", None),
        ]

    async def test_undoes_a_leaving_that_was_a_mistake(self, hanoi, gone):
        await change(hanoi, gone, status="active", status_since="2020-01-01")
        assert await positions(hanoi, gone) == [(EXPERT, "2020-01-01", None)]
