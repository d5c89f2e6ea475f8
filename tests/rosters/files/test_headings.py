"""Which columns are known, and what is said of those that are not."""

from pathlib import Path
from typing import get_args

import pytest

from app.core.files.problems import FileEmpty
from app.core.text import fold
from app.learners import vocabulary
from app.learners.schemas import LearnerIn
from app.rosters.files import words
from app.rosters.files.headings import is_field, suggested_mapping
from app.rosters.files.problems import HeadingsMissing, HeadingsUnknown, HeadingTwice
from tests.rosters.files.test_reading import of, rows, values


def test_the_fields_are_those_of_a_learner():
    of_rosters = {"unit", "former_external_id"}
    assert {*words.FIELDS} - of_rosters == LearnerIn.model_fields.keys() - {"unit_id", "attributes"}
    assert set(words.said()["headings"]) == set(words.said()["guide"]) == set(words.FIELDS)


@pytest.mark.parametrize(
    ("of_list", "codes"),
    [
        ("leadership_level", get_args(get_args(vocabulary.LeadershipLevel)[0])),
        ("category", get_args(get_args(vocabulary.Category)[0])),
        ("status", get_args(get_args(vocabulary.Status)[0])),
        ("fields", get_args(vocabulary.Field)),
    ],
)
def test_each_code_has_words_in_both_languages(of_list: words.ClosedList, codes: tuple[str, ...]):
    said = words.said()[of_list]
    assert set(said) == set(codes)
    assert all(len(terms) >= 2 for terms in said.values())


def test_no_word_means_two_things():
    lists = {name: table for name, table in words.said().items() if name in words.LISTS}
    lists["headings"] = {
        field: sorted({*map(fold, (*names["vi"], *names["en"]))})
        for field, names in words.said()["headings"].items()
    }
    for name, table in lists.items():
        said = [fold(word) for terms in table.values() for word in sorted({*map(fold, terms)})]
        assert len(said) == len({*said}), (name, sorted(w for w in said if said.count(w) > 1))


def test_unknown_headings_are_named_with_a_mapping_to_begin_with(tmp_path: Path):
    with pytest.raises(HeadingsUnknown) as refusal:
        rows(of(tmp_path, "Mã CB;Họ tên;Cỡ giày;Sở thích\n1;A;40;Cờ\n"))
    facts = refusal.value.facts
    assert facts["unknown"] == "“Cỡ giày”, “Sở thích”"
    assert facts["suggested_mapping"] == {
        "Mã CB": "external_id",
        "Họ tên": "full_name",
        "Cỡ giày": None,
        "Sở thích": None,
    }
    mapping = facts["suggested_mapping"]
    assert values(tmp_path, "Mã CB;Họ tên;Cỡ giày;Sở thích\n1;A;40;Cờ\n", mapping=mapping) == [
        {"external_id": "1", "full_name": "A"}
    ]


def test_a_saved_mapping_wins(tmp_path: Path):
    mapping = {"HỌ TÊN": "full_name", "Email": None, "Số hiệu": "external_id", "Mã CB": "unit"}
    table = "Số hiệu;Mã CB;họ  tên;Email;Cỡ\n1;P1;A;x;\n"
    [row] = values(tmp_path, table, mapping={**mapping, "Cỡ": "attributes.size"})
    assert row == {"external_id": "1", "unit": "P1", "full_name": "A", "attributes": {}}


def test_a_mapping_to_what_is_no_field_is_unknown(tmp_path: Path):
    with pytest.raises(HeadingsUnknown):
        rows(of(tmp_path, "external_id;full_name;a\n1;A;x\n"), mapping={"a": "organization_id"})
    assert is_field("attributes.a")
    assert not is_field("attributes.")
    assert not is_field("unit_id")


def test_two_columns_for_one_field_are_refused(tmp_path: Path):
    with pytest.raises(HeadingTwice) as refusal:
        rows(of(tmp_path, "Mã CB;Họ tên;Số CCCD;CMND/CCCD\n1;A;2;3\n"))
    assert refusal.value.facts == {"field": "national_id", "twice": "“Số CCCD”, “CMND/CCCD”"}


def test_required_headings_that_are_missing_are_named(tmp_path: Path):
    with pytest.raises(HeadingsMissing) as refusal:
        rows(of(tmp_path, "Họ tên;Email\nA;x\n"))
    assert refusal.value.facts == {"missing": "`external_id`"}


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " \n"])
def test_a_file_without_headings_is_refused(content: str, tmp_path: Path):
    with pytest.raises(FileEmpty):
        rows(of(tmp_path, content))


def test_a_mapping_can_be_suggested_before_any_file_is_read():
    assert suggested_mapping(["Ho va ten", "ATTRIBUTES.a", ""]) == {
        "Ho va ten": "full_name",
        "ATTRIBUTES.a": "attributes.a",
    }
