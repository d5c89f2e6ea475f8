import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import islice

import pytest

from app.core.text import fold
from app.demo.people import AS_OF, Officer, officers, units_of

KINDS = {"DAV": "academy", "MOIT": "ministry", "SPC": "ministry", "VN-01": "province"}
FIELDS = {
    "consular",
    "protocol_and_events",
    "press_and_information",
    "border_and_territory",
    "cultural_diplomacy",
    "overseas_vietnamese",
    "international_integration",
    "economic_diplomacy",
    "translation_and_interpretation",
    "international_cooperation",
}
LEVELS = ["none", "division", "department", "ministry_or_province"]


def roster(code: str, count: int = 400, seed: int = 2026) -> list[Officer]:
    return list(officers(code, KINDS.get(code, "province"), count, seed))


def share(people: list[Officer], which: Callable[[Officer], bool]) -> float:
    return sum(map(which, people)) / len(people)


def speaks(language: str) -> Callable[[Officer], bool]:
    return lambda officer: any(skill["language"] == language for skill in officer.languages)


def test_the_same_seed_gives_the_same_people() -> None:
    assert roster("VN-01") == roster("VN-01")
    assert roster("VN-01") != roster("VN-01", seed=7)
    assert roster("VN-01")[0].full_name == "Trần Khánh Tú"


def test_a_longer_roster_begins_with_the_same_people() -> None:
    assert roster("MOIT", 500)[:80] == roster("MOIT", 80)


@pytest.mark.parametrize("code", KINDS)
class TestEveryOfficer:
    def test_is_known_by_one_number_and_one_address(self, code: str) -> None:
        people = roster(code)
        assert people[122].external_id == "CB-000123"
        for unique in ("external_id", "email", "national_id"):
            assert len({getattr(officer, unique) for officer in people}) == len(people)

    def test_is_nobody_in_the_real_world(self, code: str) -> None:
        for officer in roster(code):
            assert officer.email.isascii()
            assert officer.email.endswith(f"@{code.lower()}.example")
            assert officer.phone.startswith("+840")  # no number goes on with 0 after 84
            assert officer.national_id.startswith("999")
            assert len(officer.national_id) == 12
            assert officer.national_id.isdigit()

    def test_serves_in_a_unit_of_the_organisation(self, code: str) -> None:
        units = {unit for unit, *_ in units_of(KINDS[code])}
        assert {officer.unit_code for officer in roster(code)} <= units

    def test_has_a_life_in_order(self, code: str) -> None:
        for officer in roster(code):
            assert 21 < _years(officer.birth_date, officer.recruited_on) < 28
            assert _years(officer.birth_date, AS_OF) < 60
            assert officer.recruited_on < officer.position_since <= AS_OF
            if earlier := officer.earlier_position:
                assert officer.recruited_on <= earlier["held_from"] < earlier["held_until"]
                assert earlier["held_until"] == officer.position_since
                assert earlier["position_title"] != officer.position_title

    def test_rises_one_level_at_a_time(self, code: str) -> None:
        for officer in roster(code):
            level = LEVELS.index(officer.leadership_level)
            assert bool(level) <= bool(officer.earlier_position)
            if earlier := officer.earlier_position:
                assert LEVELS.index(earlier["leadership_level"]) == max(0, level - 1)

    def test_is_described_in_the_words_of_the_service(self, code: str) -> None:
        for officer in roster(code):
            assert officer.leadership_level in LEVELS
            assert officer.category in {"official", "civil_servant", "public_employee"}
            assert officer.status in {"active", "suspended", "left"}
            assert set(officer.fields) <= FIELDS
            assert len(set(officer.fields)) == len(officer.fields) <= 3
            for skill in officer.languages:
                assert skill["language"] in {"en", "fr", "zh", "ru", "ja", "ko", "lo", "km"}
                assert 1 <= skill["level"] <= 6

    def test_has_a_vietnamese_name_written_in_one_way(self, code: str) -> None:
        for officer in roster(code):
            assert unicodedata.is_normalized("NFC", officer.full_name)
            assert 2 <= len(officer.full_name.split()) <= 5
            assert fold(officer.full_name).replace(" ", "").isalpha()


def test_no_two_officers_in_the_country_share_an_identity_number() -> None:
    codes = ["DAV", "MOFA", "MOIT", "MOH", "MPI", *(f"VN-{n:02}" for n in range(1, 97))]
    codes += [f"VN-{n:02}-2004" for n in range(1, 97)]
    numbers = [officer.national_id for code in codes for officer in officers(code, "province", 100)]
    assert len(set(numbers)) == len(numbers)


def test_family_names_are_as_frequent_as_in_the_country() -> None:
    families = Counter(officer.full_name.split()[0] for officer in roster("MOIT", 5_000))
    assert [family for family, _ in families.most_common(4)] == ["Nguyễn", "Trần", "Lê", "Phạm"]
    assert 0.28 < families["Nguyễn"] / 5_000 < 0.36


def test_in_the_south_one_says_huynh_and_vo() -> None:
    assert {"Huỳnh", "Võ"}.isdisjoint(o.full_name.split()[0] for o in roster("VN-01", 2_000))
    assert {"Hoàng", "Vũ"}.isdisjoint(o.full_name.split()[0] for o in roster("VN-79", 2_000))


def test_middle_names_fit_men_and_women() -> None:
    given = {"Thị": set[str](), "Văn": set[str]()}
    for officer in roster("MOIT", 2_000):
        for middle in set(officer.full_name.split()[1:-1]) & given.keys():
            given[middle].add(officer.full_name.split()[-1])
    assert "Hương" in given["Thị"] - given["Văn"]
    assert "Hùng" in given["Văn"] - given["Thị"]


@pytest.mark.parametrize(("code", "language"), [("VN-20", "zh"), ("VN-42", "lo"), ("VN-80", "km")])
def test_a_border_province_has_speakers_of_the_neighbours_language(
    code: str, language: str
) -> None:
    inland = share(roster("VN-01", 1_000), speaks(language))
    assert share(roster(code, 1_000), speaks(language)) > 0.25 > 3 * inland


def test_nearly_all_officers_are_active_and_most_know_english() -> None:
    people = roster("VN-01", 2_000)
    assert share(people, lambda officer: officer.status == "active") > 0.94
    assert {officer.status for officer in people} == {"active", "suspended", "left"}
    assert 0.85 < share(people, speaks("en")) < 0.97


def test_leaders_are_a_minority_in_a_province_of_ordinary_size() -> None:
    levels = Counter(officer.leadership_level for officer in roster("VN-01", 80))
    assert levels["none"] > 50
    assert levels["department"] >= 5
    assert levels["division"] >= 5
    assert levels["ministry_or_province"] <= 1


def test_the_head_of_the_foreign_affairs_office_comes_first_in_a_province() -> None:
    for number in range(1, 97):
        (head,) = officers(f"VN-{number:02}", "province", 1)
        assert (head.position_title, head.status) == ("Giám đốc Sở Ngoại vụ", "active")
        assert (head.unit_code, head.leadership_level) == ("SNGV", "department")


def test_one_leading_post_has_one_head() -> None:
    titles = Counter(o.position_title for o in roster("VN-01", 2_000))
    assert titles["Giám đốc Sở Ngoại vụ"] == 1
    assert titles["Phó Giám đốc Sở Ngoại vụ"] == 2


@pytest.mark.parametrize(
    ("code", "title"), [("MOIT", "Thứ trưởng"), ("SPC", "Phó Chánh án"), ("VN-01", "Phó Chủ tịch")]
)
def test_deputies_of_a_minister_or_chairman_are_called_as_their_agency_calls_them(
    code: str, title: str
) -> None:
    top = [o for o in roster(code) if o.leadership_level == "ministry_or_province"]
    assert [officer.position_title.startswith(title) for officer in top] == [True]


def test_the_academy_teaches_with_public_employees() -> None:
    people = roster("DAV")
    assert {officer.category for officer in people} == {"public_employee"}
    assert any(officer.rank == "Giảng viên chính" for officer in people)


@pytest.mark.parametrize("kind", ["academy", "ministry", "province"])
def test_units_form_a_tree_with_parents_first(kind: str) -> None:
    seen: set[str] = set()
    for code, name_vi, name_en, parent in units_of(kind):
        assert parent is None or parent in seen
        assert code not in seen
        assert name_vi == unicodedata.normalize("NFC", name_vi) != name_en
        seen.add(code)
    assert len(seen) >= 8


def test_people_come_one_by_one() -> None:
    assert len(list(islice(officers("VN-01", "province", 10**9), 3))) == 3


def _years(start: date, end: date) -> float:
    return (end - start).days / 365.25
