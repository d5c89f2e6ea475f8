"""What came with a CASE package, kept beside what we would have said in its place (`keeping`)."""

from app.competencies.exchange.case_rubrics import CRITERIA, LEVELS
from app.competencies.exchange.case_words import DEFINITIONS, ENDS
from app.competencies.exchange.case_writing import ABSENT, Said, Writer
from app.competencies.exchange.content import Content, Item, Scale
from app.competencies.exchange.keeping import kept


def keep_package(
    content: Content,
    package: Said,
    parents: dict[str, Said],
    others: list[Said],
    replacing: set[str],
    rubrics: dict[str, Said],
) -> None:
    """Of a package without mistakes.

    `parents` are the associations that say where an item stands, by its identifier; `others` those
    that say something else, `replacing` which of them we say, too. `rubrics` are no scales.
    """
    writer = Writer(content, raw=True)
    said = {each["identifier"]: each for each in package.get("CFItems", ())}
    for item in content.items:
        item.exchanged["item"] = kept(writer.item(item), said[item.identifier])
        link = parents.get(item.identifier)
        item.exchanged["association"] = kept(writer.association(item), link) if link else ABSENT
    _keep_rubrics(content, writer)
    content.came = package["CFDocument"]
    there = {*said, content.came["identifier"]}
    keeps = content.exchanged
    keeps["associations"] = {
        each["identifier"]: {
            "said": each,
            "ends": [end for side in ENDS if (end := each[side]["identifier"]) in there],
            "ours": each["identifier"] in replacing,
        }
        for each in others
    }
    keeps["rubrics"] = rubrics
    keeps["definitions"] = _definitions(package.get("CFDefinitions", {}), writer.definitions())
    keeps["lists"] = [name for name, part in package.items() if part in ([], {})]
    if "extensions" in package:
        keeps["extensions"] = package["extensions"]


def _definitions(came: Said, ours: Said) -> Said:
    own = {one["identifier"]: one for each in ours.values() for one in each}
    lists: dict[str, list[Said]] = {name: came.get(name, []) for name in DEFINITIONS}
    said = {one["identifier"] for each in lists.values() for one in each}
    return {
        "said": {
            name: {o["identifier"]: o for o in each if own.get(o["identifier"]) != o}
            for name, each in lists.items()
        },
        "unsaid": sorted(own.keys() - said),
        "lists": [name for name in lists if came.get(name) == []],
        "extensions": came.get("extensions"),
    }


def _keep_rubrics(content: Content, writer: Writer) -> None:
    """What came of scales and descriptors, beside what we would say."""
    for scale in content.scales:
        came: Said = scale.exchanged.pop("came")
        ours = writer.rubric(scale)
        scale.exchanged["rubric"] = kept(_without(ours, CRITERIA), _without(came, CRITERIA))
        scale.exchanged["empty"] = came.get(CRITERIA) == []
        criteria = {each["CFItemURI"]["identifier"]: each for each in ours.get(CRITERIA, ())}
        for item in writer.on_scale.get(scale.identifier, ()):
            _keep_criterion(item, scale, criteria[item.identifier])


def _keep_criterion(item: Item, scale: Scale, ours: Said) -> None:
    came, levels = item.exchanged.pop("came")
    item.exchanged["criterion"] = kept(_without(ours, LEVELS), _without(came, LEVELS))
    own = dict(zip((level.level for level in scale.levels), ours[LEVELS], strict=True))
    item.exchanged["levels"] = {
        str(number): kept(own[number], levels[number]) if number in levels else ABSENT
        for number in own
    }


def _without(said: Said, name: str) -> Said:
    return {key: value for key, value in said.items() if key != name}


def keep_document(content: Content) -> None:
    """Once it is known whose the version is, and which one it is."""
    if content.came:
        ours = Writer(content, raw=True).document()
        own = {name: ours[name] for name in ("identifier", "uri")}
        taken = content.identifier != content.came["identifier"]
        content.exchanged["document"] = kept(ours, content.came | own if taken else content.came)
