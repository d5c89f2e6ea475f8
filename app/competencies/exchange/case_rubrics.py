"""Rubrics of a CASE package as scales of proficiency with descriptors.

A rubric is a scale when it is one of ours, or when it has one row for each of some items, and the
same levels in all of them. Any other is kept as it came.
"""

from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from app.competencies.exchange import mistakes as wrong
from app.competencies.exchange.case_schemas import OwnRubric
from app.competencies.exchange.case_words import OURS
from app.competencies.exchange.case_writing import Said
from app.competencies.exchange.content import Content, Item, Level, Scale
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.scale_schemas import MOST_LEVELS

M = TypeVar("M", bound=BaseModel)
CRITERIA, LEVELS = "CFRubricCriteria", "CFRubricCriterionLevels"
_LONGEST_NAME = 200


class Reading(Protocol):
    """What reads the package that they are in."""

    found: Mistakes
    known: set[str]
    own: str
    other: str

    def own_part(self, said: Said, kind: type[M]) -> M: ...
    def both(self, own: str, other: str | None) -> tuple[str, str]: ...


def read_rubrics(rubrics: list[Said], reading: Reading, content: Content) -> dict[str, Said]:
    """Adds scales and descriptors to the content; gives the other rubrics, by identifier."""
    items = {item.identifier: item for item in content.items}
    others = {}
    for said in rubrics:
        _check_links(said, reading)
        if OURS in said.get("extensions", {}):
            _own(said, reading, content, items)
        elif not _foreign(said, reading, content, items):
            others[said["identifier"]] = said
    return others


def _check_links(said: Said, reading: Reading) -> None:
    for criterion in said.get(CRITERIA, ()):
        of_item = criterion.get("CFItemURI")
        links = [("rubricId", criterion.get("rubricId"), {said["identifier"]})]
        if of_item:
            links.append(("CFItemURI", of_item["identifier"], reading.known))
        for level in criterion.get(LEVELS, ()):
            above = level.get("rubricCriterionId")
            links.append(("rubricCriterionId", above, {criterion["identifier"]}))
        for field, value, known in links:
            if value is not None and value not in known:
                place = criterion["identifier"]
                reading.found.add(wrong.link_dangling(), item=place, field=field, value=value)


def _own(said: Said, reading: Reading, content: Content, items: dict[str, Item]) -> None:
    own = reading.own_part(said, OwnRubric)
    if not own.model_fields_set:
        return
    name = said.get("title") or getattr(own, f"name_{reading.other}") or ""
    names = reading.both(name, getattr(own, f"name_{reading.other}"))
    levels = [Level(**level.model_dump()) for level in own.levels]
    scale = Scale(said["identifier"], *names, own.proficient_level, levels)
    scale.exchanged["came"] = said
    content.scales.append(scale)
    numbers = {level.level for level in levels}
    for criterion in said.get(CRITERIA, ()):
        item = items.get(criterion.get("CFItemURI", {}).get("identifier"))
        if item is None:
            if "CFItemURI" not in criterion:
                place = criterion["identifier"]
                reading.found.add(wrong.link_dangling(), item=place, field="CFItemURI")
            continue
        if item.scale is not None:
            reading.found.add(wrong.two_scales(), item=item.identifier, field="CFRubrics")
            continue
        by_number: dict[int, Said] = {}
        for level in criterion.get(LEVELS, ()):
            score = level.get("score")
            if score not in numbers or score in by_number:
                reading.found.add(
                    wrong.level_of_other_scale(), item=item.identifier, field="score", value=score
                )
            else:
                by_number[int(score)] = level
        _describe(item, scale, criterion, by_number, reading)


def _describe(
    item: Item, scale: Scale, criterion: Said, levels: dict[int, Said], reading: Reading
) -> None:
    item.scale = scale.identifier
    item.exchanged["came"] = (criterion, levels)
    for number, level in levels.items():
        if text := level.get("description"):
            own = [each.get(OURS) for each in level.get("extensions", ())]
            said = next((each for each in own if isinstance(each, dict)), {})
            other = said.get(f"text_{reading.other}")
            item.descriptors[number] = reading.both(text, other if isinstance(other, str) else None)


def _foreign(said: Said, reading: Reading, content: Content, items: dict[str, Item]) -> bool:
    """Whether it is a scale."""
    rows = said.get(CRITERIA, [])
    found = [items.get(row.get("CFItemURI", {}).get("identifier")) for row in rows]
    fits = rows and None not in found and len({id(item) for item in found}) == len(found)
    if not fits or any(i is None or i.scale or i.kind != "competency" for i in found):
        return False
    in_order = [_sorted(row.get(LEVELS, [])) for row in rows]
    names = [[level.get("quality") for level in levels] for levels in in_order]
    if not _are_names(names[0]) or any(each != names[0] for each in names):
        return False
    numbers = list(range(1, len(names[0]) + 1))
    title = said.get("title") or content.title_vi
    levels = [
        Level(number, name, name) for number, name in zip(numbers, map(str, names[0]), strict=True)
    ]
    scale = Scale(said["identifier"], title[:_LONGEST_NAME], title[:_LONGEST_NAME], 0, levels)
    scale.proficient_level = len(levels)  # it does not say; who knows it better changes it
    scale.exchanged["came"] = said
    content.scales.append(scale)
    for item, row, own in zip(found, rows, in_order, strict=True):
        assert item is not None  # noqa: S101 -- looked at above
        _describe(item, scale, row, dict(zip(numbers, own, strict=True)), reading)
    return True


def _sorted(levels: list[Said]) -> list[Said]:
    if all("position" in level for level in levels):
        return sorted(levels, key=lambda level: level["position"])
    return levels


def _are_names(names: list[Any]) -> bool:
    fit = [name for name in names if name and name == name.strip() and len(name) <= _LONGEST_NAME]
    return 0 < len(fit) == len(names) <= MOST_LEVELS
