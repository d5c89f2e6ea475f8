"""The code that is shown in class: valid for seconds, in one session."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attendance.codes import STEP, VALID, Codes, picture
from app.attendance.problems import AttendanceCodeExpired, AttendanceCodeWrong

CODES = Codes("x" * 32)
SESSION, NOW = UUID(int=7), datetime(2027, 3, 1, 1, 0, 5, tzinfo=UTC)
_MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(_MOMENTS, st.floats(0, STEP - 0.001))
def test_a_code_is_valid_while_it_is_shown_and_one_step_longer(at, later):
    code = CODES.now(SESSION, at)
    assert at < code.shown_until <= at + timedelta(seconds=STEP)
    shown = code.shown_until - timedelta(seconds=STEP) + timedelta(seconds=later)
    assert CODES.step_of(SESSION, code.text, shown) == code.step
    assert CODES.step_of(SESSION, code.text, shown + timedelta(seconds=STEP)) == code.step
    with pytest.raises(AttendanceCodeExpired):
        CODES.step_of(SESSION, code.text, shown + timedelta(seconds=VALID))
    # Nor before it is shown, and in days nobody remembers it.
    for away in (-timedelta(seconds=STEP), timedelta(days=1)):
        with pytest.raises(AttendanceCodeWrong):
            CODES.step_of(SESSION, code.text, shown + away)


def test_a_code_is_of_one_session_and_one_installation():
    code = CODES.now(SESSION, NOW).text
    for codes, session in ((CODES, uuid4()), (Codes("y" * 32), SESSION)):
        with pytest.raises(AttendanceCodeWrong):
            codes.step_of(session, code, NOW)


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    with pytest.raises(AttendanceCodeWrong):
        CODES.step_of(SESSION, text, NOW)


def test_people_type_it_as_they_like():
    code = CODES.now(SESSION, NOW).text
    assert len(code) == 9
    for typed in (code.lower(), code.replace("-", ""), f" {code} ", code.replace("J", "1")):
        assert CODES.step_of(SESSION, typed, NOW)


def test_it_is_shown_as_a_picture():
    assert picture("https://banggiao.example/attendance").startswith("<svg")
