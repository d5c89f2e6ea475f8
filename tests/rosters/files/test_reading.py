"""The same people come out of every kind of file."""

from pathlib import Path
from typing import Any

import pytest

from app.core.files.problems import QuotesBroken, TableTooLarge
from app.core.files.rows import Row, RowError
from app.rosters.files.reading import open_table
from tests.rosters.files.people import PEOPLE, as_csv, files, in_words, tcvn3, workbook

FILES = dict(files())


def rows(path: Path, **said: Any) -> list[Row | RowError]:
    with open_table(path, **said) as table:
        return list(table.rows)


def of(path: Path, content: str | bytes) -> Path:
    file = path / "roster"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def values(path: Path, content: str | bytes, **said: Any) -> list[dict[str, Any]]:
    found = rows(of(path, content), **said)
    return [row.values for row in found if isinstance(row, Row)]


@pytest.mark.parametrize("name", FILES)
def test_the_same_people_come_out_of_each_file(name: str, tmp_path: Path):
    found = values(tmp_path, FILES[name])
    kept = [{field: row[field] for field in PEOPLE[0]} for row in found]
    assert kept == PEOPLE


@pytest.mark.parametrize(
    "name", ["windows-1258.csv", "TCVN3.csv", "VNI.csv", "Excel, CSV UTF-8.csv"]
)
def test_the_bytes_that_old_programs_wrote_are_read_today_and_tomorrow(name: str):
    found = rows(Path(__file__).parent / "data" / name)
    assert [row.values["full_name"] for row in found if isinstance(row, Row)] == [
        person["full_name"] for person in PEOPLE
    ]


def test_a_row_has_the_number_that_people_see(tmp_path: Path):
    table = 'Mã cán bộ;Họ tên\n\n1;A\n;\n2;"B\nb"\n3;C\n'
    assert [row.number for row in rows(of(tmp_path, table))] == [3, 5, 7]
    said = f"sep=;\n{table}"
    assert [row.number for row in rows(of(tmp_path, said))] == [4, 6, 8]
    book = workbook([[], ["Mã cán bộ", "Họ tên"], [], ["1", "A"], ["", ""], ["2", "B"]])
    assert [row.number for row in rows(of(tmp_path, book))] == [4, 6]


def test_an_empty_cell_says_so_and_a_missing_column_says_nothing(tmp_path: Path):
    [row] = values(
        tmp_path, "external_id,full_name,phone,fields,attributes.a,attributes.b\n1,A,,,,x\n"
    )
    assert row == {
        "external_id": "1",
        "full_name": "A",
        "phone": None,
        "fields": [],
        "attributes": {"b": "x"},
    }


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1/2/2024", "2024-02-01"),
        ("01-02-2024", "2024-02-01"),
        ("01.02.2024", "2024-02-01"),
        ("2024-02-01", "2024-02-01"),
        ("31/02/2024", "31/02/2024"),
        ("2/2024", "2/2024"),
        ("1988", "1988"),
        ("1/2/24", "1/2/24"),
        ("1/2-2024", "1/2-2024"),
        ("45352", "45352"),
    ],
)
def test_what_is_no_day_is_left_for_validation_to_refuse(written: str, day: str, tmp_path: Path):
    [row] = values(tmp_path, f"external_id;full_name;birth_date\n1;A;{written}\n")
    assert row["birth_date"] == day


def test_a_number_in_a_workbook_is_never_guessed_to_have_had_zeros(tmp_path: Path):
    def numbers(_: Any, sheet: Any) -> None:
        for index, number in enumerate((17, 79203001234, 912345678)):
            sheet.write_number(1, index, number)

    book = workbook([["Mã cán bộ", "CCCD", "SĐT", "Họ tên"], ["", "", "", "A"]], numbers)
    assert values(tmp_path, book) == [
        {"external_id": "17", "national_id": "79203001234", "phone": "912345678", "full_name": "A"}
    ]


@pytest.mark.parametrize(
    ("written", "languages"),
    [
        ("en:4; fr:2", [("en", 4), ("fr", 2)]),
        ("Tiếng Anh: 4", [("en", 4)]),
        ("ANH: bậc 4;", [("en", 4)]),
        ("Pháp: B1", [("fr", 3)]),
        ("tlh: 9", [("tlh", "9")]),
    ],
)
def test_languages_are_said_in_one_cell(written: str, languages: list[Any], tmp_path: Path):
    [row] = values(tmp_path, f"external_id|full_name|languages\n1|A|{written}\n")
    assert [(skill["language"], skill["level"]) for skill in row["languages"]] == languages


def test_what_is_not_understood_is_passed_on(tmp_path: Path):
    head = "external_id|full_name|languages|status|fields\n"
    [row] = values(tmp_path, head + "1|A|Anh B1|Bận|Lãnh sự; Bếp\n")
    assert row["languages"] == "Anh B1"
    assert row["status"] == "Bận"
    assert row["fields"] == ["consular", "Bếp"]


def test_an_attribute_is_a_number_only_when_json_would_write_it_so(tmp_path: Path):
    cells = {
        "1": 1,
        "-1.5": -1.5,
        "TRUE": True,
        "null": None,
        "007": "007",
        "1e5": "1e5",
        "'1": "1",
        "79203001234": 79203001234,
        "9" * 17: "9" * 17,
        "1,5": "1,5",
    }
    for cell, value in cells.items():
        [row] = values(tmp_path, f"external_id;full_name;attributes.a\n1;A;{cell}\n")
        assert (row["attributes"]["a"], type(row["attributes"]["a"])) == (value, type(value))


def test_a_row_that_is_too_long_is_that_rows_error(tmp_path: Path):
    first, second = rows(of(tmp_path, "external_id;full_name\n1;A;x\n2;B;;\n"))
    assert isinstance(first, RowError)
    assert (first.number, first.value, first.error.type) == (2, "x", "cell_without_heading")
    assert second == Row(3, {"external_id": "2", "full_name": "B"})


def test_letters_that_were_lost_are_that_rows_error(tmp_path: Path):
    [row] = rows(of(tmp_path, "external_id;full_name\n1;Nguy\ufffdn\n"))
    assert isinstance(row, RowError)
    assert (row.field, row.value, row.error.type) == ("full_name", "Nguy\ufffdn", "letters_lost")


@pytest.mark.parametrize("broken", ['2;"B', '2;"B"b', '2;"B\n3;C\n4;D'])
def test_a_quotation_mark_that_is_not_closed_is_told_with_its_line(broken: str, tmp_path: Path):
    with pytest.raises(QuotesBroken) as refusal:
        rows(of(tmp_path, f"external_id;full_name\n1;A\n{broken}\n"))
    assert refusal.value.facts == {"line": 3}


def test_a_table_has_at_most_100_000_rows(tmp_path: Path):
    table = "external_id;full_name\n" + "1;A\n" * 100_000
    assert len(rows(of(tmp_path, table))) == 100_000
    with pytest.raises(TableTooLarge):
        rows(of(tmp_path, table + "1;A\n"))


def test_a_table_has_at_most_64_columns(tmp_path: Path):
    headings = ["external_id", "full_name", *(f"attributes.a{n}" for n in range(62))]
    assert len(values(tmp_path, as_csv([headings, ["1"] * 64]))) == 1
    with pytest.raises(TableTooLarge):
        values(tmp_path, as_csv([[*headings, "attributes.b"], ["1"] * 65]))


def test_names_in_capitals_come_back_from_tcvn3(tmp_path: Path):
    table = in_words()
    for row in table[1:]:
        row[1] = row[1].upper()
    found = values(tmp_path, tcvn3(as_csv(table)))
    assert [row["full_name"] for row in found] == [person["full_name"].upper() for person in PEOPLE]


def test_a_table_tells_the_mapping_with_which_it_was_read(tmp_path: Path):
    file = of(tmp_path, "STT;Mã CB;Họ tên;Attributes.Phòng\n1;1;A;x\n")
    with open_table(file) as table:
        assert table.headings == ["STT", "Mã CB", "Họ tên", "Attributes.Phòng"]
        assert table.fields == {
            "STT": None,
            "Mã CB": "external_id",
            "Họ tên": "full_name",
            "Attributes.Phòng": "attributes.Phòng",
        }
        assert table.encoding == "utf-8"
