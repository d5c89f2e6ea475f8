"""What CASE 1.1 (1EdTech) calls things, and what we call what it leaves to us."""

from typing import Any
from uuid import UUID, uuid5

PATH = "/ims/case/v1p1"
OURS = "banggiao"
"""The property of `extensions` that is ours."""
_NAMES = UUID("5c1f6a3e-7f0b-4c39-9a55-3f8f0b8d1c52")
"""For identifiers that CASE asks for and we do not keep: the same whenever they are asked for."""

DEFINITIONS = ("CFConcepts", "CFSubjects", "CFLicenses", "CFItemTypes", "CFAssociationGroupings")
ENDS = ("originNodeURI", "destinationNodeURI")
"""Of an association."""
SETS = ("CFConcepts", "CFSubjects", "CFItemTypes")
"""Definitions that are told together with those below them."""
ASSOCIATIONS = frozenset(
    {
        *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo"),
        *("replacedBy", "exemplar", "hasSkillLevel", "isTranslationOf"),
    }
)
STATES = {
    "draft": "Private Draft",
    "consultation": "Draft",
    "published": "Adopted",
    "retired": "Deprecated",
    "discarded": "Deprecated",
}
_DEFINED_AT = "2026-01-01T00:00:00.000Z"
_KINDS = {
    "area": ("Nhóm năng lực", "Area", "Holds competencies, or other areas"),
    "competency": ("Năng lực", "Competency", "What people are at a level of"),
    "indicator": ("Chỉ báo", "Indicator", "A sign of a competency"),
}
_DOMAINS = {
    "knowledge": ("Kiến thức", "Knowledge"),
    "skill": ("Kỹ năng", "Skills"),
    "conduct": ("Tác phong", "Conduct"),
}


def derived(*parts: object) -> str:
    return str(uuid5(_NAMES, "/".join(map(str, parts))))


def uri(kind: str, identifier: str) -> str:
    return f"{PATH}/{kind}/{identifier}"


def link(kind: str, identifier: str, title: str) -> dict[str, Any]:
    return {"title": title, "identifier": identifier, "uri": uri(kind, identifier)}


ITEM_TYPES: dict[str, dict[str, Any]] = {
    kind: {
        "identifier": derived("type", kind),
        "uri": uri("CFItemTypes", derived("type", kind)),
        "title": names[0],
        "description": names[2],
        "hierarchyCode": str(number),
        "typeCode": kind,
        "lastChangeDateTime": _DEFINED_AT,
    }
    for number, (kind, names) in enumerate(_KINDS.items(), 1)
}
SUBJECTS: dict[str, dict[str, Any]] = {
    domain: {
        "identifier": derived("subject", domain),
        "uri": uri("CFSubjects", derived("subject", domain)),
        "title": names[0],
        "hierarchyCode": str(number),
        "description": names[1],
        "lastChangeDateTime": _DEFINED_AT,
    }
    for number, (domain, names) in enumerate(_DOMAINS.items(), 1)
}


def _known(words: dict[str, Any], defined: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Codes by whatever says them, in small letters."""
    found = {name.lower(): code for code, names in words.items() for name in (code, *names[:2])}
    return found | {each["identifier"]: code for code, each in defined.items()}


KINDS = _known(_KINDS, ITEM_TYPES)
DOMAINS = _known(_DOMAINS, SUBJECTS)
