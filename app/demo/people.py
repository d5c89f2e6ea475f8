"""Fictional officers for the demonstration: the same people for the same seed.

Their words (names, units, titles) stand in people.json. None of them is anybody: addresses end in
.example, phone numbers and identity numbers have a form that is never given out.
"""

import json
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, TypeVar, cast

from app.core.text import fold

T = TypeVar("T")

AS_OF = date(2026, 6, 30)
"""The day the demonstration is set on: nothing happened after it."""

_LEADERS = 25  # of a hundred officers
_SECOND_RANK, _THIRD_RANK = 9, 18  # years of service that they take
_SETTLED = 5  # years of service after which some have changed posts
_SOUTH_FROM = "44"  # the province code from which Hoàng is said Huỳnh, and Vũ Võ


class Language(TypedDict):
    language: str
    level: int
    evidence: str | None


class EarlierPosition(TypedDict):
    position_title: str
    rank: str
    leadership_level: str
    held_from: date
    held_until: date


@dataclass(frozen=True, slots=True)
class Officer:
    external_id: str
    full_name: str
    birth_date: date
    email: str
    phone: str
    unit_code: str
    position_title: str
    rank: str
    leadership_level: str
    category: str
    fields: list[str]
    languages: list[Language]
    recruited_on: date
    position_since: date
    status: str
    national_id: str
    earlier_position: EarlierPosition | None


class _Unit(TypedDict):
    code: str
    vi: str
    en: str
    parent: NotRequired[str]
    weight: int
    heads: list[tuple[str, str, int]]
    duties: NotRequired[list[str]]
    fields: list[str]
    ladder: NotRequired[str]
    category: NotRequired[str]


class _Words(TypedDict):
    families: list[tuple[str, int]]
    southern: dict[str, str]
    middles: dict[str, list[tuple[str, int]]]
    given: dict[str, list[str]]
    languages: dict[str, list[str | None]]
    second_languages: list[tuple[str, int]]
    english_levels: dict[str, list[tuple[int, int]]]
    neighbours: dict[str, list[str]]
    fields: list[str]
    how_many_fields: list[tuple[int, int]]
    statuses: list[tuple[str, int]]
    ladders: dict[str, list[str]]
    stepping_stones: dict[str, dict[str, str]]
    deputies: dict[str, str]
    units: dict[str, list[_Unit]]


class _Organization(NamedTuple):
    code: str
    kind: str


class _Post(NamedTuple):
    unit: _Unit
    level: str
    title: str
    """Empty for those who lead nobody: theirs is their rank and duty."""


class _Career(NamedTuple):
    recruited_on: date
    position_since: date
    position_title: str
    rank: str
    earlier: EarlierPosition | None


_TENURES = {  # years of service: least, most, and those before the present post
    "none": (0.3, 30, 0),
    "division": (7, 30, 5),
    "department": (13, 32, 11),
    "ministry_or_province": (20, 33, 18),
}
_LEVELS = list(_TENURES)


@cache
def _words() -> _Words:
    file = Path(__file__).with_name("people.json")
    return cast("_Words", json.loads(file.read_text(encoding="utf-8")))


def units_of(kind: str) -> list[tuple[str, str, str, str | None]]:
    """The units of any organisation of a kind, parents first: code, names (vi, en), parent."""
    units = _words()["units"][kind]
    return [(unit["code"], unit["vi"], unit["en"], unit.get("parent")) for unit in units]


def titles_of() -> Iterator[tuple[str, str, str, str | None]]:
    """Every title that an officer may have: of a unit, its level, and the duty in it if they lead
    nobody."""
    words = _words()
    for unit in (unit for units in words["units"].values() for unit in units):
        for title, level, _ in unit["heads"]:
            yield unit["code"], title, level, None
        for rank in words["ladders"][unit.get("ladder", "administrative")]:
            for duty in unit.get("duties", ()):
                yield unit["code"], f"{rank} về {duty}", "none", duty
    for title in words["deputies"].values():
        yield "LD", title, "ministry_or_province", None


def officers(organization_code: str, kind: str, count: int, seed: int = 2026) -> Iterator[Officer]:
    """The roster of an organisation; a longer one begins with the same people.

    The first officer heads what stands first in `units_of`: in a province its foreign-affairs
    office. `national_id` is not a real number: no province has the prefix 999.
    """
    organization = _Organization(organization_code, kind)
    rng = random.Random(f"{seed}:{organization_code}")
    leaders = iter(_leaders(rng, organization))
    units = _words()["units"][kind]
    weights = [unit["weight"] for unit in units]
    for number in range(1, count + 1):
        leads = number == 1 or _happens(rng, _LEADERS)
        (unit,) = rng.choices(units, weights)
        post = next(leaders, None) if leads else None
        yield _officer(rng, organization, number, post or _Post(unit, "none", ""))


def _leaders(rng: random.Random, organization: _Organization) -> list[_Post]:
    """Heads of units before deputies, so that also a short roster has its heads."""
    heads: list[_Post] = []
    deputies: list[_Post] = []
    for unit in _words()["units"][organization.kind]:
        for place, (title, level, number) in enumerate(unit["heads"]):
            second = level == "ministry_or_province"  # to a minister; each agency has its word
            own = _words()["deputies"].get(organization.code, title) if second else title
            (deputies if place else heads).extend([_Post(unit, level, own)] * number)
    main, *others = heads
    rng.shuffle(others)
    rng.shuffle(deputies)
    return [main, *others, *deputies]


def _officer(rng: random.Random, organization: _Organization, number: int, post: _Post) -> Officer:
    woman = _happens(rng, 50)
    name = _full_name(rng, organization, woman=woman)
    career = _career(rng, organization, post, pace=0.93 if woman else 1)  # women retire earlier
    fields = _fields(rng, post.unit)
    return Officer(
        external_id=f"CB-{number:06}",
        full_name=name,
        birth_date=career.recruited_on - _years(rng.uniform(22, 26)),
        email=f"{_mailbox(name)}{number}@{organization.code.lower()}.example",
        phone=f"+84000{rng.randrange(10**6):06}",
        unit_code=post.unit["code"],
        position_title=career.position_title,
        rank=career.rank,
        leadership_level=post.level,
        category=_category(organization, post),
        fields=fields,
        languages=_languages(rng, organization, fields, career.recruited_on),
        recruited_on=career.recruited_on,
        position_since=career.position_since,
        status="active" if number == 1 else _weighted(rng, _words()["statuses"]),
        national_id=_national_id(organization, number),
        earlier_position=career.earlier,
    )


def _full_name(rng: random.Random, organization: _Organization, *, woman: bool) -> str:
    words = _words()
    family = _weighted(rng, words["families"])
    if organization.code.startswith("VN-") and organization.code[3:5] >= _SOUTH_FROM:
        family = words["southern"].get(family, family)
    sex = "women" if woman else "men"
    before = f"{family} {_weighted(rng, words['middles'][sex])}".split()
    given = rng.choice([name for name in words["given"][sex] if name not in before])
    return " ".join([*before, given])


def _mailbox(name: str) -> str:
    """As offices form them: Nguyễn Thị Hoa is hoant."""
    *before, given = fold(name).split()
    return given + "".join(word[0] for word in before)


def _career(rng: random.Random, organization: _Organization, post: _Post, pace: float) -> _Career:
    least, most, before_post = _TENURES[post.level]
    years = rng.triangular(least, most * pace, least + 4)
    recruited_on = AS_OF - _years(years)
    grade = _grade(rng, post.level, years)
    ranks = _words()["ladders"][post.unit.get("ladder", "administrative")]
    title = post.title or _duty(rng, post.unit, ranks[grade])
    if post.level == "none" and (years < _SETTLED or _happens(rng, 60)):
        since = recruited_on + _years(rng.uniform(0.02, 0.3) * years)
        return _Career(recruited_on, since, title, ranks[grade], None)
    since = AS_OF - _years(rng.uniform(0.02, 0.95) * min(8, years - before_post))
    level = _LEVELS[max(0, _LEVELS.index(post.level) - 1)]
    rank = ranks[max(0, grade - rng.randrange(2))]
    stone = _words()["stepping_stones"][organization.kind].get(post.level)
    earlier: EarlierPosition = {
        "position_title": stone or _duty(rng, post.unit, rank, other_than=title),
        "rank": rank,
        "leadership_level": level,
        "held_from": recruited_on if level == "none" else since - (since - recruited_on) / 2,
        "held_until": since,
    }
    return _Career(recruited_on, since, title, ranks[grade], earlier)


def _grade(rng: random.Random, level: str, years: float) -> int:
    """The step on the ladder of ranks; the third takes leadership too."""
    if years < _SECOND_RANK:
        return 0
    if level == "none":
        return rng.randrange(2)
    return 2 if years >= _THIRD_RANK and level != "division" else 1


def _duty(rng: random.Random, unit: _Unit, rank: str, other_than: str = "") -> str:
    duties = [duty for duty in unit["duties"] if not other_than.endswith(duty)]
    return f"{rank} về {rng.choice(duties)}"


def _category(organization: _Organization, post: _Post) -> str:
    if organization.kind == "academy":
        return "public_employee"
    if organization.kind == "province" and post.level == "ministry_or_province":
        return "official"
    return post.unit.get("category", "civil_servant")


def _fields(rng: random.Random, unit: _Unit) -> list[str]:
    """Mostly those of the unit, at most three."""
    number = _weighted(rng, _words()["how_many_fields"])
    chosen = rng.choices([*_words()["fields"], *unit["fields"] * 8], k=number)
    return sorted(set(chosen))


def _languages(
    rng: random.Random, organization: _Organization, fields: list[str], recruited_on: date
) -> list[Language]:
    words = _words()
    interpreter = "translation_and_interpretation" in fields
    levels = {}
    if _happens(rng, 93):
        level = _weighted(rng, words["english_levels"][organization.kind])
        levels["en"] = min(6, level + interpreter)
    neighbours = [
        language for language, codes in words["neighbours"].items() if organization.code in codes
    ]
    if neighbours and _happens(rng, 35):
        levels[rng.choice(neighbours)] = rng.choice((2, 3, 3, 4, 5))
    elif _happens(rng, 40 if organization.kind == "academy" else 15):
        levels[_weighted(rng, words["second_languages"])] = rng.choice((1, 2, 3, 4, 5))
    first_year = min(2025, max(2018, recruited_on.year - 1))
    known: list[Language] = []
    for language, level in levels.items():
        paper = words["languages"][language][level - 1] if _happens(rng, 70) else None
        evidence = f"{paper}, {rng.randint(first_year, 2025)}" if paper else None
        known.append({"language": language, "level": level, "evidence": evidence})
    return known


def _national_id(organization: _Organization, number: int) -> str:
    """Numbers of one organisation are apart for certain, of all the known ones by test."""
    serial = zlib.crc32(organization.code.encode()) + number
    return f"999{serial * 387_420_489 % 10**9:09}"  # prime to ten: no two serials meet


def _happens(rng: random.Random, percent: float) -> bool:
    return rng.random() * 100 < percent


def _years(years: float) -> timedelta:
    return timedelta(days=round(years * 365.25))


def _weighted(rng: random.Random, choices: Sequence[tuple[T, int]]) -> T:
    values, weights = zip(*choices, strict=True)
    return cast("T", rng.choices(values, weights)[0])
