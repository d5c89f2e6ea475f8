"""A CASE 1.1 package as a version; what it says beside that, `case_keeping` keeps."""

from collections import Counter
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.competencies.exchange import mistakes as wrong
from app.competencies.exchange.case_keeping import keep_package
from app.competencies.exchange.case_rubrics import read_rubrics
from app.competencies.exchange.case_schemas import (
    CaseAssociation,
    CaseItem,
    CasePackage,
    CaseRubric,
    OwnDocument,
    OwnItem,
)
from app.competencies.exchange.case_words import DEFINITIONS, DOMAINS, ENDS, KINDS, OURS
from app.competencies.exchange.case_writing import Said, relative
from app.competencies.exchange.content import Content, Item
from app.competencies.exchange.mistakes import MOST, Mistakes
from app.competencies.exchange.rules import check, in_order
from app.core.schemas import Code

M = TypeVar("M", bound=BaseModel)
_LISTS: dict[str, type[BaseModel]]
_LISTS = {"CFItems": CaseItem, "CFAssociations": CaseAssociation, "CFRubrics": CaseRubric}
_WHOLE = ""
_LONGEST_NAME = 200
_CODE: TypeAdapter[str] = TypeAdapter(Code)


def read_package(
    package: Any, root: str, domain: str | None, former: dict[str, str], found: Mistakes
) -> Content:
    """The version that the package is, to be written if no mistakes were found.

    `domain` is of what does not say its own. `former` are names of items of the version before.
    """
    bad = _judge(package, found)
    if bad & {"CFDocument", _WHOLE} or found.count >= MOST:
        return Content("", "", "", "")
    return _Reading(relative(package, root), bad, domain, former, found).content()


def _judge(package: Any, found: Mistakes) -> set[Any]:
    """What is not as the schema has it: names of parts, and places in lists. What else is wrong
    when more is than is told, is not looked for."""
    bad: set[Any] = set()
    without: Any = package
    if isinstance(package, dict):
        without = package | {part: [] for part in _LISTS if isinstance(package.get(part), list)}
    try:
        CasePackage.model_validate(without)
    except ValidationError as error:
        bad = {(each["loc"] or (_WHOLE,))[0] for each in error.errors(include_url=False)}
        found.add_package(error, package)
    for part, kind in _LISTS.items():
        for place, said in enumerate(_list(package, part)):
            if found.count >= MOST:
                return bad
            try:
                kind.model_validate(said)
            except ValidationError as error:
                bad.add((part, place))
                found.add_package(error, package, part, place)
    return bad


class _Reading:
    def __init__(
        self,
        package: Said,
        bad: set[Any],
        domain: str | None,
        former: dict[str, str],
        found: Mistakes,
    ) -> None:
        self.package, self.found, self.former, self.domain = package, found, former, domain
        self.document: Said = package["CFDocument"]
        self.all_items: list[Said] = _dicts(package, "CFItems")
        self.sound = {
            part: []
            if part in bad
            else [
                each for place, each in enumerate(_list(package, part)) if (part, place) not in bad
            ]
            for part in _LISTS
        }
        self.definitions: Said = package.get("CFDefinitions", {})
        if "CFDefinitions" in bad:
            self.definitions = {}
        self.known = {str(item.get("identifier")) for item in self.all_items}
        self.own = "en" if self.document.get("language", "").lower().startswith("en") else "vi"
        self.other = "vi" if self.own == "en" else "en"
        self.parents: dict[str, Said] = {}
        """The association that says where an item stands, by its identifier."""

    def content(self) -> Content:
        self._refuse_twice()
        content = self._version()
        others = self._hierarchy()
        content.items = self._items()
        of_rubrics = read_rubrics(self.sound["CFRubrics"], self, content)
        replacing = self._replacements(content, others)
        check(content, self.known, set(self.former), self.found, self.at)
        if not self.found.count:
            content.items = in_order(content.items)
            keep_package(content, self.package, self.parents, others, replacing, of_rubrics)
        return content

    def at(self, identifier: str) -> dict[str, Any]:
        return {"item": identifier}

    def own_part(self, said: Said, kind: type[M]) -> M:
        """What our own extension says."""
        extension = said.get("extensions", {}).get(OURS, {})
        try:
            return kind.model_validate(extension)
        except ValidationError as error:
            of = said["identifier"]
            self.found.add_all(error, item=of, within=f"extensions/{OURS}")
            return kind.model_construct()

    def both(self, own: str, other: str | None) -> tuple[str, str]:
        """In Vietnamese and English; in one language only, it is said in both."""
        other = other or own
        return (own, other) if self.own == "vi" else (other, own)

    def _refuse_twice(self) -> None:
        named = [self.document, *self.all_items]
        others = ("CFAssociations", "CFRubrics")
        lists = [named, *(_dicts(self.package, part) for part in others)]
        lists += [_dicts(self.definitions, name) for name in DEFINITIONS]
        for each in lists:
            counted = Counter(str(one.get("identifier")) for one in each)
            for identifier in (name for name, count in counted.items() if count > 1):
                self.found.add(
                    wrong.identifier_twice(), item=identifier, field="identifier", value=identifier
                )

    def _version(self) -> Content:
        said, own = self.document, self.own_part(self.document, OwnDocument)
        title_vi, title_en = self.both(said["title"], getattr(own, f"title_{self.other}", None))
        descriptions: dict[str, Any] = {
            f"description_{self.own}": _unless_blank(said.get("description")),
            f"description_{self.other}": getattr(own, f"description_{self.other}", None),
        }
        return Content(
            said["identifier"],
            getattr(own, "code", None) or "",
            title_vi,
            title_en,
            **descriptions,
            exchanged={"language": self.own},
        )

    def _hierarchy(self) -> list[Said]:
        """Sorts out where everything stands; gives the associations that say something else."""
        there = self.known | {self.document["identifier"]}
        groupings = {str(g.get("identifier")) for g in _dicts(self.definitions, _GROUPINGS)}
        others = []
        for said in self.sound["CFAssociations"]:
            origin, to = (said[end]["identifier"] for end in ENDS)
            tree, replaces = (said["associationType"] == t for t in ("isChildOf", "replacedBy"))
            at: dict[str, Any] = {"item": said["identifier"]}
            dangling = {"originNodeURI": origin in (self.known if tree else there)}
            if replaces:
                dangling = {"destinationNodeURI": to in there}
            elif tree:
                dangling["destinationNodeURI"] = to in there
            if _GROUPINGS in self.definitions and "CFAssociationGroupingURI" in said:
                grouping = said["CFAssociationGroupingURI"]["identifier"]
                dangling["CFAssociationGroupingURI"] = grouping in groupings
            for field, fine in dangling.items():
                if not fine:
                    value = said[field]["identifier"]
                    unknown = tree and field == "destinationNodeURI"
                    error = wrong.parent_unknown() if unknown else wrong.link_dangling()
                    self.found.add(error, **at, field=field, value=value)
            if not tree:
                others.append(said)
            elif origin in self.parents:
                self.found.add(wrong.two_parents(), item=origin, field="isChildOf", value=to)
            else:
                self.parents[origin] = said
        return others

    def _items(self) -> list[Item]:
        positions = self._positions()
        above = {self._parent(name) for name in self.parents}
        codes = Counter(item.get("humanCodingScheme") for item in self.sound["CFItems"])
        items = []
        for said in self.sound["CFItems"]:
            item = self._item(said, positions[said["identifier"]])
            item.kind = _kind(said, "area" if item.identifier in above else "competency")
            item.domain = _domain(said) or (self.domain if item.kind != "area" else None)
            code = said.get("humanCodingScheme")
            item.code = code if code and codes[code] == 1 and _is_code(code) else None
            items.append(item)
        return items

    def _item(self, said: Said, position: int) -> Item:
        identifier, own = said["identifier"], self.own_part(said, OwnItem)
        full, name = said["fullStatement"], _unless_blank(said.get("abbreviatedStatement"))
        description: str | None = full
        if name is None:
            name = " ".join(full.split())
            description = None if name == full and len(name) <= _LONGEST_NAME else full
        if len(name) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME - 1].rstrip() + "…"
        name_vi, name_en = self.both(name, getattr(own, f"name_{self.other}", None))
        descriptions: dict[str, Any] = {
            f"description_{self.own}": description,
            f"description_{self.other}": getattr(own, f"description_{self.other}", None),
        }
        link = self.parents.get(identifier)
        return Item(
            identifier,
            self._parent(identifier),
            position,
            "",
            None,
            None,
            name_vi,
            name_en,
            **descriptions,
            rule=getattr(own, "rule", None) or "latest",
            association=link["identifier"] if link else "",
        )

    def _parent(self, identifier: str) -> str | None:
        said = self.parents.get(identifier)
        to = said["destinationNodeURI"]["identifier"] if said else None
        return None if to == self.document["identifier"] else to

    def _positions(self) -> dict[str, int]:
        """As the package numbers them where it numbers all; else in the order of the package."""
        below: dict[str | None, list[str]] = {}
        for item in self.sound["CFItems"]:
            below.setdefault(self._parent(item["identifier"]), []).append(item["identifier"])
        positions: dict[str, int] = {}
        for siblings in below.values():
            said: dict[str, Any]
            said = {each: self.parents.get(each, {}).get("sequenceNumber") for each in siblings}
            if None in said.values():
                last = max((n for n in said.values() if n is not None), default=0)
                keyed = {each: last if n is None else n for each, n in said.items()}
                ordered = sorted(siblings, key=keyed.__getitem__)
                said = {each: place for place, each in enumerate(ordered, 1)}
            positions |= said
        return positions

    def _replacements(self, content: Content, others: list[Said]) -> set[str]:
        """Which of these say what takes the place of something that the version before has."""
        items = {item.identifier: item for item in content.items}
        taken = set()
        for said in others:
            former, to = (said[end]["identifier"] for end in ENDS)
            if said["associationType"] == "replacedBy" and to in items and former in self.former:
                items[to].replaces[former] = said["identifier"]
                content.former[former] = self.former[former]
                taken.add(said["identifier"])
        return taken


_GROUPINGS = "CFAssociationGroupings"


def _list(of: Any, name: str) -> list[Any]:
    listed = of.get(name) if isinstance(of, dict) else None
    return listed if isinstance(listed, list) else []


def _dicts(of: Any, name: str) -> list[Said]:
    return [each for each in _list(of, name) if isinstance(each, dict)]


def _unless_blank(said: str | None) -> str | None:
    """Blank is nothing to us, and a text to CASE."""
    return said if said and said.strip() else None


def _is_code(said: str) -> bool:
    try:
        return _CODE.validate_python(said) == said
    except ValidationError:
        return False


def _kind(said: Said, otherwise: str) -> str:
    named = said.get("CFItemTypeURI", {}).get("identifier", ""), said.get("CFItemType", "").lower()
    return next((KINDS[name] for name in named if name in KINDS), otherwise)


def _domain(said: Said) -> str | None:
    links = [each["identifier"] for each in said.get("subjectURI", ())]
    named = [*links, *(each.lower() for each in said.get("subject", ()))]
    return next((DOMAINS[name] for name in named if name in DOMAINS), None)
