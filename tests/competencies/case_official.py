"""What 1EdTech's documents say of a part of CASE 1.1, and packages as other systems make them."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator

OFFICIAL = Path(__file__).with_name("case_1_1")
Said = dict[str, Any]


@cache
def document() -> Said:
    return dict(json.loads((OFFICIAL / "imscasev1p1_openapi3_v1p0.json").read_text("utf-8")))


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document()["components"]},
        validate_formats=True,
    )


@cache
def _package_schema() -> Draft7Validator:
    schema = json.loads((OFFICIAL / "case_v1p1_cfpackage-jsonschema1.json").read_text("utf-8"))
    return Draft7Validator(schema, validate_formats=True)


def faults(name: str, said: Any) -> list[str]:
    """Why it is none of what OpenAPI calls so."""
    found = [f"{each.instance_path}: {each.message}" for each in _validator(name).iter_errors(said)]
    if name == "CFPackageDType":
        found += [f"{e.instance_path}: {e.message}" for e in _package_schema().iter_errors(said)]
    return found


def canonical(said: Any) -> Any:
    """Lists of things with identifiers are sets to CASE."""
    if isinstance(said, dict):
        return {key: canonical(value) for key, value in said.items()}
    if isinstance(said, list):
        inner = [canonical(each) for each in said]
        if inner and all(isinstance(each, dict) and "identifier" in each for each in inner):
            inner.sort(key=lambda each: each["identifier"])
        return inner
    return said


_TEXT = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\0") | st.just(" "),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip())
_LONG = (
    st.builds(lambda word, times: word * times, _TEXT, st.integers(1, 60))
    .map(lambda text: text[:1900])
    .filter(lambda text: text.strip())
)
_MOMENT = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"),
    max_value=datetime.fromisoformat("2030-01-01"),
).map(lambda at: at.isoformat(timespec="seconds") + "Z")
_ANYTHING = st.recursive(
    st.booleans() | st.integers(-(10**6), 10**6) | _TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=4,
)
_EXTENSIONS = st.dictionaries(_TEXT.filter(lambda key: key != "banggiao"), _ANYTHING, max_size=2)
_IDS = st.uuids(version=4).map(str)


def _optional(draw: Any, **properties: Any) -> Said:
    return {name: draw(of) for name, of in properties.items() if draw(st.booleans())}


def _identified(draw: Any, kind: str, identifier: str | None = None) -> Said:
    identifier = identifier or draw(_IDS)
    return {
        "identifier": identifier,
        "uri": f"https://elsewhere.example/uri/{kind}/{identifier}",
        "lastChangeDateTime": draw(_MOMENT),
        **_optional(draw, extensions=_EXTENSIONS),
    }


def _link(of: Said, title: str) -> Said:
    return {"title": title, "identifier": of["identifier"], "uri": of["uri"]}


@st.composite
def packages(draw: Any) -> Said:
    """As the schema allows them, with everything in a tree of items."""
    document = _identified(draw, "d") | {"creator": draw(_TEXT), "title": draw(_TEXT)}
    document |= _optional(
        draw,
        language=st.sampled_from(["vi", "en", "en-US", "fr"]),
        description=_TEXT | st.just(""),
        adoptionStatus=st.sampled_from(["Draft", "Adopted", "Private Draft"]),
        version=_TEXT,
        caseVersion=st.just("1.1"),
        notes=_TEXT,
        publisher=_TEXT,
        subject=st.lists(_TEXT, max_size=2),
        statusStartDate=st.just("2024-02-01"),
        frameworkType=_TEXT,
    )
    items = [_item(draw) for _ in range(draw(st.integers(0, 6)))]
    associations = _tree(draw, document, items) + _others(draw, items)
    package: Said = {"CFDocument": document}
    package |= {"CFItems": items} if items or draw(st.booleans()) else {}
    package |= {"CFAssociations": associations} if associations or draw(st.booleans()) else {}
    package |= _optional(draw, CFDefinitions=_definitions(), extensions=_EXTENSIONS)
    rubrics = [_rubric(draw, items) for _ in range(draw(st.integers(0, 2)))]
    return package | ({"CFRubrics": rubrics} if rubrics or draw(st.booleans()) else {})


def _item(draw: Any) -> Said:
    return (
        _identified(draw, "i")
        | {"fullStatement": draw(_TEXT | _LONG)}
        | _optional(
            draw,
            abbreviatedStatement=_TEXT | st.just(""),
            humanCodingScheme=st.sampled_from(["A", "A.1", "a b", "1/2", "B"]),
            CFItemType=st.sampled_from(["Standard", "Competency", "Kỹ năng"]),
            language=st.sampled_from(["vi", "en"]),
            listEnumeration=_TEXT,
            conceptKeywords=st.lists(_TEXT, max_size=2),
            educationLevel=st.lists(_TEXT, max_size=2),
            subject=st.lists(_TEXT | st.just("Kỹ năng"), max_size=2),
            notes=_TEXT,
            statusEndDate=st.just("2031-12-31"),
        )
    )


def _tree(draw: Any, document: Said, items: list[Said]) -> list[Said]:
    associations = []
    for number, item in enumerate(items):
        above = draw(st.sampled_from([document, *items[:number]]))
        if above is document and draw(st.booleans()):
            continue  # nothing is said of where it stands
        associations.append(
            _identified(draw, "a")
            | {
                "associationType": "isChildOf",
                "originNodeURI": _link(item, draw(_TEXT)),
                "destinationNodeURI": _link(above, draw(_TEXT)),
            }
            | _optional(draw, sequenceNumber=st.integers(-5, 2000), notes=_TEXT)
        )
    return associations


def _others(draw: Any, items: list[Said]) -> list[Said]:
    if not items:
        return []
    ends = st.sampled_from(items)
    elsewhere = {"identifier": "any", "uri": "https://third.example/1"}
    return [
        _identified(draw, "o")
        | {
            "associationType": draw(st.sampled_from(["isRelatedTo", "exactMatchOf", "ext:own"])),
            "originNodeURI": _link(draw(ends), draw(_TEXT)),
            "destinationNodeURI": _link(draw(ends | st.just(elsewhere)), "x"),
        }
        for _ in range(draw(st.integers(0, 2)))
    ]


@st.composite
def _definitions(draw: Any) -> Said:
    def some(kind: str, **more: Any) -> Any:
        made = [
            _identified(draw, kind) | {"title": draw(_TEXT)} | {k: draw(v) for k, v in more.items()}
            for _ in range(draw(st.integers(0, 2)))
        ]
        return st.just(made)

    return _optional(
        draw,
        CFConcepts=some("c", hierarchyCode=_TEXT),
        CFLicenses=some("l", licenseText=_TEXT),
        CFSubjects=some("s", hierarchyCode=_TEXT),
        extensions=_EXTENSIONS,
    )


def _rubric(draw: Any, items: list[Said]) -> Said:
    """Of a kind that becomes a scale, or of one that is kept."""
    rubric = _identified(draw, "r") | _optional(draw, title=_TEXT, description=_TEXT)
    names = draw(st.lists(_TEXT.filter(lambda t: t == t.strip()), max_size=4))
    chosen = draw(st.lists(st.sampled_from(items), unique_by=id, max_size=3)) if items else []
    criteria = []
    for item in chosen:
        criterion = _identified(draw, "k") | _optional(
            draw, category=_TEXT, weight=st.floats(0, 10), position=st.integers(0, 9)
        )
        criterion |= {"CFItemURI": _link(item, "x")} if draw(st.booleans()) else {}
        levels = [
            {k: v for k, v in _identified(draw, "v").items() if k != "extensions"}
            | {"quality": name}
            | _optional(draw, description=_TEXT, score=st.floats(0, 9), feedback=_TEXT)
            for name in names
        ]
        criteria.append(criterion | ({"CFRubricCriterionLevels": levels} if levels else {}))
    return rubric | ({"CFRubricCriteria": criteria} if criteria or draw(st.booleans()) else {})


def is_identifier(said: str) -> bool:
    return UUID(said).version in (1, 2, 3, 4, 5)
