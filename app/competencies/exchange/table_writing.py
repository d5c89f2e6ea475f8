"""A version as a table that spreadsheets open, and `table_reading` reads again."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from app.competencies.exchange.columns import COLUMNS, descriptor
from app.competencies.exchange.content import Content, Item, Scale
from app.core.files.cells import neutral

Row = dict[str, str]


def as_csv(content: Content) -> bytes:
    """UTF-8 with its mark and semicolons, which Excel in Viet Nam reads without asking."""
    columns, rows = _table(content)
    said = StringIO()
    writer = csv.writer(said, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutral(row.get(column, "")) for column in columns] for row in rows)
    return said.getvalue().encode("utf-8-sig")


def as_workbook(content: Content) -> bytes:
    """All cells are text, so that codes keep their zeros."""
    columns, rows = _table(content)
    file = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet("framework")
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, 24)
        sheet.write_row(0, 0, columns, bold)
        for number, row in enumerate(rows, 1):
            for index, column in enumerate(columns):
                if said := row.get(column):
                    sheet.write_string(number, index, neutral(said), text)
    return file.getvalue()


def _table(content: Content) -> tuple[list[str], list[Row]]:
    levels = sorted({level.level for scale in content.scales for level in scale.levels})
    described = [descriptor(level, language) for level in levels for language in ("vi", "en")]
    rows = [row for scale in content.scales for row in _scale(scale)]
    codes = {item.identifier: item.code or item.identifier for item in content.items}
    rows += [_item(item, codes) for item in content.items]
    return [*COLUMNS, *described], rows


def _scale(of: Scale) -> Iterator[Row]:
    """Its own row has the level that counts as proficient; then a row for each level."""
    yield {
        "kind": "scale",
        "identifier": of.identifier,
        "name_vi": of.name_vi,
        "name_en": of.name_en,
        "level": str(of.proficient_level),
    }
    for level in of.levels:
        yield {
            "kind": "level",
            "scale": of.identifier,
            "level": str(level.level),
            "name_vi": level.name_vi,
            "name_en": level.name_en,
            "description_vi": level.description_vi or "",
            "description_en": level.description_en or "",
        }


def _item(of: Item, codes: dict[str, str]) -> Row:
    row = {
        "kind": of.kind,
        "identifier": of.identifier,
        "parent": codes[of.parent] if of.parent else "",
        "code": of.code or "",
        "domain": of.domain or "",
        "name_vi": of.name_vi,
        "name_en": of.name_en,
        "description_vi": of.description_vi or "",
        "description_en": of.description_en or "",
        "scale": of.scale or "",
        "attainment_rule": of.rule,
        "replaces": "; ".join(of.replaces),
    }
    for level, (vi, en) in of.descriptors.items():
        row |= {descriptor(level, "vi"): vi, descriptor(level, "en"): en}
    return row
