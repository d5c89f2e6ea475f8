"""Lists page by page: every row once and in order, and no cursor but the list's own."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.world import add_learner, everything, problem, replace

NAMES = ("Lê An", "Trần Bình", "Phạm Chi")
DAYS = ("2019-01-01", "2020-01-01")


def cursor_of(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def place_in(cursor):
    """The mark of the list, and the place in it."""
    mark, place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return mark, place


@pytest.fixture
async def roster(hanoi):
    """Eighteen people of whom three at a time have the same name and day."""
    return [
        await add_learner(hanoi, full_name=name, position_since=day)
        for _ in range(3)
        for day in DAYS
        for name in NAMES
    ]


class TestReadingOn:
    async def test_gives_every_row_once_and_in_order(self, hanoi, roster):
        for sort in ("full_name", "-position_since,full_name", "-updated_at"):
            whole = (await hanoi.get("/learners", params={"sort": sort})).json()
            assert whole["next"] is None
            assert len(whole["items"]) == len(roster)
            for limit in (1, 4, 17, 18, 19):
                rows = await everything(hanoi, "/learners", sort=sort, limit=limit)
                assert rows == whole["items"]

    async def test_orders_by_each_key_in_its_own_direction_and_then_by_id(self, hanoi, roster):
        rows = await everything(hanoi, "/learners", sort="-position_since,full_name", limit=5)
        place = [(row["position_since"], NAMES.index(row["full_name"]), row["id"]) for row in rows]
        assert [day for day, *_ in place] == sorted((d for d, *_ in place), reverse=True)
        for day in DAYS:
            that_day = [rest for d, *rest in place if d == day]
            assert that_day == sorted(that_day)

    @pytest.mark.parametrize("sort", ["full_name,position_since", "-position_since,full_name"])
    async def test_misses_and_repeats_nobody_while_people_come_and_go(self, hanoi, roster, sort):
        """Who is there all the time is read once, wherever others join or leave meanwhile."""
        query = {"status": "active", "sort": sort, "limit": 2}
        seen, left = [], []
        while True:
            page = (await hanoi.get("/learners", params=query)).json()
            seen += [row["id"] for row in page["items"]]
            gone = page["items"][-1]["id"]
            path = f"/learners/{gone}"
            await replace(hanoi, path, status="left", status_since="2026-01-01")
            left.append(gone)
            for name, day in zip(NAMES, (*DAYS, DAYS[0]), strict=True):
                await add_learner(hanoi, full_name=name, position_since=day, status="suspended")
            if page["next"] is None:
                break
            query["after"] = page["next"]
        assert seen == [
            row["id"]
            for row in await everything(hanoi, "/learners", sort=sort)
            if row["id"] in {learner["id"] for learner in roster}
        ]
        assert len(left) == len(roster) / 2

    async def test_sees_who_joins_ahead_and_not_who_joins_behind(self, hanoi, roster):
        first = (await hanoi.get("/learners", params={"limit": 9})).json()
        behind = await add_learner(hanoi, full_name="Lê Ái")
        ahead = await add_learner(hanoi, full_name="Lê Yến")
        rest = await everything(hanoi, "/learners", after=first["next"], limit=9)
        ids = [row["id"] for row in rest]
        assert ahead["id"] == ids[-1]
        assert behind["id"] not in ids
        assert len(ids) == 10

    async def test_works_for_every_list(self, world, hanoi):
        """Each has its own places: days, moments, codes, ids."""
        for name in ("trade", "health", "finance"):
            await world.organization(name, kind="ministry")
        learner = await add_learner(hanoi, position_since="2019-01-01")
        path = f"/learners/{learner['id']}"
        for year in (2020, 2021):
            await replace(hanoi, path, position_since=f"{year}-01-01")
        for n in range(3):
            unit = {"code": f"U{n}", "name_vi": "Phòng", "name_en": "Division"}
            assert (await hanoi.post("/units", json=unit)).status_code == 201
            released = await hanoi.post(
                f"{path}/release", json={"released_on": f"2026-01-0{n + 1}"}
            )
            await hanoi.post(f"/transfers/{released.json()['id']}/cancel")
        lists = {
            f"{path}/positions": ("held_from", "-held_from"),
            "/units": ("code", "-name_vi,code"),
            "/transfers": ("created_at", "-released_on,created_at"),
            "/audit-entries": ("occurred_at", "-occurred_at"),
            "/organizations?kind=ministry": ("code", "-opened_on,name_vi"),
            "/learners?as_of=2020-06-01": ("position_since", "-updated_at,full_name"),
        }
        for address, orders in lists.items():
            path, _, query = address.partition("?")
            query = {name: values[0] for name, values in parse_qs(query).items()}
            for sort in orders:
                whole = await everything(hanoi, path, sort=sort, limit=200, **query)
                paged = await everything(hanoi, path, sort=sort, limit=1, **query)
                assert [row["id"] for row in paged] == [row["id"] for row in whole], address
                assert whole, address


class TestTheLinkHeader:
    async def test_leads_to_the_next_page_with_the_same_question(self, hanoi, roster):
        query = {"limit": 7, "q": "le", "sort": "-full_name"}
        whole = await hanoi.get("/learners", params=query)
        assert "Link" not in whole.headers, "all six people who are called Lê are on it"
        query["limit"] = 4
        first = await hanoi.get("/learners", params=query)
        address, _, relation = first.headers["Link"].partition("; ")
        assert relation == 'rel="next"'
        url = urlsplit(address.strip("<>"))
        assert url.path == "/v1/learners"
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert asked == {
            "limit": "4",
            "q": "le",
            "sort": "-full_name",
            "after": first.json()["next"],
        }

        second = await hanoi.get(f"http://test{address.strip('<>')}")
        assert second.json() == (await hanoi.get("/learners", params=asked)).json()
        assert len(second.json()["items"]) == 2
        assert second.json()["next"] is None
        assert "Link" not in second.headers


class TestCursors:
    @pytest.fixture
    async def cursor(self, hanoi):
        for name in NAMES:
            await add_learner(hanoi, full_name=name)
        return (await hanoi.get("/learners", params={"limit": 1})).json()["next"]

    @pytest.fixture
    def refused(self, hanoi):
        async def refused(cursor, path="/learners", **query):
            refusal = await hanoi.get(path, params={"after": cursor, **query})
            assert problem(refusal) == (422, "invalid-request"), cursor
            (error,) = refusal.json()["errors"]
            return error["in"], error["pointer"], error["code"]

        return refused

    NOT_A_CURSOR = ("query", "/after", "not_a_cursor")

    async def test_are_good_for_their_list_and_order_only(self, hanoi, cursor, refused):
        again = {"after": cursor, "sort": "full_name"}
        assert (await hanoi.get("/learners", params=again)).status_code == 200
        assert await refused(cursor, sort="-full_name") == self.NOT_A_CURSOR
        assert await refused(cursor, sort="full_name,external_id") == self.NOT_A_CURSOR
        assert await refused(cursor, path="/units") == self.NOT_A_CURSOR
        assert await refused(cursor, path="/transfers", sort="created_at") == self.NOT_A_CURSOR

    async def test_are_never_junk_cut_short_or_longer(self, cursor, refused):
        for junk in ("", "x", "null", "W10", "é", "../..", "a" * 2000, "=" * 9):
            assert await refused(junk) == self.NOT_A_CURSOR
        for length in range(0, len(cursor), 7):
            assert await refused(cursor[:length]) == self.NOT_A_CURSOR
        assert (await refused("a" * 2001))[:2] == ("query", "/after")

    async def test_hold_no_values_but_those_of_a_place(self, hanoi, cursor, refused):
        mark, (name, id) = place_in(cursor)
        for place in (
            [],
            [name],
            [name, id, id],
            [id, name],
            [10**400, id],
            [name, 10**400],
            [[[[name]]], id],
            [{"a": 1}, id],
            [None, id],
            [name, None],
            "x",
            7,
        ):
            assert await refused(cursor_of(mark, place)) == self.NOT_A_CURSOR, place
        assert await refused(cursor_of("0" * 12, [name, id])) == self.NOT_A_CURSOR

    async def test_of_days_and_moments_hold_no_others(self, hanoi, cursor, refused):
        for sort, values in {
            "position_since": [10**30, "2020-02-30", "99999-01-01", 1e308, True, "x\0"],
            "updated_at": [10**30, -(10**18), "9999-12-31T23:59:59-14:00", "x", 1e308],
        }.items():
            first = await hanoi.get("/learners", params={"sort": sort, "limit": 1})
            mark, (_, id) = place_in(first.json()["next"])
            for value in values:
                forged = cursor_of(mark, [value, id])
                answer = await hanoi.get("/learners", params={"sort": sort, "after": forged})
                assert answer.status_code in (200, 422), (sort, value, answer.text)
                if answer.status_code == 422:
                    assert await refused(forged, sort=sort) == self.NOT_A_CURSOR, value
