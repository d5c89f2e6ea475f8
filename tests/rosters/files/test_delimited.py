"""Records are those that were written, whatever delimiter and line end."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.files.delimited import records
from app.rosters.files.headings import recognised

CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(list("\n\r\";,\t|'")),
    max_size=8,
)
TABLES = st.lists(
    st.lists(CELLS, min_size=2, max_size=2).filter(lambda row: any(map(str.strip, row))), max_size=6
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=TABLES,
    delimiter=st.sampled_from(";,\t|"),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    says=st.booleans(),
)
def test_records_are_those_that_were_written(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str, *, says: bool
):
    said = StringIO()
    if says:
        said.write(f"sep={delimiter}{end}")
    table = [["external_id", "full_name"], *rows]
    csv.writer(said, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        table
    )
    file = tmp_path / "roster.csv"
    file.write_bytes(said.getvalue().encode())
    found = list(records(file, "utf-8", lambda row: recognised(row, {})))
    assert [cells for _, cells in found] == table
    assert [number for number, _ in found] == numbers(table, 1 + says)


def numbers(table: list[list[str]], line: int) -> list[int]:
    """The lines on which records begin, counted by another way."""
    found = []
    for row in table:
        found.append(line)
        breaks = "".join(row[0] + "\0" + row[1]).replace("\r\n", "\n").replace("\r", "\n")
        line += 1 + breaks.count("\n")
    return found


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_finds_headings(delimiter: str, tmp_path: Path):
    file = tmp_path / "roster.csv"
    names = ["Mã CB", "Họ, tên; đệm | khác", "Ngày sinh"]
    said = StringIO()
    csv.writer(said, delimiter=delimiter).writerow(names)
    file.write_text(said.getvalue(), "utf-8")
    assert [cells for _, cells in records(file, "utf-8", lambda row: recognised(row, {}))] == [
        names
    ]
