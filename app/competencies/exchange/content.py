"""What a version says, whatever file it comes from or goes to."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Level:
    level: int
    name_vi: str
    name_en: str
    description_vi: str | None = None
    description_en: str | None = None


@dataclass
class Scale:
    identifier: str
    name_vi: str
    name_en: str
    proficient_level: int
    levels: list[Level]
    exchanged: dict[str, Any] = field(default_factory=dict)
    updated_at: str = ""


@dataclass
class Item:
    """A competency, an area or an indicator."""

    identifier: str
    parent: str | None
    position: int
    kind: str
    domain: str | None
    code: str | None
    name_vi: str
    name_en: str
    description_vi: str | None = None
    description_en: str | None = None
    scale: str | None = None
    rule: str = "latest"
    descriptors: dict[int, tuple[str, str]] = field(default_factory=dict)
    """In Vietnamese and English, by level."""
    replaces: dict[str, str] = field(default_factory=dict)
    """Identifiers of what it takes the place of, and of the association that says so."""
    association: str = ""
    """The identifier of what links it to its parent."""
    exchanged: dict[str, Any] = field(default_factory=dict)
    updated_at: str = ""


@dataclass
class Content:
    identifier: str
    code: str
    title_vi: str
    title_en: str
    description_vi: str | None = None
    description_en: str | None = None
    number: int = 1
    state: str = "draft"
    published_on: str | None = None
    retired_on: str | None = None
    organization: str = ""
    """The name of whose it is."""
    updated_at: str = ""
    exchanged: dict[str, Any] = field(default_factory=dict)
    scales: list[Scale] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    former: dict[str, str] = field(default_factory=dict)
    """What items of the version before, that others take the place of, were called."""
    came: dict[str, Any] = field(default_factory=dict)
    """The CASE document that it comes from, until it is known what we say of it."""
    there: list[str] = field(default_factory=list)
    """Identifiers of all items, also where only some are told."""

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Content":
        """Of what `statements` gives."""
        descriptors: dict[str, dict[int, tuple[str, str]]] = {}
        for competency, level, *texts in said["descriptors"]:
            descriptors.setdefault(competency, {})[level] = (texts[0], texts[1])
        replaces: dict[str, dict[str, str]] = {}
        former = {}
        for competency, replaced, association, name in said["replacements"]:
            replaces.setdefault(competency, {})[replaced] = association
            former[replaced] = name
        scales = [
            Scale(**each | {"levels": [Level(**level) for level in each["levels"]]})
            for each in said["scales"]
        ]
        items = [
            Item(
                **each,
                descriptors=descriptors.get(each["identifier"], {}),
                replaces=replaces.get(each["identifier"], {}),
            )
            for each in said["items"]
        ]
        parts = {"scales": scales, "items": items, "former": former, "there": said["there"]}
        return cls(**said["version"], **parts)
