"""Attendance reports as Zoom and Microsoft Teams write them, of people who do not exist."""

from collections.abc import Iterable

Row = tuple[str, str, str, str]
"""Name, address, joined, left."""
_ZOOM = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)"


def zoom(
    *rows: Row, meeting: str = "987 6543 2101", begins: str = "03/01/2027 08:00:00 AM"
) -> bytes:
    """Zoom's report of one meeting: first of the meeting, then of its participants."""
    lines = [
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,",
        f"{meeting},Buổi học,{begins},03/01/2027 11:00:00 AM,host@academy.example,180,{len(rows)},",
        "",
        f"{_ZOOM},Guest,Recording Consent,In Waiting Room",
        *(f'"{name}",{email},{joined},{left},0,No,,No' for name, email, joined, left in rows),
    ]
    return "\ufeff".encode() + "\r\n".join(lines).encode()


def teams(*rows: Row, sections: Iterable[int] = (1, 2, 3), lasted: str = "2h 50m 1s") -> bytes:
    """Microsoft Teams' report: UTF-16, apart by tabs, in numbered sections."""
    summary = [
        "1. Summary",
        "Meeting title\tBuổi học",
        f"Attended participants\t{len(rows)}",
        "Start time\t3/1/27, 8:00:11\u202fAM",
        "End time\t3/1/27, 11:01:02\u202fAM",
        "Meeting duration\t3h 51s",
        "Average attendance time\t2h 10m",
        "",
    ]
    participants = [
        "2. Participants",
        "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
        *(f"{n}\t{j}\t{left}\t{lasted}\t{e}\t{e}\tAttendee" for n, e, j, left in rows),
        "",
    ]
    activities = [
        "3. In-Meeting Activities",
        "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
        *(f"{n}\t{j}\t{left}\t1h\t{e}\tAttendee" for n, e, j, left in rows),
        "",
    ]
    chosen = [(summary, participants, activities)[n - 1] for n in sections]
    return "\r\n".join(line for lines in chosen for line in lines).encode("utf-16")


def teams_actions(*rows: tuple[str, str, str]) -> bytes:
    """Its first reports: a line for each time somebody joins or leaves."""
    lines = ["Full Name\tUser Action\tTimestamp", *("\t".join(row) for row in rows)]
    return "\n".join(lines).encode("utf-16")


def teams_2021(*rows: Row, meeting: str) -> bytes:
    """Those of 2021, with the meeting's id."""
    lines = [
        "Meeting Summary",
        f"Total Number of Participants\t{len(rows)}",
        "Meeting Title\tBuổi học",
        "Meeting Start Time\t3/1/2027, 8:00:11 AM",
        "Meeting End Time\t3/1/2027, 11:01:02 AM",
        f"Meeting Id\t{meeting}",
        "",
        "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)",
        *(f"{n}\t{j}\t{left}\t1h\t{e}\tAttendee\t{e}" for n, e, j, left in rows),
    ]
    return "\n".join(lines).encode("utf-16")
