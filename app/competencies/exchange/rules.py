"""What must hold of a version, whichever file it comes from."""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from app.competencies.exchange import mistakes as wrong
from app.competencies.exchange.content import Content, Item, Level, Scale
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.scale_schemas import ScaleCreate
from app.competencies.schemas import CompetencyCreate, FrameworkVersionIn

MOST_ITEMS = 10_000
_DEEPEST = 50

Place = Callable[[str], dict[str, Any]]
"""Where in the file something stands, by its identifier: `row`, `item`."""


def check(content: Content, known: set[str], former: set[str], found: Mistakes, at: Place) -> None:
    """Notes what is wrong, and leaves every text as it will be stored.

    `known` are identifiers of all items of the file, also of those that are wrong in themselves;
    `former` are those that the version before has.
    """
    if len(known) > MOST_ITEMS:
        found.add(wrong.too_many_items(MOST_ITEMS), value=len(known))
        return
    _check_version(content, found)
    levels = {scale.identifier: _check_scale(scale, found, at) for scale in content.scales}
    for item in content.items:
        _check_item(item, levels, found, at)
        if item.parent is not None and item.parent not in known:
            found.add(
                wrong.parent_unknown(), **at(item.identifier), field="parent", value=item.parent
            )
        for replaced in sorted(item.replaces.keys() - former):
            found.add(
                wrong.replaced_unknown(), **at(item.identifier), field="replaces", value=replaced
            )
    _check_tree(content.items, found, at)


def _check_version(content: Content, found: Mistakes) -> None:
    said = {name: getattr(content, name) for name in FrameworkVersionIn.model_fields}
    try:
        for name, value in FrameworkVersionIn.model_validate(said):
            setattr(content, name, value)
    except ValidationError as error:
        found.add_all(error)


def _check_scale(scale: Scale, found: Mistakes, at: Place) -> set[int]:
    said = vars(scale) | {"levels": [vars(level) for level in scale.levels]}
    try:
        judged = ScaleCreate.model_validate({name: said[name] for name in _OF_SCALE})
    except ValidationError as error:
        found.add_all(error, **at(scale.identifier))
    else:
        scale.name_vi, scale.name_en = judged.name_vi, judged.name_en
        scale.levels = [Level(**level.model_dump()) for level in judged.levels]
        scale.levels.sort(key=lambda level: level.level)
    return {level.level for level in scale.levels}


def _check_item(item: Item, levels: dict[str, set[int]], found: Mistakes, at: Place) -> None:
    place = at(item.identifier)
    if item.scale is not None and item.scale not in levels:
        found.add(wrong.scale_unknown(), **place, field="scale", value=item.scale)
    for level in sorted(item.descriptors.keys() - levels.get(item.scale or "", set())):
        if item.scale in levels:
            found.add(wrong.level_of_other_scale(), **place, field=f"level_{level}", value=level)
    try:
        judged = CompetencyCreate.model_validate(
            {name: getattr(item, name) for name in _OF_ITEM}
            | {
                "attainment_rule": item.rule,
                "scale_identifier": item.scale,
                "descriptors": [
                    {"level": level, "text_vi": vi, "text_en": en}
                    for level, (vi, en) in item.descriptors.items()
                ],
            }
        )
    except ValidationError as error:
        found.add_all(error, **place)
        return
    for name in _OF_ITEM[1:]:
        setattr(item, name, getattr(judged, name))
    item.descriptors = {each.level: (each.text_vi, each.text_en) for each in judged.descriptors}


def _check_tree(items: Iterable[Item], found: Mistakes, at: Place) -> None:
    """Each is followed upwards once: what leads back to itself is a circle."""
    parents = {item.identifier: item.parent for item in items}
    depths: dict[str, int] = {}
    for start in parents:
        path: dict[str, None] = {}
        here: str | None = start
        while here in parents and here not in depths and here not in path:
            path[here] = None
            here = parents[here]
        way, depth = list(path), depths.get(here or "", 0)
        if here in path:
            for each in way[way.index(here) :]:
                found.add(wrong.below_itself(), **at(each), field="parent", value=parents[each])
                depths[each] = 0
            way = way[: way.index(here)]
        for each in reversed(way):
            depth += 1
            depths[each] = depth
            if depth == _DEEPEST + 1:
                found.add(wrong.too_deep(), **at(each))


def in_order(items: Iterable[Item]) -> list[Item]:
    """Each after what it stands below, as PostgreSQL sorts them."""
    below: dict[str | None, list[Item]] = {}
    for item in items:
        below.setdefault(item.parent, []).append(item)
    ordered: list[Item] = []
    waiting = [iter(_siblings(below.get(None, [])))]
    while waiting:
        following = next(waiting[-1], None)
        if following is None:
            waiting.pop()
        else:
            ordered.append(following)
            waiting.append(iter(_siblings(below.get(following.identifier, []))))
    return ordered


def _siblings(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.position, item.identifier))


_OF_SCALE = ("identifier", "name_vi", "name_en", "proficient_level", "levels")
_OF_ITEM = (
    *("identifier", "kind", "domain", "code", "name_vi", "name_en", "description_vi"),
    "description_en",
)
