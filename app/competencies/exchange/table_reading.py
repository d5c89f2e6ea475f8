"""A table of a framework, CSV or a workbook, as a version: a row for each item, scale and level."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from app.competencies.exchange import mistakes as wrong
from app.competencies.exchange.columns import (
    DESCRIPTOR,
    REQUIRED,
    domains,
    field_of,
    kinds,
    recognised,
)
from app.competencies.exchange.content import Content, Item, Level, Scale
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.exchange.rules import MOST_ITEMS, check, in_order
from app.core.files import delimited, workbooks
from app.core.files import kinds as file_kinds
from app.core.files.cells import plain, text
from app.core.files.encodings import Encoding, encoding_of
from app.core.files.problems import FileEmpty
from app.core.text import fold

_MOST_ROWS = 2 * MOST_ITEMS
_ITEM_KINDS = ("area", "competency", "indicator")
_DIGITS = 4
_HEADINGS = 2
"""Known ones that make a row of a sheet the row of headings."""


class Row(NamedTuple):
    number: int
    values: dict[str, str]

    def get(self, field: str) -> str | None:
        return self.values.get(field)


def read_table(
    path: Path, encoding: Encoding | None, base: Content, domain: str | None, found: Mistakes
) -> Content:
    """The version that the table is, to be written if no mistakes were found. What a table cannot
    say is as the version before has it: the title, and what is kept of other systems.

    Raises a Problem for a file that is no table. It blocks: call it from a thread.
    """
    return _Reading(list(_rows(path, encoding, found)), base, domain, found).content()


def _rows(path: Path, encoding: Encoding | None, found: Mistakes) -> Iterator[Row]:
    if file_kinds.kind_of(path) == "xlsx":
        records: Any = workbooks.records(path, lambda row: _known(row) >= _HEADINGS)
    else:
        records = delimited.records(path, encoding or encoding_of(path), _known)
    try:
        number, headings = next(records, (0, None))
        if headings is None:
            raise FileEmpty
        fields = _fields([plain(cell) for cell in headings], number, found)
        for count, (at, cells) in enumerate(records, 1):
            if count > _MOST_ROWS:
                found.add(wrong.too_many_items(MOST_ITEMS), row=at)
                return
            said = {
                field: value
                for field, cell in zip(fields, cells, strict=False)
                if field and (value := text(cell))
            }
            if said:
                yield Row(at, said)
    finally:
        records.close()


def _known(cells: Any) -> int:
    return recognised([plain(cell) for cell in cells])


def _fields(headings: list[str], row: int, found: Mistakes) -> list[str | None]:
    fields = [field_of(heading) if heading else None for heading in headings]
    for heading, field in zip(headings, fields, strict=True):
        if heading and field is None:
            found.add(wrong.heading_unknown(), row=row, field=heading[:200])
    for field in {field for field in fields if field and fields.count(field) > 1}:
        found.add(wrong.heading_twice(), row=row, field=field)
    for field in REQUIRED:
        if field not in fields:
            found.add(wrong.heading_missing(), row=row, field=field)
    return fields


class _Reading:
    def __init__(self, rows: list[Row], base: Content, domain: str | None, found: Mistakes) -> None:
        self.base, self.domain, self.found = base, domain, found
        self.rows = rows
        self.places: dict[str, int] = {}
        """The row of each identifier."""
        self.former = {item.identifier: item for item in base.items}
        self.by_code = {item.code: item.identifier for item in base.items if item.code}

    def content(self) -> Content:
        content = Content(
            "",
            self.base.code,
            self.base.title_vi,
            self.base.title_en,
            self.base.description_vi,
            self.base.description_en,
            exchanged=self.base.exchanged,
        )
        of_kind: dict[str, list[Row]] = {}
        for row in self.rows:
            if kind := self._word(row, "kind", kinds()):
                of_kind.setdefault(kind, []).append(row)
        content.scales = self._scales(of_kind.get("scale", []), of_kind.get("level", []))
        items = [
            (row, kind)
            for kind in ("area", "competency", "indicator")
            for row in of_kind.get(kind, [])
        ]
        items.sort(key=lambda pair: pair[0].number)
        content.items = self._items(items)
        known = {item.identifier for item in content.items}
        check(content, known, set(self.former), self.found, self.at)
        if not self.found.count:
            content.items = in_order(content.items)
            content.former = {
                name: self.former[name].name_vi for item in content.items for name in item.replaces
            }
        return content

    def at(self, identifier: str) -> dict[str, Any]:
        return {"row": self.places.get(identifier), "item": identifier}

    def _word(self, row: Row, field: str, words: dict[str, str]) -> str | None:
        """The code that a cell says in one word or another."""
        said = row.get(field)
        if said is None:
            if field in REQUIRED:
                self.found.add(wrong.type_unknown(), row=row.number, field=field)
            return None
        code = words.get(fold(said[:200]))
        if code is None:
            self.found.add(wrong.type_unknown(), row=row.number, field=field, value=said)
        return code

    def _number(self, row: Row, field: str) -> int | None:
        said = row.get(field) or ""
        if said.isascii() and said.isdigit() and len(said) <= _DIGITS:
            return int(said)
        self.found.add(wrong.not_a_number(), row=row.number, field=field, value=said)
        return None

    def _identifier(self, row: Row, otherwise: str | None) -> str:
        """As the row says it; else that of the item with this code; else a new one."""
        said = row.get("identifier")
        identifier = _uuid(said) or said or otherwise or str(uuid4())
        if identifier in self.places:
            self.found.add(
                wrong.identifier_twice(), row=row.number, field="identifier", value=identifier
            )
        self.places[identifier] = row.number
        return identifier

    def _scales(self, scales: list[Row], levels: list[Row]) -> list[Scale]:
        kept = {scale.identifier: scale.exchanged for scale in self.base.scales}
        made: dict[str, Scale] = {}
        for row in scales:
            identifier = self._identifier(row, None)
            name_vi, name_en = self._names(row)
            proficient = self._number(row, "level")
            made[identifier] = Scale(
                identifier, name_vi, name_en, proficient or 0, [], kept.get(identifier, {})
            )
        for row in levels:
            said, number = row.get("scale"), self._number(row, "level")
            scale = made.get(_uuid(said) or said or "") if said else _only(made)
            if scale is None:
                self.found.add(wrong.scale_unknown(), row=row.number, field="scale", value=said)
            elif number is not None:
                texts = row.get("description_vi"), row.get("description_en")
                scale.levels.append(Level(number, *self._names(row), *texts))
        return list(made.values())

    def _names(self, row: Row) -> tuple[str, str]:
        """Without an English name, the Vietnamese one serves."""
        name = row.get("name_vi") or ""
        return name, row.get("name_en") or name

    def _items(self, rows: list[tuple[Row, str]]) -> list[Item]:
        named: dict[str, str] = {}
        items: list[tuple[Row, Item]] = []
        for row, kind in rows:
            code = row.get("code")
            identifier = self._identifier(row, self.by_code.get(code or ""))
            if code and code in named:
                self.found.add(wrong.code_twice(), row=row.number, field="code", value=code)
            named |= {code: identifier} if code else {}
            items.append((row, self._item(row, kind, identifier)))
        below: dict[str | None, list[Item]] = {}
        for row, item in items:
            if said := row.get("parent"):
                item.parent = named.get(said) or _uuid(said) or said
            below.setdefault(item.parent, []).append(item)
        for siblings in below.values():
            self._number_siblings(siblings)
        return [item for _, item in items]

    def _number_siblings(self, items: list[Item]) -> None:
        """By their rows; as the version before does, where it has all of them in this order."""
        before = [
            former
            for item in items
            if (former := self.former.get(item.identifier)) and former.parent == item.parent
        ]
        numbers = [(each.position, each.identifier) for each in before]
        as_before = len(before) == len(items) and numbers == sorted(numbers)
        for place, item in enumerate(items):
            item.position = before[place].position if as_before else place + 1

    def _item(self, row: Row, kind: str, identifier: str) -> Item:
        domain = self._word(row, "domain", domains()) or (self.domain if kind != "area" else None)
        scale = row.get("scale")
        former = self.former.get(identifier)
        item = Item(
            identifier,
            None,
            0,
            kind,
            domain,
            row.get("code"),
            *self._names(row),
            row.get("description_vi"),
            row.get("description_en"),
            scale=(_uuid(scale) or scale) if scale else None,
            rule=row.get("attainment_rule") or "latest",
            association=former.association if former else "",
            exchanged=former.exchanged if former else {},
        )
        item.replaces = {
            _uuid(each.strip()) or each.strip(): ""
            for each in (row.get("replaces") or "").split(";")
            if each.strip()
        }
        item.descriptors = self._descriptors(row)
        return item

    def _descriptors(self, row: Row) -> dict[int, tuple[str, str]]:
        said: dict[int, dict[str, str]] = {}
        for field, value in row.values.items():
            if found := DESCRIPTOR.fullmatch(field):
                said.setdefault(int(found[1]), {})[found[2]] = value
        return {
            level: (of.get("vi") or of["en"], of.get("en") or of["vi"])
            for level, of in said.items()
        }


def _uuid(said: str | None) -> str | None:
    """As we write it, however the file does."""
    try:
        return str(UUID(said or ""))
    except ValueError:
        return None


def _only(scales: dict[str, Scale]) -> Scale | None:
    return next(iter(scales.values())) if len(scales) == 1 else None
