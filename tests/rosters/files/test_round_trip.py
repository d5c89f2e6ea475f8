"""What is written is read again unchanged, whatever is in it; and no spreadsheet computes it."""

import csv
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from app.core.files.rows import Row
from app.core.text import nfc
from app.rosters.files.reading import open_table
from app.rosters.files.templates import choices, template
from app.rosters.files.words import CLOSED, FIELDS
from app.rosters.files.writing import columns_for, csv_of, write_workbook
from tests.rosters.files.people import PEOPLE

ATTRIBUTES = ["a", "Số/hiệu", "c.d"]
COLUMNS = columns_for(ATTRIBUTES, FIELDS)

FIRST = st.sampled_from(
    ["", "=", "+", "-", "@", "'", "''", "'=", "'+84", "'1", "1", "true", "\u200b"]
)
LETTERS = st.characters(
    exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffd\ufffe\uffff"
) | st.sampled_from(list("\n\t\r;,|\"'=()_x000D_&<>éễ\u0301"))
TEXT = (
    st.tuples(FIRST, st.text(LETTERS, max_size=12))
    .map("".join)
    .map(lambda text: nfc(text).strip())
    .filter(lambda text: nfc(text).strip() == text)
)
WORDS = TEXT.map(lambda text: text or None)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
ATTRIBUTE = (
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
SKILL = st.fixed_dictionaries(
    {"language": st.sampled_from(["en", "fr", "zh"]), "level": st.integers(1, 6)},
    optional={"evidence": TEXT.filter(bool)},
)
LISTS: dict[str, st.SearchStrategy[Any]] = {
    "fields": st.lists(st.sampled_from(["consular", "protocol_and_events"]), unique=True),
    "languages": st.lists(SKILL, max_size=3),
    "attributes": st.dictionaries(st.sampled_from(ATTRIBUTES), ATTRIBUTE),
}
CHOSEN = {
    field: st.none() | st.sampled_from(["active", "civil_servant", "none"]) for field in CLOSED
}
DATED = {field: DAYS for field in FIELDS if field.endswith(("_date", "_since", "_on"))}
ROW = st.fixed_dictionaries(
    dict.fromkeys(FIELDS, WORDS) | {"external_id": WORDS.filter(bool)} | LISTS | CHOSEN | DATED
)


def read(path: Path) -> list[Any]:
    with open_table(path) as table:
        return [row.values if isinstance(row, Row) else row for row in table.rows]


calm = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@calm
@given(st.lists(ROW, max_size=5))
def test_a_csv_file_is_read_as_it_was_written(tmp_path: Path, rows: list[Any]):
    file = tmp_path / "roster.csv"
    file.write_bytes(b"".join(csv_of(rows, COLUMNS)))
    assert read(file) == rows


@settings(calm, max_examples=20)
@given(st.lists(ROW, min_size=5, max_size=20))
def test_a_workbook_is_read_as_it_was_written(tmp_path: Path, rows: list[Any]):
    file = tmp_path / "roster.xlsx"
    write_workbook(file, rows, COLUMNS)
    assert read(file) == rows


@calm
@given(st.lists(ROW, min_size=1, max_size=3))
def test_no_cell_of_a_csv_file_begins_as_a_formula_does(rows: list[Any]):
    said = b"".join(csv_of(rows, COLUMNS)).decode("utf-8-sig")
    for record in list(csv.reader(StringIO(said, newline=""), delimiter=";"))[1:]:
        for cell in record:
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not cell.startswith("-") or float(cell) <= 0


def test_writing_again_what_was_read_writes_the_same_bytes(tmp_path: Path):
    file = tmp_path / "roster.csv"
    first = b"".join(csv_of(PEOPLE, COLUMNS))
    file.write_bytes(first)
    assert b"".join(csv_of(read(file), COLUMNS)) == first


def test_a_csv_file_comes_in_pieces():
    pieces = list(csv_of(PEOPLE * 1000, FIELDS))
    assert len(pieces) > 10
    assert pieces[0].startswith(b"\xef\xbb\xbfexternal_id;full_name;")


def test_in_a_workbook_days_are_days_and_numbers_of_people_are_text(tmp_path: Path):
    file = tmp_path / "roster.xlsx"
    write_workbook(file, PEOPLE, FIELDS)
    headings, first, *_ = load_workbook(file).get_sheet_by_index(0).to_python()
    row = dict(zip(headings, first, strict=True))
    assert row["birth_date"] == date(1961, 4, 12)
    assert row["national_id"] == PEOPLE[0]["national_id"]
    assert row["phone"] == PEOPLE[0]["phone"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_template_explains_each_column_and_is_read(language: Any, tmp_path: Path):
    file = tmp_path / "template.xlsx"
    file.write_bytes(template(language))
    with open_table(file) as table:
        assert list(table.fields.values()) == list(FIELDS)
        assert list(table.rows) == []
    guide = load_workbook(BytesIO(file.read_bytes())).get_sheet_by_index(1).to_python()
    assert [len(row) for row in guide] == [5] * (len(FIELDS) + 1)
    assert all(cell for row in guide for cell in row)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_words_to_choose_from_and_the_examples_are_understood(language: Any, tmp_path: Path):
    guide = load_workbook(BytesIO(template(language))).get_sheet_by_index(1).to_python()[1:]
    table = StringIO()
    csv.writer(table).writerows([[row[0] for row in guide], [row[4] for row in guide]])
    file = tmp_path / "examples.csv"
    file.write_text(table.getvalue(), "utf-8")
    [row] = read(file)
    assert row["birth_date"] == "1988-04-12"
    assert row["fields"] == ["protocol_and_events", "international_cooperation"]
    assert row["languages"][1] == {"language": "fr", "level": 2}
    assert (row["category"], row["leadership_level"]) == ("civil_servant", "none")
    for field in CLOSED:
        for word in choices(field, language):
            file.write_text(f"external_id;full_name;{field}\n1;A;{word}\n", "utf-8")
            assert read(file)[0][field] not in (word, None)
