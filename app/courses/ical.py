"""Sessions as a calendar of RFC 5545, for the programs in which people keep their time.

Nothing is dropped: what is cancelled stays, with STATUS:CANCELLED, for programs that had it keep
what a calendar stops telling of. An event is its session for good (UID), and each change of it has
a higher SEQUENCE. Times are of the zone of the session, which the calendar describes itself.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vUri

_SEPARATORS = re.compile("[\x85\u2028\u2029]")
"""Which the standard does not mean, and some programs take for the end of a line."""
WRITER = "1"
"""To be counted up when the same sessions are written otherwise, for tags depend on it."""


class Words(NamedTuple):
    cancelled: str
    tentative: str
    online: str
    course: str
    taught_by: str
    join: str
    dial_in: str


WORDS = {
    "vi": Words(
        "ĐÃ HỦY",
        "DỰ KIẾN",
        "Trực tuyến",
        "Khóa bồi dưỡng",
        "Giảng viên",
        "Tham gia trực tuyến",
        "Gọi điện thoại",
    ),
    "en": Words(
        *("CANCELLED", "TENTATIVE", "Online", "Course", "Taught by", "Join online", "Dial in")
    ),
}


def written(content: Mapping[str, Any], language: str) -> bytes:
    """The calendar as a file, in Vietnamese or in English."""
    # The library does not escape what it does not know, and takes no line for it that ends.
    name = " ".join(str(content[f"name_{language}"]).split())
    calendar = Calendar()
    calendar.add("prodid", f"-//Bang Giao//Calendar {WRITER}//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)  # RFC 7986, and what programs read that do not know it
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in content["events"]:
        calendar.add_component(_event(event, language, WORDS[language]))
    if content["events"]:
        calendar.add_missing_timezones()
    text = calendar.to_ical().decode()
    return _SEPARATORS.sub(" ", text).encode()


def _event(session: Mapping[str, Any], language: str, words: Words) -> Event:
    zone = ZoneInfo(session["zone"])
    event = Event()
    event.add("uid", f"{session['id']}@banggiao")
    event.add("sequence", session["sequence"])
    event.add("dtstamp", _moment(session["updated_at"]))
    event.add("created", _moment(session["created_at"]))
    event.add("last-modified", _moment(session["updated_at"]))
    event.add("dtstart", _moment(session["starts_at"]).astimezone(zone))
    event.add("dtend", _moment(session["ends_at"]).astimezone(zone))
    event.add("summary", _summary(session, language, words))
    event.add("status", _status(session))
    event.add("categories", [session["course_code"]])
    if location := _location(session, language, words):
        event.add("location", location)
    event.add("description", _description(session, language, words))
    url, _ = _meeting(session)
    if url is not None:
        event.add("url", vUri(url))
    return event


def _status(session: Mapping[str, Any]) -> str:
    if session["cancelled"]:
        return "CANCELLED"
    return "TENTATIVE" if session["tentative"] else "CONFIRMED"


def _summary(session: Mapping[str, Any], language: str, words: Words) -> str:
    """Programs that do not show a status show this."""
    title = str(session[f"title_{language}"])
    if session["cancelled"]:
        return f"[{words.cancelled}] {title}"
    return f"[{words.tentative}] {title}" if session["tentative"] else title


def _location(session: Mapping[str, Any], language: str, words: Words) -> str:
    place = ("vi", "en").index(language)
    rooms = [f"{room[place]}, {room[2]}" for room in session["rooms"]]
    if session["mode"] != "in_person":
        rooms.append(words.online)
    return "; ".join(rooms)


def _description(session: Mapping[str, Any], language: str, words: Words) -> str:
    course = f"{words.course}: {session[f'course_{language}']} ({session['course_code']})"
    lines = [course]
    if session["because"]:
        lines.append(f"{words.cancelled}: {session['because']}")
    if session["instructors"]:
        lines.append(f"{words.taught_by}: {', '.join(session['instructors'])}")
    url, dial_in = _meeting(session)
    if url:
        lines.append(f"{words.join}: {url}")
    if dial_in:
        lines.append(f"{words.dial_in}: {dial_in}")
    return "\n".join(lines)


def _meeting(session: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """How to join, where the calendar tells it and the session takes place online."""
    if session["meeting"] is None or session["cancelled"] or session["mode"] == "in_person":
        return None, None
    url, dial_in = session["meeting"]
    return url, dial_in


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC).replace(microsecond=0)
