"""A version as a CASE 1.1 package, and the parts of one.

Addresses are written from our root (`case_words.uri`) until `absolute` makes them whole, so that
what is kept of an exchange outlives a change of the host.
"""

from collections.abc import Iterable
from typing import Any

from app.competencies.exchange.case_words import (
    DEFINITIONS,
    ITEM_TYPES,
    OURS,
    PATH,
    STATES,
    SUBJECTS,
    derived,
    link,
    uri,
)
from app.competencies.exchange.content import Content, Item, Level, Scale
from app.competencies.exchange.keeping import restored

Said = dict[str, Any]
ABSENT = "absent"
"""Kept in place of a part that was not said."""


def absolute(said: Any, root: str) -> Any:
    """With addresses of ours as somebody elsewhere finds them."""
    return _readdressed(said, PATH, f"{root}{PATH}")


def relative(said: Any, root: str) -> Any:
    return _readdressed(said, f"{root}{PATH}", PATH)


def _readdressed(said: Any, of: str, to: str) -> Any:
    if isinstance(said, dict):
        return {
            key: to + value.removeprefix(of)
            if key == "uri" and isinstance(value, str) and value.startswith(f"{of}/")
            else _readdressed(value, of, to)
            for key, value in said.items()
        }
    return [_readdressed(each, of, to) for each in said] if isinstance(said, list) else said


def present(**properties: Any) -> Said:
    """CASE has no null: what there is not is left out."""
    return {name: value for name, value in properties.items() if value not in (None, {}, [])}


class Writer:
    """Writes the parts of one version. `raw`: as we would say them, whatever came once."""

    def __init__(self, content: Content, *, raw: bool = False) -> None:
        self.content = content
        self._raw = raw
        self.of_document = content.exchanged
        self.own = "en" if str(self.of_document.get("language", "")).startswith("en") else "vi"
        """The language of what CASE has one property for."""
        self.other = "vi" if self.own == "en" else "en"
        self.items = {item.identifier: item for item in content.items}
        self.on_scale: dict[str | None, list[Item]] = {}
        for item in content.items:
            self.on_scale.setdefault(item.scale, []).append(item)

    def _as_it_came(self, ours: Said, kept: Said | None) -> Said:
        return ours if self._raw else restored(ours, kept)

    def _title(self) -> str:
        return str(getattr(self.content, f"title_{self.own}"))

    def name(self, item: Item) -> str:
        return str(getattr(item, f"name_{self.own}"))

    def document(self) -> Said:
        of = self.content
        title, description = (getattr(of, f"{part}_{self.other}") for part in _TITLES)
        said = present(
            identifier=of.identifier,
            uri=uri("CFDocuments", of.identifier),
            creator=of.organization,
            title=self._title(),
            lastChangeDateTime=of.updated_at,
            description=getattr(of, f"description_{self.own}"),
            language=self.own,
            caseVersion="1.1",
            version=str(of.number),
            adoptionStatus=STATES[of.state],
            statusStartDate=of.published_on,
            statusEndDate=of.retired_on,
            extensions={
                OURS: present(
                    code=of.code,
                    **{f"title_{self.other}": title, f"description_{self.other}": description},
                )
            },
        )
        return self._as_it_came(said, self.of_document.get("document"))

    def item(self, of: Item) -> Said:
        name, description = (getattr(of, f"{part}_{self.own}") for part in _NAMES)
        other, also = (getattr(of, f"{part}_{self.other}") for part in _NAMES)
        kind, subject = ITEM_TYPES[of.kind], SUBJECTS.get(of.domain or "")
        own = present(
            rule=of.rule if of.rule != "latest" else None,
            **{
                f"name_{self.other}": other if other != name else None,
                f"description_{self.other}": also,
            },
        )
        said = present(
            identifier=of.identifier,
            uri=uri("CFItems", of.identifier),
            fullStatement=description or name,
            abbreviatedStatement=name if description else None,
            humanCodingScheme=of.code,
            CFItemType=kind["title"],
            CFItemTypeURI=link("CFItemTypes", kind["identifier"], kind["title"]),
            language=self.own,
            subject=[subject["title"]] if subject else None,
            subjectURI=[link("CFSubjects", subject["identifier"], subject["title"])]
            if subject
            else None,
            lastChangeDateTime=of.updated_at,
            extensions={OURS: own} if own else None,
        )
        return self._as_it_came(said, of.exchanged.get("item"))

    def association(self, of: Item) -> Said:
        """That it stands below another, or at the top; nothing where nothing was said of it."""
        if of.parent is not None and of.parent not in self.items:
            return {}
        if of.parent is None:
            above = link("CFDocuments", self.content.identifier, self._title())
        else:
            above = link("CFItems", of.parent, self.name(self.items[of.parent]))
        said = present(
            identifier=of.association,
            associationType="isChildOf",
            sequenceNumber=of.position,
            uri=uri("CFAssociations", of.association),
            originNodeURI=link("CFItems", of.identifier, self.name(of)),
            destinationNodeURI=above,
            lastChangeDateTime=of.updated_at,
        )
        kept = of.exchanged.get("association")
        if kept == ABSENT and not self._raw:
            return {} if of.parent is None else said
        return self._as_it_came(said, kept)

    def replacements(self, of: Item) -> Iterable[Said]:
        for former, association in of.replaces.items():
            if former in self.items:
                title = self.name(self.items[former])
            else:
                title = self.content.former.get(former, former)
            yield {
                "identifier": association,
                "associationType": "replacedBy",
                "uri": uri("CFAssociations", association),
                "originNodeURI": link("CFItems", former, title),
                "destinationNodeURI": link("CFItems", of.identifier, self.name(of)),
                "lastChangeDateTime": of.updated_at,
            }

    def associations(self) -> list[Said]:
        kept = {} if self._raw else self._kept_associations()
        own = [each for item in self.content.items if (each := self.association(item))]
        replaced = [
            each
            for item in self.content.items
            for each in self.replacements(item)
            if each["identifier"] not in kept
        ]
        return [*own, *replaced, *kept.values()]

    def _kept_associations(self) -> dict[str, Said]:
        """Those whose ends are still there; an end that was elsewhere all along is none of them."""
        there = {*self.items, *self.content.there, self.content.identifier}
        replaced = {name for item in self.content.items for name in item.replaces.values()}
        return {
            identifier: kept["said"]
            for identifier, kept in self.of_document.get("associations", {}).items()
            if there.issuperset(kept["ends"]) and (not kept.get("ours") or identifier in replaced)
        }

    def rubrics(self) -> list[Said]:
        kept = [] if self._raw else self.of_document.get("rubrics", {}).values()
        return [*(self.rubric(scale) for scale in self.content.scales), *kept]

    def rubric(self, of: Scale) -> Said:
        said = self.bare_rubric(of)
        criteria = [
            self.criterion(item, of, number)
            for number, item in enumerate(self.on_scale.get(of.identifier, ()), 1)
        ]
        return said | (
            {"CFRubricCriteria": criteria} if criteria or of.exchanged.get("empty") else {}
        )

    def bare_rubric(self, of: Scale) -> Said:
        said = present(
            identifier=of.identifier,
            uri=uri("CFRubrics", of.identifier),
            title=getattr(of, f"name_{self.own}"),
            lastChangeDateTime=of.updated_at,
            extensions={
                OURS: {
                    f"name_{self.other}": getattr(of, f"name_{self.other}"),
                    "proficient_level": of.proficient_level,
                    "levels": [present(**vars(level)) for level in of.levels],
                }
            },
        )
        return self._as_it_came(said, of.exchanged.get("rubric"))

    def criterion(self, item: Item, scale: Scale, number: int) -> Said:
        identifier = derived(scale.identifier, item.identifier)
        said = present(
            identifier=identifier,
            uri=f"{uri('CFRubrics', scale.identifier)}#{identifier}",
            CFItemURI=link("CFItems", item.identifier, self.name(item)),
            position=number,
            rubricId=scale.identifier,
            lastChangeDateTime=item.updated_at,
        )
        said = self._as_it_came(said, item.exchanged.get("criterion"))
        kept = {} if self._raw else item.exchanged.get("levels", {})
        levels = []
        for level in scale.levels:
            known = kept.get(str(level.level))
            if known == ABSENT and level.level not in item.descriptors:
                continue
            one = self.criterion_level(item, scale, level)
            if isinstance(known, dict):
                levels.append(self._as_it_came(one, known))
            else:
                levels.append(one | {"rubricCriterionId": said["identifier"]})
        return said | present(CFRubricCriterionLevels=levels)

    def criterion_level(self, item: Item, scale: Scale, level: Level) -> Said:
        identifier = derived(scale.identifier, item.identifier, level.level)
        vi, en = item.descriptors.get(level.level, (None, None))
        own, other = (vi, en) if self.own == "vi" else (en, vi)
        also = present(**{f"text_{self.other}": other if other != own else None})
        return present(
            identifier=identifier,
            uri=f"{uri('CFRubrics', scale.identifier)}#{identifier}",
            description=own,
            quality=getattr(level, f"name_{self.own}"),
            score=level.level,
            position=level.level,
            rubricCriterionId=derived(scale.identifier, item.identifier),
            lastChangeDateTime=item.updated_at,
            extensions=[{OURS: also}] if also else None,
        )

    def definitions(self) -> Said:
        kinds = {item.kind for item in self.content.items}
        domains = {item.domain for item in self.content.items}
        own: dict[str, dict[str, Said]] = {
            "CFItemTypes": _by_identifier(ITEM_TYPES[kind] for kind in ITEM_TYPES if kind in kinds),
            "CFSubjects": _by_identifier(SUBJECTS[each] for each in SUBJECTS if each in domains),
        }
        if self._raw:
            return {name: list(each.values()) for name, each in own.items() if each}
        kept = self.of_document.get("definitions", {})
        unsaid = set(kept.get("unsaid", ()))
        said: Said = {}
        for name in DEFINITIONS:
            defined = {id: one for id, one in own.get(name, {}).items() if id not in unsaid}
            defined |= kept.get("said", {}).get(name, {})
            if defined or name in kept.get("lists", ()):
                said[name] = list(defined.values())
        came = kept.get("extensions")
        return said if came is None else said | {"extensions": came}

    def package(self) -> Said:
        parts = {
            "CFItems": [self.item(item) for item in self.content.items],
            "CFAssociations": self.associations(),
            "CFDefinitions": self.definitions(),
            "CFRubrics": self.rubrics(),
            "extensions": self.of_document.get("extensions"),
        }
        lists = () if self._raw else self.of_document.get("lists", ())
        said = {name: part for name, part in parts.items() if part or name in lists}
        return {"CFDocument": self.document(), **said}

    def standalone_document(self) -> Said:
        """Outside of a package it says where its package is."""
        of = self.document()
        return of | {"CFPackageURI": link("CFPackages", of["identifier"], of["title"])}

    def standalone_item(self, of: Item) -> Said:
        """Outside of a package it says where its document is."""
        document = link("CFDocuments", self.content.identifier, self._title())
        return self.item(of) | {"CFDocumentURI": document}


_TITLES = ("title", "description")
_NAMES = ("name", "description")


def _by_identifier(said: Iterable[Said]) -> dict[str, Said]:
    return {each["identifier"]: each for each in said}
