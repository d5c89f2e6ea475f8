"""Finding people on a roster: filters, order, search, and the roster as of a day."""

import unicodedata
from random import choices
from string import ascii_lowercase
from uuid import uuid4

import pytest

from app.core import views
from app.learners.queries import learners
from tests.world import add_learner, everything, problem, replace


async def names(client, **query):
    listed = await client.get("/learners", params=query)
    assert listed.status_code == 200, listed.text
    return [item["full_name"] for item in listed.json()["items"]]


async def add_unit(client, code="LE-TAN", **fields):
    body = {"code": code, "name_vi": "Phòng Lễ tân", "name_en": "Protocol division"}
    made = await client.post("/units", json=body | fields)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def speaks(**levels):
    return [{"language": language, "level": level} for language, level in levels.items()]


class TestFilters:
    @pytest.fixture
    async def unit(self, hanoi):
        return await add_unit(hanoi)

    @pytest.fixture
    async def roster(self, hanoi, unit):
        """An, Bình and Chi, who differ in everything that one may filter by."""
        await add_learner(
            hanoi,
            full_name="Lê Văn An",
            external_id="HN/001",
            unit_id=unit,
            leadership_level="division",
            fields=["consular", "protocol_and_events"],
            languages=speaks(en=5, fr=2),
        )
        await add_learner(
            hanoi,
            full_name="Trần Thị Bình",
            category="public_employee",
            status="suspended",
            fields=["protocol_and_events"],
            languages=speaks(en=3),
        )
        await add_learner(hanoi, full_name="Phạm Chi", status="left", status_since="2022-01-01")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, ["Lê Văn An", "Trần Thị Bình", "Phạm Chi"]),
            ({"status": "active"}, ["Lê Văn An"]),
            ({"status": "left"}, ["Phạm Chi"]),
            ({"leadership_level": "division"}, ["Lê Văn An"]),
            ({"category": "public_employee"}, ["Trần Thị Bình"]),
            ({"field": "protocol_and_events"}, ["Lê Văn An", "Trần Thị Bình"]),
            ({"field": "protocol_and_events", "status": "suspended"}, ["Trần Thị Bình"]),
            ({"language": "en"}, ["Lê Văn An", "Trần Thị Bình"]),
            ({"language": "en", "language_level": 3}, ["Lê Văn An", "Trần Thị Bình"]),
            ({"language": "en", "language_level": 4}, ["Lê Văn An"]),
            ({"language": "en", "language_level": 6}, []),
            ({"language": "fr", "language_level": 3}, []),
            ({"external_id": "HN/001"}, ["Lê Văn An"]),
            ({"external_id": "HN/002"}, []),
            ({"q": "tran b"}, ["Trần Thị Bình"]),
            ({"q": "a", "category": "civil_servant", "field": "consular"}, ["Lê Văn An"]),
            ({"q": "binh", "field": "consular"}, []),
        ],
    )
    async def test_narrow_the_list_one_by_one_and_together(self, hanoi, roster, query, found):
        assert await names(hanoi, **query) == found

    async def test_by_unit_and_organization(self, academy, hanoi, hue, unit, roster):
        await add_learner(hue, full_name="Võ Thị Dung")
        ours, theirs = str(hanoi.organization), str(hue.organization)

        assert await names(hanoi, unit=unit) == ["Lê Văn An"]
        assert await names(hanoi, unit=str(uuid4())) == []
        assert await names(academy, organization=theirs) == ["Võ Thị Dung"]
        assert await names(academy, organization=ours, status="active") == ["Lê Văn An"]
        assert await names(hanoi, organization=theirs) == []

    async def test_hold_for_the_roster_of_a_day_too(self, hanoi, unit, roster):
        on_the_day = {"as_of": "2021-06-30"}
        assert len(await names(hanoi, **on_the_day)) == 3
        assert await names(hanoi, **on_the_day, unit=unit) == ["Lê Văn An"]
        assert await names(hanoi, **on_the_day, language="en", language_level=4) == ["Lê Văn An"]
        assert await names(hanoi, **on_the_day, field="consular", q="an") == ["Lê Văn An"]
        assert await names(hanoi, **on_the_day, category="public_employee") == ["Trần Thị Bình"]
        assert await names(hanoi, **on_the_day, external_id="HN/001") == ["Lê Văn An"]

    @pytest.mark.parametrize(
        ("query", "pointer", "code"),
        [
            ({"language_level": 3}, "", "language_missing"),
            ({"q": "..."}, "/q", "nothing_to_search"),
            ({"q": ""}, "/q", "string_too_short"),
            ({"sort": "birth_date"}, "/sort", "not_sortable"),
            ({"sort": "full_name,-full_name"}, "/sort", "not_sortable"),
            ({"fields": "full_name,secret"}, "/fields", "no_such_field"),
            ({"field": "fishing"}, "/field", "literal_error"),
            ({"as_of": "2200-01-02"}, "/as_of", "less_than_equal"),
            ({"limit": 201}, "/limit", "less_than_equal"),
            ({"limit": 0}, "/limit", "greater_than_equal"),
            ({"name": "An"}, "/name", "extra_forbidden"),
        ],
    )
    async def test_that_make_no_sense_are_refused_with_the_reason(
        self, hanoi, query, pointer, code
    ):
        refusal = await hanoi.get("/learners", params=query)
        assert problem(refusal) == (422, "invalid-request")
        assert [(e["in"], e["pointer"], e["code"]) for e in refusal.json()["errors"]] == [
            ("query", pointer, code)
        ]


class TestSearch:
    PEOPLE = ("Đặng Thị Hoà", "Nguyễn Văn Hòa", "Nguyễn Minh Đức", "Dương Thuỳ Linh")

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("hoa", {"Đặng Thị Hoà", "Nguyễn Văn Hòa"}),
            ("HOÀ", {"Đặng Thị Hoà", "Nguyễn Văn Hòa"}),
            ("d", {"Đặng Thị Hoà", "Nguyễn Minh Đức", "Dương Thuỳ Linh"}),
            ("dang", {"Đặng Thị Hoà"}),
            ("duong", {"Dương Thuỳ Linh"}),
            ("ng minh", {"Nguyễn Minh Đức"}),
            ("nguyen  duc", {"Nguyễn Minh Đức"}),
            ("minh nguyen", set()),
            ("guyen", set()),
            ("%", None),
            ("ng_y", set()),
            (unicodedata.normalize("NFD", "thuỳ"), {"Dương Thuỳ Linh"}),
        ],
    )
    async def test_takes_beginnings_of_words_in_order_without_accents(self, hanoi, words, found):
        for name in self.PEOPLE:
            await add_learner(hanoi, full_name=name)
        if found is None:
            refusal = await hanoi.get("/learners", params={"q": words})
            assert problem(refusal) == (422, "invalid-request")
        else:
            assert set(await names(hanoi, q=words)) == found


class TestOrder:
    async def test_is_that_of_a_vietnamese_list_of_names(self, hanoi):
        """By given name, then middle names, then family name; d before đ, a before ă before â."""
        in_order = [
            "Trần Văn An",
            "Lê Thị Ánh",
            "Bùi Ân",
            "Vũ Dũng",
            "Cao Đức",
            "Nguyễn Văn Hoa",
            "Lê Thị Hoà",
            "Nguyễn Thị Hoà",
            "Nguyễn Văn Hoà",
            "Đỗ Ước",
        ]
        for name in reversed(in_order):
            await add_learner(hanoi, full_name=name)
        assert await names(hanoi) == in_order
        assert await names(hanoi, sort="-full_name") == in_order[::-1]
        assert await names(hanoi, as_of="2025-01-01") == in_order

    async def test_may_be_by_several_keys_in_either_direction(self, hanoi):
        people = [
            ("An", "B-1", "2020-01-01"),
            ("Bình", "A-1", "2020-01-01"),
            ("Chi", "A-2", "2023-01-01"),
            ("An", "A-3", "2023-01-01"),
        ]
        for name, key, since in people:
            await add_learner(hanoi, full_name=name, external_id=key, position_since=since)

        async def keys(sort):
            return [row["external_id"] for row in await everything(hanoi, "/learners", sort=sort)]

        assert await keys("external_id") == ["A-1", "A-2", "A-3", "B-1"]
        assert await keys("-position_since,full_name") == ["A-3", "A-2", "B-1", "A-1"]
        assert await keys("full_name,-position_since") == ["A-3", "B-1", "A-1", "A-2"]
        assert await keys("-updated_at") == ["A-3", "A-2", "A-1", "B-1"]


class TestFields:
    async def test_are_only_those_asked_for_in_that_order(self, hanoi):
        learner = await add_learner(hanoi)
        listed = await hanoi.get("/learners", params={"fields": "full_name,id"})
        assert listed.json()["items"] == [{"full_name": learner["full_name"], "id": learner["id"]}]
        assert list(listed.json()["items"][0]) == ["full_name", "id"]

    async def test_page_on_without_what_the_list_is_sorted_by(self, hanoi):
        made = [await add_learner(hanoi) for _ in range(3)]
        rows = await everything(hanoi, "/learners", fields="external_id", limit=1, sort="full_name")
        assert rows == [{"external_id": learner["external_id"]} for learner in made]


class TestAsOf:
    async def test_a_roster_is_who_held_a_position_that_day(self, hanoi):
        learner = await add_learner(hanoi, full_name="Lê An", position_since="2020-01-01")
        path = f"/learners/{learner['id']}"
        await replace(hanoi, path, full_name="Lê Anh", position_since="2022-01-01")
        await replace(hanoi, path, status="left", status_since="2024-01-01")

        days = {
            "2019-12-31": [],
            "2020-01-01": ["Lê An"],
            "2021-12-31": ["Lê An"],
            "2022-01-01": ["Lê Anh"],
            "2023-12-31": ["Lê Anh"],
            "2024-01-01": [],
        }
        assert {day: await names(hanoi, as_of=day) for day in days} == days

    async def test_a_status_counts_from_its_day_on(self, hanoi):
        await add_learner(hanoi, full_name="Lê An", status="suspended", status_since="2024-03-01")

        async def on(day):
            (row,) = (await hanoi.get("/learners", params={"as_of": day})).json()["items"]
            return row["status"]

        assert [await on("2024-02-29"), await on("2024-03-01")] == ["active", "suspended"]
        assert await names(hanoi, as_of="2024-02-29", status="suspended") == []
        assert await names(hanoi, as_of="2024-03-01", status="suspended") == ["Lê An"]


class TestSearchOfEverything:
    """The Academy's search looks at the first rows before it collects all that match."""

    NAMES = ("Bùi Văn An", "Nguyễn Thị Bình", "Nguyễn Văn Cường", "Trần Thị Dung", "Nguyễn Hà")

    @pytest.mark.parametrize(("words", "number"), [("nguyen", 3), ("tran", 1), ("van", 2)])
    @pytest.mark.parametrize("among", [1, 3, 2500])
    async def test_finds_the_same_page_by_page(
        self, academy, hanoi, hue, monkeypatch, words, number, among
    ):
        monkeypatch.setattr(views, "AMONG", among)
        learners._page.cache_clear()
        given_name = "".join(choices(ascii_lowercase, k=12))  # nobody else's
        for client, name in zip((hanoi, hue) * 3, self.NAMES, strict=False):
            await add_learner(client, full_name=f"{name} {given_name}")
        query = {"q": f"{words} {given_name}", "sort": "full_name"}
        pages, after = [], {}
        while not pages or pages[-1]["next"]:
            page = await academy.get("/learners", params=query | after | {"limit": 1})
            pages.append(page.json())
            after = {"after": pages[-1]["next"]}
        found = [item["full_name"] for page in pages for item in page["items"]]
        assert len(found) == number
        assert found == await names(academy, **query)
        learners._page.cache_clear()
