"""Rows that are plain are read by the quick way as they would be by the other."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.core.secrets import Pepper
from app.rosters import rows
from app.rosters.plain_rows import converted, decoded
from app.rosters.row_schema import RosterRow
from app.rosters.rows import RowReader
from app.rosters.sources import Numbered

READER = RowReader(Pepper("a secret for tests, and for nothing else"), {})
PLAIN = {
    "external_id": "CB-1",
    "full_name": "Nguyễn Thị Minh Hoà",
    "birth_date": "1988-04-12",
    "email": "hoa@example.vn",
    "phone": "+84 24 0000 0001",
    "position_title": "Chuyên viên",
    "leadership_level": "none",
    "category": "civil_servant",
    "position_since": "2024-03-01",
    "fields": ["protocol_and_events", "consular", "consular"],
    "languages": [{"language": "fr", "level": 2}, {"language": "en", "level": 4}],
    "status": "active",
    "attributes": {},
    "national_id": "079203001234",
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(codec="utf-8")),
    st.sampled_from(["", " x", "x ", "a\u0301", "\u0000", "\u00a0x", "1988-02-30"]),
    st.sampled_from(["1899-12-31", "2200-01-02", "1988-4-2", "19880412", "0001-01-01", "x@y.z\n"]),
    st.lists(st.sampled_from(["consular", "x", None])),
    st.lists(
        st.fixed_dictionaries(
            {"language": st.sampled_from(["en", "vi", "x"]), "level": st.integers(0, 7)},
            optional={"evidence": st.sampled_from([None, "", " a", "IELTS"])},
        )
    ),
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), st.none()),
)
ROW = st.fixed_dictionaries(
    {},
    optional={name: st.one_of(st.just(value), ODD) for name, value in PLAIN.items()}
    | {"unit": ODD, "unit_id": ODD, "former_external_id": ODD, "x": ODD},
)


def read(values: Any) -> Any:
    record, _, mistakes = READER.read(Numbered(1, b"digest", values))
    if record is None:
        return [(wrong.field, wrong.code) for wrong in mistakes]
    return (*record[:3], sorted(record[3]), *record[4:])


def read_by_the_schema(values: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "converted", lambda _: None)
        return read(values)


@given(ROW)
def test_each_way_reads_a_row_alike(values: dict[str, Any]):
    expected = read_by_the_schema(values)
    assert read(values) == expected
    given_as_json = decoded(msgspec.json.encode(values))
    assert given_as_json is None or read(given_as_json) == expected


def test_a_plain_row_takes_the_quick_way():
    assert converted(PLAIN) is not None
    assert decoded(msgspec.json.encode(PLAIN)) == converted(PLAIN)


@pytest.mark.parametrize(
    "odd", [{"full_name": " Hoà"}, {"full_name": "Hoa\u0300"}, {"attributes": {"a": 1}}, {"x": 1}]
)
def test_a_row_that_is_not_plain_does_not(odd: dict[str, Any]):
    assert converted(PLAIN | odd) is None
    assert decoded(msgspec.json.encode(PLAIN | odd)) is None


def test_what_the_quick_way_takes_the_schema_takes():
    with pytest.raises(ValidationError):
        RosterRow.model_validate(PLAIN | {"status": "gone"})
    assert converted(PLAIN | {"status": "gone"}) is None
