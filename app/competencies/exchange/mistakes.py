"""What is wrong with a file of a framework: all of it at once, each in both languages."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from app.competencies.problems import FrameworkFileRefused
from app.core.problems import in_words

MOST = 1000
"""That are told; more than anybody corrects at once."""
_LONGEST = 200
"""Characters of a value that are told again."""


@dataclass
class Mistakes:
    found: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        error: PydanticCustomError,
        *,
        row: int | None = None,
        item: str | None = None,
        field: str | None = None,
        value: object = None,
    ) -> None:
        said = {"type": error.type, "msg": error.message(), "ctx": error.context or {}}
        self._note(said, row, item, field, value)

    def add_all(
        self,
        error: ValidationError,
        *,
        row: int | None = None,
        item: str | None = None,
        within: str = "",
    ) -> None:
        """Each of Pydantic's, which knows the field."""
        for each in error.errors(include_url=False):
            place = "/".join(filter(None, [within, *map(str, each["loc"])]))
            value = None if each["type"] == "missing" else each["input"]
            self._note(dict(each), row, item, place or None, value)

    def add_package(self, error: ValidationError, package: Any, *within: int | str) -> None:
        """The same of a CASE package, whose parts know what they are called."""
        for each in error.errors(include_url=False):
            part: Any = package
            item = None
            way = (*within, *each["loc"])
            for step in way:
                part = _step(part, step)
                if isinstance(part, dict) and isinstance(part.get("identifier"), str):
                    item = part["identifier"]
            place = "/".join(map(str, way))
            value = None if each["type"] == "missing" else each["input"]
            self._note(dict(each), None, item, place or None, value)

    def _note(
        self, said: dict[str, Any], row: int | None, item: str | None, field: str | None, value: Any
    ) -> None:
        self.count += 1
        if len(self.found) < MOST:
            self.found.append(
                {
                    "row": row,
                    "item": item,
                    "field": field,
                    "code": said["type"],
                    "value": _shown(value),
                    "message_vi": in_words(said, "vi"),
                    "message_en": in_words(said, "en"),
                }
            )

    def refuse(self) -> None:
        """Raises FrameworkFileRefused if there are any."""
        if self.count:
            raise FrameworkFileRefused(count=self.count, mistakes=self.found)


def _step(part: Any, step: int | str) -> Any:
    try:
        return part[step]
    except (KeyError, IndexError, TypeError):
        return None


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value)[:_LONGEST]


def identifier_twice() -> PydanticCustomError:
    return PydanticCustomError("identifier_twice", "Another one has this identifier.")


def code_twice() -> PydanticCustomError:
    return PydanticCustomError("code_twice", "Another item has this code.")


def parent_unknown() -> PydanticCustomError:
    return PydanticCustomError("parent_unknown", "What it stands below is not in the file.")


def two_parents() -> PydanticCustomError:
    return PydanticCustomError("two_parents", "It stands below two; here each has one parent.")


def below_itself() -> PydanticCustomError:
    return PydanticCustomError("below_itself", "It stands below itself.")


def too_deep() -> PydanticCustomError:
    return PydanticCustomError("tree_too_deep", "A tree has fifty levels at most.")


def link_dangling() -> PydanticCustomError:
    return PydanticCustomError("link_dangling", "What it links to is not in the file.")


def scale_unknown() -> PydanticCustomError:
    return PydanticCustomError("scale_unknown", "The file has no such scale.")


def level_of_other_scale() -> PydanticCustomError:
    return PydanticCustomError("level_of_other_scale", "The scale of the item has no such level.")


def two_scales() -> PydanticCustomError:
    return PydanticCustomError("two_scales", "The item is on two scales; here each has one.")


def type_unknown() -> PydanticCustomError:
    return PydanticCustomError("type_unknown", "This is none of the known kinds.")


def replaced_unknown() -> PydanticCustomError:
    return PydanticCustomError(
        "replaced_unknown", "What it takes the place of is not in the version before."
    )


def too_many_items(limit: int) -> PydanticCustomError:
    return PydanticCustomError(
        "too_many_items", "A framework has {limit} items at most.", {"limit": limit}
    )


def heading_unknown() -> PydanticCustomError:
    return PydanticCustomError("heading_unknown", "It is not known what this column is.")


def heading_twice() -> PydanticCustomError:
    return PydanticCustomError("heading_twice", "Another column is of the same field.")


def heading_missing() -> PydanticCustomError:
    return PydanticCustomError("heading_missing", "There is no column for this field.")


def not_a_number() -> PydanticCustomError:
    return PydanticCustomError("not_a_number", "This is no whole number.")
