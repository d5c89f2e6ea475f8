"""The national framework, as its files in `competencies/` say it, and positions that require it."""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.exchange.content import Content, Item, Level, Scale
from app.competencies.exchange.importing import write_draft
from app.competencies.exchange.rules import in_order
from app.competencies.models import Competency, Framework, FrameworkVersion
from app.competencies.position_models import JobPosition, JobPositionRequirement, JobPositionTitle
from app.core import examples
from app.demo.people import titles_of

PUBLISHED = date(2026, 1, 15)
SINCE = date(2026, 1, 15)
FRAMEWORK = "KNL-DN"
_FOLDER = Path(__file__).with_name("competencies")
_NAMES = UUID("0f0b6a52-55a5-4c0f-9d3e-6a3c1f7f2b10")
_KNOWN = {
    "KN.11": str(examples.REQUIRED_IDENTIFIER),
    "KN.12": str(examples.ANOTHER_IDENTIFIER),
}
_CONTENT = ("knowledge", "skill", "conduct")


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def identifier(code: str) -> str:
    """The same in every installation."""
    return _KNOWN.get(code) or str(uuid5(_NAMES, code))


async def add(session: AsyncSession, academy: UUID) -> None:
    """In force since PUBLISHED, with its positions."""
    framework = Framework(id=examples.FRAMEWORK, organization_id=academy, code=FRAMEWORK)
    session.add(framework)
    await session.flush()
    content = said()
    version = FrameworkVersion(
        id=examples.VERSION_IN_FORCE,
        organization_id=academy,
        framework_id=framework.id,
        identifier=UUID(content.identifier),
        number=1,
        title_vi=content.title_vi,
        title_en=content.title_en,
    )
    session.add(version)
    await session.flush()
    await write_draft(session, version, None, content)
    await session.execute(
        update(Competency)
        .where(Competency.framework_version_id == version.id, Competency.code == "KN.11")
        .values(id=examples.REQUIRED_COMPETENCY)
    )
    version.state, version.published_on = "published", PUBLISHED
    await session.flush()
    await _add_positions(session, version, content)


def said() -> Content:
    of = _file("framework")
    content = Content(identifier("version"), of["code"], *of["title"], *of["description"])
    five = _scale("five", of["scale"])
    six = _scale("six", _file("languages")["scale"])
    content.scales = [five, six]
    content.items = in_order(_items(of, five, six))
    return content


def _scale(name: str, of: dict[str, Any]) -> Scale:
    levels = [Level(number, *texts) for number, texts in enumerate(of["levels"], 1)]
    name_vi, name_en = of["name"]
    return Scale(identifier(f"scale {name}"), name_vi, name_en, of["proficient"], levels)


def _items(of: dict[str, Any], five: Scale, six: Scale) -> Iterator[Item]:
    for place, domain in enumerate(_CONTENT, 1):
        top = _item(domain[0].upper(), None, place, "area", domain, of["domains"][domain])
        yield top
        for number, area in enumerate(_file(domain)["area"], 1):
            yield from _area(area, top, number, five)
        if domain == "skill":
            yield from _languages(_file("languages"), top, number + 1, six)


def _area(of: dict[str, Any], top: Item, place: int, scale: Scale) -> Iterator[Item]:
    area = _item(of["code"], top, place, "area", top.domain, of["name"])
    yield area
    for number, each in enumerate(of["competency"], 1):
        item = _item(each["code"], area, number, "competency", top.domain, each["name"])
        item.description_vi, item.description_en = each["about"]
        _describe(item, scale, each["levels"])
        yield item
        for place_of_sign, sign in enumerate(each.get("signs", ()), 1):
            code = f"{each['code']}.{place_of_sign}"
            yield _item(code, item, place_of_sign, "indicator", top.domain, sign)


def _languages(of: dict[str, Any], top: Item, place: int, scale: Scale) -> Iterator[Item]:
    area = _item(of["code"], top, place, "area", "skill", of["name"])
    area.description_vi, area.description_en = of["about"]
    yield area
    for number, (_, code, name_vi, name_en) in enumerate(of["languages"], 1):
        item = _item(code, area, number, "competency", "skill", (name_vi, name_en))
        item.rule = "best"
        _describe(item, scale, of["levels"])
        yield item


def _item(
    code: str, above: Item | None, place: int, kind: str, domain: str | None, name: Any
) -> Item:
    parent = above.identifier if above else None
    return Item(identifier(code), parent, place, kind, domain, code, *name)


def _describe(item: Item, scale: Scale, levels: list[list[str]]) -> None:
    item.scale = scale.identifier
    item.descriptors = {number: (vi, en) for number, (vi, en) in enumerate(levels, 1)}


def languages() -> dict[str, str]:
    """Identifiers of competencies by the codes that rosters have of languages."""
    return {code: identifier(named) for code, named, *_ in _file("languages")["languages"]}


async def _add_positions(
    session: AsyncSession, version: FrameworkVersion, content: Content
) -> None:
    scales = {item.code: item.scale for item in content.items}
    of = _file("positions")
    positions = {}
    for each in of["position"]:
        shown = {"id": examples.JOB_POSITION} if each["code"] == "VT-10" else {}
        position = JobPosition(
            organization_id=version.organization_id,
            code=each["code"],
            name_vi=each["name"][0],
            name_en=each["name"][1],
            **shown,
        )
        session.add(position)
        positions[each["code"]] = position
    await session.flush()
    for each in of["position"]:
        for requirement in {r.split()[0]: r for r in (*of["all"], *each["requires"])}.values():
            competency, *numbers = requirement.split()
            required, desired, weight = map(int, numbers)
            session.add(
                JobPositionRequirement(
                    organization_id=version.organization_id,
                    job_position_id=positions[each["code"]].id,
                    framework_id=version.framework_id,
                    framework_version_id=version.id,
                    competency_identifier=UUID(identifier(competency)),
                    scale_identifier=UUID(scales[competency]),
                    required_level=required,
                    desired_level=desired,
                    weight=weight,
                    since=SINCE,
                    **_shown(each["code"], competency),
                )
            )
    for number, (title, code) in enumerate(sorted(position_titles().items())):
        known = {"id": examples.JOB_POSITION_TITLE} if number == 0 else {}
        title_of = {"organization_id": version.organization_id, "title": title}
        session.add(JobPositionTitle(**title_of, job_position_id=positions[code].id, **known))
    await session.flush()


def _shown(position: str, competency: str) -> dict[str, UUID]:
    """What examples of requirements name."""
    known = {
        ("VT-07", "KN.11"): examples.REQUIREMENT,
        ("VT-07", "TP.12"): examples.UNWANTED_REQUIREMENT,
    }
    id = known.get((position, competency))
    return {"id": id} if id else {}


def position_titles() -> dict[str, str]:
    """Codes of positions by the titles that officers of the demonstration have."""
    found = {}
    positions = _file("positions")["position"]
    by_duty = {duty: each["code"] for each in positions for duty in each.get("duties", ())}
    heads = [(*head, each["code"]) for each in positions for head in each.get("heads", ())]
    heads.sort(key=lambda head: not head[0])  # those of certain units before those of any
    for unit, title, level, duty in titles_of():
        if duty is not None:
            found[title] = by_duty[duty]
        else:
            fits = (code for of, at, code in heads if unit.startswith(of) and at == level)
            found.setdefault(title, next(fits))
    return found
