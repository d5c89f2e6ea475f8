"""Frameworks as tables: which columns they have, and what people may call these."""

import re
from functools import cache

from app.competencies.exchange.case_words import DOMAINS, KINDS
from app.core.text import fold

COLUMNS = {
    "kind": ("loại",),
    "identifier": ("mã định danh", "định danh"),
    "parent": ("thuộc", "cấp trên"),
    "code": ("mã",),
    "domain": ("lĩnh vực", "miền"),
    "name_vi": ("tên", "tên tiếng việt"),
    "name_en": ("tên tiếng anh",),
    "description_vi": ("mô tả", "mô tả tiếng việt"),
    "description_en": ("mô tả tiếng anh",),
    "scale": ("thang bậc", "thang"),
    "level": ("bậc",),
    "attainment_rule": ("cách tính",),
    "replaces": ("thay cho",),
}
"""In the order in which they are written; each with its Vietnamese names."""
REQUIRED = ("kind", "name_vi")
SCALE_KINDS = {"scale": "scale", "thang bac": "scale", "thang": "scale", "level": "level"}
SCALE_KINDS |= {"bac": "level"}
DESCRIPTOR = re.compile(r"level_([1-9][0-9]?)_(vi|en)")
_DESCRIPTOR_IN_WORDS = re.compile(r"bac ([1-9][0-9]?)( tieng anh)?")


def descriptor(level: int, language: str) -> str:
    return f"level_{level}_{language}"


@cache
def _known() -> dict[str, str]:
    return {fold(name): field for field, names in COLUMNS.items() for name in (field, *names)}


@cache
def kinds() -> dict[str, str]:
    return {fold(word): kind for word, kind in KINDS.items()} | SCALE_KINDS


@cache
def domains() -> dict[str, str]:
    return {fold(word): domain for word, domain in DOMAINS.items()}


def field_of(heading: str) -> str | None:
    """Which field the column is; None when it is none of ours."""
    name = heading.strip().lower()
    if DESCRIPTOR.fullmatch(name):
        return name
    folded = fold(heading)
    if found := _DESCRIPTOR_IN_WORDS.fullmatch(folded):
        return descriptor(int(found[1]), "en" if found[2] else "vi")
    return _known().get(folded)


def recognised(cells: list[str]) -> int:
    return sum(field_of(cell) is not None for cell in cells)
