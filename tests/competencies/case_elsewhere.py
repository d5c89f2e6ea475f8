"""A package as a system elsewhere exports it that knows more of CASE than we have fields for."""

import json
import re
from collections import defaultdict
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

Said = dict[str, Any]
_AT = "2025-08-14T09:30:12+07:00"
_ROOT = "https://standards.elsewhere.example/ims/case/v1p1"
_LEVELS = ("Emerging", "Competent", "Expert")
_TREE = [
    ("CT", None, "Consular training", "", 10),
    ("CT.1", "CT", "Assists nationals abroad", "Assistance", 10),
    (
        "CT.1.a",
        "CT.1",
        "Visits detained nationals within the time\nthat the treaty allows.",
        "",
        10,
    ),
    ("CT.1.a", "CT.1", "Keeps a register of cases, with who was told and when.", "Register", 10),
    ("CT.2", "CT", "Legalises documents" + " in due form" * 20, None, 30),
    (None, "CT", "Văn hoá công sở – “đúng mực”", None, 20),
    ("LEFT", "nowhere", "Draft statement without a place", None, None),
]
"""Code, what it stands below, statement, abbreviation, and its number among its siblings; codes
come twice, numbers too."""


def package() -> Said:
    """Under other identifiers each time."""
    given: defaultdict[str, str] = defaultdict(lambda: str(uuid4()))
    said = re.sub(r"\b[0-9a-f-]{36}\b", lambda found: given[found[0]], json.dumps(_package()))
    return dict(json.loads(said))


def _package() -> Said:
    items = [_item(number, *row) for number, row in enumerate(_TREE)]
    rubric = _one("CFRubrics", "rubric", title="Levels of performance", description="")
    rubric["CFRubricCriteria"] = [_criterion(rubric, place, items[place]) for place in (2, 4, 5)]
    checklist = _one("CFRubrics", "checklist", title="Checklist")
    checklist["CFRubricCriteria"] = [
        _one("CFRubrics", "free criterion", category="Form", weight=0.25, position=1)
    ]
    return {
        "CFDocument": _document(),
        "CFItems": items,
        "CFAssociations": [*_hierarchy(items), *_others(items)],
        "CFDefinitions": _definitions(),
        "CFRubrics": [rubric, checklist],
        "extensions": {"elsewhere": {"exportedBy": "authoring 4.2", "draft": False}},
    }


def _one(kind: str, name: str, **more: Any) -> Said:
    identifier = str(uuid5(NAMESPACE_URL, f"{_ROOT}/{kind}/{name}"))
    uri = f"{_ROOT}/{kind}/{identifier}"
    return {"identifier": identifier, "uri": uri, "lastChangeDateTime": _AT, **more}


def _link(kind: str, name: str, title: str) -> Said:
    return {"title": title} | {k: _one(kind, name)[k] for k in ("identifier", "uri")}


_LICENCE = _link("CFLicenses", "open", "Open")


def _document() -> Said:
    return _one(
        "CFDocuments",
        "consular",
        creator="Mạng lưới đào tạo lãnh sự",
        title="Consular training: statements of competence",
        description="",
        language="en-GB",
        version="3.1-rc2",
        adoptionStatus="Adopted",
        statusStartDate="2025-09-01",
        caseVersion="1.1",
        frameworkType="Competency framework",
        officialSourceURL="https://standards.elsewhere.example/consular",
        publisher="Elsewhere",
        subject=["Consular affairs", "Law"],
        subjectURI=[_link("CFSubjects", "consular", "Consular affairs")],
        licenseURI=_LICENCE,
        notes="  Reviewed twice.  ",
    )


def _item(number: int, *row: Any) -> Said:
    code, _, statement, short, _ = row
    said = _one(
        "CFItems",
        str(number),
        fullStatement=statement,
        CFItemType="Standard",
        CFItemTypeURI=_link("CFItemTypes", "standard", "Standard"),
        language="vi" if number == 5 else "en",
        educationLevel=["PG", "CPD"],
        conceptKeywords=["consular", "lãnh sự"],
        conceptKeywordsURI=_link("CFConcepts", "consular", "Consular"),
        licenseURI=_LICENCE,
        listEnumeration=str(number + 1),
        alternativeLabel="",
        extensions={"elsewhere": {"weight": 0.5, "tags": ["x", None, {"deep": [1, 2]}]}},
    )
    said |= {"humanCodingScheme": code} if code else {}
    return said | ({} if short is None else {"abbreviatedStatement": short})


def _associated(name: str, kind: str, origin: Said, to: Said, **more: Any) -> Said:
    origin = origin | {"targetType": "CASE"}
    ends = {"originNodeURI": origin, "destinationNodeURI": to}
    return _one("CFAssociations", name, associationType=kind, **ends, **more)


def _hierarchy(items: list[Said]) -> list[Said]:
    found = []
    numbers = {code: number for number, (code, *_) in reversed([*enumerate(_TREE)]) if code}
    for number, (_, above, statement, _, place) in enumerate(_TREE):
        if place is not None:
            to = _link("CFDocuments", "consular", "Consular training")
            if above:
                to = _link("CFItems", str(numbers[above]), _TREE[numbers[above]][2])
            origin = _link("CFItems", str(number), statement)
            more: Said = {"sequenceNumber": place, "notes": "as printed"}
            found.append(_associated(f"child {number}", "isChildOf", origin, to, **more))
    return found


def _others(items: list[Said]) -> list[Said]:
    first, second = (_link("CFItems", name, "An item") for name in ("2", "3"))
    away = {"title": "ESCO", "identifier": "esco:S1.2.3", "uri": "http://esco.example/S1.2.3"}
    grouping = {"CFAssociationGroupingURI": _link("CFAssociationGroupings", "paths", "Paths")}
    return [
        _associated("precedes", "precedes", first, second, **grouping),
        _associated("match", "exactMatchOf", second, away | {"targetType": "ext:esco"}),
        _associated("own kind", "ext:assessedBy", first, away),
        _associated("replaced", "replacedBy", {**away, "identifier": "old"}, second),
        _associated("level", "hasSkillLevel", first, _link("CFRubrics", "rubric", "Levels")),
    ]


def _criterion(rubric: Said, place: int, item: Said) -> Said:
    said = _one("CFRubrics", f"criterion {place}", position=place, rubricId=rubric["identifier"])
    said["CFItemURI"] = {"title": "…"} | {k: item[k] for k in ("identifier", "uri")}
    said["CFRubricCriterionLevels"] = [
        _one(
            "CFRubrics",
            f"level {place} {number}",
            quality=quality,
            score=number * 2.5,
            position=number,
            feedback="",
            rubricCriterionId=said["identifier"],
            **({"description": f"{quality} at {place}"} if number != place else {}),
        )
        for number, quality in reversed([*enumerate(_LEVELS, 1)])
    ]
    return said


def _definitions() -> Said:
    named = {"title": "Consular", "hierarchyCode": "1"}
    return {
        "CFConcepts": [
            _one("CFConcepts", "consular", **named, keywords="consul"),
            _one("CFConcepts", "visits", title="Visits", hierarchyCode="1.1"),
        ],
        "CFSubjects": [_one("CFSubjects", "consular", **named)],
        "CFLicenses": [_one("CFLicenses", "open", title="Open", licenseText="Use it.\n\n")],
        "CFItemTypes": [
            _one("CFItemTypes", "standard", title="Standard", description="", hierarchyCode="1")
        ],
        "CFAssociationGroupings": [_one("CFAssociationGroupings", "paths", title="Paths")],
        "extensions": {"elsewhere": []},
    }
