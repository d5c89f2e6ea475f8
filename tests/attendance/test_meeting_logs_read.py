"""What the attendance reports of Zoom and Microsoft Teams say, whoever wrote them and how."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attendance.logs.people import Enrolled, Meeting, closest, minutes, people, union
from app.attendance.logs.reading import number, read
from app.attendance.logs.texts import records
from app.attendance.problems import MeetingLogUnreadable, MeetingLogWithoutTimes
from tests.attendance.reports import teams, teams_2021, teams_actions, zoom

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BEGINS = datetime(2027, 3, 1, 8, tzinfo=HANOI).astimezone(UTC)
SESSION = Meeting(BEGINS, BEGINS + timedelta(hours=3), HANOI)
HOA, LAN = UUID(int=1), UUID(int=2)
ENROLLED = [
    Enrolled(HOA, "Nguyễn Thị Minh Hoà", "hoa@so.example"),
    Enrolled(LAN, "Trần Ngọc Lan", None),
]


def found(content, enrolled=ENROLLED, of=SESSION):
    return people(closest(read(content), of), of, enrolled)


def told(content, **more):
    """Whose minutes, as far as it is known who they are."""
    return {p.name: (p.learner_id, p.matched_by, p.minutes) for p in found(content, **more)}


AM = ("03/01/2027 08:00:00 AM", "03/01/2027 09:00:00 AM")


def test_who_joins_and_leaves_many_times_was_there_for_all_of_it_and_no_part_twice():
    report = zoom(
        ("Hoa NTM", "HOA@so.example", "03/01/2027 07:30:00 AM", "03/01/2027 08:40:00 AM"),
        ("Hoa NTM", "hoa@so.example", "03/01/2027 08:30:00 AM", "03/01/2027 09:00:00 AM"),
        ("Hoa NTM", "hoa@so.example", "03/01/2027 10:30:00 AM", "03/01/2027 11:45:00 AM"),
    )
    assert told(report) == {"Hoa NTM": (HOA, "email", 60 + 30)}


def test_names_are_known_however_people_dress_them_up():
    names = [
        *("Nguyễn Thị Minh Hòa", "NGUYEN THI MINH HOA", "Nguyen Thi Minh Hoa (Guest)"),
        *("iPad (Nguyễn Thị Minh Hoà)", "Nguyễn Thị Minh Hoà - Sở Ngoại vụ Huế"),
        "Huế | Nguyễn Thị Minh Hoà (Khách)",
    ]
    report = zoom(*((name, "", *AM) for name in names))
    assert told(report) == dict.fromkeys(names, (HOA, "name", 60))


def test_nobody_is_guessed():
    names = ["Hoà", "Minh Hoà", "Guest", "Khách (Guest)", "Nguyễn Thị Minh Hoàng"]
    report = zoom(*((name, "", *AM) for name in names))
    assert told(report) == dict.fromkeys(names, (None, None, 60))


def test_two_people_of_one_name_are_for_somebody_to_tell_apart():
    other = Enrolled(uuid4(), "Nguyễn Thị Minh Hoa", None)
    report = zoom(("Nguyen Thi Minh Hoa (Khách)", "", *AM), ("Nguyễn Thị Minh Hoà", "", *AM))
    nobody, hoa = found(report, [*ENROLLED, other])
    assert (nobody.learner_id, set(nobody.candidates)) == (None, {HOA, other.learner_id})
    assert (hoa.learner_id, hoa.candidates) == (HOA, ())


def test_teams_counts_each_time_and_not_from_the_first_to_the_last():
    rows = (
        ("Trần Ngọc Lan", "", "3/1/27, 8:00:00\u202fAM", "3/1/27, 8:30:00\u202fAM"),
        ("Trần Ngọc Lan", "", "3/1/27, 10:30:00\u202fAM", "3/1/27, 11:00:00\u202fAM"),
    )
    assert told(teams(*rows)) == {"Trần Ngọc Lan": (LAN, "name", 60)}
    # A short report tells the first and the last, and how long it was in between.
    whole = ("Trần Ngọc Lan", "", "3/1/27, 8:00:00 AM", "3/1/27, 11:00:00 AM")
    short = teams(whole, sections=(1, 2), lasted="59m 40s")
    assert told(short) == {"Trần Ngọc Lan": (LAN, "name", 60)}


def test_older_reports_of_teams_are_read_too():
    row = ("Trần Ngọc Lan", "", "3/1/2027, 8:00:00 AM", "3/1/2027, 8:45:00 AM")
    (log,) = {log.meetings for log in read(teams_2021(row, meeting="ab-12"))}
    assert log == {"ab12"}
    assert told(teams_2021(row, meeting="ab-12"))["Trần Ngọc Lan"][2] == 45
    actions = teams_actions(
        ("Trần Ngọc Lan", "Joined before", "3/1/2027, 7:50:00 AM"),
        ("Nguyễn Thị Minh Hoà", "Joined", "3/1/2027, 8:10:00 AM"),
        ("Nguyễn Thị Minh Hoà", "Left", "3/1/2027, 8:20:00 AM"),
        ("Nguyễn Thị Minh Hoà", "Joined", "3/1/2027, 10:00:00 AM"),
    )
    assert {name: m for name, (_, _, m) in told(actions).items()} == {
        "Trần Ngọc Lan": 180,
        "Nguyễn Thị Minh Hoà": 10 + 60,
    }


@pytest.mark.parametrize(
    "written",
    [
        *("2027-03-01 08:00:00|2027-03-01 09:00:00", "01/03/2027 08:00|01/03/2027 09:00"),
        *("3/1/2027 8:00 AM|3/1/2027 9:00 AM", "01.03.2027, 08:00:00|01.03.2027, 09:00:00"),
        *("Mar 1 2027 08:00 AM|March 1 2027 09:00:00 AM", "1/3/27 8:00 SA|1/3/27 9:00 SA"),
    ],
)
def test_days_are_read_as_the_country_writes_them(written):
    joined, left = written.split("|")
    row = ("Trần Ngọc Lan", "", f'"{joined}"', f'"{left}"')
    assert told(zoom(row))["Trần Ngọc Lan"][2] == 60


def test_a_report_is_in_the_zone_of_who_took_it():
    brussels = SESSION._replace(zone=ZoneInfo("Europe/Brussels"))
    row = ("Trần Ngọc Lan", "", "2027-03-01 02:00", "2027-03-01 03:00")
    assert told(zoom(row), of=brussels)["Trần Ngọc Lan"][2] == 60
    assert told(zoom(row))["Trần Ngọc Lan"][2] == 0


def test_whoever_waits_outside_is_not_there():
    report = zoom(("Trần Ngọc Lan", "", *AM)).replace(b",No,,No", b",No,,Yes")
    with pytest.raises(MeetingLogUnreadable):
        read(report)
    both = report + b"\r\n" + f'"Trần Ngọc Lan",,{AM[0]},{AM[1]},60,No,,No'.encode()
    assert told(both)["Trần Ngọc Lan"][2] == 60


def test_a_report_says_which_meetings_it_is_of():
    assert read(zoom(("A", "", *AM)))[0].meetings == {"98765432101"}
    assert number("987 6543 2101") == "98765432101"
    table = (
        "Topic,ID,Host name,Host email,Name (original name),Email,Join time,Leave time\n"
        f"Họp,111 222,Chủ trì,host@academy.example,Trần Ngọc Lan,lan@so.example,{AM[0]},{AM[1]}\n"
    )
    log = read(table.encode())[0]
    assert (log.meetings, log.stays[0].email) == ({"111222"}, "lan@so.example")


def test_what_is_no_report_is_refused_with_its_line():
    for content in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04" + bytes(100), b'"' * 99):
        with pytest.raises(MeetingLogUnreadable):
            read(content)
    with pytest.raises(MeetingLogUnreadable) as refused:
        read(zoom(("A", "", *AM), ("B", "", "yesterday", AM[1])))
    assert refused.value.facts["line"] == 6
    with pytest.raises(MeetingLogWithoutTimes):
        read(b"Name (Original Name),User Email,Total Duration (Minutes),Guest\nA,,12,No\n")


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_break_the_reader(content):
    _reads_or_refuses(content)


_CELLS = st.sampled_from(
    [
        *("Name", "Full Name", "Name (Original Name)", "Email", "Join Time", "Leave Time", "a@b"),
        *("First Join", "Last Leave", "In-Meeting Duration", "User Action", "Timestamp", "Joined"),
        *("Left", "Meeting ID", "3/1/27, 8:00 AM", "2027-03-01 08:30", "99/99/99 99:99", "", "1h"),
        *("31.12.9999 23:59", "1/1/0001 00:00", "1. Summary", '"', "In Waiting Room", "Yes", "ID"),
    ]
)


@given(st.lists(st.lists(_CELLS, max_size=7), max_size=8), st.sampled_from("\t,;"))
def test_nothing_that_looks_like_a_report_breaks_the_reader(rows, delimiter):
    text = "\n".join(delimiter.join(row) for row in rows)
    for content in (text.encode(), text.encode("utf-16"), text.encode("utf-16-le")):
        _reads_or_refuses(content)


def _reads_or_refuses(content):
    try:
        logs = read(content)
    except (MeetingLogUnreadable, MeetingLogWithoutTimes):
        return
    for person in people(closest(logs, SESSION), SESSION, ENROLLED):
        assert 0 <= person.minutes <= 180


_HOURS = st.floats(-2, 5).map(lambda hour: BEGINS + timedelta(hours=hour))


@given(st.lists(st.tuples(_HOURS, _HOURS), max_size=8))
def test_time_together_is_what_is_in_any_interval(intervals):
    merged = union(intervals)
    assert all(a[1] < b[0] for a, b in pairwise(merged))
    inside = [BEGINS + timedelta(seconds=n * 37) for n in range(-200, 500)]
    for moment in inside:
        anywhere = any(begins <= moment < ends for begins, ends in intervals)
        assert anywhere == any(begins <= moment < ends for begins, ends in merged)
    assert minutes(intervals) == minutes(merged) <= 7 * 60


@pytest.mark.parametrize(
    "content",
    [
        "a" + "\u0301\u0323" * 2000,  # which takes quadratic time to be normalized
        "," * 2000,
        "a\n" * 50_000,
    ],
)
def test_what_would_take_long_to_read_is_not_read(content):
    with pytest.raises(MeetingLogUnreadable):
        list(records(content))
