import csv
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

import app.organizations

FILE = Path(app.organizations.__file__).parent / "reference" / "organizations.csv"
LAST_DAY_OF_63 = date(2025, 6, 30)
FIRST_DAY_OF_34 = date(2025, 7, 1)
MINISTRIES_MERGED = date(2025, 3, 1)


class Row(NamedTuple):
    code: str
    kind: str
    name_vi: str
    name_en: str
    short_name_vi: str
    parent: str
    opened_on: str
    closed_on: str
    successors: str

    def is_open(self, day: date) -> bool:
        closed = date.fromisoformat(self.closed_on) if self.closed_on else date.max
        return date.fromisoformat(self.opened_on) <= day < closed


def read() -> list[Row]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert tuple(header) == Row._fields
    return [Row(*row) for row in rows]


ROWS = read()
BY_CODE = {row.code: row for row in ROWS}
CLOSED = [row for row in ROWS if row.closed_on]


def provinces(day: date) -> list[Row]:
    return [row for row in ROWS if row.kind == "province" and row.is_open(day)]


def test_63_provinces_became_34_on_the_first_of_july_2025() -> None:
    assert len(provinces(LAST_DAY_OF_63)) == 63
    assert len(provinces(FIRST_DAY_OF_34)) == 34


def test_11_provinces_continue_and_52_became_23() -> None:
    before, after = set(provinces(LAST_DAY_OF_63)), set(provinces(FIRST_DAY_OF_34))
    assert len(before & after) == 11
    assert len(before - after) == 52
    assert len(after - before) == 23
    assert {row.successors for row in before - after} == {row.code for row in after - before}


@pytest.mark.parametrize(
    ("province", "merged"),
    [
        ("Tuyên Quang", {"Tuyên Quang", "Hà Giang"}),
        ("Lào Cai", {"Lào Cai", "Yên Bái"}),
        ("Thái Nguyên", {"Thái Nguyên", "Bắc Kạn"}),
        ("Phú Thọ", {"Phú Thọ", "Vĩnh Phúc", "Hòa Bình"}),
        ("Bắc Ninh", {"Bắc Ninh", "Bắc Giang"}),
        ("Hưng Yên", {"Hưng Yên", "Thái Bình"}),
        ("Hải Phòng", {"Hải Phòng", "Hải Dương"}),
        ("Ninh Bình", {"Ninh Bình", "Hà Nam", "Nam Định"}),
        ("Quảng Trị", {"Quảng Trị", "Quảng Bình"}),
        ("Đà Nẵng", {"Đà Nẵng", "Quảng Nam"}),
        ("Quảng Ngãi", {"Quảng Ngãi", "Kon Tum"}),
        ("Gia Lai", {"Gia Lai", "Bình Định"}),
        ("Khánh Hòa", {"Khánh Hòa", "Ninh Thuận"}),
        ("Lâm Đồng", {"Lâm Đồng", "Đắk Nông", "Bình Thuận"}),
        ("Đắk Lắk", {"Đắk Lắk", "Phú Yên"}),
        ("Hồ Chí Minh", {"Hồ Chí Minh", "Bình Dương", "Bà Rịa - Vũng Tàu"}),
        ("Đồng Nai", {"Đồng Nai", "Bình Phước"}),
        ("Tây Ninh", {"Tây Ninh", "Long An"}),
        ("Cần Thơ", {"Cần Thơ", "Sóc Trăng", "Hậu Giang"}),
        ("Vĩnh Long", {"Vĩnh Long", "Bến Tre", "Trà Vinh"}),
        ("Đồng Tháp", {"Đồng Tháp", "Tiền Giang"}),
        ("Cà Mau", {"Cà Mau", "Bạc Liêu"}),
        ("An Giang", {"An Giang", "Kiên Giang"}),
    ],
)
def test_a_merged_province_is_made_of_those_the_resolution_names(
    province: str, merged: set[str]
) -> None:
    (new,) = [row for row in provinces(FIRST_DAY_OF_34) if row.short_name_vi == province]
    assert {row.short_name_vi for row in CLOSED if row.successors == new.code} == merged


def test_at_least_28_ministries_and_central_agencies_send_officers_now() -> None:
    ministries = [row for row in ROWS if row.kind == "ministry"]
    assert len([row for row in ministries if not row.closed_on]) >= 28
    assert {row.code for row in ministries if row.closed_on} == {
        *("MPI", "MOT", "MIC", "MONRE", "MARD", "MOLISA", "CEMA")
    }
    assert {row.closed_on for row in ministries} == {"", MINISTRIES_MERGED.isoformat()}


def test_there_is_one_academy() -> None:
    assert [row.code for row in ROWS if row.kind == "academy"] == ["DAV"]


def test_a_code_names_one_organisation_and_says_what_it_is() -> None:
    assert len(BY_CODE) == len(ROWS)
    for row in ROWS:
        pattern = r"VN-\d\d(-2004)?" if row.kind == "province" else r"[A-Z]{2,6}"
        assert re.fullmatch(pattern, row.code)
        assert row.code.endswith("-2004") == (row.kind == "province" and bool(row.closed_on))


def test_what_closes_has_successors_that_are_open_that_day() -> None:
    for row in ROWS:
        assert bool(row.closed_on) == bool(row.successors)
    for row in CLOSED:
        successors = [BY_CODE[code] for code in row.successors.split(";")]
        assert all(new.is_open(date.fromisoformat(row.closed_on)) for new in successors)
        assert {new.kind for new in successors} == {row.kind}
        assert row.opened_on < row.closed_on


def test_what_is_closed_is_found_below_its_main_successor() -> None:
    for row in ROWS:
        assert row.parent == row.successors.split(";")[0]


def test_no_two_open_organisations_share_a_name() -> None:
    for day in (LAST_DAY_OF_63, FIRST_DAY_OF_34):
        names = [row.name_vi for row in ROWS if row.is_open(day)]
        assert len(set(names)) == len(names)


def test_names_are_written_in_one_way() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    for row in ROWS:
        assert all(value == " ".join(value.split()) for value in row)
        assert row.name_vi.endswith(row.short_name_vi) or row.kind != "province"
        assert row.name_en.isascii()
